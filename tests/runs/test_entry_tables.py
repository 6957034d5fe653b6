"""The tables of an admission year, added up by hand. The district is in admission.py.

U1  U2  U3  U4      10 local children enter in each unit, 6 migrant ones live in U2; A in U1, B in U4.
100 children continue at A and at B, in five classes each.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from admission import (
    TODAY,
    at_home,
    make_entry_district,
    make_entry_plan,
    make_private_district,
    make_private_plan,
)
from builders import make_schools, make_travel
from districts import demand_rows, school_row, write_instance

from models.outcome import Outcome, Status
from models.placement import Placement
from models.run import Run
from optimizer.geo.travel import measure_travel
from optimizer.io import build_district, read_source
from optimizer.recheck import recheck_plan
from optimizer.runs import read_run, store_run
from optimizer.runs.admission import build_admission_plan

STUDENTS = {"local": (10, 10, 10, 10), "migrant": (0, 6, 0, 0)}
SEATS = [
    ("U1", "local", "A", 10), ("U2", "local", "A", 7), ("U2", "local", "B", 3),
    ("U3", "local", "B", 10), ("U4", "local", "B", 10), ("U2", "migrant", "B", 6),
]  # fmt: skip
ELSEWHERE = [("A", "U2", "local", "B", 3), ("A", "U2", "migrant", "B", 6)]


@pytest.fixture(autouse=True)
def without_a_map(monkeypatch):
    monkeypatch.setattr("optimizer.export.draw_map", lambda folder, path: None)


def stored(out, district, seats=SEATS, language="en", **tables):
    travel = make_travel(district)
    plan = make_entry_plan(district, travel, seats, **tables)
    shortfalls = recheck_plan(district, travel, plan)
    run = Run("base", 1, Outcome(Status.OPTIMAL), plan, shortfalls=shortfalls, language=language)
    return read_run(store_run(run, district, travel, out))


def rows(stored_run, name, *columns):
    return [tuple(row) for row in stored_run.tables[name][list(columns)].to_numpy().tolist()]


def test_the_tables_agree_with_each_other(tmp_path):
    """A: 17 local children of its own in one class of at most 45. B: 20 of its own, 3 and 6 from A's catchment.

    Of 45 planned a tenth is kept back, 4 whole places: A has 45 - 4 - 17 = 24 left, B 45 - 4 - 29 = 12.
    """
    policy = {"class_size": {"cap": {"primary": 45}}, "reserve_share": 0.1}
    run = stored(tmp_path, make_entry_district(students=STUDENTS, policy=policy), coordination=ELSEWHERE)
    assert [s.rule for s in run.shortfalls] == ["overflow"]
    plan = rows(run, "admission_plan", "school_id", "classes", "class_size", "planned", "zoned", "coordinated",
                "reserve", "balance", "mode")  # fmt: skip
    assert plan == [("A", 1, 17, 45, 17, 0, 4, 24, "entry"), ("B", 1, 29, 45, 20, 9, 4, 12, "entry")]
    assert rows(run, "schools", "school_id", "students", "classes", "places") == [
        ("A", 117, 6, 200), ("B", 129, 6, 200)]  # fmt: skip
    assert rows(run, "coordination", "catchment_school_id", "unit_id", "category", "to_school_id", "students",
                "metres") == [("A", "U2", "local", "B", 3, 2000), ("A", "U2", "migrant", "B", 6, 2000)]  # fmt: skip
    classes = run.tables["classes"].groupby(["school_id", "origin"])["students"].sum().to_dict()
    assert classes == {("A", "entry"): 17, ("A", "continuing"): 100, ("B", "entry"): 29, ("B", "continuing"): 100}
    assert run.tables["assignments"].groupby("category")["students"].sum().to_dict() == {"local": 40, "migrant": 6}


def private_offer(district, primary):
    """The admission plan of P: grade 1 sits at the school `primary`, grade 7 at P."""
    travel = make_travel(district)
    plan = make_private_plan(district, travel, primary)
    table = build_admission_plan(Placement(district, travel, plan)).set_index("school_id").loc[["P"]]
    return table[["stage", "classes", "planned", "coordinated", "reserve", "balance"]].to_numpy().tolist()


def test_a_private_school_plans_no_more_than_was_purchased():
    """6 of grade 1 and 8 of grade 7 sit at P, and 6 of its 20 places are left in all.

    A class of 15 in grade 1 would hold 9 more, so primary has the 6 that are left; junior has the 8 who sit there.
    """
    district = make_private_district("nine_year", {"primary": 15, "junior": 15})
    assert private_offer(district, "P") == [["primary", 1, 12, 6, 0, 6], ["junior", 1, 8, 8, 0, 0]]


def test_a_stage_that_nobody_enters_takes_no_purchased_places():
    """P is a junior school, and no cap says what a class holds: all of its 20 places are those of grade 7."""
    assert private_offer(make_private_district("junior", {}), "A") == [["junior", 1, 20, 8, 0, 12]]


def test_a_special_school_plans_for_those_who_are_placed_there():
    """A committee places 3 of 7 children at S. A class of 45 would have room for 42 more, but nobody else may come."""
    schools = make_schools({"A": 0, "B": 3, "S": 1}, types=("primary", "primary", "special"), places=np.full(3, 200.0))
    district = make_entry_district(
        schools=schools,
        students={"special": (0, 3, 4, 0)},
        decided=[("U2", "S", "must"), ("U3", "B", "must")],
        policy={"class_size": {"cap": {"primary": 45}}, "reserve_share": 0.5},
    )
    travel = make_travel(district)
    seats = [("U2", "special", "S", 3), ("U3", "special", "B", 4)]
    plan = make_entry_plan(district, travel, seats, classes=[("S", 1), ("B", 1)])
    table = build_admission_plan(Placement(district, travel, plan)).set_index("school_id").loc[["S", "B"]]
    told = table[["classes", "planned", "zoned", "coordinated", "reserve", "balance"]].to_numpy().tolist()
    assert told == [[1, 3, 0, 3, 0, 0], [1, 45, 4, 0, 22, 19]]


def test_two_classes_show_the_larger(tmp_path):
    policy = {"class_size": {"cap": {"primary": 15}}}
    run = stored(tmp_path, make_entry_district(students=STUDENTS, policy=policy), coordination=ELSEWHERE,
                 classes=[("A", 2), ("B", 2)])  # fmt: skip
    # 17 are 9 and 8, 29 are 15 and 14
    assert rows(run, "admission_plan", "classes", "class_size", "planned") == [(2, 9, 30), (2, 15, 30)]


def test_without_a_class_cap_the_free_places_are_planned(tmp_path):
    run = stored(tmp_path, make_entry_district(students=STUDENTS), coordination=ELSEWHERE)
    assert rows(run, "admission_plan", "planned", "balance") == [(100, 83), (100, 71)]


def test_an_unzoned_child_who_lives_there_comes_by_catchment(tmp_path):
    district = make_entry_district(students=STUDENTS)
    run = stored(tmp_path, district, at_home(district))
    assert rows(run, "admission_plan", "zoned", "coordinated") == [(26, 0), (20, 0)]
    assert rows(run, "coordination", "unit_id") == []


def test_a_plan_reads_back_with_its_coordination_and_what_is_inherited(tmp_path):
    district = make_entry_district(students=STUDENTS, schools=make_schools(places=np.array([110.0, 200.0])))
    run = stored(tmp_path, district, coordination=ELSEWHERE)
    assert run.plan.coordination["students"].tolist() == [3, 6]
    issues = json.loads((run.folder / "issues.json").read_text(encoding="utf-8"))
    places = [{key: issue[key] for key in ("rule", "origin", "value", "limit", "before")} for issue in issues]
    assert {"rule": "places", "origin": "inherited", "value": 117, "limit": 110, "before": 130} in places
    assert run.record["draft"] is True


@pytest.mark.parametrize(
    ("places", "tracks", "enrolled", "code", "reason"),
    [
        (130.0, np.nan, "AB", "full", "today's school cannot hold its catchment"),
        (140.0, np.nan, "AB", "plan", "needed by the plan as a whole"),
        (140.0, np.nan, "A", "opened", "the new school opens"),
        (140.0, 1.0, "AB", "full", "today's school cannot hold its catchment"),
        (140.0, 2.0, "AB", "plan", "needed by the plan as a whole"),
    ],
)
def test_reasons(tmp_path, places, tracks, enrolled, code, reason):
    """U3, as far from C in U2 as from B in U4, goes from B to C. B has 100 children who continue and today's
    catchment of U3 and U4 sends 40: 130 places are too few, 140 are enough; one class of at most 35 is too little, two
    are enough. C opens where it had no class before."""
    per_grade = {"primary": np.array([tracks, np.nan])}
    schools = make_schools({"B": 3, "C": 1}, places=np.array([places, 200.0]), classes_per_grade=per_grade)
    last_year = [("B", "primary", str(g), 20, 1) for g in range(1, 6)]
    last_year += [("C", "primary", "3", 20, 1)] if enrolled == "AB" else []
    district = make_entry_district(
        schools=schools,
        students={"local": (0, 0, 20, 20), "migrant": (0, 0, 20, 0)},
        current={"U3": "B", "U4": "B"},
        enrolled=last_year,
        policy={"class_size": {"cap": {"primary": 35}}},
        rules={"tracks": "hard", "class_size": "hard"},
    )
    new = {"U1": "C", "U2": "C", "U3": "C", "U4": "B"}
    run = stored(tmp_path, district, at_home(district, new), catchments=new, classes=[("B", 1), ("C", 1)])
    assert rows(run, "changes", "unit_id", "students", "from_school_id", "to_school_id", "metres_before",
                "metres_after", "reason_code", "reason") == [
        ("U3", 20, "B", "C", 1000, 1000, code, reason)]  # fmt: skip


@pytest.mark.parametrize(("places", "code"), [(130.0, "room"), (140.0, "plan")])
def test_a_unit_makes_room_for_another(tmp_path, places, code):
    """B holds U3 and nobody else today, and C holds U4. U4 joins B, 20 children beside the 100 who continue there, and
    U3, as far from C as from B, leaves it: with U3's 20 as well there would be 140. B is nearer to U4."""
    district = make_entry_district(
        schools=make_schools({"B": 3, "C": 1}, places=np.array([places, 200.0])),
        students={"local": (0, 0, 20, 20)},
        current={"U3": "B", "U4": "C"},
        enrolled=[(school, "primary", str(g), 20, 1) for school in "BC" for g in range(1, 6)],
    )
    new = {"U1": "C", "U2": "C", "U3": "C", "U4": "B"}
    run = stored(tmp_path, district, at_home(district, new), catchments=new, classes=[("B", 1), ("C", 1)])
    assert rows(run, "changes", "unit_id", "reason_code") == [("U3", code), ("U4", "nearer")]


def test_reasons_are_in_the_language_that_was_asked_for(tmp_path):
    district = make_entry_district(current=TODAY | {"U2": "B"})
    run = stored(tmp_path, district, at_home(district), language="zh")
    assert rows(run, "changes", "reason_code", "reason") == [("nearer", "新学校更近")]


def test_the_outside_checker_finds_no_fault(tmp_path):
    """The grid of nine units with 20 local children each who enter; S1 has 175 places and 100 children who continue.

    Its catchment, U1, U2, U4 and U7, sends 80: five of U2 sit at S2, and so do ten migrant children of U1.
    """
    checker = Path(__file__).parents[3] / "shared" / "check_plan.py"
    if not checker.is_file():
        pytest.skip("no checker beside the repository")
    west = {"U1", "U2", "U4", "U7"}
    home = {f"U{k}": ("S1",) if f"U{k}" in west else ("S2",) for k in range(1, 10)}
    instance = write_instance(
        tmp_path / "grid",
        settings={
            "instance": {"mode": "entry", "enrolment_year": 2026},
            "categories": {"local": {"zoned": True}, "migrant": {"zoned": False}},
            "rules": {"overflow": "soft"},
            "catchments": {"change": "none"},
        },
        schools=[school_row("S1", 0.5, 1.5, places=175), school_row("S2", 2.5, 1.5)],
        demand=[*demand_rows(students=20), {**demand_rows(1, 10)[0], "category": "migrant"}],
        current=[{"unit_id": u, "stage": "primary", "school_id": s[0]} for u, s in home.items()],
        enrolment=[
            {"school_id": s, "stage": "primary", "grade": g, "students": 20, "classes": 1}
            for s in ("S1", "S2")
            for g in range(1, 7)
        ],
    )
    district = build_district(read_source(instance))
    seats = [(u, "local", s[0], 20) for u, s in home.items() if u != "U2"]
    seats += [("U2", "local", "S1", 15), ("U2", "local", "S2", 5), ("U1", "migrant", "S2", 10)]
    travel = measure_travel(district)
    plan = make_entry_plan(
        district,
        travel,
        seats,
        catchments=home,
        classes=[("S1", 2), ("S2", 3)],
        coordination=[("S1", "U2", "local", "S2", 5), ("S1", "U1", "migrant", "S2", 10)],
    )
    assert [s.kind for s in recheck_plan(district, travel, plan)] == ["elsewhere"]
    folder = store_run(Run("base", 0, Outcome(Status.FEASIBLE), plan), district, travel, tmp_path)
    asked = [sys.executable, str(checker), str(instance), str(folder)]
    result = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr

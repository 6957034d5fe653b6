"""The fewest changes that mend a drawn plan, by hand and against every plan of nine units.

U1  U2  U3  U4      one kilometre each; A stands in U1, B in U4, 60 places each, 30 children a unit.
"""

from dataclasses import replace

import numpy as np
import pytest
from admission import CATEGORIES, TODAY, make_entry_district
from builders import make_district, make_schools, make_travel, make_units
from districts import write_instance
from evaluate.drawings import changes, draw, effort, mend
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nine import GRID, PLANS, STUDENTS

from models.district import Catchments, Cohort, District
from models.outcome import Status
from optimizer.drawn import judge_drawing
from optimizer.evaluate import mend_drawing
from optimizer.evaluate.store import store_mended
from optimizer.explain import read_basis
from optimizer.geo.travel import measure_travel
from optimizer.io import build_district, read_source
from optimizer.runs import read_run


def solo(district: District, schools: str):
    return mend(district, make_travel(district), schools)


def test_a_plan_that_keeps_every_hard_rule_needs_no_change() -> None:
    mending = solo(make_district(), "AABB")
    assert (mending.possible, mending.proved, mending.least, len(mending.changes)) == (True, True, 0, 0)


def test_one_unit_too_many_goes_back() -> None:
    """A has 90 children for 60 places, and only U3 borders on B."""
    mending = solo(make_district(), "AAAB")
    assert changes(mending) == [("U3", "A", "B", 30)]
    assert mending.changes[["metres_before", "metres_after"]].to_numpy().tolist() == [[2000, 1000]]
    assert (mending.proved, mending.least, mending.students) == (True, 1, 30)
    assert not any(each.is_fault for each in mending.mended.stored.shortfalls)
    assert mending.mended.title("en") == "Plan 1, mended"


def test_a_piece_is_joined_with_the_fewest_units() -> None:
    """ABAB is in pieces on both sides: AABB is two changes away, ABBB and AAAB are one but break the places."""
    mending = solo(make_district(), "ABAB")
    assert changes(mending) == [("U2", "B", "A", 30), ("U3", "A", "B", 30)]
    assert mending.proved
    roomy = make_district(schools=make_schools(places=np.full(2, 90.0)))
    assert len(solo(roomy, "ABAB").changes) == 1


def test_among_as_many_units_the_fewest_children_change() -> None:
    """A has 60 children for 55 places: U3 (10 children) leaves it rather than U1 or U2 (30 and 20)."""
    schools = make_schools({"A": 0, "B": 3, "C": 1}, places=np.array([55.0, 60.0, 60.0]))
    district = make_district(schools=schools, students=(30, 20, 10, 30), catchments={"contiguous": False})
    assert changes(solo(district, "AAAB"))[0][3] == 10


def test_among_equals_the_objective_decides() -> None:
    """U2 must leave A, which has 30 places; C in U3 is a kilometre away, B in U4 two."""
    schools = make_schools({"A": 0, "B": 3, "C": 2}, places=np.array([30.0, 90.0, 90.0]))
    district = make_district(schools=schools, catchments={"contiguous": False})
    assert changes(solo(district, "AACB")) == [("U2", "A", "C", 30)]


def test_no_change_mends_what_no_plan_keeps() -> None:
    """120 children for 80 places."""
    mending = solo(make_district(schools=make_schools(places=np.full(2, 40.0))), "AABB")
    assert mending.possible is False
    assert mending.mended is None


def test_rooms_and_class_caps_are_mended_too() -> None:
    """90 children at A are fifteen a grade: two classes of ten each, twelve in all; A has eight rooms, B twelve."""
    rules = {"class_size": "hard", "classrooms": "hard"}
    schools = make_schools(places=np.full(2, 120.0), classrooms=np.array([8.0, 12.0]))
    policy = {"class_size": {"cap": {"primary": 10}}}
    mending = solo(make_district(schools=schools, policy=policy, rules=rules), "AAAB")
    assert changes(mending) == [("U3", "A", "B", 30)]
    assert mending.proved


def test_mode_entry_mends_what_a_catchment_breaks() -> None:
    """U4 is three kilometres from A, one more than it may be."""
    rules = {"overflow": "soft", "max_travel": "hard"}
    district = make_district(
        students={Cohort("primary", "1", "local"): (40, 10, 5, 5)},
        current=TODAY,
        instance={"mode": "entry"},
        categories=CATEGORIES,
        rules=rules,
        policy={"travel": {"max_m": {"primary": 2000}}},
        objective={"order": ["overflow", "travel"]},
    )
    mending = mend(district, make_travel(district), "AAAA")
    assert changes(mending) == [("U4", "A", "B", 5)]
    assert mending.proved


def test_a_unit_that_is_shared_today_stays_as_it_was_drawn() -> None:
    """Today A and B share U2, which is drawn to A alone: no rule forbids that, so that U4 is the only change."""
    shared = Catchments(np.array([0, 1, 1, 2, 3]), ("primary",) * 5, np.array([0, 0, 1, 1, 1]))
    district = replace(make_entry_district(rules={"contiguous": "hard"}), current=shared)
    mending = solo(district, "AABA")
    assert changes(mending) == [("U4", "A", "B", 10)]
    assert (mending.least, mending.proved) == (1, True)


def test_what_is_drawn_counts_as_opened_and_nothing_beside_it() -> None:
    """Nothing may change, yet U2 is drawn to B, which is then full: U2 goes back, since U3 may not move."""
    closed = make_district(current=TODAY, catchments={"change": "none"})
    mending = solo(closed, "ABBB")
    assert mending.opened == ("U2",)
    assert changes(mending) == [("U2", "B", "A", 30)]
    roomy = make_district(
        current=TODAY, catchments={"change": "none"}, schools=make_schools(places=np.array([60.0, 90.0]))
    )
    drawn = solo(roomy, "ABBB")
    assert (len(drawn.changes), drawn.opened) == (0, ("U2",))


def test_what_is_opened_already_is_not_told_of() -> None:
    catchments = {"change": "limited", "open_to_change": {"units": ["U2"]}}
    district = make_district(current=TODAY, catchments=catchments, rules={"stability": "off"})
    assert solo(district, "ABBB").opened == ()
    assert solo(district, "AABA").opened == ("U4",)


@pytest.mark.parametrize("estate", [(), (1, 5), (3, 4, 7)])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STUDENTS, st.integers(60, 220), st.lists(st.integers(0, 1), min_size=9, max_size=9))
def test_no_plan_of_nine_units_keeps_more_of_a_drawn_one(
    estate: tuple[int, ...], students: list[int], places: int, drawn: list[int]
) -> None:
    """Every plan in one piece a school is tried: units that differ first, then their children. Estates stay whole."""
    schools = make_schools({"A": 0, "B": 8}, places=np.full(2, float(places)))
    units = make_units(9, estate=tuple("E" if k in estate else "" for k in range(9)))
    district = make_district(units=units, schools=schools, students=tuple(students))
    travel = make_travel(district, list(GRID.edges))
    count, plan = np.array(students), np.array(drawn)
    whole = [each for each in PLANS if len(set(each[list(estate)])) <= 1]
    fitting = [each for each in whole if all(count[each == j].sum() <= places for j in (0, 1))]
    mending = mend(district, travel, "".join("AB"[school] for school in drawn))
    if not fitting:
        assert mending.possible is False
        return
    least, children = min((int((each != plan).sum()), int(count[each != plan].sum())) for each in fitting)
    assert (len(mending.changes), mending.students) == (least, children)
    assert mending.proved


@pytest.mark.parametrize("change", ["free", "none"])
def test_a_mended_plan_is_stored_as_a_run(tmp_path, change: str) -> None:
    """Nine units of 40 children; S1 has all but U6, 320 for 300 places. Today S2 has the three in the east."""
    today = [
        {"unit_id": f"U{k}", "stage": "primary", "school_id": "S1" if k in (1, 4, 7, 2, 5, 8) else "S2"}
        for k in range(1, 10)
    ]
    folder = write_instance(tmp_path / "grid", settings={"catchments": {"change": change}}, current=today)
    district = build_district(read_source(folder))
    travel = measure_travel(district)
    held = np.zeros((9, 2, 1), dtype=bool)
    held[:, 0] = True
    held[5] = [[False], [True]]
    drawing = replace(draw(district, dict.fromkeys(district.units.ids, "")), held=held, name="Opt 1/2")
    judged = judge_drawing(district, travel, drawing)
    mending = mend_drawing(district, travel, drawing, judged, effort(), seed=1, workers=1)
    assert len(mending.changes) == 1
    stored = store_mended(mending.mended, drawing.name, tmp_path / "out", "en", force=False)
    run = read_run(stored)
    assert (stored.name, run.status, run.record["levels"][0]["bound"]) == ("mended", Status.FEASIBLE, None)
    basis = read_basis(run)
    assert not any(each.is_fault for each in basis.shortfalls)
    assert ("variation" in run.record) == (change == "none")


def test_where_time_runs_out_the_plan_that_is_known_mends_it() -> None:
    district = make_district()
    travel, drawing = make_travel(district), draw(district, "ABAB")
    known = judge_drawing(district, travel, draw(district, "AABB")).basis.plan.catchments
    judged = judge_drawing(district, travel, drawing)
    mending = mend_drawing(district, travel, drawing, judged, effort(0.0), known=known, seed=1, workers=1)
    assert changes(mending) == [("U2", "B", "A", 30), ("U3", "A", "B", 30)]
    assert (mending.possible, mending.settled) == (True, False)


def test_among_as_many_children_todays_school_wins() -> None:
    """U2 must leave A; B and C have room and are a kilometre away, and C is today's."""
    schools = make_schools({"A": 0, "B": 2, "C": 2}, places=np.array([30.0, 90.0, 90.0]))
    today = {"U1": "A", "U2": "C", "U3": "B", "U4": "B"}
    district = make_district(
        schools=schools, catchments={"contiguous": False}, current=today, objective={"order": ["stability", "travel"]}
    )
    assert changes(solo(district, "AABB")) == [("U2", "A", "C", 30)]

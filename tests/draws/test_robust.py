"""The plan that is best on average and that in the worst tail: two schools, worked by hand."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from admission import make_entry_district
from builders import make_district, make_schools, make_travel
from districts import demand_rows, write_instance

from models.district import Bools, District
from optimizer.console.exits import Refusal
from optimizer.console.robust import Order, run_robust
from optimizer.console.voice import Voice
from optimizer.draws import Draws, Spread
from optimizer.draws.candidates import (
    STATED,
    TODAY,
    Candidate,
    change_demand,
    draw_for_plans,
    make_tasks,
    proved_bound,
)
from optimizer.draws.demand import draw_demand
from optimizer.draws.robust import compare_means, find_bound, find_robust
from optimizer.explain import read_basis
from optimizer.io import build_district, read_source
from optimizer.pipeline import Options
from optimizer.runs import read_run

# U1 to U4 in a row, A in U1, B in U4; A takes 60 children, B 80.
ROOMY = make_schools(places=np.array([60.0, 80.0]))
# As stated each unit has 30 children, so that A is full with two units. In half of the draws U2 has 40.
HALF = np.array([(30, 30, 30, 30), (30, 40, 30, 30), (30, 30, 30, 30), (30, 40, 30, 30)])[:, :, None]


def held(letters: str) -> Bools:
    out = np.zeros((4, 2, 1), dtype=bool)
    out[np.arange(4), ["AB".index(letter) for letter in letters], 0] = True
    return out


def found(district: District, plans: Mapping[str, str], students: np.ndarray, tail: float = 0.25) -> Any:
    candidates = [Candidate(name, held(letters)) for name, letters in plans.items()]
    return find_robust(district, make_travel(district), candidates, Draws(students, 1, Spread()), tail)


def test_a_plan_that_overflows_in_half_of_the_draws_gives_way_to_one_that_never_does() -> None:
    district = make_district(schools=make_schools(places=np.array([60.0, 100.0])))
    robust = found(district, {STATED: "AABB", "draw-001": "ABBB"}, HALF)
    stated, other = robust.judged
    # AABB: A holds 60, 70, 60, 70 for 60 places. ABBB: B holds 90, 100, 90, 100 for 100 places.
    assert stated.overflows.beyond.tolist() == [0, 10, 0, 10]
    assert other.overflows.beyond.tolist() == [0, 0, 0, 0]
    assert (stated.overflows.mean, stated.overflows.worst) == (5.0, 10.0)
    assert (robust.average, robust.worst) == ("draw-001", "draw-001")
    # As stated both fit, and AABB has the shorter ways: 60 km against 30 + 30 · 2 + 30 = 90.
    assert (stated.stated, other.stated) == (0, 0)
    assert (stated.overflows.student_km[0], other.overflows.student_km[0]) == (60.0, 90.0)
    assert (other.from_stated, other.from_today) == (30, None)


def test_the_best_on_average_and_the_best_in_the_worst_tail_may_differ() -> None:
    district = make_district(schools=ROOMY)
    students = np.array([(30, 30, 30, 30)] * 3 + [(30, 50, 30, 30)])[:, :, None]
    # AABB: beyond 0, 0, 0, 20 (A has 80 for 60). ABBB: B has 90, 90, 90, 110 for 80: 10, 10, 10, 30.
    # AAAB is worse in all: A has 90 for 60. BABB: A has 30 or 50, B 90: 10 in each.
    plans = {STATED: "AABB", "draw-001": "ABBB", "draw-002": "BABB"}
    robust = found(district, plans, students)
    assert [judged.overflows.beyond.tolist() for judged in robust.judged] == [
        [0, 0, 0, 20],
        [10, 10, 10, 30],
        [10, 10, 10, 10],
    ]
    assert (robust.average, robust.worst) == (STATED, STATED)
    # Contiguity bars BABB (U1 is cut off from B), which would be the best in the worst quarter.
    assert robust.barred == ("draw-002",)
    free = make_district(schools=ROOMY, catchments={"contiguous": False})
    robust = found(free, plans, students)
    assert (robust.average, robust.worst, robust.barred) == (STATED, "draw-002", ())


def test_where_as_many_are_beyond_the_shorter_ways_win() -> None:
    district = make_district(schools=make_schools(places=np.full(2, 200.0)))
    assert found(district, {STATED: "ABBB", "draw-001": "AABB"}, HALF).average == "draw-001"


def test_a_plan_that_breaks_rules_is_named_only_where_none_keeps_them() -> None:
    district = make_district(schools=ROOMY)
    robust = found(district, {"draw-001": "BABB"}, HALF)
    assert (robust.average, robust.lawful) == ("draw-001", False)


def test_a_difference_of_two_plans_is_counted_draw_by_draw() -> None:
    district = make_district(schools=make_schools(places=np.array([60.0, 100.0])))
    stated, other = found(district, {STATED: "AABB", "draw-001": "ABBB"}, HALF).judged
    # Differences 0, 10, 0, 10: mean 5, deviation 5.774, and half the interval 1.96 · 5.774 / 2 = 5.66.
    assert compare_means(stated.overflows, other.overflows) == pytest.approx((5.0, -0.66, 10.66), abs=0.01)


def test_a_bound_is_told_where_it_holds() -> None:
    district = make_entry_district(schools=make_schools(places=np.array([130.0, 300.0])))
    travel = make_travel(district)
    candidates = [Candidate(STATED, held("AABB")), Candidate(TODAY, held("AABB"))]
    draws = Draws(np.array([(20, 20, 10, 10), (10, 10, 10, 10)])[:, :, None], 1, Spread())
    robust = find_robust(district, travel, candidates, draws, 0.5)
    # A has room for 30: ten children are beyond in the first draw, none in the second.
    bound = find_bound(robust, travel, draws, [6.0, 0.0])
    assert bound is not None
    assert (bound.draws, bound.best, bound.average) == (2, 3.0, 5.0)
    assert find_bound(robust, travel, draws, [6.0, None]) is None
    assert find_bound(robust, travel, draws, [16.0, 0.0]) is None
    whole = replace(robust, district=make_district())
    assert find_bound(whole, travel, draws, [6.0, 0.0]) is None


def test_a_bound_of_plans_that_are_as_good_before_is_no_bound_of_all() -> None:
    overflow = {"name": "overflow", "value": 12.0, "bound": 9.2}
    kept, broken = ({"name": "shortage", "value": value, "bound": 0.0} for value in (0.0, 3.0))
    same_school = {"name": "stability", "value": 0.0, "bound": 0.0}
    assert proved_bound({"levels": [kept, overflow, same_school]}) == 10.0
    assert proved_bound({"levels": [broken, overflow]}) is None
    assert proved_bound({"levels": [same_school, overflow]}) is None
    assert proved_bound({"levels": [overflow | {"bound": None}]}) is None
    assert proved_bound({"levels": []}) is None


def test_plans_are_made_for_other_draws_than_those_on_which_they_are_judged() -> None:
    district = make_district(students=(40, 40, 40, 40))
    made = draw_for_plans(district, 20, 1, Spread()).students
    judged = draw_demand(district, 20, 1, Spread()).students
    assert (made != judged).any(axis=(1, 2)).sum() > 15


def test_changes_of_demand_make_an_instance_a_draw(tmp_path: Path) -> None:
    rows = [{**row, "category": kind} for row in demand_rows(students=7) for kind in ("local", "migrant")]
    settings = {"categories": {"local": {"zoned": True}, "migrant": {"zoned": False}}}
    folder = write_instance(tmp_path, demand=rows, settings=settings)
    district = build_district(read_source(folder))
    students = draw_demand(district, 1, 3, Spread(0.5, 0.5)).students[0]
    assert (students == 0).sum() < 18
    source = read_source(folder, "base", {"demand": change_demand(district, students)})
    assert source.faults == ()
    assert (build_district(source).demand.students == students).all()


def test_plans_are_also_made_for_more_children_everywhere() -> None:
    district = make_district(students=(3, 3, 3, 3))
    plans = draw_for_plans(district, 1, 1, Spread(0.5, 0.5))
    first, draw, half, whole = make_tasks(district, Path("row"), Options(), plans)
    assert [task.name for task in (first, draw, half, whole)] == ["stated", "draw-001", "more-001", "more-002"]
    assert first.variation is None
    assert {task.after for task in (draw, half, whole)} == {STATED}
    # Of 12 children a quarter more are 15, half as many again 18.
    for task, more in ((half, 3), (whole, 6)):
        assert task.variation is not None
        scales = [change["scale"] for change in task.variation.patch["demand"]]
        assert sum(round(3 * (scale - 1)) for scale in scales) == more


def order(folder: Path, out: Path, **more: Any) -> Order:
    options = Options(time_limit_s=None, work_limit=200)
    return replace(Order(folder, options, draws=40, plans=2, spread=Spread(0.3, 0.5), out=out, jobs=1), **more)


def tight(folder: Path) -> Path:
    """Nine units with 40 children each, as districts.py has them, and 180 places at each of two schools."""
    schools = [
        {"school_id": name, "name": name, "type": "primary", "x": x, "y": 30.2135, "places": 200}
        for name, x in (("S1", 120.2052), ("S2", 120.226))
    ]
    return write_instance(folder, schools=schools)


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, Any], list[str]]:
    """The instance, the folder of its robust plans, and what was answered."""
    folder = tight(tmp_path_factory.mktemp("tight") / "grid")
    code, document, lines = run_robust(order(folder, folder.parent / "robust"), Voice("en"))
    assert code == 0
    return folder, folder.parent / "robust", document, lines


def test_all_of_it_is_stored_and_told(answered: tuple[Path, Path, dict[str, Any], list[str]]) -> None:
    _, out, document, lines = answered
    assert document["draws"] == 40
    assert len(pd.read_csv(out / "draws.csv")) == 40 * len(document["plans"])
    assert (out / "overflows.png").is_file()
    schools = pd.read_csv(out / "overflows.csv")
    stated = schools[(schools["plan"] == STATED) & (schools["school_id"] == "S1")].iloc[0]
    assert stated["frequency"] == stated["times"] / 40
    text = "\n".join(lines)
    assert "S1" in text
    assert "40 draws of demand" in text
    assert "30 %" in text
    for run in document["folders"].values():
        stored = read_run(Path(run))
        assert stored.plan is not None
        assert stored.record["scenario"] == "base"
        assert read_basis(stored).shortfalls == stored.shortfalls
    assert json.dumps(document)


def test_a_second_start_solves_nothing_again(answered: tuple[Path, Path, dict[str, Any], list[str]]) -> None:
    folder, out, document, _ = answered
    before = {path: path.stat().st_mtime_ns for path in out.glob("*/task.json")}
    names = ["draw-001", "draw-002", "more-001", "more-002", "stated"]
    assert sorted(path.parent.name for path in before) == names
    assert run_robust(order(folder, out), Voice("en"))[1] == document
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_the_same_seed_gives_the_same_bytes_whoever_makes_the_plans(
    answered: tuple[Path, Path, dict[str, Any], list[str]], tmp_path: Path
) -> None:
    folder, out, _, _ = answered
    run_robust(order(folder, tmp_path / "robust", jobs=2), Voice("en"))
    one, two = (
        {file.relative_to(made): file.read_bytes() for file in sorted(made.rglob("*")) if file.is_file()}
        for made in (out, tmp_path / "robust")
    )
    assert set(one) == set(two)
    assert [str(file) for file in one if file.name != "task.json" and one[file] != two[file]] == []


def test_another_question_is_not_answered_in_the_same_folder(
    answered: tuple[Path, Path, dict[str, Any], list[str]], tmp_path: Path
) -> None:
    folder, out, _, _ = answered
    with pytest.raises(Refusal, match="another question"):
        run_robust(order(folder, out, seed=2), Voice("en"))
    copied = tmp_path / "robust"
    shutil.copytree(out, copied)
    _, document, _ = run_robust(order(folder, copied, seed=2, plans=0, force=True), Voice("en"))
    assert document["seed"] == 2
    assert not (copied / "draw-001").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    with pytest.raises(Refusal, match="something else"):
        run_robust(order(folder, tmp_path / "mine", force=True), Voice("en"))


def test_without_any_plan_there_is_nothing_to_judge(tmp_path: Path) -> None:
    rows = [{"school_id": "S1", "name": "S1", "type": "primary", "x": 120.2052, "y": 30.2135, "places": 10}]
    folder = write_instance(tmp_path / "grid", schools=rows)
    code, document, lines = run_robust(order(folder, tmp_path / "robust"), Voice("en"))
    assert code == 4
    assert "plans" not in document
    assert "no plan to judge" in lines[-1]
    assert json.dumps(document)

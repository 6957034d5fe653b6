"""Mode `entry` on a row of four units, answers by hand: A stands in U1, B in U4, a kilometre between neighbours."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from builders import make_district, make_schools, make_travel, make_units

from models.district import Catchments, Cohort, District, Fixed, Schools
from models.outcome import Outcome
from models.plan import Plan
from models.stages import Stage
from models.stock import Stock, roll
from optimizer.diagnose.count import count_children
from optimizer.formulation import formulate
from optimizer.formulation.plan import draw_plan
from optimizer.formulation.start import starting_plan
from optimizer.recheck import recheck_plan
from optimizer.solve import Effort, solve
from optimizer.solve.seats import seat_children

LOCAL, MIGRANT, SPECIAL = (Cohort("primary", "1", kind) for kind in ("local", "migrant", "special"))
KINDS = {"local": {"zoned": True}, "migrant": {"zoned": False}, "special": {"placed": True}}
TODAY = {"U1": "A", "U2": "A", "U3": "B", "U4": "B"}


def admit(
    students: Mapping[Cohort, Sequence[int]],
    *,
    change: str = "none",
    schools: Schools | None = None,
    current: Mapping[str, str] = TODAY,
    **more: Any,
) -> District:
    """A district that admits first-graders; `rules` and `policy` over profile none with overflow soft."""
    rules = {"overflow": "soft"} | more.pop("rules", {})
    policy = more.pop("policy", {})
    order = {"order": ["shortage", "overflow", "small_classes", "stability", "travel"]}
    district = make_district(
        students=students,
        schools=schools,
        current=current,
        instance={"mode": "entry"} | more.pop("instance", {}),
        categories=KINDS,
        catchments={"change": change} | more.pop("catchments", {}),
        rules=rules,
        policy=policy,
        objective=order,
    )
    return replace(district, **more)


def last_year(district: District, rows: Sequence[tuple[str, str, int, int]]) -> District:
    """Add last year's return: school, grade, students, classes."""
    school, grade, students, classes = zip(*rows, strict=True)
    stages: tuple[Stage, ...] = ("primary",) * len(rows)
    positions = np.array([district.schools.row[name] for name in school], dtype=np.int64)
    given = Stock(2026, positions, stages, grade, np.array(students), np.array(classes))
    return replace(district, enrolment=given, stock=roll(given, {}, "6-3"))


def solved(district: District) -> tuple[Outcome, Plan]:
    travel = make_travel(district)
    f = formulate(district, travel)
    effort = Effort(20.0, None, lambda: False)
    outcome = solve(f, effort, gap=1e-9, start=starting_plan(f, district, None))
    outcome = seat_children(f, district, travel, outcome)
    plan = draw_plan(f, district, travel, outcome)
    assert plan is not None
    assert count_children(f, district, travel) == ()
    assert plan.assignments["students"].sum() == district.demand.students.sum()
    return outcome, plan


def seats(plan: Plan) -> dict[tuple[str, str, str], int]:
    """Children by unit, category and school."""
    rows = plan.assignments[["unit_id", "category", "school_id", "students"]]
    return {(unit, kind, school): int(n) for unit, kind, school, n in rows.itertuples(index=False)}


def level(outcome: Outcome, name: str) -> float:
    return next(level.value for level in outcome.levels if level.name == name)


def test_who_does_not_fit_is_placed_where_the_detour_is_shortest() -> None:
    """70 children belong to A, which has 60 places: ten of U2 (2 km to B, not 3 as from U1) sit at B."""
    outcome, plan = solved(admit({LOCAL: (30, 40, 20, 20)}))
    assert level(outcome, "overflow") == 10
    assert seats(plan)["U2", "local", "A"] == 30
    coordination = plan.coordination.to_dict("records")
    assert coordination == [
        {
            "catchment_school_id": "A",
            "unit_id": "U2",
            "stage": "primary",
            "category": "local",
            "to_school_id": "B",
            "students": 10,
            "metres": 2000,
        }
    ]
    assert plan.student_km == pytest.approx(30 * 1 + 10 * 2 + 20 * 1)


def test_unzoned_children_take_what_zoned_ones_leave() -> None:
    """A has five places left for the ten unzoned children next door; the other five go three kilometres."""
    outcome, plan = solved(admit({LOCAL: (25, 30, 20, 20), MIGRANT: (10, 0, 0, 0)}))
    assert level(outcome, "overflow") == 0
    assert seats(plan)["U1", "migrant", "A"] == 5
    assert seats(plan)["U1", "migrant", "B"] == 5


def test_no_zoned_child_is_displaced() -> None:
    """Fewer kilometres would put the unzoned children of U1 into A and a zoned child of U2 out of it."""
    _, plan = solved(admit({LOCAL: (30, 30, 20, 20), MIGRANT: (10, 0, 0, 0)}))
    assert seats(plan)["U1", "migrant", "B"] == 10
    assert not any(kind == "local" and school == "B" for unit, kind, school in seats(plan) if unit in ("U1", "U2"))


def test_placed_children_sit_where_it_was_decided() -> None:
    fixed = Fixed(np.array([0]), ("primary",), np.array([1]), np.array([True]), ("special",), ("",))
    district = admit({LOCAL: (30, 30, 20, 20), SPECIAL: (3, 0, 0, 0)}, fixed=fixed)
    _, plan = solved(district)
    assert seats(plan)["U1", "special", "B"] == 3
    assert len(plan.coordination) == 0


def test_continuing_children_have_their_places_first() -> None:
    """A: 360 places, 300 children last year of whom 50 leave: 110 are left. B: 240 places, 300 last year: 50 again."""
    schools = make_schools(places=np.array([360.0, 240.0]))
    rows = [(school, str(grade), 50, 1) for school in "AB" for grade in range(1, 7)]
    outcome, plan = solved(last_year(admit({LOCAL: (60, 40, 40, 20)}, schools=schools), rows))
    assert level(outcome, "overflow") == 10
    assert sum(n for (_, _, school), n in seats(plan).items() if school == "B") == 50
    strict = last_year(admit({LOCAL: (60, 40, 40, 20)}, schools=schools, rules={"strict": True}), rows)
    f = formulate(strict, make_travel(strict))
    assert solve(f, Effort(20.0, None, lambda: False)).status == "infeasible", "B is above its places already"


@pytest.mark.parametrize(("rooms", "horizon"), [(12, 1), (12, 3), (14, 3)])
def test_tracks_and_what_follows(rooms: int, horizon: int) -> None:
    """A held 13 classes last year, 11 of them go on: two rooms are left even where there are 12 rooms (inherited).

    A year on 9 continuing classes leave room for (13 - 9) / 2 alike, two years on 7 for (13 - 7) / 3.
    """
    schools = make_schools(
        places=np.full(2, np.nan),
        classrooms=np.array([rooms, 60.0]),
        classes_per_grade={"primary": np.array([2.0, 9.0])},
    )
    policy = {"class_size": {"cap": {"primary": 30}}, "tracks": {"horizon": horizon}}
    rules = {"class_size": "hard", "classrooms": "hard", "tracks": "hard"}
    district = admit({LOCAL: (60, 30, 20, 20)}, schools=schools, policy=policy, rules=rules)
    classes = {"1": 3, "2": 2, "3": 2, "4": 2, "5": 2, "6": 2}
    district = last_year(district, [("A", grade, 25 * n, n) for grade, n in classes.items()])
    f = formulate(district, make_travel(district))
    assert f.classes is not None
    bounds = {group.name: group.rooms for group in f.classes.rooms if group.school == 0}
    assert bounds["tracks[A,primary]"] == 2
    assert bounds["classrooms[A]"] == max(rooms, 13) - 11
    if horizon == 3:
        assert bounds["tracks[A,+1]"] == (max(rooms, 13) - 9) // 2
        assert bounds["tracks[A,+2]"] == (max(rooms, 13) - 7) // 3
    _, plan = solved(district)
    opened = plan.classes[(plan.classes["origin"] == "entry") & (plan.classes["school_id"] == "A")]
    assert opened["classes"].tolist() == [2]
    continuing = plan.classes[plan.classes["origin"] == "continuing"]
    assert continuing["classes"].sum() == 11
    assert continuing["grade"].tolist() == ["2", "3", "4", "5", "6"]


@pytest.mark.parametrize("rule", ["classrooms", "tracks"])
def test_without_a_cap_whoever_enters_is_one_class(rule: str) -> None:
    """A has no room, not for one class: all 60 enter B, as one class, 20 of them zoned children of A."""
    schools = make_schools(places=np.full(2, np.nan), classrooms=np.array([0.0, 12.0]))
    district = admit({LOCAL: (10, 10, 10, 10), MIGRANT: (10, 0, 0, 10)}, schools=schools, rules={rule: "hard"})
    outcome, plan = solved(district)
    assert level(outcome, "overflow") == 20
    assert plan.classes[["school_id", "students", "classes"]].values.tolist() == [["B", 60, 1]]
    assert [shortfall.rule for shortfall in recheck_plan(district, make_travel(district), plan)] == ["overflow"]


@pytest.mark.parametrize("hardness", ["soft", "off"])
def test_who_follows_no_catchment_fills_a_class_without_ceiling_too(hardness: str) -> None:
    """A and B open one class each, however large: 20 zoned children and 120 others find room in two."""
    schools = make_schools(places=np.full(2, np.nan), classes_per_grade={"primary": np.ones(2)})
    district = admit(
        {LOCAL: (5, 5, 5, 5), MIGRANT: (30, 30, 30, 30)},
        schools=schools,
        policy={"class_size": {"cap": {"primary": 40}}},
        rules={"class_size": hardness, "tracks": "hard"},
    )
    _, plan = solved(district)
    assert plan.classes[["school_id", "students", "classes"]].values.tolist() == [["A", 70, 1], ["B", 70, 1]]


@pytest.mark.parametrize(("horizon", "elsewhere"), [(3, 0), (4, 20)])
def test_each_stage_of_a_school_is_full_after_its_own_grades(horizon: int, elsewhere: int) -> None:
    """A, a nine-year school of 24 rooms, has 120 first-graders (4 classes of 30) and 80 of grade 7 (3 classes).

    Two years on 3 · 4 + 3 · 3 = 21 classes fit; three years on junior has its three grades full, primary four of six:
    4 · 4 + 3 · 3 = 25 do not. With two junior classes there are 22, and 20 of grade 7 sit at B.
    """
    junior = Cohort("junior", "7", "local")
    schools = make_schools(
        types=("nine_year",) * 2,
        places=np.full(2, np.nan),
        classrooms=np.array([24.0, 90.0]),
        classes_per_grade={"primary": np.full(2, 9.0), "junior": np.full(2, 9.0)},
    )
    district = admit(
        {LOCAL: (120, 0, 0, 0), junior: (80, 0, 0, 0)},
        schools=schools,
        instance={"stages": ["primary", "junior"]},
        policy={"class_size": {"cap": {"primary": 30, "junior": 30}}, "tracks": {"horizon": horizon}},
        rules={"class_size": "hard", "classrooms": "hard", "tracks": "hard"},
        catchments={"contiguous": False},
    )
    held = [(u, stage, 0) for stage in ("primary", "junior") for u in range(4)]
    unit, stage, school = zip(*held, strict=True)
    district = replace(district, current=Catchments(np.array(unit), stage, np.array(school)))
    outcome, plan = solved(district)
    assert level(outcome, "overflow") == elsewhere
    assert plan.coordination["stage"].tolist() == ["junior"] * bool(elsewhere)
    shortfalls = recheck_plan(district, make_travel(district), plan)
    assert [shortfall.rule for shortfall in shortfalls] == ["overflow"] * bool(elsewhere)


def test_a_shared_catchment_is_filled_where_places_are_free() -> None:
    """U2 belongs to A and B: A has ten places left after U1, so twenty of its thirty go to B, without overflow."""
    district = admit({LOCAL: (50, 30, 10, 10)}, current={"U1": "A", "U2": "AB", "U3": "B", "U4": "B"})
    outcome, plan = solved(district)
    assert level(outcome, "overflow") == 0
    assert seats(plan)["U2", "local", "A"] == 10
    assert seats(plan)["U2", "local", "B"] == 20
    assert len(plan.coordination) == 0
    shared = plan.catchments[plan.catchments["unit_id"] == "U2"]["school_id"].tolist()
    assert shared == ["A", "B"]


def test_a_school_that_closed_has_no_part_in_what_it_shared() -> None:
    """As above, and C, closed since, shared U2 with them."""
    schools = make_schools({"A": 0, "B": 3, "C": 1}, status=("open", "open", "closed"))
    current = {"U1": "A", "U2": "ABC", "U3": "B", "U4": "B"}
    district = admit({LOCAL: (50, 30, 10, 10)}, current=current, schools=schools)
    _, plan = solved(district)
    assert plan.catchments["school_id"].tolist() == ["A", "A", "B", "B", "B"]
    assert (seats(plan)["U2", "local", "A"], seats(plan)["U2", "local", "B"]) == (10, 20)


def test_a_redraw_spares_the_overflow_and_changes_little_else() -> None:
    """70 children belong to A: U3 (20) or U2 (20) could change; only U3 keeps both catchments in one piece and near."""
    current = {"U1": "A", "U2": "A", "U3": "A", "U4": "B"}
    outcome, plan = solved(admit({LOCAL: (30, 20, 20, 20)}, change="limited", current=current))
    assert level(outcome, "overflow") == 0
    assert level(outcome, "stability") == 20
    assert plan.catchments["school_id"].tolist() == ["A", "A", "B", "B"]


def test_private_schools_take_purchased_places_alone() -> None:
    """A is full and B has no place left: the three unzoned children sit on the places purchased at P, in U2."""
    schools = make_schools(
        {"A": 0, "B": 3, "P": 1},
        types=("primary",) * 3,
        places=np.array([60.0, 40.0, 500.0]),
        private=np.array([False, False, True]),
        purchased_places=np.array([np.nan, np.nan, 3.0]),
    )
    _, plan = solved(admit({LOCAL: (30, 30, 20, 20), MIGRANT: (0, 3, 0, 0)}, schools=schools))
    assert seats(plan)["U2", "migrant", "P"] == 3


def test_more_children_than_places_is_proved_impossible() -> None:
    district = admit({LOCAL: (40, 40, 30, 20)})
    f = formulate(district, make_travel(district))
    outcome = solve(f, Effort(20.0, None, lambda: False), start=starting_plan(f, district, None))
    assert outcome.status == "infeasible"


def test_soft_places_may_be_passed_by_all_that_stands() -> None:
    """Strict: 100 children continue at each school of 50 places; with 20 who enter 70 are above the places of each."""
    rules = {"places": "soft", "strict": True}
    schools = make_schools(places=np.array([50.0, 50.0]))
    district = last_year(
        admit({LOCAL: (10, 10, 10, 10)}, schools=schools, rules=rules), [("A", "1", 100, 3), ("B", "1", 100, 3)]
    )
    outcome, _ = solved(district)
    assert {level.name: level.value for level in outcome.levels}["shortage"] == 140


def test_a_hard_overflow_forbids_what_does_not_fit() -> None:
    district = admit({LOCAL: (30, 40, 20, 20)}, rules={"overflow": "hard"})
    f = formulate(district, make_travel(district))
    outcome = solve(f, Effort(20.0, None, lambda: False), start=starting_plan(f, district, None))
    assert outcome.status == "infeasible"


def divided(overflow: str) -> District:
    """Units may be divided, a fifth of all children may change school; A has 60 places for the 80 of U1, U2 and U3."""
    rules = {"indivisible": "off", "stability": "hard", "overflow": overflow}
    current = {"U1": "A", "U2": "A", "U3": "A", "U4": "B"}
    policy = {"stability": {"max_share": 0.2}}
    return admit({LOCAL: (30, 20, 30, 20)}, change="limited", current=current, rules=rules, policy=policy)


def test_a_divided_unit_sits_as_it_was_drawn() -> None:
    """20 of U3 go to B, a fifth of all; the ten who stay with A sit there, although B is nearer and has places."""
    district = divided("hard")
    outcome, plan = solved(district)
    assert level(outcome, "stability") == 20
    assert (seats(plan)["U3", "local", "A"], seats(plan)["U3", "local", "B"]) == (10, 20)
    assert plan.student_km == pytest.approx(20 * 1 + 10 * 2 + 20 * 1)
    assert recheck_plan(district, make_travel(district), plan) == ()


def test_no_unit_is_divided_where_children_may_sit_elsewhere() -> None:
    """All of U3 belong to A as today: twenty of them are placed at B for want of places, and nobody changes school."""
    district = divided("soft")
    outcome, plan = solved(district)
    assert (level(outcome, "overflow"), level(outcome, "stability")) == (20, 0)
    assert plan.catchments["school_id"].tolist() == ["A", "A", "A", "B"]
    assert plan.coordination["students"].tolist() == [20]


def test_an_estate_apart_has_its_price_where_children_may_sit_elsewhere() -> None:
    """U2 must go to A and U3, of one estate, to B: the 20 of U3 are apart from the 30 of U2."""
    must = Fixed(np.array([1, 2]), ("primary",) * 2, np.array([0, 1]), np.array([True] * 2), ("",) * 2, ("",) * 2)
    district = admit({LOCAL: (10, 30, 20, 10)}, change="limited", rules={"indivisible": "soft"}, fixed=must)
    district = replace(district, units=make_units(estate=("", "E", "E", "")))
    outcome, _ = solved(district)
    assert level(outcome, "shortage") == 20


def test_a_catchment_in_pieces_stands() -> None:
    """A holds U1 and U3 today; where nothing names it, it stays as it is although another plan would be nearer."""
    current = {"U1": "A", "U2": "B", "U3": "A", "U4": "B"}
    _, plan = solved(admit({LOCAL: (10, 10, 10, 10)}, change="limited", current=current))
    assert plan.catchments["school_id"].tolist() == ["A", "B", "A", "B"]


def test_sharing_is_kept_with_every_row() -> None:
    held = Catchments(np.array([0, 1, 1, 2, 3]), ("primary",) * 5, np.array([0, 0, 1, 1, 1]))
    district = replace(admit({LOCAL: (10, 10, 10, 10)}, change="limited"), current=held)
    _, plan = solved(district)
    assert len(plan.catchments) == 5


def test_nothing_joins_a_catchment_that_is_kept() -> None:
    """A and B share U1; C has 60 places for 80. U4 (20) at A or B would fit and lie apart from U1: it stays with C."""
    schools = make_schools({"A": 0, "B": 0, "C": 2})
    current = {"U1": "AB", "U2": "C", "U3": "C", "U4": "C"}
    outcome, plan = solved(admit({LOCAL: (10, 30, 30, 20)}, change="limited", schools=schools, current=current))
    assert plan.catchments["school_id"].tolist() == ["A", "B", "C", "C", "C"]
    assert level(outcome, "overflow") == 20


@pytest.mark.parametrize(("apply", "classes"), [("decided", 4), ("all", 3)])
def test_shares_of_decided_classes_or_of_all(apply: str, classes: int) -> None:
    """A admits 70 and B 20, half the classes are to have at most 30 children: 35, 35 and 20 are one in three.

    So A opens three classes; unless B's three continuing classes of 20 count, which make it four in six.
    """
    schools = make_schools(places=np.full(2, np.nan), classrooms=np.array([12.0, 12.0]))
    policy = {
        "class_size": {"cap": {"primary": 40}, "targets": [{"max_size": 30, "share": 0.5}], "targets_apply": apply}
    }
    rules = {"class_size": "hard", "classrooms": "hard", "small_classes": "hard"}
    district = admit({LOCAL: (40, 30, 10, 10)}, schools=schools, policy=policy, rules=rules)
    district = last_year(district, [("B", "1", 60, 3)])
    _, plan = solved(district)
    opened = plan.classes[plan.classes["origin"] == "entry"]
    assert opened["classes"].sum() == classes


def test_placed_children_without_a_decision_wait_for_places() -> None:
    """No row of `fixed` seats them: they come after the zoned ones, here to B, since A is full."""
    _, plan = solved(admit({LOCAL: (30, 30, 20, 20), SPECIAL: (2, 0, 0, 0)}))
    assert seats(plan)["U1", "special", "B"] == 2


def test_nobody_is_sent_beyond_the_ceiling() -> None:
    """The ten who do not fit A may go 2 km, so U2's go and U1's stay; from U1 it is 3 km."""
    policy, rules = {"travel": {"max_m": {"primary": 2000}}}, {"max_travel": "hard"}
    _, plan = solved(admit({LOCAL: (40, 30, 20, 20)}, policy=policy, rules=rules))
    assert seats(plan)["U2", "local", "B"] == 10


def test_children_of_every_stage_fill_a_school() -> None:
    """A has 200 places, 150 of them taken by junior children whom this plan does not decide: 50 are left."""
    schools = make_schools(types=("nine_year", "primary"), places=np.array([200.0, 60.0]))
    district = admit({LOCAL: (30, 30, 20, 20)}, schools=schools)
    given = Stock(2026, np.zeros(2, dtype=np.int64), ("junior",) * 2, ("7", "8"), np.array([75, 75]), np.array([2, 2]))
    outcome, _ = solved(replace(district, enrolment=given, stock=roll(given, {}, "6-3")))
    assert level(outcome, "overflow") == 10

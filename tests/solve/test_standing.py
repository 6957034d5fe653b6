"""What stands in an admission year and the rules that it meets, on the row of `test_entry`, answers by hand."""

from dataclasses import replace

import numpy as np
import pytest
from builders import make_schools, make_travel, make_units
from solve.test_entry import LOCAL, MIGRANT, SPECIAL, admit, last_year, level, seats, solved

from models.diagnosis import Count
from models.district import District, Fixed
from models.outcome import Outcome
from optimizer.diagnose.count import count_children
from optimizer.formulation import formulate
from optimizer.formulation.start import starting_plan
from optimizer.recheck import recheck_plan
from optimizer.solve import Effort, solve
from optimizer.solve.seats import seat_children

EVERYBODY = (10, 10, 10, 10)
SHARED = {"U1": "A", "U2": "AB", "U3": "B", "U4": "B"}
NEAR = {"rules": {"max_travel": "hard"}, "policy": {"travel": {"max_m": {"primary": 900}}}}


def unsolved(district: District) -> Outcome:
    travel = make_travel(district)
    f = formulate(district, travel)
    outcome = solve(f, Effort(20.0, None, lambda: False), start=starting_plan(f, district, None))
    outcome = seat_children(f, district, travel, outcome)
    assert outcome.pairs is None
    return outcome


def counted(district: District) -> Count:
    """The one sum that shows what the search found as well: there is no plan."""
    assert unsolved(district).status == "infeasible"
    travel = make_travel(district)
    (count,) = count_children(formulate(district, travel), district, travel)
    return count


def drawn(district: District) -> list[str]:
    """School of every row of catchments, in a plan that the re-check lets pass."""
    _, plan = solved(district)
    assert not any(found.is_fault for found in recheck_plan(district, make_travel(district), plan))
    schools: list[str] = plan.catchments["school_id"].tolist()
    return schools


def decided(school: int, *, must: bool, category: str = "") -> Fixed:
    """U2 must, or must never, belong to a school."""
    return Fixed(np.array([1]), ("primary",), np.array([school]), np.array([must]), (category,), ("",))


@pytest.mark.parametrize("change", ["none", "limited"])
@pytest.mark.parametrize("must", [True, False])
def test_a_decision_against_a_school_that_shares_on_is_said(change: str, must: bool) -> None:
    """A and B go on sharing U2, so neither can it belong to A alone nor leave it."""
    district = admit({LOCAL: EVERYBODY}, change=change, current=SHARED, fixed=decided(0, must=must))
    count = counted(district)
    assert (count.key, count.facts["where"], count.units) == ("unmendable.fixed", ["U2,primary"], ("U2",))


def test_a_decision_for_unzoned_children_says_nothing_of_what_is_shared() -> None:
    fixed = decided(0, must=False, category="migrant")
    assert drawn(admit({LOCAL: EVERYBODY}, current=SHARED, fixed=fixed)) == ["A", "A", "B", "B", "B"]


def test_a_new_unit_joins_a_shared_catchment_behind_another() -> None:
    """B stands in U4, which no school has today: U4 is B's, and so is U3, or the catchment of B would be in pieces.

    A would have room for U3, B has not: its 30 children sit at A all the same.
    """
    schools = make_schools({"A": 1, "B": 3}, places=np.array([120.0, 30.0]))
    district = admit({LOCAL: (0, 0, 30, 30)}, change="limited", schools=schools, current={"U1": "AB", "U2": "AB"})
    assert drawn(district) == ["A", "B", "A", "B", "B", "B"]
    assert level(solved(district)[0], "overflow") == 30


def test_new_units_join_a_shared_catchment_on_either_side() -> None:
    """U1 borders on U2 from the west, U3 from the east, U4 on U3: all go to A, the school with places."""
    schools = make_schools({"A": 1, "B": 1}, places=np.array([120.0, 0.0]))
    district = admit({LOCAL: (30, 0, 30, 30)}, change="limited", schools=schools, current={"U2": "AB"})
    assert drawn(district) == ["A", "A", "B", "A", "A"]
    assert level(solved(district)[0], "overflow") == 0


def test_an_own_unit_that_no_way_joins_is_said() -> None:
    """B stands in U4, new; between it and U2, which A and B share, lies U3, and that is C's."""
    schools = make_schools({"A": 0, "B": 3, "C": 2})
    count = counted(admit({LOCAL: EVERYBODY}, schools=schools, current={"U1": "A", "U2": "AB", "U3": "C"}))
    assert (count.key, count.schools) == ("unmendable.contiguous", ("B",))


REGIONS = ("R1", "R1", "", "R2")
BORDERS = {"rules": {"region": "hard"}}


def test_a_region_with_too_few_places_is_counted() -> None:
    """U1 and U2 have 50 zoned and 20 unzoned children, who may sit at A alone: it has 60 places. B would have 100."""
    schools = make_schools(places=np.array([60.0, 100.0]), region=("R1", "R2"))
    children = {LOCAL: (20, 30, 0, 20), MIGRANT: (20, 0, 0, 0)}
    count = counted(admit(children, schools=schools, units=make_units(region=REGIONS), **BORDERS))
    assert (count.key, count.rules, count.units, count.schools) == (
        "confined", ("region", "places"), ("U1", "U2"), ("A",))  # fmt: skip
    assert (count.facts["students"], count.facts["places"], count.short) == (70, 60, 10)


@pytest.mark.parametrize(("share", "keys"), [(0.0, ["tracks_confined"]), (1.0, [])])
def test_a_region_with_too_few_classes_has_too_few_places(share: float, keys: list[str]) -> None:
    """A has 200 places and one class a grade: of 45 for the 50 of its region; or of 20 for 30, which no places tell."""
    schools = make_schools(
        places=np.full(2, 200.0), region=("R1", "R2"), classes_per_grade={"primary": np.array([1.0, 9.0])}
    )
    rules = {"region": "hard", "class_size": "hard", "tracks": "hard", "small_classes": "hard"}
    policy = {"class_size": {"cap": {"primary": 45}, "targets": [{"max_size": 20, "share": share}]}}
    children = {LOCAL: (30, 0 if share else 20, 0, 10)}
    district = admit(children, schools=schools, units=make_units(region=REGIONS), rules=rules, policy=policy)
    assert unsolved(district).reason == "solve.weighed"
    travel = make_travel(district)
    assert [count.key for count in count_children(formulate(district, travel), district, travel)] == keys


def test_zoned_children_leave_a_place_to_those_who_have_no_other() -> None:
    """U3, of no region, is shared: its children would sit at A or B; those who wait in U1 may sit at A alone."""
    schools = make_schools(places=np.array([30.0, 60.0]), region=("R1", "R2"))
    current = {"U1": "A", "U2": "A", "U3": "AB", "U4": "B"}
    children = {LOCAL: (0, 0, 30, 30), MIGRANT: (30, 0, 0, 0)}
    _, plan = solved(admit(children, schools=schools, units=make_units(region=REGIONS), current=current, **BORDERS))
    assert (seats(plan)["U3", "local", "B"], seats(plan)["U1", "migrant", "A"]) == (30, 30)


def test_no_zoned_child_gives_way_to_one_who_has_no_other_school() -> None:
    """As above, and U3 belongs to A alone: its children fill A, and ten who wait in U1 find no place."""
    schools = make_schools(places=np.array([30.0, 60.0]), region=("R1", "R2"))
    current = {"U1": "A", "U2": "A", "U3": "A", "U4": "B"}
    children = {LOCAL: (0, 0, 30, 30), MIGRANT: (10, 0, 0, 0)}
    district = admit(children, schools=schools, units=make_units(region=REGIONS), current=current, **BORDERS)
    assert unsolved(district).status == "no_plan"


def test_a_region_ends_where_today_crosses_it() -> None:
    """U3, in the region of B, belongs to A today: it changes to B, and where nothing may change there is no plan."""
    schools = make_schools(places=np.full(2, 200.0), region=("R1", "R2"))
    units = make_units(region=("R1", "R1", "R2", "R2"))
    crossed = {"U1": "A", "U2": "A", "U3": "A", "U4": "B"}
    redrawn = admit({LOCAL: EVERYBODY}, change="limited", schools=schools, units=units, current=crossed, **BORDERS)
    assert drawn(redrawn) == ["A", "A", "B", "B"]
    kept = admit({LOCAL: EVERYBODY}, schools=schools, units=units, current=crossed, **BORDERS)
    assert (counted(kept).key, counted(kept).units) == ("stranded.change", ("U3",))


def test_children_who_share_a_school_across_a_border_sit_in_their_region() -> None:
    """A and B share U3, in B's region, and A is nearer by metres: all its children sit at B."""
    schools = make_schools({"A": 2, "B": 3}, places=np.full(2, 200.0), region=("R1", "R2"))
    units = make_units(region=("R1", "R1", "R2", "R2"))
    shared = {"U1": "A", "U2": "A", "U3": "AB", "U4": "B"}
    district = admit({LOCAL: EVERYBODY}, schools=schools, units=units, current=shared, **BORDERS)
    assert drawn(district) == ["A", "A", "A", "B", "B"]
    assert seats(solved(district)[1])["U3", "local", "B"] == 10


def test_all_who_need_a_seat_are_counted_against_all_places() -> None:
    """100 zoned and 30 unzoned children, 60 places each at A and B."""
    count = counted(admit({LOCAL: (30, 30, 20, 20), MIGRANT: (30, 0, 0, 0)}))
    assert (count.key, count.facts["students"], count.short) == ("places", 130, 10)


def test_strict_rules_judge_continuing_classes() -> None:
    """A class of 31 goes on at A, the cap is 30: inherited, unless the rules are strict."""
    for size, strict, broken in ((31, False, ()), (30, True, ()), (31, True, ("A",))):
        rules = {"class_size": "hard", "strict": strict}
        district = admit({LOCAL: EVERYBODY}, rules=rules, policy={"class_size": {"cap": {"primary": 30}}})
        district = last_year(district, [("A", "1", size, 1)])
        if broken:
            count = counted(district)
            assert (count.key, count.rules, count.schools) == (
                "unmendable.class_size",
                ("class_size", "strict"),
                broken,
            )
        else:
            assert drawn(district) == ["A", "A", "B", "B"]


@pytest.mark.parametrize(
    ("places", "rooms", "broken"),
    [
        (3, 1, []),
        (2, 1, ["unmendable.places"]),
        (3, 0, ["unmendable.classrooms"]),
        (np.nan, np.nan, []),
        (2, 0, ["unmendable.places", "unmendable.classrooms"]),
    ],
)
def test_a_special_school_takes_who_was_decided_or_there_is_no_plan(
    places: float, rooms: float, broken: list[str]
) -> None:
    """C takes two children of U1 and one of U2, in one class; tracks are of schools that teach a stage."""
    schools = make_schools(
        {"A": 0, "B": 3, "C": 1},
        types=("primary", "primary", "special"),
        places=np.array([60.0, 60.0, places]),
        classrooms=np.array([np.nan, np.nan, rooms]),
    )
    fixed = Fixed(np.array([0, 1]), ("primary",) * 2, np.array([2, 2]), np.ones(2, bool), ("special",) * 2, ("",) * 2)
    district = admit(
        {LOCAL: EVERYBODY, SPECIAL: (2, 1, 0, 0)},
        schools=schools,
        fixed=fixed,
        rules={"classrooms": "hard", "tracks": "hard", "class_size": "hard"},
        policy={"class_size": {"cap": {"primary": 45}}, "tracks": {"horizon": 3}},
    )
    if broken:
        travel = make_travel(district)
        assert unsolved(district).status == "infeasible"
        assert [count.key for count in count_children(formulate(district, travel), district, travel)][
            : len(broken)
        ] == broken
    else:
        assert drawn(district) == ["A", "A", "B", "B"]


def test_entry_classes_last_in_the_rooms_of_their_stage() -> None:
    """A has four tracks and six rooms of the stage: three years of alike entry classes are two a year, 40 children."""
    schools = make_schools(
        places=np.full(2, 500.0),
        classrooms_of_stage={"primary": np.array([6.0, 60.0])},
        classes_per_grade={"primary": np.array([4.0, 9.0])},
    )
    rules = {"classrooms": "hard", "tracks": "hard", "class_size": "hard"}
    policy = {"class_size": {"cap": {"primary": 20}}}
    district = admit({LOCAL: (10, 60, 10, 10)}, schools=schools, rules=rules, policy=policy)
    assert drawn(district) == ["A", "A", "B", "B"]
    assert level(solved(district)[0], "overflow") == 30


def test_strict_rules_mend_a_catchment_in_pieces() -> None:
    """A has U1 and U3 today; with eight children U3 is the cheaper one to change."""
    pieces = {"U1": "A", "U2": "B", "U3": "A", "U4": "B"}
    assert drawn(admit({LOCAL: EVERYBODY}, change="limited", current=pieces)) == ["A", "B", "A", "B"]
    mended = admit({LOCAL: (10, 10, 8, 10)}, change="limited", current=pieces, rules={"strict": True})
    assert drawn(mended) == ["A", "B", "B", "B"]


def test_strict_rules_judge_a_shared_catchment_in_pieces() -> None:
    """U3 belongs to B alone and lies between U2, which A and B share, and U4, which they share too."""
    current = {"U1": "A", "U2": "AB", "U3": "B", "U4": "AB"}
    assert len(drawn(admit({LOCAL: EVERYBODY}, change="limited", current=current))) == 6
    count = counted(admit({LOCAL: EVERYBODY}, change="limited", current=current, rules={"strict": True}))
    assert (count.key, count.schools) == ("unmendable.contiguous", ("A",))


def test_an_estate_that_is_shared_as_a_whole_is_not_divided() -> None:
    units = make_units(estate=("", "E", "E", ""))
    current = {"U1": "A", "U2": "AB", "U3": "AB", "U4": "B"}
    district = admit({LOCAL: EVERYBODY}, change="limited", current=current, units=units, rules={"strict": True})
    assert drawn(district) == ["A", "A", "B", "A", "B", "B"]


def test_an_estate_that_is_divided_today_stands_where_nothing_may_change() -> None:
    """U2 and U3 are one estate, of A and of B; strict rules would have it whole, and so has a plan that may change."""
    units = make_units(estate=("", "E", "E", ""))
    assert drawn(admit({LOCAL: EVERYBODY}, units=units)) == ["A", "A", "B", "B"]
    assert counted(admit({LOCAL: EVERYBODY}, units=units, rules={"strict": True})).key == "stranded.change"
    assert drawn(admit({LOCAL: EVERYBODY}, change="limited", units=units)) == ["A", "A", "A", "B"]


def test_a_new_unit_joins_no_shared_catchment_from_afar() -> None:
    """C is full with the 15 of U3, and the 10 of U4, new, would fit at A and B; they end at U2, so U4 is C's."""
    schools = make_schools({"A": 0, "B": 1, "C": 2}, places=np.array([60.0, 60.0, 15.0]))
    current = {"U1": "AB", "U2": "AB", "U3": "C"}
    district = admit({LOCAL: (10, 10, 15, 10)}, change="limited", schools=schools, current=current)
    assert drawn(district) == ["A", "B", "A", "B", "C", "C"]
    assert level(solved(district)[0], "overflow") == 10
    beside = {"U1": "C", "U2": "AB", "U3": "AB"}
    schools = make_schools({"A": 1, "B": 2, "C": 0}, places=np.array([60.0, 60.0, 15.0]))
    district = admit({LOCAL: (15, 10, 10, 10)}, change="limited", schools=schools, current=beside)
    assert drawn(district) == ["C", "A", "B", "A", "B", "B"]


def test_a_way_that_is_too_far_is_inherited_unless_all_is_redrawn() -> None:
    """A kilometre from U2 to A, as today, and no school at less than 900 m."""
    assert drawn(admit({LOCAL: EVERYBODY}, change="limited", **NEAR)) == ["A", "A", "B", "B"]
    assert counted(admit({LOCAL: EVERYBODY}, change="free", **NEAR)).key == "stranded.max_travel"


def test_unzoned_children_whom_no_school_within_reach_takes_are_named() -> None:
    district = admit({LOCAL: (10, 0, 0, 10), MIGRANT: (0, 5, 2, 0)}, **NEAR)
    count = counted(district)
    assert (count.key, count.units, count.facts["students"]) == ("stranded.max_travel", ("U2", "U3"), 7)
    nobody = replace(district.demand, students=district.demand.students * [1, 0])
    assert drawn(replace(district, demand=nobody)) == ["A", "A", "B", "B"]

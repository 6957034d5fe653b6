"""Units that no school is left to, by the rule that takes the last one, and what stands against a hard rule.

U7  U8  U9        Where ways matter: A stands in U1, B in U9, and ten children live in every unit.
U4  U5  U6
U1  U2  U3
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from builders import make_district, make_schools, make_travel, make_units
from diagnose.count.counting import counts_of, told
from solve.test_entry import LOCAL, MIGRANT, admit, last_year
from solved import grid_neighbours

from models.diagnosis import Count
from models.district import Cohort, Fixed

PLENTY = make_schools(places=np.full(2, 200.0))


def test_no_school_of_the_stage() -> None:
    (count,) = counts_of(make_district(schools=make_schools(status=("closed",) * 2)))
    assert (count.key, count.rules, count.facts["students"], count.facts["count"]) == ("stranded.nobody", (), 120, 4)


@pytest.mark.parametrize(("metres", "found"), [(1000, []), (999, [("stranded.max_travel", 60)])])
def test_a_ceiling_below_the_nearest_school(metres: float, found: list[tuple[str, float]]) -> None:
    policy = {"travel": {"max_m": {"primary": metres}}}
    district = make_district(policy=policy, rules={"max_travel": "hard"})
    counts = counts_of(district)
    assert [(count.key, count.short) for count in counts] == found
    if counts:
        assert (counts[0].units, counts[0].facts["nearest"], counts[0].facts["ceiling"]) == (("U2", "U3"), 1000, 999)


def test_a_region_without_a_school() -> None:
    units = make_units(region=("west", "north", "east", "east"))
    schools = make_schools(region=("west", "east"))
    district = make_district(units=units, schools=schools, rules={"region": "hard"})
    assert [(count.key, count.units, count.rules) for count in counts_of(district)] == [
        ("stranded.region", ("U2",), ("region",))
    ]


def test_two_rules_that_leave_none_together_are_both_named() -> None:
    """U2 must belong to B, two kilometres away; the ceiling is 1,500 m."""
    policy = {"travel": {"max_m": {"primary": 1500}}}
    fixed = [("U2", "B", "must")]
    district = make_district(schools=PLENTY, policy=policy, rules={"max_travel": "hard"}, fixed=fixed)
    (count,) = counts_of(district)
    assert (count.key, count.units, set(count.rules)) == ("stranded.fixed", ("U2",), {"max_travel", "fixed"})


def test_an_island_without_a_school() -> None:
    """U2 borders on nobody and reaches no school; with a way to B it is only far away."""
    district = make_district(schools=PLENTY, students=(10, 10, 10, 10))
    travel = make_travel(district, [(2, 3)])
    cut = travel.metres.copy()
    cut[1] = np.inf
    assert told(district, replace(travel, metres=cut)) == [("stranded.island", 10)]
    assert told(district, travel) == []
    assert told(district, replace(make_travel(district), metres=cut)) == [("stranded.assigned", 10)]


def test_today_s_school_may_not_be_left_nor_kept() -> None:
    """Nothing may change, and U2 must never belong to its school of today."""
    current = {"U1": "A", "U2": "A", "U3": "B", "U4": "B"}
    fixed = [("U2", "A", "never")]
    district = make_district(current=current, fixed=fixed, catchments={"change": "none"})
    (count,) = counts_of(district)
    assert (count.key, count.units, set(count.rules)) == ("stranded.change", ("U2",), {"fixed", "change"})
    assert told(make_district(current=current, catchments={"change": "none"})) == []


def test_children_of_no_catchment_whom_nobody_within_reach_takes() -> None:
    near = {"rules": {"max_travel": "hard"}, "policy": {"travel": {"max_m": {"primary": 900}}}}
    (count,) = counts_of(admit({LOCAL: (10, 0, 0, 10), MIGRANT: (0, 5, 2, 0)}, **near))
    assert (count.key, count.units, count.short) == ("stranded.max_travel", ("U2", "U3"), 7)


@pytest.mark.parametrize(("size", "found"), [(30, []), (31, [("unmendable.class_size", 2)])])
def test_rules_that_what_stands_breaks_are_told_once_a_rule(size: int, found: list[tuple[str, float]]) -> None:
    """Classes of grade 1 and 2 go on at A, strictly judged against a cap of 30."""
    rules = {"class_size": "hard", "strict": True}
    district = admit({LOCAL: (10, 10, 10, 10)}, rules=rules, policy={"class_size": {"cap": {"primary": 30}}})
    district = last_year(replace(district, schools=PLENTY), [("A", "1", size, 1), ("A", "2", size, 1)])
    counts = counts_of(district)
    assert [(count.key, count.short) for count in counts] == found
    assert all(count.schools == ("A",) and "strict" in count.rules for count in counts)


SPACIOUS = make_schools({"A": 0, "B": 8}, places=np.full(2, 500.0))
WALLED = [("U3", "A", "must"), ("U2", "A", "never"), ("U6", "B", "must")]
ENTRY: dict[str, Any] = {"instance": {"mode": "entry"}, "rules": {"overflow": "soft"}}
CEILING: dict[str, Any] = {"policy": {"travel": {"max_m": {"primary": 1000}}}}


def on_grid(*, children: tuple[int, ...] = (10,) * 9, far: Sequence[str] = (), **more: Any) -> list[Count]:
    """Count on the grid, by default with U3 walled off from A by decisions; A is too far from some units alone."""
    district = make_district(
        students={Cohort("primary", "1", "local"): children},
        categories={"local": {"zoned": True}},
        **{"units": make_units(9), "schools": SPACIOUS, "fixed": WALLED} | more,
    )
    metres = np.full((9, 2), 1000.0)
    metres[[district.units.row[unit] for unit in far], 0] = 2000.0
    return counts_of(district, replace(make_travel(district, grid_neighbours(3, 3)), metres=metres))


@pytest.mark.parametrize("mode", [{}, ENTRY])
def test_a_unit_that_no_catchment_in_one_piece_reaches(mode: dict[str, Any]) -> None:
    """U3 may belong to A alone, and neither U2 nor U6 may: it could sit there, but not belong to it."""
    (count,) = on_grid(**mode)
    assert (count.key, count.units, count.schools, count.short) == ("stranded.contiguous", ("U3",), ("A",), 10)
    assert set(count.rules) == {"fixed", "contiguous"}
    assert count.facts["schools"] == ["A"]


@pytest.mark.parametrize("mode", [{}, ENTRY])
@pytest.mark.parametrize(
    "more",
    [
        {"fixed": [WALLED[0], WALLED[1]]},
        {"fixed": [WALLED[1], WALLED[2]]},
        {"rules": {"contiguous": "soft"}},
        {"catchments": {"contiguous": False, "change": "free"}},
        {"schools": replace(SPACIOUS, anchor=np.array([False, True])), "fixed": [*WALLED, ("U1", "B", "must")]},
        {"units": make_units(9, estate=("E", "", "E", *[""] * 6))},
    ],
    ids=["a way round", "another school", "soft", "not asked", "no own unit", "an estate with the own unit"],
)
def test_nothing_is_said_where_a_way_may_lead(mode: dict[str, Any], more: dict[str, Any]) -> None:
    assert on_grid(**mode | more | {"rules": mode.get("rules", {}) | more.get("rules", {})}) == []


def test_only_rules_that_close_the_ways_are_named() -> None:
    """U2 and U6 lie in the region of B. That U9 is too far from A, and in no region, closes no way to U3."""
    units = make_units(9, region=("", "east", "", "", "", "east", "", "", ""))
    schools = replace(SPACIOUS, region=("west", "east"))
    rules = {"region": "hard", "max_travel": "hard"}
    (count,) = on_grid(units=units, schools=schools, fixed=WALLED[:1], far=["U9"], rules=rules, **CEILING)
    assert (count.units, set(count.rules)) == (("U3",), {"fixed", "region", "contiguous"})


@pytest.mark.parametrize(("children", "told"), [(10, ["stranded.contiguous"]), (0, [])])
def test_a_unit_without_children_lets_a_way_through_whatever_the_ceiling(children: int, told: list[str]) -> None:
    fixed, rules = [WALLED[0], WALLED[2]], {"max_travel": "hard"}
    counts = on_grid(children=(10, children, *[10] * 7), far=["U2"], fixed=fixed, rules=rules, **CEILING)
    assert [count.key for count in counts] == told
    assert all(set(count.rules) == {"fixed", "max_travel", "contiguous"} for count in counts)


def test_an_estate_that_must_not_go_there_closes_a_way() -> None:
    """U2 may belong to A, but keeps together with U9, which may not: decisions, contiguity and the estate part U3."""
    units = make_units(9, estate=("", "E", *[""] * 6, "E"))
    fixed = [WALLED[0], WALLED[2], ("U9", "A", "never")]
    (count,) = on_grid(units=units, fixed=fixed)
    assert (count.units, set(count.rules)) == (("U3",), {"fixed", "contiguous", "indivisible"})


def test_a_school_that_may_not_have_its_own_unit_reaches_nobody() -> None:
    (count,) = on_grid(fixed=[("U1", "A", "never"), ("U7", "A", "must")])
    assert (count.key, count.units, count.schools) == ("stranded.contiguous", ("U7",), ("A",))
    assert set(count.rules) == {"fixed", "contiguous"}


def test_a_new_unit_that_borders_on_no_catchment_that_stands() -> None:
    """A and B go on sharing U1, and U2 is C's; U3, of no school today, must belong to A."""
    schools = make_schools({"A": 0, "B": 0, "C": 1, "D": 3}, places=np.full(4, 200.0))
    must = Fixed(np.array([2]), ("primary",), np.array([0]), np.array([True]), ("",), ("",))
    current = {"U1": "AB", "U2": "C", "U4": "D"}
    (count,) = counts_of(admit({LOCAL: (10, 10, 10, 10)}, schools=schools, current=current, fixed=must))
    assert (count.key, count.units, count.schools) == ("stranded.contiguous", ("U3",), ("A",))
    assert set(count.rules) == {"fixed", "contiguous", "change"}


def test_a_school_that_cannot_be_done_without_and_may_not_have_its_own_unit() -> None:
    """Neither school holds all ninety, and A may not have its own unit: all can go to B alone, which has 60 places."""
    schools = replace(SPACIOUS, places=np.full(2, 60.0))
    (count,) = on_grid(schools=schools, fixed=[("U1", "A", "never")])
    assert (count.facts["students"], count.facts["places"], count.schools) == (90, 60, ("B",))

"""Units that no school is left to, by the rule that takes the last one, and what stands against a hard rule."""

from dataclasses import replace

import numpy as np
import pytest
from builders import make_district, make_schools, make_travel, make_units
from diagnose.count.counting import counts_of, told
from solve.test_entry import LOCAL, MIGRANT, admit, last_year

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

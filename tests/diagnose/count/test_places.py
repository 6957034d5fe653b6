"""Children against places on U1 U2 U3 U4, a kilometre apart: A stands in U1, B in U4, 60 places each, sums by hand."""

from dataclasses import replace

import numpy as np
import pytest
from admission import make_entry_district
from builders import make_district, make_schools, make_travel, make_units
from diagnose.count.counting import counts_of, told

from models.district import Cohort


def ceiling(metres: float) -> dict[str, object]:
    return {"rules": {"max_travel": "hard"}, "policy": {"travel": {"max_m": {"primary": metres}}}}


@pytest.mark.parametrize(("last", "found"), [(30, []), (31, [("places", 1)])])
def test_all_children_against_all_places(last: int, found: list[tuple[str, float]]) -> None:
    """Three units of 30 and one more against 120 places."""
    district = make_district(students=(30, 30, 30, last), rules={"indivisible": "off"})
    assert told(district) == found


def test_a_corner_is_named_with_its_units_school_and_ceiling() -> None:
    """Within 1,500 m U1 and U2 reach A alone: 40 + 30 children, 60 places. B has places for all."""
    district = make_district(students=(40, 30, 10, 10), **ceiling(1500))
    (count,) = counts_of(district)
    assert (count.key, count.units, count.schools) == ("reach", ("U1", "U2"), ("A",))
    assert count.rules == ("max_travel", "places")
    assert (count.facts["students"], count.facts["places"], count.short) == (70, 60, 10)
    assert count.facts["ceiling"] == 1500
    assert told(make_district(students=(40, 30, 10, 10), **ceiling(2000))) == []


def test_all_children_at_one_corner_are_not_held_against_all_places() -> None:
    """Nobody lives in U3 and U4: that B has 60 places as well helps no one, and is not passed over in silence."""
    (count,) = counts_of(make_district(students=(40, 30, 0, 0), **ceiling(1500)))
    assert (count.key, count.units, count.schools) == ("reach", ("U1", "U2"), ("A",))
    assert count.rules == ("max_travel", "places")


def test_two_corners_are_two_sums_the_shorter_one_last() -> None:
    district = make_district(students=(40, 30, 40, 40), **ceiling(1500))
    assert [(count.schools, count.short) for count in counts_of(district)] == [(("B",), 20), (("A",), 10)]


def test_a_corner_that_is_short_beside_one_with_places_to_spare() -> None:
    """Regions: 70 children of the west on 60 places; the east has 20 on 200. In all there are places enough."""
    units = make_units(region=("west", "west", "east", "east"))
    schools = make_schools(region=("west", "east"), places=np.array([60.0, 200.0]))
    district = make_district(units=units, schools=schools, students=(40, 30, 10, 10), rules={"region": "hard"})
    (count,) = counts_of(district)
    assert (count.key, count.rules, count.short) == ("confined", ("region", "places"), 10)
    assert told(make_district(units=units, schools=schools, students=(40, 20, 10, 10), rules={"region": "hard"})) == []


def test_places_that_stages_share_are_counted_once() -> None:
    """Nine-year schools of 60 places: 70 primary and 55 junior children fit stage by stage, not together."""
    students = {Cohort("primary", "", "local"): (35, 0, 0, 35), Cohort("junior", "", "local"): (25, 0, 0, 30)}
    schools = make_schools(types=("nine_year",) * 2)
    district = make_district(students=students, schools=schools, instance={"stages": ["primary", "junior"]})
    (count,) = counts_of(district)
    assert (count.key, count.facts["stage"], count.short) == ("places", "primary + junior", 5)


def test_school_size_is_told_where_it_is_what_is_short() -> None:
    policy = {"school_size": {"cap": {"primary": 55}}}
    district = make_district(policy=policy, rules={"school_size": "hard"})
    assert [(count.key, count.rules, count.short) for count in counts_of(district)] == [
        ("school_size", ("school_size",), 10)
    ]
    assert told(make_district(policy={"school_size": {"cap": {"primary": 60}}}, rules={"school_size": "hard"})) == []


def test_limits_of_several_kinds_are_all_named() -> None:
    """A has 50 places, B is large for 55 children: 105 of 120."""
    schools = make_schools(places=np.array([50.0, 60.0]))
    district = make_district(
        schools=schools, policy={"school_size": {"cap": {"primary": 55}}}, rules={"school_size": "hard"}
    )
    (count,) = counts_of(district)
    assert (count.key, count.rules, count.short) == ("places_by", ("places", "school_size"), 15)


@pytest.mark.parametrize(("large", "found"), [(60, []), (70, [("too_large", 10)])])
def test_a_unit_larger_than_any_school(large: int, found: list[tuple[str, float]]) -> None:
    assert told(make_district(students=(0, large, 0, 0))) == found
    assert told(make_district(students=(0, large, 0, 0), rules={"indivisible": "off"})) == []


def test_an_estate_larger_than_any_school() -> None:
    """U2 and U3 are one estate of 80."""
    units = make_units(estate=("", "E", "E", ""))
    (count,) = counts_of(make_district(units=units, students=(0, 40, 40, 0)))
    assert (count.key, count.units, count.schools, count.short) == ("too_large", ("U2", "U3"), ("A",), 20)
    assert "indivisible" in count.rules


@pytest.mark.parametrize(("rows", "found"), [((1, 2), []), ((1, 2, 3), [("fixed", 30)])])
def test_decisions_that_overfill_a_school(rows: tuple[int, ...], found: list[tuple[str, float]]) -> None:
    """Units of 30 that must belong to B, with 60 places; A could hold them all."""
    schools = make_schools(places=np.array([200.0, 60.0]))
    fixed = [(f"U{k}", "B", "must") for k in rows]
    assert told(make_district(schools=schools, fixed=fixed, rules={"contiguous": "off"})) == found


@pytest.mark.parametrize(("places", "found"), [(103, []), (102, [("decided", 1)])])
def test_placed_children_are_more_than_a_school_has_places_left(places: int, found: list[tuple[str, float]]) -> None:
    """100 children continue at A, three are placed there; that 130 were there last year is no excuse where strict."""
    district = make_entry_district(
        students={"local": (0, 0, 0, 10), "special": (3, 0, 0, 0)},
        schools=make_schools(places=np.array([float(places), 200.0])),
        decided=[("U1", "A", "must")],
        rules={"strict": True},
    )
    assert told(district) == found


@pytest.mark.parametrize(("overflow", "found"), [("soft", []), ("hard", [("confined", 10)])])
def test_children_who_may_overflow_are_held_to_no_school(overflow: str, found: list[tuple[str, float]]) -> None:
    """U1 and U2 have 110 children and belong to A, where 100 places are free; B has as many."""
    district = make_entry_district(
        students={"local": (60, 50, 10, 10)}, catchments={"change": "none"}, rules={"overflow": overflow}
    )
    assert told(district) == found
    if found:
        assert counts_of(district)[0].rules == ("change", "overflow", "places")


def test_a_school_out_of_reach_has_no_places_for_anyone() -> None:
    district = make_district(students=(40, 30, 10, 10), rules={"contiguous": "off"})
    travel = make_travel(district)
    metres = travel.metres.copy()
    metres[:2, 1] = np.inf
    assert told(district, replace(travel, metres=metres)) == [("alone", 10)]

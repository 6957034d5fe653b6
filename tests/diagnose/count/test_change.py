"""Zoned children who cannot stay at their school of today, against the share who may change, sums by hand."""

import numpy as np
import pytest
from builders import make_district, make_schools
from diagnose.count.counting import counts_of, told

from models.district import Cohort, District

TODAY = {"U1": "A", "U2": "A", "U3": "B", "U4": "B"}


def steady(share: float, **more: object) -> District:
    """120 children; so large a share of them may change."""
    policy = {"stability": {"max_share": share}}
    return make_district(current=TODAY, policy=policy, rules={"stability": "hard"} | more.pop("rules", {}), **more)


@pytest.mark.parametrize(("share", "found"), [(0.5, []), (0.49, [("stability_closed", 2)])])
def test_a_school_that_closes(share: float, found: list[tuple[str, float]]) -> None:
    """A's 60 children change; 0.49 of 120 are 58.8."""
    schools = make_schools(places=np.full(2, 120.0), status=("closed", "open"))
    assert told(steady(share, schools=schools)) == found


def test_a_decision_that_moves_a_unit_is_named() -> None:
    (count,) = counts_of(steady(0.2, schools=make_schools(places=np.full(2, 90.0)), fixed=[("U2", "B", "must")]))
    assert (count.key, count.units, count.rules) == ("stability_closed", ("U2",), ("stability", "fixed"))
    assert (count.facts["students"], count.facts["most"], count.short) == (30, 24, 6)


@pytest.mark.parametrize(("places", "found"), [(40.0, []), (30.0, [("stability_crowded", 6)])])
def test_a_school_that_cannot_hold_its_catchment(places: float, found: list[tuple[str, float]]) -> None:
    """Of A's 60 children 20 or 30 must leave; 24 may. B has places for all."""
    schools = make_schools(places=np.array([places, 120.0]))
    assert told(steady(0.2, schools=schools, rules={"indivisible": "off"})) == found


def test_children_of_no_catchment_leave_before_zoned_ones_are_counted() -> None:
    """30 of A's 60 children must leave, 20 of them may be migrants, who do not count."""
    schools = make_schools(places=np.array([30.0, 120.0]))
    kinds = {Cohort("primary", "", "local"): (20, 20, 30, 30), Cohort("primary", "", "migrant"): (10, 10, 0, 0)}
    more = {
        "schools": schools,
        "students": kinds,
        "categories": {"local": {"zoned": True}, "migrant": {"zoned": False}},
        "rules": {"indivisible": "off"},
    }
    assert told(steady(0.1, **more)) == []
    assert told(steady(0.09, **more)) == [("stability_crowded", 1)]

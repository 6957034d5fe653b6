"""Why a school has the children it has, on the row of four units: A stands in U1, B in U4, 30 children a unit."""

import numpy as np
import pytest
from admission import make_entry_district, make_entry_plan
from builders import make_district, make_plan, make_schools
from explain.bases import WIDE, make_basis, measure_travel

from optimizer.explain import explain_school


def ask(district, schools, school):
    return explain_school(make_basis(district, make_plan(district, measure_travel(district), schools)), school)


def test_a_catchment_its_places_and_its_longest_way():
    answer = ask(make_district(), "AABB", "A")
    assert [(limit.rule, limit.value, limit.limit, limit.binds) for limit in answer.limits] == [
        ("places", 60, 60, True)
    ]
    (stage,) = answer.stages
    assert (stage.units, stage.students, stage.seated, stage.total) == (2, 60, 60, 60)
    assert stage.farthest == ("U2", pytest.approx(WIDE, abs=3), 30)
    assert (stage.nearer_units, stage.nearer, stage.turned_away) == (0, (), ())


def test_units_that_are_nearer_than_to_their_own():
    """U2 is one unit from A and goes two to B; A is full."""
    (stage,) = ask(make_district(students=(60, 30, 30, 0)), "ABBB", "A").stages
    assert (stage.nearer_units, stage.nearer_students) == (1, 30)
    (nearer,) = stage.nearer
    assert (nearer.unit, nearer.school) == ("U2", "B")
    assert [shortfall.rule for shortfall in nearer.move.forbids] == ["places"]


def test_what_changes_against_today():
    today = {"U1": "A", "U2": "B", "U3": "A", "U4": "B"}
    (stage,) = ask(make_district(current=today, catchments={"contiguous": False}), "AABB", "A").stages
    told = [(change.gained, change.school, change.units, change.students) for change in stage.changes]
    assert told == [(True, "B", ("U2",), 30), (False, "B", ("U3",), 30)]


def test_who_was_placed_elsewhere_and_what_the_entry_classes_could_hold():
    """A: 110 places for 100 who stand; 10 of U1 sit in its one class of at most 45, the 10 of U2 at B."""
    district = make_entry_district(
        schools=make_schools(places=np.array([110.0, 300.0])), policy={"class_size": {"cap": {"primary": 45}}}
    )
    seats = [("U1", "local", "A", 10), ("U2", "local", "B", 10), ("U3", "local", "B", 10), ("U4", "local", "B", 10)]
    plan = make_entry_plan(district, measure_travel(district), seats, coordination=[("A", "U2", "local", "B", 10)])
    basis = make_basis(district, plan, ("overflow", "travel"))
    (stage,) = explain_school(basis, "A").stages
    assert (stage.students, stage.seated, stage.guests, stage.total, stage.free) == (20, 10, 0, 110, 35)
    assert stage.turned_away == (("B", 10),)
    (stage,) = explain_school(basis, "School B").stages
    assert (stage.seated, stage.guests) == (30, 10)

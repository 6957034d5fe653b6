"""Why a unit belongs where it does, on the row of four units: A stands in U1, B in U4, 30 children a unit."""

import numpy as np
import pytest
from admission import make_entry_district, make_entry_plan
from builders import make_district, make_plan, make_schools, make_units
from explain.bases import WIDE, make_basis, measure_travel

from models.outcome import Status
from optimizer.explain import NotKnown, explain_unit

ROOMY = {"A": 0, "B": 3}


def roomy(places: float = 200.0):
    return make_schools(ROOMY, places=np.array([places, places]))


def ask(district, schools, unit, **more):
    basis = make_basis(district, make_plan(district, measure_travel(district), schools), **more)
    (stage,) = explain_unit(basis, unit).stages
    return stage


def rules(move):
    return {shortfall.rule for shortfall in move.forbids}


def test_a_nearer_school_is_full():
    """A has 60 places and the 60 children of U1; U2 is one unit from A and two from B."""
    stage = ask(make_district(students=(60, 30, 30, 0)), "ABBB", "U2")
    assert stage.schools == ("B",)
    assert stage.metres == (pytest.approx(2 * WIDE, abs=5),)
    assert stage.passed == ()
    (move,) = stage.moves
    assert (move.school, move.metres, move.students) == ("A", pytest.approx(WIDE, abs=3), 30)
    (shortfall,) = move.forbids
    assert (shortfall.rule, shortfall.where, shortfall.value, shortfall.limit) == ("places", "A", 90, 60)
    # 30 children go one unit less: (0 + 30 · 1 + 30 · 1) / 120 units on average.
    assert move.mean_m == pytest.approx(WIDE / 2, abs=3)
    assert move.used == (1.0, 1.5)
    assert move.used_left == (1.0, 0.5)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "plan"),
        ({"fixed": [("U3", "A", "must")]}, "must"),
        ({"current": {"U1": "A", "U2": "B", "U3": "A", "U4": "B"}}, "today"),
        ({"units": make_units(estate=("E", "", "E", ""))}, "estate"),
        ({"schools": make_schools({"A": 0, "B": 5}), "units": make_units(6), "students": (30,) * 6}, "nearest"),
    ],
)
def test_a_farther_unit_was_admitted(given, why):
    """U3 goes two units to A, while U2, which is one unit from A, goes to B."""
    district = make_district(catchments={"contiguous": False}, **given)
    schools = "ABAB" if len(district.units) == 4 else "ABABBB"
    (passed,) = ask(district, schools, "U2").passed
    assert (passed.school, passed.unit, passed.students, passed.why) == ("A", "U3", 30, why)
    assert (passed.metres, passed.unit_metres) == (pytest.approx(WIDE, abs=3), pytest.approx(2 * WIDE, abs=5))


def test_the_school_stands_in_the_farther_unit():
    """U1 has a point of its own a kilometre and more west of the school that stands in it."""
    units = make_units()
    units = make_units(lon=units.lon - [0.02, 0, 0, 0])
    district = make_district(units=units, schools=roomy(), catchments={"contiguous": False})
    (passed,) = ask(district, "ABBB", "U2").passed
    assert (passed.unit, passed.why) == ("U1", "own_unit")


@pytest.mark.parametrize(("schools", "students", "why"), [("DCCCCD", 30, "plan"), ("DCCCCC", 0, "between")])
def test_a_bridge_in_a_catchment(schools, students, why):
    """C stands in U2 and has U5, three units away; where it has U6 too, that hangs on U5. U1 is next to C."""
    sites = make_schools({"C": 1, "D": 5}, places=np.array([200.0, 200.0]))
    district = make_district(units=make_units(6), schools=sites, students=(30, 30, 30, 30, 30, students))
    (passed,) = ask(district, schools, "U1").passed
    assert (passed.unit, passed.why, passed.count) == ("U5", why, 2)


def test_contiguity_forbids():
    (move,) = ask(make_district(schools=roomy()), "AABB", "U4").moves
    assert rules(move) == {"contiguous"}
    assert move.turn is None


def test_a_ceiling_forbids():
    district = make_district(
        schools=roomy(), policy={"travel": {"max_m": {"primary": 1500}}}, rules={"max_travel": "hard"}
    )
    (move,) = ask(district, "AABB", "U2").moves
    assert rules(move) == {"max_travel"}


def test_a_decision_forbids():
    stage = ask(make_district(schools=roomy(), fixed=[("U2", "A", "must")]), "AABB", "U2")
    assert stage.must
    assert rules(stage.moves[0]) == {"fixed"}


def test_a_kept_catchment_forbids():
    today = {"U1": "A", "U2": "A", "U3": "B", "U4": "B"}
    stage = ask(make_district(schools=roomy(), current=today, catchments={"change": "none"}), "AABB", "U2")
    assert stage.today == ("A",)
    assert rules(stage.moves[0]) == {"change"}


def test_nothing_forbids_and_an_earlier_level_is_worse():
    today = {"U1": "A", "U2": "A", "U3": "B", "U4": "B"}
    district = make_district(schools=roomy(), current=today)
    (move,) = ask(district, "AABB", "U2", levels=("stability", "travel")).moves
    assert move.forbids == ()
    assert (move.turn.level, move.turn.before, move.turn.after, move.turn.is_worse) == ("stability", 0, 30, True)


def test_a_better_move_is_told():
    stage = ask(make_district(schools=roomy()), "ABBB", "U2", status=Status.FEASIBLE)
    assert (stage.moves[0].turn.level, stage.moves[0].turn.is_worse) == ("travel", False)


def test_an_estate_goes_as_a_whole():
    district = make_district(units=make_units(estate=("", "E", "E", "")), schools=roomy())
    (move,) = ask(district, "AAAB", "U2").moves
    assert (move.with_units, move.students, move.forbids) == (("U3",), 60, ())


def entry(guests, places):
    """U1 is A's, all others B's; guests of U1 sit at A, where 100 children stand."""
    district = make_entry_district(
        students={"local": (10, 10, 10, 10), "migrant": (guests, 0, 0, 0)},
        schools=make_schools(places=np.array([places, 300.0])),
        rules={"stability": "off", "strict": True},
    )
    seats = [("U1", "local", "A", 10), ("U1", "migrant", "A", guests)]
    seats += [(unit, "local", "B", 10) for unit in ("U2", "U3", "U4")]
    drawn = {"U1": "A", "U2": "B", "U3": "B", "U4": "B"}
    plan = make_entry_plan(district, measure_travel(district), seats, catchments=drawn)
    (stage,) = explain_unit(make_basis(district, plan, ("overflow", "travel")), "U2").stages
    (move,) = stage.moves
    return move


def test_guests_give_way_to_the_children_of_a_catchment():
    """A has 120 places: 100 stand, 10 of U1 and 10 guests. The 10 of U2 fit when the guests go."""
    move = entry(guests=10, places=120.0)
    assert (move.forbids, move.guests, move.students, move.beyond) == ((), 10, 20, 0)
    assert move.used == (1.0, 1.0)
    assert (move.turn.level, move.turn.is_worse) == ("travel", True)


def test_classes_too_are_those_of_the_children_who_stay_when_guests_give_way():
    """A has one track: 20 children at most enter, 10 of U1 and 10 guests. The 10 of U2 fit when the guests go."""
    district = make_entry_district(
        students={"local": (10, 10, 10, 10), "migrant": (10, 0, 0, 0)},
        schools=make_schools(places=np.array([300.0, 300.0]), classes_per_grade={"primary": np.array([1.0, 9.0])}),
        policy={"class_size": {"cap": {"primary": 20}}},
        rules={"stability": "off", "tracks": "hard", "class_size": "hard", "strict": True},
    )
    seats = [("U1", "local", "A", 10), ("U1", "migrant", "A", 10)]
    seats += [(unit, "local", "B", 10) for unit in ("U2", "U3", "U4")]
    drawn = {"U1": "A", "U2": "B", "U3": "B", "U4": "B"}
    travel = measure_travel(district)
    plan = make_entry_plan(district, travel, seats, catchments=drawn, classes=[("A", 1), ("B", 2)])
    (stage,) = explain_unit(make_basis(district, plan, ("overflow", "travel")), "U2").stages
    assert (stage.moves[0].forbids, stage.moves[0].guests) == ((), 10)


def test_too_few_guests_make_no_room():
    """A has 114 places: 100 stand, 10 of U1 and 4 guests. Of the 10 of U2 six stay without a place."""
    move = entry(guests=4, places=114.0)
    assert rules(move) == {"places"}
    assert (move.guests, move.beyond) == (4, 6)


def test_children_placed_elsewhere_are_told_with_the_school_that_is_full():
    """A has 110 places for 100 who stand and 10 of U1: the 10 of U2 sit at B."""
    district = make_entry_district(schools=make_schools(places=np.array([110.0, 300.0])))
    seats = [("U1", "local", "A", 10), ("U2", "local", "B", 10), ("U3", "local", "B", 10), ("U4", "local", "B", 10)]
    plan = make_entry_plan(district, measure_travel(district), seats, coordination=[("A", "U2", "local", "B", 10)])
    (stage,) = explain_unit(make_basis(district, plan, ("overflow", "travel")), "U2").stages
    (seat,) = stage.seats
    assert (seat.school, seat.students, seat.outside) == ("B", 10, True)
    assert stage.schools == ("A",)
    assert (stage.full.school, stage.full.students, stage.full.places, stage.full.classes) == ("A", 110, 110, 1)


def test_a_unit_may_be_named_if_one_alone_is_called_so():
    district = make_district(units=make_units(names=("East", "West", "East", "North")))
    basis = make_basis(district, make_plan(district, measure_travel(district), "AABB"))
    assert explain_unit(basis, "West").unit == "U2"
    with pytest.raises(NotKnown) as raised:
        explain_unit(basis, "East")
    assert (raised.value.several, raised.value.near) == (True, ("U1", "U3"))
    with pytest.raises(NotKnown) as raised:
        explain_unit(basis, "U22")
    assert "U2" in raised.value.near

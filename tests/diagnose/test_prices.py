"""What one more is worth in the row of four units: A in U1, B in U4, one kilometre between neighbouring units."""

from dataclasses import replace

import numpy as np
import pytest
from admission import at_home, make_entry_district, make_entry_plan
from builders import make_district, make_plan, make_schools, make_travel

from optimizer.diagnose.attempt import Case
from optimizer.diagnose.binding import find_bindings, stand
from optimizer.diagnose.prices import price_rooms
from optimizer.solve import Effort


def price(district, plan):
    travel = make_travel(district)
    standing = stand(district, travel, plan)
    case = Case(district.folder, "base", district, travel)
    return price_rooms(case, plan, standing, find_bindings(standing), Effort(20.0, None, lambda: False))


def of_plan(district, schools):
    return price(district, make_plan(district, make_travel(district), schools))


def row(a, b, students=(40, 40, 40, 40)):
    return make_district(schools=make_schools(places=np.array([a, b], dtype=float)), students=students)


class TestPlaces:
    """40 children in every unit. A has room for U1 alone; U2 goes to B, 2 km, with U3 and U4."""

    def test_places_bring_a_unit_to_the_school_that_is_nearer(self):
        (found,) = of_plan(row(40, 120), "ABBB")
        assert (found.lever, found.where, found.student_km) == ("places", "A", pytest.approx(40.0))
        assert found.patch == {"schools": {"A": {"places": 80}}}
        assert {name: found.facts[name] for name in ("children", "before_m", "after_m", "size")} == {
            "children": 40,
            "before_m": 2000,
            "after_m": 1000,
            "size": 40,
        }
        changes = [{"school": "A", "name": "School A", "cell": "places", "before": 40, "after": 80}]
        assert found.facts["changes"] == changes

    def test_places_that_nobody_needs_have_no_price(self):
        assert of_plan(row(80, 80), "AABB") == ()

    def test_what_needs_no_places_is_not_theirs(self):
        """U2 could come to A as it is: a better plan, but no worth of places."""
        assert of_plan(row(80, 160), "ABBB") == ()

    def test_what_saves_most_comes_first(self):
        """All go to A. B is 3 km nearer to the 40 children of U4, C 1 km nearer to them, and to 20 in U2."""
        schools = make_schools({"A": 0, "B": 3, "C": 1}, places=np.array([200.0, 20.0, 10.0]))
        pieces = {"contiguous": False}
        found = of_plan(make_district(schools=schools, students=(40, 20, 0, 40), catchments=pieces), "AAAA")
        assert [(each.where, each.student_km) for each in found] == [
            ("B", pytest.approx(120)),
            ("C", pytest.approx(40)),
        ]


CATCHMENTS = {"U1": "A", "U2": "B", "U3": "B", "U4": "B"}


def entry(*, change="free", order=("overflow", "travel"), **more):
    """40 children enter from each unit; a class holds 40. A has room for one first class, B for more."""
    return make_entry_district(
        students={"local": (40,) * 4},
        schools=make_schools(places=np.full(2, np.nan), classrooms=np.array([6.0, 30.0])),
        policy={"class_size": {"cap": {"primary": 40}}},
        rules={"class_size": "hard", "classrooms": "hard", "tracks": "off"},
        catchments={"change": change},
        objective={"order": list(order)},
        **more,
    )


class TestClasses:
    def test_one_more_class_brings_40_children_from_2_km_to_1_km(self):
        district = entry()
        travel = make_travel(district)
        seats = at_home(district, CATCHMENTS)
        plan = make_entry_plan(district, travel, seats, catchments=CATCHMENTS, classes=[("A", 1), ("B", 3)])
        (found,) = price(district, plan)
        assert (found.lever, found.where, found.student_km) == ("class", "A", pytest.approx(40.0))
        assert found.patch == {"schools": {"A": {"classrooms": 7}}}
        assert (found.facts["children"], found.facts["before_m"], found.facts["after_m"]) == (40, 2000, 1000)
        assert found.facts["differs"] == {"travel": pytest.approx(40.0)}

    def test_one_more_class_brings_children_back_to_their_catchment(self):
        """Catchments stay: U1 and U2 belong to A, which has a class for 40 of the 80; the others are placed at B."""
        district = entry(change="none")
        travel = make_travel(district)
        seats = [("U1", "local", "A", 40), ("U2", "local", "B", 40), ("U3", "local", "B", 40), ("U4", "local", "B", 40)]
        coordination = [("A", "U2", "local", "B", 40)]
        plan = make_entry_plan(district, travel, seats, coordination=coordination, classes=[("A", 1), ("B", 3)])
        (found,) = price(district, plan)
        assert found.facts["differs"] == {"overflow": 40.0, "travel": pytest.approx(40.0)}

    def test_one_more_class_lets_children_stay_at_the_school_of_today(self):
        """U1 and U2 belong to A today; U2 went to B for want of room, with 40 children who change school."""
        district = entry(order=["overflow", "stability", "travel"])
        travel = make_travel(district)
        seats = at_home(district, CATCHMENTS)
        plan = make_entry_plan(district, travel, seats, catchments=CATCHMENTS, classes=[("A", 1), ("B", 3)])
        (found,) = price(district, plan)
        assert found.facts["differs"] == {"stability": 40.0, "travel": pytest.approx(40.0)}

    def test_a_class_asks_for_tracks_and_rooms_alike(self):
        """One track in 6 rooms; a second first class needs a second track, and a seventh room."""
        district = entry()
        settings = district.settings
        rules = settings.rules.model_copy(update={"tracks": "hard"})
        tracks = settings.policy.model_copy(update={"tracks": settings.policy.tracks.model_copy(update={"horizon": 1})})
        district = replace(district, settings=settings.model_copy(update={"rules": rules, "policy": tracks}))
        travel = make_travel(district)
        seats = at_home(district, CATCHMENTS)
        schools = replace(district.schools, classes_per_grade={"primary": np.array([1.0, 5.0])})
        district = replace(district, schools=schools)
        plan = make_entry_plan(district, travel, seats, catchments=CATCHMENTS, classes=[("A", 1), ("B", 3)])
        (found,) = price(district, plan)
        assert found.patch == {"schools": {"A": {"classrooms": 7, "classes_per_grade_primary": 2}}}

"""The indices of an admission year, worked out by hand. The district is in admission.py.

U1  U2  U3  U4      10 local children enter in each unit, 6 migrant ones live in U2; A in U1, B in U4.
100 children continue at A and at B, in five classes of 20 each.
"""

from dataclasses import replace

import numpy as np
import pytest
from admission import LAST_YEAR, TODAY, at_home, make_entry_district, make_entry_plan
from builders import make_district, make_plan, make_schools, make_travel
from indices.lookup import value, verdict

from models.district import Cohort
from optimizer.indices import compute_indices, title_of

STUDENTS = {"local": (10, 10, 10, 10), "migrant": (0, 6, 0, 0)}


def table(district, seats=None, **tables):
    travel = make_travel(district)
    seats = at_home(district) if seats is None else seats
    return compute_indices(district, travel, make_entry_plan(district, travel, seats, **tables))


def test_admitted_to_the_school_of_their_own_catchment():
    """Three of 40 local children sit elsewhere; where the migrant ones sit does not matter."""
    seats = [*at_home(make_entry_district())[:1], ("U2", "local", "A", 7), ("U2", "local", "B", 3),
             *at_home(make_entry_district())[2:], ("U2", "migrant", "B", 6)]  # fmt: skip
    frame = table(make_entry_district(students=STUDENTS), seats)
    assert value(frame, "own_catchment_share") == 37 / 40
    assert verdict(frame, "own_catchment_share") == (1.0, "false")
    assert verdict(table(make_entry_district()), "own_catchment_share") == (1.0, "true")


def test_migrant_children_in_public_or_purchased_places():
    """Six are decided and two went to private schools of their own accord: 6 / 8 in public places."""
    district = make_entry_district(students=STUDENTS)
    aside = np.zeros_like(district.demand.students)
    aside[1, 1] = 2
    some_aside = replace(district, demand=replace(district.demand, aside=aside))
    assert value(table(some_aside), "migrant_public_share") == 6 / 8
    assert verdict(table(some_aside), "migrant_public_share", "") == (0.85, "false")
    assert verdict(table(district), "migrant_public_share", "") == (0.85, "true")


def test_places_that_nobody_purchased_do_not_count():
    """All six at the private school P, which sold five places."""
    schools = make_schools(
        {"A": 0, "B": 3, "P": 2},
        places=np.full(3, 200.0),
        private=np.array([False, False, True]),
        purchased_places=np.array([np.nan, np.nan, 5.0]),
    )
    district = make_entry_district(students=STUDENTS, schools=schools)
    seats = [seat for seat in at_home(district) if seat[1] == "local"]
    frame = table(district, [*seats, ("U2", "migrant", "P", 6)], classes=[("A", 1), ("B", 1), ("P", 1)])
    assert value(frame, "migrant_public_share") == 5 / 6


def test_placed_children_who_sit_where_it_was_decided():
    """Of four special children three sit at B, as decided, and one at A."""
    students = {"local": (10, 10, 10, 10), "special": (4, 0, 0, 0)}
    district = make_entry_district(students=students, decided=[("U1", "B", "must")])
    seats = [seat for seat in at_home(district) if seat[1] == "local"]
    frame = table(district, [*seats, ("U1", "special", "B", 3), ("U1", "special", "A", 1)])
    assert value(frame, "special_placed_share") == 3 / 4
    assert verdict(frame, "special_placed_share", "") == (0.95, "false")


def test_what_nobody_asks_has_no_row():
    frame = table(make_entry_district())
    assert value(frame, "migrant_public_share") is value(frame, "special_placed_share") is None
    whole = make_district()
    frame = compute_indices(whole, make_travel(whole), make_plan(whole, make_travel(whole), "AABB"))
    assert value(frame, "own_catchment_share") is value(frame, "small_classes_40_all_share", stage="") is None


@pytest.mark.parametrize(("junior", "split"), [("AABB", 0), ("ABBB", 1), ("ABAB", 2), ("BBBB", 0)])
def test_primary_schools_split_between_junior_schools(junior, split):
    """A has U1 and U2 as a primary school, B the others; both are nine-year schools."""
    students = {Cohort("primary", "", "local"): (30, 30, 30, 30), Cohort("junior", "", "local"): (9, 9, 9, 9)}
    district = make_district(
        instance={"stages": ["primary", "junior"]},
        students=students,
        schools=make_schools(types=("nine_year", "nine_year")),
    )
    travel = make_travel(district)
    frame = compute_indices(district, travel, make_plan(district, travel, {"primary": "AABB", "junior": junior}))
    assert value(frame, "split_feeders", stage="") == split


def test_a_unit_without_children_splits_no_primary_school():
    students = {Cohort("primary", "", "local"): (30, 0, 30, 30), Cohort("junior", "", "local"): (9, 0, 9, 9)}
    district = make_district(
        instance={"stages": ["primary", "junior"]},
        students=students,
        schools=make_schools(types=("nine_year", "nine_year")),
    )
    travel = make_travel(district)
    frame = compute_indices(district, travel, make_plan(district, travel, {"primary": "AABB", "junior": "ABBB"}))
    assert value(frame, "split_feeders", stage="") == 0


def test_utilisation_counts_who_continues():
    frame = table(make_entry_district())
    assert value(frame, "school_utilisation", "A") == 120 / 200
    assert value(frame, "students", "A") == 120
    assert value(frame, "classes", "A") == 6
    assert value(frame, "mean_class_size") == 240 / 12


@pytest.mark.parametrize(("entering", "share", "year"), [(20, 0.5, 2029), (41, 0.5, 2032), (41, 0.75, None)])
def test_the_year_in_which_the_whole_reaches_the_target(entering, share, year):
    """Ten classes of 50 continue. Each year two small ones enter: 2/12, 4/12; or one beside one of 41: 1/12, 2/12."""
    enrolled = [(school, stage, grade, 50, 1) for school, stage, grade, _, _ in LAST_YEAR]
    targets = {"targets": [{"max_size": 40, "share": share}]}
    district = make_entry_district(students={"local": (entering, 0, 0, 20)}, enrolled=enrolled,
                                   policy={"class_size": targets})  # fmt: skip
    assert value(table(district), "small_classes_40_year", stage="") == year


def test_small_classes_of_those_decided_and_of_all():
    """41 enter A in one class and 20 B; five classes of 20 continue at each, but for one of 41 at A."""
    enrolled = [(a, s, g, 41 if (a, g) == ("A", "3") else n, k) for a, s, g, n, k in LAST_YEAR]
    targets = {"targets": [{"max_size": 40, "share": 0.5}]}
    district = make_entry_district(students={"local": (41, 0, 0, 20)}, enrolled=enrolled,
                                   policy={"class_size": targets})  # fmt: skip
    frame = table(district)
    assert value(frame, "small_classes_40_share", stage="") == 1 / 2
    assert verdict(frame, "small_classes_40_share", "") == (0.5, "true")
    assert value(frame, "small_classes_40_all_share", stage="") == 10 / 12
    assert value(frame, "small_classes_40_decided_share", stage="") is None
    everything = replace(
        district, settings=make_entry_district(policy={"class_size": targets | {"targets_apply": "all"}}).settings
    )
    frame = table(everything)
    assert value(frame, "small_classes_40_share", stage="") == 10 / 12
    assert value(frame, "small_classes_40_decided_share", stage="") == 1 / 2
    assert title_of("small_classes_40_all_share") == "Classes of at most 40 children, continuing ones included"


def test_farther_than_today_asks_only_who_follows_a_catchment():
    """U3 given to A: 10 children go 2 km instead of 1. The migrant ones of U2, sent to B, had no catchment."""
    new = TODAY | {"U3": "A"}
    district = make_entry_district(students=STUDENTS)
    seats = [seat for seat in at_home(district, new) if seat[1] == "local"]
    frame = table(district, [*seats, ("U2", "migrant", "B", 6)], catchments=new)
    assert value(frame, "farther_students") == 10
    assert value(frame, "changed_students") == 10


def test_both_schools_of_a_shared_catchment_take_its_children():
    """U2 and U3 are shared: nobody who lives nearer to a school is refused there."""
    shared = {"U1": "A", "U2": "BA", "U3": "AB", "U4": "B"}
    frame = table(make_entry_district(current=shared), catchments=shared)
    assert value(frame, "nearer_refused_students") == 0

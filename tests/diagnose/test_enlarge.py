"""What schools lack for the children of the row of four units: A in U1, B in U4, 60 places each; sums by hand."""

import math

import numpy as np
import pytest
from admission import make_entry_district
from builders import make_district, make_schools, make_travel, make_units

from models.district import District
from optimizer.diagnose.attempt import Case
from optimizer.diagnose.enlarge import Cells, Load, enlarge
from optimizer.diagnose.spread import find_lack


def case_of(district: District) -> Case:
    return Case(district.folder, "base", district, make_travel(district))


def needs(district: District, enrolment: list[list[int]], classes: list[list[int]]) -> Cells:
    load = Load(np.array(enrolment, dtype=np.int64), np.array(classes, dtype=np.int64).reshape(2, -1))
    return enlarge(case_of(district), load, {0, 1})


@pytest.mark.parametrize("scale", [0.8, 1.0, 1.25])
def test_places_count_as_far_as_they_are_filled(scale: float) -> None:
    """90 children at A, where places are filled to a share; 30 at B fit in any case."""
    district = make_district(policy={"places_scale": scale})
    assert needs(district, [[90], [30]], [[], []]) == {"A": {"places": math.ceil(90 / scale)}}


def test_what_a_school_has_already_is_enough() -> None:
    assert needs(make_district(), [[60], [60]], [[], []]) == {}


def test_a_class_that_lasts_takes_rooms_in_the_years_to_come() -> None:
    """Five classes go on at each school, one of grade 6 leaving a year. Two first classes now, and two in each of the
    next two years: 7, then 5 - 1 + 4 = 8, then 5 - 2 + 6 = 9 rooms; A has six and one track."""
    schools = make_schools(
        places=np.full(2, np.nan), classrooms=np.array([6.0, 30.0]), classes_per_grade={"primary": np.array([1.0, 9.0])}
    )
    district = make_entry_district(
        schools=schools,
        policy={"class_size": {"cap": {"primary": 40}}, "tracks": {"horizon": 3}},
        rules={"class_size": "hard", "classrooms": "hard", "tracks": "hard"},
    )
    assert needs(district, [[80], [0]], [[2], [0]]) == {"A": {"classrooms": 9, "classes_per_grade_primary": 2}}


def test_the_least_is_what_the_district_lacks() -> None:
    """150 children on 120 places: 30 more at A, where they are nearest, or as many as B alone must have."""
    case = case_of(make_district(students=(50, 40, 30, 30), catchments={"contiguous": False}))
    everywhere = find_lack(case, {"places": {0, 1}})
    assert everywhere is not None and everywhere.least == {"A": {"places": 90}}
    at_b = find_lack(case, {"places": {1}})
    assert at_b is not None and at_b.least == {"B": {"places": 90}}


def test_what_a_soft_rule_counts_is_no_lack_of_room() -> None:
    """As above, and 150 children more than 500 m from either school count as breaches: the lack stays 30."""
    policy, rules = {"travel": {"max_m": {"primary": 500}}}, {"max_travel": "soft"}
    district = make_district(students=(0, 75, 75, 0), catchments={"contiguous": False}, policy=policy, rules=rules)
    lack = find_lack(case_of(district), {"places": {0, 1}})
    assert lack is not None and sum(cells["places"] for cells in lack.least.values()) == 60 + 60 + 30


def test_nothing_is_enough_where_another_school_is_too_small() -> None:
    """100 children of the west may go to A alone; however much B is given, A has 60 places."""
    units, schools = make_units(region=("west", "west", "east", "east")), make_schools(region=("west", "east"))
    district = make_district(units=units, students=(50, 50, 0, 0), schools=schools, rules={"region": "hard"})
    assert find_lack(case_of(district), {"places": {1}}) is None

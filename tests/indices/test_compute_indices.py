"""Every index on the row of four units, worked out by hand.

U1  U2  U3  U4      30 children each unless said otherwise; A in U1, B in U4; one kilometre a unit.
"""

import tomllib
from importlib.resources import files

import numpy as np
import pytest
from builders import make_district, make_plan, make_schools, make_travel, make_units
from indices.lookup import value, verdict

from models.district import Cohort
from models.run import INDEX_COLUMNS
from optimizer.indices import INDICES, compute_indices, title_of

OF_STAFF = ("lessons_short", "staff_per_class")
SMALL = ("small_classes_share", "small_classes_all_share", "small_classes_decided_share", "small_classes_year")


def table(district, schools="AABB", classes=None):
    travel = make_travel(district)
    return compute_indices(district, travel, make_plan(district, travel, schools, classes))


def test_columns():
    assert tuple(table(make_district()).columns) == INDEX_COLUMNS


def test_journeys():
    """10, 20, 30 and 40 children go 0, 1000, 1000 and 0 m with AABB: 50 of 100 children 1000 m."""
    frame = table(make_district(students=(10, 20, 30, 40), schools=make_schools(places=np.full(2, 100.0))))
    assert value(frame, "student_km") == 50
    assert value(frame, "mean_m") == 500
    assert value(frame, "median_m") == 0
    assert value(frame, "p95_m") == 1000
    assert value(frame, "max_m") == 1000
    assert value(frame, "within_radius_share") == 0.5
    assert value(frame, "school_mean_m", "A") == pytest.approx(1000 * 20 / 30)
    assert value(frame, "mean_m", stage="") == 500


def test_the_radius_is_the_policy_s_where_it_has_one():
    frame = table(make_district(policy={"travel": {"target_m": {"primary": 1000}, "max_m": {"primary": 900}}}))
    assert value(frame, "within_radius_share") == 1.0
    assert verdict(frame, "max_m") == (900, "false")


def test_two_stages_are_shown_apart_and_together():
    students = {Cohort("primary", "", "local"): (60, 0, 0, 0), Cohort("junior", "", "local"): (0, 30, 0, 0)}
    district = make_district(
        instance={"stages": ["primary", "junior"]},
        students=students,
        schools=make_schools(types=("nine_year", "nine_year"), places=np.array([180.0, 60.0])),
    )
    frame = table(district, "AAAB")
    assert value(frame, "mean_m", stage="junior") == 1000
    assert value(frame, "mean_m", stage="") == pytest.approx(1000 * 30 / 90)
    # A has 90 children in 180 places: each stage is half full, so 120 places are primary's and 60 junior's
    assert value(frame, "school_utilisation", "A") == 0.5
    assert value(frame, "school_utilisation", "A", "junior") == 0.5


def test_what_is_only_asked_against_today():
    assert value(table(make_district()), "changed_units") is None
    # today U2 and U3 both belong to B (2 and 1 km); the plan gives both to A (1 and 2 km)
    district = make_district(
        current={"U1": "A", "U2": "B", "U3": "B", "U4": "B"},
        catchments={"change": "free"},
        policy={"stability": {"max_share": 0.4}},
    )
    frame = table(district, "AAAB")
    assert value(frame, "changed_units") == 2
    assert value(frame, "changed_students") == 60
    assert value(frame, "changed_share") == 0.5
    assert verdict(frame, "changed_share", "") == (0.4, "false")
    assert value(frame, "farther_students") == 30
    assert value(frame, "longest_increase_m") == 1000


def test_nearer_children_refused():
    """A takes U1 and U4 (3 km) and refuses U2 (1 km) and U3 (2 km), which B, 2 and 1 km away, takes.

    U2 loses by it (2 km instead of 1), U3 does not (1 km instead of 2). B takes U3 (1 km) and U2 (2 km) and refuses
    U4, which stands at its door and goes 3 km.
    """
    frame = table(make_district(), "ABBA")
    assert value(frame, "nearer_refused_students") == 90
    assert value(frame, "passed_over_students") == 60
    frame = table(make_district(), "AABB")
    assert (value(frame, "nearer_refused_students"), value(frame, "passed_over_students")) == (0, 0)


def test_places():
    schools = make_schools(places=np.array([120.0, 50.0]))
    frame = table(make_district(schools=schools, policy={"balance": {"cv_max": {"primary": 0.5}}}))
    assert value(frame, "utilisation") == pytest.approx(120 / 170)
    assert value(frame, "max_utilisation") == 1.2
    assert value(frame, "overfull_schools") == 1
    # 0.5 and 1.2 with equal enrolment: mean 0.85, S = 0.35
    assert value(frame, "utilisation_cv") == pytest.approx(0.35 / 0.85)
    assert verdict(frame, "utilisation_cv") == (0.5, "true")
    assert value(frame, "students", "A") == 60


def test_school_size_counts_the_grades_1_to_9():
    policy = {"school_size": {"cap": {"primary": 59}}}
    assert value(table(make_district(policy=policy)), "oversize_schools", stage="") == 2
    assert value(table(make_district()), "oversize_schools", stage="") is None


def test_classes():
    """81 children in two classes (41, 40) at A; 112 in two classes of 56 and 66 in one at B."""
    students = {
        Cohort("primary", "1", "local"): (81, 0, 0, 112),
        Cohort("primary", "2", "local"): (0, 0, 0, 66),
    }
    classes = [("A", "primary", "1", 81, 2), ("B", "primary", "1", 112, 2), ("B", "primary", "2", 66, 1)]
    policy = {"class_size": {"targets": [{"max_size": 40, "share": 0.2}, {"max_size": 50, "share": 0.9}]}}
    district = make_district(students=students, schools=make_schools(places=np.full(2, np.nan)), policy=policy)
    frame = table(district, classes=classes)
    assert value(frame, "mean_class_size") == pytest.approx(259 / 5)
    assert value(frame, "largest_class") == 66
    assert value(frame, "large_classes") == 3
    assert value(frame, "very_large_classes") == 1
    assert verdict(frame, "large_classes", "") == (0, "false")
    assert value(frame, "small_classes_40_share") == 0.2
    assert value(frame, "small_classes_35_share") == 0
    assert verdict(frame, "small_classes_40_share", "") == (0.2, "true")
    assert verdict(frame, "small_classes_50_share", "") == (0.9, "false")
    # A 40.5 a class with 81 children, B 178/3 with 178
    mean = (81 * 40.5 + 178 * 178 / 3) / 259
    spread = np.sqrt((81 * (40.5 - mean) ** 2 + 178 * (178 / 3 - mean) ** 2) / 259)
    assert value(frame, "class_size_cv") == pytest.approx(spread / mean)
    assert value(frame, "school_class_size", "A") == 40.5


def test_compactness():
    """One square has 4 π / 16; A of one unit and B of three, about as wide as 3 by 1.15."""
    frame = table(make_district(), "ABBB")
    # at 30.2 N, 0.01 degree is 963 m by 1109 m
    assert value(frame, "school_compactness", "A") == pytest.approx(np.pi * 963 * 1109 / (963 + 1109) ** 2, rel=1e-2)
    assert value(frame, "school_compactness", "B") == pytest.approx(np.pi * 2889 * 1109 / (2889 + 1109) ** 2, rel=1e-2)
    points = make_district(units=make_units(geometry=None))
    assert value(table(points), "compactness") is None


def test_every_index_has_a_title_in_both_languages_and_a_formula():
    for language in ("en", "zh"):
        text = files("models").joinpath("sentences", language, "indices.toml").read_text(encoding="utf-8")
        assert set(tomllib.loads(text)) == {*INDICES, *SMALL, *OF_STAFF}
    assert all(index.formula for index in INDICES.values())
    assert title_of("small_classes_40_share") == "Classes of at most 40 children"
    assert title_of("mean_m", "zh") == "平均就学距离"

"""The seven resource indicators, the rule of six of seven, and how schools of several stages are divided.

Schools A and B with 100 primary children each in one grade, unless said otherwise.
"""

import numpy as np
import pytest
from builders import make_schools
from indices.lookup import value, verdict
from postings import make_pool, make_staff_plan

from optimizer.indices import compute_staff_indices
from optimizer.indices.balance import divide_shared

HUNDRED = [("A", "primary", "1", 100, 2), ("B", "primary", "1", 100, 2)]
PLENTY = {
    "teaching_area": np.array([450.0, 900.0]),
    "sports_area": np.array([750.0, 750.0]),
    "equipment": np.array([200_000.0, 300_000.0]),
    "multimedia_rooms": np.array([2.3, 4.6]),
}
"""At A each is exactly the threshold of a primary school of a hundred: 4.5 and 7.5 m2, 2,000 yuan, 2.3 rooms."""
ENOUGH = [{"subject": "music", "backbone": True, "degree": "associate"}] * 5
"""Five teachers: 5 per 100 with a degree (4.2 asked for), 5 backbone (1), 5 of PE and arts (0.9)."""


def table(rows, posts=None, *, classes=HUNDRED, **more):
    district = make_pool(rows, **more)
    return compute_staff_indices(district, make_staff_plan(district, posts, classes=classes))


def both(rows):
    return [*rows, *({**row, "school": "B"} for row in rows)]


def test_the_published_example_of_a_nine_year_school():
    """166 primary and 210 junior children share 23,226 books: 58.504 for a weighted child, 9,711.6 and 13,514.4."""
    parts = divide_shared("nine_year", 23226.0, {"primary": 166, "junior": 210})
    assert parts["primary"] == pytest.approx(9711.6, abs=0.05)
    assert parts["junior"] == pytest.approx(13514.4, abs=0.05)
    assert parts["primary"] / 166 == pytest.approx(58.504, abs=5e-4)


def test_other_schools_of_several_stages():
    assert divide_shared("twelve_year", 342.0, {"primary": 100, "junior": 100, "senior": 100}) == pytest.approx(
        {"primary": 100.0, "junior": 110.0, "senior": 132.0}
    )
    assert divide_shared("full_secondary", 220.0, {"junior": 100, "senior": 100}) == pytest.approx(
        {"junior": 100.0, "senior": 120.0}
    )
    assert divide_shared("primary", 70.0, {"primary": 7}) == {"primary": 70.0}


def test_a_stage_whose_children_are_not_known_leaves_the_rest_unknown():
    assert np.isnan(divide_shared("twelve_year", 342.0, {"primary": 100, "junior": 100})["primary"])
    assert np.isnan(divide_shared("primary", 70.0, {"primary": 0})["primary"])


def test_teachers_count_where_they_work_before_and_after():
    """Two backbone teachers at A: 2 and 0 per 100, CV 1; one is moved: 1 and 1, CV 0."""
    frame = table([{"backbone": True}, {"backbone": True}], {"T1": ("B", "rotation")})
    assert value(frame, "school_backbone_before", "A") == 2
    assert value(frame, "school_backbone", "B") == 1
    assert value(frame, "backbone_cv_before") == pytest.approx(1)
    assert verdict(frame, "backbone_cv_before") == (0.5, "false")
    assert value(frame, "backbone_cv") == 0
    assert verdict(frame, "backbone_cv") == (0.5, "true")


def test_schools_are_weighed_by_their_children():
    """100 children with 4 rooms, 300 with 4: mean 2 per 100, x = 4 and 4/3, S² = ¼ · 4 + ¾ · 4/9 = 4/3."""
    classes = [HUNDRED[0], ("B", "primary", "1", 300, 6)]
    schools = make_schools(resources={"multimedia_rooms": np.array([4.0, 4.0])})
    frame = table([{}], schools=schools, classes=classes)
    assert value(frame, "multimedia_rooms_cv") == pytest.approx(np.sqrt(4 / 3) / 2)
    assert value(frame, "school_multimedia_rooms", "B") == pytest.approx(4 / 3)
    assert value(frame, "equipment_cv") is None


def test_a_degree_counts_by_the_stage_that_is_taught():
    """An associate degree is above what primary schools ask for, and not above what junior ones do."""
    nine = make_schools(types=("nine_year", "nine_year"))
    classes = [*HUNDRED, ("A", "junior", "7", 100, 2), ("B", "junior", "7", 100, 2)]
    rows = [
        {"degree": "associate"},
        {"degree": "associate", "stage": "junior"},
        {"degree": "master", "stage": "junior"},
    ]
    frame = table(rows, schools=nine, classes=classes, instance={"stages": ["primary", "junior"]})
    assert value(frame, "school_degree", "A", "primary") == 1
    assert value(frame, "school_degree", "A", "junior") == 1


def test_six_of_seven_and_the_rest_at_85_per_cent():
    """A is at every threshold; with 3.825 m2 of teaching area it is at exactly 85 %, with 3.8 below."""

    def meets(**less):
        resources = PLENTY | {name: np.array([held, PLENTY[name][1]]) for name, held in less.items()}
        frame = table(both(ENOUGH), schools=make_schools(resources=resources))
        return value(frame, "school_meets_standard", "A"), value(frame, "schools_meeting_standard")

    assert meets() == (1, 2)
    assert meets(teaching_area=382.5) == (1, 2)
    assert meets(teaching_area=380.0) == (0, 1)
    assert meets(teaching_area=440.0, sports_area=740.0) == (0, 1)


def test_schools_that_meet_the_standard_before_and_after():
    """Ten teachers at A today and none at B; then five at each."""
    schools = make_schools(resources=PLENTY)
    frame = table(ENOUGH * 2, {f"T{k}": ("B", "rotation") for k in range(1, 6)}, schools=schools)
    assert verdict(frame, "schools_meeting_standard_before") == (2, "false")
    assert value(frame, "schools_meeting_standard_before") == 1
    assert verdict(frame, "schools_meeting_standard") == (2, "true")


def test_what_is_not_known_is_not_judged():
    frame = table(both(ENOUGH), schools=make_schools(resources={"equipment": PLENTY["equipment"]}))
    assert value(frame, "school_meets_standard", "A") is None
    assert value(frame, "schools_meeting_standard") is None
    assert value(frame, "school_equipment", "A") == 2000


def test_special_schools_small_points_and_private_schools_are_not_compared():
    classes = [HUNDRED[0], ("B", "primary", "1", 49, 2)]
    for more in ({"types": ("primary", "special")}, {"types": ("primary", "teaching_point")},
                 {"private": np.array([False, True])}):  # fmt: skip
        frame = table([{"backbone": True}], classes=classes, schools=make_schools(**more))
        assert value(frame, "school_backbone", "B") is None
        assert value(frame, "backbone_cv") == 0
    point = make_schools(types=("primary", "teaching_point"))
    assert value(table([{}], classes=HUNDRED, schools=point), "school_backbone", "B") == 0

"""Posts approved for pools of a few schools, by hand: 19 children a post in primary schools, 13.5 in junior ones."""

import numpy as np
import pytest
from builders import make_schools
from staff import make_staffed

from models.settings import LARGEST_COUNT
from optimizer.formulation.staffing.quota import (
    find_pools,
    most_nonteaching,
    quota_of_pools,
    staff_of_pools,
    staff_per_class,
)
from optimizer.formulation.staffing.standing import judge_teachers

PRIVATE = np.array([False, False, True, False])


def four_schools():
    """A and B in zone east, C private in zone east, D without a zone; A and D in one group."""
    return make_schools(
        {"A": 0, "B": 1, "C": 2, "D": 3},
        private=PRIVATE,
        zone=("east", "east", "east", ""),
        group=("first", "", "", "first"),
    )


def four(level="district", rows=(), stages=("primary", "junior"), **staffing):
    policy = {"staffing": {"pool_level": level, **staffing}}
    return make_staffed(rows, schools=four_schools(), policy=policy, instance={"stages": list(stages)})


def quota(level, students, **staffing):
    district = four(level, **staffing)
    return quota_of_pools(district, find_pools(district), np.array(students)).tolist()


@pytest.mark.parametrize(
    ("level", "names", "of_school", "counts"),
    [
        ("district", ("district",), [0, 0, -1, 0], [3]),
        ("zone", ("east", "D"), [0, 0, -1, 1], [2, 1]),
        ("group", ("first", "B"), [0, 1, -1, 0], [2, 1]),
    ],
)
def test_pools_of_each_level(level, names, of_school, counts):
    pools = find_pools(four(level))
    assert (pools.names, pools.of_school.tolist(), pools.counts.tolist()) == (names, of_school, counts)


def test_staff_hold_posts_where_they_work():
    """Four hold a post at A or B; at D one, and the one who goes back there from A."""
    rows = [
        {},
        {"school": "B", "role": "support"},
        {"school": "B", "staff_type": "contract"},
        {"school": "B", "leave": "maternity"},
        {"school": "C"},
        {"rotation_until": "2027-07-31", "home_school": "D"},
        {"school": "D", "staff_type": ""},
        {"school": "D", "staff_type": "reengaged"},
        {"school": "D", "leave": "retiring"},
        {"school": ""},
    ]
    district = four("zone", rows)
    assert staff_of_pools(district, judge_teachers(district), find_pools(district)).tolist() == [4, 2]


def test_a_pool_is_rounded_once_and_half_up():
    """A: 190 / 19 + 27 / 13.5 = 12. A and B: (190 + 9) / 19 + 27 / 13.5 = 12.47; D: 247 / 19 + 7 / 13.5 = 13.52.

    All: (199 + 247) / 19 + 34 / 13.5 = 23.47 + 2.52 = 25.99; every school by itself would give 12 + 0 + 14. The private
    school counts nowhere.
    """
    students = [[190, 27], [9, 0], [1900, 1350], [247, 7]]
    assert quota("zone", students) == [12, 14]
    assert quota("district", students) == [26]


def test_a_half_is_rounded_up():
    """15 / 10 = 1.5, and 2 / 2.4 + 24 / 3.6 = 7.5, which binary numbers miss."""
    assert quota("district", [[15, 0], [0, 0], [0, 0], [0, 0]], ratio={"primary": 10.0}) == [2]
    assert quota("district", [[2, 24], [0, 0], [0, 0], [0, 0]], ratio={"primary": 2.4, "junior": 3.6}) == [8]


def test_posts_that_were_approved_stand():
    students = [[190, 0], [0, 0], [0, 0], [38, 0]]
    assert quota("zone", students, quota={"east": 25}) == [25, 2]
    assert quota("zone", students, quota={"district": 25}) == [10, 2]


def test_a_stage_without_a_ratio_limits_nobody():
    """The norms name no ratio for kindergartens; D has none of their children."""
    district = four("zone", stages=("kindergarten", "primary"))
    students = np.array([[30, 190], [0, 0], [0, 0], [0, 38]])
    pools = find_pools(district)
    assert quota_of_pools(district, pools, students).tolist() == [LARGEST_COUNT, 2]
    assert most_nonteaching(district, pools, students).tolist() == [LARGEST_COUNT, 0]


def test_who_gives_no_lessons():
    """A and B: 950 / 19 = 50 and 675 / 13.5 = 50 posts, of which 9 % and 15 %: 4.5 + 7.5 = 12. D: 0.09 · 10 = 0.9.

    Of 150 posts approved for A and B as many more: 18.
    """
    students = np.array([[950, 0], [0, 675], [0, 0], [190, 0]])
    for approved, expected in (({}, [12, 0]), ({"east": 150}, [18, 0])):
        district = four("zone", quota=approved)
        assert most_nonteaching(district, find_pools(district), students).tolist() == expected


def test_nobody_where_no_child_is():
    district = four("zone", quota={"east": 5})
    assert most_nonteaching(district, find_pools(district), np.zeros((4, 2), dtype=np.int64)).tolist() == [0, 0]


def test_small_classes_starve_staffing():
    """Staff a class at the ratio of the norms: 45 and 40 children in primary, 50 in junior schools."""
    assert staff_per_class(19.0, 45) == pytest.approx(2.368, abs=5e-4)
    assert staff_per_class(19.0, 40) == pytest.approx(2.105, abs=5e-4)
    assert staff_per_class(13.5, 50) == pytest.approx(3.704, abs=5e-4)

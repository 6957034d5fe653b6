"""Indices of posts, staff and rotation, worked out by hand; schools and classes as in `postings`.

One class of 40 children at A and at B, with 14 lessons of Chinese: one post each.
"""

import numpy as np
import pytest
from builders import make_schools
from indices.lookup import value
from postings import CLASSES, LESSONS, make_pool, make_staff_plan

from optimizer.indices import compute_staff_indices, title_of

AT_A, AT_B = ("A", "primary", "chinese"), ("B", "primary", "chinese")


def table(rows, posts=None, *, filled=None, classes=CLASSES, **more):
    district = make_pool(rows, **more)
    return compute_staff_indices(district, make_staff_plan(district, posts, filled=filled, classes=classes))


def row_of(frame, code, scope="district", stage=""):
    rows = frame[(frame["index"] == code) & (frame["scope"] == scope) & (frame["stage"] == stage)]
    return rows["value"].item(), rows["target"].item(), rows["passes"].item()


def test_posts():
    """One teacher at A fills one of two posts; a second at A could not fill the one at B unless he is posted there."""
    frame = table([{}, {}], {"T2": ("B", "rotation")}, filled={AT_A: 1.0, AT_B: 0.75})
    assert value(frame, "posts_required", stage="") == 2
    assert value(frame, "posts_filled") == 1.75
    assert row_of(frame, "posts_vacant") == (0.25, 0, "false")
    assert value(frame, "posts_vacant_before", stage="") == 1
    assert value(frame, "posts_per_class") == 1


def test_lessons_that_nobody_gives_by_subject():
    """Half a post of Chinese is 7 lessons; PE 9 of 18; the fewest are left out only after five subjects."""
    lessons = [*LESSONS, ("primary", "1", "pe", 18.0, "subject")]
    frame = table([{}], lessons=lessons, classes=CLASSES[:1], filled={AT_A: 0.5, ("A", "primary", "pe"): 0.5})
    assert value(frame, "lessons_short_chinese") == pytest.approx(7)
    assert value(frame, "lessons_short_pe") == pytest.approx(9)
    assert list(frame.loc[frame["index"].str.startswith("lessons_short"), "index"]) == [
        "lessons_short_pe",
        "lessons_short_chinese",
    ]
    assert value(table([{}], filled={AT_A: 1.0, AT_B: 1.0}), "lessons_short_chinese") is None


def test_staff_against_the_quota():
    """80 children at 19 a post: 4.2, so 4 are approved. Six hold one today, of whom one retires; one is hired."""
    rows = [{}] * 5 + [{"leave": "retiring"}, {"school": ""}, {"staff_type": "reengaged"}]
    frame = table(rows, {"T6": ("", "stay"), "T7": ("B", "recruit")})
    assert value(frame, "staff_before", stage="") == 5
    assert value(frame, "staff", stage="") == 6
    assert value(frame, "staff_quota", stage="") == 4
    assert row_of(frame, "staff_over") == (2, 0, "false")
    assert value(frame, "staff_short", stage="") == 0


def test_staff_by_pool():
    """40 children at 19 are 2.1: two posts for each zone."""
    zones = make_schools(zone=("Z1", "Z2"))
    frame = table([{}, {}, {}], {"T3": ("B", "rotation")}, schools=zones, policy={"staffing": {"pool_level": "zone"}})
    assert (value(frame, "staff", "Z1", ""), value(frame, "staff", "Z2", "")) == (2, 1)
    assert (value(frame, "staff_short", "Z1", ""), value(frame, "staff_short", "Z2", "")) == (0, 1)
    assert row_of(frame, "staff_over", "Z1") == (0, 0, "true")
    stated = table([{}], schools=zones, policy={"staffing": {"pool_level": "zone", "quota": {"Z1": 7}}})
    assert (value(stated, "staff_quota", "Z1", ""), value(stated, "staff_quota", "Z2", "")) == (7, 2)


def test_staff_who_give_no_lessons():
    """One of ten, against 9 % of a primary school."""
    frame = table([{}] * 9 + [{"role": "support"}])
    assert row_of(frame, "nonteaching_share") == (0.1, 0.09, "false")


def test_the_most_who_give_no_lessons_are_weighed_by_stage():
    """19 and 13.5 children are one post each: between 9 % and 15 %."""
    nine = make_schools(types=("nine_year", "nine_year"))
    classes = [("A", "primary", "1", 38, 1), ("A", "junior", "7", 27, 1)]
    frame = table([{}], classes=classes, schools=nine, instance={"stages": ["primary", "junior"]})
    assert row_of(frame, "nonteaching_share") == (0, pytest.approx(0.12), "true")


def test_smaller_classes_starve_the_staff():
    """A class needs 2 posts, with 9 % who give no lessons 2 / 0.91 = 2.20 staff; 45 / 19 leave 2.37, 40 / 19 2.11."""
    lessons = [("primary", "1", "chinese", 28.0, "subject")]
    frame = table([{}], lessons=lessons)
    assert row_of(frame, "staff_per_class_45", stage="primary") == (
        pytest.approx(45 / 19),
        pytest.approx(2 / 0.91),
        "true",
    )
    assert row_of(frame, "staff_per_class_40", stage="primary") == (
        pytest.approx(40 / 19),
        pytest.approx(2 / 0.91),
        "false",
    )
    assert row_of(frame, "staff_per_class_35", stage="primary")[2] == "false"
    assert value(frame, "staff_per_class_50") is None


def test_rotation():
    """Of ten eligible at A two are moved, one of them backbone; a volunteer with a short tenure goes as well."""
    rows = [{"backbone": k < 3} for k in range(10)] + [{"joined": "2025-09-01", "volunteer": True}, {"school": ""}]
    posts = {"T1": ("B", "rotation"), "T9": ("B", "rotation"), "T11": ("B", "cross_school"), "T12": ("B", "recruit")}
    frame = table(rows, posts)
    assert value(frame, "eligible_teachers", stage="") == 10
    assert value(frame, "eligible_moved") == 2
    assert row_of(frame, "moved_share") == (0.2, 0.1, "true")
    assert row_of(frame, "backbone_moved_share") == (0.5, 0.2, "true")
    assert value(frame, "teachers_moved", stage="") == 3
    assert [value(frame, f"posted_{form}", stage="") for form in ("rotation", "cross_school", "recruit", "return")] == [
        2,
        1,
        1,
        0,
    ]
    assert value(frame, "teachers_out", "A") == 3
    assert value(frame, "teachers_in", "B") == 4


def test_too_few_move():
    frame = table([{}] * 10 + [{"role": "principal"}])
    assert row_of(frame, "moved_share") == (0, 0.1, "false")
    assert value(frame, "backbone_moved_share") is None
    each = table([{}] * 10, policy={"rotation": {"scope": "each_sending_school"}})
    assert np.isnan(row_of(each, "moved_share")[1])


def test_titles_that_name_a_subject_or_a_size():
    assert title_of("lessons_short_mathematics") == "Weekly lessons without a teacher: mathematics"
    assert title_of("lessons_short_pe", "zh") == "周缺课时：体育与健康"
    assert title_of("staff_per_class_45", "zh") == "按生师比每班可配教职工（班额 45 人）"


def test_a_plan_without_posts_has_no_such_index():
    from dataclasses import replace

    district = make_pool([{}])
    plan = replace(make_staff_plan(district), staff=None)
    assert compute_staff_indices(district, plan).empty

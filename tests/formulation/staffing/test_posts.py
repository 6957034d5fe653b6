"""What fills a post: the own subject, a second one, lessons that anyone may give, weeks that are shared, the quota.

A class has 14 lessons of Chinese in grade 1 and 7 in grade 2: one post, and half a post. In grade 3 there are 9 lessons
of music, in grade 4 as many of labour, which anyone may give: half a post of 18 each. Who is `KEPT` may not move.
"""

import numpy as np
import pytest
from builders import make_schools
from postings import make_pool
from staff import solve_posts

LESSONS = [
    ("primary", "1", "chinese", 14.0, "subject"),
    ("primary", "2", "chinese", 7.0, "subject"),
    ("primary", "3", "music", 9.0, "subject"),
    ("primary", "4", "labour", 9.0, "any"),
]
KEPT = {"exempt": "x"}
RECRUIT = {"school": ""}
ONE_EACH = {"A": "1", "B": "1"}


def solve(rows, classes, *, rules=None, **more):
    """`classes` names the grades of the classes of each school: {"A": "12"} is one of grade 1 and one of grade 2."""
    district = make_pool(rows, lessons=LESSONS, rules={"staff_quota": "off"} | (rules or {}), **more)
    held = [
        (school, grade, grades.count(grade)) for school, grades in classes.items() for grade in dict.fromkeys(grades)
    ]
    return solve_posts(district, [(school, "primary", grade, 40 * n, n) for school, grade, n in held])


def vacant(posted):
    """Posts unfilled by school and subject."""
    table = posted.plan.staff.posts.query("vacant > 0")
    keys = zip(table["school_id"], table["subject"], strict=True)
    return {key: round(posts, 2) for key, posts in zip(keys, table["vacant"], strict=True)}


class TestWeek:
    def test_the_rest_of_a_week_is_nobodys(self):
        """One teacher for half a post of Chinese; half a post of music stays vacant beside her."""
        assert vacant(solve([KEPT], {"A": "23"})) == {("A", "music"): 0.5}

    def test_the_second_subject_takes_what_the_first_leaves(self):
        assert vacant(solve([KEPT | {"second_subject": "music"}], {"A": "23"})) == {}
        assert vacant(solve([KEPT | {"second_subject": "music"}], {"A": "13"})) != {}

    def test_the_second_subject_of_one_is_not_that_of_a_colleague(self):
        """Two of Chinese, half a post of it: the one who has music is in class for half a post and no more."""
        rows = [KEPT | {"second_subject": "music"}, KEPT]
        assert vacant(solve(rows, {"A": "2333"})) == {("A", "music"): 0.5}

    def test_the_second_subject_is_a_way_to_fill_and_not_to_move(self):
        """Nobody rotates to where only the second subject is taught."""
        posted = solve([{"second_subject": "music"}], {"B": "3"})
        assert (posted.moves, vacant(posted)) == ({}, {("B", "music"): 0.5})

    def test_anyone_may_give_what_is_marked_so(self):
        assert vacant(solve([KEPT], {"A": "24"})) == {}
        assert vacant(solve([KEPT | {"subject": "pe"}], {"A": "44"})) == {}
        assert sum(vacant(solve([KEPT], {"A": "14"})).values()) == 0.5

    def test_heading_a_class_is_such_work(self):
        """4.5 of 18 lessons a class, for two classes: half a post."""
        policy = {"staffing": {"class_head_lessons": 4.5}}
        assert vacant(solve([KEPT] * 2, {"A": "11"}, policy=policy)) != {}
        assert vacant(solve([KEPT] * 2, {"A": "12"}, policy=policy)) == {}

    @pytest.mark.parametrize("row", [{"leave": "sick"}, {"role": "support"}])
    def test_who_gives_no_lessons_fills_nothing(self, row):
        assert vacant(solve([row], {"A": "24"})) == {("A", "chinese"): 0.5, ("A", "any"): 0.5}

    def test_moving_classes_need_more(self):
        """A tenth more than half a post."""
        posted = solve(
            [RECRUIT | {"subject": "pe"}], {"A": "2"}, policy={"staffing": {"moving_classes": {"primary": 0.1}}}
        )
        assert vacant(posted) == {("A", "chinese"): 0.55}


class TestSharing:
    """Half a post of Chinese at A, where the teacher is, and half a post at B (走教)."""

    @pytest.mark.parametrize(
        ("level", "schools", "expected"),
        [
            ("group", {"group": ("G", "G")}, {}),
            ("group", {"group": ("G", "H")}, {("B", "chinese"): 0.5}),
            ("group", {"group": ("", "")}, {("B", "chinese"): 0.5}),
            ("zone", {"zone": ("Z", "Z")}, {}),
            ("zone", {"group": ("G", "G")}, {("B", "chinese"): 0.5}),
            ("none", {"group": ("G", "G")}, {("B", "chinese"): 0.5}),
        ],
    )
    def test_with_whom(self, level, schools, expected):
        policy = {"staffing": {"shared_posts": level}}
        assert vacant(solve([KEPT], {"A": "2", "B": "2"}, schools=make_schools(**schools), policy=policy)) == expected

    def test_the_own_subject_and_no_other(self):
        group = make_schools(group=("G", "G"))
        assert vacant(solve([KEPT | {"second_subject": "music"}], {"A": "2", "B": "3"}, schools=group)) != {}
        assert vacant(solve([KEPT], {"A": "2", "B": "4"}, schools=group)) == {("B", "any"): 0.5}

    def test_before_anybody_moves(self):
        """She may rotate, and need not."""
        posted = solve([{}], {"A": "2", "B": "2"}, schools=make_schools(group=("G", "G")))
        assert (posted.moves, vacant(posted)) == ({}, {})


class TestQuota:
    """One post vacant at B, one teacher at A, one recruit."""

    ROWS = (KEPT, RECRUIT)

    @pytest.mark.parametrize(("quota", "expected"), [(2, {}), (1, {("B", "chinese"): 1.0})])
    def test_within_what_is_approved_or_there_today(self, quota, expected):
        policy = {"staffing": {"quota": {"district": quota}}}
        posted = solve(self.ROWS, ONE_EACH, policy=policy, rules={"staff_quota": "hard"})
        assert vacant(posted) == expected
        assert vacant(solve(self.ROWS, ONE_EACH, policy=policy)) == {}

    def test_soft_counted_in_teachers(self):
        policy = {"staffing": {"quota": {"district": 1}}}
        posted = solve(self.ROWS, ONE_EACH, policy=policy, rules={"staff_quota": "soft"})
        assert (posted.levels["rotation"], vacant(posted)) == (1, {})

    def test_those_engaged_after_retirement_hold_none(self):
        policy = {"staffing": {"quota": {"district": 1}}}
        rows = [KEPT, RECRUIT | {"staff_type": "reengaged"}]
        assert vacant(solve(rows, ONE_EACH, policy=policy, rules={"staff_quota": "hard"})) == {}

    def test_by_the_children_where_nothing_is_stated(self):
        """80 children at 19 a post are 4.2 posts, 4; at 54 a post 1.5, 2; at 55 a post 1.45, 1."""
        for ratio, expected in ((19.0, {}), (53.3, {}), (55.0, {("B", "chinese"): 1.0})):
            policy = {"staffing": {"ratio": {"primary": ratio}}}
            assert vacant(solve(self.ROWS, ONE_EACH, policy=policy, rules={"staff_quota": "hard"})) == expected

    def test_of_each_pool(self):
        """Posts are spare in the pool of A, and none in that of B."""
        policy = {"staffing": {"pool_level": "zone", "quota": {"east": 5, "west": 1}}}
        zones = make_schools(zone=("east", "west"))
        rows = [*self.ROWS, KEPT | {"school": "B", "subject": "pe"}]
        posted = solve(rows, ONE_EACH, policy=policy, rules={"staff_quota": "hard"}, schools=zones)
        assert vacant(posted) == {("B", "chinese"): 1.0}


class TestTables:
    def test_what_is_vacant_is_to_be_hired_as_far_as_the_quota_goes(self):
        """Posts of a half each in music and Chinese; one teacher, and one post more is approved."""
        policy = {"staffing": {"quota": {"district": 2}}}
        posted = solve([KEPT | {"subject": "pe"}], {"A": "1333"}, policy=policy, rules={"staff_quota": "hard"})
        hiring = posted.plan.staff.hiring[["stage", "subject", "posts", "within_quota"]]
        assert hiring.to_numpy().tolist() == [["primary", "music", 1.5, 1.0], ["primary", "chinese", 1.0, 0.0]]

    def test_who_is_spare_and_could_teach_another_stage(self):
        rows = [KEPT] * 2 + [KEPT | {"certificate_stage": "junior"}]
        surplus = solve(rows, {"A": "1"}).plan.staff.surplus
        assert surplus.to_numpy().tolist() == [["A", "primary", "chinese", 2, 1]]


def test_a_school_that_closes_keeps_its_staff_until_they_move():
    """No class is left at A: who may go goes to B, the exempt one stays."""
    posted = solve(
        [{}, KEPT], {"B": "11"}, schools=make_schools(status=("closed", "open"), strength=np.array([2.0, 1.0]))
    )
    assert (posted.moves, vacant(posted)) == ({"T1": "B"}, {("B", "chinese"): 1.0})

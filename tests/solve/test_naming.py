"""Names for two alike teachers at A, of whom one is needed at B: by the way to work, by wishes, by who offers."""

import pytest
from builders import STEP, WEST
from postings import make_pool
from staff import solve_posts

ONE_AT_EACH = [("A", "primary", "1", 40, 1), ("B", "primary", "1", 40, 1)]
NEAR_A, NEAR_B = ({"lon": WEST + STEP * (unit + 0.5), "lat": 30.205} for unit in (0, 3))


def who_moves(*rows, classes=ONE_AT_EACH):
    return set(solve_posts(make_pool(rows, rules={"staff_quota": "off"}), classes).moves)


@pytest.mark.parametrize(
    ("first", "second", "mover"),
    [
        (NEAR_A, NEAR_B, "T2"),
        (NEAR_B, NEAR_A, "T1"),
        ({}, {"preferences": ("B",)}, "T2"),
        ({"preferences": ("A", "B")}, {"preferences": ("B", "A")}, "T2"),
        (NEAR_B, NEAR_A | {"preferences": ("B",)}, "T2"),
        (NEAR_B, NEAR_A | {"volunteer": True}, "T2"),
    ],
)
def test_of_two_alike_the_one_who_minds_least_goes(first, second, mover):
    """B is 2.9 km from A. The first wish is worth 10 km, the second 5; coming forward 50."""
    assert who_moves(first, second) == {mover}


def test_whoever_is_not_alike_is_not_asked():
    """Only T2 may go at all, however near to B the other lives."""
    assert who_moves(NEAR_B | {"exempt": "x"}, NEAR_A) == {"T2"}


def test_of_two_recruits_for_one_post_the_nearer_one_gets_it():
    rows = ({"exempt": "x"}, NEAR_A | {"school": ""}, NEAR_B | {"school": ""})
    two_in_all = {"staffing": {"quota": {"district": 2}}}
    posted = solve_posts(make_pool(rows, policy=two_in_all, rules={"staff_quota": "hard"}), ONE_AT_EACH)
    assert [posted.posting(teacher)[0] for teacher in ("T2", "T3")] == ["", "B"]

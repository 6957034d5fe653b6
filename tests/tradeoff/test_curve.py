"""Which plans are on the curve, what was proved below it, where it bends, and what is asked next: worked by hand.

km                      a  b  c  d  e are spots; stability runs to the right
100  a
 60     b               the line between the ends a (0, 100) and e (100, 20)
 40        c            passes (25, 80): c lies 40 below it
 20              e
     0  10 25    100
"""

from collections.abc import Sequence

import numpy as np
import pytest

from models.settings import LevelName
from optimizer.tradeoff.ceilings import next_ceilings
from optimizer.tradeoff.curve import Curve, Spot, find_beginning
from optimizer.tradeoff.question import Question

QUESTION = Question(("overflow",), "travel", ("stability",), ())


def spot(
    name: str,
    changed: float,
    km: float,
    *,
    at_most: float | None = None,
    leads: LevelName | None = None,
    overflow: float = 0.0,
    bound: float | None = None,
) -> Spot:
    return Spot(
        name,
        "feasible",
        {} if at_most is None else {"stability": at_most},
        leads,
        {"overflow": overflow, "stability": changed, "travel": km},
        {"overflow": 0.0, "stability": changed, "travel": km if bound is None else bound},
    )


def curve(*spots: Spot) -> Curve:
    return Curve(QUESTION, spots)


A, E = spot("a", 0, 100, leads="stability"), spot("e", 100, 20, leads="travel")
B, C = spot("b", 10, 60, at_most=12), spot("c", 25, 40, at_most=25)


def test_plans_that_do_not_dominate_each_other_are_on_the_curve_from_end_to_end() -> None:
    assert [each.name for each in curve(E, C, A, B).frontier] == ["a", "b", "c", "e"]


def test_worse_equal_short_and_missing_plans_are_told_apart() -> None:
    worse, equal = spot("w", 30, 41), spot("q", 25, 40.0005)
    short, none = spot("s", 0, 10, overflow=3), Spot("n", "infeasible", {"stability": 5.0})
    assert curve(A, C, E, worse, equal, short, none).standings == (
        "on", "on", "on", "dominated", "equal", "short", "none"
    )  # fmt: skip


def test_a_plan_that_is_better_in_the_levels_before_leaves_the_others_short() -> None:
    assert curve(spot("s", 0, 10, overflow=3), A).standings == ("short", "on")


def test_what_is_proved_below_loose_ceilings_holds_below_tight_ones() -> None:
    found = curve(A, spot("c", 25, 40, at_most=25, bound=38), spot("e", 100, 20, leads="travel", bound=19))
    assert found.least({"stability": 25.0}) == 38
    assert found.least({"stability": 26.0}) == 19
    assert found.least({"stability": 10.0}) == 38
    assert found.least({"stability": 0.0}) == 100  # the end where stability was held at 0
    assert found.least({"stability": np.inf}) == 19
    assert found.edge("stability") == 0


def test_the_knee_is_the_farthest_below_the_line_and_says_what_each_step_saves() -> None:
    knee = curve(A, B, C, E).knee
    assert knee is not None
    assert knee.spot.name == "c"
    # scaled: c is (0.25, 0.25), the line x + y = 1 passes at 0.5 / sqrt 2
    assert knee.distance == pytest.approx(0.5 / np.sqrt(2))
    assert knee.until == pytest.approx(60 / 25)
    assert knee.beyond == pytest.approx(20 / 75)


def test_a_straight_curve_has_no_knee() -> None:
    assert curve(A, spot("m", 50, 60), E).knee is None
    assert curve(A, E).knee is None


def test_the_search_begins_from_the_lowest_plan_that_keeps_the_ceiling() -> None:
    found = curve(A, B, C, E, spot("s", 0, 10, overflow=3))
    assert [find_beginning(found, None, {"stability": most}) for most in (5.0, 24.0, 25.0, 99.0)] == [
        "a", "b", "c", "c"
    ]  # fmt: skip
    assert find_beginning(curve(C, E), None, {"stability": 24.0}) == ""


def test_an_end_that_falls_short_before_is_open_and_begins_from_a_better_plan() -> None:
    found = curve(spot("a", 0, 90, leads="stability", overflow=3), E)
    assert found.open_ends == ["stability"]
    assert find_beginning(found, "stability", {}) == "e"
    assert curve(A, E).open_ends == []
    assert curve(Spot("n", "no_plan", leads="stability")).open_ends == []


def ceilings(found: Curve, count: int) -> Sequence[float]:
    return [each["stability"] for each in next_ceilings(found, count, 12)]


def test_ceilings_are_spread_evenly_between_the_ends_at_first() -> None:
    assert ceilings(curve(A, E), 3) == [25, 50, 75]


def test_then_they_go_where_the_box_between_two_neighbours_is_largest() -> None:
    # boxes: a-b 10 x 40, b-c 15 x 20, c-e 75 x 20: the last is halved, then its halves (375 each) and a-b (400)
    assert ceilings(curve(A, B, C, E), 1) == [62]
    assert ceilings(curve(A, B, C, E), 2) == [5, 62]


def test_a_ceiling_that_brought_nothing_is_not_asked_again() -> None:
    again = spot("d", 25, 40, at_most=62)
    assert ceilings(curve(A, B, C, again, E), 1) == [81]
    tight = curve(spot("x", 0, 100), spot("y", 2, 90), spot("z", 2, 90, at_most=1))
    assert ceilings(tight, 5) == []


def test_one_plan_that_is_best_in_all_leaves_nothing_to_ask() -> None:
    assert ceilings(curve(A, spot("same", 0, 100, leads="travel")), 4) == []
    assert next_ceilings(curve(Spot("n", "no_plan")), 4, 12) == []


def test_a_curve_is_flat_only_where_that_is_proved() -> None:
    best = spot("a", 0, 100, leads="stability"), spot("e", 0, 100, leads="travel")
    assert curve(*best).is_flat
    assert not curve(best[0], spot("e", 0, 100, leads="travel", bound=20)).is_flat
    assert not curve(A, E).is_flat


def test_three_levels_are_asked_at_the_product_of_ceilings_but_what_is_known() -> None:
    question = Question((), "travel", ("overflow", "stability"), ())

    def three(name: str, overflow: float, stability: float, km: float, leads: LevelName) -> Spot:
        values = {"overflow": overflow, "stability": stability, "travel": km}
        return Spot(name, "optimal", {}, leads, values, dict(values))

    ends = (
        three("o", 0, 40, 90, "overflow"), three("s", 20, 0, 95, "stability"), three("t", 20, 40, 50, "travel")
    )  # fmt: skip
    found = Curve(question, ends)
    asked = next_ceilings(found, 4, 12)
    assert len(asked) == 4
    assert asked[0] == {"overflow": 0.0, "stability": 0.0}  # the corner farthest from all three
    assert {"overflow": 20.0, "stability": 40.0} not in asked  # the end `t` answers it
    assert find_beginning(found, None, {"overflow": 10.0, "stability": 40.0}) == "o"

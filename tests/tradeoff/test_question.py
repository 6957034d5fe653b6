"""Which level is minimised, which get ceilings, and what cannot be weighed."""

import pytest

from models.settings import LevelName, Objective
from optimizer.tradeoff.question import UnclearTradeoff, ask, read_levels
from optimizer.tradeoff.table import find_standard

ORDER: tuple[LevelName, ...] = (
    "shortage", "overflow", "small_classes", "stability", "travel", "vacancies", "rotation", "moves"
)  # fmt: skip


def test_travel_is_minimised_whatever_the_order_of_the_words() -> None:
    for levels in (("travel", "stability"), ("stability", "travel")):
        question = ask(read_levels(levels), ORDER)
        assert question.minimised == "travel"
        assert question.capped == ("stability",)
        assert question.before == ("shortage", "overflow", "small_classes")
        assert question.after == ()


def test_without_travel_the_last_one_is_minimised() -> None:
    question = ask(read_levels(["stability,overflow"]), ORDER)
    assert (question.minimised, question.capped) == ("overflow", ("stability",))
    assert question.before == ("shortage",)
    assert question.after == ("small_classes", "travel")


def test_posts_are_weighed_among_themselves() -> None:
    question = ask(read_levels(["moves", "balance"]), ORDER)
    assert question.posts
    assert (question.before, question.minimised, question.capped) == (("vacancies", "rotation"), "balance", ("moves",))


def test_a_level_that_the_order_lacks_comes_where_the_others_stand() -> None:
    question = ask(read_levels(["travel", "stability"]), ("shortage", "overflow", "travel"))
    assert question.before == ("shortage", "overflow")


def test_the_overrides_put_the_levels_in_order_and_hold_them_exactly() -> None:
    question = ask(read_levels(["travel", "stability"]), ("overflow", "stability", "travel"))
    exact = {"overflow": 0.0, "stability": 0.0, "travel": 0.0}
    assert question.first("stability")["objective"] == {
        "order": ["overflow", "stability", "travel"], "tolerance": exact, "at_most": {}
    }  # fmt: skip
    assert question.below({"stability": 120.0})["objective"] == {
        "order": ["overflow", "travel", "stability"], "tolerance": exact, "at_most": {"stability": 120.0}
    }  # fmt: skip


def test_an_end_is_the_plan_of_solve_only_where_solve_gives_nothing_up() -> None:
    question = ask(read_levels(["travel", "stability"]), ORDER)
    assert find_standard(question, Objective(order=list(ORDER))) == "stability"
    assert find_standard(question, Objective(order=list(ORDER), tolerance={"stability": 0.1})) is None
    assert find_standard(question, Objective(order=list(ORDER), tolerance={"overflow": 0.1})) is None


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        (["travel", "tavel"], "unknown"),
        (["travel"], "one"),
        (["travel", "travel"], "one"),
        (["travel", "stability", "overflow", "later"], "count"),
        (["travel", "moves"], "mixed"),
    ],
)
def test_what_cannot_be_weighed_is_refused(stated: list[str], why: str) -> None:
    with pytest.raises(UnclearTradeoff) as stop:
        read_levels(stated)
    assert stop.value.why == why

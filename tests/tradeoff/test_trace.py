"""How the time of a trade-off is shared out, and which plans are asked for in which round."""

from dataclasses import replace
from pathlib import Path

import pytest

from optimizer.pipeline import Options
from optimizer.tradeoff.question import Question
from optimizer.tradeoff.trace import Terms

TERMS = Terms(
    Question((), "travel", ("stability",), ()), Path("row"), "base", Options(), points=12, time_limit_s=600.0, jobs=2
)


def test_rounds_do_not_depend_on_how_many_are_made_at_once() -> None:
    assert TERMS.rounds == (2, 4, 4, 2)
    assert replace(TERMS, jobs=16).rounds == (2, 4, 4, 2)
    assert replace(TERMS, points=2).rounds == (2,)
    assert replace(TERMS, points=32).rounds == (2, 10, 10, 10)


def test_every_plan_has_the_same_share_of_the_time() -> None:
    # two at a time: 1 + 2 + 2 + 1 waves of 90 s are 90 % of 600 s
    assert TERMS.share_s == pytest.approx(90.0)
    assert replace(TERMS, jobs=4).share_s == pytest.approx(135.0)
    assert replace(TERMS, time_limit_s=None).share_s is None


def test_no_plan_is_begun_that_would_be_late() -> None:
    # 588 s less 455 s leave room for one wave of 95 s, less 500 s for none
    assert TERMS.may_begin(455.0, 95.0) == 2
    assert TERMS.may_begin(500.0, 95.0) == 0
    assert TERMS.may_begin(0.0, 0.0) == 12
    assert replace(TERMS, time_limit_s=None).may_begin(1e9, 0.0) == 12

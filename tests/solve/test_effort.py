"""Effort: what is spent is booked once, whoever spends it."""

import time
from threading import Thread

from optimizer.solve.effort import Effort


def test_half_of_an_effort_is_over_at_half_and_books_for_both() -> None:
    whole = Effort(None, 9, lambda: False)
    half = whole.half()
    half.spend("search", 3)
    assert (half.over, whole.spent) == (False, 3)
    whole.spend("nodes", 10)
    assert (half.over, whole.over, whole.left_share) == (True, False, 5 / 9)


def test_work_is_read_while_another_thread_books_kinds_that_are_new() -> None:
    effort = Effort(None, 10**6, lambda: False)
    kinds = 20_000
    spending = Thread(target=lambda: [effort.spend(f"kind {number}") for number in range(kinds)])
    spending.start()
    while spending.is_alive():
        assert effort.spent <= kinds
    spending.join()
    assert effort.spent == kinds


def test_the_rest_of_an_effort_begins_anew_with_what_is_left() -> None:
    whole = Effort(None, 9, lambda: False)
    whole.half().spend("search", 3)
    whole.spend("nodes", 10)
    rest = whole.rest()
    assert (rest.work_limit, rest.left_share, rest.work) == (5, 1.0, {})
    timed = Effort(60.0, None, lambda: False, started=time.monotonic() - 20.0).rest()
    assert timed.time_limit_s is not None and 39.0 < timed.time_limit_s <= 40.0

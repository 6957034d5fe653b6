"""Retirement (退休): the statutory age, which has risen month by month since 2025.

Source: decision of the Standing Committee of the National People's Congress of 13 September 2024 (延迟法定退休年龄), in
force since 1 January 2025; general knowledge, to be confirmed against its published table. Retiring sooner or later by
choice (弹性退休) is not foreseen.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
Category = Literal["men60", "women55", "women50"]
"""Men; women in posts of cadres and professionals, teachers among them; women in posts of workers."""


class _Schedule(NamedTuple):
    age: int
    """In years, for all who reach it before 2025."""
    step: int
    """Months of birth that share one delay."""
    most: int
    """Longest delay, in months."""


_SCHEDULES: dict[Category, _Schedule] = {
    "men60": _Schedule(60, 4, 36),
    "women55": _Schedule(55, 4, 36),
    "women50": _Schedule(50, 2, 60),
}
_IN_FORCE = np.datetime64("2025-01", "M")


def retirement_date(birth: Days, category: Category) -> Days:
    """Return the day at which each person born on `birth` retires; NaT where the birth date is.

    Who would have reached the old age in month k = 0, 1, ... from January 2025 on retires min(most, ⌈(k + 1) / step⌉)
    months later; before that month nobody does.
    """
    age, step, most = _SCHEDULES[category]
    month = (birth.astype("datetime64[M]") + 12 * age - _IN_FORCE).astype(np.int64)
    return add_months(birth, 12 * age + np.clip(month // step + 1, 0, most))


def add_months(days: Days | np.datetime64, months: NDArray[np.int64] | int) -> Days:
    """Return the same day of the month so many months later, the last one of that month where it has no such day."""
    month = days.astype("datetime64[M]")
    later = month + months
    last = (later + 1).astype("datetime64[D]") - 1
    return np.asarray(np.minimum(later.astype("datetime64[D]") + (days - month.astype("datetime64[D]")), last))

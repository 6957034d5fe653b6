"""Whole children from shares: rounded half up in exact arithmetic, or so that the parts still add up."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray


def scale_half_up(count: int | str, *factors: float | Fraction) -> int:
    """Return a count times its factors, rounded half up once: 35 x 0.7 = 24.5 becomes 25.

    Factors are taken as they are written in decimals, not as the binary numbers nearest to them.
    """
    product = Fraction(count)
    for factor in factors:
        product *= Fraction(str(factor))
    return (2 * product + 1) // 2


def divide_whole(count: int, weight: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return whole parts of a count in proportion to weights: each rounded down, the rest to the largest remainders.

    Weights are not negative and not all 0; of equal remainders the first is rounded up.
    """
    return round_together(count * weight / weight.sum())


def round_together(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return numbers rounded to whole ones that add up to their sum, rounded: down, or up at the largest remainders.

    Numbers are not negative; of equal remainders the first is rounded up.
    """
    parts: NDArray[np.int64] = np.floor(numbers + 1e-9).astype(np.int64)
    first = np.argsort(np.round(parts - numbers, 9), kind="stable")
    parts[first[: round(float(numbers.sum())) - parts.sum()]] += 1
    return parts

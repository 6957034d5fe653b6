"""Whole children from shares: rounded half up, in exact arithmetic."""

from fractions import Fraction


def scale_half_up(count: int | str, *factors: float | Fraction) -> int:
    """Return a count times its factors, rounded half up once: 35 x 0.7 = 24.5 becomes 25.

    Factors are taken as they are written in decimals, not as the binary numbers nearest to them.
    """
    product = Fraction(count)
    for factor in factors:
        product *= Fraction(str(factor))
    return (2 * product + 1) // 2

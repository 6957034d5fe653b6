"""How unequal schools are: the coefficient of variation (差异系数), Gini and Theil, weighted by enrolment."""

import numpy as np

from models.district import Floats


def compute_cv(values: Floats, weights: Floats) -> float:
    """Return S / X̄ with X̄ = Σ w x and S = √Σ w (x - X̄)², w = weight / Σ weights.

    The population form weighted by enrolment, without n - 1 (教督〔2017〕6号, county evaluation). NaN without weight
    or with a mean of 0.
    """
    share, mean = _shares(values, weights)
    return float(np.sqrt(np.sum(share * (values - mean) ** 2)) / mean) if mean else float(np.nan)


def compute_gini(values: Floats, weights: Floats) -> float:
    """Return Σ_i Σ_j w_i w_j |x_i - x_j| / (2 X̄), from 0 (equal) to 1. NaN as in `compute_cv`."""
    share, mean = _shares(values, weights)
    apart = np.abs(values[:, None] - values[None, :])
    return float(share @ apart @ share / (2 * mean)) if mean else float(np.nan)


def compute_theil(values: Floats, weights: Floats) -> float:
    """Return Σ w (x / X̄) ln(x / X̄), 0 where all are equal; x = 0 adds nothing. NaN as in `compute_cv`."""
    share, mean = _shares(values, weights)
    if not mean:
        return float(np.nan)
    ratio = values / mean
    return float(np.sum(share * ratio * np.log(np.where(ratio > 0, ratio, 1.0))))


def _shares(values: Floats, weights: Floats) -> tuple[Floats, float]:
    total = float(weights.sum())
    if not total:
        return weights, 0.0
    share = np.asarray(weights / total, dtype=np.float64)
    return share, float(np.sum(share * values))

"""Coefficient of variation, Gini and Theil: a published example, hand-made values, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.indices import compute_cv, compute_gini, compute_theil

SPREADS = [compute_cv, compute_gini, compute_theil]
PUPILS = np.array([45.0, 37, 89, 76, 55])
BOOKS = np.array([279.0, 137, 935, 160, 402])

schools = st.lists(st.tuples(st.floats(0.1, 1e3), st.floats(1.0, 5e3)), min_size=1, max_size=8).map(
    lambda rows: tuple(np.array(column) for column in zip(*rows, strict=True))
)


def test_the_published_example_of_the_county_evaluation():
    """Five schools, books a child: X̄ = 1913 / 302 = 6.3344, S = 3.2639, CV = 0.5153 (unweighted it would be 0.4888)."""
    assert compute_cv(BOOKS / PUPILS, PUPILS) == pytest.approx(0.5153, abs=5e-5)


def test_two_schools_by_hand():
    """x = 1 and 3 with equal weight: mean 2, S = 1; G = (2 · ¼ · 2) / 4; T = ½ (½ ln ½ + 1½ ln 1½)."""
    values, weights = np.array([1.0, 3.0]), np.array([10.0, 10.0])
    assert compute_cv(values, weights) == pytest.approx(0.5)
    assert compute_gini(values, weights) == pytest.approx(0.25)
    assert compute_theil(values, weights) == pytest.approx(0.5 * (0.5 * np.log(0.5) + 1.5 * np.log(1.5)))


def test_all_in_one_school():
    """x = 0 and 4: the largest inequality of two equal schools; 0 · ln 0 counts as 0."""
    values, weights = np.array([0.0, 4.0]), np.array([1.0, 1.0])
    assert compute_gini(values, weights) == pytest.approx(0.5)
    assert compute_theil(values, weights) == pytest.approx(np.log(2))


@pytest.mark.parametrize("spread", SPREADS)
def test_nothing_to_compare(spread):
    assert np.isnan(spread(np.array([]), np.array([])))
    assert np.isnan(spread(np.array([0.0, 0.0]), np.array([1.0, 1.0])))


@pytest.mark.parametrize("spread", SPREADS)
@given(district=schools, scale=st.floats(0.01, 100))
def test_the_unit_of_measure_does_not_matter(spread, district, scale):
    values, weights = district
    assert spread(values * scale, weights) == pytest.approx(spread(values, weights), rel=1e-6, abs=1e-9)
    assert spread(values, weights * scale) == pytest.approx(spread(values, weights), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("spread", SPREADS)
@given(district=schools)
def test_zero_for_equal_schools_and_never_below(spread, district):
    values, weights = district
    assert spread(values, weights) >= -1e-9
    assert spread(np.full(len(values), values[0]), weights) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("spread", SPREADS)
@given(district=schools)
def test_a_school_split_in_two_equal_halves_changes_nothing(spread, district):
    values, weights = district
    halves = np.repeat(weights / 2, 2)
    assert spread(np.repeat(values, 2), halves) == pytest.approx(spread(values, weights), rel=1e-6, abs=1e-9)

"""Rows of catchments near a plan, tried on every plan of six units: what they allow is one piece."""

from itertools import product

import numpy as np
import pytest
from builders import make_district, make_schools, make_travel, make_units

from optimizer.formulation import formulate
from optimizer.formulation.parents import parent_rows
from optimizer.formulation.program import write_program
from optimizer.formulation.separate import separate

ROW = [(k, k + 1) for k in range(5)]
RING_WITH_A_BRIDGE = [*ROW, (0, 5), (1, 4)]


def six_units(neighbours, anchor=(True, True)):
    schools = make_schools({"A": 0, "B": 5}, places=np.full(2, 200.0), anchor=np.array(anchor))
    district = make_district(units=make_units(6), schools=schools, students=[10] * 6)
    return formulate(district, make_travel(district, neighbours))


def uses(f, plan):
    """A value a pair; None where the plan uses one that there is not."""
    pairs = f.pair_table[f.blocks.of_unit[:, 0], plan]
    used = np.zeros(len(f.pairs))
    used[pairs] = 1.0
    return None if (pairs < 0).any() else used


def keeps(rows, used):
    return all(used[list(row.columns)] @ np.array(row.coefficients) <= row.upper for row in rows)


@pytest.mark.parametrize("anchor", [(True, True), (False, True)])
@pytest.mark.parametrize("neighbours", [ROW, RING_WITH_A_BRIDGE])
@pytest.mark.parametrize("today", [(0, 0, 0, 1, 1, 1), (0, 0, 1, 1, 1, 1)])
def test_what_they_allow_is_one_piece_and_the_plan_is_among_it(neighbours, anchor, today):
    f = six_units(neighbours, anchor)
    program = write_program(f)
    rows = parent_rows(f, np.array(today)[f.blocks.units], np.ones(len(f.pairs), dtype=bool))
    assert keeps(rows, uses(f, np.array(today)))
    plans = [used for plan in product((0, 1), repeat=6) if (used := uses(f, np.array(plan))) is not None]
    kept = [used for used in plans if keeps(rows, used)]
    assert 1 < len(kept) < len(plans)
    assert [used for used in kept if separate(f, program, used)] == []


def test_a_pair_that_is_not_offered_is_nobodys_parent():
    """U3 may join B only beside U4; without the pair of U4 and B it may not."""
    f = six_units(ROW)
    offered = np.ones(len(f.pairs), dtype=bool)
    offered[f.pair_table[f.blocks.of_unit[3, 0], 1]] = False
    rows = parent_rows(f, np.array([0, 0, 0, 0, 1, 1])[f.blocks.units], offered)
    assert not keeps(rows, uses(f, np.array([0, 0, 1, 1, 1, 1])))


def test_a_school_without_a_catchment_may_begin_anywhere():
    f = six_units(ROW, anchor=(True, False))
    rows = parent_rows(f, np.zeros(6, dtype=np.int64), np.ones(len(f.pairs), dtype=bool))
    assert {row.name for row in rows} == {"contiguous[A,primary]"}

"""What the relaxation proves: warm solves are no other than cold ones, and no plan as good as the slack is lost.

U7  U8  U9        A stands in U1, B in U9; every contiguous plan is tried.
U4  U5  U6
U1  U2  U3
"""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from nine import METRES, STUDENTS, build, values

from optimizer.formulation import Formulation
from optimizer.formulation.program import Program
from optimizer.formulation.separate import separate
from optimizer.solve.backends import Relaxation, WarmRelaxation, solve_relaxation
from optimizer.solve.reduce import take_out_dear_pairs


def tighten(f: Formulation, program: Program) -> tuple[Program, list[Relaxation], list[Relaxation]]:
    """Add contiguity rows until none is broken, solving warm and cold."""
    cost = program.cost["travel"]
    warm, solver = [], WarmRelaxation(program, cost)
    cold = []
    for _ in range(30):
        warm.append(solver.solve(10.0))
        cold.append(solve_relaxation(program, cost, 10.0))
        if not np.isfinite(warm[-1].value):
            break
        rows = separate(f, program, warm[-1].solution[: program.pairs])
        if not rows:
            break
        program = program.with_rows(rows)
        solver.follow(program)
    return program, warm, cold


@settings(max_examples=30, deadline=None)
@given(STUDENTS, METRES, st.integers(60, 200))
def test_a_warm_relaxation_is_worth_what_a_cold_one_is(students, metres, places):
    program, warm, cold = tighten(*build(students, metres, (places, places)))
    assert [one.value for one in warm] == pytest.approx([one.value for one in cold])
    assert warm[-1].names == program.row_names or not np.isfinite(warm[-1].value)


@settings(max_examples=60, deadline=None)
@given(STUDENTS, METRES, st.integers(100, 250), st.floats(0.0, 1.0))
def test_no_plan_within_the_slack_is_taken_out(students, metres, places, share):
    f, program = build(students, metres, (places, places))
    cost = program.cost["travel"]
    plans = values(f, cost[: program.pairs])
    assume(plans)
    program, warm, _ = tighten(f, program)
    slack = share * (max(value for value, _ in plans) - warm[-1].value)
    reduced = take_out_dear_pairs(f, program, warm[-1], slack)
    for value, used in plans:
        if value <= warm[-1].value + slack:
            x = np.zeros(program.pairs)
            x[used] = 1.0
            assert (reduced.lower[: program.pairs] <= x).all()
            assert (x <= reduced.upper[: program.pairs]).all()


def test_a_far_pair_bears_the_reduced_costs_of_its_way():
    """Ten children a unit, none in U1 and U9; A is 1 km dearer than B but for U1: rounding the corner costs 10 a unit.

    The relaxation gives B all but U1. A alone may take U2 for 10 student-km; U3 lies behind U2 and costs 20.
    """
    metres = [(1, 2), *[(2, 1)] * 8]
    f, program = build((0, *[10] * 7, 0), np.ravel(metres), (200, 200))
    program, warm, _ = tighten(f, program)
    assert warm[-1].value == pytest.approx(70.0)
    taken = {slack: take_out_dear_pairs(f, program, warm[-1], slack).upper for slack in (15.0, 25.0)}
    near, far = f.pair_table[f.blocks.of_unit[[1, 2], 0], 0]
    assert [taken[slack][near] for slack in taken] == [1.0, 1.0]
    assert [taken[slack][far] for slack in taken] == [0.0, 1.0]

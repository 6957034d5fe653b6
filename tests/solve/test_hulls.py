"""Rows of whole catchments, and nodes bounded by them: no plan is lost, and the best one is found and proved.

U7  U8  U9        A stands in U1, B in U9; every contiguous plan is tried.
U4  U5  U6
U1  U2  U3
"""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from nine import METRES, STUDENTS, build, values

from models.outcome import Status
from optimizer.formulation.separate import separate
from optimizer.solve import level
from optimizer.solve.backends import solve_relaxation
from optimizer.solve.effort import Effort
from optimizer.solve.hulls import Hulls
from optimizer.solve.solve import solve

PLACES = st.tuples(st.integers(60, 200), st.integers(60, 200))


def bound_with_hulls(f, program, rounds=6):
    """The relaxation with all rows found in some rounds, and these rows."""
    hulls, cost = Hulls(f), program.cost["travel"]
    relaxation, found = solve_relaxation(program, cost, 10.0), []
    for _ in range(rounds):
        if not np.isfinite(relaxation.value):
            break
        rows = separate(f, program, relaxation.solution[: program.pairs])
        hull = hulls.separate(program, cost, relaxation, lambda: False)
        for row in hull:
            at = relaxation.solution[list(row.columns)] @ row.coefficients
            assert at < row.lower
        found += hull
        program = program.with_rows([*rows, *hull])
        relaxation = solve_relaxation(program, cost, 10.0)
    return relaxation.value, found


@settings(max_examples=20, deadline=None)
@given(STUDENTS, METRES, PLACES)
def test_no_plan_breaks_a_row(students, metres, places):
    f, program = build(students, metres, places)
    _, rows = bound_with_hulls(f, program)
    for _, used in values(f, program.cost["travel"]):
        x = np.zeros(program.pairs)
        x[used] = 1.0
        assert all(x[list(row.columns)] @ row.coefficients >= row.lower - 1e-6 for row in rows)


def test_rows_of_whole_catchments_close_the_gap():
    """A has 50 places and stands in U1 with 10; U2, U4 and U5 hold 30 each and are 1 km nearer to A: it can take one.

    The relaxation fills the 40 places left with 4/3 of a unit, at 40 km saved; whole units save 30. U3, far from both,
    makes 10 km little beside the whole.
    """
    students = (10, 30, 100, 30, 30, 0, 0, 0, 10)
    metres = [1, 5, 4, 5, 99, 99, 4, 5, 4, 5, 1, 1, 1, 1, 1, 1, 5, 1]
    f, program = build(students, metres, (50, 300))
    whole = min(cost for cost, _ in values(f, program.cost["travel"]))
    plain = solve_relaxation(program, program.cost["travel"], 10.0).value
    assert plain == pytest.approx(whole - 10.0)
    assert bound_with_hulls(f, program)[0] == pytest.approx(whole, rel=1e-6)


@pytest.mark.parametrize("workers", [1, 2])
@settings(max_examples=5, deadline=None)
@given(STUDENTS, METRES, PLACES)
def test_nodes_end_with_the_best_plan(workers, students, metres, places):
    f, program = build(students, metres, places)
    plans = values(f, program.cost["travel"])
    assume(plans)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(level, "LARGE", 0)
        outcome = solve(f, Effort(60.0, None, lambda: False), workers=workers)
    assert outcome.status is Status.OPTIMAL
    assert outcome.levels[0].value == pytest.approx(min(cost for cost, _ in plans), rel=2e-4)


def test_where_no_plan_is_left_nodes_say_so():
    """Two units of 40 and one of 30 do not fit into 55 + 60, although the sum does."""
    students = (0, 0, 40, 0, 40, 0, 30, 0, 0)
    f, _ = build(students, [1] * 18, (55, 60))
    assert not values(f, np.zeros(18))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(level, "LARGE", 0)
        outcome = solve(f, Effort(60.0, None, lambda: False))
    assert outcome.status is Status.INFEASIBLE

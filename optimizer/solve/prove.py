"""That there is no plan, shown by a second path: multipliers checked in exact arithmetic, or another solver."""

from fractions import Fraction

import numpy as np
from ortools.sat.python import cp_model
from scipy.sparse import csr_matrix, hstack, identity

from models.district import Floats
from optimizer.formulation.program.program import LinearProgram
from optimizer.solve.backends import solve_relaxation
from optimizer.solve.whole import write_whole

GRAIN_OF_DUALS = 1 << 20
LEAST_SHORTFALL = Fraction(1, 1000)


def prove_by_sums(program: LinearProgram, seconds: float) -> bool:
    """Return True where a weighted sum of the rows contradicts the bounds of the columns (Farkas).

    The weights come from a relaxation in which every row may be broken at a price; the sum is then redone in whole
    numbers and fractions, so that nothing rests on the solver's arithmetic.
    """
    weights = _elastic_duals(program, seconds)
    return weights is not None and _least_contradiction(program, weights) > LEAST_SHORTFALL


def _elastic_duals(program: LinearProgram, seconds: float) -> Floats | None:
    rows, columns = program.matrix.shape
    slack = identity(rows, format="csr")
    matrix = csr_matrix(hstack([program.matrix, slack, -slack]))
    most = np.full(2 * rows, 1e7)
    elastic = LinearProgram(
        matrix=matrix,
        row_lower=program.row_lower,
        row_upper=program.row_upper,
        row_names=program.row_names,
        lower=np.concatenate([program.lower, np.zeros(2 * rows)]),
        upper=np.concatenate([program.upper, most]),
        whole=np.zeros(columns + 2 * rows, dtype=bool),
        cost={},
    )
    cost = np.concatenate([np.zeros(columns), np.ones(2 * rows)])
    relaxation = solve_relaxation(elastic, cost, seconds)
    return relaxation.duals if np.isfinite(relaxation.value) and relaxation.value > 1e-6 else None


def _least_contradiction(program: LinearProgram, duals: Floats) -> Fraction:
    """Least value of y·(A x - bounds) over all columns within their bounds, exactly; positive: no solution exists."""
    weights = [round(float(y) * GRAIN_OF_DUALS) for y in duals]
    total = Fraction(0)
    gathered: dict[int, Fraction] = {}
    matrix = program.matrix
    for row in np.flatnonzero(duals):
        y = weights[row]
        bound = program.row_lower[row] if y > 0 else program.row_upper[row]
        if y == 0 or not np.isfinite(bound):
            continue
        total += y * Fraction(float(bound))
        for k in range(matrix.indptr[row], matrix.indptr[row + 1]):
            column = int(matrix.indices[k])
            gathered[column] = gathered.get(column, Fraction(0)) + y * Fraction(float(matrix.data[k]))
    for column, value in gathered.items():
        at = program.upper[column] if value > 0 else program.lower[column]
        total -= value * Fraction(float(at))
    return total / GRAIN_OF_DUALS


def prove_by_search(program: LinearProgram, seconds: float, workers: int) -> bool:
    """Return True where CP-SAT, on the same rows in whole numbers, proves that no plan keeps them."""
    model, _, exact = write_whole(program)
    if not exact:
        return False
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.1, seconds)
    solver.parameters.num_workers = workers
    return bool(solver.solve(model) == cp_model.INFEASIBLE)

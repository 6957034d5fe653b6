"""A program, or a part of it, in whole numbers for CP-SAT."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
from ortools.sat.python import cp_model

from models.district import Bools, Floats
from optimizer.formulation.program.program import LinearProgram

LARGEST_SCALE = 10**12
"""Rows whose coefficients need a larger common denominator are rounded: CP-SAT counts in 64 bits."""
ROUNDED_SCALE = 10**6
COST_SCALE = 1000
"""Costs are counted in thousandths: a metre for one child."""


def fix_rest(program: LinearProgram, free: Bools, values: Floats) -> LinearProgram:
    """Return the program over the `free` columns alone; the others stay at `values` and move to the bounds of rows."""
    fixed = program.matrix[:, ~free] @ values[~free]
    return replace(
        program.with_columns(np.flatnonzero(free)),
        row_lower=program.row_lower - fixed,
        row_upper=program.row_upper - fixed,
    )


def write_whole(program: LinearProgram) -> tuple[cp_model.CpModel, list[cp_model.IntVar], bool]:
    """Return the program as a CP-SAT model with its columns, and whether every row could be written exactly."""
    model = cp_model.CpModel()
    columns = [
        model.new_int_var(math.ceil(low), math.floor(high), "")
        for low, high in zip(program.lower, program.upper, strict=True)
    ]
    exact = True
    matrix = program.matrix
    for row in range(matrix.shape[0]):
        span = slice(matrix.indptr[row], matrix.indptr[row + 1])
        scale, values, kept = _in_whole_numbers(matrix.data[span])
        exact &= kept
        total = cp_model.LinearExpr.weighted_sum([columns[c] for c in matrix.indices[span]], values)
        low, high = program.row_lower[row], program.row_upper[row]
        if np.isfinite(low):
            model.add(total >= math.ceil(Fraction(low).limit_denominator(10**6) * scale))
        if np.isfinite(high):
            model.add(total <= math.floor(Fraction(high).limit_denominator(10**6) * scale))
    return model, columns, exact


def minimize(model: cp_model.CpModel, columns: list[cp_model.IntVar], cost: Floats) -> None:
    """Set the objective, rounded to thousandths."""
    priced = np.flatnonzero(cost)
    prices = np.round(cost[priced] * COST_SCALE).astype(np.int64)
    model.minimize(cp_model.LinearExpr.weighted_sum([columns[k] for k in priced], prices.tolist()))


def _in_whole_numbers(values: Floats) -> tuple[int, list[int], bool]:
    """Scale, scaled values, and whether nothing was rounded."""
    exact = [Fraction(float(value)).limit_denominator(10**9) for value in values]
    scale = math.lcm(*(value.denominator for value in exact))
    if scale <= LARGEST_SCALE:
        return scale, [int(value * scale) for value in exact], True
    return ROUNDED_SCALE, [round(value * ROUNDED_SCALE) for value in exact], False

"""From who goes where to everything else: classes, extra classes and soft breaches, the least of each."""

from dataclasses import dataclass

import numpy as np

from models.district import Bools, Floats, Ints
from models.settings import LevelName
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program import Program, Row
from optimizer.formulation.separate import separate
from optimizer.solve.backends import solve_integral
from optimizer.solve.whole import fix_rest

CLASSES_SECONDS = 20.0
MAX_ROUNDS = 50


@dataclass(frozen=True)
class Candidate:
    """A plan that keeps every hard rule: a value for every column of the program, and of every level."""

    columns: Floats
    values: dict[LevelName, float]


def plan_of(f: Formulation, candidate: Candidate) -> Ints:
    """School of every block of a plan of whole blocks."""
    used = np.flatnonzero(candidate.columns[: len(f.pairs)] > 0.5)
    plan = np.full(len(f.blocks), -1, dtype=np.int64)
    plan[f.pairs.block[used]] = f.pairs.school[used]
    return plan


def complete(f: Formulation, program: Program, plan: Ints) -> Candidate | None:
    """Return the best completion of a plan of whole blocks, or None where it breaks a hard rule.

    Given who goes where, soft breaches come first, then classes missing to soft targets, then as few classes as the
    caps, the rooms and the shares allow.
    """
    if (plan < 0).any():
        return None
    columns = np.zeros(len(program.lower))
    pairs = f.pair_table[np.arange(len(plan)), plan]
    if (pairs < 0).any():
        return None
    columns[pairs] = 1.0
    columns[program.children.start :][: len(program.children.pair)] = np.where(
        columns[program.children.pair] > 0,
        f.blocks.students[f.pairs.block[program.children.pair], program.children.column],
        0,
    )
    return settle(f, program, columns)


def settle(f: Formulation, program: Program, columns: Floats) -> Candidate | None:
    """Return the best completion of a solution whose pairs (and children of split units) are taken as they are."""
    columns = np.round(columns)
    last = program.children.start + len(program.children.pair)
    taken = np.arange(len(columns)) < (last if f.divisible else program.pairs)
    rows = separate(f, program, columns[: program.pairs])
    if rows and not program.cut_off:
        return None
    for _ in range(MAX_ROUNDS):
        solution = _solve_rest(f, program.with_rows(rows), columns, taken)
        if solution is None:
            return None
        further = [row for row in separate(f, program, solution[: program.pairs]) if not _holds(row, solution)]
        if not further:
            values = {level: float(cost @ solution) for level, cost in program.cost.items()}
            return Candidate(solution, values)
        rows += further
    return None


def _holds(row: Row, solution: Floats) -> bool:
    total = sum(v * solution[c] for c, v in zip(row.columns, row.coefficients, strict=True))
    return bool(total <= row.upper + 1e-6)


def _solve_rest(f: Formulation, program: Program, columns: Floats, taken: Bools) -> Floats | None:
    """Decide the columns that are not taken; the taken ones move to the bounds of the rows."""
    rest = np.flatnonzero(~taken)
    smaller = fix_rest(program, ~taken, columns)
    result = solve_integral(smaller, _rest_cost(program)[rest], CLASSES_SECONDS, 1e-6)
    if result.solution is None:
        return None
    out = columns.copy()
    out[rest] = np.where(smaller.whole, np.round(result.solution), result.solution)
    return out


def _rest_cost(program: Program) -> Floats:
    """What the earlier of shortage, overflow and missing small classes costs weighs most; then classes count.

    A child above a class cap that is no hard rule counts as two classes. Children of later years beyond the places
    depend on who goes where alone: they are priced so that they are counted as few as they are.
    """
    zero = np.zeros(len(program.lower))
    decided = [level for level in program.cost if level in ("shortage", "overflow", "small_classes")]
    weights = (1e6, 1e4, 1e2)[-len(decided) :]
    cost = (
        np.sum([weight * program.cost[level] for level, weight in zip(decided, weights, strict=False)], axis=0) + zero
    )
    cost += program.cost.get("later", 0.0)
    cost[program.classes[program.classes >= 0]] += 1.0
    cost[program.crowded] += 2.0
    return np.asarray(cost)

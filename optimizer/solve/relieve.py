"""Mode `entry`: from today's catchments to a plan in which children fit, changing little and nothing far away."""

import time
from collections.abc import Iterator

import numpy as np

from models.district import Bools, Floats, Ints
from models.settings import LevelName
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program import Program
from optimizer.formulation.separate import neighbour_rows, separate
from optimizer.solve.backends import solve_integral
from optimizer.solve.complete import Candidate
from optimizer.solve.construct import grow_catchments, round_to_blocks
from optimizer.solve.nearest import rank_by_owner

NEAREST = 4
"""Schools a block is offered beside its own: whoever changes, changes to a school that is near."""
GAP = 1e-4
LATER = 0.01
"""What a later level weighs against the one before it."""
CHANGE = 1e-3
"""What the change of a block weighs against a child of the level: all that change weigh less than one."""


def relieve(f: Formulation, program: Program, name: LevelName, best: Candidate, seconds: float) -> Iterator[Ints]:
    """Yield plans of whole blocks that may be better in level `name`: the best near `best`, mended where it fell apart.

    The level counts most, then the later ones and every block that changes, so that blocks without children stay
    where they hold a catchment together. Rows that a solution breaks are added and it is solved again.
    """
    kept = np.flatnonzero(_offered(f, program, best))
    cost = _cost(f, program, name, best)
    upper = program.upper.copy()
    upper[np.setdiff1d(np.arange(program.pairs), kept)] = 0.0
    part = program.with_bounds(program.lower, upper)
    part = part.with_rows(neighbour_rows(f, program, kept))
    open_columns = np.flatnonzero(upper > 0)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        left = end - time.monotonic()
        hint = best.columns[open_columns]
        result = solve_integral(part.with_columns(open_columns), cost[open_columns], left, GAP, hint=hint)
        if result.solution is None:
            return
        solution = np.zeros(len(part.lower))
        solution[open_columns] = result.solution
        rows = separate(f, part, solution[: part.pairs])
        yield grow_catchments(f, round_to_blocks(f, solution[: part.pairs]), cost[: part.pairs])
        if not rows:
            return
        part = part.with_rows(rows)


def _offered(f: Formulation, program: Program, best: Candidate) -> Bools:
    """Pairs of a block with the schools nearest to it, and with its own."""
    rank = rank_by_owner(f.pairs.block, f.metres)
    return np.asarray((rank < NEAREST) | (best.columns[: program.pairs] > 0.5))


def _cost(f: Formulation, program: Program, name: LevelName, best: Candidate) -> Floats:
    """Costs of the level and, weighing less, of those after it; later years wait for their own turn.

    Asked together with this year's children they would make the program several times as hard.
    """
    after = [level for level in f.order[f.order.index(name) + 1 :] if level != "later" and np.any(program.cost[level])]
    cost = np.sum([LATER**k * program.cost[level] for k, level in enumerate([name, *after])], axis=0)
    changed = best.columns[: program.pairs] < 0.5
    cost[: program.pairs] += CHANGE * changed
    return np.asarray(cost)

"""Mode `entry`: from today's catchments to a plan in which children fit, changing little and nothing far away."""

import time
from collections.abc import Iterator

import numpy as np

from models.district import Bools, Floats, Ints
from models.settings import LevelName
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.parents import parent_rows
from optimizer.formulation.program import Program, Row
from optimizer.formulation.separate import separate
from optimizer.solve.backends import solve_integral
from optimizer.solve.complete import Candidate, plan_of
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
    """Yield plans of whole blocks that may be better in level `name`: each the best near the one before.

    The level counts most, then the later ones and every block that changes, so that blocks without children stay
    where they hold a catchment together. Catchments grow and shrink along today's ways to the own unit, then along
    those of the plan that was found, until it stays the same. The few that have no own unit may come out in pieces:
    these are mended, and the rows that they break are added.
    """
    offered, cost = _offered(f, program, best), _cost(f, program, name, best)
    plan, hint = plan_of(f, best), best.columns
    columns = np.ones(len(program.lower), dtype=bool)
    columns[: program.pairs] = offered
    at = np.flatnonzero(columns & (program.upper > 0))
    broken: list[Row] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        part = program.with_rows([*parent_rows(f, plan, offered), *broken]).with_columns(at)
        result = solve_integral(part, cost[at], end - time.monotonic(), GAP, hint=hint[at])
        if result.solution is None:
            return
        hint = np.zeros(len(program.lower))
        hint[at] = result.solution
        used = hint[: program.pairs]
        before, plan = plan, grow_catchments(f, round_to_blocks(f, used), cost[: program.pairs])
        yield plan
        rows = separate(f, program, used)
        if not rows and np.array_equal(plan, before):
            return
        broken += rows


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

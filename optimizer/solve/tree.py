"""Branch and bound over whole districts: the school of one block decides, and rows of whole catchments bound.

Every open node has a program of its own, since what its catchments obey holds under its decisions alone. The node of
least bound is next; it gains rows as long as they help, then a block is chosen whose every school makes plans dearer.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.district import Ints
from optimizer.formulation.program import Program, Row
from optimizer.formulation.separate import separate
from optimizer.solve.backends import Relaxation, WarmRelaxation
from optimizer.solve.hulls import Hulls, find_prices
from optimizer.solve.reduce import drop_idle_rows, take_out_dear_pairs

if TYPE_CHECKING:
    from optimizer.solve.level import LevelSolver

LEAST_RISE = 2e-5
"""Share of the bound that a round must bring for the next one to be worth it."""
LEAD = 2e-4
"""Share of the bound by which a node may be ahead of the least one before that is taken up."""
DULL_ROUNDS = 2
MOST_ROWS = 1500
"""Rows beyond those of the first program: those that the bound does not lean on are then dropped."""
TRIED = 6
"""Blocks of either order of promise that are tried."""
WHOLE = 1e-6


@dataclass(eq=False)
class Node:
    """Plans that some decisions leave, and what bounds them."""

    program: Program
    bound: float


class Tree:
    """Open nodes of one level. `step` does a little work; `bound` is what no plan of any node passes."""

    def __init__(self, level: "LevelSolver", program: Program) -> None:
        assert level.relaxation is not None
        self._level = level
        self._f = level.tools.formulation
        self._hulls = Hulls(self._f)
        self._open = [Node(program, level.relaxation.value)]
        self._at: Node | None = None
        self._warm: WarmRelaxation | None = None
        self._dull = 0
        self._closed: list[Node] = []
        self._root = True

    @property
    def ended(self) -> bool:
        """Whether no node is left to work on."""
        return self._at is None and not self._open

    @property
    def bound(self) -> float:
        """The least bound of all nodes; inf where none is left."""
        nodes = [*self._open, *self._closed, *([] if self._at is None else [self._at])]
        return min((node.bound for node in nodes), default=np.inf)

    def step(self) -> None:
        """Add one round of rows to the node at hand, or branch on it, or take up the least one."""
        if self._at is None:
            self._take_up(min(self._open, key=lambda node: node.bound))
        assert self._at is not None and self._warm is not None
        node, level = self._at, self._level
        relaxation = self._warm.solve(level.tools.effort.left_s)
        level.tools.effort.spend("relaxation")
        if np.isinf(relaxation.value):
            if relaxation.value < 0:  # the solver proved nothing: the node keeps the bound that it has
                self._closed.append(node)
            self._at = None
            return
        self._dull = 0 if relaxation.value > node.bound * (1.0 + LEAST_RISE) else self._dull + 1
        node.bound = max(node.bound, relaxation.value)
        if self._root:
            level.relaxation = relaxation
        self._continue(node, relaxation)

    def _take_up(self, node: Node) -> None:
        self._open.remove(node)
        self._at, self._dull = node, -1
        self._warm = WarmRelaxation(node.program, self._level.cost)
        self._hulls.wake()

    def _continue(self, node: Node, relaxation: Relaxation) -> None:
        """Add rows; branch where they bring little; leave the node where another one is far behind."""
        level, f = self._level, self._f
        if level.best is not None:
            slack = level.best.values[level.name] - relaxation.value
            node.program = take_out_dear_pairs(f, node.program, relaxation, max(slack, 0.0))
        behind = min((other.bound for other in self._open), default=np.inf)
        rows = separate(f, node.program, relaxation.solution[: node.program.pairs])
        used = relaxation.solution[: node.program.pairs]
        whole = bool((np.minimum(used, 1.0 - used) < WHOLE).all())
        if whole and not rows:
            level.learn(relaxation.solution)
            self._closed.append(node)
            self._at = None
        elif self._dull >= DULL_ROUNDS and not whole:
            self._branch(node, relaxation)
        elif behind < node.bound * (1.0 - LEAD):
            self._leave(node, relaxation)
        else:
            rows += self._hulls.separate(node.program, level.cost, relaxation, lambda: level.done)
            if not rows:
                self._dull = DULL_ROUNDS
            self._grow(node, relaxation, rows)

    def _grow(self, node: Node, relaxation: Relaxation, rows: list[Row]) -> None:
        assert self._warm is not None
        if len(node.program.row_names) > len(self._level.program.row_names) + MOST_ROWS:
            node.program = drop_idle_rows(node.program, relaxation).with_rows(rows)
            self._warm = WarmRelaxation(node.program, self._level.cost)
        else:
            node.program = node.program.with_rows(rows)
            self._warm.follow(node.program)

    def _leave(self, node: Node, relaxation: Relaxation) -> None:
        node.program = drop_idle_rows(node.program, relaxation)
        self._open.append(node)
        self._at = None

    def _branch(self, node: Node, relaxation: Relaxation) -> None:
        """Divide the node by the school of the block that makes the least of its parts dearest."""
        best, most = [node], -np.inf
        for block in self._promising(node, relaxation):
            if self._level.done:
                break
            parts = self._divide(node, relaxation, block, most)
            if parts is not None:
                best, most = parts, min((part.bound for part in parts), default=np.inf)
        self._level.suggest(relaxation.solution)
        for part in best:
            self._leave(part, relaxation)
        self._at, self._root = None, False

    def _promising(self, node: Node, relaxation: Relaxation) -> Ints:
        """Blocks that the solution divides: those that the rows lean on most, and those of most children."""
        f, pairs = self._f, node.program.pairs
        used = relaxation.solution[:pairs]
        prices = find_prices(f, node.program, self._level.cost, relaxation)
        apart = np.minimum(used, 1.0 - used)
        divided = np.unique(f.pairs.block[apart > WHOLE])
        open_pairs = used > WHOLE
        leant = np.full(len(f.blocks), np.inf)
        lean = apart * (np.abs(prices.held) + np.abs(prices.counted))
        np.minimum.at(leant, f.pairs.block[open_pairs], lean[open_pairs])
        weight = np.zeros(len(f.blocks))
        np.maximum.at(weight, f.pairs.block, apart * f.blocks.size[f.pairs.block])
        orders = [divided[np.argsort(-by[divided], kind="stable")][:TRIED] for by in (leant, weight)]
        return np.array(list(dict.fromkeys(np.concatenate(orders).tolist())), dtype=np.int64)

    def _divide(self, node: Node, relaxation: Relaxation, block: int, worth: float) -> list[Node] | None:
        """The parts of a node: one for each school that the block uses, one for all others; None where not worth it."""
        assert self._warm is not None
        program, f = node.program, self._f
        mine = np.flatnonzero((f.pairs.block == block) & (program.upper[: program.pairs] > 0))
        used = mine[relaxation.solution[mine] > WHOLE]
        used = used[np.argsort(-relaxation.solution[used], kind="stable")]
        parts = []
        for kept in [*([pair] for pair in used.tolist()), np.setdiff1d(mine, used).tolist()]:
            if kept:
                part = _with_pairs(program, mine, kept)
                self._warm.follow(part)
                value = self._warm.solve(self._level.tools.effort.left_s).value
                self._level.tools.effort.spend("relaxation")
                if value <= worth:
                    self._warm.follow(program)
                    return None
                if value < np.inf:
                    parts.append(Node(part, max(node.bound, value)))
        self._warm.follow(program)
        return parts


def _with_pairs(program: Program, mine: Ints, kept: list[int]) -> Program:
    """Return the program in which a block, whose pairs are `mine`, uses one of the `kept` ones."""
    lower, upper = program.lower.copy(), program.upper.copy()
    upper[np.setdiff1d(mine, kept)] = 0.0
    if len(kept) == 1:
        lower[kept] = 1.0
    return program.with_bounds(lower, upper)

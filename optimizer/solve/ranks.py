"""Contiguity stated in full for CP-SAT: who goes to a school has a neighbour there that is nearer to its own unit."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from models.district import Bools, Ints
from optimizer.formulation.formulation import Contiguity, Formulation
from optimizer.solve.construct import number_pieces

SPARE_STEPS = 20
"""Catchments may reach so many steps farther than the farthest does now."""


def add_ranks(
    f: Formulation, model: cp_model.CpModel, plan: Ints, free: Bools, literals: dict[int, cp_model.IntVar]
) -> None:
    """assign[u,j] ≤ Σ_v step[u,v,j], step[u,v,j] ≤ assign[v,j], rank[u] ≥ rank[v] + 1 where step[u,v,j], v beside u.

    `plan` is the school of every block and gives the hints, `free` says which blocks may move, `literals` holds the
    pairs among which they choose. Units that may not move hang together in pieces; the one with the own unit is the
    root and has no rank. Catchments without an own unit of their own are left out.
    """
    c = f.contiguity
    if c is None or not c.hard:
        return
    for stage in range(len(f.stages)):
        _Steps(model, _lay_out(f, c, stage, plan, free), literals).add()


@dataclass(frozen=True)
class _Ground:
    """Nodes of one stage, each named by one of its units: free units, and pieces of fixed ones."""

    school: Ints
    """School of every unit in the plan at hand, -1 where contiguity is not judged."""
    moving: Bools
    """Units that may move."""
    home: Ints
    """Node of every school's own unit, -1 where none is asked for."""
    pair: Ints
    """Position of the pair of a unit and a school, -1 where there is none, shape (units, schools)."""
    near: dict[int, list[int]]
    """Nodes beside every node."""
    depth: dict[int, int]
    """Steps from the own unit's node in the plan at hand."""


def _lay_out(f: Formulation, c: Contiguity, stage: int, plan: Ints, free: Bools) -> _Ground:
    block = f.blocks.of_unit[:, stage]
    school = np.where(c.judged[:, stage], plan[block], -1)
    moving = free[block] & (school >= 0)
    node = _name_pieces(c, np.where(moving, -1, school))
    rooted = c.rooted[:, stage]
    home = np.where(rooted, node[c.home[:, stage]], -1)
    near = _find_neighbours(c, node, school)
    return _Ground(school, moving, home, f.pair_table[block], near, _measure_depths(near, school, home))


def _name_pieces(c: Contiguity, school: Ints) -> Ints:
    """Name every unit by the first unit of its piece; one without a school (-1) is a piece by itself."""
    piece = number_pieces(c, school)
    return np.asarray(np.unique(piece, return_index=True)[1][piece], dtype=np.int64)


def _find_neighbours(c: Contiguity, node: Ints, school: Ints) -> dict[int, list[int]]:
    unit = np.repeat(np.arange(len(school)), np.diff(c.start))
    here, there = node[unit], node[c.neighbours]
    kept = (here != there) & (school[here] >= 0) & (school[there] >= 0)
    near: dict[int, list[int]] = {}
    for a, b in np.unique(np.stack([here[kept], there[kept]], axis=1), axis=0).tolist():
        near.setdefault(a, []).append(b)
    return near


def _measure_depths(near: dict[int, list[int]], school: Ints, home: Ints) -> dict[int, int]:
    seats = [node for j, node in enumerate(home.tolist()) if node >= 0 and school[node] == j]
    depth = dict.fromkeys(seats, 0)
    queue = deque(seats)
    while queue:
        node = queue.popleft()
        for other in near.get(node, []):
            if school[other] == school[node] and other not in depth:
                depth[other] = depth[node] + 1
                queue.append(other)
    return depth


class _Steps:
    """Writes ranks and steps of one stage into a model."""

    def __init__(self, model: cp_model.CpModel, ground: _Ground, literals: dict[int, cp_model.IntVar]) -> None:
        self.model, self.ground, self.literals = model, ground, literals
        self.most = max(ground.depth.values(), default=0) + SPARE_STEPS
        self._ranks: dict[int, cp_model.IntVar] = {}

    def add(self) -> None:
        ground = self.ground
        for node, others in ground.near.items():
            for school in np.flatnonzero(ground.home >= 0).tolist():
                if node != ground.home[school] and self._uses(node, school) is not False:
                    self._add_node(node, school, others)

    def _uses(self, node: int, school: int) -> cp_model.IntVar | bool:
        """Whether a node goes to a school: decided, or by a literal."""
        if not self.ground.moving[node]:
            return bool(self.ground.school[node] == school)
        return self.literals.get(int(self.ground.pair[node, school]), False)

    def _add_node(self, node: int, school: int, others: list[int]) -> None:
        root = int(self.ground.home[school])
        if root in others and not self.ground.moving[root]:
            return
        steps = [self._add_step(node, other, school) for other in others if self._uses(other, school) is not False]
        used = self._uses(node, school)
        self.model.add_bool_or(steps if isinstance(used, bool) else [*steps, ~used])

    def _add_step(self, node: int, other: int, school: int) -> cp_model.IntVar:
        step, used, depth = self.model.new_bool_var(""), self._uses(other, school), self.ground.depth
        if not isinstance(used, bool):
            self.model.add_implication(step, used)
        self.model.add(self._rank(node) >= self._rank(other) + 1).only_enforce_if(step)
        both = self.ground.school[node] == school == self.ground.school[other]
        self.model.add_hint(step, int(both and depth.get(other, self.most) < depth.get(node, 0)))
        return step

    def _rank(self, node: int) -> cp_model.IntVar:
        if node not in self._ranks:
            self._ranks[node] = self.model.new_int_var(0, self.most, "")
            self.model.add_hint(self._ranks[node], self.ground.depth.get(node, self.most))
        return self._ranks[node]

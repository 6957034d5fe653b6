"""The fewest units that must leave the catchments they were drawn into, proved by searching for more and more.

Whoever moves to a catchment in one piece moves beside it, or beside somebody who moves there too and is nearer to it:

    Σ_w step[i,w,j] + Σ_{w drawn to j} assign[w,j] ≥ assign[i,j],   level[w] + 1 ≤ level[i] where step[i,w,j] = 1

for units i that were not drawn to j and their neighbours w. With at most k moves every level is at most k, and no unit
moves to a catchment that is more than k borders away: so k grows from one, and rows of contiguity come as they are
broken.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from ortools.sat.python import cp_model
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from models.district import Bools, Floats, Ints
from models.settings import LevelName
from optimizer.formulation.formulation import Contiguity, Formulation
from optimizer.formulation.program import Program, write_program
from optimizer.formulation.separate import neighbour_rows, separate
from optimizer.solve.complete import complete
from optimizer.solve.effort import Effort
from optimizer.solve.whole import minimize, write_whole

MOST = 64
"""Moves up to which a proof is looked for."""
FOR_COUNT = 0.5
"""Share of the effort in which the number is looked for; whoever finds it sooner leaves the more for the levels."""
FOR_NEAR = 0.3
"""Share of what is left then for where to the same units may move, before it is asked which units."""


@dataclass(frozen=True)
class Fewest:
    """How many units must move."""

    least: int
    """With fewer no plan keeps every hard rule."""
    plan: Ints | None
    """School of every block in a plan with so few moves, or with as few as were found; None where time ran out."""
    settled: bool = False
    """Whether it was proved that no plan with as many moves is better by the other levels."""


def find_fewest(f: Formulation, held: Bools, effort: Effort, workers: int) -> Fewest:
    """Return the fewest units that must leave the catchments `held`, shape (units, schools, stages), whole units alone.

    The first level of the formulation counts them, each unit of a block once; the other levels decide among plans with
    so many, one after the other, as far as time goes.
    """
    least, most, borders, counting = 0, 1, _borders_away(f, held), effort.rest(FOR_COUNT)
    while not (counting.over or f.divisible) and most <= MOST:
        near = _with_pairs(f, borders <= most)
        if len(np.unique(near.pairs.block)) == len(f.blocks):
            search = _Search(near, held, most, workers)
            least, plan = search.count(least, counting) if search.exact else (least, None)
            if plan is not None and search.count_moves(plan) > least:
                least, plan = search.count(least, effort.rest(FOR_COUNT), plan)
            if plan is not None:
                return Fewest(least, *search.improve(plan, effort))
            if least <= most:
                break
        least = max(least, most + 1)
        most = max(2 * most, least)
    return Fewest(least, None)


def _with_pairs(f: Formulation, kept: Bools) -> Formulation:
    """The same with some of the pairs alone."""
    pairs = replace(
        f.pairs,
        block=f.pairs.block[kept],
        school=f.pairs.school[kept],
        price={level: price[kept] for level, price in f.pairs.price.items()},
    )
    budgets = tuple(replace(budget, weight=budget.weight[kept]) for budget in f.budgets)
    return replace(f, pairs=pairs, budgets=budgets, metres=f.metres[kept])


class _Search:
    """One search after the other for plans with at most so many moves, and the rows that solutions broke."""

    def __init__(self, f: Formulation, held: Bools, most: int, workers: int) -> None:
        self.f, self.held, self.most, self.workers = f, held, most, workers
        program = write_program(f)
        rows = neighbour_rows(f, program, program.free_pairs) if f.contiguity is not None else []
        self.program = program.with_rows(rows)
        self.moves = np.round(program.cost[f.order[0]]).astype(np.int64)
        self.exact = write_whole(program)[2]
        self.hint = np.flatnonzero(self.moves[: program.pairs] == 0)

    def count_moves(self, plan: Ints) -> int:
        """Return how many units a plan moves."""
        return int(self.moves[self.f.pair_table[np.arange(len(plan)), plan]].sum())

    def count(self, least: int, effort: Effort, known: Ints | None = None) -> tuple[int, Ints | None]:
        """Return how many moves are needed, `least` or more, and a plan with so many, or with more than were proved.

        `known` is such a plan. None where more are needed than are looked for, or the time is too little.
        """
        if known is not None:
            self.hint = self.f.pair_table[np.arange(len(known)), known]
        while not effort.over:
            model, columns = self._write(least, self.most)
            model.minimize(self._sum(columns, self.moves))
            status, solver = self._solve(model, effort)
            if status == cp_model.INFEASIBLE:
                return self.most + 1, None
            if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                return least, known
            least = max(least, math.ceil(solver.best_objective_bound - 1e-6))
            plan = self._learn(solver, columns)
            if plan is not None:
                return least, plan
        return least, known

    def improve(self, plan: Ints, effort: Effort) -> tuple[Ints, bool]:
        """Return the best plan with no more moves, and whether it was proved to be that.

        Where to the units of `plan` may move comes first, which is soon known; then every plan with so many moves.
        """
        every = self.program
        self.program = self._hold_others(plan)
        plan, _ = self._improve_levels(plan, effort.rest(FOR_NEAR))
        self.program = every
        other, settled = self._improve_levels(plan, effort)
        return (other if self._value(other) <= self._value(plan) else plan), settled

    def _hold_others(self, plan: Ints) -> Program:
        """The program in which only the blocks that move in a plan are open."""
        used = self.f.pair_table[np.arange(len(plan)), plan]
        moving = self.moves[used] > 0
        held = ~moving[self.f.pairs.block]
        held[used] = False
        upper = self.program.upper.copy()
        upper[: self.program.pairs][held] = 0.0
        return self.program.with_bounds(self.program.lower, upper)

    def _value(self, plan: Ints) -> tuple[float, ...]:
        """Levels of a plan in order, to thousandths."""
        known = complete(self.f, self.program, plan)
        return (math.inf,) if known is None else tuple(round(known.values[level], 3) for level in self.f.order)

    def _improve_levels(self, plan: Ints, effort: Effort) -> tuple[Ints, bool]:
        """The best plan found level by level, each with half of the time that is left, and whether all were proved."""
        settled = True
        most = self.count_moves(plan)
        for level in self.f.order[1:]:
            if np.any(self.program.cost[level]):
                plan, proved = self._improve(most, level, plan, effort.rest(0.5))
                settled &= proved
                known = complete(self.f, self.program, plan)
                if known is not None:
                    self.program = self.program.with_rows([self.program.hold(level, known.values[level], 0.0)])
        return plan, settled

    def _improve(self, most: int, level: LevelName, plan: Ints, effort: Effort) -> tuple[Ints, bool]:
        while not effort.over:
            self.hint = self.f.pair_table[np.arange(len(plan)), plan]
            model, columns = self._write(most, most)
            minimize(model, columns, self.program.cost[level])
            status, solver = self._solve(model, effort)
            better = self._learn(solver, columns) if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else plan
            if better is not None:
                return better, status == cp_model.OPTIMAL
        return plan, False

    def _solve(self, model: cp_model.CpModel, effort: Effort) -> tuple[int, cp_model.CpSolver]:
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = max(0.1, effort.left_s)
        solver.parameters.num_workers = self.workers
        return int(solver.solve(model)), solver

    def _learn(self, solver: cp_model.CpSolver, columns: list[cp_model.IntVar]) -> Ints | None:
        """The plan of a solution; where it breaks rows, these are kept and there is none."""
        used = np.array([solver.value(column) for column in columns[: self.program.pairs]], dtype=float)
        rows = separate(self.f, self.program, used)
        self.program = self.program.with_rows(rows)
        return None if rows else _plan_of(self.f, used)

    def _write(self, least: int, most: int) -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
        model, columns, _ = write_whole(self.program)
        total = self._sum(columns, self.moves)
        model.add(total <= most)
        model.add(total >= least)
        if self.f.contiguity is not None and self.f.contiguity.hard:
            self._add_steps(model, columns, self.f.contiguity, most)
        for pair in self.hint.tolist():
            model.add_hint(columns[pair], 1)
        return model, columns

    def _sum(self, columns: list[cp_model.IntVar], cost: Ints) -> cp_model.LinearExpr:
        priced = np.flatnonzero(cost)
        return cp_model.LinearExpr.weighted_sum([columns[k] for k in priced], cost[priced].tolist())

    def _add_steps(self, model: cp_model.CpModel, columns: list[cp_model.IntVar], c: Contiguity, most: int) -> None:
        f, table = self.f, self.f.pair_table
        for s in range(len(f.stages)):
            level = [model.new_int_var(1, most, "") for _ in f.unit_ids]
            for school in np.flatnonzero(c.rooted[:, s] & ~c.stands[:, s]).tolist():
                pair, drawn = table[f.blocks.of_unit[:, s], school], self.held[:, school, s]
                joining = (pair >= 0) & ~drawn & c.judged[:, s]
                joining[c.home[school, s]] = False
                for unit in np.flatnonzero(joining).tolist():
                    ways, around = [~columns[pair[unit]]], c.around(unit)
                    for near in around[pair[around] >= 0].tolist():
                        if drawn[near]:
                            ways.append(columns[pair[near]])
                            continue
                        step = model.new_bool_var("")
                        model.add_implication(step, columns[pair[near]])
                        model.add(level[near] + 1 <= level[unit]).only_enforce_if(step)
                        ways.append(step)
                    model.add_bool_or(ways)


def _plan_of(f: Formulation, used: Floats) -> Ints:
    plan = np.full(len(f.blocks), -1, dtype=np.int64)
    pairs = np.flatnonzero(used > 0.5)
    plan[f.pairs.block[pairs]] = f.pairs.school[pairs]
    return plan


def _borders_away(f: Formulation, held: Bools) -> Floats:
    """Units that must move at least if a pair is used, because its catchment lies so many borders away, shape (pairs,).

    0 where a catchment need not be in one piece, or may begin anywhere.
    """
    away = np.zeros(len(f.pairs))
    c = f.contiguity
    if c is None or not c.hard:
        return away
    count = len(f.unit_ids)
    graph = csr_matrix((np.ones(len(c.neighbours)), c.neighbours, c.start), shape=(count, count))
    stage = f.blocks.stage[f.pairs.block]
    for school, s in np.argwhere(c.rooted & ~c.stands).tolist():
        near = _distances(graph, np.flatnonzero(held[:, school, s]))
        near = np.minimum(near, 1.0 + _distances(graph, np.array([c.home[school, s]])))
        near[~c.judged[:, s]] = 0.0
        of_block = np.maximum.reduceat(near[f.blocks.units], f.blocks.start[:-1])
        here = (f.pairs.school == school) & (stage == s)
        away[here] = of_block[f.pairs.block[here]]
    return away


def _distances(graph: csr_matrix, units: Ints) -> Floats:
    """Borders between each unit and the nearest of some; inf where none is reached."""
    if not len(units):
        return np.full(graph.shape[0], np.inf)
    return np.asarray(dijkstra(graph, indices=units, unweighted=True, min_only=True), dtype=np.float64)

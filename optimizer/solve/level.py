"""One level of the objective: bound it, improve the plan at hand, and prove it, until the two meet."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

import numpy as np

from models.district import Floats, Ints
from models.outcome import Level
from models.settings import LevelName
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program import Program
from optimizer.formulation.separate import neighbour_rows, separate
from optimizer.solve.backends import Relaxation, solve_integral, solve_relaxation
from optimizer.solve.complete import Candidate, complete, settle
from optimizer.solve.construct import grow_catchments, round_to_blocks
from optimizer.solve.effort import Effort
from optimizer.solve.search import Search

GRAIN: dict[LevelName, float] = {"travel": 1e-3}
"""Differences below it do not count: a metre for one child; elsewhere one child or class."""
WHOLE_GRAIN = 1.0 - 1e-6
ROUNDS_A_SLICE = 60
NODES_A_SLICE = 100
MOST_NEIGHBOUR_ROWS = 6000


@dataclass
class Tools:
    """What the levels share: formulation, seed, effort, who watches, and the search once it is needed."""

    formulation: Formulation
    effort: Effort
    gap: float
    seed: int
    workers: int
    report: Callable[[str, float | None, float | None, float | None], None]
    _search: Search | None = None

    @property
    def search(self) -> Search:
        """The local search, made when it is first asked for."""
        if self._search is None:
            self._search = Search(self.formulation, self.seed)
        return self._search


@dataclass
class LevelSolver:
    """Works on one level, the earlier ones being held by rows of `program`."""

    tools: Tools
    name: LevelName
    program: Program
    share: float
    """Share of the whole effort after which this level stops."""
    best: Candidate | None = None
    bound: float = -np.inf
    infeasible: bool = False
    relaxation: Relaxation | None = None
    _slice_s: float = 8.0
    _slices: int = 0
    _tried: set[bytes] = field(default_factory=set)

    @property
    def cost(self) -> Floats:
        """Price of every column in this level."""
        return self.program.cost[self.name]

    @property
    def level(self) -> Level:
        """Value, bound and gap as they stand."""
        assert self.best is not None
        value = self.best.values[self.name]
        return Level(self.name, value, min(self.bound, value), GRAIN.get(self.name, WHOLE_GRAIN))

    @property
    def done(self) -> bool:
        """Whether the level is proved within the gap asked for, proved infeasible, or out of effort."""
        proved = self.best is not None and self.level.gap <= self.tools.gap
        return proved or self.infeasible or self.tools.effort.over or self.tools.effort.left_share <= 1.0 - self.share

    def run(self) -> None:
        """Bound, construct, then branch and search in turn until done."""
        self.tighten()
        if self.infeasible:
            return
        self.construct()
        while not self.done:
            self.branch()
            if not self.done:
                self.tighten(rounds=5)

    def tighten(self, rounds: int = 40) -> None:
        """Solve the relaxation and add contiguity rows it breaks, until none is found or the bound hardly moves."""
        f, effort = self.tools.formulation, self.tools.effort
        for turn in range(rounds):
            relaxation = solve_relaxation(self.program, self.cost, effort.left_s)
            effort.spend("relaxation")
            if relaxation.value == np.inf:
                self.infeasible = self.best is None
                return
            if relaxation.value == -np.inf:
                return
            gain = relaxation.value - self.bound
            self.relaxation = relaxation
            self._raise_bound(relaxation.value)
            if self.done or (turn > 5 and gain < 1e-5 * abs(relaxation.value)):
                return
            rows = separate(f, self.program, relaxation.solution[: self.program.pairs])
            if not rows:
                return
            self.program = self.program.with_rows(rows)

    def construct(self) -> None:
        """Round the relaxation to whole blocks, mend what falls apart, and keep it where it is allowed."""
        if self.relaxation is not None and self.best is None:
            self.consider(self._grown(self.relaxation.solution))

    def branch(self) -> None:
        """One slice of branch and bound on the pairs that could still be better, while the search runs beside it."""
        program = self._reduced()
        if not self._slices:
            free = np.flatnonzero(program.upper[: program.pairs] > program.lower[: program.pairs])
            if len(free) <= MOST_NEIGHBOUR_ROWS:
                self.program = self.program.with_rows(neighbour_rows(self.tools.formulation, self.program, free))
                program = self._reduced()
        if self.tools.workers > 1 and self._slices:
            ended = Event()
            with ThreadPoolExecutor(1) as pool:
                beside = pool.submit(self._search_until, ended.is_set)
                try:
                    self._integral_slice(program)
                finally:
                    ended.set()
                beside.result()
        else:
            self._integral_slice(program)
            if not self.done:
                self._search_until(self._rounds_or_seconds())
        self._slices += 1
        self._slice_s = min(60.0, self._slice_s * 1.5)
        if self.tools.search.best is not None:
            self.consider(self.tools.search.best)

    def _rounds_or_seconds(self) -> Callable[[], bool]:
        """A stop for a slice of the search: by rounds under a work limit, else by the clock."""
        effort, search = self.tools.effort, self.tools.search
        if effort.work_limit is not None:
            last = search.rounds + ROUNDS_A_SLICE
            return lambda: search.rounds >= last
        end = effort.seconds + self._slice_s
        return lambda: effort.seconds >= end

    def _search_until(self, ended: Callable[[], bool]) -> None:
        search, effort = self.tools.search, self.tools.effort
        if search.rounds == 0 and self.relaxation is not None:
            search.load(self._grown(self.relaxation.solution))
        while not (ended() or effort.over):
            search.run_round()
            effort.spend("search")

    def _integral_slice(self, program: Program) -> None:
        effort = self.tools.effort
        nodes = NODES_A_SLICE if effort.work_limit is not None else None
        kept = np.flatnonzero(program.upper > 0)
        hint = self.best.columns[kept] if self.best is not None else None
        seconds = min(effort.left_s, self._slice_s)
        result = solve_integral(
            program.with_columns(kept), self.cost[kept], seconds, self.tools.gap / 2, hint=hint, nodes=nodes
        )
        effort.spend("nodes", max(10, result.nodes))
        if result.infeasible:
            self._nothing_better()
            return
        self._raise_bound(result.bound)
        if result.solution is not None:
            solution = np.zeros(len(program.lower))
            solution[kept] = result.solution
            self._learn(solution)

    def _learn(self, solution: Floats) -> None:
        """Keep an integral solution, or add the contiguity rows it breaks and keep what it becomes when mended."""
        f = self.tools.formulation
        rows = separate(f, self.program, solution[: self.program.pairs])
        if not rows or self.program.cut_off:
            self._keep(settle(f, self.program, solution))
        if rows:
            self.program = self.program.with_rows(rows)
            mended = self._grown(solution)
            self.consider(mended)
            self.tools.search.suggest(mended)

    def consider(self, plan: Ints) -> None:
        """Complete a plan of whole blocks and keep it where it is better."""
        key = plan.tobytes()
        if key not in self._tried:
            self._tried.add(key)
            self._keep(complete(self.tools.formulation, self.program, plan))

    def _keep(self, candidate: Candidate | None) -> None:
        if candidate is None or not self._held(candidate):
            return
        if self.best is None or candidate.values[self.name] < self.best.values[self.name] - 1e-9:
            self.best = candidate
            self._say()

    def _held(self, candidate: Candidate) -> bool:
        """Whether a candidate keeps what the earlier levels are held at."""
        for k in np.flatnonzero([name.startswith("held") for name in self.program.row_names]):
            if (self.program.matrix[k] @ candidate.columns)[0] > self.program.row_upper[k] + 1e-6:
                return False
        return True

    def _raise_bound(self, bound: float) -> None:
        if bound > self.bound + 1e-12:
            self.bound = bound
            self._say()

    def _nothing_better(self) -> None:
        """The reduced program has no solution: the plan at hand is the best, or there is none at all."""
        if self.best is None:
            self.infeasible = True
        else:
            self._raise_bound(self.best.values[self.name])

    def _say(self) -> None:
        value = self.best.values[self.name] if self.best else None
        bound = None if np.isinf(self.bound) else self.bound
        self.tools.report(self.name, value, bound, self.level.gap if self.best else None)

    def _grown(self, solution: Floats) -> Ints:
        f, used = self.tools.formulation, solution[: self.program.pairs]
        relaxed = self.relaxation
        dearness = relaxed.reduced[: len(f.pairs)] if relaxed is not None else self.cost[: len(f.pairs)]
        return grow_catchments(f, round_to_blocks(f, used), dearness)

    def _reduced(self) -> Program:
        """Take out what the reduced costs prove no better plan uses, and fix what every better plan uses."""
        program, relaxation = self.program, self.relaxation
        if self.best is None or relaxation is None:
            return program
        slack = self.best.values[self.name] - relaxation.value
        lower, upper = program.lower.copy(), program.upper.copy()
        pairs = np.arange(len(lower)) < program.pairs
        upper[pairs & (relaxation.reduced > slack + 1e-6)] = 0.0
        lower[pairs & (relaxation.reduced < -slack - 1e-6)] = 1.0
        return program.with_bounds(lower, upper)

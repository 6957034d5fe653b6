"""One level of the objective: bound it, improve the plan at hand, and prove it, until the two meet."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock

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
from optimizer.solve.neighbourhood import Neighbourhood
from optimizer.solve.relieve import relieve
from optimizer.solve.search import CYCLE_ROUNDS, MENDING_ROUNDS, Search

GRAIN: dict[LevelName, float] = {"travel": 1e-3}
"""Differences below it do not count: a metre for one child; elsewhere one child or class."""
WHOLE_GRAIN = 1.0 - 1e-6
WORK_A_SLICE = 80
NODES_A_SLICE = 100
NODES_A_STEP = 30
SECONDS_A_STEP = 3.0
TRIES_IN_VAIN = 8
FEW_SCHOOLS = 8
SMALL = 2500
"""Pairs up to which branch and bound alone is quicker than making a search ready."""
MOST_NEIGHBOUR_ROWS = 6000
MOST_PAIRS = 30_000
MOST_PAIRS_WITH_CLASSES = 6_000


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
    start: Ints | None = None
    """An earlier plan that breaks a rule or knows only some blocks (-1: unknown): it is mended to begin from."""
    bound: float = 0.0
    """No level is ever below nothing."""
    infeasible: bool = False
    relaxation: Relaxation | None = None
    _slice_s: float = 8.0
    _slices: int = 0
    _in_vain: int = 0
    _mended: Ints | None = None
    """The latest integral solution that fell apart, its pieces given to neighbours."""
    _tried: set[bytes] = field(default_factory=set)
    _turn: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._neighbourhood = Neighbourhood(self.tools.formulation, self.name, self.tools.seed)

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
        over = self.best is not None and self.tools.effort.left_share <= 1.0 - self.share
        return proved or self.infeasible or self.tools.effort.over or over

    def run(self) -> None:
        """Bound, construct, then branch and search in turn until done."""
        self.tighten()
        if self.infeasible:
            return
        self.construct()
        if self.tools.formulation.pool is not None and not self.done:
            self._relieve()
        while not self.done:
            rows = len(self.program.row_names)
            self.branch()
            if len(self.program.row_names) > rows and not self.done:
                self.tighten(rounds=5)

    def tighten(self, rounds: int = 40) -> None:
        """Solve the relaxation and add contiguity rows it breaks, until none is found or the bound hardly moves.

        Where nothing need be paid without them, as for children who do not fit, they are left to the later levels.
        """
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
            if self.done or relaxation.value < 1e-9 or (turn > 5 and gain < 1e-5 * abs(relaxation.value)):
                break
            rows = separate(f, self.program, relaxation.solution[: self.program.pairs])
            if not rows:
                break
            self.program = self.program.with_rows(rows)
        self._drop_idle_rows()

    def _drop_idle_rows(self) -> None:
        """Take contiguity rows out that the last relaxation does not lean on: they make every node dearer."""
        relaxation, program = self.relaxation, self.program
        if relaxation is None or self._slices:
            return
        held = np.ones(len(program.row_names), dtype=bool)
        held[: len(relaxation.duals)] = np.abs(relaxation.duals) > 1e-9
        idle = np.array([name.startswith("contiguous[") for name in program.row_names]) & ~held
        self.program = program.with_only_rows(np.flatnonzero(~idle))

    def construct(self) -> None:
        """Round the relaxation to whole blocks, mend what falls apart, and keep it where it is allowed.

        Where the district is not small, a short search mends what the rounding breaks.
        """
        if self.relaxation is None or self.best is not None:
            return
        plan = self._grown(self.relaxation.solution)
        if self.start is not None:
            plan = grow_catchments(self.tools.formulation, np.where(self.start >= 0, self.start, plan), self._dearness)
        self.consider(plan)
        if self.best is None and self.program.pairs > SMALL:
            self._search_cycle(lambda: self.best is not None)

    def _relieve(self) -> None:
        """Change today's catchments where that helps: the plan of an admission year is near them."""
        effort, best = self.tools.effort, self.best
        if best is None:
            return
        seconds = effort.left_s if effort.work_limit is not None else min(effort.left_s, 2 * self._slice_s) / 2
        for plan in relieve(self.tools.formulation, self.program, self.name, best, seconds):
            effort.spend("relief")
            self.consider(plan)
            if self.done:
                break

    def branch(self) -> None:
        """One slice of branch and bound on the pairs that could still be better, and one of improving the plan.

        They run side by side where there are workers for both.
        """
        if not self._slices:
            self._add_neighbour_rows()
        program = self._reduced()
        if not self._may_branch(program):
            self._improve_until(self._end_of_slice())
        elif self.tools.workers > 1 and self._slices:
            ended = Event()
            with ThreadPoolExecutor(1) as pool:
                beside = pool.submit(self._improve_until, ended.is_set)
                try:
                    self._integral_slice(program)
                finally:
                    ended.set()
                beside.result()
        else:
            quick = self._integral_slice(program)
            if not (self.done or (quick and self.program.pairs <= SMALL)):
                self._improve_until(self._end_of_slice())
        self._slices += 1
        self._slice_s = min(60.0, self._slice_s * 1.5)

    def _may_branch(self, program: Program) -> bool:
        """Whether branch and bound on the whole district is worth a slice.

        Beyond some size HiGHS spends minutes at the root and does not look at its time limit there; entry grades alone
        make few classes.
        """
        f = self.tools.formulation
        many_classes = f.classes is not None and f.pool is None
        return len(program.free_pairs) <= (MOST_PAIRS_WITH_CLASSES if many_classes else MOST_PAIRS)

    def _add_neighbour_rows(self) -> None:
        """Write the first separators of all down where they are few; they spare most rounds of separation."""
        free = self._reduced().free_pairs
        if len(free) <= MOST_NEIGHBOUR_ROWS:
            self.program = self.program.with_rows(neighbour_rows(self.tools.formulation, self.program, free))

    def _end_of_slice(self) -> Callable[[], bool]:
        """A stop for a slice of improving: by work under a work limit, else by the clock."""
        effort = self.tools.effort
        if effort.work_limit is not None:
            last = effort.spent + WORK_A_SLICE
            return lambda: effort.spent >= last
        end = effort.seconds + self._slice_s
        return lambda: effort.seconds >= end

    def _improve_until(self, ended: Callable[[], bool]) -> None:
        """Search for a first plan; then free neighbouring schools in turn, and search again when that finds nothing."""
        while not (ended() or self.tools.effort.over):
            if self._mended is not None:
                self._mend()
            elif self.best is None or (self._search_knows and (self._in_vain >= TRIES_IN_VAIN or self._few_schools)):
                self._search_cycle(ended)
            else:
                self._free_neighbours()

    @property
    def _search_knows(self) -> bool:
        """Whether the local search knows every rule: it does not know of children who sit elsewhere."""
        return self.tools.formulation.pool is None

    @property
    def _few_schools(self) -> bool:
        """Whether freeing a few schools would free nearly all: branch and bound does that already."""
        return len(np.unique(self.tools.formulation.pairs.school)) < FEW_SCHOOLS

    def _search_cycle(self, ended: Callable[[], bool]) -> None:
        search, effort = self.tools.search, self.tools.effort
        if search.rounds == 0 and self.relaxation is not None:
            worth = dict(zip(self.relaxation.names, np.abs(self.relaxation.duals).tolist(), strict=True))
            search.learn_prices(worth)
            search.load(self._grown(self.relaxation.solution))
        if self.best is not None and not self.tools.formulation.divisible:
            search.load(self._plan_of(self.best))
        for _ in range(CYCLE_ROUNDS):
            if ended() or effort.over:
                break
            before = search.best_value
            search.run_round()
            effort.spend("search")
            if search.best_value < before and search.best is not None:
                self.consider(search.best)
        self._in_vain = 0

    def _plan_of(self, candidate: Candidate) -> Ints:
        """School of every block of a plan of whole blocks."""
        f = self.tools.formulation
        used = np.flatnonzero(candidate.columns[: self.program.pairs] > 0.5)
        plan = np.full(len(f.blocks), -1, dtype=np.int64)
        plan[f.pairs.block[used]] = f.pairs.school[used]
        return plan

    def _mend(self) -> None:
        """Let the search bring an integral solution that fell apart back to one that is allowed."""
        search, plan = self.tools.search, self._mended
        assert plan is not None
        self._mended = None
        search.suggest(plan)
        for _ in range(MENDING_ROUNDS):
            search.run_round()
            self.tools.effort.spend("search")
        if search.best is not None:
            self.consider(search.best)

    def _free_neighbours(self) -> None:
        """One step of the large-neighbourhood search."""
        effort, best = self.tools.effort, self.best
        assert best is not None
        nodes = NODES_A_STEP if effort.work_limit is not None else None
        seconds = min(SECONDS_A_STEP, effort.left_s)
        found = self._neighbourhood.improve(self.program, best, seconds, nodes)
        effort.spend("neighbourhood")
        self._in_vain = 0 if found else self._in_vain + 1
        self._keep(found)

    def _integral_slice(self, program: Program) -> bool:
        """Branch and bound for one slice; True where it came to its end and gave rows that it should go on with."""
        effort = self.tools.effort
        nodes = NODES_A_SLICE if effort.work_limit is not None else None
        kept = np.flatnonzero(program.upper > 0)
        hint = self.best.columns[kept] if self.best is not None else None
        seconds = effort.left_s if effort.work_limit is not None else min(effort.left_s, self._slice_s)
        result = solve_integral(
            program.with_columns(kept), self.cost[kept], seconds, self.tools.gap / 2, hint=hint, nodes=nodes
        )
        effort.spend("nodes", max(10, result.nodes))
        if result.infeasible:
            self.infeasible = self.best is None  # a plan at hand would contradict the claim: then it is not believed
            return False
        self._raise_bound(result.bound)
        if result.solution is None:
            return False
        solution = np.zeros(len(program.lower))
        solution[kept] = result.solution
        rows = len(self.program.row_names)
        self._learn(solution)
        solved = result.value - result.bound <= self.tools.gap * abs(result.value) + 1e-9
        return solved and len(self.program.row_names) > rows

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
            self._mended = mended

    def consider(self, plan: Ints) -> None:
        """Complete a plan of whole blocks and keep it where it is better."""
        key = plan.tobytes()
        if key not in self._tried:
            self._tried.add(key)
            self._keep(complete(self.tools.formulation, self.program, plan))

    def _keep(self, candidate: Candidate | None) -> None:
        if candidate is None or not self._held(candidate):
            return
        with self._turn:
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
        with self._turn:
            if bound > self.bound + 1e-12:
                self.bound = bound
                self._say()

    def _say(self) -> None:
        value = self.best.values[self.name] if self.best else None
        self.tools.report(self.name, value, self.bound, self.level.gap if self.best else None)

    def _grown(self, solution: Floats) -> Ints:
        f, used = self.tools.formulation, solution[: self.program.pairs]
        return grow_catchments(f, round_to_blocks(f, used), self._dearness)

    @property
    def _dearness(self) -> Floats:
        """What orders the pairs when catchments are grown: reduced costs where they are known."""
        prices = self.cost if self.relaxation is None else self.relaxation.reduced
        return prices[: self.program.pairs]

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

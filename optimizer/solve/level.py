"""One level of the objective: bound it, improve the plan at hand, and prove it, until the two meet."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock

import numpy as np

from models.district import Floats, Ints
from models.outcome import Level
from models.settings import LevelName
from optimizer.formulation.covers import separate_covers
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program import Program
from optimizer.formulation.separate import neighbour_rows, separate
from optimizer.solve.backends import Relaxation, WarmRelaxation, solve_integral
from optimizer.solve.complete import Candidate, complete, settle
from optimizer.solve.construct import grow_catchments, round_to_blocks
from optimizer.solve.effort import Effort
from optimizer.solve.hulls import Hulls
from optimizer.solve.improve import Improver
from optimizer.solve.reduce import drop_idle_rows, take_out_dear_pairs
from optimizer.solve.search import Search
from optimizer.solve.tree import Tree

GRAIN: dict[LevelName, float] = {"travel": 1e-3}
"""Differences below it do not count: a metre for one child; elsewhere one child or class."""
WHOLE_GRAIN = 1.0 - 1e-6
FIRST_SLICE_S, LONGEST_SLICE_S = 8.0, 60.0
"""Seconds of branch and bound before the search has its turn; each slice is longer than the one before."""
QUICK_SLICE_S = 1.0
"""Of the first slice where any plan will do: the search may find one sooner."""
ANY_PLAN = 1.0
"""Relative gap from which on any plan will do."""
ROUNDS, QUICK_ROUNDS = 40, 3
"""Relaxations before a plan is constructed; a few where any plan will do, and no bound is asked for."""
WORK_A_SLICE = 80
NODES_A_SLICE = 100
SMALL = 2500
"""Pairs up to which branch and bound alone is quicker than making a search ready."""
FEW = 500
"""Pairs up to which branch and bound soon finds a plan where any will do, also one that a search hardly meets."""
LARGE = 6000
"""Free pairs beyond which HiGHS is slow at the root, so that the district is split into nodes of our own."""
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
    plain: Relaxation | None = None
    """The last relaxation before cover rows, which take over part of what a place is worth."""
    _slice_s: float = FIRST_SLICE_S
    _slices: int = 0
    _tried: set[bytes] = field(default_factory=set)
    _turn: Lock = field(default_factory=Lock)
    _tree: Tree | None = None

    def __post_init__(self) -> None:
        self._improver = Improver(self)
        if self._takes_any:
            self._slice_s = QUICK_SLICE_S

    @property
    def _takes_any(self) -> bool:
        return self.tools.gap >= ANY_PLAN

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
    def left_s(self) -> float:
        """Wall seconds left to this level; a level without a plan may take those of the others."""
        return self.tools.effort.seconds_until(1.0 if self.best is None else self.share)

    @property
    def done(self) -> bool:
        """Whether the level is proved within the gap asked for, proved infeasible, or out of effort."""
        proved = self.best is not None and self.level.gap <= self.tools.gap
        over = self.best is not None and self.tools.effort.left_share <= 1.0 - self.share
        return proved or self.infeasible or self.tools.effort.over or over

    def run(self) -> None:
        """Bound, construct, then branch and search in turn until done.

        Where the relaxation bounds nothing, or one worker does both, the plan of an admission year is relieved before
        there is a branch.
        """
        self.tighten(QUICK_ROUNDS if self._takes_any else ROUNDS)
        if self.infeasible:
            return
        self.construct()
        if not self.done and (self.tools.workers == 1 or self.bound <= 0):
            self._improver.relieve(lambda: self.done)
        while not self.done:
            rows = len(self.program.row_names)
            self.branch()
            if len(self.program.row_names) > rows and not self.done:
                self.tighten(rounds=5)

    def tighten(self, rounds: int) -> None:
        """Solve the relaxation and add the rows it breaks, until none is found or the bound hardly moves.

        Cover rows come when contiguity rows have done their part. Where nothing need be paid without them, as for
        children who do not fit, they are left to the later levels.
        """
        f, effort = self.tools.formulation, self.tools.effort
        warm = WarmRelaxation(self.program, self.cost)
        for turn in range(rounds):
            relaxation = warm.solve(effort.left_s)
            effort.spend("relaxation")
            if relaxation.value == np.inf:
                self.infeasible = self.best is None
                return
            if relaxation.value == -np.inf:
                return
            settled = turn > 5 and relaxation.value - self.bound < 1e-5 * abs(relaxation.value)
            self.relaxation = relaxation
            self._raise_bound(relaxation.value)
            if self.done or relaxation.value < 1e-9 or (settled and self.plain is not None):
                break
            used = relaxation.solution[: self.program.pairs]
            rows = separate(f, self.program, used)
            if self.plain is None and (settled or not rows):
                self.plain = relaxation
            if self.plain is not None:
                rows += separate_covers(f, self.program, used)
            if not rows:
                break
            self.program = self.program.with_rows(rows)
            warm.follow(self.program)
        self._drop_idle_rows()

    def _drop_idle_rows(self) -> None:
        """Take contiguity and cover rows out that the last relaxation does not lean on: they make every node dearer."""
        if self.relaxation is not None and not self._slices:
            self.program = drop_idle_rows(self.program, self.relaxation)

    def construct(self) -> None:
        """Round the relaxation to whole blocks, mend what falls apart, and keep it where it is allowed.

        Where the district is not small, a short search mends what the rounding breaks, and where plan and relaxation
        differ is decided anew: the better the plan, the fewer pairs are left to branch on.
        """
        if self.first is None or self.best is not None:
            return
        plan = self.grown(self.first.solution)
        if self.start is not None:
            plan = grow_catchments(self.tools.formulation, np.where(self.start >= 0, self.start, plan), self._dearness)
        self.consider(plan)
        if self.best is None and (self.program.pairs > SMALL or self._takes_any):
            ended = self._end_of_search()
            self._improver.search_cycle(lambda: self.best is not None or ended())
        if self.program.pairs > SMALL:
            self._improver.settle_first(self.tools.workers)

    def branch(self) -> None:
        """One slice of branch and bound on the pairs that could still be better, and one of improving the plan.

        They run side by side where there are workers for both.
        """
        if not self._slices:
            self._add_neighbour_rows()
            if self.program.pairs > SMALL:
                self._slice_s = float(np.clip(self.left_s / 2.0, self._slice_s, LONGEST_SLICE_S))
        program = self._reduced()
        if not self._may_branch(program):
            self._improve_until(self._end_of_slice(), self.tools.workers)
        elif self.tools.workers > 1 and (self._slices or self.program.pairs > SMALL):
            ended = Event()
            with ThreadPoolExecutor(1) as pool:
                beside = pool.submit(self._improve_until, ended.is_set, self.tools.workers - 1)
                try:
                    self._prove(program)
                finally:
                    ended.set()
                beside.result()
        else:
            quick = self._prove(program)
            if not (self.done or (quick and self.program.pairs <= SMALL)):
                self._improve_until(self._end_of_slice(), self.tools.workers)
        self._slices += 1
        self._slice_s = min(LONGEST_SLICE_S, self._slice_s * 1.5)

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
        end = effort.seconds + min(self.left_s, self._slice_s)
        return lambda: effort.seconds >= end

    def _end_of_search(self) -> Callable[[], bool]:
        """A stop for the first search: a tiny district in which any plan will do is soon left to branch and bound."""
        effort = self.tools.effort
        if self.program.pairs > FEW or effort.work_limit is not None:
            return lambda: False
        end = effort.seconds + min(QUICK_SLICE_S, self.left_s / 4.0)
        return lambda: effort.seconds >= end

    def _improve_until(self, ended: Callable[[], bool], workers: int) -> None:
        self._improver.run_until(ended, workers)

    def _splits(self, program: Program) -> bool:
        """Whether the district is split into nodes, bounded by rows of whole catchments."""
        f = self.tools.formulation
        known = Hulls.know(f) and f.classes is None and self.name == "travel"
        return known and len(program.free_pairs) > LARGE

    def _prove(self, program: Program) -> bool:
        """Branch and bound for one slice; True where it came to its end and gave rows that it should go on with."""
        if self._tree is None:
            if not self._splits(program):
                return self._integral_slice(program)
            self._tree = Tree(self, program)
        if self._tree.ended:
            return self._integral_slice(program)
        ended = self._end_of_slice() if self.tools.workers == 1 else lambda: False
        while not (ended() or self.done or self._tree.ended):
            self._tree.step()
            self.infeasible = self.best is None and self._tree.bound == np.inf
            self._raise_bound(min(self._tree.bound, np.inf if self.best is None else self.best.values[self.name]))
        return False

    def _integral_slice(self, program: Program) -> bool:
        """HiGHS on all free pairs for one slice; True where it came to its end and gave rows to go on with."""
        effort = self.tools.effort
        nodes = NODES_A_SLICE if effort.work_limit is not None else None
        kept = np.flatnonzero(program.upper > 0)
        hint = self.best.columns[kept] if self.best is not None else None
        seconds = min(self.left_s, self._slice_s) if effort.work_limit is None else effort.left_s
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
        self.learn(solution)
        solved = result.value - result.bound <= self.tools.gap * abs(result.value) + 1e-9
        return solved and len(self.program.row_names) > rows

    def learn(self, solution: Floats) -> None:
        """Keep an integral solution, or add the contiguity rows it breaks and keep what it becomes when mended."""
        f = self.tools.formulation
        rows = separate(f, self.program, solution[: self.program.pairs])
        if not rows or self.program.cut_off:
            self.keep(settle(f, self.program, solution))
        if rows:
            self.program = self.program.with_rows(rows)
            mended = self.grown(solution)
            self.consider(mended)
            self._improver.mended, self._improver.apart = mended, solution

    def suggest(self, solution: Floats) -> None:
        """Let what differs from a solution be decided anew, beside what differs from the relaxation."""
        self._improver.apart = solution

    def consider(self, plan: Ints) -> None:
        """Complete a plan of whole blocks and keep it where it is better."""
        key = plan.tobytes()
        if key not in self._tried:
            self._tried.add(key)
            self.keep(complete(self.tools.formulation, self.program, plan))

    def keep(self, candidate: Candidate | None) -> None:
        """Take a candidate for the best plan where it is better and keeps what earlier levels are held at."""
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

    @property
    def first(self) -> Relaxation | None:
        """What to construct from: the relaxation before cover rows where there is one."""
        return self.plain or self.relaxation

    def grown(self, solution: Floats) -> Ints:
        """Round a solution to whole blocks and let every catchment grow in one piece."""
        f, used = self.tools.formulation, solution[: self.program.pairs]
        return grow_catchments(f, round_to_blocks(f, used), self._dearness)

    @property
    def _dearness(self) -> Floats:
        """What orders the pairs when catchments are grown: reduced costs where they are known."""
        prices = self.cost if self.first is None else self.first.reduced
        return prices[: self.program.pairs]

    def _reduced(self) -> Program:
        """Take out what the reduced costs prove no better plan uses, and fix what every better plan uses."""
        program, relaxation = self.program, self.relaxation
        if self.best is None or relaxation is None:
            return program
        return take_out_dear_pairs(
            self.tools.formulation, program, relaxation, self.best.values[self.name] - relaxation.value
        )

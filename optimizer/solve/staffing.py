"""Posts, level by level: each is bounded by its relaxation, solved by branch and bound, then held for the next.

What evens schools out are squares (`optimizer.formulation.staffing.balance`): their secants are added wherever a
solution falls below them, first of the relaxation, then of the whole program.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.sparse import csr_matrix, hstack

from models.district import Bools, Floats, Ints
from models.outcome import Level, Status
from models.settings import LevelName
from optimizer.formulation.program.program import LinearProgram, Row
from optimizer.formulation.staffing.formulation import StaffFormulation
from optimizer.formulation.staffing.groups import STAY
from optimizer.formulation.staffing.program import StaffProgram, write_staffing
from optimizer.solve.backends import Integral, Relaxation, WarmRelaxation, solve_integral
from optimizer.solve.effort import Effort
from optimizer.solve.prove import prove_by_search, prove_by_sums
from optimizer.solve.solve import Report

EXACT = 1e-6
"""How nearly a coefficient of variation keeps its limit."""
IDLE = 2
"""Rounds of secants that may bring a relaxation nothing before the whole program has its turn."""
GRAIN: dict[LevelName, float] = {"small_classes": 1.0, "vacancies": 1.0, "rotation": 1.0, "moves": 1.0, "balance": 1e-3}
"""One class, one post, one teacher; a thousandth of the limit."""
PREFERRED: tuple[LevelName, ...] = ("rotation", "moves")
PREFERENCE = 1e-5
"""Of plans alike in a level, branch and bound prefers those that move fewer and break less; what it finds is then no
further from the levels to come than it must be."""
ROOMY = 0.98
"""Part of a limit that the relaxation keeps to whose postings whole plans are first sought among."""
FIRST_PLAN = 0.75
"""Share of the effort that a first plan may take."""
NODES = 2000
"""Of one branch and bound, where work is counted."""
CALLED = 3
"""Postings of every group that enter a relaxation at first; twice as many every time."""
RELAPSES = 2
"""How often rules that were kept may turn out to need further postings before they stay breakable."""
PRICE = 1e-7
NEAR = 0.1
"""Of a grain: what branch and bound need not look for."""
BROKEN = 1e4
"""What breaking a rule costs in a relaxation that does not yet have all postings: more than any level weighs it."""
BREAKABLE = (
    "rotation_share",
    "rotation_backbone",
    "continuity",
    "couples",
    "principals",
    "principal_terms",
    "swaps",
    "budget",
    "staff_quota",
    "balance_cv",
)
"""Rules that need postings which may not be at hand yet."""
ALWAYS_KEPT = ("rounded[", "week[", "second[", "staff_need[", "shared[")
"""Rows that vacancies satisfy whatever the rest is."""


@dataclass(frozen=True)
class StaffOutcome:
    """What came of the posts; without a plan the arrays are None."""

    status: Status
    levels: tuple[Level, ...] = ()
    taken: Ints | None = None
    """Teachers of each option of the formulation."""
    classes: Ints | None = None
    """Classes of each school and grade that was open, shape (schools, grades); (schools, 0) where none was."""
    vacant: Floats | None = None
    """Posts unfilled, shape (faculties, subjects)."""


@dataclass
class _Solver:
    """The program as it gains secants and held levels, and the best plan so far."""

    f: StaffFormulation
    program: StaffProgram
    linear: LinearProgram
    effort: Effort
    gap: float
    report: Report
    best: Floats | None = None
    relaxed: Relaxation | None = None
    """Of the level at hand, with the secants of the plan that it needed."""
    infeasible: bool = False
    warm: tuple[WarmRelaxation, Ints, Floats] | None = None
    """The relaxation at hand with its columns and their prices, to go on from where only rows are new."""
    kept: bool = False
    """Whether the postings at hand are known to keep every rule, as far as the relaxation goes."""
    used: Bools = field(init=False)
    """Postings that some relaxation or plan has used."""
    at_hand: Bools = field(init=False)
    """Postings that the relaxation is written with: the others cost more than they bring, as far as prices say."""

    def __post_init__(self) -> None:
        self.used = np.zeros(self.program.options, dtype=bool)
        self.at_hand = self.f.options.form == STAY

    def run(self, name: LevelName, share: float) -> Level | None:
        """Solve one level until `share` of the effort is spent; None where no plan was found.

        Nothing costs less than nothing: 0 is a bound where no relaxation was solved in time.
        """
        cost = self.linear.cost[name]
        if name == "balance":
            self._narrow()
        self.relaxed = self._relax(name, cost)
        if self.relaxed is not None:
            value, bound = self._branch(name, cost, self.relaxed.value, share)
        elif self.best is not None:
            value, bound = self._value(name, cost, self.best), 0.0
        return None if self.best is None else Level(name, value, max(0.0, min(bound, value)), GRAIN[name])

    def hold(self, level: Level) -> None:
        """cost · x ≤ what the level was solved to, plus its tolerance; postings that would exceed it are closed.

        A posting whose reduced cost alone lifts the relaxation above what is held is in no plan that keeps it.
        """
        name: LevelName = level.name  # type: ignore[assignment]
        if name == "balance":
            return
        row = self.linear.hold(name, level.value, self.f.district.settings.objective.tolerance.get(name, 0.0))
        self.linear = self.linear.with_rows([row])
        if self.relaxed is None:
            return
        upper = self.linear.upper.copy()
        closed = self.relaxed.reduced[: self.program.options] > row.upper - self.relaxed.value + 10 * EXACT
        closed &= self.relaxed.solution[: self.program.options] < EXACT
        upper[: self.program.options][closed] = 0.0
        self.linear = self.linear.with_bounds(self.linear.lower, upper)

    def as_kept(self, level: Level) -> Level:
        """Return a level as the best plan has it: within the tolerance, later levels may have given some away."""
        assert self.best is not None
        name: LevelName = level.name  # type: ignore[assignment]
        value = self._value(name, self.linear.cost[name], self.best)
        return replace(level, value=value) if value > level.value + 10 * EXACT else level

    def _narrow(self) -> None:
        """Bound how many teachers can count at all schools together, given what is held: then chords are near exact."""
        for spread in self.program.spreads:
            if not spread.tight or self.effort.over:
                continue
            count = np.zeros(len(self.linear.lower))
            count[spread.counted] = 1.0
            low, high = self._relax_once(count, 1.0).value, -self._relax_once(-count, 1.0).value
            if np.isfinite(low) and np.isfinite(high):
                self.linear = self.linear.with_rows(spread.between(math.ceil(low - EXACT), math.floor(high + EXACT)))

    def _relax(self, name: LevelName, cost: Floats) -> Relaxation | None:
        """Solve the relaxation, adding secants until it keeps every limit; None where nothing came of it."""
        last, idle = None, 0
        while idle < IDLE:
            solved = self._relax_once(cost, GRAIN[name])
            self.infeasible = solved.value == np.inf
            if not np.isfinite(solved.value):
                break
            gained = np.inf if last is None else self._measure(cost, solved.value) - self._measure(cost, last.value)
            idle = idle + 1 if gained <= NEAR * GRAIN[name] else 0
            last = solved
            self.used[solved.solution[: self.program.options] > EXACT] = True
            rows = self._secants(solved.solution, name)
            if not rows or self.effort.over:
                break
            self.linear = self.linear.with_rows(rows)
        return last

    def _relax_once(self, cost: Floats, grain: float) -> Relaxation:
        """Solve the relaxation over the postings at hand, adding those that its prices call for.

        While these few cannot keep every rule, breaking one has a price. The value is a bound: what the postings left
        out could still save at these prices is taken off. It ends where that is next to nothing.
        """
        open_to = self.linear.upper[: self.program.options] > 0
        self.at_hand |= self.used
        turn = relapses = 0
        while True:
            part, broken = self._relax_at_hand(cost)
            if part.value == np.inf and self.kept:
                self.kept, relapses = False, relapses + 1
                continue
            if not np.isfinite(part.value):
                return part
            if not broken and not self.kept and relapses < RELAPSES:
                self.kept = True
                continue
            saving = np.where(self.at_hand | ~open_to, 0.0, -part.reduced[: self.program.options])
            called, total = self._called_for(saving, CALLED << turn)
            if not len(called) and broken:
                return replace(part, value=np.inf)
            bound, turn = part.value - total, turn + 1
            left = self._measure(cost, part.value) - self._measure(cost, bound)
            close = not broken and left <= max(NEAR * grain, self.gap * abs(bound))
            if close or not len(called) or self.effort.over:
                return replace(part, value=bound)
            self.at_hand[called] = True

    def _called_for(self, saving: Floats, count: int) -> tuple[Ints, float]:
        """Return the postings of each group that save most, and what they could save at most together.

        A teacher takes one post: of a group no more can be saved than its size times the best.
        """
        group = self.f.options.group
        order = np.lexsort((-saving, group))
        place = np.arange(len(group)) - np.searchsorted(group[order], group[order])
        best = order[place == 0]
        total = float((np.maximum(saving[best], 0.0) * self.f.groups.size[group[best]]).sum())
        called = order[(place < count) & (saving[order] > PRICE)]
        return called, total

    def _relax_at_hand(self, cost: Floats) -> tuple[Relaxation, bool]:
        """Solve the relaxation over the postings at hand, rules breakable; say whether one is broken."""
        kept = np.ones(len(self.linear.lower), dtype=bool)
        kept[: self.program.options] = self.at_hand
        columns = np.flatnonzero(kept)
        part, price = self.linear.with_columns(columns), cost[columns]
        if not self.kept:
            part, price = _breakable(part, price)
        if self.warm is not None and np.array_equal(self.warm[1], columns) and np.array_equal(self.warm[2], price):
            self.warm[0].follow(part)
        else:
            self.warm = (WarmRelaxation(part, price), columns, price)
        solved = self.warm[0].solve(self.effort.left_s, primal=True)
        self.effort.spend("relaxation")
        if not np.isfinite(solved.value):
            return solved, False
        solution = np.zeros(len(kept))
        solution[columns] = solved.solution[: len(columns)]
        broken = bool(solved.solution[len(columns) :].max(initial=0.0) > EXACT)
        return replace(solved, solution=solution, reduced=cost - self.linear.matrix.T @ solved.duals), broken

    def _branch(self, name: LevelName, cost: Floats, bound: float, share: float) -> tuple[float, float]:
        """Solve the level in whole numbers, among ever more postings until what is found meets the bound.

        Most postings are as good as others, so that those which the relaxation or the best plan uses mostly do. What is
        found among some is a plan; what is proved among them alone is no bound.
        """
        bound = self._measure(cost, bound)
        value = np.inf if self.best is None else self._value(name, cost, self.best)
        self._tell(name, value, bound)
        if self.best is None:
            self._seek_room(cost)
        for among in (self.used, self.at_hand):
            while not self._close(name, value, bound) and not self.effort.over:
                solved = self._solve(name, cost, among, share)
                if solved.solution is None:
                    break
                whole = _rounded_solution(self.linear, solved.solution)
                rows = self._secants(whole, name)
                found = self._value(name, cost, whole)
                if found < value and self._keeps_limits(whole):
                    value, self.best = found, whole
                    self.used |= whole[: self.program.options] > EXACT
                    self._tell(name, value, bound)
                self.linear = self.linear.with_rows(rows)
                if not rows:
                    break
        return value, bound

    def _seek_room(self, cost: Floats) -> None:
        """Add the postings of a relaxation that keeps the limits with room to spare: whole teachers need it."""
        assert self.relaxed is not None
        program, solution = self.linear, self.relaxed.solution
        rows = [row for spread in self.program.spreads for row in spread.near(solution, part=ROOMY)]
        self.linear = program.with_rows(rows)
        roomy = self._relax_once(self._preferring(cost), 1.0)
        if np.isfinite(roomy.value):
            self.used[roomy.solution[: self.program.options] > EXACT] = True
        self.linear, self.warm = program, None

    def _preferring(self, cost: Floats) -> Floats:
        """Prices of a level with a trace of those to come."""
        later = [self.linear.cost[level] for level in self.f.order if level in PREFERRED]
        return np.asarray(cost + PREFERENCE * np.sum(later, axis=0))

    def _keeps_limits(self, solution: Floats) -> bool:
        return all(not spread.hard or spread.value(solution) <= 1.0 + EXACT for spread in self.program.spreads)

    def _solve(self, name: LevelName, cost: Floats, among: Bools, share: float) -> Integral:
        """Solve the level with some of the postings, and everybody's staying."""
        kept = np.ones(len(self.linear.lower), dtype=bool)
        kept[: self.program.options] = among | self.used | (self.f.options.form == STAY)
        columns = np.flatnonzero(kept)
        hint = None if self.best is None else self.best[columns]
        nodes = NODES if self.effort.work_limit is not None else None
        seconds = max(1.0, self.effort.seconds_until(FIRST_PLAN if self.best is None else share))
        assert self.relaxed is not None
        gap = max(self.gap, NEAR * GRAIN[name] / max(GRAIN[name], abs(self.relaxed.value)))
        rows = [row for spread in self.program.spreads for row in spread.near(self.relaxed.solution)]
        part = self.linear.with_rows(rows).with_columns(columns)
        price = self._preferring(cost)
        solved = solve_integral(part, price[columns], seconds, gap, hint=hint, nodes=nodes)
        self.effort.spend("nodes", max(10, solved.nodes))
        if solved.solution is None:
            return solved
        whole = np.zeros(len(kept))
        whole[columns] = solved.solution
        return replace(solved, solution=whole)

    def _close(self, name: LevelName, value: float, bound: float) -> bool:
        """Whether nothing is left to look for; a whole grain is not nothing while there is time."""
        return bool(np.isfinite(value) and value - bound <= max(NEAR * GRAIN[name], self.gap * abs(value)))

    def _measure(self, cost: Floats, bound: float) -> float:
        """A bound in the measure of the level: of what can only be whole rounded up, of a square its root."""
        if self.program.unevenness in np.flatnonzero(cost):
            return float(np.sqrt(max(0.0, bound)))
        priced = np.flatnonzero(cost)
        whole = bool(self.linear.whole[priced].all()) and bool((cost[priced] == np.round(cost[priced])).all())
        return float(np.ceil(bound - EXACT) + 0.0) if whole and np.isfinite(bound) else bound

    def _value(self, name: LevelName, cost: Floats, solution: Floats) -> float:
        if name == "balance":
            return max((spread.value(solution) for spread in self.program.spreads), default=0.0)
        return float(cost @ solution)

    def _secants(self, solution: Floats, name: LevelName) -> list[Row]:
        """Return the secants that a solution falls below, where that matters: beyond a limit, and in `balance`."""
        kept = name != "balance" and all(spread.value(solution) <= 1.0 for spread in self.program.spreads)
        asked = [] if kept else [spread for spread in self.program.spreads if spread.hard or name == "balance"]
        return [row for spread in asked for row in spread.secants(solution, EXACT)]

    def _tell(self, name: LevelName, value: float, bound: float) -> None:
        known = np.isfinite(value) and np.isfinite(bound)
        gap = Level(name, value, bound, GRAIN[name]).gap if known else None
        self.report(name, value if np.isfinite(value) else None, bound if np.isfinite(bound) else None, gap)


def solve_staffing(f: StaffFormulation, effort: Effort, *, gap: float, workers: int, report: Report) -> StaffOutcome:
    """Return the best posts found within the effort, with what was proved of them."""
    program = write_staffing(f)
    solver = _Solver(f, program, program.linear, effort, gap, report)
    names: Sequence[LevelName] = [name for name in f.order if np.any(program.linear.cost[name])] or list(f.order[:1])
    levels: list[Level] = []
    for turn, name in enumerate(names):
        level = solver.run(name, share=(turn + 1) / len(names))
        if solver.infeasible and solver.best is None:
            return StaffOutcome(_proved(solver.linear, effort, workers))
        if level is None:
            return StaffOutcome(Status.NO_PLAN)
        levels.append(level)
        solver.hold(level)
    assert solver.best is not None
    levels = [solver.as_kept(level) for level in levels]
    proved = all(level.gap <= gap for level in levels)
    solution = _divide_weeks(solver.linear, program, solver.best, effort)
    return StaffOutcome(
        status=Status.OPTIMAL if proved else Status.FEASIBLE,
        levels=tuple(levels),
        taken=np.round(solution[: program.options]).astype(np.int64),
        classes=np.where(program.classes >= 0, np.round(solution)[program.classes], 0).astype(np.int64),
        vacant=solution[program.week.vacant],
    )


def _proved(linear: LinearProgram, effort: Effort, workers: int) -> Status:
    """Claim that there is no plan only where a second path shows it."""
    seconds = max(10.0, effort.left_s / 2.0) if effort.work_limit is None else 600.0
    if prove_by_sums(linear, seconds):
        return Status.INFEASIBLE
    kept = [row for row, name in enumerate(linear.row_names) if not name.startswith(ALWAYS_KEPT)]
    asked = linear.with_only_rows(np.array(kept, dtype=np.int64))
    return Status.INFEASIBLE if prove_by_search(asked, seconds, workers) else Status.NO_PLAN


def _breakable(linear: LinearProgram, cost: Floats) -> tuple[LinearProgram, Floats]:
    """Return the program with every rule that postings may fail to keep breakable at a price."""
    named = np.array([name.startswith(BREAKABLE) for name in linear.row_names], dtype=bool)
    under = np.flatnonzero(named & (linear.row_lower > 0))
    over = np.flatnonzero(named & np.isfinite(linear.row_upper))
    count = len(under) + len(over)
    sign = np.concatenate([np.ones(len(under)), -np.ones(len(over))])
    at = (np.concatenate([under, over]), np.arange(count))
    slack = csr_matrix((sign, at), shape=(linear.matrix.shape[0], count))
    part = replace(
        linear,
        matrix=csr_matrix(hstack([linear.matrix, slack])),
        lower=np.concatenate([linear.lower, np.zeros(count)]),
        upper=np.concatenate([linear.upper, np.full(count, np.inf)]),
        whole=np.concatenate([linear.whole, np.zeros(count, dtype=bool)]),
    )
    return part, np.concatenate([cost, np.full(count, BROKEN)])


def _rounded_solution(linear: LinearProgram, solution: Floats) -> Floats:
    return np.where(linear.whole, np.round(solution), solution)


def _divide_weeks(linear: LinearProgram, program: StaffProgram, best: Floats, effort: Effort) -> Floats:
    """With every posting settled, divide the weeks anew: the fewest vacancies, a subject before what anyone may give.

    Teachers are lent, and teach their second subject, only where that fills a post.
    """
    week, cost = program.week, np.zeros(len(best))
    cost[week.vacant] = 1.0
    cost[week.vacant[:, -1]] = 1.0 - 1e-3
    cost[week.borrowed[week.borrowed >= 0]] = 1e-4
    cost[list(week.second.values())] = 1e-5
    settled = np.where(linear.whole, best, 0.0)
    lower, upper = np.where(linear.whole, settled, linear.lower), np.where(linear.whole, settled, linear.upper)
    kept = [row for row, name in enumerate(linear.row_names) if name.startswith(ALWAYS_KEPT)]
    rows = linear.with_only_rows(np.array(kept, dtype=np.int64)).with_bounds(lower, upper)
    solved = WarmRelaxation(replace(rows), cost).solve(max(10.0, effort.left_s))
    return np.where(linear.whole, best, solved.solution) if np.isfinite(solved.value) else best

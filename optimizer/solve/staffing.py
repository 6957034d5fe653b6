"""Posts, level by level: bounds of all levels first, then one plan that reaches them.

The relaxation of each level is solved with the levels before it held at their bounds. Mostly a plan exists that is as
good as all these bounds say, and one branch and bound, among the postings that the relaxations used, finds it. Where
there is none, the first level is solved by itself and held, and the rest goes on from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np

from models.district import Bools, Floats, Ints
from models.outcome import Level, Status
from models.settings import LevelName
from optimizer.formulation.program.program import LinearProgram, Row
from optimizer.formulation.staffing.formulation import StaffFormulation
from optimizer.formulation.staffing.groups import STAY
from optimizer.formulation.staffing.program import StaffProgram, write_staffing
from optimizer.solve.backends import Integral, Relaxation, solve_integral
from optimizer.solve.effort import Effort
from optimizer.solve.pricing import Pricing, with_breaches
from optimizer.solve.prove import prove_by_search, prove_by_sums
from optimizer.solve.solve import Report
from optimizer.solve.subjects import SCARCE, bound_subjects

EXACT = 1e-6
"""How nearly a coefficient of variation keeps its limit, and a row its bounds."""
ROUNDED = 1e-4
"""What arithmetic may add to a bound, before it is rounded up to a whole number."""
IDLE = 1
"""Rounds of tangents that may bring a relaxation nothing before the whole program has its turn."""
GRAIN: dict[LevelName, float] = {"small_classes": 1.0, "vacancies": 1.0, "rotation": 1.0, "moves": 1.0, "balance": 1e-3}
"""One class, one post, one teacher; a thousandth of the limit."""
COUNTED: tuple[LevelName, ...] = ("vacancies", "rotation", "moves")
"""Levels that are sums, whose ceilings are rows; that of `balance` is kept as its limits are."""
PREFERENCE: dict[LevelName, float] = {"small_classes": 1e-4, "rotation": 1e-5, "moves": 1e-5}
"""Of plans alike in a level, branch and bound prefers those that move fewer and break less: what it finds is then no
further from the levels to come than it must be."""
ROOMY = 0.999
"""Part of a limit that whole plans are first sought within: the tangents lie a little below the truth."""
NEAR = 0.01
"""Of a grain: what a relaxation leaves open, and by how much a level may miss its bound where all are to be reached."""
GOOD = 1e-3
"""Relative gap with which a first plan is good enough."""
ENOUGH = 0.1
"""Of a grain: what branch and bound need not look for."""
TRUE = 1e-4
"""How far ratios may lie below the truth, as a share of it, before a tangent is worth a row."""
REACH = 0.9
"""Share of the effort until which a first plan is sought."""
FIRST_TRY = 0.8
"""Part of what is left until then that one branch and bound may take."""
ENOUGH_TRIED = 0.9
"""Times the seconds that the bounds took: after so long without any plan another way is due."""
AT_LENGTH = 2.0
"""Times the seconds that the bounds took that the search for any plan takes."""
WEIGHT, STEP = 30.0, 3.0
"""What a post or a teacher of the last level but one weighs against the last level where a first plan is sought, and
that of every level before against the one after it."""
NODES = 2000
"""Of one branch and bound, where work is counted."""
EVENING_S = 5.0
"""Seconds for which, of plans alike in every level, a more even one is sought at least."""
EVENER = (0.5, 0.75)
"""Parts of the way from the bound to what was found that are asked for."""
ENOUGH_EVEN = 0.01
"""Of the bound: what need not be sought."""
HALFWAY = 0.4
"""Part of the way from the most even relaxation to the limits that the first plan is asked to keep."""
COARSE = 1e-3
"""What a relaxation leaves open of the square of the evenness."""
IMPLIED = (SCARCE, "evenness[", "balance_cv[")
"""Rows that say nothing new of whole plans: limits are given anew, as far as they are to be kept."""
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
    """Further classes of each school and grade, shape (schools, grades); (schools, 0) where none may open."""
    vacant: Floats | None = None
    """Posts unfilled, shape (faculties, subjects)."""


@dataclass(frozen=True)
class _Aim:
    """A level whose relaxation is solved, the levels before it held at what theirs came to."""

    name: LevelName
    bound: float
    relaxed: Relaxation


@dataclass
class _Solver:
    """The program as it gains tangents and levels are held, and the best plan so far."""

    f: StaffFormulation
    program: StaffProgram
    linear: LinearProgram
    """With a row for every level, by which it is held."""
    pricing: Pricing
    effort: Effort
    gap: float
    report: Report
    best: Floats | None = None
    infeasible: bool = False
    bounded_s: float = 0.0
    """Seconds until the first bounds of all levels were known: what a branch and bound takes is in the same order."""
    most_uneven: float = field(init=False)
    """How uneven a plan may be, in parts of the limits: 1 where they are hard, less where `balance` is held."""
    evenest: float = 1.0
    """What `balance` comes to at least, next to the bounds of the levels."""
    held: dict[LevelName, int] = field(default_factory=dict)
    """The row that holds each level."""

    def __post_init__(self) -> None:
        at_most = self.f.district.settings.objective.at_most
        limit = 1.0 if any(spread.hard for spread in self.program.spreads) else np.inf
        self.most_uneven = min(limit, at_most.get("balance", np.inf))
        for name in (name for name in self.f.order if name != "balance"):
            self.held[name] = len(self.linear.row_lower)
            self.linear = self.linear.with_rows([self.linear.hold(name, np.inf, 0.0)])

    def run(self, names: Sequence[LevelName]) -> list[Level]:
        """Solve the levels in order; fewer are returned where time was over or no plan was found."""
        levels: list[Level] = []
        while len(levels) < len(names):
            rest = names[len(levels) :]
            aims = self._aim(rest)
            if not aims:
                if self.best is None and not self.infeasible:
                    self._start(rest)
                break
            self.bounded_s = self.bounded_s or self.effort.seconds
            solved, share = aims, REACH if self.best is None else self._share_of(rest)
            if len(aims) == 1 or not np.isfinite(self._search(aims[-1], share)):
                self._release(rest)
                solved = aims[:1]
                if self.best is None:
                    self._start([aim.name for aim in aims])
                if not np.isfinite(self._search(aims[0], self._share_of(rest))):
                    break
            levels += [self._level(aim) for aim in solved]
            if levels[-1].value > solved[-1].bound + GRAIN[solved[-1].name]:
                self._forget_evenness()
            self._hold(solved[-1].name, levels[-1].value)
        return levels

    def _share_of(self, rest: Sequence[LevelName]) -> float:
        """Share of the effort until which the first of the levels that are left may be solved."""
        return 1.0 - self.effort.left_share * (1.0 - 1.0 / len(rest))

    def seems_impossible(self) -> bool:
        """Whether not even the relaxation has a solution, with no level held."""
        self._release(self.f.order)
        self._relax(self.f.order[0])
        return self.infeasible

    def as_kept(self, level: Level) -> Level:
        """Return a level as the plan has it in the end: later levels may have given some of a tolerance away."""
        assert self.best is not None
        value = self._value(level.name, self.best)  # type: ignore[arg-type]
        return replace(level, value=value, bound=min(level.bound, value))

    def as_it_is(self, name: LevelName) -> Level:
        """Return a level of which nothing is known but what the best plan comes to."""
        assert self.best is not None
        return Level(name, self._value(name, self.best), 0.0, GRAIN[name])

    def even_out(self) -> None:
        """Of plans alike in every level look for a more even one, for as long as finding these took."""
        if self.best is None or np.isinf(self.most_uneven):
            return
        until = np.inf if self._counted else self.effort.seconds + max(EVENING_S, self.effort.seconds)
        for name in self.held:
            self._hold(name, self._value(name, self.best), tolerance=0.0)
        relaxed = self._relax("balance")
        if relaxed is not None:
            self._even(self._measure("balance", relaxed.value), until)

    def _even(self, bound: float, until: float) -> None:
        """Ask for plans that are ever more even, part of the way to the bound; a smaller part where that fails.

        Whether some plan keeps a limit is found out sooner than which is the most even of all.
        """
        assert self.best is not None
        value, parts = self._value("balance", self.best), list(EVENER)
        while parts and value - bound > ENOUGH_EVEN * bound and not self.effort.over:
            seconds = min(self.effort.left_s, until - self.effort.seconds)
            if not self._counted and seconds < 1.0:
                return
            asked = bound + parts.pop(0) * (value - bound)
            rows = [spread.limited(asked * spread.held.limit) for spread in self.program.spreads]
            found = self._solve(self.linear.cost["moves"], self.pricing.used, seconds, 1.0, rows)
            if found.solution is not None and self._value("balance", found.solution) < value:
                self.best, parts = found.solution, list(EVENER)
                value = self._value("balance", self.best)
                self._tell("balance", value, bound)

    def _aim(self, names: Sequence[LevelName]) -> list[_Aim]:
        """Solve the relaxations of the levels in order, each held at its bound for the next; up to `balance`.

        Postings that a relaxation of the evenness uses are gathered as well: they are others than those that the fewest
        moves need, and whole plans mostly need some of both.
        """
        aims: list[_Aim] = []
        for name in names:
            if name == "balance" and aims:
                break
            relaxed = self._relax(name)
            if name == "vacancies" and relaxed is not None:
                relaxed = self._bound_subjects(relaxed)
            if relaxed is None:
                break
            aims.append(_Aim(name, self._measure(name, relaxed.value), relaxed))
            self._tell(name, np.inf, aims[-1].bound)
            if name == "balance":
                return aims
            self._hold(name, aims[-1].bound + NEAR * GRAIN[name])
        if aims:
            self._gather(aims[-1])
            self._hold(aims[-1].name, np.inf)
        return aims

    def _gather(self, aim: _Aim) -> None:
        """Add the postings of plans that are nearly the best and as even as can be."""
        asked = np.isfinite(self.most_uneven) or "balance" in self.f.order
        if asked and self.program.spreads and not self.effort.over:
            self._hold(aim.name, aim.bound + GRAIN[aim.name])
            relaxed = self._relax("balance")
            if relaxed is not None:
                self.evenest = self._measure("balance", relaxed.value)

    def _bound_subjects(self, relaxed: Relaxation) -> Relaxation:
        """Add what each scarce subject leaves vacant at least, and solve the relaxation again."""
        if any(name.startswith(SCARCE) for name in self.linear.row_names):
            return relaxed
        vacant = relaxed.solution[self.program.week.vacant]
        rows = []
        for row, used in bound_subjects(self.f, self.program, self.unheld, vacant, self.effort):
            rows.append(row)
            self.pricing.used |= used
        self.linear = self.linear.with_rows(rows)
        return self._relax("vacancies") or relaxed

    def _hold(self, name: LevelName, value: float, tolerance: float | None = None) -> None:
        """cost · x ≤ what the level came to, plus its tolerance; `balance` is held by limits."""
        if tolerance is None:
            tolerance = self.f.district.settings.objective.tolerance.get(name, 0.0)
        if name == "balance":
            if np.isfinite(value):
                self.most_uneven = min(self.most_uneven, value * (1.0 + tolerance))
            return
        upper = self.linear.row_upper.copy()
        upper[self.held[name]] = self.linear.hold(name, value, tolerance).upper
        self.linear = replace(self.linear, row_upper=upper)

    def _release(self, names: Sequence[LevelName]) -> None:
        """Hold these levels no more."""
        for name in names:
            self._hold(name, np.inf)
        self._forget_evenness()

    def _forget_evenness(self) -> None:
        """Drop how even plans can be at most: it was true of what the levels were held at before."""
        measured = [row for row, name in enumerate(self.linear.row_names) if name.startswith("evenness")]
        upper = self.linear.row_upper.copy()
        upper[measured[len(self.program.spreads) :]] = np.inf
        self.linear = replace(self.linear, row_upper=upper)

    def _level(self, aim: _Aim) -> Level:
        assert self.best is not None
        value = self._value(aim.name, self.best)
        return Level(aim.name, value, max(0.0, min(aim.bound, value)), GRAIN[aim.name])

    def _relax(self, name: LevelName) -> Relaxation | None:
        """Solve the relaxation, adding tangents until it keeps every limit; None where nothing came of it."""
        last, idle = None, 0
        while idle < IDLE:
            near = COARSE if name == "balance" else NEAR * GRAIN[name]
            solved = self.pricing.minimise(self.linear, self.linear.cost[name], near)
            self.infeasible = solved.value == np.inf
            if not np.isfinite(solved.value):
                break
            bound, before = (self._measure(name, each.value) if each else -np.inf for each in (solved, last))
            idle = idle + 1 if bound - before <= NEAR * max(GRAIN[name], abs(bound)) else 0
            last = solved
            rows = self._tangents(solved.solution, name)
            if name == "balance":
                rows += [spread.measured(max(0.0, solved.value)) for spread in self.program.spreads]
            if not rows or self.effort.over:
                break
            self.linear = self.linear.with_rows(rows)
        return last

    def _search(self, aim: _Aim, share: float) -> float:
        """Solve a level in whole numbers, among ever more postings until what is found meets the bound.

        Most postings are as good as others, so that those which the relaxations or the best plan use mostly do. What is
        found among some is a plan; what is proved among them alone is no bound.
        """
        value = np.inf if self.best is None or not self._keeps(self.best) else self._value(aim.name, self.best)
        if aim.name == "balance":
            if np.isfinite(value):
                self._even(aim.bound, self.effort.seconds + self.effort.seconds_until(share))
            return value
        began = self.effort.seconds
        for tries, (wide, part) in enumerate(product((False, True), self._parts())):
            late = tries and (self.effort.seconds_until(share) < 1.0 or self._tried(began))
            if self._close(aim.name, value, aim.bound) or self.effort.over or late:
                break
            among = self._promising(aim, value) if wide else self.pricing.used
            value = min(value, self._improve(aim, among, part, self._seconds(share, tries), value))
        return value

    def _promising(self, aim: _Aim, value: float) -> Bools:
        """Postings at hand that may be in a plan below `value`: no reduced cost is more than what there is to gain."""
        gain = value - (GRAIN[aim.name] if self._is_whole(aim.name) else 0.0) - aim.relaxed.value
        return self.pricing.at_hand & (aim.relaxed.reduced[: self.program.options] < gain + EXACT)

    def _start(self, names: Sequence[LevelName]) -> None:
        """Look for any plan: what all levels come to is weighed instead of held."""
        cost = self.linear.cost[names[-1]].copy()
        for steps, name in enumerate(reversed(names[:-1])):
            cost += WEIGHT * STEP**steps * self.linear.cost[name]
        for tries, (wide, part) in enumerate(product((False, True), self._parts())):
            if self.best is not None or self.effort.over:
                break
            among = self.pricing.at_hand if wide else self.pricing.used
            found = self._solve(cost, among, self._seconds(1.0, tries, AT_LENGTH), GOOD, self._rows_within(part))
            if found.solution is not None and self._keeps_limits(found.solution):
                self.best = found.solution
                self._tell(names[0], self._value(names[0], self.best), -np.inf)

    def _improve(self, aim: _Aim, among: Bools, part: float, seconds: float, value: float) -> float:
        """Look for a plan below `value` that keeps a part of every limit; tangents are added until one is true."""
        while True:
            gap = max(self.gap, ENOUGH * GRAIN[aim.name] / max(GRAIN[aim.name], abs(aim.bound)))
            found = self._solve(self._preferring(aim.name), among, seconds, gap, self._rows_within(part))
            if found.solution is None:
                return value
            reached = self._value(aim.name, found.solution)
            if reached < value and self._keeps_limits(found.solution):
                self.best = found.solution
                self._tell(aim.name, reached, aim.bound)
                return reached
            rows = self._tangents(found.solution, aim.name)
            if not rows or self.effort.over:
                return value
            self.linear = self.linear.with_rows(rows)

    def _seconds(self, share: float, tries: int, times: float = 1.0) -> float:
        """Seconds of one branch and bound, so that others follow until `share` of the effort is spent.

        Without a plan the first try lasts so many times as long as the bounds did, and every other is shorter than the
        one before: another way may be the better one.
        """
        free = self.best is not None or self._counted
        most = np.inf if free else times * self.bounded_s / (1 << tries)
        return float(max(1.0, min(most, FIRST_TRY * self.effort.seconds_until(share))))

    @property
    def _counted(self) -> bool:
        """Whether work is counted, and no clock decides."""
        return self.effort.work_limit is not None

    def _tried(self, began: float) -> bool:
        """Whether so much has been tried without any plan that another way is due."""
        return self.best is None and not self._counted and self.effort.seconds - began > ENOUGH_TRIED * self.bounded_s

    def _parts(self) -> tuple[float, ...]:
        """Parts of the limits that plans are asked to keep, one after the other."""
        if np.isinf(self.most_uneven):
            return (1.0,)
        halfway = min(ROOMY, self.evenest + HALFWAY * (1.0 - self.evenest))
        return tuple(dict.fromkeys((halfway, ROOMY, 1.0)))

    def _rows_within(self, part: float) -> list[Row]:
        """What the limits are kept to, or a part of it."""
        if np.isinf(self.most_uneven):
            return []
        return [spread.limited(part * self.most_uneven * spread.held.limit) for spread in self.program.spreads]

    def _solve(self, cost: Floats, among: Bools, seconds: float, gap: float, rows: Sequence[Row]) -> Integral:
        """Solve in whole numbers with some of the postings, and everybody's staying."""
        kept = self.linear.upper > 0
        kept[: self.program.options] &= among | self.pricing.used | (self.f.options.form == STAY)
        columns = np.flatnonzero(kept)
        hint = None if self.best is None or not self._keeps(self.best) else self.best[columns]
        nodes = NODES if self._counted else None
        part = self.linear.with_only_rows(self._for_whole_plans()).with_rows(rows).with_columns(columns)
        seconds = min(seconds, max(1.0, self.effort.left_s))
        solved = solve_integral(part, cost[columns], seconds, gap, hint=hint, nodes=nodes)
        self.effort.spend("nodes", max(10, solved.nodes))
        if solved.solution is None:
            return solved
        whole = np.zeros(len(kept))
        whole[columns] = solved.solution
        whole = np.where(self.linear.whole, np.round(whole), whole)
        self.pricing.used |= whole[: self.program.options] > EXACT
        return replace(solved, solution=whole)

    def _for_whole_plans(self) -> Ints:
        """Rows that branch and bound is given: not those that others imply for whole teachers.

        They slow it down, and HiGHS fails where two rows are parallel.
        """
        names = self.linear.row_names
        return np.array([row for row, name in enumerate(names) if not name.startswith(IMPLIED)], dtype=np.int64)

    def _preferring(self, name: LevelName) -> Floats:
        """Prices of a level with a trace of those to come."""
        later = self.f.order[self.f.order.index(name) + 1 :]
        prices = [PREFERENCE[level] * self.linear.cost[level] for level in later if level in PREFERENCE]
        return np.asarray(self.linear.cost[name] + np.sum(prices, axis=0))

    def _keeps(self, solution: Floats) -> bool:
        """Whether a plan keeps the levels as they are held."""
        return bool((self.linear.matrix[list(self.held.values())] @ solution <= self._most_held + EXACT).all())

    @property
    def _most_held(self) -> Floats:
        """What the levels are held at; inf where they are not."""
        return np.asarray(self.linear.row_upper[list(self.held.values())])

    @property
    def unheld(self) -> LinearProgram:
        """The program without any level held."""
        upper = self.linear.row_upper.copy()
        upper[list(self.held.values())] = np.inf
        return replace(self.linear, row_upper=upper)

    def _keeps_limits(self, solution: Floats) -> bool:
        return all(spread.value(solution) <= self.most_uneven + EXACT for spread in self.program.spreads)

    def _close(self, name: LevelName, value: float, bound: float) -> bool:
        """Whether nothing is left to look for; a whole grain is not nothing while there is time."""
        return bool(np.isfinite(value) and value - bound <= max(ENOUGH * GRAIN[name], self.gap * abs(value)))

    def _measure(self, name: LevelName, bound: float) -> float:
        """A bound in the measure of the level: of what can only be whole rounded up, of a square its root."""
        if name == "balance":
            return float(np.sqrt(max(0.0, bound)))
        return float(np.ceil(bound - ROUNDED) + 0.0) if self._is_whole(name) and np.isfinite(bound) else bound

    def _is_whole(self, name: LevelName) -> bool:
        cost = self.linear.cost[name]
        priced = np.flatnonzero(cost)
        return bool(self.linear.whole[priced].all()) and bool((cost[priced] == np.round(cost[priced])).all())

    def _value(self, name: LevelName, solution: Floats) -> float:
        if name == "balance":
            return max((spread.value(solution) for spread in self.program.spreads), default=0.0)
        return float(self.linear.cost[name] @ solution)

    def _tangents(self, solution: Floats, name: LevelName) -> list[Row]:
        """Return the tangents that a solution falls below, where that matters: beyond a limit, and in `balance`."""
        asked = [
            spread
            for spread in self.program.spreads
            if name == "balance" or spread.value(solution) > self.most_uneven + EXACT
        ]
        exact = TRUE if name == "balance" else EXACT
        return [row for spread in asked for row in spread.tangents(solution, exact)]

    def _tell(self, name: LevelName, value: float, bound: float) -> None:
        known = np.isfinite(value) and np.isfinite(bound)
        gap = Level(name, value, bound, GRAIN[name]).gap if known else None
        self.report(name, value if np.isfinite(value) else None, bound if np.isfinite(bound) else None, gap)


def solve_staffing(f: StaffFormulation, effort: Effort, *, gap: float, workers: int, report: Report) -> StaffOutcome:
    """Return the best posts found within the effort, with what was proved of them."""
    program = write_staffing(f)
    at_most = {name: most for name, most in f.district.settings.objective.at_most.items() if name in COUNTED}
    ceilings = [program.linear.ceiling(name, most) for name, most in at_most.items()]
    linear, breaches = with_breaches(program.linear.with_rows(ceilings))
    solver = _Solver(f, program, linear, Pricing(f, effort, breaches), effort, gap, report)
    names: Sequence[LevelName] = [name for name in f.order if np.any(linear.cost[name])] or list(f.order[:1])
    levels = solver.run(names)
    if solver.best is None:
        status = _proved(solver.unheld, effort, workers) if solver.seems_impossible() else Status.NO_PLAN
        return StaffOutcome(status)
    levels += [solver.as_it_is(name) for name in names[len(levels) :]]
    if "balance" not in names:
        solver.even_out()
    levels = [solver.as_kept(level) for level in levels]
    solution = solver.best
    return StaffOutcome(
        status=Status.OPTIMAL if all(level.gap <= gap for level in levels) else Status.FEASIBLE,
        levels=tuple(levels),
        taken=np.round(solution[: program.options]).astype(np.int64),
        classes=np.where(program.classes >= 0, np.round(solution)[program.classes], 0).astype(np.int64),
        vacant=solution[program.week.vacant],
    )


def _proved(linear: LinearProgram, effort: Effort, workers: int) -> Status:
    """Claim that there is no plan only where a second path shows it.

    CP-SAT knows whole numbers alone: what rests on others, such as the squares of the evenness, is left out.
    """
    seconds = max(10.0, effort.left_s / 2.0) if effort.work_limit is None else 600.0
    if prove_by_sums(linear, seconds):
        return Status.INFEASIBLE
    in_parts = np.diff(linear.matrix[:, np.flatnonzero(~linear.whole)].indptr) > 0
    named = zip(linear.row_names, in_parts, strict=True)
    kept = [row for row, (name, parts) in enumerate(named) if not (parts or name.startswith(ALWAYS_KEPT))]
    asked = linear.with_only_rows(np.array(kept, dtype=np.int64))
    return Status.INFEASIBLE if prove_by_search(asked, seconds, workers) else Status.NO_PLAN

"""Weeks and classes anew once the postings are settled: the fewest vacancies, and no class that serves no share.

Branch and bound divides weeks anyhow, and opens classes that cost nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.district import Floats, Ints
from models.outcome import Level
from models.settings import LevelName
from optimizer.formulation.program.program import LinearProgram, Row
from optimizer.formulation.program.writer import Writer
from optimizer.formulation.staffing.formulation import StaffFormulation
from optimizer.formulation.staffing.openings import add_openings
from optimizer.formulation.staffing.posts import Week, add_cover, add_spare, add_week
from optimizer.solve.backends import solve_integral
from optimizer.solve.staffing import StaffOutcome

NODES = 5000
GAP = 1e-4
PART = 0.1
"""Of a post: so near to its best the level of vacancies counts as solved."""
ANYONE = 1.0 - 1e-3
"""What a vacancy weighs in lessons that any teacher may give: a subject comes before them."""
CLASS = 1e-4
"""What a further class weighs beside a vacancy: none opens that serves no share."""
LENT, SECOND = 1e-5, 1e-6
"""What it weighs that a teacher is lent, or teaches a second subject: only where that fills a post."""


@dataclass(frozen=True)
class _Program:
    linear: LinearProgram
    week: Week
    classes: Ints

    def count(self, solution: Floats) -> Ints:
        """Further classes of a solution."""
        return np.where(self.classes >= 0, np.round(solution)[self.classes], 0).astype(np.int64)


def settle_weeks(f: StaffFormulation, found: StaffOutcome, seconds: float) -> StaffOutcome:
    """Return an outcome whose weeks and further classes are the best for its postings, level by level.

    In the order of the levels the fewest vacancies and the fewest classes missing to the shares, then the fewest
    classes. Vacancies may give way to small classes by their tolerance, or by part of a post that was as good as none.
    Teachers are lent, and teach their second subject, only where that fills a post. Where time does not suffice the
    outcome stays as it is.
    """
    if found.taken is None:
        return found
    program = _write(f, found.taken)
    told = {level.name: level.value for level in found.levels}
    held: list[Row] = []
    for name in (level for level in f.order if level in ("vacancies", "small_classes") and "small_classes" in told):
        solution = _solve(program, program.linear.cost[name], held, seconds / 3)
        if solution is None:
            return found
        value = _value(program, name, solution)
        if name == "vacancies" and not held:
            tolerance = f.district.settings.objective.tolerance.get("vacancies", 0.0)
            value = max(value * (1.0 + tolerance), min(told.get("vacancies", 0.0), value + PART))
        held.append(program.linear.hold(name, value, 0.0))
    last = _solve(program, _cost(program), held, seconds / 3)
    most = told.get("vacancies", np.inf) if not held else np.inf
    if last is None or _value(program, "vacancies", last) > most + PART:
        return found
    return replace(
        found,
        levels=tuple(_as_settled(level, program, last) for level in found.levels),
        classes=program.count(last),
        vacant=last[program.week.vacant],
    )


def _write(f: StaffFormulation, taken: Ints) -> _Program:
    """The program of classes and weeks where every posting is settled."""
    w = Writer(beyond=float(max(1, len(f.roster.subject))))
    take = w.columns(taken.astype(float))
    w.lower = taken.astype(float).tolist()
    classes = add_openings(w, f.openings, len(f.district.schools))
    week = add_week(w, f, take, classes)
    add_cover(w, f, week, classes)
    add_spare(w, f, take, classes)
    return _Program(w.linear(("small_classes", "vacancies")), week, classes)


def _cost(program: _Program) -> Floats:
    cost = program.linear.cost["vacancies"].copy()
    cost[program.week.vacant[:, -1]] = ANYONE
    cost[program.classes[program.classes >= 0]] = CLASS
    cost[program.week.borrowed[program.week.borrowed >= 0]] = LENT
    cost[list(program.week.second.values())] = SECOND
    return cost


def _solve(program: _Program, cost: Floats, held: Sequence[Row], seconds: float) -> Floats | None:
    return solve_integral(program.linear.with_rows(held), cost, seconds, GAP, nodes=NODES).solution


def _value(program: _Program, name: LevelName, solution: Floats) -> float:
    cost = program.linear.cost[name]
    whole = np.where(program.linear.whole, np.round(solution), solution)
    return float(cost @ whole)


def _as_settled(level: Level, program: _Program, solution: Floats) -> Level:
    name: LevelName = level.name  # type: ignore[assignment]
    if name not in program.linear.cost:
        return level
    value = _value(program, name, solution)
    return replace(level, value=value, bound=min(level.bound, value))

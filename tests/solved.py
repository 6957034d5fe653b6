"""A district solved to the end: formulated, solved, drawn as tables, judged anew.

`solve_district` asserts what holds of every plan: no hard rule is broken, no sum says that there is none, and every
level is what a reader of the tables counts. A test of a rule therefore only states the district and the values worked
out by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from unittest.mock import patch

import numpy as np
import pytest
from builders import make_travel

from models.diagnosis import Count
from models.district import District, Travel
from models.outcome import Outcome
from models.plan import Plan
from models.run import Shortfall
from optimizer.diagnose.count import count_children
from optimizer.formulation import Formulation, formulate
from optimizer.formulation.plan import draw_plan
from optimizer.recheck import recheck_plan
from optimizer.solve import Effort, solve
from optimizer.solve.level import LevelSolver


@dataclass(frozen=True)
class Solved:
    """What every part made of one district."""

    formulation: Formulation
    outcome: Outcome
    plan: Plan | None
    shortfalls: tuple[Shortfall, ...]
    counts: tuple[Count, ...]

    @property
    def status(self) -> str:
        return self.outcome.status.value

    @property
    def values(self) -> dict[str, float]:
        """Value of every level that was solved."""
        return {level.name: pytest.approx(level.value, abs=1e-5) for level in self.outcome.levels}

    @property
    def schools(self) -> str:
        """The school of every unit in the first stage, letter by letter."""
        table = self.plan.catchments
        return "".join(table.loc[table["stage"] == table["stage"].iloc[0], "school_id"])

    @property
    def students(self) -> dict[tuple[str, str], int]:
        """Children by unit and school."""
        return self.plan.assignments.groupby(["unit_id", "school_id"])["students"].sum().to_dict()

    @property
    def classes(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Children and classes by school and grade."""
        rows = self.plan.classes[["school_id", "grade", "students", "classes"]]
        return {(school, grade): (n, k) for school, grade, n, k in rows.itertuples(index=False)}


def solve_district(
    district: District,
    neighbours: Sequence[tuple[int, int]] | None = None,
    *,
    travel: Travel | None = None,
    start: object = None,
) -> Solved:
    """Solve to the end and check what must hold of every plan.

    Branch and bound works alone: a slice of local search, meant for districts, would take seconds.
    """
    travel = travel or make_travel(district, neighbours)
    formulation = formulate(district, travel)
    with patch.object(LevelSolver, "_improve_until", lambda *_: None):
        outcome = solve(formulation, Effort(60.0, None, lambda: False), gap=1e-9, start=start)
    plan = draw_plan(formulation, district, travel, outcome)
    counts = count_children(formulation, district, travel)
    assert plan is None or counts == (), "a sum says that there is no plan"
    shortfalls = () if plan is None else recheck_plan(district, travel, plan)
    assert [shortfall for shortfall in shortfalls if shortfall.hardness == "hard"] == []
    for level in outcome.levels:
        assert level.bound <= level.value
        assert level.value == pytest.approx(count_level(level.name, district, plan, shortfalls), abs=1e-5), level.name
    return Solved(formulation, outcome, plan, shortfalls, counts)


def count_level(name: str, district: District, plan: Plan, shortfalls: Sequence[Shortfall]) -> float:
    """What a level is by the tables and the shortfalls alone, as docs/rules.md says."""
    caps = district.settings.policy.class_size.cap
    if name == "travel":
        return plan.student_km
    if name == "stability":
        return count_moved(district, plan)
    if name == "small_classes":
        return sum(s.breach for s in shortfalls if s.rule == "small_classes")
    soft = [s for s in shortfalls if s.hardness == "soft" and s.rule != "small_classes"]
    return sum(s.breach * (max(caps.values()) if s.rule == "classrooms" else 1) for s in soft)


def count_moved(district: District, plan: Plan) -> int:
    """Zoned children whose school is none of today's, those without a school of today aside."""
    current, units, schools = district.current, district.units.ids, district.schools.ids
    today = {(units[u], stage): set() for u, stage in zip(current.unit, current.stage, strict=True)}
    for u, stage, school in zip(current.unit, current.stage, current.school, strict=True):
        today[units[u], stage].add(schools[school])
    categories = district.settings.categories
    rows = [r for r in plan.assignments.itertuples(index=False) if categories[r.category].zoned]
    return sum(r.students for r in rows if r.school_id not in today.get((r.unit_id, r.stage), {r.school_id}))


def grid_neighbours(columns: int, rows: int) -> list[tuple[int, int]]:
    """Neighbours in a grid of units numbered eastwards, row by row."""
    cell = np.arange(columns * rows).reshape(rows, columns)
    east = zip(cell[:, :-1].ravel().tolist(), cell[:, 1:].ravel().tolist(), strict=True)
    north = zip(cell[:-1].ravel().tolist(), cell[1:].ravel().tolist(), strict=True)
    return [*east, *north]

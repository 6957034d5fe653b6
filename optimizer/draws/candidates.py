"""Plans that may stand many draws: that for the demand as stated, those for draws of their own, and today's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.district import Bools, District, Ints, Travel
from models.rounding import round_together
from models.variation import Variation
from optimizer.drawn.drawing import current_drawing, hold
from optimizer.drawn.fill import fill
from optimizer.draws.demand import Draws, Spread, draw_demand, drawn_cohorts
from optimizer.pipeline import Options
from optimizer.runs import StoredRun, read_run
from optimizer.runs.read import read_record
from optimizer.tasks import Result, Task

STATED, TODAY, MORE = "stated", "today", "more"
MARGINS = (0.5, 1.0)
"""Plans are also made for more children everywhere, by so many times the spread: they leave room at every school."""


@dataclass(frozen=True)
class Candidate:
    """Catchments that may be the best."""

    name: str
    """STATED, TODAY, or the folder of the draw that they were made for."""
    held: Bools
    """Which school has which unit, shape (units, schools, stages)."""
    stored: StoredRun | None = None
    """The run they were taken from; None for today's."""


def draw_for_plans(district: District, plans: int, seed: int, spread: Spread) -> Draws:
    """Return draws that plans are made for: others than those of the same seed on which they are judged."""
    return draw_demand(district, plans, ~seed, spread)


def make_tasks(district: District, instance: Path, options: Options, plans: Draws) -> tuple[Task, ...]:
    """Return a task for the plan of the stated demand, then those for every draw, and for more children everywhere.

    They begin from the first. Catchments alone are asked for: no posts, and no reasons where a draw has no plan. Titles
    are the same in every language, as those of a sweep are, so that no plan is made again to be read in another one.
    """
    first = Task(STATED, instance, district.scenario, replace(options, students_only=True, diagnose=False))
    asked = [
        (name_draw(number), f"draw {number + 1}/{len(plans)}", students)
        for number, students in enumerate(plans.students)
    ]
    for number, margin in enumerate(MARGINS):
        factor = 1.0 + margin * plans.spread.share
        asked.append((f"{MORE}-{number + 1:03d}", f"demand × {factor:.6g}", _with_more(district, factor)))
    return (
        first,
        *(
            replace(first, name=name, variation=Variation(name, title, _patch(district, students)), after=STATED)
            for name, title, students in asked
        ),
    )


def name_draw(number: int) -> str:
    """Return the name of the plan for a draw, the first being number 0."""
    return f"draw-{number + 1:03d}"


def _patch(district: District, students: Ints) -> dict[str, Any]:
    changes = change_demand(district, students)
    return {"demand": changes} if changes else {}


def _with_more(district: District, factor: float) -> Ints:
    """Children as stated times a factor, rounded so that each cohort's sum is kept; placed children as they are."""
    students = district.demand.students.copy()
    for k in np.flatnonzero(drawn_cohorts(district)):
        students[:, k] = round_together(factor * students[:, k].astype(np.float64))
    return students


def change_demand(district: District, students: Ints) -> list[dict[str, Any]]:
    """Return the changes of demand that make it `students`, shape (units, cohorts), in the shape of an override.

    They are factors of what is stated, so that children who do not register or go to private schools stay a share.
    """
    stated, by_grade = district.demand, district.settings.instance.mode == "whole"
    changes = []
    for unit, k in np.argwhere(students != stated.students).tolist():
        cohort = stated.cohorts[k]
        named = {"unit_id": district.units.ids[unit], "stage": cohort.stage, "category": cohort.category}
        grade = {"grade": cohort.grade} if by_grade and cohort.grade else {}
        changes.append({"scale": float(students[unit, k] / stated.students[unit, k]), **named, **grade})
    return changes


def collect_candidates(district: District, travel: Travel, results: Sequence[Result]) -> tuple[Candidate, ...]:
    """Return the catchments of every task that has a plan, and today's; of equal ones the first."""
    found = []
    for result in results:
        stored = read_run(result.folder) if result.is_stored else None
        if stored is not None and stored.plan is not None:
            found.append(Candidate(result.task.name, hold(district, stored.plan.catchments), stored))
    if district.current is not None:
        found.append(Candidate(TODAY, fill(district, travel, current_drawing(district).held)))
    return tuple(_distinct(found))


def _distinct(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Equal catchments once; today's and those of the stated demand stay, since they are looked for by name."""
    distinct: dict[bytes, Candidate] = {}
    for candidate in candidates:
        key = np.packbits(candidate.held).tobytes()
        distinct.setdefault(key if candidate.name != TODAY else b"today", candidate)
    return list(distinct.values())


def proved_bounds(results: Sequence[Result]) -> list[float | None]:
    """Return `proved_bound` of the run of each task; None where there is none."""
    return [proved_bound(read_record(result.folder)) if result.is_stored else None for result in results]


def proved_bound(record: Mapping[str, Any]) -> float | None:
    """Return how many children sit outside their catchment at least in any plan of a run's demand that keeps the rules.

    None where nothing was proved, or only of plans that are as good in other levels before.
    """
    for level in record["levels"]:
        if level["name"] == "overflow":
            return None if level["bound"] is None else float(np.ceil(level["bound"] - 1e-6))
        if level["name"] != "shortage" or level["value"] > 0:
            return None
    return None

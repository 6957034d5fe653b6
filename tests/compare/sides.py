"""Plans to put side by side, on the row of four units: A stands in U1, B in U4, each unit has 30 primary children.

draw("AABB")                                  every child where the letters say, in mode `whole`
seat([("U1", "local", "A", 10), ...])         an admission year whose seats are written by hand
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from admission import Seat, make_entry_district, make_entry_plan
from builders import make_district, make_travel

from models.district import District, Travel
from models.outcome import Level, Outcome, Status
from models.placement import Placement
from models.plan import Plan
from models.run import Run, Shortfall
from optimizer.digest import Exhibit
from optimizer.drawn import Drawing, judge_drawing
from optimizer.drawn.drawing import hold
from optimizer.explain import Basis
from optimizer.runs.memory import remember_run

STUDENTS = {"local": (10, 10, 10, 10), "migrant": (0, 6, 0, 0)}


def draw(
    schools: str | Mapping[str, str], district: District | None = None, name: str = "", travel: Travel | None = None
) -> Exhibit:
    """`schools` are letters a unit ("AABB"), or by unit, several for a shared catchment."""
    district = district or make_district()
    by_unit = schools if isinstance(schools, Mapping) else dict(zip(district.units.ids, schools, strict=True))
    rows = [(unit, "primary", letter) for unit, letters in by_unit.items() for letter in letters]
    held = hold(district, pd.DataFrame(rows, columns=["unit_id", "stage", "school_id"]))
    name = name or "".join(by_unit.values())
    return judge_drawing(district, travel or make_travel(district), Drawing(name, name, "plans.csv", held))


def seat(
    seats: Sequence[Seat],
    district: District | None = None,
    *,
    name: str = "base",
    levels: Sequence[Level] = (),
    shortfalls: Sequence[Shortfall] = (),
    **plan: Any,
) -> Exhibit:
    district = district or make_entry_district(students=STUDENTS)
    made = make_entry_plan(district, make_travel(district), seats, **plan)
    return remember(district, made, name=name, levels=levels, shortfalls=shortfalls)


def remember(
    district: District,
    plan: Plan,
    *,
    name: str = "base",
    levels: Sequence[Level] = (),
    shortfalls: Sequence[Shortfall] = (),
) -> Exhibit:
    """A plan as a run that was proved best, which lies nowhere and has no indices."""
    travel = make_travel(district)
    outcome = Outcome(Status.OPTIMAL, tuple(levels))
    run = Run(
        name,
        1,
        outcome,
        plan,
        shortfalls=tuple(shortfalls),
        scope="children" if plan.staff is None else "all",
    )
    stored = remember_run(run, Placement(district, travel, plan), Path("runs") / name, {})
    return Exhibit(stored, None, Basis(stored, district, plan, measured=travel))

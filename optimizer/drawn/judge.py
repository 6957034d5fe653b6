"""A drawn plan as a run that nobody searched for: seated, checked again and measured like every other."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from models.district import Bools, District, Travel
from models.outcome import Level, Outcome, Status
from models.placement import Placement
from models.run import Run
from models.settings import STAFF_LEVELS
from optimizer.diagnose.families import WITHOUT
from optimizer.digest import Exhibit
from optimizer.drawn.drawing import Drawing
from optimizer.drawn.fill import fill
from optimizer.drawn.seat import seat_drawing
from optimizer.explain import Basis
from optimizer.explain.levels import count_levels
from optimizer.indices import compute_indices
from optimizer.recheck import recheck_placement
from optimizer.runs.memory import remember_run

_SHORT = {rule for rule in WITHOUT if rule not in ("overflow", "small_classes")}
"""Rules whose soft breaches are counted in `shortage`."""


def judge_drawing(district: District, travel: Travel, drawing: Drawing) -> Exhibit:
    """Return a drawn plan as a run with its basis; nothing is written, and there is no picture.

    A plan that breaks hard rules is told of, never refused. `record["drawing"]` says what the plan is called and where
    it was read, and by stage which units it leaves out and were filled in.
    """
    held = fill(district, travel, drawing.held)
    plan = seat_drawing(district, travel, held)
    placement = Placement(district, travel, plan)
    folder = Path(f"{drawing.file}#{drawing.name}" if drawing.file else drawing.name)
    filled = _name_filled(district, held & ~drawing.held)
    told = {"scenario_title": drawing.title, "drawing": {"name": drawing.name, "file": drawing.file, "filled": filled}}
    stored = remember_run(run_drawn(placement, district.scenario), placement, folder, told)
    return Exhibit(stored, None, Basis(stored, district, plan, measured=travel))


def run_drawn(placement: Placement, name: str) -> Run:
    """Return a plan that nobody searched for as a run of that name: checked again, its levels without a bound."""
    district, shortfalls = placement.district, recheck_placement(placement)
    counted = count_levels(placement, shortfalls, level_names(district), None, placement.plan)
    return Run(
        name=name,
        seed=0,
        outcome=Outcome(Status.DRAWN, tuple(Level(level, value, -math.inf, 0.0) for level, value in counted.items())),
        plan=placement.plan,
        indices=compute_indices(district, placement.travel, placement.plan),
        shortfalls=shortfalls,
    )


def level_names(district: District) -> Sequence[str]:
    """Return the levels of the objective that a plan for the children can be worse or better in, in order."""
    settings = district.settings
    soft = {rule for rule, hardness in settings.rules if hardness == "soft"}
    apart: Mapping[str, bool] = {
        "shortage": bool(soft & _SHORT),
        "overflow": settings.instance.mode == "entry" and settings.rules.overflow != "hard",
        "small_classes": bool(settings.policy.class_size.targets) and "small_classes" in soft,
        "stability": district.current is not None,
        "revisions": False,
    }
    order = [level for level in settings.objective.order if level not in STAFF_LEVELS and apart.get(level, True)]
    return [*order, "later"] if district.later and "later" not in order else order


def _name_filled(district: District, filled: Bools) -> dict[str, list[str]]:
    units: Bools = np.any(filled, axis=1)
    named = {
        stage: [district.units.ids[unit] for unit in np.flatnonzero(units[:, s])]
        for s, stage in enumerate(district.settings.instance.stages)
    }
    return {stage: ids for stage, ids in named.items() if ids}

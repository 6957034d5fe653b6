"""Tables of a run that follow from its plan: schools, the admission plan, what changes against today."""

import numpy as np
import pandas as pd

from models.district import Bools, Floats, Ints
from models.placement import Placement, rows_of, schools_by_unit
from models.stages import Stage
from optimizer.runs.cells import whole


def build_schools(placement: Placement) -> pd.DataFrame:
    """One row a school and stage it teaches: students, classes, places, utilisation (students / places), name."""
    schools = placement.district.schools
    parts = []
    for stage in placement.district.settings.instance.stages:
        students, classes, places = _of_stage(placement, stage)
        table = pd.DataFrame({
            "school_id": schools.ids,
            "stage": stage,
            "students": students,
            "classes": classes,
            "places": whole(places),
            "utilisation": [round(taken, 4) for taken in students / np.where(places > 0, places, np.nan)],
            "name": schools.names,
        })  # fmt: skip
        parts.append(table[schools.serves(stage) | (students > 0)])
    return pd.concat(parts, ignore_index=True)


def build_admission_plan(placement: Placement) -> pd.DataFrame:
    """招生计划表 of the whole stage: what each school offers, who comes by catchment, who is placed, what is left.

    planned = classes · class_size, and never more than the places; where no class is decided, the places. `balance`
    is what `zoned`, `coordinated` and `reserve` leave of it. `mode` says that all grades are meant, not next autumn's.
    """
    schools, settings = placement.district.schools, placement.district.settings
    parts = []
    for stage in settings.instance.stages:
        students, classes, places = _of_stage(placement, stage)
        class_size = settings.policy.class_size.cap.get(stage, np.nan)
        places = np.floor(places * settings.policy.places_scale + 1e-9)
        planned = np.where(classes > 0, np.fmin(classes * class_size, places), places)
        reserve = np.floor(planned * settings.policy.reserve_share)
        zoned = _zoned(placement, stage)
        table = pd.DataFrame({
            "school_id": schools.ids,
            "stage": stage,
            "classes": classes,
            "class_size": whole(np.full(len(schools), class_size)),
            "planned": whole(planned),
            "zoned": whole(zoned),
            "coordinated": whole(students - zoned),
            "reserve": whole(reserve),
            "balance": whole(planned - students - reserve),
            "mode": settings.instance.mode,
        })  # fmt: skip
        parts.append(table[schools.serves(stage) | (students > 0)])
    return pd.concat(parts, ignore_index=True)


def build_changes(placement: Placement) -> pd.DataFrame:
    """招生范围调整清单: one row a unit and stage whose school is not today's; of a shared catchment the nearest.

    `reason` is what the tables tell: `closed` (the school receives nobody now), `fixed`, `nearer`, `crowded` (it could
    not hold today's catchment), else `plan` (the plan as a whole needs it).
    """
    parts = [_changes_of(placement, stage) for stage in placement.district.settings.instance.stages]
    return pd.concat(parts, ignore_index=True)


def _changes_of(placement: Placement, stage: Stage) -> pd.DataFrame:
    units, ids = placement.district.units, np.array(placement.district.schools.ids)
    unit = np.flatnonzero(placement.changed(stage))
    left, joined = placement.school_of_unit_today(stage)[unit], placement.school_of_unit(stage)[unit]
    metres = np.where(np.isfinite(placement.travel.metres), placement.travel.metres, np.nan)
    return pd.DataFrame({
        "unit_id": [units.ids[row] for row in unit],
        "stage": stage,
        "households": whole(units.households[unit]),
        "students": placement.district.demand.of_stage(stage)[unit],
        "from_school_id": ids[left],
        "to_school_id": ids[joined],
        "metres_before": whole(metres[unit, left]),
        "metres_after": whole(metres[unit, joined]),
        "reason": _reasons(placement, stage, unit, left, joined),
        "unit_name": [units.names[row] for row in unit],
    })  # fmt: skip


def _reasons(placement: Placement, stage: Stage, unit: Ints, left: Ints, joined: Ints) -> list[str]:
    metres, crowded = placement.travel.metres, _crowded_today(placement, stage)
    reasons = {
        "closed": ~placement.district.schools.serves(stage)[left],
        "fixed": _is_fixed(placement, stage, unit, left, joined),
        "nearer": metres[unit, joined] < metres[unit, left],
        "crowded": crowded[left] > 0,
    }
    return [str(reason) for reason in np.select(list(reasons.values()), list(reasons), default="plan")]


def _is_fixed(placement: Placement, stage: Stage, unit: Ints, left: Ints, joined: Ints) -> Bools:
    fixed = placement.district.fixed
    asked = np.zeros((len(placement.district.units), len(placement.district.schools)), dtype=bool)
    barred = np.zeros_like(asked)
    if fixed is not None:
        here = np.array([of == stage for of in fixed.stage], dtype=bool)
        asked[fixed.unit[here & fixed.must], fixed.school[here & fixed.must]] = True
        barred[fixed.unit[here & ~fixed.must], fixed.school[here & ~fixed.must]] = True
    return np.asarray(asked[unit, joined] | barred[unit, left], dtype=np.bool_)


def _crowded_today(placement: Placement, stage: Stage) -> Floats:
    """Children beyond the places of each school if today's catchments stayed; below 0 where there is room."""
    now = placement.school_of_unit_today(stage)
    students = placement.district.demand.of_stage(stage)
    load = np.bincount(now[now >= 0], weights=students[now >= 0], minlength=len(placement.district.schools))
    return np.asarray(load - np.nan_to_num(placement.places_of(stage), nan=np.inf), dtype=np.float64)


def _of_stage(placement: Placement, stage: Stage) -> tuple[Ints, Ints, Floats]:
    return placement.students_by_school(stage), placement.classes_by_school(stage), placement.places_of(stage)


def _zoned(placement: Placement, stage: Stage) -> Floats:
    """Children who come to each school by catchment."""
    held = schools_by_unit(placement.catchments)
    zoned = np.zeros(len(placement.district.schools))
    rows = placement.assignments[placement.assignments["zoned"] & (placement.assignments["stage"] == stage)]
    for row in rows_of(rows):
        if row.school in held.get((row.unit, stage), frozenset()):
            zoned[row.school] += row.students
    return zoned

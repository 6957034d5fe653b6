"""Tables of a run that follow from its plan: schools, and what changes against today."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from models.district import Bools, Floats, Ints, Schools
from models.placement import Placement
from models.revision import Revision
from models.sentences import Language, say
from models.staffed import Staffed
from models.stages import STAGES, Stage
from optimizer.recheck.tracks import find_tracks
from optimizer.runs.cells import whole


def build_schools(placement: Placement) -> pd.DataFrame:
    """One row a school and stage it teaches: students, classes, places, utilisation (students / places), name.

    Students and classes are all that the school has in autumn: in mode `entry` the seats and the continuing classes.
    """
    schools = placement.district.schools
    parts = []
    for stage in placement.district.settings.instance.stages:
        students, classes = placement.students_by_school(stage), placement.classes_by_school(stage)
        parts.append(_schools_of(schools, stage, students, classes, placement.places_of(stage)))
    return pd.concat(parts, ignore_index=True)


def build_staffed_schools(staffed: Staffed) -> pd.DataFrame:
    """As `build_schools`, for classes that are given: their children are counted, places are not asked for."""
    schools, unknown = staffed.district.schools, np.full(len(staffed.district.schools), np.nan)
    parts = [
        _schools_of(schools, stage, staffed.students[:, column], staffed.class_count[:, column], unknown)
        for column, stage in enumerate(STAGES)
    ]
    return pd.concat(parts, ignore_index=True)


def _schools_of(schools: Schools, stage: Stage, students: Ints, classes: Ints, places: Floats) -> pd.DataFrame:
    table = pd.DataFrame({
        "school_id": schools.ids,
        "stage": stage,
        "students": students,
        "classes": classes,
        "places": whole(places),
        "utilisation": [round(taken, 4) for taken in students / np.where(places > 0, places, np.nan)],
        "name": schools.names,
    })  # fmt: skip
    return table[schools.serves(stage) | (students > 0)]


def build_changes(placement: Placement, revision: Revision | None = None, language: Language = "en") -> pd.DataFrame:
    """招生范围调整清单: one row a unit and stage whose school is not today's; of a shared catchment the nearest.

    `reason` says in words what `reason_code` says to programs: `edited` (by hand, in the draft that the plan goes on
    from), `closed` (the school receives nobody now), `fixed`, `opened` (the new school had no catchment and no
    children), `full` (today's catchment is more than the school left could hold), `nearer`, `room` (the school left
    could not hold these units beside those that join it), else `plan` (the plan as a whole needs it). Students are
    those who go where their catchment goes.
    """
    parts = []
    for s, stage in enumerate(placement.district.settings.instance.stages):
        unit = np.flatnonzero(placement.changed(stage))
        left, joined = placement.school_of_unit_today(stage)[unit], placement.school_of_unit(stage)[unit]
        edited = np.zeros(len(unit), dtype=bool) if revision is None else revision.edited[unit, s]
        parts.append(list_moves(placement, stage, unit, (left, joined), _reasons(placement, stage, unit, edited)))
    return in_words(pd.concat(parts, ignore_index=True), language)


def list_moves(
    placement: Placement, stage: Stage, unit: Ints, schools: tuple[Ints, Ints], reasons: Sequence[str]
) -> pd.DataFrame:
    """Return the rows of some units that leave one school (row, -1: gone) and join another, without words."""
    units, ids = placement.district.units, np.array([*placement.district.schools.ids, ""])
    left, joined = schools
    metres = np.where(np.isfinite(placement.travel.metres), placement.travel.metres, np.nan)
    return pd.DataFrame({
        "unit_id": [units.ids[row] for row in unit],
        "stage": stage,
        "households": whole(units.households[unit]),
        "students": placement.children_of_catchments(stage)[unit],
        "from_school_id": ids[left],
        "to_school_id": ids[joined],
        "metres_before": whole(np.where(left >= 0, metres[unit, left], np.nan)),
        "metres_after": whole(metres[unit, joined]),
        "unit_name": [units.names[row] for row in unit],
        "reason_code": list(reasons),
    })  # fmt: skip


def in_words(moves: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return rows of `list_moves` with the column `reason`."""
    moves.insert(8, "reason", [say(f"runs.reasons.{code}", language=language) for code in moves["reason_code"]])
    return moves


def _reasons(placement: Placement, stage: Stage, unit: Ints, edited: Bools) -> list[str]:
    metres, now = placement.travel.metres, placement.school_of_unit_today(stage)
    left, joined = now[unit], placement.school_of_unit(stage)[unit]
    reasons = {
        "edited": edited,
        "closed": ~placement.district.schools.serves(stage)[left],
        "fixed": _is_fixed(placement, stage, unit, left, joined),
        "opened": ~np.isin(joined, now) & _is_fresh(placement, stage)[joined],
        "full": _beyond(placement, stage, now)[left] > 0,
        "nearer": metres[unit, joined] < metres[unit, left],
        "room": _beyond(placement, stage, now, placement.school_of_unit(stage))[left] > 0,
    }
    return [str(reason) for reason in np.select(list(reasons.values()), list(reasons), default="plan")]


def _is_fresh(placement: Placement, stage: Stage) -> Bools:
    """Schools that are new, or held no children of the stage in last year's return."""
    schools, returned = placement.district.schools, placement.district.enrolment
    if returned is None:
        return schools.is_new
    return np.asarray(schools.is_new | (returned.students_by_school(len(schools), (stage,)) == 0), dtype=np.bool_)


def _is_fixed(placement: Placement, stage: Stage, unit: Ints, left: Ints, joined: Ints) -> Bools:
    fixed = placement.district.fixed
    asked = np.zeros((len(placement.district.units), len(placement.district.schools)), dtype=bool)
    barred = np.zeros_like(asked)
    if fixed is not None:
        here = np.array([of == stage for of in fixed.stage], dtype=bool)
        asked[fixed.unit[here & fixed.must], fixed.school[here & fixed.must]] = True
        barred[fixed.unit[here & ~fixed.must], fixed.school[here & ~fixed.must]] = True
    return np.asarray(asked[unit, joined] | barred[unit, left], dtype=np.bool_)


def _beyond(placement: Placement, stage: Stage, *catchments: Ints) -> Floats:
    """Children beyond what each school could hold if it had the units of all these catchments; below 0: room is left.

    Places less the children who stand; in mode `entry` no more than tracks · class cap, placed children among them.
    """
    district, schools = placement.district, len(placement.district.schools)
    belongs = np.zeros((len(district.units), schools), dtype=bool)
    for school in catchments:
        belongs[school >= 0, school[school >= 0]] = True
    load = placement.children_of_catchments(stage) @ belongs
    free = np.nan_to_num(placement.places_of(stage), nan=np.inf) - placement.stock_by_school(stage)
    if placement.entry_only:
        seats = placement.assignments
        seats = seats[(seats["stage"] == stage) & seats["placed"]]
        load += np.bincount(seats["school"], weights=seats["students"], minlength=schools).astype(np.int64)
        rules, policy = district.settings.rules, district.settings.policy
        if "off" not in (rules.tracks, rules.class_size):
            free = np.fmin(free, find_tracks(placement, stage) * policy.class_size.cap.get(stage, np.nan))
    return np.asarray(load - free, dtype=np.float64)

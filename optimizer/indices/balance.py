"""The seven resource indicators of 优质均衡: what each school has, and how unequal schools are in it.

Public schools that `find_compared` compares; teachers count where they work and by the stage they teach. What a school
of several stages shares is divided by its children: primary 1, junior 1.1, senior 1.32; junior 1, senior 1.2 in a
secondary school. Source: 教督〔2017〕6号.
"""

from collections.abc import Mapping
from typing import get_args

import numpy as np

from models.district import Floats
from models.settings import Indicator, ResourceIndicator
from models.staffed import Staffed
from models.stages import SERVES, STAGES, SchoolType, Stage
from optimizer.indices.places import cv_max
from optimizer.indices.registry import INDICES, Index, View
from optimizer.indices.spread import compute_cv
from optimizer.recheck.balance import find_compared

SHARED: Mapping[Stage, float] = {"primary": 1.0, "junior": 1.1, "senior": 1.32}
"""What a child of each stage weighs where a school's stages share what it has."""
SHARED_IN_SECONDARY: Mapping[Stage, float] = {"junior": 1.0, "senior": 1.2}
PER_HUNDRED = ("degree", "backbone", "pe_arts", "multimedia_rooms")
UNITS: Mapping[ResourceIndicator, str] = {
    "degree": "per 100 students",
    "backbone": "per 100 students",
    "pe_arts": "per 100 students",
    "teaching_area": "m2 a student",
    "sports_area": "m2 a student",
    "equipment": "yuan a student",
    "multimedia_rooms": "per 100 students",
}
REACHED, FLOOR = 6, 0.85
"""So many of the seven a school must reach, and of its threshold so much in the remaining one."""
_SOURCE = "教督〔2017〕6号"


def divide_shared(kind: SchoolType, whole: float, students: Mapping[Stage, float]) -> dict[Stage, float]:
    """Return what a school has, divided over its stages by their weighted children.

    NaN where the children of a stage that it teaches are not known. Source: 教督〔2017〕6号, statistical calibre.
    """
    weight = SHARED_IN_SECONDARY if kind == "full_secondary" else SHARED
    parts = {stage: weight.get(stage, 1.0) * students.get(stage, np.nan) for stage in SERVES[kind]}
    total = sum(parts.values())
    return {stage: whole * part / total if total else np.nan for stage, part in parts.items()}


def measure_resource(
    staffed: Staffed, indicator: ResourceIndicator, stage: Stage, *, today: bool = False
) -> tuple[Floats, Floats]:
    """Return an indicator at every school, per student or per 100, and the children of the stage.

    `today` counts teachers where they work now. NaN where a school is not compared or nothing is known.
    """
    column = STAGES.index(stage)
    compared, students = find_compared(staffed, stage), staffed.students[:, column].astype(np.float64)
    if indicator in get_args(Indicator):
        resource = staffed.carried(indicator, today=today)[:, column].astype(np.float64)  # type: ignore[arg-type]
    else:
        resource = _shared(staffed, indicator, stage)
    held = np.where(compared & (students > 0), students, np.nan)
    return (100.0 if indicator in PER_HUNDRED else 1.0) * resource / held, students


def meets_standard(staffed: Staffed, stage: Stage, *, today: bool = False) -> Floats:
    """Return 1 for schools that reach six of the seven thresholds and 85 % of the remaining one, 0 for others.

    NaN where one of the seven is not known or has no threshold.
    """
    threshold = staffed.district.settings.policy.balance.threshold
    shares = np.array([
        measure_resource(staffed, indicator, stage, today=today)[0] / threshold.get(indicator, {}).get(stage, np.nan)
        for indicator in get_args(ResourceIndicator)
    ])  # fmt: skip
    reached = (shares >= 1.0 - 1e-9).sum(axis=0) >= REACHED
    above = (shares >= FLOOR - 1e-9).all(axis=0)
    return np.where(np.isnan(shares).any(axis=0), np.nan, (reached & above).astype(np.float64))


def _shared(staffed: Staffed, indicator: ResourceIndicator, stage: Stage) -> Floats:
    """The part of each school's resource that goes to a stage."""
    schools, planned = staffed.district.schools, staffed.district.settings.instance.stages
    held = schools.resources.get(indicator, np.full(len(schools), np.nan))
    parts = []
    for row, kind in enumerate(schools.types):
        students = {name: float(staffed.students[row, STAGES.index(name)]) for name in planned}
        parts.append(divide_shared(kind, float(held[row]), students).get(stage, np.nan))
    return np.array(parts, dtype=np.float64)


def _enter_value(indicator: ResourceIndicator, *, today: bool) -> None:
    def compute(view: View) -> Floats:
        return measure_resource(view.staffed, indicator, view.stages[0], today=today)[0]

    def target(view: View) -> float | None:
        return view.placement.district.settings.policy.balance.threshold.get(indicator, {}).get(view.stages[0])

    code = f"school_{indicator}{'_before' if today else ''}"
    compute.__doc__ = f"{indicator} of the school, {UNITS[indicator]}{', as teachers work today' if today else ''}."
    INDICES[code] = Index(code, "school", UNITS[indicator], "higher", compute, target, _SOURCE)


def _enter_cv(indicator: ResourceIndicator, *, today: bool) -> None:
    def compute(view: View) -> float:
        values, students = measure_resource(view.staffed, indicator, view.stages[0], today=today)
        known = ~np.isnan(values)
        return compute_cv(values[known], students[known])

    code = f"{indicator}_cv{'_before' if today else ''}"
    compute.__doc__ = f"Enrolment-weighted coefficient of variation of {indicator} between schools: S / X."
    INDICES[code] = Index(code, "district", "ratio", "lower", compute, cv_max, f"差异系数: {_SOURCE}")


def _enter_standard(*, today: bool) -> None:
    def compute(view: View) -> Floats:
        return meets_standard(view.staffed, view.stages[0], today=today)

    def count(view: View) -> float:
        met = meets_standard(view.staffed, view.stages[0], today=today)
        return float(np.nansum(met)) if (~np.isnan(met)).any() else float(np.nan)

    def judged(view: View) -> float | None:
        return float((~np.isnan(meets_standard(view.staffed, view.stages[0], today=today))).sum())

    ending = "_before" if today else ""
    compute.__doc__ = "1 where the school reaches six of the seven thresholds and 85 % of the remaining one, else 0."
    count.__doc__ = "Schools that reach six of the seven thresholds and 85 % of the remaining one."
    one = f"school_meets_standard{ending}"
    INDICES[one] = Index(one, "school", "yes or no", "higher", compute, lambda _: 1.0, _SOURCE)
    all_of = f"schools_meeting_standard{ending}"
    INDICES[all_of] = Index(all_of, "district", "schools", "higher", count, judged, _SOURCE)


for _indicator in get_args(ResourceIndicator):
    for _today in (False, True) if _indicator in get_args(Indicator) else (False,):
        _enter_cv(_indicator, today=_today)
for _today in (False, True):
    _enter_standard(today=_today)
for _indicator in get_args(ResourceIndicator):
    for _today in (False, True) if _indicator in get_args(Indicator) else (False,):
        _enter_value(_indicator, today=_today)

"""How full schools are, and how evenly."""

import numpy as np

from models.district import Bools, Floats, Ints
from models.placement import Placement
from models.stages import COMPULSORY
from optimizer.indices.registry import View, divide, index, zero
from optimizer.indices.spread import compute_cv, compute_gini, compute_theil


def cv_max(view: View) -> float | None:
    """The largest coefficient of variation that the policy allows the stage."""
    return view.placement.district.settings.policy.balance.cv_max.get(view.stage) if view.stage else None


@index("students", "students", "neither", scope="school")
def compute_students(view: View) -> Floats:
    """Children of the stage at the school."""
    return _of_receiving(view, view.placement.students_by_school(view.stages[0]).astype(np.float64))


@index("school_utilisation", "share", "neither", scope="school")
def compute_school_utilisation(view: View) -> Floats:
    """Children / places of the school; without places, rooms times class cap."""
    students, places, known = _filled(view)
    full = np.full(len(students), np.nan)
    full[known] = students[known] / places[known]
    return full


@index("utilisation", "share", "neither")
def compute_utilisation(view: View) -> float:
    """Σ children / Σ places, over schools whose places are known."""
    students, places, known = _filled(view)
    return divide(float(students[known].sum()), float(places[known].sum()))


@index("max_utilisation", "share", "lower")
def compute_max_utilisation(view: View) -> float:
    """Children / places of the fullest school."""
    students, places, known = _filled(view)
    return float((students[known] / places[known]).max()) if known.any() else float(np.nan)


@index("overfull_schools", "schools", "lower", target=zero)
def compute_overfull(view: View) -> float:
    """Schools with more children than places (before `places_scale`)."""
    students, places, known = _filled(view)
    return float((students[known] > places[known]).sum()) if known.any() else float(np.nan)


@index(
    "utilisation_cv", "ratio", "lower", target=cv_max, source="差异系数, weighted by enrolment; policy.balance.cv_max"
)
def compute_utilisation_cv(view: View) -> float:
    """Enrolment-weighted coefficient of variation of children / places between schools."""
    return compute_cv(*_utilisation(view))


@index("utilisation_gini", "ratio", "lower")
def compute_utilisation_gini(view: View) -> float:
    """Enrolment-weighted Gini coefficient of children / places between schools."""
    return compute_gini(*_utilisation(view))


@index("utilisation_theil", "ratio", "lower")
def compute_utilisation_theil(view: View) -> float:
    """Enrolment-weighted Theil index of children / places between schools."""
    return compute_theil(*_utilisation(view))


@index("oversize_schools", "schools", "lower", scope="overall", target=zero, source="大校额: 教督〔2017〕6号, item 4")
def compute_oversize(view: View) -> float:
    """Schools with more children in grades 1-9 than policy.school_size.cap allows their type; all stages together."""
    placement = view.placement
    caps = placement.district.settings.policy.school_size.cap
    if view.stage or not caps:
        return float(np.nan)
    limit = np.array([caps.get(kind, np.inf) for kind in placement.district.schools.types], dtype=np.float64)
    return float((np.sum([placement.students_by_school(stage) for stage in COMPULSORY], axis=0) > limit).sum())


def _filled(view: View) -> tuple[Ints, Floats, Bools]:
    """Children and places by school, and the schools of the stage whose places are known."""
    stage = view.stages[0]
    students, places = view.placement.students_by_school(stage), view.placement.places_of(stage)
    return students, places, np.asarray(places > 0, dtype=np.bool_)


def _utilisation(view: View) -> tuple[Floats, Floats]:
    students, places, known = _filled(view)
    return students[known] / places[known], students[known].astype(np.float64)


def _of_receiving(view: View, values: Floats) -> Floats:
    return np.where(receiving(view.placement, view), values, np.nan)


def receiving(placement: Placement, view: View) -> Bools:
    """Schools that receive children of the stage, or hold some."""
    stage = view.stages[0]
    return placement.district.schools.serves(stage) | (placement.students_by_school(stage) > 0)

"""What stands: how much of every limit the continuing classes leave to the children who enter (mode `entry`).

Hard means no new breach, and no inherited one made worse: a school above a limit last year may hold as many again, not
more. `[rules] strict` judges everything by the limit alone.
"""

from collections.abc import Sequence

import numpy as np

from models.stages import SERVES, Stage, grades_of
from models.stock import Stock, roll
from optimizer.formulation.draft import Draft


def students_left(draft: Draft, school: int, stages: Sequence[Stage], limit: float) -> int:
    """max(limit, children of `stages` last year) - continuing children of `stages`, at one school."""
    return int(np.floor(_at_least_last_year(draft, school, stages, limit, "students") + 1e-9)) - _standing(
        draft.district.stock, draft, school, stages, "students"
    )


def rooms_left(draft: Draft, school: int, stages: Sequence[Stage], rooms: float) -> int:
    """max(rooms, classes of `stages` last year) - continuing classes of `stages`, at one school."""
    return int(_at_least_last_year(draft, school, stages, rooms, "classes")) - _standing(
        draft.district.stock, draft, school, stages, "classes"
    )


def keep_reserve(draft: Draft, places: int) -> int:
    """Take the share of entry places off that is kept for late arrivals (`reserve_share`)."""
    share = draft.district.settings.policy.reserve_share
    return int(np.floor(places * (1.0 - share) + 1e-9)) if places > 0 else places


def tracks(draft: Draft, school: int, stage: Stage) -> float:
    """Classes a grade of a school may have (轨数), NaN where nothing says: as given, else rooms / grades, rounded down.

    The rooms of the stage where they are given, else those of the school, shared by the grades of all its stages.
    """
    schools, system = draft.district.schools, draft.district.settings.instance.system
    none = np.full(len(schools), np.nan)
    given = schools.classes_per_grade.get(stage, none)[school]
    if np.isfinite(given):
        return float(given)
    of_stage = schools.classrooms_of_stage.get(stage, none)[school]
    if np.isfinite(of_stage):
        return float(of_stage // len(grades_of(stage, system)))
    grades = sum(len(grades_of(other, system)) for other in SERVES[schools.types[school]])
    return float(schools.classrooms[school] // grades) if grades else float("nan")


def entry_classes_that_last(draft: Draft, school: int, years: int) -> int | None:
    """Most entry classes so that, entered alike, they fit the rooms beside the continuing ones `years` years on.

    (years + 1) · entry classes + continuing classes of that year ≤ max(rooms, classes of last year).
    """
    district = draft.district
    stages, system = SERVES[district.schools.types[school]], district.settings.instance.system
    rooms = district.schools.classrooms[school]
    if not np.isfinite(rooms) or not stages:
        return None
    stock = district.stock
    for _ in range(years if stock is not None else 0):
        assert stock is not None
        stock = roll(stock, district.rates, system)
    left = _at_least_last_year(draft, school, stages, rooms, "classes") - _standing(
        stock, draft, school, stages, "classes"
    )
    alike = min(years + 1, *(len(grades_of(stage, system)) for stage in stages))
    return int(left // alike)


def _at_least_last_year(draft: Draft, school: int, stages: Sequence[Stage], limit: float, what: str) -> float:
    strict = draft.district.settings.rules.strict
    return limit if strict else max(limit, _standing(draft.district.enrolment, draft, school, stages, what))


def _standing(stock: Stock | None, draft: Draft, school: int, stages: Sequence[Stage], what: str) -> int:
    if stock is None:
        return 0
    schools = len(draft.district.schools)
    by_school = stock.students_by_school if what == "students" else stock.classes_by_school
    return int(by_school(schools, tuple(stages))[school])

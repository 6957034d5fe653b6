"""What stands: how much of every limit the continuing classes leave to the children who enter (mode `entry`).

Hard means no new breach, and no inherited one made worse: a school above a limit last year may hold as many again, not
more. `[rules] strict` judges everything by the limit alone.
"""

from collections.abc import Sequence

import numpy as np

from models.stages import SERVES, Stage, grades_of
from models.stock import Stock
from optimizer.formulation.draft import Draft


def students_left(draft: Draft, school: int, stages: Sequence[Stage], limit: float) -> int:
    """max(limit, children of `stages` last year) - continuing children of `stages`, at one school."""
    before = _students(draft, draft.district.enrolment, school, stages)
    return int(np.floor(_raised(draft, limit, before) + 1e-9)) - _students(draft, draft.district.stock, school, stages)


def rooms_left(draft: Draft, school: int, stages: Sequence[Stage], rooms: float) -> int:
    """max(rooms, classes of `stages` last year) - continuing classes of `stages`, at one school."""
    before = _classes(draft, draft.district.enrolment, school, stages)
    return int(_raised(draft, rooms, before)) - _classes(draft, draft.district.stock, school, stages)


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


def rooms_that_last(draft: Draft, school: int, stages: Sequence[Stage], rooms: float, years: int) -> int:
    """max(rooms, classes of `stages` last year) - continuing classes of `stages` `years` years on, at one school."""
    district = draft.district
    standing = draft.stock_ahead[years] if draft.stock_ahead else None
    before = _classes(draft, district.enrolment, school, stages)
    return int(_raised(draft, rooms, before)) - _classes(draft, standing, school, stages)


def _raised(draft: Draft, limit: float, before: int) -> float:
    """A limit, or what stood above it last year."""
    return limit if draft.district.settings.rules.strict else max(limit, before)


def _students(draft: Draft, stock: Stock | None, school: int, stages: Sequence[Stage]) -> int:
    return 0 if stock is None else int(stock.students_by_school(len(draft.district.schools), tuple(stages))[school])


def _classes(draft: Draft, stock: Stock | None, school: int, stages: Sequence[Stage]) -> int:
    return 0 if stock is None else int(stock.classes_by_school(len(draft.district.schools), tuple(stages))[school])

"""What stands today and this plan cannot change (存量): it is listed, and its measure may not grow.

Only in mode `entry`; `[rules] strict` judges everything.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from models.district import Floats
from models.placement import Placement
from models.stages import Stage, grades_of
from optimizer.recheck.registry import Breach


def inherits(placement: Placement) -> bool:
    """Return whether what stands today is no fault of the plan."""
    return placement.entry_only and not placement.district.settings.rules.strict


def students_before(placement: Placement, stages: tuple[Stage, ...]) -> Floats:
    """Return the children of `stages` at each school in last year's return; 0 where nothing is inherited."""
    returned, schools = placement.district.enrolment, len(placement.district.schools)
    if returned is None or not inherits(placement):
        return np.zeros(schools)
    return returned.students_by_school(schools, stages).astype(np.float64)


def classes_before(placement: Placement, stages: tuple[Stage, ...]) -> Floats:
    """Return the classes of `stages` at each school in last year's return; 0 where nothing is inherited."""
    returned, schools = placement.district.enrolment, len(placement.district.schools)
    if returned is None or not inherits(placement):
        return np.zeros(schools)
    return returned.classes_by_school(schools, stages).astype(np.float64)


def grades_before(placement: Placement) -> dict[tuple[int, str, str], int]:
    """Return the children that the classes of a school, stage and grade of this year had in last year's return."""
    returned, instance = placement.district.enrolment, placement.district.settings.instance
    held: dict[tuple[int, str, str], int] = {}
    if returned is None:
        return held
    for school, stage, grade, students in zip(
        returned.school, returned.stage, returned.grade, returned.students, strict=True
    ):
        ladder = grades_of(stage, instance.system)
        now = ladder.index(grade) + instance.year - returned.year
        if now < len(ladder):
            key = int(school), stage, ladder[now]
            held[key] = held.get(key, 0) + int(students)
    return held


def weigh(breach: Breach, before: float) -> Breach:
    """Return a breach beside what its `value` was before the plan: inherited where it did not grow."""
    if before <= breach.limit:
        return breach
    return replace(breach, before=before, inherited=bool(breach.value <= before))


def judge_excess(
    placement: Placement, stages: tuple[Stage, ...], held: Floats, limit: Floats, before: Floats, unit: str
) -> Iterator[Breach]:
    """Yield every school that holds more than its limit of `stages`, weighed against what it held last year."""
    named = stages[0] if len(stages) == 1 else ""
    for school in np.flatnonzero(held > limit):
        value, most = held[school], limit[school]
        breach = Breach(named, placement.district.schools.ids[school], value, most, unit, value - most)
        yield weigh_excess(breach, before[school])


def weigh_excess(breach: Breach, before: float) -> Breach:
    """As `weigh`, where `breach` is what `value` is above the limit: of one that grew, what it grew by."""
    weighed = weigh(breach, before)
    grew = weighed.before is not None and not weighed.inherited
    return replace(weighed, breach=breach.value - before) if grew else weighed

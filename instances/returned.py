"""Last year's return (学年报表): children and classes by school and grade, as today's catchments filled them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from instances.design import COHORT_WEIGHTS
from instances.lived import Kinds
from instances.spring import CAPS, Swollen
from models.district import Floats, Ints
from models.stages import Stage

_USUAL: dict[Stage, int] = {"primary": 41, "junior": 45}
"""Children a class, where rooms allow it."""
_GIVES = 0.25
"""Share of a grade that a school gave to another at most."""


@dataclass(frozen=True)
class Returned:
    """One grade of one school: as it was returned, in the autumn before the year of the plan."""

    school: int
    stage: Stage
    grade: str
    students: int
    classes: int


def draw_return(
    kinds: Kinds,
    elsewhere: Ints,
    today: Mapping[Stage, Ints],
    tracks: Mapping[Stage, Ints],
    apart_m: Floats,
    swollen: Mapping[tuple[int, str], Swollen],
) -> list[Returned]:
    """Return last year's classes: everybody who is a grade higher now sat in the school of the catchment.

    Whom a school's tracks did not take sat in the nearest school with places, and `swollen` grades took more than
    that from their neighbours. The last grade of each stage, gone now, is reckoned from the first of the next.
    `elsewhere[unit, grade]` are children who sit in no school of these; `apart_m` is from school to school.
    """
    rows = []
    children = kinds.every - elsewhere
    for stage, school_of in today.items():
        grades = tuple(COHORT_WEIGHTS[stage])
        for grade in grades:
            column = min(kinds.column(grade) + 1, len(kinds.grades) - 1)
            wanted = np.bincount(school_of, children[:, column], len(apart_m)).astype(np.int64)
            given = {school: row for (school, of), row in swollen.items() if of == grade and tracks[stage][school]}
            held = _seat(wanted, tracks[stage] * CAPS[stage], apart_m, {s: row.students for s, row in given.items()})
            for school in np.flatnonzero(held).tolist():
                students = int(held[school])
                usual = _classes(students, stage, int(tracks[stage][school]))
                classes = given[school].classes if school in given else usual
                rows.append(Returned(school, stage, grade, students, classes))
    return sorted(rows, key=lambda row: (row.school, kinds.column(row.grade)))


def _classes(students: int, stage: Stage, tracks: int) -> int:
    """Classes of about the usual size, as far as there are tracks for them, and never above the cap."""
    return max(-(-students // CAPS[stage]), min(-(-students // _USUAL[stage]), tracks))


def _seat(wanted: Ints, most: Ints, apart_m: Floats, given: Mapping[int, int]) -> Ints:
    """Children at each school: no more than `most`, and exactly what is `given`."""
    held = wanted.copy()
    for school in np.argsort(most - wanted, kind="stable").tolist():
        for other in np.argsort(apart_m[school], kind="stable").tolist():
            over, free = int(held[school] - most[school]), int(most[other] - held[other])
            if other not in given and wanted[other] > 0 and over > 0 and free > 0:
                moved = min(over, free)
                held[school], held[other] = held[school] - moved, held[other] + moved
    for school, students in given.items():
        _move(held, most, apart_m[school], school, students - int(held[school]), [*given])
    return held


def _move(held: Ints, most: Ints, near_m: Floats, school: int, missing: int, kept: Sequence[int]) -> None:
    """Take `missing` children for a school from its neighbours, or give them so many where it is negative."""
    for other in np.argsort(near_m, kind="stable").tolist():
        if other in kept or held[other] == 0:
            continue
        most_given = int(_GIVES * held[other])
        moved = min(missing, most_given) if missing > 0 else -min(-missing, max(int(most[other] - held[other]), 0))
        held[school], held[other], missing = held[school] + moved, held[other] - moved, missing - moved

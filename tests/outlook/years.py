"""Districts for the outlook, made by hand: a few schools, a count a year, last year's return.

Everything is given in letters: `lives = {"U1": "A", "U2": "AB"}` says that U1 belongs to A and that A and B share U2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from builders import make_district, make_schools

from models.district import Catchments, Cohort, Demand, District, Feeders
from models.stages import grades_of
from models.stock import Stock, roll_to

Count = Mapping[tuple[str, str] | tuple[str, str, str], Sequence[int]]
"""Children by unit, of a stage and grade, and a category if it is not `local`."""


def make_outlook(
    *,
    counts: Mapping[int, Count],
    lives: Mapping[str, Mapping[str, str]],
    returned: Mapping[tuple[str, str], Sequence[int]] | None = None,
    classes: Mapping[tuple[str, str], Sequence[int]] | None = None,
    rates: Mapping[tuple[str, str], float] | None = None,
    feeders: Sequence[tuple[str, str, float]] = (),
    cap: int | None = 40,
    **more: Any,
) -> District:
    """Return a district in mode `entry`, 2027, with last year's return of 2026 rolled.

    `returned` are children by school and stage, one number a grade from the entry grade on; a class each, unless
    `classes` says otherwise.
    """
    stages = list(dict.fromkeys(stage for stage in lives))
    more.setdefault("schools", make_schools())
    instance = {"mode": "entry", "stages": stages} | more.pop("instance", {})
    policy = ({"class_size": {"cap": dict.fromkeys(stages, cap)}} if cap else {}) | more.pop("policy", {})
    district = make_district(instance=instance, policy=policy, **more)
    counted = {year: _demand(count, len(district.units)) for year, count in counts.items()}
    system, now = district.settings.instance.system, counted[2027]
    entry = {(stage, grades_of(stage, system)[0]) for stage in stages}
    decided = [k for k, of in enumerate(now.cohorts) if (of.stage, of.grade) in entry or instance["mode"] == "whole"]
    enrolment = None if returned is None else _stock(district, returned, classes or {})
    return replace(
        district,
        demand=Demand(tuple(now.cohorts[k] for k in decided), now.students[:, decided]),
        counted=counted,
        current=_catchments(district, lives),
        enrolment=enrolment,
        stock=None if enrolment is None else roll_to(enrolment, 2027, dict(rates or {}), system),
        rates=dict(rates or {}),
        feeders=_feeders(district, feeders) if feeders else None,
    )


def _demand(count: Count, units: int) -> Demand:
    cohorts = tuple(Cohort(key[0], key[1], key[2] if len(key) > 2 else "local") for key in count)
    columns = [[*students, *[0] * (units - len(students))] for students in count.values()]
    return Demand(cohorts, np.array(columns, dtype=np.int64).reshape(len(cohorts), units).T)


def _catchments(district: District, lives: Mapping[str, Mapping[str, str]]) -> Catchments:
    rows = [
        (district.units.row[unit], stage, district.schools.row[letter])
        for stage, of_unit in lives.items()
        for unit, letters in of_unit.items()
        for letter in letters
    ]
    unit, stage, school = zip(*rows, strict=True)
    return Catchments(np.array(unit), stage, np.array(school))


def _stock(district: District, returned: Mapping[Any, Sequence[int]], classes: Mapping[Any, Sequence[int]]) -> Stock:
    system = district.settings.instance.system
    rows = [
        (district.schools.row[school], stage, grade, students, taught)
        for (school, stage), counts in returned.items()
        for grade, students, taught in zip(
            grades_of(stage, system), counts, classes.get((school, stage), [1] * len(counts)), strict=False
        )
    ]
    school, stage, grade, students, taught = zip(*rows, strict=True)
    return Stock(2026, np.array(school), stage, grade, np.array(students), np.array(taught))


def _feeders(district: District, rows: Sequence[tuple[str, str, float]]) -> Feeders:
    primary, junior, share = zip(*rows, strict=True)
    row = district.schools.row
    return Feeders(np.array([row[p] for p in primary]), np.array([row[j] for j in junior]), np.array(share))

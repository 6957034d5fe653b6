"""How far children go, and whether the plan's own figures say so."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from models.placement import Placement, rows_of
from optimizer.recheck.inherited import inherits
from optimizer.recheck.registry import Breach, rule


@rule("max_travel")
def judge_max_travel(placement: Placement) -> Iterator[Breach]:
    """metres[i,j] ≤ max_m[s]   for every unit i with children of stage s placed at school j.

    Inherited is the way to a school of today's catchment, unless everything is redrawn.
    """
    stood, redrawn = placement.schools_today(), placement.district.settings.catchments.change == "free"
    keeps = inherits(placement) and not redrawn
    ceilings = placement.district.settings.policy.travel.max_m
    for row in rows_of(_with_children(placement)):
        ceiling = ceilings.get(row.stage)
        if ceiling is not None and row.metres > ceiling + 1e-6:
            unit, school = placement.district.units.ids[row.unit], placement.district.schools.ids[row.school]
            breach = Breach(row.stage, unit, row.metres, ceiling, "metres", row.students, detail=school)
            known = keeps and row.school in stood.get((row.unit, row.stage), frozenset())
            yield replace(breach, before=row.metres, inherited=True) if known else _by_committee(breach, row)


@rule("region")
def judge_region(placement: Placement) -> Iterator[Breach]:
    """region[i] = region[j]   where children of unit i go to school j and both name a region, today's way or not."""
    units, schools = placement.district.units, placement.district.schools
    for row in rows_of(_with_children(placement)):
        of_unit, of_school = units.region[row.unit], schools.region[row.school]
        if of_unit and of_school and of_unit != of_school:
            breach = Breach(row.stage, units.ids[row.unit], row.students, 0, "students", row.students,
                            detail=schools.ids[row.school])  # fmt: skip
            yield _by_committee(breach, row)


@rule("figures")
def judge_metres(placement: Placement) -> Iterator[Breach]:
    """The metres of `assignments` are the distance to the whole metre."""
    rows = placement.assignments
    wrong = (rows["metres"] - _stated_metres(placement)).abs() > 0.5 + 1e-6
    for row, stated in zip(rows_of(rows[wrong]), _stated_metres(placement)[wrong], strict=True):
        yield Breach(row.stage, placement.district.units.ids[row.unit], stated, row.metres, "metres", 0, kind="metres")


@rule("figures")
def judge_student_km(placement: Placement) -> Iterator[Breach]:
    """student_km = Σ students · metres / 1000, to a millionth."""
    rows = _with_children(placement)
    summed = float((rows["students"] * rows["metres"]).sum()) / 1000
    stated = placement.plan.student_km
    if not np.isclose(stated, summed, rtol=1e-6, atol=1e-6):
        yield Breach("", "", stated, summed, "student_km", 0, kind="student_km")


@rule("figures")
def judge_largest_class(placement: Placement) -> Iterator[Breach]:
    """largest_class = ⌈students / classes⌉, and no children without a class."""
    classes = placement.classes
    even = np.ceil(classes["students"] / classes["classes"].where(classes["classes"] > 0))
    for row, size in zip(rows_of(classes), even, strict=True):
        school = placement.district.schools.ids[row.school]
        if row.students > 0 and row.classes < 1:
            yield Breach(row.stage, school, 0, 1, "classes", row.students, kind="no_class", detail=row.grade)
        elif row.classes >= 1 and row.largest_class != size:
            yield Breach(row.stage, school, row.largest_class, size, "students", 0, "largest_class", row.grade)


def _by_committee(breach: Breach, row: Any) -> Breach:
    """Return a breach as inherited where a committee decided on the school."""
    return replace(breach, inherited=True) if row.placed else breach


def _with_children(placement: Placement) -> pd.DataFrame:
    return placement.assignments[placement.assignments["students"] > 0]


def _stated_metres(placement: Placement) -> "pd.Series[float]":
    stated = placement.plan.assignments
    known = stated["unit_id"].isin(list(placement.district.units.row))
    known &= stated["school_id"].isin(list(placement.district.schools.row))
    return stated.loc[known, "metres"].reset_index(drop=True)

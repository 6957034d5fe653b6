"""From an outcome in positions to a plan in tables: who goes where, in which classes, how far."""

from collections import Counter
from itertools import product

import numpy as np
import pandas as pd

from models.district import District, Ints, Travel
from models.outcome import Outcome
from models.plan import ASSIGNMENT_COLUMNS, CATCHMENT_COLUMNS, CLASS_COLUMNS, Plan
from optimizer.formulation.childless import settle_childless
from optimizer.formulation.formulation import Formulation, find_columns
from optimizer.formulation.seated import draw_seated_plan


def draw_plan(f: Formulation, district: District, travel: Travel, outcome: Outcome) -> Plan | None:
    """Return the tables of a plan, rows in the order of the instance; None where the outcome holds no plan."""
    if outcome.seating is not None:
        return draw_seated_plan(f, district, travel, outcome.seating)
    if outcome.pairs is None or outcome.students is None or outcome.classes is None:
        return None
    pairs = settle_childless(f, district, outcome.pairs)
    assignments, student_km = _assignments(f, district, travel, pairs, outcome.students)
    return Plan(
        catchments=_catchments(f, pairs),
        assignments=assignments,
        classes=tabulate_classes(f, _enrolment(f, pairs, outcome.students), outcome.classes),
        student_km=student_km,
    )


def _catchments(f: Formulation, pairs: Ints) -> pd.DataFrame:
    rows = [
        (int(unit), int(f.blocks.stage[block]), int(school))
        for block, school in zip(f.pairs.block[pairs], f.pairs.school[pairs], strict=True)
        for unit in f.blocks.members(int(block))
    ]
    named = [(f.unit_ids[unit], f.stages[stage], f.school_ids[school]) for unit, stage, school in sorted(rows)]
    return pd.DataFrame(named, columns=list(CATCHMENT_COLUMNS), dtype=object)


def _assignments(
    f: Formulation, district: District, travel: Travel, pairs: Ints, students: Ints
) -> tuple[pd.DataFrame, float]:
    """Children by unit, stage, category and school, and their student-kilometres."""
    rows, student_km = [], 0.0
    for (unit, stage_row, category, school), count in sorted(_place(f, district, pairs, students).items()):
        metres = float(travel.metres[unit, school])
        student_km += count * metres / 1000.0
        ids = (f.unit_ids[unit], f.stages[stage_row], category, f.school_ids[school])
        rows.append((*ids, count, round(metres)))
    table = pd.DataFrame(rows, columns=list(ASSIGNMENT_COLUMNS))
    return table.astype({"students": np.int64, "metres": np.int64}), student_km


def _place(f: Formulation, district: District, pairs: Ints, students: Ints) -> Counter[tuple[int, int, str, int]]:
    """Children by unit, stage (rows), category and school (row).

    The children of a pair are those of its units, column by column. Where kinds of a divided unit share a column, no
    rule tells them apart: zoned ones come first at the nearest school.
    """
    cohorts, categories = district.demand.cohorts, district.settings.categories
    column = find_columns(f.columns, cohorts)
    zoned_first = sorted(range(len(cohorts)), key=lambda k: not categories[cohorts[k].category].zoned)
    left, placed = district.demand.students.copy(), Counter[tuple[int, int, str, int]]()
    for used in np.lexsort((f.metres[pairs], f.pairs.block[pairs])).tolist():
        block, school, free = int(f.pairs.block[pairs[used]]), int(f.pairs.school[pairs[used]]), students[used].copy()
        for unit, k in product(f.blocks.members(block).tolist(), zoned_first):
            taken = min(int(left[unit, k]), int(free[column[k]])) if column[k] >= 0 else 0
            if taken:
                left[unit, k] -= taken
                free[column[k]] -= taken
                placed[unit, int(f.blocks.stage[block]), cohorts[k].category, school] += taken
    return placed


def _enrolment(f: Formulation, pairs: Ints, students: Ints) -> Ints:
    enrolment = np.zeros((len(f.school_ids), len(f.columns)), dtype=np.int64)
    np.add.at(enrolment, f.pairs.school[pairs], students)
    return enrolment


def tabulate_classes(f: Formulation, enrolment: Ints, classes: Ints) -> pd.DataFrame:
    """Return the rows of `classes` in mode `whole`, for children by school and column and classes by school and grade.

    No rows where no class rule says anything.
    """
    if f.classes is None:
        return pd.DataFrame(columns=list(CLASS_COLUMNS))
    sizes = f.grade_sizes(enrolment)
    rows = []
    for school, g in np.argwhere(sizes > 0):
        grade, n, k = f.classes.grades[g], int(sizes[school, g]), int(classes[school, g])
        rows.append((f.school_ids[school], grade.stage, grade.grade, n, k, -(-n // k), "whole"))
    return pd.DataFrame(rows, columns=list(CLASS_COLUMNS))

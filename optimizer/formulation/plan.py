"""From an outcome in positions to a plan in tables: who goes where, in which classes, how far."""

import numpy as np
import pandas as pd

from models.district import District, Ints, Travel
from models.outcome import Outcome
from models.plan import ASSIGNMENT_COLUMNS, CATCHMENT_COLUMNS, CLASS_COLUMNS, Plan
from optimizer.formulation.formulation import Formulation


def draw_plan(f: Formulation, district: District, travel: Travel, outcome: Outcome) -> Plan | None:
    """Return the tables of a plan, rows in the order of the instance; None where the outcome holds no plan."""
    if outcome.pairs is None or outcome.students is None or outcome.classes is None:
        return None
    assignments, student_km = _assignments(f, district, travel, outcome.pairs, outcome.students)
    return Plan(
        catchments=_catchments(f, outcome.pairs),
        assignments=assignments,
        classes=_classes(f, outcome.pairs, outcome.students, outcome.classes),
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
    """Children by unit, stage, category and school; a split unit's children fill the categories in their order."""
    cohorts = district.demand.cohorts
    column_of = {(column.stage, column.grade): c for c, column in enumerate(f.columns)}
    left = district.demand.students.copy()
    placed: dict[tuple[int, int, str, int], int] = {}
    for block, school, free in zip(f.pairs.block[pairs], f.pairs.school[pairs], students.copy(), strict=True):
        stage = f.stages[f.blocks.stage[block]]
        for unit in f.blocks.members(int(block)):
            for k, cohort in enumerate(cohorts):
                if cohort.stage != stage or not left[unit, k]:
                    continue
                c = column_of[cohort.stage, cohort.grade]
                taken = min(int(left[unit, k]), int(free[c]))
                left[unit, k] -= taken
                free[c] -= taken
                key = (int(unit), int(f.blocks.stage[block]), cohort.category, int(school))
                placed[key] = placed.get(key, 0) + taken
    rows, student_km = [], 0.0
    for (unit, stage_row, category, school), count in sorted(placed.items()):
        if count:
            metres = float(travel.metres[unit, school])
            student_km += count * metres / 1000.0
            ids = (f.unit_ids[unit], f.stages[stage_row], category, f.school_ids[school])
            rows.append((*ids, count, round(metres)))
    table = pd.DataFrame(rows, columns=list(ASSIGNMENT_COLUMNS))
    return table.astype({"students": np.int64, "metres": np.int64}), student_km


def _classes(f: Formulation, pairs: Ints, students: Ints, classes: Ints) -> pd.DataFrame:
    if f.classes is None:
        return pd.DataFrame(columns=list(CLASS_COLUMNS))
    enrolment = np.zeros((len(f.school_ids), len(f.columns)), dtype=np.int64)
    np.add.at(enrolment, f.pairs.school[pairs], students)
    sizes = f.grade_sizes(enrolment)
    rows = []
    for school, g in np.argwhere(sizes > 0):
        grade, n, k = f.classes.grades[g], int(sizes[school, g]), int(classes[school, g])
        rows.append((f.school_ids[school], grade.stage, grade.grade, n, k, -(-n // k), "whole"))
    return pd.DataFrame(rows, columns=list(CLASS_COLUMNS))

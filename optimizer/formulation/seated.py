"""The plan of an admission year as tables: catchments, seats, who sits elsewhere, classes that enter and that go on."""

import numpy as np
import pandas as pd

from models.district import Bools, District, Floats, Travel
from models.outcome import Outcome, Seating
from models.plan import ASSIGNMENT_COLUMNS, CATCHMENT_COLUMNS, CLASS_COLUMNS, COORDINATION_COLUMNS, Plan
from models.stages import STAGES, grades_of
from optimizer.formulation.catchments import receiving_today
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.kinds import count_seats


def drawn_catchments(f: Formulation, district: District, outcome: Outcome) -> Bools:
    """Return which school has which unit, shape (units, schools, stages): as drawn, or shared as today.

    A school that receives nobody any more has no part in what it shared.
    """
    assert outcome.pairs is not None
    held = np.zeros((len(f.unit_ids), len(f.school_ids), len(f.stages)), dtype=bool)
    for block, school in zip(f.pairs.block[outcome.pairs], f.pairs.school[outcome.pairs], strict=True):
        held[f.blocks.members(int(block)), school, f.blocks.stage[block]] = True
    return keep_shared(f, district, held)


def keep_shared(f: Formulation, district: District, held: Bools) -> Bools:
    """Return catchments, shape (units, schools, stages), with those that several schools share as they are today."""
    kept = held.copy()
    for s, stage in enumerate(f.stages if f.pool is not None and district.current is not None else ()):
        assert f.pool is not None and district.current is not None
        shared = f.pool.shared[:, s]
        kept[shared, :, s] = receiving_today(district, district.current, stage)[shared]
    return kept


def drawn_children(f: Formulation, outcome: Outcome) -> Floats:
    """Return how many children of a divided unit were drawn to each school, shape (units, schools, stages).

    inf for units that are not divided, and for those that are shared as today.
    """
    assert outcome.pairs is not None and outcome.students is not None and f.pool is not None
    drawn = np.full((len(f.unit_ids), len(f.school_ids), len(f.stages)), np.inf)
    block, school = f.pairs.block[outcome.pairs], f.pairs.school[outcome.pairs]
    unit, stage = f.blocks.units[f.blocks.start[block]], f.blocks.stage[block]
    divided = (np.bincount(block, minlength=len(f.blocks))[block] > 1) & ~f.pool.shared[unit, stage]
    drawn[unit[divided], school[divided], stage[divided]] = outcome.students.sum(axis=1)[divided]
    return drawn


def draw_seated_plan(f: Formulation, district: District, travel: Travel, seating: Seating) -> Plan:
    """Return the tables of a plan of mode `entry`, rows in the order of the instance."""
    assignments = tabulate_seats(f, district, travel, seating)
    return Plan(
        catchments=tabulate_catchments(f, seating.catchments),
        assignments=assignments.drop(columns=["own", "placed"]),
        classes=_classes(f, district, seating),
        student_km=seating.student_km,
        coordination=_coordination(assignments),
    )


def tabulate_catchments(f: Formulation, held: Bools) -> pd.DataFrame:
    """Return the rows of `catchments`; `held` has shape (units, schools, stages)."""
    unit, stage, school = np.nonzero(held.transpose(0, 2, 1))
    named = [(f.unit_ids[u], f.stages[s], f.school_ids[j]) for u, s, j in zip(unit, stage, school, strict=True)]
    return pd.DataFrame(named, columns=list(CATCHMENT_COLUMNS), dtype=object)


def tabulate_seats(f: Formulation, district: District, travel: Travel, seating: Seating) -> pd.DataFrame:
    """Return the rows of `assignments`, and the unit's own school where it is another, of a shared one the nearest."""
    seats, cohorts = seating.seats, district.demand.cohorts
    counted: dict[tuple[int, int, str, int], int] = {}
    for unit, cohort, school, students in zip(seats.unit, seats.cohort, seats.school, seats.students, strict=True):
        of = cohorts[cohort]
        key = (int(unit), f.stages.index(of.stage), of.category, int(school))
        counted[key] = counted.get(key, 0) + int(students)
    rows = []
    for (unit, s, category, school), students in sorted(counted.items()):
        own = np.flatnonzero(seating.catchments[unit, :, s])
        nearest = own[np.argmin(travel.metres[unit, own])] if len(own) else -1
        elsewhere = "" if school in own or nearest < 0 else f.school_ids[nearest]
        placed = district.settings.kind_of(category) == "placed"
        ids = (f.unit_ids[unit], f.stages[s], category, f.school_ids[school])
        rows.append((*ids, students, round(float(travel.metres[unit, school])), elsewhere, placed))
    table = pd.DataFrame(rows, columns=[*ASSIGNMENT_COLUMNS, "own", "placed"])
    return table.astype({"students": np.int64, "metres": np.int64})


def _coordination(assignments: pd.DataFrame) -> pd.DataFrame:
    """Children whose school is none of their catchment, placed ones excepted."""
    outside = assignments[(assignments["own"] != "") & ~assignments["placed"].astype(bool)]
    named = outside.rename(columns={"own": "catchment_school_id", "school_id": "to_school_id"})
    return named[list(COORDINATION_COLUMNS)].reset_index(drop=True)


def _classes(f: Formulation, district: District, seating: Seating) -> pd.DataFrame:
    """Entry classes as decided, continuing ones as they stand; a school without class rules opens the fewest."""
    rows: list[tuple[int, int, int, str, str, int, int, str]] = []
    system, caps = district.settings.instance.system, district.settings.policy.class_size.cap
    seated = count_seats(district, f.columns, seating.seats)
    for school, column in np.argwhere(seated > 0):
        stage, students = f.columns[column].stage, int(seated[school, column])
        grade = grades_of(stage, system)[0]
        classes = _decided(f, seating, int(school), stage) or -(-students // caps.get(stage, students))
        rows.append((int(school), STAGES.index(stage), 0, stage, grade, students, classes, "entry"))
    stock = district.stock
    for k in range(len(stock) if stock is not None else 0):
        assert stock is not None
        stage, grade = stock.stage[k], stock.grade[k]
        at = (int(stock.school[k]), STAGES.index(stage), grades_of(stage, system).index(grade))
        if stock.students[k] or stock.classes[k]:
            rows.append((*at, stage, grade, int(stock.students[k]), int(stock.classes[k]), "continuing"))
    named = [
        (f.school_ids[school], stage, grade, n, k, -(-n // k) if k else 0, origin)
        for school, _, _, stage, grade, n, k, origin in sorted(rows)
    ]
    return pd.DataFrame(named, columns=list(CLASS_COLUMNS))


def _decided(f: Formulation, seating: Seating, school: int, stage: str) -> int:
    """Classes of the entry grade of a stage that were decided; 0 where no class rule says anything."""
    if f.classes is None:
        return 0
    return int(sum(seating.classes[school, g] for g, grade in enumerate(f.classes.grades) if grade.stage == stage))

"""Mode `entry`: who follows a catchment, who is seated after the catchments are drawn, and whose seat is decided."""

from dataclasses import replace

import numpy as np

from models.district import Bools, Cohort, Demand, District, Ints
from models.outcome import Seats
from models.settings import Hardness
from models.stages import SERVES, Stage, grades_of
from optimizer.formulation.draft import Draft
from optimizer.formulation.formulation import Column, Pool, find_columns


def drawn_district(district: District, shared: Bools) -> District:
    """Return the district as the drawing of catchments sees it: with the zoned children of one school a unit alone.

    `shared`, shape (units, stages), are units that several schools share and go on sharing: their children are seated
    where places are free among those schools. Every stage keeps its entry grade, also without children.
    """
    stages = district.settings.instance.stages
    students = district.demand.students.copy()
    for k, cohort in enumerate(district.demand.cohorts):
        if cohort.stage not in stages or district.settings.kind_of(cohort.category) != "zoned":
            students[:, k] = 0
        else:
            students[shared[:, stages.index(cohort.stage)], k] = 0
    missing = tuple(
        Cohort(stage, entry_grade(district, stage), "local")
        for stage in stages
        if all(cohort.stage != stage for cohort in district.demand.cohorts)
    )
    none = np.zeros((len(district.units), len(missing)), dtype=np.int64)
    demand = Demand((*district.demand.cohorts, *missing), np.concatenate([students, none], axis=1))
    return replace(district, demand=demand)


def make_pool(district: District, draft: Draft) -> Pool:
    """Return who is seated after the catchments are drawn: all children but those in blocks and those placed."""
    taken = count_seats(district, draft.columns, decided_seats(district))
    everybody = np.zeros(len(draft.columns), dtype=np.int64)
    for k, column in enumerate(find_columns(draft.columns, district.demand.cohorts)):
        if column >= 0:
            everybody[column] += district.demand.students[:, k].sum()
    overflow: Hardness = district.settings.rules.overflow or "soft"
    return Pool(
        students=everybody - draft.blocks.students.sum(axis=0) - taken.sum(axis=0),
        taken=taken,
        hosts=_hosting(district, draft.columns),
        overflow=overflow,
        shared=draft.standing.shared,
    )


def count_seats(district: District, columns: tuple[Column, ...], seats: Seats) -> Ints:
    """Return the children of every column who sit at each school, shape (schools, columns)."""
    count = np.zeros((len(district.schools), len(columns)), dtype=np.int64)
    column_of = np.array(find_columns(columns, district.demand.cohorts), dtype=np.int64)
    np.add.at(count, (seats.school, column_of[seats.cohort]), seats.students)
    return count


def _hosting(district: District, columns: tuple[Column, ...]) -> Bools:
    """Open schools that teach the stage; private ones with purchased places alone, shape (schools, columns)."""
    schools = district.schools
    purchased = np.nan_to_num(schools.purchased_places) > 0
    able = np.array([status == "open" for status in schools.status]) & (~schools.private | purchased)
    teaches = np.array([[column.stage in SERVES[kind] for column in columns] for kind in schools.types])
    return np.asarray(teaches & able[:, None])


def decided_seats(district: District) -> Seats:
    """Return the seats of placed children: where `fixed` says, evenly over its rows, the first ones taking one more."""
    fixed, rows = district.fixed, []
    for k, cohort in enumerate(district.demand.cohorts if fixed else ()):
        if district.settings.kind_of(cohort.category) != "placed":
            continue
        for unit in np.flatnonzero(district.demand.students[:, k]):
            schools = _places_named(district, int(unit), cohort)
            share, more = divmod(int(district.demand.students[unit, k]), max(1, len(schools)))
            rows += [(int(unit), k, school, share + (n < more)) for n, school in enumerate(schools)]
    table = np.array([row for row in rows if row[3]], dtype=np.int64).reshape(-1, 4)
    return Seats(*table.T)


def without_seats(district: District, decided: Seats) -> Ints:
    """Return the children who have no seat yet, shape (units, cohorts)."""
    left = district.demand.students.copy()
    np.subtract.at(left, (decided.unit, decided.cohort), decided.students)
    return left


def _places_named(district: District, unit: int, cohort: Cohort) -> list[int]:
    fixed = district.fixed
    assert fixed is not None
    named = (fixed.unit == unit) & fixed.must
    return [
        int(fixed.school[k])
        for k in np.flatnonzero(named)
        if fixed.stage[k] == cohort.stage and fixed.category[k] == cohort.category
    ]


def entry_grade(district: District, stage: Stage) -> str:
    """Return the first grade of a stage."""
    return grades_of(stage, district.settings.instance.system)[0]

"""Children as counted, who of them is decided, and which of their grades the plan decides."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from models.district import Cohort, Demand, Floats, Ints, Units
from models.rounding import scale_half_up
from models.settings import LARGEST_COUNT, Settings
from models.stages import STAGES, Stage, grades_of
from optimizer.io.columns import choice_values
from optimizer.io.source import Table, Texts

DEFAULT_CATEGORY = "local"


def build_counted(table: Table | None, units: Units, settings: Settings) -> dict[int, Demand]:
    """Return all children of `demand` by the year they are counted for, every stage and grade, capture applied.

    Cohorts come in the order of stages, grades and declared categories; those without a single row are left out. No
    year where there is no table.
    """
    if table is None:
        return {}
    year, unit = years_of(table, settings), table.positions("unit_id", units.row)
    decided = decided_students(table, settings)
    aside = counted_students(table) - decided
    keys = zip(table.text("stage"), grades_in(table, settings), categories_of(table), strict=True)
    cohorts = np.array([Cohort(*key) for key in keys], dtype=object)
    built = {}
    for held in sorted({*year.astype(int).tolist()}):
        rows = np.flatnonzero(year == held)
        columns = sorted(set(cohorts[rows]), key=lambda cohort: cohort_order(cohort, settings))
        column_of = {cohort: k for k, cohort in enumerate(columns)}
        column = np.array([column_of[cohort] for cohort in cohorts[rows]], dtype=np.int64)
        students, left = np.zeros((2, len(units), len(columns)), dtype=np.int64)
        np.add.at(students, (unit[rows], column), decided[rows])
        np.add.at(left, (unit[rows], column), aside[rows])
        built[held] = make_demand(columns, students, left)
    return built


def choose_demand(counted: Mapping[int, Demand], settings: Settings, units: int) -> Demand:
    """Return what the plan decides of the children counted for its year, for so many units.

    In mode `entry` the entry grade of each planned stage, in mode `whole` all of it.
    """
    demand = counted.get(settings.instance.year, Demand((), np.zeros((units, 0), dtype=np.int64)))
    kept = [k for k, cohort in enumerate(demand.cohorts) if is_decided(cohort.stage, cohort.grade, settings)]
    return make_demand([demand.cohorts[k] for k in kept], demand.students[:, kept], aside_of(demand)[:, kept])


def make_demand(cohorts: Sequence[Cohort], students: Ints, aside: Ints) -> Demand:
    """Return children by unit and cohort, with those set aside where there are any."""
    return Demand(tuple(cohorts), students, aside if aside.any() else None)


def aside_of(demand: Demand) -> Ints:
    """Return who was counted and is not decided, zeros where everyone is."""
    return np.zeros_like(demand.students) if demand.aside is None else demand.aside


def is_decided(stage: Stage, grade: str, settings: Settings) -> bool:
    """Whether the plan decides the children of a grade: of planned stages, in mode `entry` the entry grades alone."""
    instance = settings.instance
    planned = stage in instance.stages
    return planned and (instance.mode == "whole" or grade == grades_of(stage, instance.system)[0])


def years_of(table: Table, settings: Settings) -> Floats:
    """Return the year each row of `demand` is for: the plan's where none is stated."""
    return np.where(table.filled("year"), table.numbers("year"), settings.instance.year)


def grades_in(table: Table, settings: Settings) -> Texts:
    """Return the grade of each row of `demand`: in mode `entry`, rows without one are of the entry grade."""
    grade, instance = table.text("grade"), settings.instance
    if instance.mode == "whole" or not (grade == "").any():
        return grade
    entry = {stage: grades_of(stage, instance.system)[0] for stage in STAGES}
    return np.where(grade == "", [entry.get(stage, "") for stage in table.text("stage")], grade)


def categories_of(table: Table) -> Texts:
    """Return the kind of children of each row."""
    return np.where(table.filled("category"), table.text("category"), DEFAULT_CATEGORY)


def counted_students(table: Table) -> Ints:
    """Return the children of each row as counted; a cell that is no count counts nobody."""
    students = table.numbers("students")
    return np.where((students >= 0) & (students <= LARGEST_COUNT), students, 0.0).astype(np.int64)


def decided_students(table: Table, settings: Settings) -> Ints:
    """Return the children of each row who register and go to no private school, rounded half up row by row.

    A share of the row goes before that of its stage.
    """
    students = counted_students(table)
    capture = _shares(table, "capture", settings.demand.capture, 1.0)
    private = _shares(table, "private_share", settings.demand.private_share, 0.0)
    reduced = np.flatnonzero((capture != 1.0) | (private != 0.0))
    students[reduced] = [registered(int(students[k]), capture[k], private[k]) for k in reduced]
    return students


def registered(students: int, capture: float, private_share: float, rate: float = 1.0) -> int:
    """Return students x rate x capture x (1 - private_share), rounded half up once."""
    return scale_half_up(students, rate, capture, 1 - Fraction(str(private_share)))


def cohort_order(cohort: Cohort, settings: Settings) -> tuple[int, int, int]:
    """Return where a cohort stands: by stage, by grade, by category as declared."""
    grades = ("", *choice_values("grade"))
    return STAGES.index(cohort.stage), grades.index(cohort.grade), list(settings.categories).index(cohort.category)


def _shares(table: Table, column: str, of_stage: Mapping[Stage, float], default: float) -> Floats:
    """The share of each row: its own, else that of its stage, else the default."""
    stated, stages = np.full(len(table), default), table.text("stage")
    for stage, share in of_stage.items():
        stated[stages == stage] = share
    own = table.numbers(column)
    return np.where((own >= 0) & (own <= 1), own, stated)

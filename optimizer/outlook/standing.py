"""The classes that stand when the outlook begins: last year's return a grade higher, or what was counted by grade."""

import numpy as np

from models.district import District, Ints
from models.stages import Stage, grades_of
from models.stock import Stock, roll_to
from optimizer.outlook.entrants import Entrants, Intake
from optimizer.outlook.rooms import cap_of


def standing_stock(intake: Intake) -> Stock:
    """Return the continuing classes of the first year, without its entry grades; `school` is a column of the outlook.

    Children at private and special schools are left out; those at a school that is closed, or in a stage that it does
    not teach, are in the column of no school.
    """
    district = intake.district
    if district.enrolment is None:
        return _counted_stock(intake)
    stock = district.stock or roll_to(district.enrolment, intake.first, district.rates, intake.system)
    column = _columns_of(district, stock)
    above = [grade != grades_of(stage, intake.system)[0] for stage, grade in zip(stock.stage, stock.grade, strict=True)]
    return take(stock, column, np.flatnonzero(np.array(above, dtype=bool) & (column >= 0)))


def join_stock(held: Stock, entrants: dict[Stage, Entrants], intake: Intake) -> Stock:
    """Return the stock with the entry classes of its year."""
    parts = [held]
    for stage, entered in entrants.items():
        entry = grades_of(stage, intake.system)[0]
        parts.append(_open_classes(intake, stage, entry, entered.students))
    return chain(held.year, parts)


def classes_for(students: Ints, cap: float) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """Return the classes that the cap requires; NaN without a cap."""
    return np.ceil(students / cap - 1e-9)


def _counted_stock(intake: Intake) -> Stock:
    demand, parts = intake.demand_of(intake.first), []
    for stage in intake.district.settings.instance.stages if demand is not None else ():
        for grade in grades_of(stage, intake.system)[1:]:
            found = intake.count(demand, (stage, grade), stage) if demand is not None else None
            if found is not None:
                parts.append(_open_classes(intake, stage, grade, found.students))
    return chain(intake.first, parts)


def _open_classes(intake: Intake, stage: Stage, grade: str, students: Ints) -> Stock:
    """Return a stock of one grade by column, in as many classes as the cap requires, none where there is no cap."""
    school = np.flatnonzero(students)
    classes = np.nan_to_num(classes_for(students[school], cap_of(intake.district, stage))).astype(np.int64)
    return Stock(intake.first, school, (stage,) * len(school), (grade,) * len(school), students[school], classes)


def _columns_of(district: District, stock: Stock) -> Ints:
    """Return the column of each row; -1 where it is left out."""
    schools = district.schools
    apart = schools.private | np.array([kind == "special" for kind in schools.types], dtype=bool)
    teaches = np.array(
        [schools.serves(stage)[row] for row, stage in zip(stock.school, stock.stage, strict=True)], dtype=bool
    )
    return np.where(apart[stock.school], -1, np.where(teaches, stock.school, len(schools)))


def take(stock: Stock, column: Ints, rows: Ints) -> Stock:
    """Return some rows of a stock, each at the column given for it."""
    return Stock(
        year=stock.year,
        school=column[rows],
        stage=tuple(stock.stage[k] for k in rows),
        grade=tuple(stock.grade[k] for k in rows),
        students=stock.students[rows],
        classes=stock.classes[rows],
    )


def chain(year: int, parts: list[Stock]) -> Stock:
    """Return the rows of all parts as the stock of a year."""
    empty = np.zeros(0, dtype=np.int64)
    return Stock(
        year=year,
        school=np.concatenate([empty, *(part.school for part in parts)]),
        stage=tuple(stage for part in parts for stage in part.stage),
        grade=tuple(grade for part in parts for grade in part.grade),
        students=np.concatenate([empty, *(part.students for part in parts)]),
        classes=np.concatenate([empty, *(part.classes for part in parts)]),
    )

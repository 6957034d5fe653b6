"""Classes that stand: last year's return, and what it becomes when everybody moves up a grade."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.rounding import scale_half_up
from models.stages import Stage, System, grades_of

Rates = Mapping[tuple[Stage, str], float]
"""Who stays when a grade moves up: share of the children of a stage and grade, 1 where none is given."""


@dataclass(frozen=True)
class Stock:
    """Children and classes by school, stage and grade in the autumn of `year`, in long form."""

    year: int
    school: NDArray[np.int64]
    """Rows of `Schools`."""
    stage: tuple[Stage, ...]
    grade: tuple[str, ...]
    students: NDArray[np.int64]
    classes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.school)

    def students_by_school(self, schools: int, stages: tuple[Stage, ...]) -> NDArray[np.int64]:
        """Children of `stages` at each school, shape (schools,)."""
        return self._by_school(self.students, schools, stages)

    def classes_by_school(self, schools: int, stages: tuple[Stage, ...]) -> NDArray[np.int64]:
        """Classes of `stages` at each school, shape (schools,)."""
        return self._by_school(self.classes, schools, stages)

    def _by_school(self, counts: NDArray[np.int64], schools: int, stages: tuple[Stage, ...]) -> NDArray[np.int64]:
        held = np.array([stage in stages for stage in self.stage], dtype=bool)
        total = np.zeros(schools, dtype=np.int64)
        np.add.at(total, self.school[held], counts[held])
        return total


def roll(stock: Stock, rates: Rates, system: System) -> Stock:
    """Return the stock one year later: every class a grade higher, its children times the rate, rounded half up.

    The last grade of a stage leaves; who enters the next stage is demand (`feeders`), not stock. Rule: contract,
    part 2 ("Rolling").
    """
    kept, grades, students = [], [], []
    for k, (stage, grade) in enumerate(zip(stock.stage, stock.grade, strict=True)):
        ladder = grades_of(stage, system)
        place = ladder.index(grade)
        if place + 1 < len(ladder):
            kept.append(k)
            grades.append(ladder[place + 1])
            students.append(scale_half_up(int(stock.students[k]), rates.get((stage, grade), 1.0)))
    rows = np.array(kept, dtype=np.int64)
    return Stock(
        year=stock.year + 1,
        school=stock.school[rows],
        stage=tuple(stock.stage[k] for k in kept),
        grade=tuple(grades),
        students=np.array(students, dtype=np.int64),
        classes=stock.classes[rows],
    )


def roll_to(stock: Stock, year: int, rates: Rates, system: System) -> Stock:
    """Return the stock as it stands in `year`; `enrolment_year` d years back rolls d times."""
    while stock.year < year and len(stock):
        stock = roll(stock, rates, system)
    return stock if len(stock) else replace(stock, year=year)

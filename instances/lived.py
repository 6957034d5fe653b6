"""Who lives where in the spring of an admission year: families that moved, kinds of children, later years."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instances.design import BANKS, COHORT_WEIGHTS
from instances.land import Generator
from instances.people import People, apportion
from instances.spring import ENTRY, Estate
from models.district import Floats, Ints
from models.stages import Stage

_SPREAD = 0.6
"""Standard deviation of the logarithm of a unit's share of migrant children."""
_MOST = 0.75
"""Share of migrant children that no unit passes."""


@dataclass(frozen=True)
class Kinds:
    """Children by unit and grade, of each kind; shape (units, grades)."""

    grades: tuple[str, ...]
    local: Ints
    migrant: Ints
    special: Ints

    @property
    def every(self) -> Ints:
        """Children of every kind."""
        return self.local + self.migrant + self.special

    def column(self, grade: str) -> int:
        """Column of a grade."""
        return self.grades.index(grade)


def move_families(
    people: People, bank: NDArray[np.str_], lift: Mapping[Stage, Floats], estates: Mapping[int, Estate]
) -> People:
    """Return the children after families moved: as many of each grade as before, in other units.

    `lift[stage]` is by how much more the entry grade of a unit holds, at the cost of its bank; it fades to 1 in the
    last grade. The units of `estates` hold what is given for them, and all others as much less.
    """
    households, children = people.households.copy(), people.children.copy()
    rows = list(estates)
    households[rows] = [estate.households for estate in estates.values()]
    for stage, grades in COHORT_WEIGHTS.items():
        for years, grade in enumerate(grades):
            column = people.grades.index(grade)
            before = people.children[:, column]
            weights = before * lift[stage] ** (1.0 - years / (len(grades) - 1)) ** 2
            for here in (bank == name for name in BANKS):
                weights[here] *= before[here].sum() / weights[here].sum()
            weights[rows] = 0.0
            given = [estate.children.get(grade, 0) for estate in estates.values()]
            children[:, column] = apportion(int(before.sum()) - sum(given), weights)
            children[rows, column] = given
    return People(households, people.grades, children)


def draw_kinds(people: People, migrant_share: float, special_share: float, tilt: Floats, rng: Generator) -> Kinds:
    """Tell children apart: exactly these shares of every grade; `tilt` is more or fewer migrants by unit."""
    leaning = np.minimum(migrant_share * tilt * np.exp(rng.normal(0.0, _SPREAD, len(tilt))), _MOST)
    migrant, special = np.zeros_like(people.children), np.zeros_like(people.children)
    for column, children in enumerate(people.children.T):
        total = int(children.sum())
        migrant[:, column] = np.minimum(apportion(round(migrant_share * total), children * leaning), children)
        left = children - migrant[:, column]
        special[:, column] = rng.multivariate_hypergeometric(left, round(special_share * total))
    return Kinds(people.grades, people.children - migrant - special, migrant, special)


def entrants_ahead(
    kinds: Kinds, grade: str, years: int, births: float, growth: Floats, given: Mapping[int, int]
) -> tuple[Ints, Ints]:
    """Return local and migrant children of each unit who enter `grade` in so many years.

    Grade 1 holds `births` times today's entrants, grade 7 those who are so many grades below it today; `growth` is a
    unit's yearly growth by families that move in. Units of `given` hold what is stated.
    """
    of = kinds.column(grade) - (years if grade != ENTRY["primary"] else 0)
    base = (kinds.local + kinds.special)[:, of], kinds.migrant[:, of]
    factor = (births if grade == ENTRY["primary"] else 1.0) * growth**years
    local, migrant = (apportion(round(float((of_kind * factor).sum())), of_kind * factor) for of_kind in base)
    for unit, count in given.items():
        migrant[unit] = round(0.1 * count)
        local[unit] = count - migrant[unit]
    return local, migrant

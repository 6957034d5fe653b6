"""Households and children of a made-up district."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from instances.design import BANKS, COHORT_WEIGHTS, Design
from instances.land import Generator, Land
from models.district import Floats, Ints
from models.stages import Stage

_HOUSEHOLDS = (100.0, 3_500.0)
_NOISE = 0.15


@dataclass(frozen=True)
class People:
    """Households and children of each unit, in the order of the land's units."""

    households: Ints
    grades: tuple[str, ...]
    children: Ints
    """Shape (units, grades)."""

    def of_stage(self, stage: Stage) -> Ints:
        """Children of a stage in each unit."""
        columns = [grade in COHORT_WEIGHTS[stage] for grade in self.grades]
        return np.asarray(self.children[:, columns].sum(axis=1))


def draw_people(design: Design, land: Land, rng: Generator) -> People:
    """Settle households by area and nearness to the middle of the bank, and children by household and cohort."""
    households = _draw_households(design, land, rng)
    per_household = np.array([design.banks[bank].children_per_household for bank in BANKS])[_index(land.bank)]
    weight = households * per_household * np.exp(rng.normal(0.0, _NOISE, len(households)))
    tilt = np.array([design.banks[bank].young_families for bank in BANKS])[_index(land.bank)]
    grades, columns = [], []
    for stage, weights in COHORT_WEIGHTS.items():
        cohorts = apportion(design.children[stage], np.array(list(weights.values())))
        for position, (grade, cohort) in enumerate(zip(weights, cohorts, strict=True)):
            years_young = (len(weights) - 1) / 2.0 - position
            noise = np.exp(rng.normal(0.0, _NOISE, len(weight)))
            grades.append(grade)
            columns.append(apportion(int(cohort), weight * noise * tilt**years_young))
    return People(households, tuple(grades), np.column_stack(columns))


def apportion(total: int, weights: Floats) -> Ints:
    """Return whole numbers that add up to `total`, as near to the weights as can be (largest remainder)."""
    exact = total * weights / weights.sum()
    whole = np.floor(exact).astype(np.int64)
    most = np.argsort(whole - exact, kind="stable")[: total - int(whole.sum())]
    whole[most] += 1
    return np.asarray(whole)


def _index(bank: NDArray[np.str_]) -> Ints:
    return np.asarray(bank == BANKS[1], dtype=np.int64)


def _draw_households(design: Design, land: Land, rng: Generator) -> Ints:
    """Density falls from the middle of the bank to its edge; the spread is that of estates large and small."""
    area_km2 = shapely.area(land.units) / 1e6
    households = np.zeros(len(land.units))
    for bank in BANKS:
        plan, here = design.banks[bank], land.bank == bank
        points = land.points[here]
        away = np.hypot(*(points - np.average(points, axis=0, weights=1.0 / area_km2[here])).T)
        density = plan.households_per_km2 * plan.households_at_edge ** (away / away.max())
        spread = np.exp(rng.normal(0.0, plan.household_spread, int(here.sum())))
        households[here] = density * area_km2[here] * spread
    return np.asarray(np.round(np.clip(households, *_HOUSEHOLDS)), dtype=np.int64)

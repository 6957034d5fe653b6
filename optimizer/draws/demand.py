"""Draws of demand: what the children of each unit might be, where what is stated is only the middle of it."""

import hashlib
import math
from dataclasses import dataclass

import numpy as np

from models.district import Bools, District, Floats, Ints
from models.district import Demand as Stated


@dataclass(frozen=True)
class Spread:
    """How far the children of a unit may be from what is stated. Assumptions of ours: no norm says."""

    share: float = 0.10
    """Standard deviation of a unit's factor, whose mean is 1."""
    correlation: float = 0.5
    """Between the factors (their logarithms) of two units of one zone; none between zones."""


@dataclass(frozen=True)
class Draws:
    """Draws of the children that a plan decides."""

    students: Ints
    """Children by draw, unit and cohort, shape (draws, units, cohorts)."""
    seed: int
    spread: Spread

    def __len__(self) -> int:
        return len(self.students)


def draw_demand(district: District, draws: int, seed: int, spread: Spread) -> Draws:
    """Return so many draws of the children of a district's plan.

    A unit has one factor a draw for all its children, whatever their stage, grade and kind, for it is the homes that
    are uncertain: log-normal with mean 1,

        log f[d,i] = s · (√R · z[d, zone of i] + √(1 - R) · z[d,i]) - s²/2,    s² = ln(1 + share²),    R = correlation.

    Children times factor are rounded at random, up with the probability of what is left, so that the mean stays.
    Units without a zone make one zone together. Placed children are known by name and are not drawn. A unit's numbers
    follow from the seed and its id alone: neither the number of draws nor the order of the rows changes them.
    """
    stated, units = district.demand, district.units
    scale = math.sqrt(math.log1p(spread.share**2))
    zones = {zone: _stream(seed, "zone", zone).standard_normal(draws) for zone in sorted(set(units.zone))}
    drawn = np.repeat(stated.students[None], draws, axis=0)
    moving = drawn_cohorts(district)
    for unit in np.flatnonzero(stated.students[:, moving].any(axis=1)):
        own = _stream(seed, "unit", units.ids[unit])
        normal = math.sqrt(spread.correlation) * zones[units.zone[unit]]
        normal += math.sqrt(1.0 - spread.correlation) * own.standard_normal(draws)
        factor = np.exp(scale * normal - scale**2 / 2)
        chance = _chances(seed, units.ids[unit], stated, draws)
        whole = np.floor(stated.students[unit] * factor[:, None] + chance).astype(np.int64)
        drawn[:, unit, moving] = whole[:, moving]
    return Draws(drawn, seed, spread)


def drawn_cohorts(district: District) -> Bools:
    """Return the cohorts whose children are uncertain: all but those of placed children, shape (cohorts,)."""
    kinds = [district.settings.kind_of(cohort.category) for cohort in district.demand.cohorts]
    return np.array([kind != "placed" for kind in kinds], dtype=bool)


def _chances(seed: int, unit_id: str, stated: Stated, draws: int) -> Floats:
    """Numbers in [0, 1) by draw and cohort."""
    return np.stack(
        [
            _stream(seed, "rounding", unit_id, cohort.stage, cohort.grade, cohort.category).random(draws)
            for cohort in stated.cohorts
        ],
        axis=1,
    )


def _stream(seed: int, *of: str) -> np.random.Generator:
    """Random numbers of their own, the first ones the same however many are taken."""
    named = hashlib.sha256("\0".join((str(seed), *of)).encode()).digest()
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(int.from_bytes(named))))

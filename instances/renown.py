"""How schools stand: strong and weak ones, education groups, and what they have for every student."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instances.design import BANKS
from instances.land import Generator
from instances.pool import Pool
from models.district import Bools, Floats, Ints
from models.settings import Balance, ResourceIndicator
from models.stages import Stage

SPLIT: Mapping[Stage, float] = {"primary": 1.0, "junior": 1.1}
"""Weight of a student of each stage where a nine-year school shares its resources. Source: 教督〔2017〕6号."""
COLUMNS: Mapping[ResourceIndicator, tuple[str, float]] = {
    "teaching_area": ("teaching_area_m2", 10.0),
    "sports_area": ("sports_area_m2", 10.0),
    "equipment": ("equipment_yuan", 1_000.0),
    "multimedia_rooms": ("multimedia_rooms", 1.0),
}
"""Column of schools.csv and what its numbers are rounded up to, of the indicators that are no teachers."""
_PER_HUNDRED = "multimedia_rooms"
_NEAR_M = 2_000.0
_SHORT = (0.87, 0.97)
"""What a school lacks of the norm, where it lacks something."""


@dataclass(frozen=True)
class Ground:
    """What is known of the schools: one entry a school in every array, campuses of one legal school apart."""

    bank: NDArray[np.str_]
    legal: Ints
    """Row of the legal school."""
    sought: Bools
    newest: Bools
    students: Mapping[Stage, Ints]
    """Children of the school year that ends; of a school that opens, the places of its first classes."""
    rooms: Ints
    apart_m: Floats

    @property
    def weighted(self) -> Floats:
        """Students as they share a school's resources."""
        return np.asarray(sum(SPLIT[stage] * count for stage, count in self.students.items()), dtype=np.float64)


def draw_strength(pool: Pool, ground: Ground, rng: Generator) -> Ints:
    """Return the strength of each school, 1 to 5; campuses are as strong as their legal school."""
    strength = np.zeros(len(ground.bank), dtype=np.int64)
    for bank in BANKS:
        here = ground.bank == bank
        values, shares = zip(*pool.strength[bank].items(), strict=True)
        strength[here] = rng.choice(values, int(here.sum()), p=shares)
    strength[ground.newest] = min(pool.strength["new"])
    strength[ground.sought] = max(pool.strength["old"])
    return np.asarray(strength[ground.legal])


def draw_groups(pool: Pool, ground: Ground, strength: Ints, rng: Generator) -> list[str]:
    """Return the education group of each school, "" for none: the strongest lead, and take in weaker ones near by."""
    sites = np.bincount(ground.legal, minlength=len(strength))
    legal = sites > 0
    leads = np.flatnonzero(legal)[np.argsort(-strength[legal] - 1e-6 * ground.weighted[legal], kind="stable")]
    group = np.full(len(strength), "", dtype="<U3")
    ids = [f"G{number:02d}" for number in range(1, len(pool.groups) + 1)]
    group[leads[: len(ids)]] = ids
    for lead, name, size in zip(leads, ids, pool.groups, strict=False):
        while (left := size - int(sites[group == name].sum())) > 0:
            free = legal & (group == "") & (strength < strength[lead]) & (sites <= left)
            nearness = np.where(free, np.exp(-ground.apart_m[lead] / _NEAR_M), 0.0)
            group[rng.choice(len(group), p=nearness / nearness.sum())] = name
    return [str(name) for name in group[ground.legal]]


def draw_resources(pool: Pool, balance: Balance, ground: Ground, rng: Generator) -> dict[str, Ints]:
    """Return the resource columns of schools.csv: above the norm nearly everywhere, but not where it is crowded.

    Of a nine-year school both parts keep the norm when what it has is divided by `SPLIT`.
    """
    crowding = np.where(ground.bank == "old", ground.weighted / ground.rooms, 0.0)
    lacking = np.argsort(-crowding, kind="stable")[: pool.lacking]
    share = pool.abundance * np.exp(rng.normal(0.0, pool.abundance_spread, (len(COLUMNS), len(crowding))))
    share = np.maximum(share, 1.02)
    for school in lacking:
        missing = rng.choice(len(COLUMNS), rng.integers(1, 3), replace=False)
        share[missing, school] = rng.uniform(*_SHORT, len(missing))
    found = {}
    for row, (indicator, (column, grain)) in enumerate(COLUMNS.items()):
        norm = _norm(balance, ground, indicator) / (100.0 if indicator == _PER_HUNDRED else 1.0)
        found[column] = (np.ceil(share[row] * norm * ground.weighted / grain) * grain).astype(np.int64)
    return found


def _norm(balance: Balance, ground: Ground, indicator: ResourceIndicator) -> Floats:
    """What the norm asks for one weighted student of each school: of the stages it teaches, the one that asks more."""
    asked = [
        np.where(count > 0, balance.threshold[indicator][stage] / SPLIT[stage], 0.0)
        for stage, count in ground.students.items()
    ]
    return np.asarray(np.max(asked, axis=0))

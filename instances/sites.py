"""School sites of a made-up district: where they stand, what they teach and how many rooms they have."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from instances.design import BANKS, Bank, Design
from instances.land import Generator, Geometries, Land
from instances.people import People
from models.district import Floats, Ints
from models.stages import SERVES, SchoolType, Stage

_KINDS: tuple[SchoolType, ...] = ("primary", "junior", "nine_year")
GRADES: dict[Stage, int] = {"primary": 6, "junior": 3}
"""Number of grades a stage."""
_CROWD_PULL = 0.8


@dataclass(frozen=True)
class Sites:
    """Schools: primary ones first, then junior, then nine-year; each strictly inside a unit of its own."""

    kind: tuple[SchoolType, ...]
    unit: Ints
    points: Floats

    def serving(self, stage: Stage) -> Ints:
        """Rows of the schools that teach `stage`."""
        return np.array([row for row, kind in enumerate(self.kind) if stage in SERVES[kind]], dtype=np.int64)


def draw_sites(design: Design, land: Land, people: People, rng: Generator) -> Sites:
    """Place schools where children live."""
    placed: list[tuple[SchoolType, int]] = []
    for bank in BANKS:
        placed += _place_bank(design, land, people, bank, rng)
    placed.sort(key=lambda school: (_KINDS.index(school[0]), school[1]))
    kind, unit = tuple(school[0] for school in placed), np.array([school[1] for school in placed], dtype=np.int64)
    return Sites(kind, unit, _stand_inside(land, unit, rng))


def _place_bank(design: Design, land: Land, people: People, bank: Bank, rng: Generator) -> list[tuple[SchoolType, int]]:
    """Sites of primary stage first; the nine-year schools among them then hold their ground among the junior ones."""
    counts = design.banks[bank].schools
    here = np.flatnonzero(land.bank == bank)
    points = land.points[here]
    pull = {stage: _pull(people.of_stage(stage)[here], land.units[here]) for stage in GRADES}
    nobody = np.empty((0, 2))
    taken: list[int] = []
    primary = _centre(points, pull["primary"], nobody, counts["primary"] + counts["nine_year"], rng)
    units = [_nearest_free(points, site, taken) for site in primary]
    nine_year = [units[k] for k in _spread_out(points[units], counts["nine_year"])]
    junior = _centre(points, pull["junior"], points[nine_year], counts["junior"], rng)
    junior_units = [_nearest_free(points, site, taken) for site in junior]
    kinds: list[SchoolType] = ["nine_year" if unit in nine_year else "primary" for unit in units]
    kinds += ["junior"] * len(junior_units)
    return [(kind, int(here[unit])) for kind, unit in zip(kinds, units + junior_units, strict=True)]


def _pull(children: Ints, units: Geometries) -> Floats:
    """Weight of each unit when sites are chosen.

    Centres of plain k-means thin out as the root of the density, which would leave the crowded places with few and
    huge schools; weighted by density once more, their surroundings hold like numbers of children.
    """
    return np.asarray(children * (children / (shapely.area(units) / 1e6)) ** _CROWD_PULL)


def _centre(points: Floats, weight: Floats, kept: Floats, count: int, rng: Generator) -> Floats:
    """Weighted k-means with some centres kept where they are."""
    centres = points[rng.choice(len(points), count, replace=False, p=weight / weight.sum())]
    for _ in range(25):
        nearest = cKDTree(np.concatenate([kept, centres])).query(points)[1] - len(kept)
        for k in range(count):
            mine = nearest == k
            if weight[mine].any():
                centres[k] = np.average(points[mine], axis=0, weights=weight[mine])
    return centres


def _nearest_free(points: Floats, site: Floats, taken: list[int]) -> int:
    order = np.argsort(np.hypot(*(points - site).T), kind="stable")
    free = next(int(unit) for unit in order if unit not in taken)
    taken.append(free)
    return free


def _spread_out(points: Floats, count: int) -> list[int]:
    """Choose points far from each other: the outermost first, then always the one farthest from those chosen."""
    away = np.hypot(*(points - points.mean(axis=0)).T)
    chosen: list[int] = []
    for _ in range(count):
        chosen.append(int(np.argmax(away)))
        gone = np.hypot(*(points - points[chosen[-1]]).T)
        away = gone if len(chosen) == 1 else np.minimum(away, gone)
    return chosen


def _stand_inside(land: Land, unit: Ints, rng: Generator) -> Floats:
    """A point strictly inside the unit, a little off its middle."""
    shapes = land.units[unit]
    middle = land.points[unit]
    room = shapely.distance(shapely.points(middle), shapely.boundary(shapes))
    angle = rng.uniform(0.0, 2.0 * np.pi, len(unit))
    offset = 0.45 * room[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return np.asarray(middle + offset)

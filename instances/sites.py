"""School sites of a made-up district: where they stand, what they teach and how many rooms they have."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from instances.design import BANKS, ROOM_SIZES, Design
from instances.land import Generator, Land
from instances.people import People
from models.district import Floats, Ints
from models.stages import SERVES, SchoolType, Stage

_KINDS: tuple[SchoolType, ...] = ("primary", "junior", "nine_year")
_GRADES: dict[Stage, int] = {"primary": 6, "junior": 3}


@dataclass(frozen=True)
class Sites:
    """Schools: primary ones first, then junior, then nine-year; each strictly inside a unit of its own."""

    kind: tuple[SchoolType, ...]
    unit: Ints
    points: Floats
    rooms: Ints

    def serving(self, stage: Stage) -> Ints:
        """Rows of the schools that teach `stage`."""
        return np.array([row for row, kind in enumerate(self.kind) if stage in SERVES[kind]], dtype=np.int64)

    def tracks(self, row: int, stage: Stage) -> int | None:
        """Classes a grade for which the school was built, or None for a stage it does not teach."""
        stages = SERVES[self.kind[row]]
        return int(self.rooms[row]) // sum(_GRADES[s] for s in stages) if stage in stages else None


def draw_sites(design: Design, land: Land, people: People, rng: Generator) -> Sites:
    """Place schools where children live, and give each the rooms its surroundings fill at the bank's crowding."""
    placed: list[tuple[SchoolType, int]] = []
    for bank in BANKS:
        placed += _place_bank(design, land, people, bank, rng)
    placed.sort(key=lambda school: (_KINDS.index(school[0]), school[1]))
    kind, unit = tuple(school[0] for school in placed), np.array([school[1] for school in placed], dtype=np.int64)
    rooms = _build_rooms(design, kind, _rooms_wanted(design, land, people, kind, unit))
    return Sites(kind, unit, _stand_inside(land, unit, rng), rooms)


def _place_bank(design: Design, land: Land, people: People, bank: str, rng: Generator) -> list[tuple[SchoolType, int]]:
    """Sites of primary stage first; the nine-year schools among them then hold their ground among the junior ones."""
    counts = design.banks[bank].schools  # type: ignore[index]
    here = np.flatnonzero(land.bank == bank)
    points = land.points[here]
    primary = _centre(
        points, people.of_stage("primary")[here], np.empty((0, 2)), counts["primary"] + counts["nine_year"], rng
    )
    taken: list[int] = []
    units = [_nearest_free(points, site, taken) for site in primary]
    spread = _spread_out(points[units], counts["nine_year"])
    nine_year = [units[k] for k in spread]
    junior = _centre(points, people.of_stage("junior")[here], points[nine_year], counts["junior"], rng)
    junior_units = [_nearest_free(points, site, taken) for site in junior]
    kinds: list[SchoolType] = ["nine_year" if unit in nine_year else "primary" for unit in units]
    kinds += ["junior"] * len(junior_units)
    return [(kind, int(here[unit])) for kind, unit in zip(kinds, units + junior_units, strict=True)]


def _centre(points: Floats, children: Ints, kept: Floats, count: int, rng: Generator) -> Floats:
    """Weighted k-means with some centres kept where they are."""
    start = rng.choice(len(points), count, replace=False, p=children / children.sum())
    centres = points[start]
    for _ in range(25):
        nearest = cKDTree(np.concatenate([kept, centres])).query(points)[1] - len(kept)
        for k in range(count):
            mine = nearest == k
            if mine.any():
                centres[k] = np.average(points[mine], axis=0, weights=children[mine] + 1)
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


def _rooms_wanted(design: Design, land: Land, people: People, kind: tuple[SchoolType, ...], unit: Ints) -> Floats:
    """Rooms for the children nearest to each school, on its bank, at the bank's children a room."""
    wanted = np.zeros(len(kind))
    for bank in BANKS:
        here = np.flatnonzero(land.bank == bank)
        for stage in _GRADES:
            rows = [k for k, t in enumerate(kind) if stage in SERVES[t] and land.bank[unit[k]] == bank]
            nearest = cKDTree(land.points[unit[rows]]).query(land.points[here])[1]
            load = np.bincount(nearest, people.of_stage(stage)[here], len(rows))
            wanted[rows] += load / design.banks[bank].children_per_room[stage]
    return wanted


def _build_rooms(design: Design, kind: tuple[SchoolType, ...], wanted: Floats) -> Ints:
    """Nearest size for each school, then one size up or down where it helps most until the district has its rooms."""
    sizes = [ROOM_SIZES[k] for k in kind]
    step = [int(np.argmin([abs(size - want) for size in ladder])) for ladder, want in zip(sizes, wanted, strict=True)]

    def total() -> int:
        return sum(ladder[k] for ladder, k in zip(sizes, step, strict=True))

    while abs(design.rooms - total()) > 3:
        up = 1 if total() < design.rooms else -1
        able = [j for j, k in enumerate(step) if 0 <= k + up < len(sizes[j])]
        if not able:
            break
        best = min(able, key=lambda j: abs(sizes[j][step[j] + up] - wanted[j]) - abs(sizes[j][step[j]] - wanted[j]))
        step[best] += up
    return np.array([ladder[k] for ladder, k in zip(sizes, step, strict=True)], dtype=np.int64)


def _stand_inside(land: Land, unit: Ints, rng: Generator) -> Floats:
    """A point strictly inside the unit, a little off its middle."""
    shapes = land.units[unit]
    middle = land.points[unit]
    room = shapely.distance(shapely.points(middle), shapely.boundary(shapes))
    angle = rng.uniform(0.0, 2.0 * np.pi, len(unit))
    offset = 0.45 * room[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return np.asarray(middle + offset)

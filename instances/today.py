"""Today's catchments of an admission year: what history made of those the schools were built for."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from instances.design import COHORT_WEIGHTS
from instances.drawing import Drawing
from instances.history import grow_catchments
from instances.people import People
from instances.sites import GRADES, Sites
from instances.spring import CAPS, Spring
from instances.tables import school_ids, unit_ids
from models.district import Floats, Ints
from models.stages import SERVES, Stage

_RIVER_M = 4_000.0
"""What the river adds between two schools when places are looked for."""


@dataclass(frozen=True)
class Today:
    """Schools and catchments as they stand in the spring. Rows of the drawing's units and schools."""

    school: Mapping[str, int]
    """Row of each school id."""
    unit: Mapping[str, int]
    """Row of each unit id."""
    sites: Sites
    rooms: Ints
    catchment: Mapping[Stage, Ints]
    """School of each unit; of the two of a shared catchment the one that it was before they shared."""
    apart_m: Floats
    """From school to school, shape (schools, schools)."""


def draw_today(drawing: Drawing, spring: Spring) -> Today:
    """Return the schools and catchments as they stand."""
    school = {name: row for row, name in enumerate(school_ids(drawing.sites))}
    unit = {name: row for row, name in enumerate(unit_ids(len(drawing.land.units)))}
    rooms = drawing.rooms.copy()
    rooms[[school[name] for name in spring.rooms]] = [*spring.rooms.values()]
    reach = np.ones(len(school))
    reach[[school[name] for name in spring.reach]] = [*spring.reach.values()]
    catchment = grow_catchments(drawing.land, drawing.sites, drawing.paths, reach, (school[spring.opening],))
    for name, stage, holder in spring.enclaves:
        catchment[stage][unit[name]] = school[holder]
    sites = _borrow(drawing, school[spring.borrowed[0]], unit[spring.borrowed[1]])
    return Today(school, unit, sites, rooms, catchment, _apart(drawing))


def _borrow(drawing: Drawing, school: int, unit: int) -> Sites:
    """The school stands in the unit for a while."""
    units, points = drawing.sites.unit.copy(), drawing.sites.points.copy()
    units[school], points[school] = unit, drawing.land.points[unit]
    return Sites(drawing.sites.kind, units, points)


def divide_rooms(drawing: Drawing, rooms: Ints, lived: People) -> dict[Stage, Ints]:
    """Return the classes a grade of each school by stage, 0 where it does not teach it.

    A nine-year school divides its rooms so that the fuller of its stages has the most places for the children of the
    catchment it was built for.
    """
    found = {stage: np.zeros(len(rooms), dtype=np.int64) for stage in COHORT_WEIGHTS}
    children = {
        stage: np.bincount(school_of, lived.of_stage(stage), len(rooms)) for stage, school_of in drawing.current.items()
    }
    for row, kind in enumerate(drawing.sites.kind):
        if len(SERVES[kind]) > 1:
            wanted = {stage: float(children[stage][row]) for stage in found}
            found["primary"][row], found["junior"][row] = _split_rooms(int(rooms[row]), wanted)
        else:
            for stage in SERVES[kind]:
                found[stage][row] = int(rooms[row]) // GRADES[stage]
    return found


def _split_rooms(rooms: int, children: Mapping[Stage, float]) -> tuple[int, int]:
    splits = [(k, (rooms - GRADES["primary"] * k) // GRADES["junior"]) for k in range(1, rooms // GRADES["primary"])]

    def fullest(split: tuple[int, int]) -> float:
        stages: tuple[Stage, Stage] = ("primary", "junior")
        return max(
            children[stage] / (classes * GRADES[stage] * CAPS[stage])
            for stage, classes in zip(stages, split, strict=True)
        )

    return min((split for split in splits if split[1] > 0), key=fullest)


def _apart(drawing: Drawing) -> Floats:
    points, bank = drawing.sites.points, drawing.land.bank[drawing.sites.unit]
    metres = shapely.distance(shapely.points(points)[:, None], shapely.points(points)[None, :])
    return np.asarray(metres + _RIVER_M * (bank[:, None] != bank[None, :]))

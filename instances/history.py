"""Today's catchments: grown from each school over neighbouring units, nearest-ish, with the oddities of history."""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instances.land import Generator, Land
from instances.sites import Sites
from models.district import Floats, Ints
from models.stages import Stage

_ODDITY = 0.30
"""Standard deviation of the logarithm by which a step from unit to unit counts longer or shorter than it is."""
_RENOWN_M = 300.0
"""A sought-after school reaches so much farther than its neighbour, at most."""


@dataclass(frozen=True)
class Paths:
    """How far catchments spread: what was drawn once, for every catchment that is grown from it."""

    steps: Floats
    """Metres as they count between each of the land's pairs of neighbours."""
    lead_m: dict[Stage, Floats]
    """Metres by which each school starts late, by stage; 0 where it does not teach the stage."""


def draw_paths(land: Land, sites: Sites, stages: tuple[Stage, ...], rng: Generator) -> Paths:
    """Draw the oddities of every step and the renown of every school."""
    points = land.points
    steps = np.hypot(*(points[land.pairs[:, 0]] - points[land.pairs[:, 1]]).T)
    steps = steps * np.exp(rng.normal(0.0, _ODDITY, len(steps)))
    lead_m = {stage: np.zeros(len(sites.kind)) for stage in stages}
    for stage in stages:
        schools = sites.serving(stage)
        lead_m[stage][schools] = rng.uniform(0.0, _RENOWN_M, len(schools))
    return Paths(steps, lead_m)


def grow_catchments(
    land: Land, sites: Sites, paths: Paths, reach: Floats | None = None, closed: tuple[int, ...] = ()
) -> dict[Stage, Ints]:
    """Return the school row of every unit by stage; each catchment is one piece and holds its school's own unit.

    Every unit joins the school at the least cost over a chain of neighbours (the river only by its bridges), so the
    whole chain belongs to that school. A school's own unit is closed to the others. `reach`, one number a school,
    is how much farther than its neighbours it spreads; schools of `closed` have no catchment.
    """
    stretch = 1.0 / (np.ones(len(sites.kind)) if reach is None else reach)
    found = {}
    for stage in paths.lead_m:
        schools = np.setdiff1d(sites.serving(stage), closed)
        found[stage] = _grow(land, sites, schools, paths.steps, paths.lead_m[stage], stretch)
    return found


def _grow(land: Land, sites: Sites, schools: Ints, steps: Floats, lead_m: Floats, stretch: Floats) -> Ints:
    onward = _neighbour_lists(len(land.units), land.pairs, steps)
    school_of = np.full(len(land.units), -1, dtype=np.int64)
    school_of[sites.unit[schools]] = schools
    queue = [(float(lead_m[school]), int(sites.unit[school]), int(school)) for school in schools]
    heapq.heapify(queue)
    settled = np.zeros(len(land.units), dtype=bool)
    while queue:
        cost, unit, school = heapq.heappop(queue)
        if settled[unit] or school_of[unit] not in (-1, school):
            continue
        settled[unit], school_of[unit] = True, school
        for neighbour, length in onward[unit]:
            if not settled[neighbour]:
                heapq.heappush(queue, (cost + length * float(stretch[school]), neighbour, school))
    return school_of


def _neighbour_lists(units: int, pairs: Ints, steps: Floats) -> list[list[tuple[int, float]]]:
    lists: list[list[tuple[int, float]]] = [[] for _ in range(units)]
    for (first, second), length in zip(pairs.tolist(), steps.tolist(), strict=True):
        lists[first].append((second, length))
        lists[second].append((first, length))
    return lists


def draw_estates(land: Land, sites: Sites, current: dict[Stage, Ints], count: int, rng: Generator) -> NDArray[np.str_]:
    """Return an estate id a unit, "" for most: pairs of neighbours on one bank that share today's schools.

    No estate holds more than one school, so that keeping it together never sets two schools against each other.
    """
    estate = np.full(len(land.units), "", dtype="<U8")
    sited = np.zeros(len(land.units), dtype=bool)
    sited[sites.unit] = True
    number = 0
    for first, second in land.pairs[rng.permutation(len(land.pairs))].tolist():
        alike = all(of[first] == of[second] for of in current.values()) and land.bank[first] == land.bank[second]
        free = not estate[first] and not estate[second] and not (sited[first] and sited[second])
        if number < count and alike and free:
            number += 1
            estate[[first, second]] = f"E{number:02d}"
    return estate

"""A district as it is drawn: land, people, schools, the catchments they were built for, and tables of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

from instances.design import BANKS, Design
from instances.history import Paths, draw_estates, draw_paths, grow_catchments
from instances.land import Generator, Land, draw_land
from instances.names import name_schools, name_units
from instances.people import People, draw_people
from instances.rooms import draw_rooms
from instances.sites import Sites, draw_sites
from instances.tables import (
    feature_lines,
    school_ids,
    school_rows,
    unit_ids,
    units_geojson,
)
from models.district import Ints
from models.stages import Stage

_NEW_EDGE_M = 600.0


@dataclass(frozen=True)
class Drawing:
    """Everything drawn, before it is written."""

    land: Land
    people: People
    sites: Sites
    paths: Paths
    current: Mapping[Stage, Ints]
    """Catchments: the school of each unit."""
    rooms: Ints
    estate: NDArray[np.str_]
    town: Ints
    zone: Ints
    names: list[str]
    """Of the units."""


def draw(design: Design) -> Drawing:
    """Draw a district; the same design gives the same district."""
    rng = np.random.default_rng(design.seed)
    land = draw_land(design, rng)
    people = draw_people(design, land, rng)
    sites = draw_sites(design, land, people, rng)
    paths = draw_paths(land, sites, ("primary", "junior"), rng)
    current = grow_catchments(land, sites, paths)
    rooms = draw_rooms(design, land, people, sites, current)
    estate = draw_estates(land, sites, current, design.estates, rng)
    town, zone = _draw_towns(design, land, rng)
    names = name_units(land, np.random.default_rng(design.seed + 1))
    return Drawing(land, people, sites, paths, current, rooms, estate, town, zone, names)


def ground_tables(drawing: Drawing) -> dict[str, bytes]:
    """Return the tables with geometry, by file name."""
    bridges = [{"crossing_id": f"B{k}", "name": name} for k, name in enumerate(("滨河大桥", "文澜桥"), start=1)]
    river = [{"barrier_id": "R1", "name": "清江", "kind": "river"}]
    columns = {
        "unit_id": unit_ids(len(drawing.land.units)),
        "name": drawing.names,
        "estate_id": drawing.estate.tolist(),
        "zone_id": _numbered("Z", drawing.zone),
        "town_id": _numbered("T", drawing.town),
        "households": drawing.people.households.tolist(),
    }
    return {
        "units.geojson": units_geojson(drawing.land, columns),
        "barriers.geojson": feature_lines([drawing.land.river], river),
        "crossings.geojson": feature_lines(drawing.land.bridges, bridges),
    }


def list_schools(drawing: Drawing) -> list[dict[str, object]]:
    """Return the rows of schools.csv."""
    land, sites = drawing.land, drawing.sites
    units, zone, town = unit_ids(len(land.units)), _numbered("Z", drawing.zone), _numbered("T", drawing.town)
    more = [
        {"unit_id": units[unit], "is_new": is_new, "zone_id": zone[unit], "town_id": town[unit]}
        for unit, is_new in zip(sites.unit, _newly_built(land, sites.unit), strict=True)
    ]
    return school_rows(school_ids(sites), name_schools(sites, drawing.names, land), sites, drawing.rooms, more)


def _numbered(letter: str, rows: Ints) -> list[str]:
    return [f"{letter}{row + 1}" for row in rows]


def _newly_built(land: Land, units: Ints) -> list[str]:
    """Schools near the edge of the new town opened in the last years; the rest are long established."""
    edge = shapely.union_all(land.units[land.bank == "new"]).exterior
    near = shapely.distance(land.units[units], edge) < _NEW_EDGE_M
    return ["true" if is_new else "false" for is_new in near & (land.bank[units] == "new")]


def _draw_towns(design: Design, land: Land, rng: Generator) -> tuple[Ints, Ints]:
    """Towns (街道) as clusters of units, numbered over both banks; zones (片区) as runs of towns from west to east."""
    town, zone = np.zeros(len(land.units), dtype=np.int64), np.zeros(len(land.units), dtype=np.int64)
    towns_before = zones_before = 0
    for bank in BANKS:
        plan, here = design.banks[bank], land.bank == bank
        centres, label = kmeans2(land.points[here], plan.towns, minit="++", rng=rng)
        rank = np.argsort(np.argsort(centres[:, 0]))
        town[here] = towns_before + rank[label]
        zone[here] = zones_before + rank[label] * plan.zones // plan.towns
        towns_before += plan.towns
        zones_before += plan.zones
    return town, zone

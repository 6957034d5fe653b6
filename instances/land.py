"""The ground of a made-up district: outline, river, bridges, and units that tile both banks."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from instances.design import BANKS, Bank, Design
from models.district import Bools, Floats, Ints

Geometries = NDArray[np.object_]
Generator = np.random.Generator

_GRID_M = 0.01
_BORDER_M = 10.0
"""Shorter borders are not counted upon, so that a margin is left to the five metres of the contract."""
_BRIDGE_REACH_M = 150.0


@dataclass(frozen=True)
class Land:
    """Everything in metres round the middle of the district; units in the order of the files."""

    river: shapely.LineString
    bridges: Geometries
    units: Geometries
    bank: NDArray[np.str_]
    """`old` or `new`, a unit."""
    pairs: Ints
    """Neighbours, shape (n, 2): on one bank by 10 m of border, over the river by a bridge."""

    @property
    def points(self) -> Floats:
        """A point inside each unit, shape (units, 2)."""
        return np.asarray(shapely.get_coordinates(shapely.point_on_surface(self.units)))


def draw_land(design: Design, rng: Generator) -> Land:
    """Draw outline, river, bridges and units of a district."""
    radius = float(np.sqrt(design.units * design.unit_km2 * 1e6 / np.pi))
    outline = _draw_outline(radius, rng)
    river = _draw_river(radius)
    grounds = _split(outline, river)
    seeds = {
        "old": _grown_sites(grounds["old"], design.banks["old"].units, radius, rng),
        "new": _planned_sites(grounds["new"], design.banks["new"].units, rng),
    }
    cells = [_tile(grounds[bank], seeds[bank]) for bank in BANKS]
    units = _node(np.concatenate(cells))
    bank = np.repeat(np.array(BANKS), [len(part) for part in cells])
    order = _reading_order(units, bank)
    units, bank = units[order], bank[order]
    bridges = _draw_bridges(river, outline)
    return Land(river, bridges, units, bank, _find_pairs(units, bank, bridges))


def _draw_outline(radius: float, rng: Generator) -> shapely.Polygon:
    """A lobed oval, a quarter wider than high."""
    angle = np.linspace(0.0, 2.0 * np.pi, 240, endpoint=False)
    phase = rng.uniform(0.0, 2.0 * np.pi, 3)
    waves = (
        0.09 * np.cos(2 * angle + phase[0]) + 0.05 * np.cos(3 * angle + phase[1]) + 0.02 * np.cos(7 * angle + phase[2])
    )
    reach = radius * (1.0 + waves)
    return shapely.Polygon(np.column_stack([1.2 * reach * np.cos(angle), 0.84 * reach * np.sin(angle)]))


def _draw_river(radius: float) -> shapely.LineString:
    """A slow S from west to east, north of the middle."""
    x = np.linspace(-1.6, 1.6, 129)
    y = 0.10 + 0.13 * np.sin(1.9 * x + 0.6) - 0.05 * x
    return shapely.LineString(np.round(radius * np.column_stack([x, y]), 2))


def _split(outline: shapely.Polygon, river: shapely.LineString) -> dict[Bank, shapely.Polygon]:
    """Ground on both banks: the old town lies north of the river."""
    halves = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all([outline.exterior, river]))))
    inside = sorted(halves, key=lambda half: half.centroid.y)
    return {"new": inside[0], "old": inside[-1]}


def _grown_sites(ground: shapely.Polygon, count: int, radius: float, rng: Generator) -> Floats:
    """An old town: dense round a point on the river, irregular, thinning outwards."""
    heart = np.array([-0.1, 0.28]) * radius
    crowd = _scatter(ground, 60 * count, rng)
    distance = np.hypot(*(crowd - heart).T) / radius
    crowd = crowd[rng.random(len(crowd)) < 0.18 + 0.82 * np.exp(-((distance / 0.45) ** 2))]
    return _settle(crowd, crowd[rng.choice(len(crowd), count, replace=False)], rounds=4)


def _planned_sites(ground: shapely.Polygon, count: int, rng: Generator) -> Floats:
    """A planned town: blocks of a turned grid, a little out of line; the surplus at the edge is left out."""
    pitch = np.sqrt(ground.area / count) * 0.99
    west, south, east, north = ground.bounds
    reach = np.hypot(east - west, north - south)
    ticks = np.arange(-reach, reach, pitch)
    grid = np.stack(np.meshgrid(ticks * 1.12, ticks / 1.12), axis=-1).reshape(-1, 2)
    turn = np.radians(17.0)
    grid = grid @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    grid += rng.normal(0.0, 0.11 * pitch, grid.shape)
    grid = grid[_inside(ground, grid)]
    short = count - len(grid)
    if short > 0:
        grid = np.concatenate([grid, _scatter(ground, short, rng)])
    depth = shapely.distance(shapely.points(grid), ground.exterior)
    return grid[np.sort(np.argsort(-depth, kind="stable")[:count])]


def _scatter(ground: shapely.Polygon, count: int, rng: Generator) -> Floats:
    west, south, east, north = ground.bounds
    tries = rng.uniform((west, south), (east, north), (6 * count + 200, 2))
    return tries[_inside(ground, tries)][:count]


def _inside(ground: shapely.Polygon, points: Floats) -> Bools:
    shapely.prepare(ground)
    return np.asarray(shapely.contains_properly(ground, shapely.points(points)))


def _settle(crowd: Floats, sites: Floats, rounds: int) -> Floats:
    """Move each site to the middle of the crowd nearest to it (Lloyd)."""
    for _ in range(rounds):
        nearest = cKDTree(sites).query(crowd)[1]
        count = np.bincount(nearest, minlength=len(sites))
        sums = np.column_stack([np.bincount(nearest, crowd[:, axis], len(sites)) for axis in (0, 1)])
        sites = np.where(count[:, None] > 0, sums / np.maximum(count, 1)[:, None], sites)
    return sites


def _tile(ground: shapely.Polygon, sites: Floats) -> Geometries:
    """Voronoi cells clipped to the ground; a scrap cut off by a bend goes to the cell it borders on most."""
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(sites), extend_to=ground))
    cells = cells[shapely.STRtree(cells).query(shapely.points(sites), predicate="within")[1]]
    clipped, site = shapely.get_parts(shapely.intersection(cells, ground), return_index=True)
    is_main = shapely.contains(clipped, shapely.points(sites)[site])
    tiles = clipped[is_main]
    for scrap in clipped[~is_main]:
        taker = int(np.argmax(shapely.length(shapely.intersection(shapely.boundary(tiles), scrap.boundary))))
        tiles[taker] = shapely.union(tiles[taker], scrap)
    return np.asarray(tiles)


def _node(tiles: Geometries) -> Geometries:
    """Give neighbours the same vertices along their border, so that rounding opens no gap and makes no overlap."""
    edges = shapely.union_all(shapely.set_precision(shapely.boundary(tiles), _GRID_M), grid_size=_GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
    inner = shapely.point_on_surface(tiles)
    hit, face = shapely.STRtree(faces).query(inner, predicate="within")
    return np.asarray(faces[face[np.argsort(hit)]])


def _reading_order(units: Geometries, bank: NDArray[np.str_]) -> Ints:
    """Bank by bank, in strips from north to south, each from west to east."""
    middle = shapely.get_coordinates(shapely.centroid(units))
    strip = np.round(-middle[:, 1] / 800.0)
    return np.asarray(np.lexsort((middle[:, 0], strip, bank == "new")))


def _draw_bridges(river: shapely.LineString, outline: shapely.Polygon) -> Geometries:
    """Two bridges, at a third and at two thirds of the river's course through the district."""
    course = shapely.intersection(river, outline)
    return np.array([shapely.line_interpolate_point(course, share, normalized=True) for share in (0.34, 0.66)])


def _find_pairs(units: Geometries, bank: NDArray[np.str_], bridges: Geometries) -> Ints:
    first, second = shapely.STRtree(units).query(units, predicate="intersects")
    first, second = first[first < second], second[first < second]
    border = shapely.intersection(shapely.boundary(units[first]), shapely.boundary(units[second]))
    over = shapely.distance(border, shapely.multipoints(bridges)) <= _BRIDGE_REACH_M
    joined = (shapely.length(border) >= _BORDER_M) & ((bank[first] == bank[second]) | over)
    return np.column_stack([first[joined], second[joined]])

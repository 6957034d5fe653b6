"""What lies still whatever the plan: units, their borders, schools, rivers and bridges, in metres from a corner."""

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from scipy.spatial import cKDTree

from models.district import Ints
from optimizer.export.picture import Picture

STEP_M = 1.0
"""Coordinates are whole multiples of it."""
_SCREENS = 10_000
"""Points that a page can show across a district, seen close: what is finer is left out."""
_TOUCHING_M = 2.0
_CORNER_M = 5 * _TOUCHING_M
"""Units that share less than this meet at a corner."""
_ACROSS_A_STREET_M = 60.0
"""Units that are so near count as neighbours when catchments are coloured."""
_NEIGHBOURS_OF_A_POINT = 6


def build_ground(picture: Picture) -> dict[str, Any]:
    """Return units, borders and lines as the page reads them: flat lists x, y, then steps to the next point.

    `borders` has the two units that a line parts, the second -1 at the rim of the district.
    """
    corner, tolerance = _frame(picture)
    shapes = shapely.make_valid(picture.units.geometry.to_numpy())
    middle = shapely.point_on_surface(shapes)
    return {
        "size": [round(float(side)) for side in (picture.units.total_bounds[2:] - corner)],
        "units": {
            "id": picture.units["unit_id"].tolist(),
            "name": picture.units["name"].fillna("").tolist(),
            "at": _steps(shapely.get_coordinates(middle) - corner),
            "shape": [_polygons(shapely.simplify(shape, tolerance), corner) for shape in shapes],
        },
        "borders": [
            [int(one), int(other), _steps(shapely.get_coordinates(line) - corner)]
            for one, other, line in find_borders(shapes, tolerance)
        ],
        "barriers": [] if picture.barriers is None else _lines(picture.barriers, corner, tolerance),
        "crossings": [] if picture.crossings is None else _points(picture.crossings, corner),
    }


def place_schools(pictures: Sequence[Picture]) -> dict[str, Any]:
    """Return the schools of all runs, each once, with points in whole metres from the corner of the first run."""
    corner = _frame(pictures[0])[0]
    known: dict[str, Any] = {}
    for picture in pictures:
        there = picture.schools.to_crs(pictures[0].schools.crs)
        for school in there.itertuples(index=False):
            known.setdefault(school.school_id, school)
    at = np.array([[school.geometry.x, school.geometry.y] for school in known.values()]).reshape(-1, 2)
    return {
        "id": list(known),
        "name": [school.name or school.school_id for school in known.values()],
        "type": [school.type for school in known.values()],
        "at": [[round(float(x)), round(float(y))] for x, y in at - corner],
    }


def find_borders(shapes: "np.ndarray[Any, Any]", tolerance: float) -> list[tuple[int, int, shapely.Geometry]]:
    """Return the lines between units, each with the rows of the two that it parts; the second is -1 at the rim.

    Units within two metres of one another count as touching. Points have no borders.
    """
    solid = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    if not len(solid):
        return []
    lands, edges = shapes[solid], shapely.boundary(shapes[solid])
    wide = shapely.buffer(lands, _TOUCHING_M, quad_segs=2)
    tree = shapely.STRtree(lands)
    one, other = tree.query(lands, predicate="dwithin", distance=_TOUCHING_M)
    one, other = one[one < other], other[one < other]
    between = shapely.intersection(edges[one], wide[other])
    met = shapely.length(between) > _CORNER_M
    rim = shapely.buffer(shapely.boundary(shapely.union_all(wide)), 2 * _TOUCHING_M, quad_segs=2)
    outer = tree.query(rim, predicate="intersects")
    lines = [*between[met], *shapely.intersection(edges[outer], rim)]
    firsts = solid[np.concatenate([one[met], outer])].tolist()
    seconds = [*solid[other[met]].tolist(), *[-1] * len(outer)]
    return [
        (first, second, part)
        for first, second, line in zip(firsts, seconds, lines, strict=True)
        for part in shapely.simplify(shapely.get_parts(_merge(line)), tolerance)
        if shapely.length(part) > 0
    ]


def _merge(lines: shapely.Geometry) -> shapely.Geometry:
    """Lines that go on from one another as one."""
    return shapely.line_merge(lines) if shapely.get_num_geometries(lines) > 1 else lines


def find_neighbours(picture: Picture) -> Ints:
    """Return pairs of units (rows) whose catchments should not share a colour, shape (pairs, 2)."""
    shapes = picture.units.geometry.to_numpy()
    if (shapely.get_dimensions(shapes) == 2).all():
        tree = shapely.STRtree(shapes)
        pairs = np.asarray(tree.query(shapes, predicate="dwithin", distance=_ACROSS_A_STREET_M).T, dtype=np.int64)
    else:
        points = shapely.get_coordinates(shapely.point_on_surface(shapes))
        count = min(_NEIGHBOURS_OF_A_POINT + 1, len(points))
        near = cKDTree(points).query(points, k=range(1, count + 1))[1]
        pairs = np.column_stack([np.repeat(np.arange(len(points)), count), near.ravel()])
    return pairs[pairs[:, 0] < pairs[:, 1]]


def colour_schools(neighbours: Ints, held: Sequence[Ints], count: int) -> list[int]:
    """Return a number for each of `count` schools, so that no two differ only on paper: few numbers (DSATUR).

    `held` has the school of every unit, -1 for none, in each plan that is shown; schools whose catchments are
    neighbours in any of them have different numbers, and a school keeps its number from plan to plan.
    """
    graph = nx.Graph()
    graph.add_nodes_from(range(count))
    for schools in held:
        ends = schools[neighbours]
        ends = ends[(ends >= 0).all(axis=1) & (ends[:, 0] != ends[:, 1])]
        graph.add_edges_from(map(tuple, np.unique(np.sort(ends, axis=1), axis=0).tolist()))
    numbers: Mapping[int, int] = nx.greedy_color(graph, strategy="DSATUR")
    return [numbers[school] for school in range(count)]


def _frame(picture: Picture) -> tuple["np.ndarray[Any, Any]", float]:
    """The corner that coordinates count from, and what is too small to be seen."""
    west, south, east, north = picture.units.total_bounds
    return np.floor([west, south]), max(STEP_M, max(east - west, north - south) / _SCREENS)


def _polygons(shape: shapely.Geometry, corner: "np.ndarray[Any, Any]") -> list[list[list[int]]]:
    """Rings of each part, the outer one first; none for a point."""
    parts = [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2]
    return [
        [_steps(shapely.get_coordinates(ring)[:-1] - corner) for ring in (part.exterior, *part.interiors)]
        for part in parts
    ]


def _lines(layer: gpd.GeoDataFrame, corner: "np.ndarray[Any, Any]", tolerance: float) -> list[list[int]]:
    parts = shapely.simplify(shapely.get_parts(layer.geometry.to_numpy()), tolerance)
    return [_steps(shapely.get_coordinates(part) - corner) for part in parts]


def _points(layer: gpd.GeoDataFrame, corner: "np.ndarray[Any, Any]") -> list[int]:
    return _steps(shapely.get_coordinates(layer.geometry.to_numpy()) - corner)


def _steps(points: "np.ndarray[Any, Any]") -> list[int]:
    """Points as whole steps: the first from the corner, every other from the one before it; x and y in turn."""
    whole = np.round(points / STEP_M).astype(np.int64)
    steps: list[int] = np.diff(whole, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel().tolist()
    return steps

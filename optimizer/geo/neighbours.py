"""Who borders on whom: the graph in which a catchment is one piece or several.

Two banks are told apart by walking: subtract every barrier (5 m wide) from the union of two units; where that leaves
their points in different pieces, nobody can walk from one to the other without meeting a barrier, and the two are
neighbours only with a crossing near their common border. So a river along the border parts them, and so does one
that runs through either of them; a barrier that ends half-way along a border does not.

    +-----+~~~~~+         ~ river: 1 and 2 are on two banks, 1 and 3 on one.
    |  1  ~  2  |
    +-----~-----+
    |  3  ~  4  |
    +-----~-----+
"""

import geopandas as gpd
import numpy as np
import shapely

from models.district import Bools, District, Ints
from optimizer.geo.crs import Geometries, flat_points, metric_crs

SHARED_BORDER_M = 5.0
"""Contract: neighbours share at least so much border."""
TOUCHING_M = 0.5
"""Contract: polygons up to so far apart, or overlapping, count as touching."""
CROSSING_NEAR_M = 200.0
"""Contract: units on two banks are neighbours with a crossing so near their common border."""
_LONG_BORDER_M = 20.0
"""Beyond this length the ends of a border, where it leaves the other unit, no longer matter."""
_STEP_M = 0.25


def find_neighbours(district: District) -> Ints | None:
    """Return pairs of unit rows (a < b), shape (n, 2), in order; None where there are neither polygons nor adjacency.

    Neighbours share 5 m of border at least; polygons up to 0.5 m apart, or overlapping, touch. A sliver, whose whole
    outline is shorter than that, borders those it touches. Rows of `adjacency` replace the polygons and are not judged
    by barriers.
    """
    if district.adjacency is not None:
        pairs = np.sort(district.adjacency.reshape(-1, 2), axis=1)
        return np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0)
    units = district.units
    if units.geometry is None:
        return None
    projection = metric_crs(float(np.mean(units.lon)), float(np.mean(units.lat)))
    shapes = units.geometry.to_crs(projection).to_numpy()
    pairs, borders = _bordering(shapes)
    if district.barriers is None or not len(district.barriers):
        return pairs
    barrier = district.barriers.to_crs(projection).union_all()
    parted = _parted(shapes, flat_points(units.lon, units.lat, projection), pairs, barrier)
    return pairs[~parted | _near_crossing(borders, district.crossings, projection)]


def _bordering(shapes: Geometries) -> tuple[Ints, Geometries]:
    """Pairs of polygons that share a border, and for each the line of it."""
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=TOUCHING_M)
    ordered = first < second
    pairs = np.column_stack([first[ordered], second[ordered]]).astype(np.int64)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    outlines = shapely.boundary(shapes)
    borders = shapely.intersection(outlines[pairs[:, 0]], shapely.buffer(shapes[pairs[:, 1]], TOUCHING_M))
    lengths = shapely.length(borders)
    enough = lengths >= _LONG_BORDER_M
    doubtful = np.flatnonzero((lengths >= SHARED_BORDER_M) & ~enough)
    for row in doubtful:
        enough[row] = _facing_length(borders[row], outlines[pairs[row, 1]]) >= SHARED_BORDER_M - 1e-6
    enough |= (shapely.length(outlines) < SHARED_BORDER_M)[pairs].any(axis=1)
    return pairs[enough], borders[enough]


def _facing_length(border: shapely.Geometry, outline: shapely.Geometry) -> float:
    """Metres by which the nearest point on `outline` moves while one walks along `border`.

    Where a border ends, half a metre of the outline that turns away still lies within reach; its nearest point stays
    at the corner, so it adds nothing. A contact at a corner has length 0.
    """
    total = 0.0
    for part in shapely.get_parts(shapely.line_merge(border)):
        walked = shapely.get_coordinates(shapely.segmentize(part, _STEP_M))
        nearest = shapely.get_coordinates(shapely.shortest_line(shapely.points(walked), outline))[1::2]
        steps, moves = (np.hypot(*np.diff(points, axis=0).T) for points in (walked, nearest))
        total += float(np.minimum(steps, moves).sum())
    return total


def _parted(shapes: Geometries, points: Geometries, pairs: Ints, barrier: shapely.Geometry) -> Bools:
    """Pairs whose points a barrier keeps apart: no way from one to the other within the two units."""
    parted = np.zeros(len(pairs), dtype=bool)
    shapely.prepare(barrier)
    touched = shapely.intersects(barrier, shapely.buffer(shapes, TOUCHING_M))
    strip = shapely.buffer(barrier, SHARED_BORDER_M / 2.0)
    for row in np.flatnonzero(touched[pairs].any(axis=1)):
        both = shapely.union_all(shapely.buffer(shapes[pairs[row]], TOUCHING_M))
        pieces = shapely.get_parts(shapely.difference(both, strip))
        if len(pieces):
            first, second = (np.argmin(shapely.distance(pieces, point)) for point in points[pairs[row]])
            parted[row] = first != second
    return parted


def _near_crossing(borders: Geometries, crossings: gpd.GeoSeries | None, projection: str) -> Bools:
    """Borders with a crossing within 200 m."""
    near = np.zeros(len(borders), dtype=bool)
    if crossings is not None and len(crossings):
        points = crossings.to_crs(projection).to_numpy()
        near[shapely.STRtree(borders).query(points, predicate="dwithin", distance=CROSSING_NEAR_M)[1]] = True
    return near

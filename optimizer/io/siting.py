"""The unit a school stands in."""

import numpy as np
import shapely

from models.district import Floats, Ints, Units
from optimizer.io.source import Texts

EARTH_RADIUS_M = 6_371_008.8


def find_units(lon: Floats, lat: Floats, units: Units) -> Ints:
    """Return the row of the unit each point lies in, else of the nearest one; -1 where the point is not known.

    Where a point lies on a border, the unit that stands first in the table holds it.
    """
    shapes = _shapes(units)
    found = np.full(len(lon), -1, dtype=np.int64)
    known = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    if not len(units) or not len(known):
        return found
    points = shapely.points(lon[known], lat[known])
    point, unit = shapely.STRtree(shapes).query(points, predicate="intersects")
    order = np.lexsort((unit, point))[::-1]
    found[known[point[order]]] = unit[order]
    for row in known[found[known] < 0]:
        found[row] = _nearest(float(lon[row]), float(lat[row]), shapes)
    return found


def _shapes(units: Units) -> Texts:
    """Polygons where there are any, else the units' points."""
    shapes = units.geometry.to_numpy() if units.geometry is not None else shapely.points(units.lon, units.lat)
    return np.asarray(shapes, dtype=object)


def _nearest(lon: float, lat: float, shapes: Texts) -> int:
    """Row of the unit nearest to a point, in metres on the plane that touches the Earth there."""
    flat = flatten(shapes, lon, lat)
    return int(np.nanargmin(shapely.distance(shapely.Point(0.0, 0.0), flat)))


def flatten(shapes: Texts, lon: float, lat: float) -> Texts:
    """Return shapes in metres east and north of a point; good to 0.5 % within 50 km, for finding what is nearest."""
    degree = np.radians(1.0) * EARTH_RADIUS_M
    scale = np.array([degree * np.cos(np.radians(lat)), degree])

    def move(vertices: Floats) -> Floats:
        return np.asarray((vertices - (lon, lat)) * scale)

    return np.asarray(shapely.transform(shapes, move), dtype=object)

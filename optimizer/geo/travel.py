"""How far it is on the ground, round barriers by their crossings.

Legs are straight. A leg is open when it meets no barrier:

      u1          s1        ~ barrier, = crossing
    ~~~~~~~~~=~~~~~~~~      u1 -> s1 is the straight line
      u2                    u2 -> s1 goes u2 -> crossing -> s1

Whoever stands on a barrier stands on both its banks, and a crossing serves every barrier within 50 m of it. Both are
put as a ring of footholds, one metre round the nearest point of the barrier: a place is left or reached by any of its
footholds, so a leg is never blocked by the barrier its own crossing leads over, and one along the bank stays open.
Lengths are measured from the point as given.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Geod

from models.district import Bools, District, Floats, Ints, Travel
from optimizer.geo.crs import Geometries, flat_points, metric_crs
from optimizer.geo.neighbours import find_neighbours

CROSSING_SERVES_M = 50.0
"""A crossing leads over every barrier so near."""
ON_BARRIER_M = 0.5
"""A unit or school so near to a barrier stands on it, and so on both banks."""
_RING_M = 1.0
_RING = np.radians(np.arange(6) * 60.0 + 13.0)
"""Six footholds: at least two on each side of a line, one in each quarter where two cross."""
_LEGS_AT_ONCE = 200_000
_GEOD = Geod(ellps="WGS84")


def measure_travel(district: District) -> Travel:
    """Return metres[unit, school] and the neighbours.

    Method `straight`: geodesic on WGS84; where the straight line meets a barrier, the shortest path over straight
    legs through crossings, no leg of which meets a barrier, and inf where there is none. Method `matrix`: the rows
    given, and inf for a pair without a row. Raises NotImplementedError for `roads`.
    """
    method = district.settings.travel.method
    if method == "roads":
        raise NotImplementedError("travel by roads")
    metres = _given_metres(district) if method == "matrix" else _straight_metres(district)
    return Travel(metres=metres, neighbours=find_neighbours(district))


def _given_metres(district: District) -> Floats:
    metres = np.full((len(district.units), len(district.schools)), np.inf)
    given = district.given_travel
    if given is not None:
        metres[given.unit, given.school] = given.metres
    return metres


def _straight_metres(district: District) -> Floats:
    units, schools = district.units, district.schools
    homes, sites = np.column_stack([units.lon, units.lat]), np.column_stack([schools.lon, schools.lat])
    metres = _geodesic(homes, sites)
    if district.barriers is None or not len(district.barriers) or not metres.size:
        return metres
    projection = metric_crs(float(np.mean(units.lon)), float(np.mean(units.lat)))
    barrier = district.barriers.to_crs(projection).union_all()
    gates = _coordinates(district.crossings)
    at_home, at_site = (_find_footholds(points, barrier, ON_BARRIER_M, projection) for points in (homes, sites))
    at_gate = _find_footholds(gates, barrier, CROSSING_SERVES_M, projection)
    shapely.prepare(barrier)
    through = _round_barriers(
        _blocked_to_inf(_geodesic(homes, gates), _open_legs(at_home, at_gate, barrier)),
        _blocked_to_inf(_geodesic(gates, gates), _open_legs(at_gate, at_gate, barrier)),
        _blocked_to_inf(_geodesic(gates, sites), _open_legs(at_gate, at_site, barrier)),
    )
    return np.where(_open_legs(at_home, at_site, barrier), metres, through)


def _round_barriers(to_gate: Floats, between: Floats, from_gate: Floats) -> Floats:
    """Shortest way over one crossing or more; inf where there is none.

    Shapes (units, crossings), (crossings, crossings), (crossings, schools).
    """
    between = between.copy()
    np.fill_diagonal(between, 0.0)
    for gate in range(len(between)):
        np.minimum(between, between[:, gate, None] + between[None, gate, :], out=between)
    shortest = np.full((len(to_gate), from_gate.shape[1]), np.inf)
    for gate in range(len(between)):
        onward = (between[gate, :, None] + from_gate).min(axis=0)
        np.minimum(shortest, to_gate[:, gate, None] + onward[None, :], out=shortest)
    return shortest


@dataclass(frozen=True)
class _Footholds:
    """Where one can stand at each of `size` places: `xy[k]`, in metres, belongs to place `place[k]`."""

    size: int
    place: Ints
    xy: Floats


def _find_footholds(lon_lat: Floats, barrier: shapely.Geometry, reach_m: float, projection: str) -> _Footholds:
    """One foothold a place, or a ring on every stretch of barrier within reach."""
    points = flat_points(lon_lat[:, 0], lon_lat[:, 1], projection)
    stretches = shapely.get_parts(shapely.line_merge(barrier))
    served, stretch = shapely.STRtree(stretches).query(points, predicate="dwithin", distance=reach_m)
    plain = np.setdiff1d(np.arange(len(points)), served)
    place = np.concatenate([plain, np.repeat(served, len(_RING))])
    xy = np.concatenate([shapely.get_coordinates(points[plain]), _rings(points[served], stretches[stretch])])
    return _Footholds(size=len(points), place=place, xy=xy)


def _rings(points: Geometries, barriers: Geometries) -> Floats:
    """Six points round the foot of each point on its barrier, shape (6 n, 2)."""
    feet = shapely.get_coordinates(shapely.shortest_line(points, barriers)).reshape(-1, 2, 2)[:, 1]
    ring = _RING_M * np.column_stack([np.cos(_RING), np.sin(_RING)])
    return np.asarray((feet[:, None, :] + ring[None, :, :]).reshape(-1, 2))


def _open_legs(start: _Footholds, end: _Footholds, barrier: shapely.Geometry) -> Bools:
    """Pairs of places, shape (starts, ends), with a straight leg that meets no barrier."""
    is_open = np.zeros((start.size, end.size), dtype=bool)
    if not is_open.size:
        return is_open
    rows = max(1, _LEGS_AT_ONCE // len(end.xy))
    for first in range(0, len(start.xy), rows):
        origin = start.xy[first : first + rows]
        legs = np.stack(np.broadcast_arrays(origin[:, None, :], end.xy[None, :, :]), axis=2)
        clear = ~shapely.intersects(barrier, shapely.linestrings(legs))
        at, to = np.nonzero(clear)
        is_open[start.place[first + at], end.place[to]] = True
    return is_open


def _blocked_to_inf(metres: Floats, is_open: Bools) -> Floats:
    return np.where(is_open, metres, np.inf)


def _geodesic(start: Floats, end: Floats) -> Floats:
    """Metres between points (lon, lat) on the WGS84 ellipsoid, shape (starts, ends)."""
    lon_a, lon_b = np.broadcast_arrays(start[:, None, 0], end[None, :, 0])
    lat_a, lat_b = np.broadcast_arrays(start[:, None, 1], end[None, :, 1])
    return np.asarray(_GEOD.inv(lon_a.copy(), lat_a.copy(), lon_b.copy(), lat_b.copy())[2])


def _coordinates(points: gpd.GeoSeries | None) -> Floats:
    if points is None or not len(points):
        return np.empty((0, 2))
    return np.asarray(shapely.get_coordinates(points.to_crs("EPSG:4326").to_numpy()))

"""Where on Earth: coordinate systems that are missing or lie, and sites that stand apart from the district."""

from collections.abc import Iterator

import numpy as np
import shapely
from pyproj import CRS

from models.district import Bools, Floats
from optimizer.checks.geometry import drawn, flat_polygons
from optimizer.checks.registry import check
from optimizer.io.findings import Finding
from optimizer.io.siting import flatten
from optimizer.io.source import Source, Table, Texts

CROSSING_M = 50.0
OUTSIDE_M = 500.0
FAR_M = 2_000.0
ARCTIC_DEGREES = 75.0
"""Nobody plans schools nearer to a pole: such a latitude is a longitude."""


@check("G201")
def find_missing_crs(source: Source) -> Iterator[Finding]:
    """Coordinates in no stated system."""
    for table in source.tables.values():
        if not (table.spec.geometry or table.spec.located) or not len(table):
            continue
        if table.geometry is not None and table.crs is None and not shapely.is_missing(table.geometry).all():
            yield table.whole("geometry", table=table.spec.name)
        if source.stated and table.points_crs is None and (table.filled("x") & table.filled("y")).any():
            yield table.whole("x", table="tables")


@check("G202")
def find_unlike_units(source: Source) -> Iterator[Finding]:
    """Metres where the coordinate system is in degrees, or degrees where it is in metres."""
    for table, column, x, y, crs in _raw(source):
        geographic = _is_geographic(crs)
        seems_degrees = (np.abs(x) <= 180) & (np.abs(y) <= 180)
        wrong = ~seems_degrees if geographic else seems_degrees
        if len(x) and (wrong.any() if geographic else wrong.all()):
            row = int(np.flatnonzero(wrong)[0])
            yield table.whole(column, f"{x[row]:g}, {y[row]:g}", crs=_short(crs), table=table.spec.name)


@check("G203")
def find_swapped_axes(source: Source) -> Iterator[Finding]:
    """Longitude and latitude the wrong way round."""
    for table, column, x, y, crs in _raw(source):
        if not _is_geographic(crs) or not ((np.abs(x) <= 180) & (np.abs(y) <= 180)).all():
            continue
        swapped = (np.abs(y) > ARCTIC_DEGREES) & (np.abs(x) <= 90)
        if swapped.any():
            row = int(np.flatnonzero(swapped)[0])
            yield table.whole(column, f"{x[row]:g}, {y[row]:g}", table=table.spec.name)


@check("G204")
def find_far_schools(source: Source) -> Iterator[Finding]:
    """Schools farther from every unit than the district is wide."""
    schools = source.tables.get("schools")
    apart, width = _apart(source)
    if schools is not None:
        for row in np.flatnonzero(apart > width):
            yield schools.at(int(row), "x", f"{apart[row] / 1000:,.0f}", width_km=f"{width / 1000:,.0f}")


@check("G205", "warning")
def find_outside_schools(source: Source) -> Iterator[Finding]:
    """Schools that stand in no unit and more than 500 m from the nearest, though not far away."""
    schools, units = source.tables.get("schools"), source.tables.get("units")
    if schools is None or units is None or shapely.is_missing(drawn(units)).all():
        return
    apart, width = _apart(source)
    for row in np.flatnonzero((apart > OUTSIDE_M) & (apart <= width)):
        yield schools.at(int(row), "x", f"{apart[row]:,.0f}")


@check("G206", "warning")
def find_misplaced_schools(source: Source) -> Iterator[Finding]:
    """Schools whose `unit_id` is another unit than the one their point lies in."""
    schools, units = source.tables.get("schools"), source.tables.get("units")
    if schools is None or units is None:
        return
    row_of = {unit: row for row, unit in enumerate(units.text("unit_id"))}
    polygons, points = flat_polygons(units), shapely.points(*schools.points)
    for row in np.flatnonzero(schools.filled("unit_id")):
        stated = row_of.get(schools.text("unit_id")[row])
        holds = None if stated is None else drawn(units)[stated]
        if holds is not None and np.isfinite(schools.points[0][row]) and not shapely.intersects(holds, points[row]):
            inside = shapely.STRtree(drawn(units)).query(points[row], predicate="intersects")
            if len(inside) and polygons[inside[0]] is not None:
                yield schools.at(
                    int(row), "unit_id", str(schools.text("unit_id")[row]), inside=units.name_of(int(inside[0]))
                )


@check("G207", "warning")
def find_stray_crossings(source: Source) -> Iterator[Finding]:
    """Crossings more than 50 m from any barrier, which open nothing."""
    crossings, barriers = source.tables.get("crossings"), source.tables.get("barriers")
    if crossings is None:
        return
    lon, lat = crossings.points
    shapes = barriers.shapes if barriers is not None else None
    lines = [] if shapes is None else [shape for shape in shapes if shape is not None]
    for row in np.flatnonzero(np.isfinite(lon) & np.isfinite(lat)):
        apart = _nearest_m(float(lon[row]), float(lat[row]), np.array(lines, dtype=object))
        if apart > CROSSING_M:
            yield crossings.at(int(row), "geometry", f"{apart:,.0f}")


def _raw(source: Source) -> Iterator[tuple[Table, str, Floats, Floats, str]]:
    """Return the coordinates of every table as they stand in the file, with the system they are in."""
    for table in source.tables.values():
        if table.geometry is not None and table.crs:
            vertices = shapely.get_coordinates(table.geometry)
            finite = vertices[np.isfinite(vertices).all(axis=1)]
            yield table, "geometry", finite[:, 0], finite[:, 1], table.crs
        if table.spec.located and table.points_crs:
            x, y = table.numbers("x"), table.numbers("y")
            known = np.isfinite(x) & np.isfinite(y)
            yield table, "x", x[known], y[known], table.points_crs


def _is_geographic(crs: str) -> bool:
    return crs.strip().casefold() in ("gcj02", "bd09") or bool(CRS.from_user_input(crs.strip()).is_geographic)


def _short(crs: str) -> str:
    return crs.partition('"')[2].partition('"')[0] or crs


def _apart(source: Source) -> tuple[Floats, float]:
    """Return how many metres each school is from the nearest unit (NaN: not known), and how wide the district is.

    The width is the diameter about its middle that holds 98 % of the units, so that one unit drawn in the wrong
    place does not stretch it; at least 2 km.
    """
    schools, units = source.tables.get("schools"), source.tables.get("units")
    if schools is None or units is None:
        return np.zeros(0), 0.0
    apart = np.full(len(schools), np.nan)
    lon, lat = units.points
    placed = _on_earth(lon, lat)
    site_lon, site_lat = schools.points
    sited = np.flatnonzero(_on_earth(site_lon, site_lat))
    if not placed.any() or not len(sited):
        return apart, 0.0
    middle = float(np.median(lon[placed])), float(np.median(lat[placed]))
    points = flatten(shapely.points(lon[placed], lat[placed]), *middle)
    polygons = drawn(units)[placed]
    shapes = np.where(shapely.is_missing(polygons), points, flatten(polygons, *middle))
    sites = flatten(shapely.points(site_lon[sited], site_lat[sited]), *middle)
    _, apart[sited] = shapely.STRtree(shapes).query_nearest(sites, return_distance=True, all_matches=False)
    width = 2 * float(np.percentile(shapely.distance(points, shapely.Point(0.0, 0.0)), 98))
    return apart, max(width, FAR_M)


def _on_earth(lon: Floats, lat: Floats) -> Bools:
    return np.asarray(
        np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= ARCTIC_DEGREES), dtype=bool
    )


def _nearest_m(lon: float, lat: float, shapes: Texts) -> float:
    if not len(shapes):
        return float("inf")
    return float(np.nanmin(shapely.distance(shapely.Point(0.0, 0.0), flatten(shapes, lon, lat))))

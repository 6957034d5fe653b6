"""Shapes: missing, of the wrong kind, invalid, overlapping."""

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from models.district import Bools, Floats
from optimizer.checks.registry import check
from optimizer.io.build import POLYGONS
from optimizer.io.findings import Finding
from optimizer.io.siting import flatten
from optimizer.io.source import Source, Table, Texts, keep

OVERLAP_SHARE, OVERLAP_M2 = 0.01, 1_000.0
"""More than both is two units claiming the same homes; less is a sliver of careless drawing."""

SLIVER_OVERLAP_M2 = 1.0
SLIVER_UNIT_M2 = 100.0
"""No home fits on less ground."""


def drawn(table: Table) -> Texts:
    """Return the valid polygons of a table in WGS84, None in every other row."""
    shapes = np.full(len(table), None, dtype=object) if table.shapes is None else table.shapes
    sound = np.isin(shapely.get_type_id(shapes), (3, 6)) & shapely.is_valid(shapes) & ~shapely.is_empty(shapes)
    return keep(shapes, sound)


def flat_polygons(table: Table) -> Texts:
    """Return the valid polygons of a table in metres round the middle of them, None in every other row."""
    polygons = drawn(table)
    if shapely.is_missing(polygons).all():
        return polygons
    west, south, east, north = shapely.total_bounds(polygons)
    return flatten(polygons, (west + east) / 2, (south + north) / 2)


def _has_shape(table: Table) -> Bools:
    geometry = table.geometry
    if geometry is None:
        return np.zeros(len(table), dtype=bool)
    return np.asarray(~(shapely.is_missing(geometry) | shapely.is_empty(geometry)), dtype=bool)


@check("G101")
def find_rows_without_place(source: Source) -> Iterator[Finding]:
    """Rows with neither a geometry nor x and y, where the way to school is measured."""
    by_matrix = source.settings is not None and source.settings.travel.method == "matrix"
    for table in source.tables.values():
        unmeasured = (by_matrix or source.about_posts) and table.spec.name in ("units", "schools")
        if not table.spec.geometry or unmeasured:
            continue
        placed = _has_shape(table)
        if table.spec.located:
            placed |= table.filled("x") | table.filled("y")
        if len(table) and not placed.any():
            column, slip = table.slip("geometry", "x", "y")
            yield table.whole(column, who=table.spec.name, slip=slip)
        else:
            yield from (table.at(int(row), "geometry") for row in np.flatnonzero(~placed))


@check("G109")
def find_half_points(source: Source) -> Iterator[Finding]:
    """Rows with x and no y, or y and no x; where an override gave only one, reading has told of it."""
    for table in source.tables.values():
        if not table.spec.located:
            continue
        for given, missing in (("x", "y"), ("y", "x")):
            rows = np.flatnonzero(table.filled(given) & ~table.filled(missing)).tolist()
            for row in rows if table.has(missing) else rows[:1]:
                if ((row, given) in table.patched) == ((row, missing) in table.patched):
                    yield table.at(row, missing, str(table.text(given)[row]), given=given, slip=table.slip(missing)[1])


@check("G102")
def find_foreign_shapes(source: Source) -> Iterator[Finding]:
    """Shapes that the table cannot use: a unit drawn as a line, a barrier as a polygon."""
    for table in source.tables.values():
        if table.geometry is None or not table.spec.geometry:
            continue
        kinds = _kinds(table.geometry)
        for row in np.flatnonzero(_has_shape(table) & ~np.isin(kinds, table.spec.geometry)):
            yield table.at(int(row), "geometry", str(kinds[row]), known=", ".join(table.spec.geometry))


@check("G103")
def find_broken_coordinates(source: Source) -> Iterator[Finding]:
    """Shapes with a coordinate that is no finite number."""
    for table in source.tables.values():
        if table.geometry is not None:
            vertices, row = shapely.get_coordinates(table.geometry, return_index=True)
            broken = np.unique(row[~np.isfinite(vertices).all(axis=1)])
            yield from (table.at(int(position), "geometry") for position in broken)


@check("G104")
def find_invalid_polygons(source: Source) -> Iterator[Finding]:
    """Polygons that cross themselves or whose holes lie outside them, as drawn or once their datum is undone."""
    for table in source.tables.values():
        if table.geometry is not None:
            reasons = _reasons(table.geometry)
            if table.shapes is not None:
                reasons = np.where(reasons == "", _reasons(table.shapes), reasons)
            yield from (table.at(int(row), "geometry", reasons[row]) for row in np.flatnonzero(reasons != ""))


@check("G105")
def find_overlaps(source: Source) -> Iterator[Finding]:
    """Units that claim the same ground: more than 1 % of the smaller one and more than 1,000 m2."""
    units = source.tables.get("units")
    if units is not None:
        pairs, shared, share = _overlaps(units)
        for (row, other), area, part in zip(pairs, shared, share, strict=True):
            if area > OVERLAP_M2 and part > OVERLAP_SHARE:
                facts = {"other": units.name_of(other), "area_m2": f"{area:,.0f}", "percent": f"{100 * part:.1f}"}
                yield units.at(int(row), "geometry", "", **facts)


@check("G106", "warning")
def find_sliver_overlaps(source: Source) -> Iterator[Finding]:
    """Units that overlap by less than that: one warning for all of them."""
    units = source.tables.get("units")
    if units is None:
        return
    pairs, shared, share = _overlaps(units)
    slivers = np.flatnonzero((shared > SLIVER_OVERLAP_M2) & ~((shared > OVERLAP_M2) & (share > OVERLAP_SHARE)))
    if len(slivers):
        largest = slivers[np.argmax(shared[slivers])]
        row, other = pairs[largest]
        facts = {"other": units.name_of(other), "area_m2": f"{shared[largest]:,.0f}", "pairs": len(slivers)}
        yield units.at(int(row), "geometry", "", **facts)


@check("G107", "warning")
def find_sliver_units(source: Source) -> Iterator[Finding]:
    """Units smaller than any home: left over from drawing."""
    units = source.tables.get("units")
    if units is None:
        return
    areas = shapely.area(flat_polygons(units))
    slivers = np.flatnonzero(areas < SLIVER_UNIT_M2)
    if len(slivers):
        smallest = int(slivers[np.argmin(areas[slivers])])
        yield units.at(smallest, "geometry", "", area_m2=f"{areas[smallest]:.3g}", units=len(slivers))


@check("G108")
def find_mixed_shapes(source: Source) -> Iterator[Finding]:
    """Units some of which are polygons and some not: neighbours could not be told."""
    units = source.tables.get("units")
    if units is None or units.geometry is None:
        return
    kinds = _kinds(units.geometry)
    polygons = np.isin(kinds, POLYGONS)
    points = (kinds == "Point") | ((kinds == "") & units.filled("x") & units.filled("y"))
    if polygons.any() and points.any():
        row = int(np.flatnonzero(points)[0])
        yield units.at(row, "geometry", units=int(points.sum()), polygons=int(polygons.sum()))


def _kinds(geometry: Texts) -> Texts:
    return np.array([getattr(shape, "geom_type", "") for shape in geometry], dtype=object)


def _reasons(shapes: Texts) -> Texts:
    """Why each polygon is invalid; "" where it is valid, or no polygon with finite coordinates."""
    finite = np.array([np.isfinite(shapely.get_coordinates(shape)).all() for shape in shapes], dtype=bool)
    invalid = finite & np.isin(_kinds(shapes), POLYGONS) & ~shapely.is_empty(shapes) & ~shapely.is_valid(shapes)
    return np.where(invalid, shapely.is_valid_reason(shapes), "").astype(object)


def _overlaps(units: Table) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return pairs of rows whose polygons meet, the m2 they share, and that as a share of the smaller one."""
    polygons = flat_polygons(units)
    first, second = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    pairs = np.column_stack([first, second])[first < second]
    shared = shapely.area(shapely.intersection(polygons[pairs[:, 0]], polygons[pairs[:, 1]]))
    smaller = np.minimum(shapely.area(polygons[pairs[:, 0]]), shapely.area(polygons[pairs[:, 1]]))
    return pairs, shared, np.divide(shared, smaller, out=np.zeros_like(shared), where=smaller > 0)

"""A drawn district as the tables of an instance folder, in bytes that do not depend on the machine."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from instances.design import CENTRE, PLANE
from instances.land import Land
from instances.people import People
from instances.rooms import tracks
from instances.sites import Sites
from models.district import Floats, Ints
from models.stages import Stage

_DECIMALS = 6
"""Of a degree: a tenth of a metre."""

Row = Mapping[str, object]


def unit_ids(count: int) -> list[str]:
    """Return U001, U002, ..."""
    return [f"U{number:0{max(3, len(str(count)))}d}" for number in range(1, count + 1)]


def school_ids(sites: Sites) -> list[str]:
    """Return P01, ... for primary schools, J01, ... for junior and N01, ... for nine-year ones."""
    seen: dict[str, int] = {}
    ids = []
    for kind in sites.kind:
        seen[kind] = seen.get(kind, 0) + 1
        ids.append(f"{kind[0].upper()}{seen[kind]:02d}")
    return ids


def units_geojson(land: Land, columns: Mapping[str, Sequence[object] | NDArray[Any]]) -> bytes:
    """Return units.geojson: one feature a line, `columns` as properties."""
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return feature_lines(land.units, rows)


def feature_lines(shapes: Iterable[shapely.Geometry], rows: Iterable[Row]) -> bytes:
    """Return a GeoJSON feature collection in WGS84 of shapes in the drawing plane."""
    lines = [
        json.dumps(
            {"type": "Feature", "properties": dict(row), "geometry": json.loads(shapely.to_geojson(_to_earth(shape)))},
            ensure_ascii=False,
        )
        for shape, row in zip(shapes, rows, strict=True)
    ]
    return ('{"type": "FeatureCollection", "features": [\n' + ",\n".join(lines) + "\n]}\n").encode()


def demand_csv(ids: Sequence[str], people: People, stage_of: Mapping[str, Stage]) -> bytes:
    """Return demand.csv: a row a unit and grade that holds children."""
    rows = [
        {"unit_id": ids[unit], "stage": stage_of[grade], "grade": grade, "students": int(people.children[unit, k])}
        for unit in range(len(ids))
        for k, grade in enumerate(people.grades)
        if people.children[unit, k]
    ]
    return csv_bytes(rows)


def school_rows(
    ids: Sequence[str], names: Sequence[str], sites: Sites, rooms: Ints, more: Sequence[Row]
) -> list[dict[str, object]]:
    """Return the rows of schools.csv; `more` holds further columns, a row a school."""
    lon, lat = lon_lat(sites.points)
    return [
        {
            "school_id": ids[row],
            "name": names[row],
            "type": sites.kind[row],
            "x": f"{lon[row]:.{_DECIMALS}f}",
            "y": f"{lat[row]:.{_DECIMALS}f}",
            "classrooms": int(rooms[row]),
            "classes_per_grade_primary": tracks(sites, rooms, row, "primary") or "",
            "classes_per_grade_junior": tracks(sites, rooms, row, "junior") or "",
            **more[row],
        }
        for row in range(len(ids))
    ]


def current_csv(units: Sequence[str], schools: Sequence[str], current: Mapping[Stage, Ints]) -> bytes:
    """Return current.csv: today's school of every unit and stage."""
    rows = [
        {"unit_id": unit, "stage": stage, "school_id": schools[school_of[k]]}
        for k, unit in enumerate(units)
        for stage, school_of in current.items()
    ]
    return csv_bytes(rows)


def csv_bytes(rows: Sequence[Row]) -> bytes:
    """Return rows as CSV in UTF-8 with BOM, as spreadsheets expect it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def lon_lat(points: Floats) -> tuple[Floats, Floats]:
    """Return longitude and latitude, in degrees rounded to a tenth of a metre, of points in the drawing plane."""
    earth, middle = _projection()
    lon, lat = earth.transform(points[:, 0] + middle[0], points[:, 1] + middle[1])
    return np.round(lon, _DECIMALS), np.round(lat, _DECIMALS)


@cache
def _projection() -> tuple[Transformer, tuple[float, float]]:
    """From the plane to longitude and latitude, and where the middle of the district lies in the plane."""
    return (
        Transformer.from_crs(PLANE, "EPSG:4326", always_xy=True),
        Transformer.from_crs("EPSG:4326", PLANE, always_xy=True).transform(*CENTRE),
    )


def _to_earth(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda vertices: np.column_stack(lon_lat(vertices)))

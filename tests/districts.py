"""A small district that every test may write, change and read: nine units of one square kilometre.

    U7  U8  U9        S1 stands in the middle of U4, S2 in the middle of U6.
    U4  U5  U6        Every unit has 40 primary children; each school has 300 places, so 360 children
    U1  U2  U3        fit into 600 places. Neighbouring unit points are 1,000 m apart.

North is up; the south-west corner of U1 is 120.2 E, 30.2 N. The profile is `none`, the mode `whole`, the one
stage `primary`, travel straight. Everything can be replaced:

    write_instance(tmp_path)
    write_instance(tmp_path, settings={"policy": {"profile": "national"}})
    write_instance(tmp_path, demand=demand_rows(students=10), current=[...], schools=None)
"""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.settings import merge

WEST, SOUTH = 120.2, 30.2
KM_PER_DEGREE_EAST, KM_PER_DEGREE_NORTH = 96.292, 110.856
"""On the WGS84 ellipsoid at 30.2 N: the squares are 1,000 m wide within a metre."""

Row = Mapping[str, Any]

SETTINGS: dict[str, dict[str, Any]] = {
    "instance": {"name": "grid", "year": 2027, "stages": ["primary"], "mode": "whole"},
    "crs": {"tables": "EPSG:4326"},
    "policy": {"profile": "none"},
    "catchments": {"change": "free", "indivisible": True, "contiguous": True},
    "objective": {"order": ["travel"]},
}


def lon_lat(east_km: float, north_km: float) -> tuple[float, float]:
    """Return the longitude and latitude of a point so many kilometres from the south-west corner of U1."""
    return WEST + east_km / KM_PER_DEGREE_EAST, SOUTH + north_km / KM_PER_DEGREE_NORTH


def polygon(*corners: tuple[float, float]) -> dict[str, Any]:
    """Return the GeoJSON polygon through corners given in kilometres; the ring is closed here."""
    ring = [list(lon_lat(*corner)) for corner in (*corners, corners[0])]
    return {"type": "Polygon", "coordinates": [ring]}


def square(east_km: float, north_km: float, width_km: float = 1.0, height_km: float = 1.0) -> dict[str, Any]:
    """Return the GeoJSON rectangle whose south-west corner is given in kilometres."""
    east, north = east_km + width_km, north_km + height_km
    return polygon((east_km, north_km), (east, north_km), (east, north), (east_km, north))


def line(*points: tuple[float, float]) -> dict[str, Any]:
    """Return the GeoJSON line through points given in kilometres."""
    return {"type": "LineString", "coordinates": [list(lon_lat(*point)) for point in points]}


def point(east_km: float, north_km: float) -> dict[str, Any]:
    """Return the GeoJSON point given in kilometres."""
    return {"type": "Point", "coordinates": list(lon_lat(east_km, north_km))}


def unit_rows(columns: int = 3, rows: int = 3) -> list[dict[str, Any]]:
    """Return a grid of unit squares, U1 in the south-west, counted eastwards row by row."""
    cells = [(column, row) for row in range(rows) for column in range(columns)]
    return [
        {"unit_id": f"U{number}", "name": f"Unit {number}", "geometry": square(column, row)}
        for number, (column, row) in enumerate(cells, start=1)
    ]


def demand_rows(units: int = 9, students: int = 40, stage: str = "primary") -> list[dict[str, Any]]:
    """Return the same number of children of one stage, without grade, for U1, U2, ..."""
    return [{"unit_id": f"U{number}", "stage": stage, "students": students} for number in range(1, units + 1)]


def school_row(school_id: str, east_km: float, north_km: float, kind: str = "primary", **more: Any) -> dict[str, Any]:
    """Return one school at a point in kilometres, with 300 places unless `more` says otherwise."""
    x, y = lon_lat(east_km, north_km)
    return {"school_id": school_id, "name": f"School {school_id}", "type": kind, "x": x, "y": y, "places": 300} | more


def school_rows() -> list[dict[str, Any]]:
    """Return S1 in the middle of U4 and S2 in the middle of U6."""
    return [school_row("S1", 0.5, 1.5), school_row("S2", 2.5, 1.5)]


def write_instance(
    folder: Path,
    *,
    settings: Mapping[str, Any] | None = None,
    scenarios: str | None = None,
    **tables: Sequence[Row] | None,
) -> Path:
    """Write the grid district into `folder` (made where absent) and return the folder.

    `settings` is laid over SETTINGS section by section; `scenarios` is the text of `scenarios.toml`. Every other
    keyword is a table as rows: units, demand and schools stand where they are not given, None leaves a table out.
    Rows that hold a `geometry` (a GeoJSON geometry) become NAME.geojson, others NAME.csv.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "instance.toml").write_text(toml_text(merge(SETTINGS, settings or {})), encoding="utf-8")
    if scenarios is not None:
        (folder / "scenarios.toml").write_text(scenarios, encoding="utf-8")
    standard = {"units": unit_rows(), "demand": demand_rows(), "schools": school_rows()}
    for name, rows in (standard | tables).items():
        if rows is not None:
            write_table(folder, name, rows)
    return folder


def write_table(folder: Path, name: str, rows: Sequence[Row]) -> Path:
    """Write one table as GeoJSON where a row holds a geometry, else as CSV; return the path."""
    if any("geometry" in row for row in rows):
        path = folder / f"{name}.geojson"
        path.write_text(json.dumps(feature_collection(rows)), encoding="utf-8")
        return path
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def feature_collection(rows: Sequence[Row]) -> dict[str, Any]:
    """Return rows with a `geometry` as a GeoJSON feature collection in WGS84."""
    features = [
        {
            "type": "Feature",
            "properties": {key: value for key, value in row.items() if key != "geometry"},
            "geometry": row["geometry"],
        }
        for row in rows
    ]
    return {"type": "FeatureCollection", "features": features}


def toml_text(settings: Mapping[str, Any]) -> str:
    """Return sections of plain values as TOML; tables below a section are written inline."""
    lines = []
    for section, keys in settings.items():
        lines.append(f"[{section}]")
        lines.extend(f"{_toml_key(key)} = {_toml_value(value)}" for key, value in keys.items())
    return "\n".join(lines) + "\n"


def _toml_key(key: str) -> str:
    return key if key.isascii() else json.dumps(key, ensure_ascii=False)


def _toml_value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml_value(below)}" for key, below in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)

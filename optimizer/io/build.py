"""From a checked source to a district of arrays."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.district import (
    Catchments,
    Cohort,
    Demand,
    District,
    Fixed,
    Floats,
    GivenTravel,
    Ints,
    Schools,
    Units,
)
from models.settings import Settings
from models.stages import STAGES, SchoolType, Stage
from optimizer.geo.crs import WGS84
from optimizer.io.columns import choice_values
from optimizer.io.siting import find_units
from optimizer.io.source import Source, Table, Texts

DEFAULT_CATEGORY = "local"
POLYGONS = ("Polygon", "MultiPolygon")

_READ_BY_RULES = frozenset(
    (
        *("school_id", "name", "type", "x", "y", "unit_id", "anchor", "places", "classrooms"),
        *("status", "is_new", "ownership", "purchased_places", "zone_id", "region_id"),
    )
)
_BY_STAGE = ("places", "classrooms", "classes_per_grade")


def build_district(source: Source) -> District:
    """Return the district of a source that was checked and found without faults."""
    settings = source.settings
    if settings is None:
        raise ValueError("a source with faults cannot become a district")
    tables = source.tables
    units = build_units(tables["units"])
    schools = build_schools(tables["schools"], units)
    return District(
        folder=source.folder,
        scenario=source.scenario,
        settings=settings,
        units=units,
        schools=schools,
        demand=build_demand(tables["demand"], units, settings),
        current=_build_current(tables.get("current"), units, schools, settings),
        fixed=_build_fixed(tables.get("fixed"), units, schools, settings),
        given_travel=_build_travel(tables.get("travel"), units, schools),
        adjacency=_build_adjacency(tables.get("adjacency"), units),
        barriers=_build_barriers(tables.get("barriers")),
        crossings=_build_crossings(tables.get("crossings")),
        fingerprints=dict(source.fingerprints),
    )


def build_units(table: Table) -> Units:
    """Return the demand units, in the order of the table."""
    lon, lat = table.points
    return Units(
        ids=_texts(table, "unit_id"),
        names=_texts(table, "name"),
        lon=lon,
        lat=lat,
        geometry=_polygons(table),
        estate=_texts(table, "estate_id"),
        zone=_texts(table, "zone_id"),
        region=_texts(table, "region_id"),
        households=table.numbers("households"),
    )


def build_schools(table: Table, units: Units) -> Schools:
    """Return the schools, in the order of the table, each with the unit it stands in."""
    lon, lat = table.points
    given = _rows_of(units.row, table.text("unit_id"))
    by_stage = {stem: _stage_columns(table, stem) for stem in _BY_STAGE}
    used = _READ_BY_RULES | {f"{stem}_{stage}" for stem in _BY_STAGE for stage in STAGES}
    return Schools(
        ids=_texts(table, "school_id"),
        names=_texts(table, "name"),
        types=_types(table),
        lon=lon,
        lat=lat,
        unit=np.where(given >= 0, given, find_units(lon, lat, units)),
        anchor=table.flags("anchor", default=True),
        places=table.numbers("places"),
        places_of_stage=by_stage["places"],
        classrooms=table.numbers("classrooms"),
        classrooms_of_stage=by_stage["classrooms"],
        classes_per_grade=by_stage["classes_per_grade"],
        status=tuple(status or "open" for status in _texts(table, "status")),
        is_new=table.flags("is_new", default=False),
        private=np.asarray(table.text("ownership") == "private", dtype=bool),
        purchased_places=table.numbers("purchased_places"),
        zone=_texts(table, "zone_id"),
        region=_texts(table, "region_id"),
        extra=pd.DataFrame({name: table.text(name) for name in table.frame.columns if name not in used}),
    )


def build_demand(table: Table, units: Units, settings: Settings) -> Demand:
    """Return the children of the planned stages in the year of the plan, by unit and cohort.

    Cohorts come in the order of stages, grades and declared categories; those without a single row are left out.
    """
    year = table.text("year")
    kept = np.isin(table.text("stage"), settings.instance.stages)
    kept &= (year == "") | (table.numbers("year") == settings.instance.year)
    category = np.where(table.filled("category"), table.text("category"), DEFAULT_CATEGORY)
    keys = list(zip(table.text("stage")[kept], table.text("grade")[kept], category[kept], strict=True))
    cohorts = sorted(set(keys), key=lambda key: _cohort_order(key, settings))
    students = np.zeros((len(units), len(cohorts)), dtype=np.int64)
    column_of = {cohort: column for column, cohort in enumerate(cohorts)}
    columns = np.fromiter((column_of[key] for key in keys), dtype=np.int64, count=len(keys))
    rows = _rows_of(units.row, table.text("unit_id")[kept])
    np.add.at(students, (rows, columns), table.numbers("students")[kept].astype(np.int64))
    return Demand(tuple(Cohort(stage, grade, kind) for stage, grade, kind in cohorts), students)


def _cohort_order(key: tuple[Stage, str, str], settings: Settings) -> tuple[int, int, int]:
    stage, grade, category = key
    grades, categories = ("", *choice_values("grade")), list(settings.categories)
    return STAGES.index(stage), grades.index(grade), categories.index(category)


def _build_current(table: Table | None, units: Units, schools: Schools, settings: Settings) -> Catchments | None:
    if table is None or not len(table):
        return None
    kept = np.isin(table.text("stage"), settings.instance.stages)
    return Catchments(
        unit=_rows_of(units.row, table.text("unit_id")[kept]),
        stage=tuple(table.text("stage")[kept]),
        school=_rows_of(schools.row, table.text("school_id")[kept]),
    )


def _build_fixed(table: Table | None, units: Units, schools: Schools, settings: Settings) -> Fixed | None:
    if table is None or not len(table):
        return None
    kept = np.isin(table.text("stage"), settings.instance.stages)
    return Fixed(
        unit=_rows_of(units.row, table.text("unit_id")[kept]),
        stage=tuple(table.text("stage")[kept]),
        school=_rows_of(schools.row, table.text("school_id")[kept]),
        must=np.asarray(table.text("rule")[kept] == "must", dtype=bool),
        category=tuple(table.text("category")[kept]),
        reason=tuple(table.text("reason")[kept]),
    )


def _build_travel(table: Table | None, units: Units, schools: Schools) -> GivenTravel | None:
    if table is None:
        return None
    return GivenTravel(
        unit=_rows_of(units.row, table.text("unit_id")),
        school=_rows_of(schools.row, table.text("school_id")),
        metres=table.numbers("metres"),
    )


def _build_adjacency(table: Table | None, units: Units) -> Ints | None:
    if table is None or not len(table):
        return None
    return np.column_stack([_rows_of(units.row, table.text(column)) for column in ("unit_a", "unit_b")])


def _build_barriers(table: Table | None) -> gpd.GeoSeries | None:
    return gpd.GeoSeries(table.shapes, crs=WGS84) if table is not None and len(table) else None


def _build_crossings(table: Table | None) -> gpd.GeoSeries | None:
    return gpd.GeoSeries(shapely.points(*table.points), crs=WGS84) if table is not None and len(table) else None


def _polygons(table: Table) -> gpd.GeoSeries | None:
    """Return polygons in EPSG:4326, or None where the units are points."""
    shapes = table.shapes
    if shapes is None or not all(shape is not None and shape.geom_type in POLYGONS for shape in shapes):
        return None
    return gpd.GeoSeries(shapes, crs=WGS84)


def _stage_columns(table: Table, stem: str) -> dict[Stage, Floats]:
    return {stage: table.numbers(f"{stem}_{stage}") for stage in STAGES if table.has(f"{stem}_{stage}")}


def _types(table: Table) -> tuple[SchoolType, ...]:
    return tuple(table.text("type"))


def _texts(table: Table, column: str) -> tuple[str, ...]:
    return tuple(table.text(column))


def _rows_of(row: Mapping[str, int], ids: Texts) -> Ints:
    """Return the row of each id, -1 where the id is empty or not known."""
    return np.fromiter((row.get(found, -1) for found in ids), dtype=np.int64, count=len(ids))

"""From a checked source to a district of arrays."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.district import (
    Catchments,
    District,
    Fixed,
    Floats,
    GivenTravel,
    Ints,
    Schools,
    Units,
)
from models.settings import ResourceIndicator, Settings
from models.stages import STAGES, SchoolType, Stage
from optimizer.geo.crs import WGS84
from optimizer.io.demand import build_counted, choose_demand
from optimizer.io.feeders import build_feeders, feeders_decide, lead_to_junior
from optimizer.io.siting import find_units
from optimizer.io.source import Source, Table
from optimizer.io.staffing import build_classes, build_curriculum, build_teachers
from optimizer.io.stock import build_enrolment, build_rates, build_stock

POLYGONS = ("Polygon", "MultiPolygon")

_READ_BY_RULES = frozenset(
    (
        *("school_id", "name", "type", "x", "y", "unit_id", "anchor", "places", "classrooms"),
        *("status", "is_new", "ownership", "purchased_places", "zone_id", "region_id"),
        *("group_id", "legal_id", "strength"),
    )
)
_RESOURCES: dict[ResourceIndicator, str] = {
    "teaching_area": "teaching_area_m2",
    "sports_area": "sports_area_m2",
    "equipment": "equipment_yuan",
    "multimedia_rooms": "multimedia_rooms",
}
_BY_STAGE = ("places", "classrooms", "classes_per_grade")


def build_district(source: Source) -> District:
    """Return the district of a source that was checked and found without faults."""
    settings = source.settings
    if settings is None:
        raise ValueError("a source with faults cannot become a district")
    tables = source.tables
    sited = tables if "units" in tables else {}
    units = build_units(sited.get("units"))
    schools = build_schools(tables["schools"], units)
    enrolment = build_enrolment(tables.get("enrolment"), schools.row, settings.instance)
    rates = build_rates(tables.get("progression"))
    counted = build_counted(tables.get("demand"), units, settings)
    district = District(
        folder=source.folder,
        scenario=source.scenario,
        settings=settings,
        units=units,
        schools=schools,
        demand=choose_demand(counted, settings, len(units)),
        current=_build_current(sited.get("current"), units, schools, settings.instance.stages),
        fixed=_build_fixed(sited.get("fixed"), units, schools, settings),
        enrolment=enrolment,
        stock=build_stock(enrolment, rates, settings.instance),
        rates=rates,
        feeders=build_feeders(tables.get("feeders"), schools),
        counted=counted,
        teachers=build_teachers(tables.get("teachers"), schools),
        curriculum=build_curriculum(tables.get("curriculum"), settings.instance.system),
        classes=build_classes(tables.get("classes")),
        given_travel=_build_travel(sited.get("travel"), units, schools),
        adjacency=_build_adjacency(sited.get("adjacency"), units),
        barriers=_build_barriers(tables.get("barriers")),
        crossings=_build_crossings(tables.get("crossings")),
        fingerprints=dict(source.fingerprints),
        scenario_title=source.scenario_title,
        patch=source.patch,
    )
    homes = _build_current(sited.get("current"), units, schools, ["primary"])
    return lead_to_junior(district, homes) if feeders_decide(settings) and homes is not None else district


def build_units(table: Table | None) -> Units:
    """Return the demand units, in the order of the table; none where there is no table."""
    if table is None:
        nowhere = np.zeros(0)
        return Units((), (), nowhere, nowhere, None, (), (), (), nowhere)
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
    given = table.positions("unit_id", units.row)
    by_stage = {stem: _stage_columns(table, stem) for stem in _BY_STAGE}
    used = _READ_BY_RULES | {*_RESOURCES.values()} | {f"{stem}_{stage}" for stem in _BY_STAGE for stage in STAGES}
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
        group=_texts(table, "group_id"),
        legal=tuple(np.where(table.filled("legal_id"), table.text("legal_id"), table.text("school_id"))),
        strength=table.numbers("strength"),
        resources={name: table.numbers(column) for name, column in _RESOURCES.items() if table.has(column)},
        extra=pd.DataFrame({name: table.text(name) for name in table.frame.columns if name not in used}),
    )


def _build_current(table: Table | None, units: Units, schools: Schools, stages: Sequence[Stage]) -> Catchments | None:
    if table is None or not len(table):
        return None
    kept = np.isin(table.text("stage"), stages)
    return Catchments(
        unit=table.positions("unit_id", units.row)[kept],
        stage=tuple(table.text("stage")[kept]),
        school=table.positions("school_id", schools.row)[kept],
    )


def _build_fixed(table: Table | None, units: Units, schools: Schools, settings: Settings) -> Fixed | None:
    if table is None or not len(table):
        return None
    kept = np.isin(table.text("stage"), settings.instance.stages)
    return Fixed(
        unit=table.positions("unit_id", units.row)[kept],
        stage=tuple(table.text("stage")[kept]),
        school=table.positions("school_id", schools.row)[kept],
        must=np.asarray(table.text("rule")[kept] == "must", dtype=bool),
        category=tuple(table.text("category")[kept]),
        reason=tuple(table.text("reason")[kept]),
    )


def _build_travel(table: Table | None, units: Units, schools: Schools) -> GivenTravel | None:
    if table is None:
        return None
    return GivenTravel(
        unit=table.positions("unit_id", units.row),
        school=table.positions("school_id", schools.row),
        metres=table.numbers("metres"),
    )


def _build_adjacency(table: Table | None, units: Units) -> Ints | None:
    if table is None or not len(table):
        return None
    return np.column_stack([table.positions(column, units.row) for column in ("unit_a", "unit_b")])


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

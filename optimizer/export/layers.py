"""The layers of a plan: units, schools, catchments, flows, and what nobody crosses."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from models.district import Ints
from models.placement import Placement
from models.stages import Stage
from optimizer.indices.shapes import dissolve_catchments, unit_shapes

WGS84 = "EPSG:4326"
_NEIGHBOURS_OF_A_POINT = 6


def build_layers(placement: Placement) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers by name, in EPSG:4326; `coordination`, `barriers` and `crossings` only where there are any."""
    layers = {
        "units": build_units(placement),
        "schools": build_schools(placement),
        "catchments": build_catchments(placement),
        "flows": build_flows(placement),
    }
    if len(placement.plan.coordination):
        layers["coordination"] = build_coordination(placement)
    for name, lines in (("barriers", placement.district.barriers), ("crossings", placement.district.crossings)):
        if lines is not None and len(lines):
            layers[name] = gpd.GeoDataFrame({"number": range(1, len(lines) + 1)}, geometry=lines.to_numpy(), crs=WGS84)
    return layers


def build_units(placement: Placement) -> gpd.GeoDataFrame:
    """Units with, by stage, children, school now (`current_STAGE`) and in the plan, and metres to it.

    Of a catchment shared by schools one is named, so `changed_STAGE` says whether the school in the plan is none of
    today's.
    """
    units, ids = placement.district.units, _ids(placement)
    columns: dict[str, object] = {"unit_id": units.ids, "name": units.names, "zone_id": units.zone}
    for stage in placement.district.settings.instance.stages:
        then, now = placement.school_of_unit(stage), placement.school_of_unit_today(stage)
        metres = placement.travel.metres[np.arange(len(units)), then]
        columns[f"students_{stage}"] = placement.students_by_unit(stage)
        columns[f"school_{stage}"] = ids[then]
        columns[f"current_{stage}"] = ids[np.where(placement.changed(stage) | (then < 0) | (now < 0), now, then)]
        columns[f"changed_{stage}"] = placement.changed(stage)
        columns[f"metres_{stage}"] = np.where((then >= 0) & np.isfinite(metres), np.round(metres), np.nan)
    return gpd.GeoDataFrame(columns, geometry=unit_shapes(placement).to_numpy(), crs=WGS84)


def build_schools(placement: Placement) -> gpd.GeoDataFrame:
    """School sites with children, classes, places (all planned stages together) and utilisation.

    `unit_id` is the unit the site stands in, "" where none is known; `anchor` is false for a borrowed site.
    """
    schools, stages = placement.district.schools, placement.district.settings.instance.stages
    columns: dict[str, object] = {
        "school_id": schools.ids,
        "name": schools.names,
        "type": schools.types,
        "status": schools.status,
        "unit_id": [placement.district.units.ids[unit] if unit >= 0 else "" for unit in schools.unit],
        "anchor": schools.anchor,
    }
    for stage in stages:
        columns[f"students_{stage}"] = placement.students_by_school(stage)
        columns[f"classes_{stage}"] = placement.classes_by_school(stage)
    students = np.sum([placement.students_by_school(stage) for stage in stages], axis=0)
    filled = placement.filled()
    with np.errstate(divide="ignore", invalid="ignore"):
        columns |= {"students": students, "places": np.round(students / filled), "utilisation": np.round(filled, 4)}
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(schools.lon, schools.lat), crs=WGS84)


def build_catchments(placement: Placement) -> gpd.GeoDataFrame:
    """Dissolved catchments by stage and school; `colour` is a number that neighbours do not share."""
    parts = [_catchments_of(placement, stage) for stage in placement.district.settings.instance.stages]
    catchments = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=WGS84)
    return catchments.set_geometry(catchments.make_valid(method="structure"))


def build_flows(placement: Placement) -> gpd.GeoDataFrame:
    """Straight lines from unit to school, with children and metres."""
    units = placement.district.units
    rows = placement.assignments[placement.assignments["students"] > 0]
    unit, school = rows["unit"].to_numpy(np.int64), rows["school"].to_numpy(np.int64)
    columns = {
        "stage": rows["stage"].to_numpy(),
        "category": rows["category"].to_numpy(),
        "unit_id": np.array(units.ids)[unit],
        "school_id": _ids(placement)[school],
        "students": rows["students"].to_numpy(np.int64),
        "metres": np.round(rows["metres"].to_numpy(np.float64), 3),
    }
    return gpd.GeoDataFrame(columns, geometry=_ways(placement, unit, school).to_numpy(), crs=WGS84)


def build_coordination(placement: Placement) -> gpd.GeoDataFrame:
    """统筹调剂: straight lines from unit to school for those who sit outside their catchment, a line a category."""
    rows = placement.plan.coordination
    unit = np.array([placement.district.units.row[unit_id] for unit_id in rows["unit_id"]], dtype=np.int64)
    school = np.array([placement.district.schools.row[school_id] for school_id in rows["to_school_id"]], dtype=np.int64)
    return gpd.GeoDataFrame(rows.copy(), geometry=_ways(placement, unit, school).to_numpy(), crs=WGS84)


def _ways(placement: Placement, unit: Ints, school: Ints) -> gpd.GeoSeries:
    """Straight lines from units to schools, both given by row."""
    units, schools = placement.district.units, placement.district.schools
    start = np.column_stack([units.lon[unit], units.lat[unit]])
    end = np.column_stack([schools.lon[school], schools.lat[school]])
    return gpd.GeoSeries(shapely.linestrings(np.stack([start, end], axis=1)), crs=WGS84)


def _catchments_of(placement: Placement, stage: Stage) -> gpd.GeoDataFrame:
    schools, shapes = placement.district.schools, dissolve_catchments(placement, stage)
    rows = shapes.index.to_numpy(np.int64)
    members = placement.catchments[placement.catchments["stage"] == stage]
    columns = {
        "stage": stage,
        "school_id": _ids(placement)[rows],
        "name": [schools.names[row] for row in rows],
        "units": members.groupby("school")["unit"].count().reindex(rows).to_numpy(np.int64),
        "students": placement.students_by_school(stage)[rows],
        "places": placement.places_of(stage)[rows],
        "colour": colour_numbers(shapes),
    }
    return gpd.GeoDataFrame(columns, geometry=shapes.to_numpy(), crs=shapes.crs).to_crs(WGS84)


def colour_numbers(shapes: gpd.GeoSeries) -> list[int]:
    """Return a number for each shape so that shapes that touch differ; few numbers (DSATUR)."""
    graph = nx.Graph()
    graph.add_nodes_from(range(len(shapes)))
    graph.add_edges_from((int(a), int(b)) for a, b in _touching(shapes) if a < b)
    numbers = nx.greedy_color(graph, strategy="DSATUR")
    return [numbers[node] for node in range(len(shapes))]


def _touching(shapes: gpd.GeoSeries) -> "np.ndarray[tuple[int, int], np.dtype[np.int64]]":
    solid = shapes.to_numpy()
    if (shapely.get_dimensions(solid) == 2).all():
        return np.asarray(shapes.sindex.query(solid, predicate="dwithin", distance=1.0).T)
    points, owner = shapely.get_coordinates(solid, return_index=True)
    count = min(_NEIGHBOURS_OF_A_POINT + 1, len(points))
    near = cKDTree(points).query(points, k=range(1, count + 1))[1]
    pairs = np.column_stack([np.repeat(owner, count), owner[near.ravel()]])
    return np.unique(np.sort(pairs, axis=1), axis=0)


def _ids(placement: Placement) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    """School ids by row; row -1 (none) is the empty text at the end."""
    return np.array([*placement.district.schools.ids, ""], dtype=object)

"""The layers of `plan.gpkg`, worked out by hand on the row of four units."""

import re
import shutil
import sqlite3
import subprocess
import time
import xml.etree.ElementTree as ET
from contextlib import closing

import geopandas as gpd
import networkx as nx
import numpy as np
import pyogrio
import pytest
from admission import at_home, make_entry_district, make_entry_plan
from builders import make_district, make_plan, make_schools, make_travel, make_units
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from models.placement import Placement
from optimizer.export import write_geopackage
from optimizer.export.layers import colour_numbers
from optimizer.geo.travel import measure_travel
from optimizer.io import build_district, read_source


def placement_of(district, schools="AABB"):
    travel = make_travel(district)
    return Placement(district, travel, make_plan(district, travel, schools))


def layer(tmp_path, name, district=None, schools="AABB"):
    path = tmp_path / "plan.gpkg"
    if not path.exists():
        write_geopackage(path, placement_of(district or make_district(), schools))
    return pyogrio.read_dataframe(path, layer=name)


def test_units(tmp_path):
    district = make_district(current={"U2": "B"}, catchments={"change": "free"}, students=(30, 0, 30, 30))
    units = layer(tmp_path, "units", district)
    assert list(units["unit_id"]) == ["U1", "U2", "U3", "U4"]
    assert list(units["students_primary"]) == [30, 0, 30, 30]
    assert list(units["school_primary"]) == ["A", "A", "B", "B"]
    assert list(units["current_primary"]) == ["", "B", "", ""]
    assert list(units["changed_primary"]) == [False, True, False, False]
    assert list(units["metres_primary"]) == [0, 1000, 1000, 0]
    assert units.crs == "EPSG:4326"


def test_a_unit_that_stays_in_a_shared_catchment_shows_one_school_now_and_then(tmp_path):
    """U2 is nearer to A, belongs to A and B today, and becomes B's alone; U3 is B's and becomes A's."""
    district = make_district(current={"U1": "A", "U2": "AB", "U3": "B", "U4": "B"}, catchments={"change": "free"})
    units = layer(tmp_path, "units", district, schools="ABAB")
    assert list(units["school_primary"]) == ["A", "B", "A", "B"]
    assert list(units["current_primary"]) == ["A", "B", "B", "B"]


def test_schools_and_flows(tmp_path):
    district = make_district(schools=make_schools(places=np.array([80.0, 40.0])))
    schools = layer(tmp_path, "schools", district)
    assert list(schools["students"]) == [60, 60]
    assert list(schools["classes_primary"]) == [6, 6]
    assert list(schools["places"]) == [80, 40]
    assert list(schools["utilisation"]) == [0.75, 1.5]
    flows = layer(tmp_path, "flows")
    assert list(zip(flows["unit_id"], flows["school_id"], flows["students"], flows["metres"], strict=True)) == [
        ("U1", "A", 30, 0), ("U2", "A", 30, 1000), ("U3", "B", 30, 1000), ("U4", "B", 30, 0)
    ]  # fmt: skip


def test_the_site_of_a_school_says_where_it_stands_and_whether_it_is_borrowed(tmp_path):
    schools = make_schools(unit=np.array([-1, 3]), anchor=np.array([True, False]))
    sites = layer(tmp_path, "schools", make_district(schools=schools))
    assert list(zip(sites["unit_id"], sites["anchor"], strict=True)) == [("", True), ("U4", False)]


def test_who_sits_elsewhere_is_a_line_from_the_unit_to_the_seat(tmp_path):
    """Three local and six migrant children of U2, which belongs to A, sit at B in U4."""
    district = make_entry_district(students={"local": (10, 10, 10, 10), "migrant": (0, 6, 0, 0)})
    travel = make_travel(district)
    elsewhere = [("A", "U2", "local", "B", 3), ("A", "U2", "migrant", "B", 6)]
    plan = make_entry_plan(district, travel, at_home(district), coordination=elsewhere)
    write_geopackage(tmp_path / "plan.gpkg", Placement(district, travel, plan))
    lines = layer(tmp_path, "coordination")
    columns = ["catchment_school_id", "unit_id", "stage", "category", "to_school_id", "students", "metres"]
    assert lines[columns].to_numpy().tolist() == [
        ["A", "U2", "primary", "local", "B", 3, 2000], ["A", "U2", "primary", "migrant", "B", 6, 2000]
    ]  # fmt: skip
    units, schools = district.units, district.schools
    way = LineString([(units.lon[1], units.lat[1]), (schools.lon[1], schools.lat[1])])
    assert [line.equals(way) for line in lines.geometry] == [True, True]


def test_a_plan_that_seats_everybody_at_home_has_no_such_layer(tmp_path):
    write_geopackage(tmp_path / "plan.gpkg", placement_of(make_district()))
    assert "coordination" not in pyogrio.list_layers(tmp_path / "plan.gpkg")[:, 0]


def test_catchments_are_dissolved(tmp_path):
    catchments = layer(tmp_path, "catchments", schools="ABBB")
    assert list(catchments["school_id"]) == ["A", "B"]
    assert list(catchments["units"]) == [1, 3]
    assert catchments.geometry.iloc[1].geom_type == "MultiPolygon"
    assert len(catchments.geometry.iloc[1].geoms) == 1
    assert catchments["colour"].nunique() == 2


def test_a_district_of_points(tmp_path):
    district = make_district(units=make_units(geometry=None))
    assert set(layer(tmp_path, "units", district).geom_type) == {"Point"}
    assert set(layer(tmp_path, "catchments").geom_type) == {"MultiPoint"}
    assert layer(tmp_path, "catchments")["colour"].nunique() == 2


def test_barriers_and_crossings_are_layers_where_there_are_any(tmp_path):
    district = make_district()
    write_geopackage(tmp_path / "without.gpkg", placement_of(district))
    assert {"barriers", "crossings"}.isdisjoint(pyogrio.list_layers(tmp_path / "without.gpkg")[:, 0])
    river = gpd.GeoSeries([LineString([(120.22, 30.2), (120.22, 30.21)])], crs="EPSG:4326")
    bridge = gpd.GeoSeries([Point(120.22, 30.205)], crs="EPSG:4326")
    district = type(district)(**{**vars(district), "barriers": river, "crossings": bridge})
    assert layer(tmp_path, "barriers", district).geometry.iloc[0].equals(river.iloc[0])
    assert layer(tmp_path, "crossings").geometry.iloc[0].equals(bridge.iloc[0])


def test_nothing_in_it_tells_when_it_was_written(tmp_path):
    write_geopackage(tmp_path / "plan.gpkg", placement_of(make_district()))
    with closing(sqlite3.connect(tmp_path / "plan.gpkg")) as package:
        dates = {row[0] for row in package.execute("SELECT last_change FROM gpkg_contents")}
        dates |= {row[0] for row in package.execute("SELECT update_time FROM layer_styles")}
    assert dates == {"2000-01-01T00:00:00.000Z"}
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def styles_of(path):
    with closing(sqlite3.connect(path)) as package:
        rows = package.execute("SELECT f_table_name, styleQML FROM layer_styles").fetchall()
    return {layer: ET.fromstring(style.split("\n", 1)[1]) for layer, style in rows}


@pytest.mark.parametrize("geometry", [{}, {"geometry": None}])
def test_every_layer_has_a_style_whose_rules_have_symbols_and_name_columns_of_the_layer(tmp_path, geometry):
    schools = make_schools(types=("nine_year",) * 2)
    district = make_district(
        units=make_units(**geometry), schools=schools, instance={"stages": ["primary", "junior"]}, current={"U2": "B"}
    )
    path = tmp_path / "plan.gpkg"
    write_geopackage(path, placement_of(district))
    styles = styles_of(path)
    assert set(styles) == {"units", "schools", "catchments", "flows"}
    for name, style in styles.items():
        rules, symbols = style.findall(".//rule"), {each.get("name") for each in style.findall(".//symbol")}
        assert {rule.get("symbol") for rule in rules} - {None} == symbols
        assert all(rule.get("symbol") or rule.findall("rule") for rule in rules)
        named = re.findall(r'"(\w+)"', " ".join(rule.get("filter", "") for rule in rules))
        assert set(named) <= set(layer(tmp_path, name).columns)
        kinds = {each.get("type") for each in style.findall(".//symbol")}
        on_land = {"marker"} if geometry else {"fill"}
        assert kinds == {"units": on_land, "catchments": on_land, "schools": {"marker"}, "flows": {"line"}}[name]


def test_of_two_stages_the_first_is_drawn_and_the_other_waits_in_the_legend(tmp_path):
    schools = make_schools(types=("nine_year",) * 2)
    district = make_district(schools=schools, instance={"stages": ["primary", "junior"]})
    write_geopackage(tmp_path / "plan.gpkg", placement_of(district))
    rules = styles_of(tmp_path / "plan.gpkg")["catchments"].findall("renderer-v2/rules/rule")
    assert [(rule.get("filter"), rule.get("label"), rule.get("checkstate")) for rule in rules] == [
        ("\"stage\" = 'primary'", "小学 Primary", None), ("\"stage\" = 'junior'", "初中 Junior", "0")
    ]  # fmt: skip


def test_schools_are_labelled_with_plain_text(tmp_path):
    write_geopackage(tmp_path / "plan.gpkg", placement_of(make_district()))
    styles = styles_of(tmp_path / "plan.gpkg")
    assert styles["schools"].get("labelsEnabled") == "1"
    assert styles["schools"].find("labeling/settings/text-style").get("allowHtml") == "0"
    assert styles["units"].get("labelsEnabled") == "0"


def test_two_packages_of_one_plan_are_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write_geopackage(tmp_path / f"{name}.gpkg", placement_of(make_district()))
        time.sleep(1.1)
    assert (tmp_path / "one.gpkg").read_bytes() == (tmp_path / "two.gpkg").read_bytes()


def test_gdal_lists_its_layers_without_a_warning(tmp_path):
    program = shutil.which("ogrinfo")
    if program is None:
        pytest.skip("needs ogrinfo (Debian's gdal-bin)")
    write_geopackage(tmp_path / "plan.gpkg", placement_of(make_district()))
    said = subprocess.run([program, "-ro", "-q", tmp_path / "plan.gpkg"], capture_output=True, text=True, check=True)
    assert said.stderr == ""
    assert [line.split(": ")[1] for line in said.stdout.splitlines()] == [
        "units (Multi Polygon)", "schools (Point)", "catchments (Multi Polygon)", "flows (Line String)",
        "layer_styles (None)",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["six", "binhe", "bcps-southwest", "gongyi", "zy"])
def test_every_shape_of_a_real_district_is_valid(tmp_path, repository, request, name):
    """Each unit at its nearest school, which gives ragged catchments, in pieces and with holes."""
    folder = repository / "instances" / name
    if not folder.is_dir():
        folder = request.getfixturevalue("shared") / "data" / "districts" / name
    district = build_district(read_source(folder))
    travel = measure_travel(district)
    nearest = {}
    for stage in district.settings.instance.stages:
        metres = np.where(district.schools.serves(stage), travel.metres, np.inf)
        nearest[stage] = [district.schools.ids[row] for row in metres.argmin(axis=1)]
    path = tmp_path / "plan.gpkg"
    write_geopackage(path, Placement(district, travel, make_plan(district, travel, nearest)))
    for layer_name, kind in pyogrio.list_layers(path):
        if kind is not None:
            shapes = pyogrio.read_dataframe(path, layer=layer_name).geometry
            assert shapes.is_valid.all(), layer_name
            assert not shapes.is_empty.any(), layer_name


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=25, unique=True))
def test_neighbours_never_share_a_colour(cells):
    shapes = gpd.GeoSeries([box(x, y, x + 1, y + 1) for x, y in cells], crs="EPSG:4549").scale(
        1000, 1000, origin=(0, 0)
    )
    numbers = colour_numbers(shapes)
    graph = nx.Graph([(a, b) for a in range(len(cells)) for b in range(a) if shapes.iloc[a].touches(shapes.iloc[b])])
    assert all(numbers[a] != numbers[b] for a, b in graph.edges)
    assert max(numbers) <= 7


@pytest.mark.parametrize("name", ["drop'); --", "\u0001\ufffe", "=1+1", "<b>"])
def test_names_are_only_text(tmp_path, name):
    schools = layer(tmp_path, "schools", make_district(schools=make_schools(names=(name, "B"))))
    assert len(schools) == 2

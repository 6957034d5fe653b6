"""GeoJSON: longitude and latitude as the standard has them, or as Chinese base maps do; equal bytes for equal plans."""

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from admission import at_home, make_entry_district, make_entry_plan
from builders import make_district, make_plan, make_schools, make_travel, make_units
from shapely import LineString, Point, Polygon

from models.placement import Placement
from optimizer.export import list_geojson, write_geopackage
from optimizer.geo.datum import bd09_to_wgs84, gcj02_to_wgs84
from optimizer.runs import NotARun


def packaged(folder, district):
    """A folder with the layers of a plan, which is all of a run that is read here."""
    folder.mkdir(exist_ok=True)
    travel = make_travel(district)
    write_geopackage(folder / "plan.gpkg", Placement(district, travel, make_plan(district, travel, "AABB")))
    return folder


def written(folder, target, datum="wgs84"):
    """Every collection, by the name of its file."""
    target.mkdir()
    for name, write in list_geojson(folder, datum).items():
        write(target / name)
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(target.iterdir())}


def points_of(collection):
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in collection["features"]]
    return shapely.get_coordinates(shapes)


def test_how_full_a_school_without_places_is_is_null(tmp_path):
    """60 children sit at A, which has no places: infinitely full, which JSON has no word for."""
    district = make_district(schools=make_schools(places=np.array([0.0, 200.0])))
    schools = written(packaged(tmp_path, district), tmp_path / "out")["plan_schools.geojson"]
    told = [(each["properties"]["students"], each["properties"]["utilisation"]) for each in schools["features"]]
    assert told == [(60, None), (60, 0.3)]


def test_a_file_a_layer_with_what_the_layer_says(tmp_path):
    district = make_district(current={"U2": "B"}, catchments={"change": "free"}, students=(30, 0, 30, 30))
    collections = written(packaged(tmp_path, district), tmp_path / "out")
    assert list(collections) == [f"plan_{name}.geojson" for name in ("catchments", "flows", "schools", "units")]
    units = collections["plan_units.geojson"]
    assert (units["type"], units["name"], units["datum"], "crs" in units) == (
        "FeatureCollection",
        "units",
        "wgs84",
        False,
    )
    second = units["features"][1]["properties"]
    assert second == {
        "unit_id": "U2", "name": "Unit 2", "zone_id": "", "students_primary": 0, "school_primary": "A",
        "current_primary": "B", "changed_primary": True, "metres_primary": 1000.0,
    }  # fmt: skip
    square = shapely.geometry.shape(units["features"][1]["geometry"])
    assert square.symmetric_difference(district.units.geometry[1]).area < 1e-9


def test_what_is_not_known_is_null(tmp_path):
    """A district of points in which no school says how many places it has."""
    schools = make_schools(places=np.array([np.nan, np.nan]))
    folder = packaged(tmp_path, make_district(schools=schools))
    rows = [feature["properties"] for feature in written(folder, tmp_path / "out")["plan_schools.geojson"]["features"]]
    assert [(row["places"], row["utilisation"]) for row in rows] == [(None, None)] * 2


def test_who_sits_elsewhere_what_nobody_crosses_and_where_one_may(tmp_path):
    district = make_entry_district(students={"local": (10, 10, 10, 10)})
    lines = gpd.GeoSeries([LineString([(120.22, 30.2), (120.22, 30.21)])], crs="EPSG:4326")
    district = replace(district, barriers=lines, crossings=gpd.GeoSeries([Point(120.22, 30.205)], crs="EPSG:4326"))
    travel = make_travel(district)
    plan = make_entry_plan(district, travel, at_home(district), coordination=[("A", "U2", "local", "B", 3)])
    write_geopackage(tmp_path / "plan.gpkg", Placement(district, travel, plan))
    collections = written(tmp_path, tmp_path / "out")
    assert {"plan_coordination.geojson", "plan_barriers.geojson", "plan_crossings.geojson"} <= set(collections)
    assert collections["plan_coordination.geojson"]["features"][0]["properties"]["students"] == 3
    assert collections["plan_crossings.geojson"]["features"][0]["geometry"] == {
        "type": "Point", "coordinates": [120.22, 30.205]
    }  # fmt: skip


@pytest.mark.parametrize(("datum", "back"), [("gcj02", gcj02_to_wgs84), ("bd09", bd09_to_wgs84)])
def test_a_chinese_datum_is_named_and_undone_gives_the_same_places(tmp_path, datum, back):
    folder = packaged(tmp_path, make_district())
    plain, shifted = written(folder, tmp_path / "plain"), written(folder, tmp_path / datum, datum)
    assert list(shifted) == [name.replace(".geojson", f"_{datum}.geojson") for name in plain]
    for name, collection in plain.items():
        other = shifted[name.replace(".geojson", f"_{datum}.geojson")]
        assert other["datum"] == datum
        moved = points_of(other)
        assert np.abs(moved - points_of(collection)).max() > 0.001
        assert np.column_stack(back(*moved.T)) == pytest.approx(points_of(collection), abs=2e-7)


def test_at_most_seven_decimals_valid_and_counter_clockwise(tmp_path):
    """One unit given clockwise and with a hole, one with a spike thinner than a centimetre."""
    ring = [(120 + 1 / 3, 30), (120 + 1 / 3, 30.01), (120.35, 30.01), (120.35, 30.005), (120.3500000000001, 30)]
    hole = [(120.34, 30.002), (120.341, 30.002), (120.341, 30.003)]
    spike = [(120.2, 30.2), (120.21, 30.2000000001), (120.21, 30.2), (120.22, 30.2), (120.22, 30.21), (120.2, 30.21)]
    shapes = gpd.GeoSeries([Polygon(ring, [hole]), Polygon(spike), *make_units().geometry[2:]], crs="EPSG:4326")
    target = tmp_path / "out"
    collections = written(packaged(tmp_path, make_district(units=make_units(geometry=shapes))), target)
    text = (target / "plan_units.geojson").read_text(encoding="utf-8")
    for collection in collections.values():
        for feature in collection["features"]:
            shape = shapely.geometry.shape(feature["geometry"])
            assert shape.is_valid
            parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
            assert all(part.exterior.is_ccw and not any(inner.is_ccw for inner in part.interiors) for part in parts)
    assert len(json.loads(text)["features"][0]["geometry"]["coordinates"][0]) == 2
    numbers = [token for token in text.replace("[", " ").replace("]", " ").replace(",", " ").split() if "." in token]
    assert max(len(number.partition(".")[2]) for number in numbers if number[0].isdigit()) <= 7


def test_the_same_plan_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        written(packaged(tmp_path / f"run_{name}", make_district()), tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "=1+1", 'a"b\\', "县城第一小学", "line\nbreak"])
def test_names_are_only_text(tmp_path, name):
    folder = packaged(tmp_path, make_district(schools=make_schools(names=(name, "B"))))
    features = written(folder, tmp_path / "out")["plan_schools.geojson"]["features"]
    assert features[0]["properties"]["name"] == name


def test_a_district_of_points(tmp_path):
    folder = packaged(tmp_path, make_district(units=make_units(geometry=None)))
    kinds = {
        name: {feature["geometry"]["type"] for feature in collection["features"]}
        for name, collection in written(folder, tmp_path / "out").items()
    }
    assert kinds["plan_units.geojson"] == {"Point"}
    assert kinds["plan_catchments.geojson"] == {"MultiPoint"}


def test_a_run_that_was_damaged(tmp_path):
    folder = packaged(tmp_path, make_district())
    writers = list_geojson(folder)
    (folder / "plan.gpkg").write_bytes(b"not a package")
    with pytest.raises(NotARun):
        list_geojson(folder)
    with pytest.raises(NotARun):
        writers["plan_units.geojson"](tmp_path / "plan_units.geojson")
    (folder / "plan.gpkg").unlink()
    with pytest.raises(NotARun):
        list_geojson(folder)
    assert not (tmp_path / "plan_units.geojson").exists()

"""The map of what changes: units that leave today's school hatched, the schools that they leave and join named."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import geopandas as gpd
import pyogrio
import pytest
from builders import make_district, make_schools, make_units
from export.drawn import font_with, stored
from shapely import LineString, Point

from optimizer.export import Drawn, changes, draw_changes
from optimizer.export.changes import draw_difference
from optimizer.export.geopackage import write_layers
from optimizer.export.picture import read_picture

FREE = {"change": "free"}


@pytest.fixture(autouse=True)
def no_other_map(monkeypatch):
    monkeypatch.setattr("optimizer.export.draw_map", lambda folder, path: Drawn(path, ""))


@pytest.fixture
def named(monkeypatch):
    """The labels that are asked for, in the order of the panels."""
    asked = []
    monkeypatch.setattr(
        changes, "draw_labels", lambda axes, labels, avoid: asked.append(sorted(label.text for label in labels))
    )
    return asked


def sketch(tmp_path, district, schools="AABB", **look):
    picture = read_picture(stored(tmp_path, district, schools))
    return draw_changes(picture, picture.stages, language="en", **look)


def titles(sketch):
    return [axes.get_title() for axes in sketch.figure.axes]


def test_who_leaves_whom_for_whom_is_named(tmp_path, named):
    """U2 goes to B today and to A in the plan; C has nothing to do with it, and is named once it is watched."""
    schools = make_schools({"A": 0, "B": 3, "C": 2}, names=("Abbey", "Brook", "Close"))
    today = {"U1": "A", "U2": "B", "U3": "C", "U4": "B"}
    district = make_district(schools=schools, current=today, catchments=FREE)
    assert titles(sketch(tmp_path / "one", district, "AACB")) == ["Primary · units that change school: 1"]
    sketch(tmp_path / "two", district, "AACB", watched=["C"])
    assert named == [["Abbey", "Brook"], ["Abbey", "Brook", "Close"]]


def test_of_a_shared_catchment_only_who_leaves_it_changes(tmp_path, named):
    """U2 belongs to A, which is nearer, and to B today; the plan gives it to B, and U3, of A alone today, too."""
    today = {"U1": "A", "U2": ("A", "B"), "U3": "A", "U4": "B"}
    picture = read_picture(stored(tmp_path, make_district(current=today, catchments=FREE), "ABBB"))
    assert list(picture.changed("primary")["unit_id"]) == ["U3"]


def test_no_unit_changes(tmp_path, named):
    district = make_district(current={"U1": "A", "U2": "A", "U3": "B", "U4": "B"}, catchments=FREE)
    assert titles(sketch(tmp_path, district)) == ["Primary · no unit changes school"]
    assert named == [[]]


def test_where_today_is_not_known_the_planned_catchments_are_drawn(tmp_path):
    assert titles(sketch(tmp_path, make_district())) == ["Primary · planned catchments"]
    labels = [text.get_text() for text in sketch(tmp_path / "again", make_district()).figure.legends[0].texts]
    assert labels == ["planned catchments"]


@pytest.mark.parametrize("geometry", [{}, {"geometry": None}])
def test_two_stages_of_shapes_or_points_with_a_river(tmp_path, geometry):
    river = gpd.GeoSeries([LineString([(120.22, 30.2), (120.22, 30.21)])], crs="EPSG:4326")
    district = make_district(
        units=make_units(**geometry),
        schools=make_schools(types=("nine_year",) * 2),
        instance={"stages": ["primary", "junior"]},
        current={"U2": "B"},
        catchments=FREE,
    )
    drawn = sketch(tmp_path, replace(district, barriers=river, crossings=gpd.GeoSeries([Point(120.22, 30.205)])))
    assert len(titles(drawn)) == 2
    assert drawn.figure.get_size_inches()[0] == pytest.approx(180 / 25.4)
    assert drawn.figure.get_size_inches()[1] <= 85 / 25.4
    assert drawn.png(100).startswith(b"\x89PNG")


def test_the_same_run_gives_the_same_bytes(tmp_path):
    district = make_district(current={"U2": "B"}, catchments=FREE)
    one, two = sketch(tmp_path / "one", district), sketch(tmp_path / "two", district)
    assert (one.svg(), one.png()) == (two.svg(), two.png())
    assert one.svg() == one.svg()


def test_names_are_no_markup_and_ids_are_the_pictures_own(tmp_path):
    schools = make_schools(names=("<script>alert(1)</script>", "--><b>"))
    drawn = sketch(tmp_path, make_district(schools=schools, current={"U2": "B"}, catchments=FREE))
    element = drawn.svg()
    root = ET.fromstring(element)
    assert {node.tag.split("}")[1] for node in root.iter()} <= {
        "svg",
        "defs",
        "style",
        "g",
        "path",
        "use",
        "clipPath",
        "rect",
        "pattern",
    }
    assert all(
        name == "changes-primary" or name.startswith("changes-primary-")
        for name in re.findall(r'id="([^"]*)"', element)
    )
    assert "alert" not in element


def test_ids_stand_where_the_font_lacks_the_names(tmp_path, monkeypatch, named):
    monkeypatch.setattr("optimizer.export.fonts._candidates", lambda font: [str(font)] if font else [])
    schools = make_schools(names=("古塔小学", "南门小学"))
    district = make_district(schools=schools, current={"U2": "B"}, catchments=FREE)
    assert sketch(tmp_path / "one", district).note == "export.map.no_font"
    font = font_with(set("古塔小学南门"), tmp_path / "font.ttf")
    assert sketch(tmp_path / "two", district, font=font).note == ""
    assert named == [["A", "B"], ["南门小学", "古塔小学"]]


def test_where_very_much_changes_the_chief_schools_and_those_watched_are_named(tmp_path, named):
    """Of 25 schools that a unit leaves and 25 that it joins, 20 are named; the last of them all where it is watched."""
    ids = [f"S{number:02}" for number in range(50)]
    district = make_district(
        units=make_units(25, geometry=None),
        schools=make_schools({school: min(number, 24) for number, school in enumerate(ids)}, names=tuple(ids)),
        students=(30,) * 25,
        current={f"U{number + 1}": (ids[number],) for number in range(25)},
        catchments=FREE,
    )
    picture = read_picture(stored(tmp_path, district, ids[25:]))
    draw_changes(picture, picture.stages, language="en", watched=["S49"])
    assert named == [[*ids[:19], "S49"]]


def test_layers_of_an_earlier_version_do_not_say_who_changes(tmp_path):
    folder = stored(tmp_path, make_district(current={"U2": "B"}, catchments=FREE))
    names = [name for name, kind in pyogrio.list_layers(folder / "plan.gpkg") if kind]
    layers = {name: pyogrio.read_dataframe(folder / "plan.gpkg", layer=name) for name in names}
    (folder / "plan.gpkg").unlink()
    write_layers(folder / "plan.gpkg", layers | {"units": layers["units"].drop(columns="changed_primary")})
    assert list(read_picture(folder).changed("primary")["unit_id"]) == ["U2"]


def test_a_district_of_one_point_is_drawn(tmp_path):
    units = make_units(1, geometry=None)
    district = make_district(units=units, students=(30,), schools=make_schools({"A": 0}))
    assert sketch(tmp_path, district, "A").png(50).startswith(b"\x89PNG")


# From one plan to another


def between(tmp_path, **columns):
    """U2 and U3 change hands, with 5 and 40 children; A stands in U1, B in U4."""
    picture = read_picture(stored(tmp_path, make_district(current={"U2": "B"}, catchments=FREE)))
    told = {
        "current_primary": list("AABB"),
        "school_primary": list("ABAB"),
        "changed_primary": [False, True, True, False],
    }
    units = picture.units.assign(**told | {"students_primary": [0, 5, 40, 0]} | columns)
    return replace(picture, units=units)


def widths(sketch):
    (axes,) = sketch.figure.axes
    return [note.arrow_patch.get_linewidth() for note in axes.texts if getattr(note, "arrow_patch", None)]


def test_the_more_children_change_the_wider_is_the_arrow(tmp_path, named):
    drawn = draw_difference(between(tmp_path), ["primary"], ("base", "kept"), language="en")
    assert titles(drawn) == ["Primary · units that change hands: 2, with 45 children"]
    (heading,) = [text.get_text() for text in drawn.figure.texts]
    labels = [text.get_text() for text in drawn.figure.legends[0].texts]
    assert (heading, labels[-1]) == ("kept beside base", "catchments of base")
    assert widths(drawn) == pytest.approx([2.6, 0.7 + 1.9 * (5 / 40) ** 0.5])
    assert named == [["School A", "School B"]]


def test_a_plan_beside_itself_has_no_arrows(tmp_path, named):
    same = between(tmp_path, school_primary=list("AABB"), changed_primary=[False] * 4)
    drawn = draw_difference(same, ["primary"], ("base", "base"), language="zh")
    assert titles(drawn)[0].split(" · ")[0] in ("小学", "Primary")
    assert widths(drawn) == []


def test_a_difference_as_a_file(tmp_path):
    one, two = (draw_difference(between(tmp_path / n), ["primary"], ("a", "b"), language="en") for n in ("1", "2"))
    assert one.document().startswith("<?xml") and ET.fromstring(one.document()).tag.endswith("svg")
    assert (one.document(), one.png(50)) == (two.document(), two.png(50))
    assert one.figure.get_size_inches()[0] == pytest.approx(260 / 25.4)


def test_a_title_that_no_font_can_write_is_left_out(tmp_path):
    drawn = draw_difference(between(tmp_path), ["primary"], ("base", "\U00020bb7"), language="en")
    (heading,) = [text.get_text() for text in drawn.figure.texts]
    assert heading in ("… beside base", "\U00020bb7 beside base")

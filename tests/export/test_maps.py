"""The map: drawn without a warning whatever the names are, whole or not at all, and with labels apart."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from builders import make_district, make_plan, make_schools, make_travel, make_units
from export.drawn import every_character, font_with, stored
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from shapely import LineString, Point, Polygon, box

from models.outcome import Level, Outcome, Status
from models.run import Run
from optimizer.export import draw_map, maps, tell_font
from optimizer.export.fonts import find_typeface
from optimizer.export.labels import Label, draw_labels, shorten
from optimizer.export.lettering import tell_status
from optimizer.export.paint import scale_length
from optimizer.export.picture import read_picture
from optimizer.runs import NotARun, store_run


def is_png(path):
    return path.read_bytes().startswith(b"\x89PNG")


@pytest.fixture
def no_chinese_font(monkeypatch):
    monkeypatch.setattr("optimizer.export.fonts._candidates", lambda font: [str(font)] if font else [])


def test_a_map_of_polygons(tmp_path):
    folder = stored(tmp_path, make_district())
    assert is_png(folder / "map.png")
    drawn = draw_map(folder, tmp_path / "again.png")
    assert drawn.note == ""
    assert (tmp_path / "again.png").read_bytes() == (folder / "map.png").read_bytes()


def test_overfull_schools_points_barriers_and_two_stages(tmp_path):
    river = gpd.GeoSeries([LineString([(120.22, 30.2), (120.22, 30.21)])], crs="EPSG:4326")
    district = make_district(
        units=make_units(geometry=None),
        schools=make_schools({"A": 0, "B": 3, "C": 1}, places=np.array([50.0, 500.0, 10.0]), types=("nine_year",) * 3),
        instance={"stages": ["primary", "junior"]},
    )
    district = replace(district, barriers=river, crossings=gpd.GeoSeries([Point(120.22, 30.205)], crs="EPSG:4326"))
    assert is_png(stored(tmp_path, district) / "map.png")


@pytest.mark.parametrize(
    "name", ["$x^$", "two\nlines", "bell\x07", "x" * 300, "", "100% \\frac{1}{0}", "{where}", "مدرسة"]
)
def test_names_are_only_text(tmp_path, name):
    district = make_district(schools=make_schools(names=(name, "B"), places=np.array([50.0, 60.0])))
    assert is_png(stored(tmp_path, district) / "map.png")


def test_without_a_font_for_the_names_ids_stand_and_the_map_says_so(tmp_path, no_chinese_font):
    district = make_district(schools=make_schools(names=("古塔小学", "南门小学")), instance={"title": "滨河区"})
    folder = stored(tmp_path, district)
    drawn = draw_map(folder, tmp_path / "zh.png", language="zh")
    assert drawn.note == "export.map.no_font"
    assert is_png(drawn.path)


def test_chinese_words_need_a_font_too(tmp_path, no_chinese_font):
    folder = stored(tmp_path, make_district())
    assert draw_map(folder, tmp_path / "zh.png", language="zh").note == "export.map.no_words"
    assert (tmp_path / "zh.png").read_bytes() == (folder / "map.png").read_bytes()


def test_with_a_chinese_font_names_and_words_are_chinese(tmp_path, no_chinese_font, monkeypatch):
    district = make_district(schools=make_schools(names=("古塔小学", "南门小学")), instance={"title": "滨河区"})
    folder = stored(tmp_path, district)
    written = listen(monkeypatch)
    drawn = draw_map(folder, tmp_path / "zh.png", language="zh", font=font_with(every_character(), tmp_path / "zh.ttf"))
    assert drawn.note == ""
    assert written[0] == "滨河区2027年招生范围（测算稿）"
    assert written[1].startswith("情景 base")
    assert written[2].startswith("测算稿，非招生决定。")
    assert not re.search("[a-z]", written[2])


def test_a_scenario_is_called_by_its_title(tmp_path, monkeypatch):
    folder = stored(tmp_path, replace(make_district(), scenario_title={"zh": "维持现行", "en": "Kept as they are"}))
    written = listen(monkeypatch)
    draw_map(folder, tmp_path / "en.png")
    assert written[1].startswith("Scenario Kept as they are · ")


def test_an_english_map_says_whose_catchments_it_shows_and_that_it_is_a_draft(tmp_path, no_chinese_font, monkeypatch):
    folder = stored(tmp_path, make_district(instance={"title": "滨河区"}))
    written = listen(monkeypatch)
    draw_map(folder, tmp_path / "en.png", font=font_with(set("滨河区"), tmp_path / "font.ttf"))
    assert written[0] == "滨河区: catchments 2027 (draft)"
    assert written[2].startswith("A draft calculation, not a decision.")


def test_a_font_that_was_named_and_lacks_characters_is_told_of(tmp_path, no_chinese_font, monkeypatch):
    """河 and 区 are not in the font that was named; the machine has another that has all."""
    picture = read_picture(stored(tmp_path, make_district(instance={"title": "滨河区"})))
    own, all_of_them = font_with("滨", tmp_path / "own.ttf"), font_with("滨河区", tmp_path / "all.ttf")
    monkeypatch.setattr("optimizer.export.fonts._candidates", lambda font: [str(font), str(all_of_them)])
    told = tell_font(picture, "en", own)
    assert told == f"{own} lacks 2 of the characters needed (区河…): Squares is used instead"
    assert tell_font(picture, "en", all_of_them) == ""


@pytest.mark.parametrize(
    ("status", "gap", "told"),
    [
        ("optimal", 0.0, "proved best"),
        ("feasible", 0.0057, "not proved best, gap 0.6 %"),
        ("feasible", 0.1, "not proved best"),
        ("feasible", None, "not proved best, no bound"),
    ],
)
def test_a_gap_is_told_as_far_as_it_says_something(status, gap, told):
    assert tell_status({"status": status, "gap": gap}, "en") == told


def test_units_whose_school_changes_are_hatched_or_ringed_where_today_is_known(tmp_path, monkeypatch):
    """U2 is B's today and A's in the plan; where nothing is known of today nothing changes."""
    legends = []
    monkeypatch.setattr(maps, "_add_legend", note_legend(legends, maps._add_legend))
    free = {"change": "free"}
    for name, settings in (
        ("land", {"current": {"U2": "B"}, "catchments": free}),
        ("dots", {"current": {"U2": "B"}, "catchments": free, "units": make_units(geometry=None)}),
        ("anew", {}),
    ):
        stored(tmp_path / name, make_district(**settings))
    assert [["unit whose school changes" in labels for labels in legends]] == [[True, True, False]]


def note_legend(legends, add):
    def noting(figure, handles, *, columns):
        legends.append([handle.get_label() for handle in handles])
        return add(figure, handles, columns=columns)

    return noting


def test_a_legend_too_wide_for_the_sheet_stands_in_two_rows(tmp_path):
    figure = Figure(figsize=(6, 5))
    FigureCanvasAgg(figure)
    handles = [Line2D([], [], label="a rather long entry") for _ in range(6)]
    maps._place_legend(figure, handles)
    (legend,) = figure.legends
    assert legend.get_window_extent().width <= figure.bbox.width


def listen(monkeypatch):
    """The lines that are written across a map from now on."""
    written, write = [], maps.write_line
    monkeypatch.setattr(
        maps, "write_line", lambda figure, y, text, *look: written.append(text) or write(figure, y, text, *look)
    )
    return written


def test_a_font_is_only_taken_for_what_the_base_font_lacks(tmp_path, no_chinese_font):
    font = font_with("小学", tmp_path / "two.ttf")
    assert find_typeface(["小学"], font).families == ("DejaVu Sans", "Squares")
    assert find_typeface(["school"], font).families == ("DejaVu Sans",)
    assert find_typeface(["中学"], font).families == ("DejaVu Sans",)


def test_of_two_fonts_of_one_name_the_one_that_has_the_characters_is_drawn(tmp_path, no_chinese_font):
    for text in ("小学", "中学"):
        font_with(text, tmp_path / f"{text}.ttf")
    for text in ("小学", "中学", "小学"):
        families = find_typeface([text], tmp_path / f"{text}.ttf").families
        assert font_manager.findfont(families[1]) == str(tmp_path / f"{text}.ttf")


def test_a_font_file_that_is_none_counts_as_empty(tmp_path, no_chinese_font):
    (tmp_path / "broken.ttf").write_bytes(b"not a font")
    assert not find_typeface(["小"], tmp_path / "broken.ttf").has("小")


def test_a_font_that_came_after_matplotlib_made_its_list_is_found(tmp_path, monkeypatch):
    """Of characters that no script uses, so that no other font has them."""
    rare = "\uf8ff\ue123\ue9f7"
    new = font_with(rare, tmp_path / "new.ttf")
    assert find_typeface([rare]).families == ("DejaVu Sans",)
    (tmp_path / "broken.ttf").write_bytes(b"not a font")
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [str(tmp_path / "broken.ttf"), str(new)])
    assert find_typeface([rare]).families == ("DejaVu Sans", "Squares")


def test_the_environment_names_a_font_and_the_command_another(tmp_path, monkeypatch):
    rare = "\uf8ff\ue123\ue9f7"
    first, second = (font_with(rare, tmp_path / f"{name}.ttf") for name in ("first", "second"))
    monkeypatch.setenv("XUEWEI_FONT", str(first))
    for asked, taken in ((None, first), (second, second)):
        assert font_manager.findfont(find_typeface([rare], asked).families[1]) == str(taken)


def test_an_interrupted_map_leaves_the_old_one(tmp_path, monkeypatch):
    folder = stored(tmp_path, make_district())
    before = (folder / "map.png").read_bytes()
    files = sorted(folder.iterdir())

    def fail(self, path, **how):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(Figure, "savefig", fail)
    with pytest.raises(KeyboardInterrupt):
        draw_map(folder, folder / "map.png")
    assert sorted(folder.iterdir()) == files
    assert (folder / "map.png").read_bytes() == before


@pytest.mark.parametrize(("wide", "size"), [(True, ("297", "210")), (False, ("210", "297"))])
def test_a_stage_alone_fills_a_sheet_as_the_district_is_shaped(tmp_path, monkeypatch, wide, size):
    """The row of units lies across; turned by a quarter it stands upright."""
    units, schools = make_units(), make_schools(types=("nine_year",) * 2)
    if not wide:
        turned = units.geometry.affine_transform([0, 1, 1, 0, 90, -90])
        units, schools = replace(units, geometry=turned), replace(schools, lon=schools.lat + 90, lat=schools.lon - 90)
    folder = stored(tmp_path, make_district(units=units, schools=schools, instance={"stages": ["primary", "junior"]}))
    draw_map(folder, tmp_path / "one.svg", stage="junior")
    root = ET.parse(tmp_path / "one.svg").getroot()
    points = [f"{float(root.attrib[side].removesuffix('pt')) / 72 * 25.4:.0f}" for side in ("width", "height")]
    assert tuple(points) == size
    panels = listen_to_titles(monkeypatch)
    draw_map(folder, tmp_path / "one.png", stage="junior")
    assert [panel.split(":")[0] for panel in panels] == ["Junior"]


def listen_to_titles(monkeypatch):
    titles, write = [], Axes.set_title
    monkeypatch.setattr(Axes, "set_title", lambda axes, text, **look: titles.append(text) or write(axes, text, **look))
    return titles


def test_names_are_no_markup_in_a_drawing(tmp_path):
    names = ("<script>alert(1)</script>", '--><b a="')
    folder = stored(tmp_path, make_district(schools=make_schools(names=names)))
    draw_map(folder, tmp_path / "map.svg")
    root = ET.parse(tmp_path / "map.svg").getroot()
    kinds = {node.tag.split("}")[1] for node in root.iter()}
    assert kinds <= {"svg", "defs", "style", "g", "path", "use", "clipPath", "rect"}
    assert "alert" not in (tmp_path / "map.svg").read_text(encoding="utf-8")


def test_a_drawing_is_no_finer_than_the_picture_shows(tmp_path):
    """A coast of 20,000 points, 4 cm apart on land that is 4 km wide, is drawn with a few hundred."""
    around = np.linspace(0, 2 * np.pi, 20_000)
    coast = Polygon(np.column_stack([120.22 + 0.02 * np.cos(around), 30.2 + 0.02 * np.sin(around)]))
    units = make_units(geometry=gpd.GeoSeries([coast, *make_units().geometry[1:]], crs="EPSG:4326"))
    draw_map(stored(tmp_path, make_district(units=units)), tmp_path / "map.svg")
    assert (tmp_path / "map.svg").stat().st_size < 100_000


def test_the_title_falls_back_to_the_name_of_the_instance(tmp_path, no_chinese_font, monkeypatch):
    folder = stored(tmp_path, make_district(instance={"title": "滨河区"}))
    written = []
    monkeypatch.setattr(maps, "write_line", lambda figure, y, text, *look: written.append(text))
    draw_map(folder, tmp_path / "map.png")
    assert json.loads((folder / "run.json").read_text(encoding="utf-8"))["instance"] == "row"
    assert written[0] == "row: catchments 2027 (draft)"


def square_axes():
    figure = Figure(figsize=(4, 4))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, 10)
    axes.set_ylim(0, 10)
    return axes


def test_labels_do_not_collide_and_the_heaviest_stays():
    """Forty labels at one point: there is not room for all of them round it; far away there is."""
    axes = square_axes()
    crowd = [Label(f"School {number} {'x' * 20}", 5, 5, number) for number in range(40)]
    drawn = draw_labels(axes, [*crowd, Label("Far", 2, 2, 0)])
    boxes = [text.get_window_extent() for text in axes.texts]
    assert drawn == len(boxes) < 41
    assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
    assert {f"School 39 {'x' * 20}", "Far"} <= {text.get_text() for text in axes.texts}


def test_a_label_without_room_beside_its_point_stands_at_the_end_of_a_line():
    """Nine points a few millimetres apart, in a square: not all have room beside them."""
    axes = square_axes()
    crowd = [Label(f"School {x}{y}", 4 + 0.6 * x, 4 + 0.6 * y, 0) for x in range(3) for y in range(3)]
    assert draw_labels(axes, crowd) == 9
    boxes = [text.get_window_extent() for text in axes.texts]
    assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
    assert len(axes.lines) > 0
    assert {tuple(line.get_xydata()[0]) for line in axes.lines} <= {(label.x, label.y) for label in crowd}


def test_a_label_keeps_off_what_is_to_be_seen_where_it_can():
    axes = square_axes()
    river = LineString([(0, 5.25), (10, 5.25)])
    draw_labels(axes, [Label("School", 5, 5, 1)], river)
    assert axes.texts[0].get_position()[1] < 5
    axes = square_axes()
    assert draw_labels(axes, [Label("School", 5, 5, 1)], box(0, 0, 10, 10)) == 1


@pytest.mark.parametrize(("width", "length"), [(10_000, 2000), (9_999, 1000), (600, 100), (26_000, 5000), (5, 1)])
def test_scale_bars_are_round(width, length):
    assert scale_length(width) == length


def test_shorten():
    assert shorten(" a\n b\x07c ") == "a b c"
    assert shorten("x" * 30) == "x" * 23 + "…"


@pytest.mark.parametrize(
    ("status", "bound", "words"),
    [
        (Status.OPTIMAL, 60.0, "proved best"),
        (Status.FEASIBLE, 57.0, "not proved best, gap 5.0 %"),
        (Status.FEASIBLE, -np.inf, "not proved best, no bound"),
    ],
)
def test_the_map_says_what_was_proved(tmp_path, monkeypatch, status, bound, words):
    district = make_district()
    travel = make_travel(district)
    written = []
    monkeypatch.setattr(maps, "write_line", lambda figure, y, text, *look: written.append(text))
    outcome = Outcome(status, (Level("travel", 60.0, bound, 0.001),))
    store_run(Run("base", 0, outcome, make_plan(district, travel, "AABB")), district, travel, tmp_path)
    assert written[1] == f"Scenario base · mean journey 500 m · {words}"


def test_a_run_that_was_damaged(tmp_path):
    folder = stored(tmp_path, make_district())
    package = (folder / "plan.gpkg").read_bytes()
    for damaged in (b"", package[:5000], b"not a package"):
        (folder / "plan.gpkg").write_bytes(damaged)
        with pytest.raises(NotARun):
            draw_map(folder, tmp_path / "map.png")
    (folder / "plan.gpkg").unlink()
    with pytest.raises(NotARun):
        draw_map(folder, tmp_path / "map.png")
    assert not (tmp_path / "map.png").exists()


@pytest.mark.parametrize(
    ("ending", "begins"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml"), ("PDF", b"%PDF")]
)
def test_a_map_is_of_the_format_its_ending_says(tmp_path, no_chinese_font, ending, begins):
    district = make_district(schools=make_schools(names=("古塔小学", "南门小学")), instance={"title": "滨河区"})
    folder, font = stored(tmp_path, district), font_with(every_character(), tmp_path / "zh.ttf")
    first, second = tmp_path / f"first.{ending}", tmp_path / f"second.{ending}"
    for path in (first, second):
        draw_map(folder, path, language="zh", font=font)
    assert first.read_bytes().startswith(begins)
    assert first.read_bytes() == second.read_bytes()

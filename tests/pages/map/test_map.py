"""The map in a real browser: it asks nobody, complains of nothing, and shows what the runs hold.

U1  U2  U3  U4      today U1 and U2 belong to A, U3 and U4 to B, as in `kept`; in `moved` U2 goes to B.
"""

import json
import re
from contextlib import contextmanager
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from builders import make_district, make_plan, make_schools, make_travel, make_units
from pages.browser import PHONE, SCREEN, open_page
from shapely import LineString, Point

from models.outcome import Level, Outcome, Status
from models.run import Run, Shortfall
from optimizer.digest import Exhibit, read_exhibits
from optimizer.pages.map import write_map_page
from optimizer.pages.map.layers import CLASS_SIZES, UTILISATION, name_ranges
from optimizer.pages.map.words import Words
from optimizer.runs import store_run

SCRIPT = "<script>alert(1)</script>"


def store(folder, name, schools, shortfalls=(), **settings):
    district = make_district(
        current={"U1": "A", "U2": "A", "U3": "B", "U4": "B"},
        schools=make_schools(names=(SCRIPT, "Brook"), places=np.array([100.0, 80.0])),
        policy={"profile": "none", "travel": {"target_m": {"primary": 500}, "max_m": {"primary": 1500}}},
        **settings,
    )
    district, travel = replace(district, scenario=name), make_travel(district)
    outcome = Outcome(Status.OPTIMAL, (Level("travel", 60, 60, 0.001),))
    run = Run(name, 0, outcome, make_plan(district, travel, schools), shortfalls=shortfalls)
    return store_run(run, district, travel, folder)


@pytest.fixture(scope="session")
def page(tmp_path_factory):
    """The page of two scenarios; in `moved`, B holds 90 children on 80 places and U2 goes two kilometres."""
    folder = tmp_path_factory.mktemp("map")
    runs = [store(folder, "moved", "ABBB"), store(folder, "kept", "AABB")]
    write_map_page(read_exhibits(runs), folder / "map.html", "en")
    return folder / "map.html"


@contextmanager
def opening(browser, page, size=SCREEN):
    with open_page(browser, page, size) as seen:
        seen.page.wait_for_selector("html[data-ready]", state="attached")
        yield seen
        assert seen.requests == []
        assert seen.errors == []


@pytest.fixture
def drawn(browser, page):
    """The page, with 3D and without."""
    with opening(browser, page) as seen:
        yield seen


@pytest.fixture
def opened(plain_browser, page):
    with opening(plain_browser, page) as seen:
        yield seen


def gathered(page):
    found = re.search(r'id="data">(.*?)</script>', page.read_text(encoding="utf-8"))
    return json.loads(found.group(1))


def locate(seen, unit):
    """The pixel of a unit's own point, from the corner of the window."""
    return seen.page.evaluate(
        """unit => {
            const plot = Bokeh.documents[0].get_model_by_name("map");
            const box = document.getElementById("plot").getBoundingClientRect();
            const data = JSON.parse(document.getElementById("data").textContent), steps = data.ground.units.at;
            let x = 0, y = 0;
            for (let k = 0; k <= unit; k++) { x += steps[2 * k]; y += steps[2 * k + 1]; }
            const { x_range: across, y_range: up } = plot;
            return [box.left + (x - across.start) / (across.end - across.start) * plot.inner_width,
                    box.top + plot.inner_height - (y - up.start) / (up.end - up.start) * plot.inner_height];
        }""",
        unit,
    )


def hover(seen, unit):
    x, y = locate(seen, unit)
    seen.page.mouse.move(x - 5, y - 30)
    seen.page.mouse.move(x, y - 30)
    return seen.page.locator("#tip").inner_text().split("\n")


def test_a_unit_says_who_lives_there_and_where_they_go(drawn):
    assert hover(drawn, 1) == [
        "Unit 2", "Children: 30", "School in the plan: Brook", f"School today: {SCRIPT}",
        "Journey to school: 2,000 m", "Journey today: 1,000 m", "Reason: needed by the plan as a whole",
        "School changes", "◆ Beyond the ceiling",
    ]  # fmt: skip


def test_the_other_scenario(drawn):
    assert "unit whose school changes (1)" in drawn.page.locator("#legend").inner_text()
    drawn.page.select_option("#scenario", label="kept")
    assert "changes" not in drawn.page.locator("#legend").inner_text()
    assert hover(drawn, 1) == [
        "Unit 2", "Children: 30", f"School in the plan: {SCRIPT}", "Journey to school: 1,000 m",
        "Beyond the service radius",
    ]  # fmt: skip


def test_a_click_opens_the_panel_of_a_unit_and_escape_closes_it(opened):
    x, y = locate(opened, 1)
    opened.page.mouse.click(x, y - 30)
    opened.page.wait_for_selector("#panel:not([hidden])")
    assert opened.page.locator("#panel-title").inner_text() == "Unit: Unit 2 (U2)"
    opened.page.locator("#map").press("Escape")
    assert opened.page.locator("#panel").is_hidden()


@pytest.mark.parametrize("sought", ["b", "Brook", "Brook (B)", "roo"])
def test_a_school_is_found(opened, sought):
    opened.page.fill("#search", sought)
    opened.page.press("#search", "Enter")
    assert opened.page.locator("#panel-title").inner_text() == "School: Brook (B)"
    told = opened.page.locator("#panel-body").inner_text()
    assert re.search(
        r"Children, all stages\s+90\s+Places\s+80\s+Utilisation\s+112.5 %\s+More children than places", told
    )
    assert re.search(r"Grade\s+Classes\s+Children\s+Largest class\s+1\s+1\s+15\s+15", told)


def test_a_name_is_only_text(opened):
    opened.page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    opened.page.fill("#search", "alert")
    opened.page.press("#search", "Enter")
    assert opened.page.locator("#panel-title").inner_text() == f"School: {SCRIPT} (A)"
    assert opened.page.locator("#schools").text_content().count(SCRIPT) == 1


def test_what_is_not_there_is_said(opened):
    opened.page.fill("#search", "Elsewhere")
    opened.page.press("#search", "Enter")
    assert opened.page.locator("#said").inner_text() == "Nothing is called like this: Elsewhere"


def test_every_layer_has_its_legend(drawn):
    offered = drawn.page.locator("#layer option:not([disabled])").evaluate_all("all => all.map(one => one.value)")
    assert offered == ["catchments", "utilisation", "distance", "flows"]
    legends = set()
    for layer in offered:
        drawn.page.select_option("#layer", layer)
        legends.add(drawn.page.locator(".legend").inner_text())
        assert "school with more children than places (1)" in drawn.page.locator("#legend").inner_text()
        assert "unit beyond the ceiling of 1,500 m (1)" in drawn.page.locator("#legend").inner_text()
    assert len(legends) == len(offered)


def test_today_is_shown_where_it_is_known(opened):
    opened.page.check("input[value=today]")
    opened.page.select_option("#layer", "utilisation")
    assert opened.page.locator("input[value=today]").is_disabled()
    assert opened.page.locator("input[value=planned]").is_checked()
    opened.page.select_option("#layer", "catchments")
    assert opened.page.locator("input[value=today]").is_checked()


def test_the_table_of_schools_sorts(opened):
    opened.page.click("summary")
    names = opened.page.locator("#schools td:first-child")
    assert names.all_inner_texts() == [SCRIPT, "Brook"]
    for sort, expected in (("ascending", [SCRIPT, "Brook"]), ("descending", ["Brook", SCRIPT])):
        opened.page.click("#schools th:nth-child(2) button")
        assert opened.page.locator("#schools th:nth-child(2)").get_attribute("aria-sort") == sort
        assert names.all_inner_texts() == expected


def test_the_keyboard_moves_the_map(opened):
    before = locate(opened, 0)
    opened.page.locator("#map").press("ArrowRight")
    assert locate(opened, 0) == pytest.approx([before[0] - 60, before[1]])
    opened.page.locator("#map").press("0")
    assert locate(opened, 0) == pytest.approx(before)


def test_the_wheel_zooms_and_a_drag_moves_without_choosing(opened):
    before, (x, y) = locate(opened, 0), locate(opened, 1)
    opened.page.mouse.move(x, y)
    opened.page.mouse.wheel(0, -300)
    opened.page.wait_for_timeout(200)
    zoomed = locate(opened, 0)
    assert x - zoomed[0] > x - before[0] > 0
    opened.page.mouse.down()
    opened.page.mouse.move(x + 40, y + 20, steps=4)
    opened.page.mouse.up()
    opened.page.wait_for_timeout(200)
    assert locate(opened, 0)[0] == pytest.approx(zoomed[0] + 40, abs=2)
    assert opened.page.locator("#panel").is_hidden()


def test_a_school_without_places_has_no_share(plain_browser, tmp_path):
    """B has no place at all and half of the children: it is overfull, and by which share cannot be said."""
    district = make_district(schools=make_schools(places=np.array([60.0, 0.0])))
    travel = make_travel(district)
    outcome = Outcome(Status.OPTIMAL, (Level("travel", 60, 60, 0.001),))
    run = store_run(Run("base", 0, outcome, make_plan(district, travel, "AABB")), district, travel, tmp_path)
    write_map_page(read_exhibits([run]), tmp_path / "map.html", "en")
    with opening(plain_browser, tmp_path / "map.html") as seen:
        seen.page.click("summary")
        assert seen.page.locator("#schools td").all_inner_texts() == [
            "School A",
            "60",
            "100.0 %",
            "School B",
            "60",
            "–",
        ]
        assert "school with more children than places (1)" in seen.page.locator("#legend").inner_text()


def test_the_map_is_as_wide_as_long(opened):
    """Units are a kilometre each way: as far from U1 to U2 as a kilometre is high, whatever the window is."""
    for width, height in (SCREEN, (800, 900)):
        opened.page.set_viewport_size({"width": width, "height": height})
        opened.page.wait_for_timeout(300)
        spans = opened.page.evaluate(
            "() => { const plot = Bokeh.documents[0].get_model_by_name('map');"
            " const { x_range: x, y_range: y, inner_width, inner_height } = plot;"
            " return [(x.end - x.start) / inner_width, (y.end - y.start) / inner_height]; }"
        )
        assert spans[0] == pytest.approx(spans[1], rel=1e-6)


def test_on_paper_the_map_stands_without_its_controls(opened):
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    opened.page.emulate_media(media="print")
    assert opened.page.locator("#controls").is_hidden()
    assert opened.page.locator("header .draft").is_visible()
    assert opened.page.locator("#shown").inner_text() == "Primary · Catchments · planned"
    assert opened.page.locator("#panel").is_hidden()
    paper = opened.page.evaluate(
        "() => { const paper = document.getElementById('paper');"
        " return new Set(paper.getContext('2d').getImageData(0, 0, paper.width, paper.height).data).size; }"
    )
    assert paper > 10


@pytest.mark.parametrize("sought", ["U2", "Brook"])
def test_on_paper_what_was_chosen_is_told_below_the_legend(opened, sought):
    opened.page.fill("#search", sought)
    opened.page.press("#search", "Enter")
    opened.page.emulate_media(media="print")
    assert opened.page.locator("#panel-body").is_visible()
    assert opened.page.locator("#close").is_hidden()
    assert box_of(opened, "#panel")["y"] >= box_of(opened, "#legend")["y"] + box_of(opened, "#legend")["height"]


def box_of(seen, what):
    return seen.page.locator(what).bounding_box()


def test_on_a_phone_no_sign_covers_the_title(plain_browser, page):
    with opening(plain_browser, page, PHONE) as seen:
        seen.page.fill("#search", SCRIPT)
        seen.page.press("#search", "Enter")
        title, sign = box_of(seen, "#panel-title"), box_of(seen, "#close")
        assert sign["x"] >= title["x"] + title["width"]


def test_a_phone_shows_it_without_scrolling_sideways(plain_browser, page):
    with opening(plain_browser, page, PHONE) as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_a_browser_without_javascript_is_told_where_else_the_plan_stands(plain_browser, page):
    context = plain_browser.new_context(java_script_enabled=False)
    bare = context.new_page()
    bare.goto(page.as_uri())
    assert bare.locator(".no-script").inner_text().startswith("This map needs JavaScript")
    assert bare.locator("#controls").is_hidden()
    context.close()


def test_equal_runs_give_equal_bytes_and_no_name_is_markup(page, tmp_path):
    runs = [page.parent / "moved", page.parent / "kept"]
    write_map_page(read_exhibits(runs), tmp_path / "again.html", "en")
    assert (tmp_path / "again.html").read_bytes() == page.read_bytes()
    assert SCRIPT not in page.read_text(encoding="utf-8")


def test_the_page_speaks_chinese(page, tmp_path):
    write_map_page(read_exhibits([page.parent / "moved"]), tmp_path / "zh.html", "zh")
    text = (tmp_path / "zh.html").read_text(encoding="utf-8")
    assert "测算结果仅供研究，不作为招生入学依据" in text
    assert gathered(tmp_path / "zh.html")["stages"] == [["primary", "小学"]]


def test_a_school_keeps_its_colour_and_neighbours_differ(page):
    data = gathered(page)
    assert len(set(data["colours"]["primary"])) == 2
    assert [scene["stages"]["primary"]["school"] for scene in data["scenes"]] == [[0, 1, 1, 1], [0, 0, 1, 1]]
    assert [scene["stages"]["primary"]["today"] for scene in data["scenes"]] == [[0, 0, 1, 1]] * 2


def test_teachers_are_counted_and_drawn_between_schools(plain_browser, page, tmp_path):
    """Two go from A to B, one comes from nowhere; no id of theirs is on the page."""
    exhibit = read_exhibits([page.parent / "kept"])[0]
    columns = ["teacher_id", "stage", "subject", "from_school_id", "to_school_id", "moved", "form", "from_stage"]
    postings = pd.DataFrame(
        [
            ("T-7001", "primary", "art", "A", "B", "true", "rotation", "primary"),
            ("T-7002", "primary", "art", "A", "B", "true", "support", "primary"),
            ("T-7003", "primary", "art", "", "B", "true", "recruit", ""),
            ("T-7004", "primary", "art", "B", "B", "false", "stay", "primary"),
        ],
        columns=columns,
    )
    indices = pd.DataFrame(
        [
            ("school_degree", "A", "primary", 2.1, "per 100 students", 4.2, "false"),
            ("school_degree_before", "A", "primary", 6.3, "per 100 students", 4.2, "true"),
        ],
        columns=["index", "scope", "stage", "value", "unit", "target", "passes"],
    )
    stored = replace(exhibit.stored, tables=exhibit.stored.tables | {"postings": postings, "indices": indices})
    write_map_page([Exhibit(stored, exhibit.picture)], tmp_path / "map.html", "en")
    assert "T-700" not in (tmp_path / "map.html").read_text(encoding="utf-8")
    assert gathered(tmp_path / "map.html")["scenes"][0]["stages"]["primary"]["moves"] == [0, 1, 2]
    with opening(plain_browser, tmp_path / "map.html") as seen:
        seen.page.select_option("#layer", "moves")
        assert "teachers who move" in seen.page.locator("#legend").inner_text()
        seen.page.fill("#search", "Brook")
        seen.page.press("#search", "Enter")
        told = seen.page.locator("#panel-body").inner_text()
        assert re.search(r"now\s+go\s+come\s+then\s+Posts vacant\s+Primary\s+1\s+0\s+3\s+4", told)
        seen.page.select_option("#layer", "degree")
        assert "The standard: 4.2 per 100 children." in seen.page.locator(".legend").inner_text()
        assert data_of(seen, "degree")["classes"] == [0, -1]
        assert data_of(seen, "degree")["classes_today"] == [4, -1]


def data_of(seen, layer):
    return seen.page.evaluate(
        "layer => JSON.parse(document.getElementById('data').textContent).scenes[0].stages.primary.layers[layer]", layer
    )


def test_points_barriers_and_crossings(plain_browser, tmp_path):
    """Units of a point are dots, with lines of a river and its bridge over them."""
    river = gpd.GeoSeries([LineString([(120.22, 30.2), (120.22, 30.21)])], crs="EPSG:4326")
    district = make_district(units=make_units(geometry=None), current={f"U{k}": "A" for k in range(1, 5)})
    district = replace(district, barriers=river, crossings=gpd.GeoSeries([Point(120.22, 30.205)], crs="EPSG:4326"))
    travel = make_travel(district)
    outcome = Outcome(Status.OPTIMAL, (Level("travel", 60, 60, 0.001),))
    run = store_run(Run("base", 0, outcome, make_plan(district, travel, "AABB")), district, travel, tmp_path)
    write_map_page(read_exhibits([run]), tmp_path / "map.html", "en")
    with opening(plain_browser, tmp_path / "map.html") as seen:
        legend = seen.page.locator("#legend").inner_text()
        assert "unit whose school changes (ring) (2)" in legend
        assert "river, railway or the like" in legend
        assert "bridge or the like" in legend
        x, y = locate(seen, 1)
        seen.page.mouse.move(x - 5, y)
        seen.page.mouse.move(x, y)
        assert seen.page.locator("#tip").inner_text().startswith("Unit 2")


def test_a_rule_that_another_version_judged_is_told_by_its_name(tmp_path):
    found = (Shortfall("of_tomorrow", "soft", "primary", "B", 3, 0, "students", breach=3),)
    page = tmp_path / "map.html"
    write_map_page(read_exhibits([store(tmp_path, "moved", "ABBB", found)]), page, "en")
    ((title, told),) = gathered(page)["scenes"][0]["panels"]["1"]["notes"]
    assert (title, "of_tomorrow" in told[0], "Brook" in told[0]) == ("What falls short here", True, True)


def test_where_no_radius_is_stated_units_are_beyond_that_of_the_norm(tmp_path):
    """Primary schools serve 500 m (GB 50180); U2 and U3 live 1 km off."""
    district = make_district()
    travel, page = make_travel(district), tmp_path / "map.html"
    run = Run("base", 0, Outcome(Status.OPTIMAL), make_plan(district, travel, "AABB"))
    write_map_page(read_exhibits([store_run(run, district, travel, tmp_path)]), page, "en")
    stage = gathered(page)["scenes"][0]["stages"]["primary"]
    assert (stage["beyond"], "500" in stage["beyond_means"]) == ([1, 2], True)


def test_units_beyond_the_radius_are_marked_in_the_layer_of_journeys_alone(drawn):
    drawn.page.select_option("#scenario", label="kept")
    legend = drawn.page.locator("#legend")
    for layer, marks in (("catchments", 0), ("distance", 2), ("utilisation", 0)):
        drawn.page.select_option("#layer", layer)
        drawn.page.wait_for_timeout(150)
        assert (f"radius of 500 m ({marks})" in legend.inner_text()) == bool(marks)
        assert points_of(drawn, "beyond") == marks


def points_of(seen, name):
    return seen.page.evaluate(
        "name => Bokeh.documents[0].get_model_by_name('map').renderers.find(one => one.name === name)"
        ".data_source.data.x.length",
        name,
    )


def test_children_who_follow_the_catchment_are_told_beside_all(plain_browser, tmp_path):
    """U2 has 30 children, 20 of whom follow its catchment; U1 has 30 who all do."""
    categories = {"local": {"zoned": True}, "guest": {"zoned": False}}
    table = pd.DataFrame(
        [("U1", "local", 30), ("U2", "local", 20), ("U2", "guest", 10), ("U3", "local", 30), ("U4", "local", 30)],
        columns=["unit_id", "category", "students"],
    ).assign(stage="primary", school_id="A", metres=0.0)
    exhibit = read_exhibits([store(tmp_path, "moved", "ABBB")])[0]
    stored = replace(
        exhibit.stored,
        record=exhibit.record | {"categories": categories},
        tables=exhibit.stored.tables | {"assignments": table},
    )
    write_map_page([Exhibit(stored, exhibit.picture)], tmp_path / "map.html", "zh")
    with opening(plain_browser, tmp_path / "map.html") as seen:
        assert hover(seen, 1)[1:3] == ["学生：30", "其中按招生范围入学：20"]
        assert hover(seen, 0)[1:3] == ["学生：30", f"方案中学校：{SCRIPT}"]


def test_steps_from_little_to_much_are_far_apart_in_grey():
    """At least a tenth of the way from black to white (CIE L*) between neighbours, however many steps there are."""
    for breaks in (UTILISATION, CLASS_SIZES):
        fills = [fill for fill, _ in name_ranges(breaks, Words("en"), str)]
        assert (np.diff([lightness(fill) for fill in fills]) < -10).all()


def lightness(fill):
    linear = (np.array([int(fill[k : k + 2], 16) / 255 for k in (1, 3, 5)]) + 0.055) / 1.055
    return 116 * float(linear**2.4 @ [0.2126, 0.7152, 0.0722]) ** (1 / 3) - 16

"""Charts of a report: equal figures give equal drawings, and what is beyond a limit looks different without colour."""

import re

import numpy as np
import pandas as pd
import pytest
from export.drawn import font_with

from models.sentences import find
from optimizer.export.charts import prepare_charts

CEILING = {"primary": 3000.0}
RADIUS = {"primary": 500.0}


@pytest.fixture
def no_chinese_font(monkeypatch):
    monkeypatch.setattr("optimizer.export.fonts._candidates", lambda font: [str(font)] if font else [])


@pytest.fixture(scope="module")
def charts():
    return prepare_charts("en")


def ways():
    return {"primary": (np.array([100.0, 900.0, 2500.0]), np.array([10, 20, 3]))}


def years(*places):
    return {"primary": pd.DataFrame({"year": [2027, 2028], "children": [90.0, 110.0], "places": list(places)})}


def hatched(svg):
    return len(re.findall(r"<pattern", svg))


def draw_all(charts):
    return [
        charts.draw_used({"primary": np.array([0.5, 0.51, 1.0, 1.3]), "junior": np.array([0.0])}),
        charts.draw_ways(ways(), RADIUS, CEILING),
        charts.draw_sizes({"primary": np.array([20, 44, 47]), "junior": np.array([50])}, {"primary": 45.0}),
        charts.draw_years(years(100.0, 100.0)),
    ]


def test_equal_figures_give_equal_drawings(charts):
    drawn = draw_all(charts)
    assert drawn == draw_all(prepare_charts("en"))
    assert all(svg.startswith("<svg") and svg.rstrip().endswith("</svg>") for svg in drawn)


def test_classes_above_the_cap_are_hatched(charts):
    assert hatched(charts.draw_sizes({"primary": np.array([20, 44, 47])}, {"primary": 45.0})) == 1
    assert hatched(charts.draw_sizes({"primary": np.array([20, 44])}, {"primary": 45.0})) == 0
    assert hatched(charts.draw_sizes({"primary": np.array([20, 44, 47])}, {})) == 0


def test_years_short_of_places_are_hatched(charts):
    assert hatched(charts.draw_years(years(100.0, 100.0))) == 1
    assert hatched(charts.draw_years(years(100.0, 120.0))) == 0
    assert hatched(charts.draw_years(years(np.nan, np.nan))) == 0


def test_overfull_schools_have_another_sign(charts):
    signs = [len(set(re.findall(r'<use xlink:href="#(m\w+|C\w+)"', charts.draw_used({"primary": np.array(values)}))))
             for values in ([0.5, 0.6], [0.5, 1.2])]  # fmt: skip
    assert signs[1] == signs[0] + 1


def test_words_are_chinese_where_a_font_has_them(tmp_path, no_chinese_font):
    assert prepare_charts("zh").language == "en"
    keys = ("used", "full", "metres", "children", "radius", "ceiling", "size", "classes", "cap", "in_places")
    texts = [find(f"report.charts.{key}", "zh") for key in keys]
    texts += [find(f"export.stages.{stage}", "zh") for stage in ("kindergarten", "primary", "junior", "senior")]
    characters = {character for text in texts for character in text if ord(character) > 0x2000}
    found = prepare_charts("zh", font_with(characters, tmp_path / "zh.ttf"))
    assert found.language == "zh"
    assert all(svg.startswith("<svg") for svg in draw_all(found))

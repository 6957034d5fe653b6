"""The map of whole districts, in a real browser."""

import json
import re

import pytest
from pages.browser import open_page

from optimizer.digest import read_exhibits
from optimizer.pages.map import write_map_page


@pytest.fixture(scope="module", params=["binhe", "bcps"])
def case(request, tmp_path_factory):
    """A page, the name of a school of it, and how many layers it has at least."""
    path = tmp_path_factory.mktemp("page") / "map.html"
    exhibits = read_exhibits(request.getfixturevalue(request.param))
    write_map_page(exhibits, path, "zh" if request.param == "binhe" else "en")
    return path, *{"binhe": ("望江小学", 10), "bcps": ("Arbutus ES", 4)}[request.param]


def test_a_district_is_drawn_searched_and_switched(browser, case):
    path, school, least = case
    with open_page(browser, path) as seen:
        seen.page.wait_for_selector("html[data-ready]", state="attached")
        seen.page.mouse.move(400, 400)
        seen.page.mouse.move(404, 404)
        assert seen.page.locator("#tip").inner_text() != ""
        layers = seen.page.locator("#layer option").evaluate_all("all => all.map(one => one.value)")
        assert len(layers) >= least
        for scenario in ("1", "0"):
            seen.page.select_option("#scenario", scenario)
            for layer in layers:
                seen.page.select_option("#layer", layer)
        seen.page.fill("#search", school)
        seen.page.press("#search", "Enter")
        assert school in seen.page.locator("#panel-title").inner_text()
        assert re.search(r"\d", seen.page.locator("#panel-body").inner_text())
        seen.page.click("summary")
        seen.page.click("#schools th:nth-child(3) button")
        shares = seen.page.locator("#schools td:nth-child(3)").all_inner_texts()
        values = [float(share.split()[0]) for share in shares]
        assert values == sorted(values)
        assert seen.requests == []
        assert seen.errors == []


def test_no_two_neighbours_share_a_colour_in_any_plan_or_today(case):
    found = re.search(r'id="data">(.*?)</script>', case[0].read_text(encoding="utf-8"))
    data = json.loads(found.group(1))
    for stage, colours in data["colours"].items():
        for scene in data["scenes"]:
            for view in ("school", "today"):
                held = scene["stages"][stage][view]
                met = {(held[one], held[other]) for one, other, _ in data["ground"]["borders"] if other >= 0}
                assert [pair for pair in met if pair[0] != pair[1] and colours[pair[0]] == colours[pair[1]]] == []


def test_in_a_year_ahead_schools_are_overfull_by_that_year(case):
    """Where children, as the layer writes them before the places, are more."""
    found = re.search(r'id="data">(.*?)</script>', case[0].read_text(encoding="utf-8"))
    data = json.loads(found.group(1))
    layers = [each["key"] for each in data["layers"] if each["key"].startswith("outlook_")]
    assert (layers != []) == (case[1] == "望江小学")
    for stage in (stage for scene in data["scenes"] for stage in scene["stages"].values()):
        for told in (stage["layers"][layer] for layer in layers if layer in stage["layers"]):
            counts = [[int(part.replace(",", "")) for part in text.split(" / ")] for text in told["texts"] if text]
            schools = [school for school, text in enumerate(told["texts"]) if text]
            over = [school for school, (children, places) in zip(schools, counts, strict=True) if children > places]
            assert told["overfull"] == over


def test_what_a_plan_leans_on_is_told(case):
    told = ("制约本校的要求", "What the plan leans on here")
    assert any(title in case[0].read_text(encoding="utf-8") for title in told)

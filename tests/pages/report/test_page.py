"""The page itself: names are text, equal runs give equal bytes, tables sort and filter in a real browser, it prints."""

import json
import re
from html.parser import HTMLParser

import pytest
from builders import make_schools
from pages.browser import PHONE, open_page
from pages.report.scenes import store_no_plan, store_scene, store_staff

from optimizer.digest import read_exhibits
from optimizer.pages.pdf import can_print, write_pdf
from optimizer.pages.report import write_report

ATTACK = "<script>alert(1)</script></style><img src=x onerror=alert(2)>"


class Outline(HTMLParser):
    """Tags, identifiers and the text outside scripts and style sheets."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.ids, self.texts, self.inside = [], [], [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        self.inside = tag

    def handle_data(self, data):
        if self.inside not in ("script", "style"):
            self.texts.append(data)


def write(out, *folders, language="en"):
    write_report(read_exhibits(folders), out, language)
    return out


def hostile(out):
    """Every name that an instance holds says something that a page must not do."""
    folder = store_scene(out, schools=make_schools(names=(ATTACK, "=HYPERLINK(1)")))
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    record |= {"district": ATTACK, "scenario": ATTACK, "title": ATTACK}
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def test_names_are_text(tmp_path):
    page = write(tmp_path / "report.html", hostile(tmp_path)).read_text(encoding="utf-8")
    outline = Outline(page)
    assert outline.tags.count("script") == 1
    assert outline.tags.count("style") == 1
    said = "".join(outline.texts)
    assert said.count(ATTACK) >= 3
    assert "=HYPERLINK(1)" in said
    assert page.count("onerror") == said.count("onerror")


def test_every_link_leads_somewhere_and_every_section_is_in_the_contents(tmp_path):
    page = write(tmp_path / "report.html", store_scene(tmp_path)).read_text(encoding="utf-8")
    outline = Outline(page)
    assert len(outline.ids) == len(set(outline.ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) == set(outline.ids) - {"top"}
    assert re.findall(r'(?:src|href)="(?!#|data:)', page) == []


@pytest.mark.parametrize("store", [store_scene, store_no_plan, store_staff])
def test_equal_runs_give_equal_bytes(tmp_path, store):
    folder = store(tmp_path)
    assert write(tmp_path / "1", folder).read_bytes() == write(tmp_path / "2", folder).read_bytes()


def test_tables_sort_by_numbers_and_names_and_filter(plain_browser, tmp_path):
    path = write(tmp_path / "report.html", store_scene(tmp_path))
    with open_page(plain_browser, path) as seen:
        table = seen.page.locator("#schools table")
        names = table.locator("tbody tr th")
        children = table.locator("thead th", has_text="Children")
        assert names.all_inner_texts() == ["School A", "School B"]
        children.locator("button").click()
        assert (names.all_inner_texts(), children.get_attribute("aria-sort")) == (["School A", "School B"], "ascending")
        children.locator("button").click()
        assert (names.all_inner_texts(), children.get_attribute("aria-sort")) == (
            ["School B", "School A"],
            "descending",
        )
        table.locator("thead th", has_text="School").locator("button").click()
        assert (names.all_inner_texts(), children.get_attribute("aria-sort")) == (["School A", "School B"], None)
        indices = seen.page.locator("#indices")
        indices.locator("input").first.fill("compactness")
        shown = indices.locator("table").first.locator("tbody tr:visible th").all_inner_texts()
        assert shown == ["Compactness of catchments"]
        assert indices.locator("output").first.inner_text().startswith("1 / ")
        assert (seen.requests, seen.errors) == ([], [])


def test_equal_cells_keep_their_order_and_empty_ones_come_last(plain_browser, tmp_path):
    path = write(tmp_path / "report.html", store_scene(tmp_path))
    with open_page(plain_browser, path) as seen:
        table = seen.page.locator("#indices table").first
        before = table.locator("tbody tr th").all_inner_texts()
        targets = table.locator("thead th", has_text="Target").locator("button")
        for _ in range(2):
            targets.click()
            told = table.locator("tbody tr td:nth-child(5)").all_inner_texts()
            assert told == sorted(told, key=lambda text: text == "")
        unjudged = [text for text, target in zip(table.locator("tbody tr th").all_inner_texts(), told, strict=True)
                    if not target]  # fmt: skip
        assert unjudged == [text for text in before if text in unjudged]


def test_chinese_names_sort_as_they_are_read(plain_browser, tmp_path):
    """北 is read bei, 安 an."""
    folder = store_scene(tmp_path, schools=make_schools(names=("北门小学", "安定小学")))
    with open_page(plain_browser, write(tmp_path / "report.html", folder, language="zh")) as seen:
        table = seen.page.locator("#schools table")
        table.locator("thead button").first.click()
        assert table.locator("tbody tr th").all_inner_texts() == ["安定小学", "北门小学"]


def test_a_hostile_district_does_nothing_in_a_browser(browser, tmp_path):
    path = write(tmp_path / "report.html", hostile(tmp_path))
    with open_page(browser, path) as seen:
        seen.page.on("dialog", lambda dialog: (seen.errors.append(dialog.message), dialog.dismiss()))
        seen.page.locator("#schools thead button").first.click()
        assert ATTACK in seen.page.locator("#schools").inner_text()
        assert (seen.requests, seen.errors) == ([], [])


def test_without_script_it_reads_as_it_is(plain_browser, tmp_path):
    path = write(tmp_path / "report.html", store_scene(tmp_path))
    context = plain_browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.locator("#schools tbody tr th").all_inner_texts() == ["School A", "School B"]
    assert page.locator("button, input").count() == 0
    context.close()


@pytest.mark.parametrize("store", [store_scene, store_no_plan, store_staff])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_wider_than_a_phone(plain_browser, tmp_path, store, language):
    path = write(tmp_path / "report.html", store(tmp_path), language=language)
    with open_page(plain_browser, path, PHONE) as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
        assert (seen.requests, seen.errors) == ([], [])


def test_it_prints_from_a_browser_with_all_rows_of_a_filtered_table(plain_browser, tmp_path):
    path = write(tmp_path / "report.html", store_scene(tmp_path))
    with open_page(plain_browser, path) as seen:
        seen.page.locator("#indices input").first.fill("nothing is called like this")
        seen.page.emulate_media(media="print")
        assert seen.page.locator("#indices table").first.locator("tbody tr:visible").count() > 10
        assert seen.page.locator("input:visible").count() == 0
        assert seen.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


@pytest.mark.skipif(not can_print(), reason="needs the extra pdf: WeasyPrint is not installed")
@pytest.mark.parametrize("store", [store_scene, store_no_plan, store_staff])
def test_it_is_written_as_pdf(tmp_path, store):
    path = write(tmp_path / "report.html", store(tmp_path), language="zh")
    for name in ("one.pdf", "two.pdf"):
        write_pdf(path.read_text(encoding="utf-8"), tmp_path / name)
    assert (tmp_path / "one.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()

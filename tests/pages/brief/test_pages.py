"""The brief as a page and as a document: the same content, one A4 page, names only ever text, equal bytes."""

import re
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from zipfile import ZipFile

import pytest
from builders import make_schools, make_units
from docx import Document
from docx.oxml.ns import qn
from pages.brief.scene import CROWDED, make_scene, scene, scene_of_posts, scene_without_plan
from pages.browser import count_pages, open_page

from optimizer.export.changes import Sketch
from optimizer.pages.brief import plan, render_brief, write_brief, write_brief_document
from optimizer.pages.brief.compose import compose_brief
from optimizer.pages.brief.content import Item, Section, Table
from optimizer.pages.brief.document import build_document

SCRIPT, FORMULA = "<script>alert(1)</script>", '=HYPERLINK("http://example.org","x")'


class Texts(HTMLParser):
    """The text of a page, style and pictures aside."""

    def __init__(self):
        super().__init__()
        self.told, self.tags, self._aside = [], [], 0

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._aside += tag in {"style", "svg"}

    def handle_endtag(self, tag):
        self._aside -= tag in {"style", "svg"}

    def handle_data(self, data):
        if not self._aside:
            self.told.append(data)


def read_page(path):
    texts = Texts()
    texts.feed(path.read_text(encoding="utf-8"))
    return squeeze(" ".join(texts.told)), texts.tags


def read_document(path):
    paper = Document(path)
    told = [" ".join(text.text or "" for text in part.iter() if text.tag.endswith("}t")) for part in paper.element.body]
    return squeeze(" ".join(told))


def squeeze(text):
    return re.sub(r"\s+", "", text)


def strings(content):
    """Every text of a brief that stands on paper."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, tuple):
        for each in content:
            yield from strings(each)
    elif is_dataclass(content) and not isinstance(content, Sketch):
        shown = (field.name for field in fields(content) if field.name not in {"key", "caption"})
        for name in shown:
            yield from strings(getattr(content, name))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("make", [scene, scene_without_plan, scene_of_posts])
def test_page_and_document_hold_all_that_is_said(tmp_path, make, language):
    exhibits = make(tmp_path)
    write_brief(exhibits, tmp_path / "brief.html", language)
    write_brief_document(exhibits, tmp_path / "brief.docx", language)
    page, document = read_page(tmp_path / "brief.html")[0], read_document(tmp_path / "brief.docx")
    said = [squeeze(text) for text in strings(compose_brief(exhibits, language))]
    assert [text for text in said if text not in page] == []
    assert [text for text in said if text not in document] == []


def test_equal_runs_give_equal_bytes(tmp_path):
    exhibits = scene(tmp_path)
    for number in "12":
        write_brief(exhibits, tmp_path / f"{number}.html", "zh")
        write_brief_document(exhibits, tmp_path / f"{number}.docx", "zh")
    for ending in ("html", "docx"):
        assert (tmp_path / f"1.{ending}").read_bytes() == (tmp_path / f"2.{ending}").read_bytes()
    with ZipFile(tmp_path / "1.docx") as parts:
        assert {entry.date_time for entry in parts.infolist()} == {(2000, 1, 1, 0, 0, 0)}


def test_the_map_of_the_document_is_said_in_words(tmp_path):
    write_brief_document(scene(tmp_path), tmp_path / "brief.docx", "en")
    (drawn,) = Document(tmp_path / "brief.docx").inline_shapes
    assert drawn._inline.docPr.get("descr").startswith("Pale: today's catchments.")


def test_chinese_characters_of_the_document_have_chinese_fonts(tmp_path):
    write_brief_document(scene(tmp_path), tmp_path / "brief.docx", "zh")
    with ZipFile(tmp_path / "brief.docx") as parts:
        styles = parts.read("word/styles.xml").decode()
    assert 'w:eastAsia="宋体"' in styles
    assert 'w:eastAsia="黑体"' in styles


def test_a_table_of_the_document_is_a_table(tmp_path):
    write_brief_document(scene(tmp_path), tmp_path / "brief.docx", "en")
    first = Document(tmp_path / "brief.docx").tables[0]
    assert [cell.text for cell in first.rows[1].cells] == ["School A → School B", "Unit 3", "10", "2,000→1,000"]


def test_what_groups_of_columns_are_stands_above_them(tmp_path):
    table = Table(("a", "b", "c"), (("1", "2", "3"),), (0.4, 0.3, 0.3), over=(("", 1), ("both", 2)))
    brief = replace(compose_brief(scene(tmp_path), "en"), sections=(Section("years", "Years", tables=(table,)),))
    assert '<th scope="colgroup" colspan="2" class="over">both</th>' in render_brief(brief, "en")
    (tmp_path / "over.docx").write_bytes(build_document(brief, "en"))
    rows = Document(tmp_path / "over.docx").tables[0].rows
    assert [[cell.text for cell in row.cells] for row in rows] == [
        ["", "both", "both"],
        ["a", "b", "c"],
        ["1", "2", "3"],
    ]


@pytest.mark.parametrize("entries", [(9, 0), (3, 7), (0, 9)])
def test_a_long_section_of_the_document_goes_on_in_the_second_column(tmp_path, entries):
    """What is one after another in the brief is so in the document, with one break, about half of it before that."""
    rows, items = entries
    table = Table(("a", "b"), tuple((f"row {k}", "1") for k in range(rows)), (0.5, 0.5), title="all")
    long = Section(
        "changes", "Long", ("told",), (table,) if rows else (), tuple(Item(f"item {k}", "x") for k in range(items))
    )
    brief = replace(compose_brief(scene(tmp_path), "en"), sections=(long, Section("watch", "Last")), picture=None)
    (tmp_path / "long.docx").write_bytes(build_document(brief, "en"))
    paper = Document(tmp_path / "long.docx")
    body = [squeeze("".join(text.text or "" for text in part.iter(qn("w:t")))) for part in paper.element.body]
    told = "".join(body)
    order = [
        told.index(squeeze(text))
        for text in [*(row[0] for row in table.rows), *(item.head for item in long.items), "Last"]
    ]
    assert order == sorted(order)
    breaks = [at for at, part in enumerate(paper.element.body) if part.findall(".//" + qn("w:br"))]
    assert len(breaks) == 1
    before = "".join(body[: breaks[0]])
    assert 3 <= before.count("row") + before.count("item") <= 6


def hostile(tmp_path):
    schools = make_schools(names=(SCRIPT, FORMULA))
    units = make_units(names=("a", SCRIPT, FORMULA, "d\x01\n"))
    district = make_scene(schools=schools, units=units, instance={"title": SCRIPT})
    return scene(tmp_path, district, shortfalls=(CROWDED,))


def test_names_are_only_ever_text(tmp_path, browser):
    write_brief(hostile(tmp_path), tmp_path / "brief.html", "en")
    text, tags = read_page(tmp_path / "brief.html")
    assert "script" not in tags
    assert squeeze(SCRIPT) in text
    with open_page(browser, tmp_path / "brief.html") as opened:
        shown = opened.page.inner_text("main")
        assert FORMULA in shown
        assert f"{SCRIPT} → {FORMULA}" in shown
    assert (opened.requests, opened.errors) == ([], [])


def test_names_of_the_document_are_no_fields_and_no_links(tmp_path):
    write_brief_document(hostile(tmp_path), tmp_path / "brief.docx", "en")
    assert squeeze(f"{SCRIPT} → {FORMULA}") in read_document(tmp_path / "brief.docx")
    with ZipFile(tmp_path / "brief.docx") as parts:
        body = parts.read("word/document.xml").decode()
    assert re.findall(r"w:(?:instrText|fldSimple|hyperlink)\b", body) == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("make", [scene, scene_without_plan, scene_of_posts])
def test_it_is_one_page_and_an_appendix(tmp_path, browser, make, language):
    write_brief(make(tmp_path), tmp_path / "brief.html", language)
    with open_page(browser, tmp_path / "brief.html") as opened:
        assert count_pages(opened.page.pdf(prefer_css_page_size=True)) == 2
    assert (opened.requests, opened.errors) == ([], [])


def full(language):
    """As many lines as the page is reckoned to hold, at their most usual: rows, sentences, schools to watch."""
    names, words = (
        ("青石初级中学→丁桥初级中学", "柳浪新村、和瑞花园") if language == "zh" else ("Hillcrest → Relay", "1, 22, 333")
    )
    sentence = (
        "骨干教师校际差异系数小学上限初中上限，" * 3
        if language == "zh"
        else "children of this school change for another, " * 3
    )
    rows = Table(("a", "b", "c", "d"), ((names, words, "12", "1,769→1,331"),) * 8, (0.4, 0.3, 0.1, 0.2), figures=2)
    items = (Item(names[:6], sentence[: len(sentence) // 3 * 2]),) * 3
    part = Section("part", names, sentences=(sentence,), tables=(rows,), items=items)
    whole = (part,) * int(plan.PAGE // part.lines)
    short = replace(part, items=(), tables=())
    return (*whole, *[short] * int((plan.PAGE - len(whole) * part.lines) // short.lines))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_holds_what_it_is_reckoned_to_hold(tmp_path, browser, language):
    brief = compose_brief(scene(tmp_path), language)
    sections = full(language)
    assert sum(section.lines for section in sections) >= plan.PAGE - 5
    longest = replace(brief, sections=sections, sentences=(*brief.sentences, brief.sentences[0]), district="D")
    (tmp_path / "full.html").write_text(render_brief(longest, language), encoding="utf-8")
    with open_page(browser, tmp_path / "full.html") as opened:
        assert count_pages(opened.page.pdf(prefer_css_page_size=True)) == 2


def test_nothing_is_wider_than_the_paper(tmp_path, browser):
    write_brief(hostile(tmp_path), tmp_path / "brief.html", "zh")
    with open_page(browser, tmp_path / "brief.html") as opened:
        wide = (
            "[...document.querySelectorAll('.sheet *')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth)"
        )
        assert opened.page.evaluate(f"{wide}.map(e => e.tagName + ' ' + e.textContent.slice(0, 40))") == []

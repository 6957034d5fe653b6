"""The brief as a document for Word: the same content, A4, two columns, tables that are tables."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as Paper
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Length, Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.table import Table as Grid
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph

from models.sentences import Language
from optimizer.pages.brief.content import Brief, Item, Section, Table
from optimizer.pages.render import TONGUES

_WIDE, _MARGIN, _GUTTER = Mm(182), Mm(14), Mm(7)
_TALLEST, _LOWEST = 85.0, 58.0
_LEFT, _LINE = 231.0, 1.75
"""Millimetres of the page below the three sentences, and those that a line of two columns takes."""
_COLUMN = Length((_WIDE - _GUTTER) // 2)
_DPI = 200
_LONG_AGO = datetime(2000, 1, 1)
"""In place of the time of writing, so that equal runs give equal bytes."""
_TEXT, _HEAD = ("Times New Roman", "宋体"), ("Arial", "黑体")
_STYLES = {
    "Normal": (_TEXT, 8.0, False),
    "Title": (_HEAD, 13.5, True),
    "Heading 1": (_HEAD, 9.0, True),
    "Subtitle": (_HEAD, 8.0, False),
    "Caption": (_HEAD, 7.4, True),
}
"""Fonts (Latin, Chinese), points, and whether bold."""
_LEADING = ("Heading 1", "Caption")
"""Styles of what stays with the text below it."""
_DIVISIBLE = ("changes", "watch", "reasons")
"""Sections that may begin in one column and end in the other."""
_SMALL, _IN_TABLE, _FIRST = Pt(7), Pt(7.4), Pt(9.5)


def build_document(brief: Brief, language: Language) -> bytes:
    """Return the brief as a .docx file, equal bytes for equal briefs."""
    paper = Document()
    _set_styles(paper)
    _set_properties(paper, brief, language)
    _set_page(paper)
    _write_head(paper, brief)
    if brief.picture is not None:
        drawn = paper.add_picture(BytesIO(brief.picture.png(_DPI)), **_fit(brief))
        drawn._inline.docPr.set("descr", brief.caption)
        paper.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write_columns(paper, brief.sections)
    _start(paper, WD_SECTION.NEW_PAGE, 1)
    _say(paper, brief.appendix_title, "Title")
    _rule(_say(paper, brief.heading, "Subtitle"))
    for section in brief.appendix:
        _write_section(paper, section, _WIDE)
    return _pack(paper)


def _fit(brief: Brief) -> dict[str, Length]:
    """Width of the map, or its height where it would take more than the sections leave."""
    assert brief.picture is not None
    wide, high = brief.picture.figure.get_size_inches()
    room = _LEFT - _LINE * sum(section.lines for section in brief.sections)
    tallest = Mm(min(max(room, _LOWEST), _TALLEST))
    return {"height": tallest} if high / wide * _WIDE > tallest else {"width": _WIDE}


def _set_styles(paper: Paper) -> None:
    """Nothing of the template is left but the names of the styles."""
    for name, ((latin, chinese), points, bold) in _STYLES.items():
        style = paper.styles[name]
        assert isinstance(style, ParagraphStyle)
        for old in (style.element.pPr, style.element.rPr):
            if old is not None:
                style.element.remove(old)
        style.font.name, style.font.size, style.font.bold = latin, Pt(points), bold
        style.element.rPr.rFonts.set(qn("w:eastAsia"), chinese)
        shape = style.paragraph_format
        shape.space_before, shape.space_after, shape.line_spacing = Pt(4 if name == "Heading 1" else 0), Pt(1), 1.0
        shape.keep_with_next = name in _LEADING
    paper.styles["Normal"].element.rPr.append(_element("lang", val="en-GB", eastAsia="zh-CN"))


def _set_properties(paper: Paper, brief: Brief, language: Language) -> None:
    known = paper.core_properties
    known.title, known.subject, known.language = brief.heading, brief.note, TONGUES[language]
    known.author = known.last_modified_by = known.comments = known.keywords = ""
    known.created = known.modified = _LONG_AGO
    known.revision = 1


def _set_page(paper: Paper) -> None:
    page = paper.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = _MARGIN
    page.header_distance = page.footer_distance = Mm(6)


def _write_head(paper: Paper, brief: Brief) -> None:
    if brief.district:
        _say(paper, brief.district, "Subtitle")
    _say(paper, brief.heading, "Title")
    _rule(_say(paper, "　|　".join((*brief.facts, brief.note)), "Subtitle"))
    for number, sentence in enumerate(brief.sentences, start=1):
        _say(paper, f"{number}　{sentence}", "Subtitle", size=_FIRST)


def _write_columns(paper: Paper, sections: Sequence[Section]) -> None:
    """Sections in two columns, and one column again after them."""
    if not sections:
        return
    _start(paper, WD_SECTION.CONTINUOUS, 2)
    left, right = _share_out(sections)
    for section in left:
        _write_section(paper, section, _COLUMN)
    if right:
        broken = paper.add_paragraph()
        broken.add_run().add_break(WD_BREAK.COLUMN)
        _flatten(broken)
    for section in right:
        _write_section(paper, section, _COLUMN)
    _start(paper, WD_SECTION.CONTINUOUS, 1)


def _share_out(sections: Sequence[Section]) -> tuple[list[Section], list[Section]]:
    """Sections of two columns of about one height: whole, but for one that may be cut where the first column ends."""
    left: list[Section] = []
    room = sum(section.lines for section in sections) / 2
    for at, section in enumerate(sections):
        if section.lines > room:
            first, rest = _cut(section, room) if section.key in _DIVISIBLE else (None, section)
            if first is None and left and section.lines / 2 <= room:
                return [*left, section], list(sections[at + 1 :])
            return [*left, *([first] if first else [])], [rest, *sections[at + 1 :]]
        left.append(section)
        room -= section.lines
    return left, []


def _cut(section: Section, room: float) -> tuple[Section | None, Section]:
    """A section in two between rows of its tables or between items, as much of it first as there is room for."""
    steps = sum(len(table.rows) for table in section.tables) + len(section.items)
    fitting = bisect_right(range(1, steps), room, key=lambda count: _first(section, count).lines)
    return (_first(section, fitting), _rest(section, fitting)) if fitting else (None, section)


def _first(section: Section, count: int) -> Section:
    tables = []
    for table in section.tables:
        taken = table.rows[:count]
        count -= len(taken)
        if taken:
            tables.append(replace(table, rows=taken, note=table.note if len(taken) == len(table.rows) else ""))
    return replace(section, tables=tuple(tables), items=section.items[:count], close="")


def _rest(section: Section, count: int) -> Section:
    tables = []
    for table in section.tables:
        left = table.rows[count:]
        if left:
            tables.append(replace(table, rows=left, title="" if count else table.title))
        count = max(count - len(table.rows), 0)
    if tables:
        tables[0] = replace(tables[0], heads=section.tables[0].heads)
    return replace(section, title="", sentences=(), tables=tuple(tables), items=section.items[count:])


def _start(paper: Paper, kind: WD_SECTION, columns: int) -> None:
    """Begin a part with so many columns. Two paragraphs without room end the part before: no table may end it."""
    paper.add_paragraph()
    begun = paper.add_section(kind)
    for end in paper.paragraphs[-2:]:
        _flatten(end)
    stated = begun._sectPr.find(qn("w:cols"))
    stated.set(qn("w:num"), str(columns))
    stated.set(qn("w:space"), str(_GUTTER.twips))


def _flatten(paragraph: Paragraph) -> None:
    """Let a paragraph without words take no room."""
    paragraph.paragraph_format.line_spacing, paragraph.paragraph_format.space_after = Pt(1), Pt(0)


def _write_section(paper: Paper, section: Section, wide: Length) -> None:
    if section.title:
        _say(paper, section.title, "Heading 1")
    for sentence in section.sentences:
        _say(paper, sentence)
    for table in section.tables:
        _write_table(paper, table, wide)
    for item in section.items:
        _write_item(paper, item)
    if section.close:
        _say(paper, section.close)


def _write_item(paper: Paper, item: Item) -> None:
    paragraph = paper.add_paragraph()
    head = paragraph.add_run(item.head)
    head.bold = True
    paragraph.add_run(f" {item.text}")


def _write_table(paper: Paper, table: Table, wide: Length) -> None:
    if table.title:
        _say(paper, table.title, "Caption")
    grid = paper.add_table(rows=0, cols=len(table.widths))
    grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.LEFT, False
    widths = [Length(int(wide * share)) for share in table.widths]
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    if table.over:
        _write_over(grid.add_row(), table.over)
    heads = [table.heads] if table.heads else []
    for position, texts in enumerate((*heads, *table.rows)):
        row, is_head = grid.add_row(), position < len(heads)
        _keep_whole(row, head=is_head)
        for at, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width = widths[at]
            _write_cell(cell, text, figure=at >= table.figures, head=is_head)
    _frame(grid)
    if table.note:
        _say(paper, table.note, size=_SMALL)


def _write_over(row: _Row, over: Sequence[tuple[str, int]]) -> None:
    """A row above the heads, a cell for each group of columns."""
    _keep_whole(row, head=True)
    at = 0
    for text, columns in over:
        cell = row.cells[at].merge(row.cells[at + columns - 1])
        _write_cell(cell, text, figure=False, head=True)
        cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
        at += columns


def _write_cell(cell: _Cell, text: str, *, figure: bool, head: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.style = "Subtitle" if head else "Normal"
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if figure else WD_ALIGN_PARAGRAPH.LEFT
    paragraph.add_run(text).font.size = _IN_TABLE


def _say(paper: Paper, text: str, style: str = "Normal", *, size: Length | None = None) -> Paragraph:
    paragraph = paper.add_paragraph(style=style)
    run = paragraph.add_run(text)
    if size is not None:
        run.font.size = size
    return paragraph


def _frame(grid: Grid) -> None:
    """Rules above, below and between rows, and little room in the cells."""
    properties = grid._tbl.tblPr
    borders = _element("tblBorders")
    for side, eighths, colour in (("top", 6, "111111"), ("bottom", 6, "111111"), ("insideH", 2, "BBBBBB")):
        borders.append(_element(side, val="single", sz=eighths, space=0, color=colour))
    margins = _element("tblCellMar")
    for side, twips in (("left", 0), ("right", 50)):
        margins.append(_element(side, w=twips, type="dxa"))
    layout = properties.find(qn("w:tblLayout"))
    layout.addprevious(borders)
    layout.addnext(margins)


def _keep_whole(row: _Row, *, head: bool) -> None:
    """A row is not cut between pages; the head is repeated on each."""
    properties = row._tr.get_or_add_trPr()
    properties.append(_element("cantSplit"))
    if head:
        properties.append(_element("tblHeader"))


def _rule(paragraph: Paragraph) -> None:
    borders = _element("pBdr")
    borders.append(_element("bottom", val="single", sz=10, space=2, color="111111"))
    paragraph._p.get_or_add_pPr().append(borders)


def _element(name: str, **attributes: object) -> BaseOxmlElement:
    made: BaseOxmlElement = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), str(value))
    return made


def _pack(paper: Paper) -> bytes:
    """The file, its parts in one order and without the time at which they were written."""
    written, packed = BytesIO(), BytesIO()
    paper.save(written)
    with ZipFile(written) as parts, ZipFile(packed, "w", ZIP_DEFLATED) as target:
        for name in parts.namelist():
            entry = ZipInfo(name, _LONG_AGO.timetuple()[:6])
            entry.compress_type = ZIP_DEFLATED
            target.writestr(entry, parts.read(name))
    return packed.getvalue()

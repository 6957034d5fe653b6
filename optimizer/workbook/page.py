"""A sheet on a page: cells as what they are, colours that follow the numbers, headings in sight, A4 across."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from optimizer.workbook.fit import LINE, TALLEST, count_lines, find_width, measure
from optimizer.workbook.layout import Desk
from optimizer.workbook.looks import Looks
from optimizer.workbook.sheet import SIGNS, Cell, Column, Look, Mark, Sheet

_TITLE, _NOTE, _HEADS, _FIRST = 0, 1, 2, 3
"""Rows of a sheet."""
_LONGEST = 32_767
"""Characters that a cell holds."""
_BEYOND: dict[Look, str] = {"above": ">", "below": "<", "vacant": ">="}
_A4 = 9


def write_sheet(page: Worksheet, sheet: Sheet, desk: Desk, looks: Looks) -> None:
    """Write a table: title and note, headings, cells with their marks, and how it prints."""
    widths = [find_width(column) for column in sheet.columns]
    for place, width in enumerate(widths):
        page.set_column(place, place, width)
    _write_head(page, sheet, widths, desk, looks)
    for place, column in enumerate(sheet.columns):
        limits = _limits(column, sheet)
        for row, cell in enumerate(column.cells):
            missed = bool(column.missed) and column.missed[row]
            look = looks.cell(column.kinds[row], column.mark, limits[row], total=sheet.totals[row], missed=missed)
            write_cell(page, _FIRST + row, place, cell, look)
        _colour(page, place, column, sheet, looks)
    for row in range(len(sheet.totals)):
        lines = max(count_lines(column.cells[row], width) for column, width in zip(sheet.columns, widths, strict=True))
        if lines > 1:
            set_height(page, _FIRST + row, lines * LINE)
    if not sheet.totals:
        write_cell(page, _FIRST, 0, desk.say("words.nothing"), looks.make())
    _set_up_page(page, sheet, desk)


def _write_head(page: Worksheet, sheet: Sheet, widths: Sequence[int], desk: Desk, looks: Looks) -> None:
    """Title and note across the table, and the headings."""
    last, wide = len(widths) - 1, sum(widths)
    title, note = desk.title(sheet.name), f"{desk.say('draft')}{sheet.note}"
    page.merge_range(_TITLE, 0, _TITLE, last, title, looks.title())
    set_height(page, _TITLE, 1.6 * LINE * math.ceil(1.5 * measure(title) / wide))
    page.merge_range(_NOTE, 0, _NOTE, last, note, looks.make(text_wrap=True))
    set_height(page, _NOTE, 1.1 * LINE * count_lines(note, wide))
    for place, column in enumerate(sheet.columns):
        write_cell(page, _HEADS, place, column.heading, looks.heading())
    set_height(page, _HEADS, LINE * max(map(count_lines, (column.heading for column in sheet.columns), widths)) + 3)


def set_height(page: Worksheet, row: int, points: float) -> None:
    """Make a row as high as it must be, and no higher than a row may be."""
    page.set_row(row, min(points, TALLEST))


def write_cell(page: Worksheet, row: int, place: int, cell: Cell, look: Format) -> None:
    """Write a cell as what it is: text, a number, a day, or nothing."""
    if cell is None:
        page.write_blank(row, place, None, look)
    elif isinstance(cell, str):
        page.write_string(row, place, cell[:_LONGEST], look)
    elif isinstance(cell, date):
        page.write_datetime(row, place, cell, look)
    else:
        page.write_number(row, place, cell, look)


def _limits(column: Column, sheet: Sheet) -> Sequence[float | None]:
    """Return the limit of each cell of a column; None where there is none."""
    if column.mark is None or column.mark.look == "failed":
        return [None] * len(column.cells)
    if isinstance(column.mark.limit, float):
        return [column.mark.limit] * len(column.cells)
    cells = next(each.cells for each in sheet.columns if each.key == column.mark.limit)
    return [cell if isinstance(cell, int | float) else None for cell in cells]


def _colour(page: Worksheet, place: int, column: Column, sheet: Sheet, looks: Looks) -> None:
    """Lay colours over the cells of a column that stand out; they follow what is typed into it."""
    if column.mark is None or not column.cells:
        return
    rows = (_FIRST, place, _FIRST + len(column.cells) - 1, place)
    page.conditional_format(*rows, _condition(place, column.mark, sheet) | {"format": looks.marked(column.mark.look)})


def _condition(place: int, mark: Mark, sheet: Sheet) -> dict[str, Any]:
    """Return when a cell of the column at `place` stands out, in the words of xlsxwriter."""
    if mark.look == "failed":
        return {"type": "text", "criteria": "begins with", "value": SIGNS["failed"]}
    if isinstance(mark.limit, float):
        return {"type": "cell", "criteria": _BEYOND[mark.look], "value": mark.limit}
    limit = next(k for k, column in enumerate(sheet.columns) if column.key == mark.limit)
    held, most = (xl_rowcol_to_cell(_FIRST, each, col_abs=True) for each in (place, limit))
    return {"type": "formula", "criteria": f"=AND(ISNUMBER({held}),ISNUMBER({most}),{held}>{most})"}


def _set_up_page(page: Worksheet, sheet: Sheet, desk: Desk) -> None:
    """A4 across, one page wide, headings on each page; headings and the first columns stay in sight."""
    last_row, last = _FIRST + max(len(sheet.totals), 1) - 1, len(sheet.columns) - 1
    page.freeze_panes(_FIRST, sheet.fixed)
    page.autofilter(_HEADS, 0, last_row, last)
    page.ignore_errors({"number_stored_as_text": f"A{_FIRST + 1}:{xl_rowcol_to_cell(last_row, last)}"})
    page.repeat_rows(_TITLE, _HEADS)
    page.print_area(0, 0, last_row, last)
    set_paper(page, desk)


def set_paper(page: Worksheet, desk: Desk) -> None:
    """Set a sheet up for A4 across, one page wide, with what it is not and the number of the page under each page."""
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.center_horizontally()
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer(f"&L{desk.say('draft').replace('&', '&&')}&R&P / &N")

"""The first sheet (说明): what the workbook is, what was proved, its sheets, its colours and signs, and its inputs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from models.outcome import Status
from models.sentences import find, say
from optimizer.console.summary import IN_DECIMALS, least_of
from optimizer.console.text import write_share
from optimizer.lists.names import one_line
from optimizer.workbook.fit import LINE, count_lines
from optimizer.workbook.layout import Desk
from optimizer.workbook.looks import COLOURS, Looks
from optimizer.workbook.page import set_height, set_paper, write_cell
from optimizer.workbook.sheet import SIGNS, Cell, Kind, Sheet

_WIDTHS = (32, 18, 18, 18, 36)


@dataclass(frozen=True)
class Row:
    """A row: its cells from the left, the last one as wide as is left, each with its format; `tab` is a link."""

    cells: Sequence[Cell]
    formats: Sequence[Format]
    tab: str = ""
    height: float = 1.0
    """Of a line, in lines of a table."""


def write_cover(page: Worksheet, sheets: Sequence[tuple[str, Sheet]], desk: Desk, looks: Looks) -> None:
    """Write the first sheet; `sheets` are all others, each with the name of its tab."""
    for place, width in enumerate(_WIDTHS):
        page.set_column(place, place, width)
    page.hide_gridlines(2)
    for number, row in enumerate(_rows(sheets, desk, looks)):
        _write(page, number, row)
    set_paper(page, desk)
    page.set_portrait()
    page.fit_to_pages(1, 1)


def _write(page: Worksheet, number: int, row: Row) -> None:
    last, end = len(row.cells) - 1, len(_WIDTHS) - 1
    for place, (cell, look) in enumerate(zip(row.cells, row.formats, strict=True)):
        if place == last < end:
            page.merge_range(number, place, number, end, None, look)
        write_cell(page, number, place, cell, look)
    if row.tab:
        target = row.tab.replace("'", "''")
        page.write_url(number, 0, f"internal:'{target}'!A1", row.formats[0], str(row.cells[0]))
    rooms = [*_WIDTHS[:last], sum(_WIDTHS[last:])]
    lines = max(count_lines(cell, room / row.height) for cell, room in zip(row.cells, rooms, strict=True))
    set_height(page, number, lines * row.height * LINE + 2)


def _rows(sheets: Sequence[tuple[str, Sheet]], desk: Desk, looks: Looks) -> Iterator[Row]:
    plain, bold = looks.cell("long"), looks.heading()
    yield Row([desk.title()], [looks.title()], height=1.6)
    yield Row([desk.say("draft")], [looks.make(bold=True, align="center", text_wrap=True)])
    yield from (Row([desk.say(f"facts.{key}"), told], [plain, plain]) for key, told in _facts(desk).items() if told)
    yield from _levels(desk, looks)
    yield Row([desk.say("cover.sheets")], [bold])
    for tab, sheet in sheets:
        count = len(sheet.totals) - sum(sheet.totals)
        yield Row([sheet.name, count, sheet.about], [looks.link(), looks.cell("count"), plain], tab)
    yield Row([desk.say("cover.signs")], [bold])
    for look in COLOURS:
        yield Row([SIGNS[look], desk.say(f"signs.{look}")], [looks.sample(look), plain])
    yield Row([desk.say("cover.inputs")], [bold])
    for file, digest in desk.stored.record.get("fingerprint", {}).items():
        yield Row([str(file), str(digest)], [plain, plain])


def _facts(desk: Desk) -> Mapping[str, str]:
    """What the workbook is about, in words; "" where it is not known."""
    record = desk.stored.record
    return {
        "title": one_line(desk.stored.district(desk.manner.language)),
        "scenario": one_line(desk.stored.title(desk.manner.language)),
        "mode": desk.say(f"modes.{desk.manner.mode}", year=record["year"]),
        "data_date": record.get("data_date") or "",
        "proved": _tell_proved(record, desk),
        "placed": "" if desk.manner.mode == "posts" else _tell_placed(record, desk),
        "use": desk.say("words.use") + (desk.say("words.personal") if "postings" in desk.stored.tables else ""),
        "program": _tell_program(record, desk),
    }


def _tell_proved(record: Mapping[str, Any], desk: Desk) -> str:
    """Whether the plan was proved best, else how far at most it is from the best; and whether it was cut short."""
    gap = record["gap"]
    if record["status"] == Status.OPTIMAL:
        told = desk.say("proved.best")
    else:
        told = desk.say("proved.unknown") if gap is None else desk.say("proved.within", gap=write_share(gap))
    return told + (desk.say("proved.interrupted") if record["interrupted"] else "")


def _tell_placed(record: Mapping[str, Any], desk: Desk) -> str:
    """How many children are placed, by stage, and how far they go on average."""
    counts = [
        say("cli.run.stage", {"stage": desk.manner.stage(stage), "students": f"{count:,}"}, desk.manner.language)
        for stage, count in record["decided"].items()
    ]
    mean = "" if record["mean_m"] is None else desk.say("words.mean", metres=f"{record['mean_m']:,.0f}")
    return desk.manner.join(counts) + mean


def _tell_program(record: Mapping[str, Any], desk: Desk) -> str:
    version = record.get("versions", {}).get("xuewei", "")
    return desk.say("words.program", version=version, seed=record.get("seed", ""))


def _levels(desk: Desk, looks: Looks) -> Iterator[Row]:
    """What the plan makes least of, in this order: what it comes to, and what no plan can go below."""
    levels = desk.stored.record["levels"]
    if not levels:
        return
    yield Row([desk.say(f"cover.{key}") for key in ("levels", "value", "bound", "gap")], [looks.heading()] * 4)
    for level in levels:
        kind: Kind = "tenths" if level["name"] in IN_DECIMALS else "count"
        name = find(f"cli.levels.{level['name']}", desk.manner.language) or one_line(level["name"])
        cells = [name, level["value"], least_of(level), level["gap"]]
        yield Row(cells, [looks.cell(each) for each in ("long", kind, kind, "share")])

"""Text tables: CSV and spreadsheets as headings and columns of text, nothing converted and nothing mended."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from models.faults import Fault
from optimizer.io.findings import (
    CannotRead,
    blank_rows,
    broken_content,
    guessed_encoding,
    ragged_row,
    unclear_layer,
    unknown_encoding,
)
from optimizer.io.source import Texts


@dataclass(frozen=True)
class Sheet:
    """A table as it stands in a file: `columns[c][r]` is text; `rows` counts as a person does."""

    headings: Sequence[str]
    columns: Sequence[Sequence[str]]
    rows: Sequence[int]
    geometry: Texts | None = None
    crs: str | None = None
    faults: tuple[Fault, ...] = ()


def read_csv(path: Path, file: str) -> Sheet:
    """Read a CSV file in UTF-8 (with or without BOM), else GB18030. Raises CannotRead."""
    text, faults = _decode(path.read_bytes(), file)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise CannotRead(broken_content(file, str(error))) from error
    sheet = _sheet(records, file)
    return Sheet(sheet.headings, sheet.columns, sheet.rows, faults=(*faults, *sheet.faults))


def read_workbook(path: Path, file: str, table: str, sheet: str) -> Sheet:
    """Read one sheet of a spreadsheet: the one named, else the one called like the table, else the only one filled.

    Raises CannotRead.
    """
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        names = list(workbook.sheet_names)
        filled = {name: workbook.get_sheet_by_name(name) for name in names}
        chosen = _choose(names, [name for name in names if filled[name].height], table, sheet, file)
        cells = filled[chosen].to_python(skip_empty_area=False)
    except CalamineError as error:
        raise CannotRead(broken_content(file, str(error))) from error
    records = [[_cell_text(cell) for cell in row] for row in cells]
    return _sheet(records, file)


def _choose(names: list[str], filled: list[str], table: str, sheet: str, file: str) -> str:
    if sheet:
        wanted = [name for name in names if name == sheet]
    else:
        wanted = [name for name in names if name.strip().casefold() == table] or filled
    if len(wanted) != 1:
        raise CannotRead(unclear_layer(file, sheet, names))
    return wanted[0]


def _decode(content: bytes, file: str) -> tuple[str, tuple[Fault, ...]]:
    if b"\0" in content:
        raise CannotRead(unknown_encoding(file))
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("gb18030"), (guessed_encoding(file),)
    except UnicodeDecodeError as error:
        raise CannotRead(unknown_encoding(file)) from error


def _cell_text(cell: Any) -> str:
    """Text of a spreadsheet cell; whole numbers without a point, as they are shown, but not beyond 15 digits."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case _:
            return str(cell)


def _sheet(records: list[list[str]], file: str) -> Sheet:
    """Split records into heading and rows; blank rows and rows of another length are set aside and told of."""
    if not records:
        return Sheet((), (), ())
    headings, width = records[0], len(records[0])
    numbered = [(row, record) for row, record in enumerate(records[1:], start=2) if record]
    blank = [row for row, record in numbered if not any(cell.strip() for cell in record)]
    ragged = [(row, record) for row, record in numbered if len(record) != width and row not in set(blank)]
    aside = {*blank, *(row for row, _ in ragged)}
    kept = [(row, record) for row, record in numbered if row not in aside]
    columns = list(zip(*(record for _, record in kept), strict=True)) if kept else [()] * width
    faults = [ragged_row(file, row, len(record), width) for row, record in ragged]
    if blank:
        faults.append(blank_rows(file, blank[0], len(blank)))
    return Sheet(headings, columns, [row for row, _ in kept], faults=tuple(faults))

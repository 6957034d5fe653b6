"""From a table of a run to a sheet: headings and codes in words, cells of the kind they are, empty columns left out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import pandas as pd

from models.sentences import find, say
from optimizer.lists.manner import Manner
from optimizer.lists.names import Names, one_line, read_names
from optimizer.runs import StoredRun
from optimizer.workbook.sheet import Cell, Column, Kind, Mark, Sheet

AS_SAID: Literal["as_said"] = "as_said"
"""The kind of a field whose rows each say theirs, in the column `kind` of the table."""
_CODES = {
    "grade": "grades",
    "round": "cli.rounds",
    "moved": "cli.moved",
    "category": "kinds.categories",
    "origin": "kinds.origins",
    "indicator": "cli.indicators",
    "measure": "cli.units",
}
"""Columns whose cells are codes, and where these are told in words, beside those of the lists."""


@dataclass(frozen=True)
class Desk:
    """What every sheet is made from: a run, what its schools and units are called, and in which manner it is told."""

    stored: StoredRun
    names: Names
    manner: Manner

    def say(self, key: str, **facts: object) -> str:
        """Return the sentence of `workbook.KEY`."""
        return say(f"workbook.{key}", facts, self.manner.language)

    def title(self, sheet: str = "") -> str:
        """Return the title of a sheet, of the whole workbook unless one is named."""
        record = self.stored.record
        facts = {"district": one_line(self.stored.district(self.manner.language)), "year": record["year"]}
        return self.say(f"titles.{self.manner.mode}", sheet=sheet or self.say(f"cover.{self.stored.scope}"), **facts)

    def word(self, column: str, code: str) -> str:
        """Return a code of a column in words; as it stands where there are none, as for a kind of children."""
        if column in self.manner.coded and code:
            return self.manner.coded[column](code)
        told = find(f"{_CODES[column]}.{code}", self.manner.language) if column in _CODES else None
        return code if told is None else told

    def heading(self, stem: str, column: str) -> str:
        """Return the heading of a column: of the sheet, else of every sheet, else as in the lists."""
        keys = (f"workbook.headings.{stem}.{column}", f"workbook.headings.{column}")
        told = (find(key, self.manner.language) for key in keys)
        return next(filter(None, told), None) or self.manner.heading(column)


@dataclass(frozen=True)
class Field:
    """A column of a table that a sheet shows."""

    key: str
    kind: Kind | Literal["as_said"] = "text"
    mark: Mark | None = None
    heading: str = ""
    """"" where the catalogue has one for the key."""
    missed: str = ""
    """The column of the table that says which cells miss their target, "" for none."""


def set_up(stored: StoredRun, manner: Manner) -> Desk:
    """Return the desk for a run. Raises NotARun where its names cannot be read."""
    return Desk(stored, read_names(stored, manner), manner)


def lay_out(
    stem: str, table: pd.DataFrame, fields: Sequence[Field], desk: Desk, *, totals: str = "", fixed: int = 1
) -> Sheet:
    """Return a table as a sheet; rows whose column `totals` is empty are totals.

    Columns that the table does not have, or has nothing in, are left out; of a table without rows all are shown.
    """
    columns = [_column(stem, field, table, desk) for field in fields if field.key in table]
    filled = [column for column in columns if table.empty or any(cell is not None for cell in column.cells)]
    shown = {column.key for column in filled}
    return Sheet(
        stem,
        desk.say(f"sheets.{stem}.name"),
        desk.say(f"sheets.{stem}.about"),
        find(f"workbook.notes.{stem}", desk.manner.language) or "",
        tuple(_without_lost_mark(column, shown) for column in filled),
        [bool(totals) and not each for each in table[totals]] if totals else [False] * len(table),
        fixed,
    )


def _column(stem: str, field: Field, table: pd.DataFrame, desk: Desk) -> Column:
    kinds = list(table["kind"]) if field.kind == AS_SAID else [field.kind] * len(table)
    cells = [_cell(field.key, cell, kind, desk) for cell, kind in zip(table[field.key], kinds, strict=True)]
    missed = list(table[field.missed]) if field.missed else []
    return Column(field.key, field.heading or desk.heading(stem, field.key), cells, kinds, field.mark, missed)


def _cell(column: str, cell: Any, kind: Kind, desk: Desk) -> Cell:
    """Return a cell as Python's own text, number or day; a day that is none stays text."""
    if cell is None or cell == "" or pd.isna(cell):
        return None
    if kind in ("text", "long"):
        return desk.word(column, str(cell)) or None
    if kind == "date":
        try:
            return date.fromisoformat(str(cell))
        except ValueError:
            return str(cell)
    return int(cell) if float(cell).is_integer() else float(cell)


def _without_lost_mark(column: Column, shown: set[str]) -> Column:
    """A mark whose limits are in a column that is left out is no mark."""
    lost = column.mark is not None and isinstance(column.mark.limit, str) and column.mark.limit not in shown
    return replace(column, mark=None) if lost else column

"""Cells: what is empty, no number, too large, no known choice, or an id that a spreadsheet has spoilt."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

import numpy as np

from models.district import Bools
from models.settings import LARGEST_COUNT
from optimizer.checks.registry import check
from optimizer.io.columns import Column, Kind, choice_values, choices
from optimizer.io.findings import Finding, nearest
from optimizer.io.formulas import is_formula
from optimizer.io.source import Source, Table

TOTALS = frozenset(("合计", "总计", "小计", "共计", "total", "totals", "sum", "subtotal", "grand total"))

_SPOILT = re.compile(r"\d+\.0+|\d(?:\.\d+)?[eE]\+\d{2,}")


def columns_of(source: Source, *kinds: Kind) -> Iterator[tuple[Table, Column]]:
    """Return every column of some kinds that a table of the instance has."""
    for table in source.tables.values():
        for column in table.spec.columns.values():
            if column.kind in kinds and table.has(column.name):
                yield table, column


def total_rows(table: Table) -> Bools:
    """Return the rows that look like a sum of the rows above, by the word in their first column."""
    if not table.spec.key:
        return np.zeros(len(table), dtype=bool)
    return np.array([cell.casefold() in TOTALS for cell in table.text(table.spec.key[0])], dtype=bool)


def _wrong(table: Table, column: Column, wrong: Bools) -> Iterator[Finding]:
    cells = table.text(column.name)
    for row in np.flatnonzero(wrong):
        yield table.at(int(row), column.name, cells[row])


@check("T104")
def find_wrong_counts(source: Source) -> Iterator[Finding]:
    """Counts that are negative, fractional or no number."""
    for table, column in columns_of(source, "count"):
        counts = table.numbers(column.name)
        whole = np.isfinite(counts) & (counts >= 0) & (counts == np.floor(counts))
        yield from _wrong(table, column, table.filled(column.name) & ~whole)


@check("T105")
def find_empty_cells(source: Source) -> Iterator[Finding]:
    """Needed cells that are empty."""
    for table in source.tables.values():
        for column in table.spec.columns.values():
            if column.needed and table.has(column.name):
                yield from _wrong(table, column, ~table.filled(column.name))


@check("T106")
def find_wrong_numbers(source: Source) -> Iterator[Finding]:
    """Measures that are no number, or below what they can be (metres are not negative)."""
    for table, column in columns_of(source, "number"):
        numbers = table.numbers(column.name)
        least = -np.inf if column.least is None or column.most is not None else column.least
        right = np.isfinite(numbers) & (numbers >= least)
        yield from _wrong(table, column, table.filled(column.name) & ~right)


@check("T107")
def find_huge_counts(source: Source) -> Iterator[Finding]:
    """Counts above a million in one cell."""
    for table, column in columns_of(source, "count"):
        counts = table.numbers(column.name)
        yield from _wrong(table, column, np.isfinite(counts) & (counts > LARGEST_COUNT))


@check("T108")
def find_unknown_choices(source: Source) -> Iterator[Finding]:
    """Cells that are none of the values a column may hold (stage, type, status, ...)."""
    for table, column in columns_of(source, "choice"):
        known, spelt = list(choice_values(column.choices)), list(choices(column.choices))
        cells = table.text(column.name)
        for row in np.flatnonzero(table.filled(column.name) & ~np.isin(cells, known)):
            found = str(cells[row])
            near = nearest(found.casefold(), spelt)
            yield table.at(int(row), column.name, found, known=", ".join(known), near=near)


@check("T109")
def find_unknown_flags(source: Source) -> Iterator[Finding]:
    """Cells of a yes-or-no column that are neither."""
    for table, column in columns_of(source, "flag"):
        known = np.array(
            [not cell or cell.casefold() in choices("flag") for cell in table.text(column.name)], dtype=bool
        )
        yield from _wrong(table, column, ~known)


@check("T110")
def find_spoilt_ids(source: Source) -> Iterator[Finding]:
    """Ids that a spreadsheet turned into numbers: 101.0, 1.01E+17."""
    for table, column in columns_of(source, "id"):
        spoilt = [_SPOILT.fullmatch(cell) is not None for cell in table.text(column.name)]
        yield from _wrong(table, column, np.array(spoilt, dtype=bool))


@check("T111")
def find_invisible_characters(source: Source) -> Iterator[Finding]:
    """Ids with control characters or characters of no width, which look like another id and are not."""
    for table, column in columns_of(source, "id"):
        invisible = [not cell.isprintable() and _has_control(cell) for cell in table.text(column.name)]
        yield from _wrong(table, column, np.array(invisible, dtype=bool))


@check("T120")
def find_wrong_dates(source: Source) -> Iterator[Finding]:
    """Dates that name no day of the calendar."""
    for table, column in columns_of(source, "date"):
        yield from _wrong(table, column, table.filled(column.name) & np.isnat(table.days(column.name)))


@check("T119")
def find_formulas(source: Source) -> Iterator[Finding]:
    """Ids that a spreadsheet would run as formulas; each is told of once, where it stands for itself."""
    for table, column in columns_of(source, "id"):
        if column.refers:
            continue
        times = Counter(cell for cell in table.text(column.name) if is_formula(cell))
        for found, rows in times.items():
            first = int(np.argmax(table.text(column.name) == found))
            yield table.at(first, column.name, found, rows=rows)


@check("T112")
def find_total_rows(source: Source) -> Iterator[Finding]:
    """Rows that hold the sum of the others."""
    for table in source.tables.values():
        first = table.spec.key[0] if table.spec.key else ""
        for row in np.flatnonzero(total_rows(table)):
            yield table.at(int(row), first, str(table.text(first)[row]))


@check("T115")
def find_empty_tables(source: Source) -> Iterator[Finding]:
    """Needed tables without a single row."""
    for table in source.tables.values():
        if table.spec.needed and not len(table):
            yield table.whole(table=table.spec.name)


@check("T117", "warning")
def find_empty_optional_tables(source: Source) -> Iterator[Finding]:
    """Tables that need not be there, and hold nothing."""
    for table in source.tables.values():
        if not table.spec.needed and not len(table):
            yield table.whole(table=table.spec.name)


def _has_control(cell: str) -> bool:
    return any(unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn") for character in cell)

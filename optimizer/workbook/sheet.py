"""What a sheet holds, before any of it is written: columns of cells, each of a kind, some held to a limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["text", "long", "count", "change", "tenths", "hundredths", "ratio", "share", "year", "date"]
"""How a cell is written: ids and words are `text`, sentences and lists of names `long`, children and metres `count`,
how many more or fewer `change`."""
Look = Literal["above", "below", "vacant", "failed"]
"""How a cell stands out: above its limit, below nothing, a post that is vacant, an index that misses its target."""
Cell = str | float | date | None

SIGNS: Mapping[Look, str] = {"above": "▲", "below": "▼", "vacant": "◆", "failed": "×"}
"""What stands before such a cell: a print in black and white says the same as the colours do."""


@dataclass(frozen=True)
class Mark:
    """Which cells of a column stand out, and how: numbers beyond the limit, and words with the sign of `failed`.

    The limit is one number, or the key of the column that has one for each row.
    """

    look: Look
    limit: float | str = 0.0


@dataclass(frozen=True)
class Column:
    """A column: its key and heading, its cells from the top, None where one is empty, and of which kind each is."""

    key: str
    heading: str
    cells: Sequence[Cell]
    kinds: Sequence[Kind]
    mark: Mark | None = None
    missed: Sequence[bool] = ()
    """Which cells stand out as `failed` whatever they hold; none where it is empty."""


@dataclass(frozen=True)
class Sheet:
    """A sheet: what it is called, what it has, a note to stand under the title, its columns, and which rows are totals.

    The first `fixed` columns stay in sight.
    """

    stem: str
    name: str
    about: str
    note: str
    columns: tuple[Column, ...]
    totals: Sequence[bool]
    fixed: int = 1

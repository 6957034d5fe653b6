"""What the report is made of: sections, and in them paragraphs, lists, facts, tables and charts, without any markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

Mark = Literal["", "pass", "fail", "over"]
"""How a cell stands out; its text says the same."""
LONG = 25
"""Rows from which on a table has a box to filter them by."""
SHORT = 8
"""Rows up to which a table is printed on one page."""


@dataclass(frozen=True)
class Cell:
    """A cell of a table. `value` is what a number is sorted by; None sorts by the text, NaN comes last."""

    text: str
    value: float | None = None
    mark: Mark = ""


@dataclass(frozen=True)
class Column:
    """A column; numbers are set to the right."""

    head: str
    right: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; a `quiet` one explains and says nothing of the plan."""

    kind: ClassVar[str] = "paragraph"
    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Points:
    """Sentences, one below the other."""

    kind: ClassVar[str] = "points"
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Terms, each with what it is."""

    kind: ClassVar[str] = "facts"
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """A table that the reader may sort, unless its rows are of different kinds, and filter where it is long.

    `totals` stand below and stay there.
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[tuple[Cell, ...], ...] = ()
    sorts: bool = True

    @property
    def is_long(self) -> bool:
        """Whether the table is worth a filter."""
        return self.sorts and len(self.rows) >= LONG

    @property
    def is_short(self) -> bool:
        """Whether the table is kept together in print."""
        return len(self.rows) <= SHORT


@dataclass(frozen=True)
class Chart:
    """A picture; `text` says what it shows, for those who do not see it, and stands below it."""

    kind: ClassVar[str] = "chart"
    svg: str
    text: str


Block = Paragraph | Points | Facts | Table | Chart


@dataclass(frozen=True)
class Section:
    """A part of the report under a heading; `name` is where links lead."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Figure:
    """A number that sums up, with what it counts."""

    value: str
    label: str


@dataclass(frozen=True)
class Report:
    """A whole report: heading, figures that sum up, sections."""

    district: str
    title: str
    subtitle: str
    draft: str
    figures: tuple[Figure, ...]
    sections: tuple[Section, ...]


def columns(heads: Sequence[str], right: Sequence[int] = ()) -> tuple[Column, ...]:
    """Return columns by their heads, those at positions `right` of numbers."""
    return tuple(Column(head, k in right) for k, head in enumerate(heads))

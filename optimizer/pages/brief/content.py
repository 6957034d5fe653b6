"""What the brief says, before it is a page or a document: both are made of this and cannot differ."""

from dataclasses import dataclass
from math import ceil

from optimizer.export.changes import Sketch
from optimizer.pages.brief.speech import width

COLUMN = 66
"""Halves of a Chinese character that a line of one of the two columns holds, about."""
_TITLE, _SENTENCE, _ITEM, _EDGE = 1.7, 1.06, 0.95, 0.3
"""Heights of a heading, of a line of a sentence and of an item, and of what frames a table; a row of a table is 1."""
_ROOMY = 60
"""Lines of all sections below which a page is set larger."""


def lines_of(text: str, wide: float = COLUMN) -> int:
    """Return how many lines a text takes, about."""
    return max(ceil(width(text) / wide), 1)


@dataclass(frozen=True)
class Table:
    """A table of texts. Columns from `figures` on hold figures and are set to the right."""

    heads: tuple[str, ...]
    """What the columns are; empty where they are those of the table before."""
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    """Share of the width that each column takes."""
    figures: int = 1
    over: tuple[tuple[str, int], ...] = ()
    """What groups of columns are, above the heads: a text and over how many columns it stands; empty for none."""
    title: str = ""
    note: str = ""
    exact: bool = False
    """Whether the texts are codes, to be set so that characters align."""

    @property
    def lines(self) -> float:
        """Rows of one line that it is as high as, about."""
        above = sum(1 for text in (self.title, self.note, self.over) if text)
        rows = (self.heads, *self.rows) if self.heads else self.rows
        return _EDGE + above + sum(max(map(self._lines_of, row, self.widths)) for row in rows)

    def _lines_of(self, text: str, share: float) -> int:
        return sum(lines_of(line, share * COLUMN) for line in text.splitlines() or [""])


@dataclass(frozen=True)
class Item:
    """An entry of a list: what it is about, and what is said."""

    head: str
    text: str


@dataclass(frozen=True)
class Section:
    """A part under a heading, in this order: sentences, tables, items, a last sentence."""

    key: str
    """What it is about, the same in every language."""
    title: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    items: tuple[Item, ...] = ()
    close: str = ""

    @property
    def lines(self) -> float:
        """Rows of a table that it is as high as in a column, about."""
        told = sum(lines_of(text) for text in (*self.sentences, self.close) if text)
        listed = sum(lines_of(f"{item.head} {item.text}") + 0.1 for item in self.items)
        title = _TITLE if self.title else 0.0
        return title + _SENTENCE * told + _ITEM * listed + sum(table.lines for table in self.tables)


@dataclass(frozen=True)
class Brief:
    """The paper: all but the appendix fits one A4 page."""

    district: str
    """A line above the heading; "" where the heading names the district."""
    heading: str
    facts: tuple[str, ...]
    """Data date, scenario and the like."""
    note: str
    """What the figures are not."""
    sentences: tuple[str, ...]
    picture: Sketch | None
    caption: str
    sections: tuple[Section, ...]
    """What is to be done and what it comes to, in two columns."""
    appendix_title: str
    appendix: tuple[Section, ...]

    @property
    def is_roomy(self) -> bool:
        """Whether there is so little to say that it can be set larger."""
        return sum(section.lines for section in self.sections) <= _ROOMY

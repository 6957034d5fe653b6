"""What the brief says, before it is a page or a document: both are made of this and cannot differ."""

from dataclasses import dataclass
from math import ceil

from optimizer.export.changes import Sketch
from optimizer.pages.brief.speech import width

COLUMN = 66
"""Latin letters a line of one of the two columns, about; a Chinese character takes the room of two."""
_SENTENCE = 1.2
_ROOMY = 68
"""Lines of all sections below which a page is set larger."""


def lines_of(text: str, letters: float = COLUMN) -> int:
    """Return how many lines a text takes, about."""
    return max(ceil(width(text) / letters), 1)


@dataclass(frozen=True)
class Table:
    """A table of texts. Columns from `figures` on hold figures and are set to the right."""

    heads: tuple[str, ...]
    """What the columns are; empty where they are those of the table before."""
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    """Share of the width that each column takes."""
    figures: int = 1
    title: str = ""
    note: str = ""
    exact: bool = False
    """Whether the texts are codes, to be set so that characters align."""

    @property
    def lines(self) -> int:
        """Lines that it takes, about."""
        above = sum(1 for text in (self.title, self.note, "".join(self.heads)) if text)
        return above + sum(max(map(self._lines_of, row, self.widths)) for row in self.rows)

    def _lines_of(self, text: str, share: float) -> int:
        return lines_of(text, share * COLUMN)


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
        """Lines of a table that it takes in a column, about; those of a sentence are higher."""
        texts = (self.title, *self.sentences, *(f"{item.head} {item.text}" for item in self.items), self.close)
        return _SENTENCE * sum(lines_of(text) for text in texts if text) + sum(table.lines for table in self.tables)


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

"""The column dictionary: what tables and columns there are, and every name they go by. The data is `columns.toml`."""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Literal

from models.stages import STAGES

Kind = Literal["id", "ids", "text", "number", "count", "date", "flag", "choice"]

CHILDREN = ("units", "demand")
"""Tables that say where children live: an instance with classes of its own may do without both."""

_UNIT_IN_BRACKETS = re.compile(r"\(.*\)$")
_BETWEEN_IDS = re.compile(r"[;；、,，]")


@dataclass(frozen=True)
class Column:
    """One column: its canonical name, what its cells hold, and what else it may be called."""

    name: str
    kind: Kind
    meaning: str
    needed: bool = False
    headings: tuple[str, ...] = ()
    choices: str = ""
    refers: str = ""
    least: float | None = None
    most: float | None = None

    def canonical(self, cell: str) -> str:
        """Return the canonical value of a choice, in whatever spelling; every other cell as it is."""
        return choices(self.choices).get(cell.casefold(), cell) if self.choices else cell


@dataclass(frozen=True)
class TableSpec:
    """One table: its columns by canonical name, the columns that make a row unique, the geometries it may hold."""

    name: str
    meaning: str
    needed: bool
    key: tuple[str, ...]
    geometry: tuple[str, ...]
    columns: Mapping[str, Column]

    @property
    def located(self) -> bool:
        """True where the rows may be placed by x and y columns."""
        return "x" in self.columns

    def find_column(self, heading: str) -> Column | None:
        """Return the column that a heading in a file names, in whatever spelling, or None."""
        return self._by_heading.get(normalise_heading(heading))

    @cached_property
    def _by_heading(self) -> Mapping[str, Column]:
        columns = self.columns.values()
        return {normalise_heading(name): column for column in columns for name in (column.name, *column.headings)}


@cache
def dictionary() -> Mapping[str, TableSpec]:
    """Return every table that is read, by name, in the order in which they are read."""
    return {name: _table(name, entry) for name, entry in _data().items() if name != "choices"}


@cache
def choices(name: str) -> Mapping[str, str]:
    """Return the canonical value of every accepted spelling of a choice (`stage`, `type`, ...), lower case."""
    values = _data()["choices"][name]
    return {spelling.casefold(): value for value, others in values.items() for spelling in (value, *others)}


def choice_values(name: str) -> tuple[str, ...]:
    """Return the canonical values of a choice, in order."""
    return tuple(_data()["choices"][name])


def split_ids(cell: str) -> tuple[str, ...]:
    """Return the ids that one cell holds, in order."""
    return tuple(part.strip() for part in _BETWEEN_IDS.split(cell) if part.strip())


def is_about_posts(tables: Collection[str]) -> bool:
    """Whether an instance with these tables is about posts alone: its classes are given, and no children."""
    return "classes" in tables and not any(table in tables for table in CHILDREN)


def normalise_heading(heading: str) -> str:
    """Return a heading without case, full-width forms, white space and a unit in brackets at its end."""
    narrow = unicodedata.normalize("NFKC", heading).casefold()
    return _UNIT_IN_BRACKETS.sub("", "".join(narrow.split()))


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(files("optimizer.io").joinpath("columns.toml").read_text(encoding="utf-8"))


def _table(name: str, entry: Mapping[str, Any]) -> TableSpec:
    columns = {column.name: column for stem, facts in entry["columns"].items() for column in _columns(stem, facts)}
    return TableSpec(
        name=name,
        meaning=entry["meaning"],
        needed=entry.get("needed", False),
        key=tuple(entry.get("key", ())),
        geometry=tuple(entry.get("geometry", ())),
        columns=columns,
    )


def _columns(stem: str, facts: Mapping[str, Any]) -> Iterator[Column]:
    rest = {key: value for key, value in facts.items() if key != "headings"}
    headings = tuple(facts.get("headings", ()))
    if not stem.endswith("_STAGE"):
        yield Column(name=stem, headings=headings, **rest)
        return
    for stage in STAGES:
        spelt = (stage, *_data()["choices"]["stage"][stage])
        expanded = tuple(heading.replace("{stage}", spelling) for heading in headings for spelling in spelt)
        yield Column(name=stem.replace("STAGE", stage), headings=expanded, **rest)

"""What is varied: a key in the shape of an override, and the values it takes, as `--vary KEY=a,b,c` states them."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from optimizer.io.overrides import FILTERS

SCENARIO = ("scenario",)
"""The key that varies the scenario itself."""
CHANGES_OF_DEMAND = ("scale", "set")
MOST_PARTS = 16
"""Of a key; those of the contract have half of them at most."""
_OPEN, _CLOSE = "[{(", "]})"
_COMMAS = ",，"
_EQUALS = "=＝"
_EXACT = 2**53
"""Whole numbers below it are the same as floats."""
_FILTERED = re.compile(r"demand\[(?P<rows>.*)\]\.(?P<change>\w+)", re.DOTALL)
_BARE = re.compile(r"[^\s\"'\[\]{},=#](?:[^\"'\[\]{},=#\n\r]*[^\s\"'\[\]{},=#])?")


class UnclearAxis(ValueError):
    """A `--vary` that cannot be read; `why` names the sentence that says so."""

    def __init__(self, why: str, **facts: object) -> None:
        super().__init__(why)
        self.why = why
        self.facts = facts


@dataclass(frozen=True)
class Axis:
    """A key and the values it takes, each once, in the order stated."""

    key: str
    """As it was stated."""
    path: tuple[str, ...]
    values: tuple[Any, ...]
    labels: tuple[str, ...]
    """The values as tables show them."""
    rows: Mapping[str, str] = field(default_factory=dict)
    """Of children: which rows of `demand` are meant."""

    @property
    def is_scenario(self) -> bool:
        """Whether the scenario varies, and nothing laid over it."""
        return self.path == SCENARIO

    @property
    def changes_demand(self) -> bool:
        """Whether children are counted anew, and no setting of the section `demand`."""
        return self.path[0] == "demand" and len(self.path) == 2 and self.path[1] in CHANGES_OF_DEMAND

    def patch(self, position: int) -> dict[str, Any]:
        """Return the override that gives the key the value at `position`; an empty one for a scenario."""
        value = self.values[position]
        if self.is_scenario:
            return {}
        if self.changes_demand:
            return {"demand": [{self.path[1]: value, **self.rows}]}
        for part in reversed(self.path):
            value = {part: value}
        return dict(value)


def read_axis(stated: str) -> Axis:
    """Return what `KEY=a,b,c` says. Raises UnclearAxis.

    KEY is a dotted key of TOML; values are those of TOML, or bare words, which are text; a full-width comma or equals
    sign is as good as a plain one. `demand.scale` and
    `demand.set` count children anew, all of them or those of `demand[stage=primary,zone_id=Z1].scale`.
    """
    key, *rest = _split(stated, _EQUALS, most=1)
    if not rest or not key.strip() or not rest[0].strip():
        raise UnclearAxis("no_values", stated=stated)
    path, rows = _read_key(key.strip())
    if path[0] == "files":
        raise UnclearAxis("no_files", stated=key.strip())
    read = [_read_value(text.strip(), stated) for text in _split(rest[0], _COMMAS)]
    if path == SCENARIO:
        read = [(str(label), label) for _, label in read]
    values, labels = zip(*_distinct(read), strict=True)
    return Axis(key.strip(), path, values, labels, rows)


def _read_key(key: str) -> tuple[tuple[str, ...], dict[str, str]]:
    filtered = _FILTERED.fullmatch(key)
    if filtered:
        if filtered["change"] not in CHANGES_OF_DEMAND:
            raise UnclearAxis("no_rows", stated=key)
        rows = dict(_read_filter(part, key) for part in _split(filtered["rows"], _COMMAS))
        return ("demand", filtered["change"]), rows
    try:
        node: Any = tomllib.loads(f"{key} = 0")
    except (ValueError, RecursionError) as error:
        raise UnclearAxis("no_key", stated=key) from error
    path = []
    while isinstance(node, Mapping) and len(node) == 1:
        part, node = next(iter(node.items()))
        path.append(part)
    if node != 0 or len(path) > MOST_PARTS:
        raise UnclearAxis("no_key", stated=key)
    return tuple(path), {}


def _read_filter(part: str, key: str) -> tuple[str, str]:
    name, *value = (text.strip() for text in _split(part, _EQUALS, most=1))
    if name not in FILTERS or not value:
        raise UnclearAxis("no_filter", stated=key, found=part.strip(), known=", ".join(FILTERS))
    return name, str(_read_value(value[0], key)[1])


def _read_value(text: str, stated: str) -> tuple[Any, str]:
    """A value and how it is shown: text without its quotes, everything else as stated."""
    try:
        document = tomllib.loads(f"value = {text}")
        repr(document)  # fails for a number of so many digits that nobody can write it down
    except (ValueError, RecursionError) as error:
        if not _BARE.fullmatch(text):
            raise UnclearAxis("no_value", stated=stated, found=text) from error
        document = {"value": text}
    if list(document) != ["value"]:
        raise UnclearAxis("no_value", stated=stated, found=text)
    value = document["value"]
    if isinstance(value, datetime | date | time):
        value = text
    return value, value if isinstance(value, str) else " ".join(text.split())


def _distinct(read: Sequence[tuple[Any, str]]) -> Iterator[tuple[Any, str]]:
    """Yield each value once, where it first stands."""
    seen = set()
    for value, label in read:
        if _identity(value) not in seen:
            seen.add(_identity(value))
            yield value, label


def _identity(value: Any) -> tuple[bool, str]:
    """What equal values have in common: 1 and 1.0 are one, 1 and true are two."""
    plain = float(value) if isinstance(value, int | float) and abs(value) < _EXACT else value
    return isinstance(value, bool), f"{type(plain).__name__} {plain!r}"


def _split(text: str, at: str, most: int = -1) -> Iterator[str]:
    """Yield the parts of a text between those characters of `at` that stand outside quotes and brackets."""
    quote, depth, start = "", 0, 0
    for place, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in _OPEN:
            depth += 1
        elif letter in _CLOSE:
            depth -= 1
        elif letter in at and depth == 0 and most:
            yield text[start:place]
            start, most = place + 1, most - 1
    yield text[start:]

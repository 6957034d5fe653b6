"""How much room text takes: widths in characters of a Latin letter, of which a Chinese one takes two, and lines."""

import math
import re
from unicodedata import east_asian_width

from optimizer.workbook.sheet import Cell, Column, Kind

LINE = 15.0
"""Height of a line, in points."""
TALLEST = 400.0
"""Height that a row may have, in points: 409 is the most."""
_WIDTHS: dict[Kind, tuple[int, int]] = {"text": (6, 40), "long": (72, 72)}
_PLAIN = (7, 22)
"""Least and most characters of a column, by kind and of every other kind."""
_ONE_LINE = 12
"""Width up to which a heading stays on one line."""
_DECIMALS: dict[Kind, int] = {"tenths": 1, "hundredths": 2, "ratio": 3}
_WIDEST_HEADING = 16
"""Width beyond which a heading takes more lines instead, unless a word of it is wider."""
_WORDS = re.compile(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+")
"""What lines break between: a Chinese character, or a word with the space after it."""


def measure(text: str) -> int:
    """Return how wide text is; what may be wide counts as wide."""
    return sum(2 if east_asian_width(character) in "WFA" else 1 for character in text)


def count_lines(cell: Cell, width: float) -> int:
    """Return how many lines text takes in a column of a width; anything else takes one."""
    if not isinstance(cell, str):
        return 1
    lines, used = 1, 0
    for word in _WORDS.findall(cell):
        wide = measure(word.rstrip())
        if used and used + wide > width:
            lines, used = lines + 1, 0
        lines += max(math.ceil(wide / width) - 1, 0)
        used += measure(word)
    return lines


def find_width(column: Column) -> int:
    """Return how wide a column must be, in characters; a long heading takes several lines."""
    told = (_told(cell, kind) for cell, kind in zip(column.cells, column.kinds, strict=True))
    widest = max((measure(text) for text in told), default=0) + (4 if column.mark or any(column.missed) else 2)
    least, most = _WIDTHS.get(column.kinds[0], _PLAIN) if column.kinds else _PLAIN
    heading = measure(column.heading)
    longest = max((measure(word.rstrip()) for word in _WORDS.findall(column.heading)), default=0)
    halved = min(math.ceil(heading / 2), max(longest, _WIDEST_HEADING))
    needed = heading if heading <= _ONE_LINE else halved
    return min(max(widest, needed + 3, least), most)


def _told(cell: Cell, kind: Kind) -> str:
    """Return about what a cell shows."""
    if isinstance(cell, int | float):
        return f"{cell:.1%} " if kind == "share" else f"{cell:,.{_DECIMALS.get(kind, 0)}f}"
    return "" if cell is None else str(cell)

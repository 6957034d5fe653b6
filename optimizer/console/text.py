"""Plain text for a terminal: columns that align with Chinese in them, numbers with their units."""

import math
from collections.abc import Sequence

from rich.cells import cell_len

GAP = "  "


def printable(text: str) -> str:
    """Return `text` with every control character replaced, so that no name can steer a terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def shorten(text: str, longest: int = 120) -> str:
    """Return `text`, the end of a long one cut off."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def align(rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), indent: str = "") -> list[str]:
    """Return one line a row, columns padded to their widest cell; a Chinese character counts as two.

    Columns whose position is in `right` are set to the right, as numbers are. No line ends in a space.
    """
    if not rows:
        return []
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(cell_len(cell) for cell in column) for column in zip(*cells, strict=True)]
    return [
        (indent + GAP.join(_pad(cell, widths[k], k in right) for k, cell in enumerate(row))).rstrip() for row in cells
    ]


def _pad(cell: str, width: int, to_the_right: bool) -> str:
    space = " " * (width - cell_len(cell))
    return space + cell if to_the_right else cell + space


def write_number(value: object, decimals: int = 3) -> str:
    """Return a number with thousands separated and at most `decimals` decimals; "" where there is none."""
    if value is None or isinstance(value, str):
        return value or ""
    number = float(str(value))
    if math.isnan(number):
        return ""
    if math.isinf(number):
        return "∞" if number > 0 else "-∞"
    written = f"{number:,.{decimals}f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def write_metres(metres: float) -> str:
    """Return whole metres, as `1,051 m`."""
    return f"{metres:,.0f} m"


def write_share(share: float) -> str:
    """Return a share of 0-1 in per cent, as `0.4 %`; two digits that mean something where it is small."""
    per_cent = 100 * share
    size = abs(per_cent)
    decimals = 1 if size >= 0.1 or size == 0 or math.isnan(size) else min(6, 1 - math.floor(math.log10(size)))
    return f"{per_cent:.{decimals}f} %"


def write_stated(share: float) -> str:
    """Return a share that somebody stated in per cent, with as many digits as it was stated with: `10 %`, `2.5 %`."""
    return f"{100 * share:.6g} %"

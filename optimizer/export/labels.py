"""Labels that do not run into one another: the most important first, beside its point, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

from models.district import Floats
from optimizer.export.colours import INK, PAPER

_GAP = 4.0
_LONGEST = 24
_SIZE = 6.5
_ROOM = 0.96
"""Share of the width that a line of words may take before it is set smaller."""


@dataclass(frozen=True)
class Label:
    """A text at a point, in the units of the axes; `weight` says which of two that collide is kept."""

    text: str
    x: float
    y: float
    weight: float
    colour: str = INK


def draw_labels(axes: Axes, labels: Sequence[Label]) -> int:
    """Draw what fits, above, below, right or left of its point; return how many did. Figure size must be settled."""
    renderer = axes.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    taken = [_box(axes.transData.transform((label.x, label.y)), 5.0, 5.0) for label in labels]
    frame, drawn = axes.get_window_extent(renderer), 0
    for label in sorted(labels, key=lambda label: (-label.weight, label.text)):
        text = axes.text(
            label.x, label.y, label.text, fontsize=_SIZE, color=label.colour, ha="center", va="center",
            parse_math=False, zorder=9, path_effects=[withStroke(linewidth=1.8, foreground=PAPER)],
        )  # fmt: skip
        size = text.get_window_extent(renderer)
        point = axes.transData.transform((label.x, label.y))
        box = next((box for box in _places(point, size) if _is_free(box, taken, frame)), None)
        if box is None:
            text.remove()
            continue
        x, y = axes.transData.inverted().transform(((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2))
        text.set_position((float(x), float(y)))
        taken.append(box)
        drawn += 1
    return drawn


def shorten(text: str, longest: int = _LONGEST) -> str:
    """Return a text in one line: characters that cannot be printed become spaces, a long one is cut."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def write_line(figure: Figure, y: float, text: str, size: float, colour: str = INK) -> None:
    """Write a line across the middle of the figure, set smaller where it would not fit; `y` is of 0-1."""
    written = figure.text(0.5, y, text, ha="center", va="center", fontsize=size, color=colour, parse_math=False)
    taken = written.get_window_extent().width / (_ROOM * figure.bbox.width)
    written.set_fontsize(size / max(taken, 1.0))


def _places(point: Floats, size: Bbox) -> list[Bbox]:
    wide, high = size.width / 2, size.height / 2
    aside, above = wide + _GAP + 5.0, high + _GAP + 3.0
    steps = [(0, above), (0, -above), (aside, 0), (-aside, 0)]
    steps += [(aside * 0.8, above), (-aside * 0.8, above), (aside * 0.8, -above), (-aside * 0.8, -above)]
    return [_box(point + np.array(step), wide, high) for step in steps]


def _box(middle: Floats, wide: float, high: float) -> Bbox:
    x, y = middle
    return Bbox([[x - wide, y - high], [x + wide, y + high]])


def _is_free(box: Bbox, taken: Sequence[Bbox], frame: Bbox) -> bool:
    inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
    return bool(inside and not np.any([box.overlaps(other) for other in taken]))

"""Labels that do not run into one another: the most important first, beside its point, or not at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from models.district import Floats
from optimizer.export.colours import INK, PAPER

_GAP_PT = 2.0
_POINT_PT = 2.4
"""Half the width of the sign that a label stands beside."""
_LEADER_PT = (12.0, 18.0, 25.0, 33.0, 42.0, 54.0, 68.0)
"""How far off a label may stand, at the end of a line that leads to it."""
_LEADER: dict[str, Any] = {"color": "#888888", "linewidth": 0.4, "linestyle": (0, (1, 1.5))}
"""Grey dots, which nobody takes for an arrow."""
_DIRECTIONS = 24
_TEXT_OFF, _LINE_OFF = 1, 2
"""How much care is taken of what is to be avoided: that the text does not cover it, nor the line to the text."""
_ATTEMPTS = ((False, _LINE_OFF), (True, _LINE_OFF), (True, _TEXT_OFF), (False, 0), (True, 0))
"""Beside the point or at the end of a line, and with how much care: what is tried first, for all labels, then next."""
_LONGEST = 24
_SIZE = 6.5
_ROOM = 0.92
"""Share of the width that a line of words may take before it is set smaller."""


@dataclass(frozen=True)
class Label:
    """A text at a point, in the units of the axes; `weight` says which of two that collide is kept."""

    text: str
    x: float
    y: float
    weight: float
    colour: str = INK


def draw_labels(axes: Axes, labels: Sequence[Label], avoid: shapely.Geometry | None = None) -> int:
    """Draw what fits and return how many did; the figure's size must be settled.

    A label stands beside its point, else at the end of a short line, and beside the shapes to `avoid` (in the units of
    the axes) where there is room.
    """
    axes.apply_aspect()
    room = _Room(axes, labels, avoid)
    waiting = [_set(axes, label) for label in sorted(labels, key=lambda label: (-label.weight, label.text))]
    for led, care in _ATTEMPTS:
        waiting = [(label, text) for label, text in waiting if not room.place(label, text, led=led, care=care)]
    for _, text in waiting:
        text.remove()
    return len(labels) - len(waiting)


def _set(axes: Axes, label: Label) -> tuple[Label, Text]:
    text = axes.text(
        label.x, label.y, label.text, fontsize=_SIZE, color=label.colour, ha="center", va="center",
        parse_math=False, zorder=9, bbox={"facecolor": PAPER, "alpha": 0.7, "linewidth": 0, "pad": 0.5},
    )  # fmt: skip
    return label, text


class _Room:
    """What of some axes is taken, as boxes (west, south, east, north) in pixels."""

    def __init__(self, axes: Axes, labels: Sequence[Label], avoid: shapely.Geometry | None) -> None:
        self.axes, self.dot = axes, axes.figure.dpi / 72
        self.renderer = axes.figure.canvas.get_renderer()  # type: ignore[attr-defined]
        self.frame = np.array(axes.get_window_extent(self.renderer).extents)
        point = _POINT_PT * self.dot
        self.taken = [np.array(text.get_window_extent(self.renderer).extents) for text in axes.texts]
        self.taken += [_box(self._at(label), point, point) for label in labels]
        self.avoid = None if avoid is None else shapely.transform(avoid, axes.transData.transform).buffer(self.dot)
        shapely.prepare(self.avoid)

    def place(self, label: Label, text: Text, *, led: bool, care: int) -> bool:
        """Move a text to where it fits, if there is such a place, and take it."""
        size = text.get_window_extent(self.renderer)
        point, half = self._at(label), np.array([size.width, size.height]) / 2
        for middle in self._far(point, half) if led else self._near(point, half):
            box = _box(middle, *half)
            if not self._is_free(box) or (care >= _TEXT_OFF and self._covers(shapely.box(*box))):
                continue
            line = _between(point, box, _POINT_PT * self.dot) if led else np.empty((0, 4))
            if not self._hit(line) and not (care >= _LINE_OFF and self._covers(shapely.multipoints(line[3:, :2]))):
                x, y = self.axes.transData.inverted().transform(middle)
                text.set_position((float(x), float(y)))
                self.taken += [box, *line]
                if led:
                    end = self.axes.transData.inverted().transform(np.clip(point, box[:2], box[2:]))
                    self.axes.plot([label.x, end[0]], [label.y, end[1]], zorder=6, **_LEADER)
                return True
        return False

    def _at(self, label: Label) -> Floats:
        return np.asarray(self.axes.transData.transform((label.x, label.y)))

    def _near(self, point: Floats, half: Floats) -> Iterator[Floats]:
        aside, above = half + (_GAP_PT + _POINT_PT) * self.dot - np.array([0.0, self.dot])
        steps = [(0, above), (0, -above), (aside, 0), (-aside, 0)]
        steps += [(aside * x, above * y) for y in (1, -1) for x in (0.8, -0.8)]
        yield from (point + np.array(step) for step in steps)

    def _far(self, point: Floats, half: Floats) -> Iterator[Floats]:
        for reach in _LEADER_PT:
            for turn in 2 * np.pi * np.arange(_DIRECTIONS) / _DIRECTIONS:
                way = np.array([np.cos(turn), np.sin(turn)])
                yield point + way * (reach * self.dot + half * np.abs(way))

    def _is_free(self, box: Floats) -> bool:
        inside = bool((box[:2] >= self.frame[:2]).all() and (box[2:] <= self.frame[2:]).all())
        return inside and not self._hit(box[None, :])

    def _covers(self, shape: shapely.Geometry) -> bool:
        return self.avoid is not None and bool(shapely.intersects(self.avoid, shape))

    def _hit(self, boxes: Floats) -> bool:
        """Whether any of the boxes overlaps one that is taken."""
        if not self.taken or not len(boxes):
            return False
        ours, theirs = boxes[:, None, :], np.array(self.taken)[None, :, :]
        return bool(((ours[..., :2] < theirs[..., 2:]) & (theirs[..., :2] < ours[..., 2:])).all(axis=-1).any())


def _box(middle: Floats, wide: float, high: float) -> Floats:
    x, y = middle
    return np.array([x - wide, y - high, x + wide, y + high])


def _between(point: Floats, box: Floats, start: float) -> Floats:
    """Boxes of a pixel or so along the line from a point's sign to the nearest point of a box."""
    end = np.clip(point, box[:2], box[2:])
    length = float(np.hypot(*(end - point)))
    middles = point + np.outer(np.arange(1.5 * start, length - 1.0, 3.0) / length, end - point)
    return np.hstack([middles - 1.0, middles + 1.0])


def shorten(text: str, longest: int = _LONGEST) -> str:
    """Return a text in one line: characters that cannot be printed become spaces, a long one is cut."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def write_line(figure: Figure, y: float, text: str, size: float, colour: str = INK) -> None:
    """Write a line across the middle of the figure, set smaller where it would not fit; `y` is of 0-1."""
    written = figure.text(0.5, y, text, ha="center", va="center", fontsize=size, color=colour, parse_math=False)
    taken = written.get_window_extent().width / (_ROOM * figure.bbox.width)
    written.set_fontsize(size / max(taken, 1.0))

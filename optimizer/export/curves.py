"""A trade-off as a picture: plans on the curve, what no plan can reach below it, and where it bends."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any
from unicodedata import east_asian_width

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from models.district import Floats
from models.sentences import Language
from optimizer.export.colours import BARRIER, INK, OVERFULL, PALETTE, PAPER
from optimizer.export.fonts import Typeface
from optimizer.export.maps import Drawn
from optimizer.export.scenes import draw_scene, legible, write_left

_DPI = 150
_WIDE, _HIGH = 8.6, 5.9
_BOX = (0.95, 0.95, 6.7, 3.95)
"""Left, low, width and height of the axes, in inches."""
_GREY, _FAINT = "#555555", "#EDEFF2"
_LONGEST = 52
"""Letters of a line beside the knee."""
_FOOT_INCHES = 0.37
_FEWEST = 3
"""Plans of a group that are joined by a line."""
_LABELLED = 30
"""Plans up to which each has its number beside it."""
_COLOURS = (BARRIER, "#EE8866", "#44BB99", "#AAAA00", "#BB5588", *PALETTE)


@dataclass(frozen=True)
class Dot:
    """A plan: where it lies, and what is written beside it."""

    x: float
    y: float
    name: str
    note: str = ""
    """Of the ends of the curve."""
    on: bool = True
    """Whether no other plan is better in every level."""
    group: int = 0
    """Plans below the same ceiling of a third level."""


@dataclass(frozen=True)
class Sign:
    """A plan that was not searched for here, such as today's catchments."""

    x: float
    y: float
    note: str


@dataclass(frozen=True)
class CurveScene:
    """What the picture says, in one language."""

    heading: str
    subtitle: str
    caution: str
    x_title: str
    y_title: str
    dots: tuple[Dot, ...]
    floor: tuple[tuple[float, float], ...] = ()
    """Corners of what was proved, from left to right: up to this x, no plan is below this y."""
    edge: float = 0.0
    """No plan is to the left of it."""
    proved: str = ""
    """What the shaded area says."""
    knee: int | None = None
    bend: tuple[str, ...] = ()
    """Where the knee is, and why it is there."""
    signs: tuple[Sign, ...] = ()
    second: tuple[float, str] | None = None
    """Factor and title of an axis on the right, such as metres on average."""
    groups: tuple[str, ...] = ()
    decimals: tuple[int, int] = (0, 0)

    @property
    def texts(self) -> Iterator[str]:
        """Every text of the picture."""
        yield from (self.heading, self.subtitle, self.caution, self.x_title, self.y_title, self.proved)
        yield from (*self.bend, *self.groups, *(sign.note for sign in self.signs), *(dot.note for dot in self.dots))
        yield "" if self.second is None else self.second[1]


def draw_curve(
    build: Callable[[Language], CurveScene], path: Path, *, language: Language, font: Path | None = None
) -> Drawn:
    """Draw a trade-off to a PNG or SVG file, equal bytes for equal plans and fonts."""
    return draw_scene(build, lambda *said: _Drawing(*said).compose(), path, language=language, font=font)


@dataclass(frozen=True)
class _Drawing:
    scene: CurveScene
    typeface: Typeface

    def write(self, text: str) -> str:
        return legible(text, self.typeface)

    def compose(self) -> Figure:
        figure = Figure(figsize=(_WIDE, _HIGH), dpi=_DPI, facecolor=PAPER)
        FigureCanvasAgg(figure)
        left, low, wide, high = _BOX
        axes = figure.add_axes((left / _WIDE, low / _HIGH, wide / _WIDE, high / _HIGH))
        x_span, y_span = self._spans()
        axes.set_xlim(*x_span)
        axes.set_ylim(*y_span)
        self._floor(axes, x_span, y_span)
        self._dots(axes)
        self._signs(axes)
        self._knee(axes)
        self._dress(axes)
        for high, text, size, colour in (
            (_HIGH - 0.30, self.scene.heading, 13.0, INK),
            (_HIGH - 0.60, self.scene.subtitle, 9.0, INK),
            (0.17, self.scene.caution, 7.5, _GREY),
        ):
            write_left(figure, high, self.write(text), size, colour)
        if self.scene.floor:
            write_left(figure, _FOOT_INCHES, "\u25a0", 9.0, "#D3D8DE")
            write_left(figure, _FOOT_INCHES, self.write(self.scene.proved), 7.5, _GREY, left_inches=0.17)
        elif self.scene.groups and self.scene.bend:
            write_left(figure, _FOOT_INCHES, self.write(" ".join(self.scene.bend)), 7.5, OVERFULL)
        return figure

    def _spans(self) -> tuple[tuple[float, float], tuple[float, float]]:
        places: tuple[Dot | Sign, ...] = (*self.scene.dots, *self.scene.signs)
        xs, ys = np.array([place.x for place in places]), np.array([place.y for place in places])
        floors = np.array([y for _, y in self.scene.floor if np.isfinite(y) and y > 0])
        lowest = min(float(ys.min()), float(floors.min(initial=np.inf)))
        leftmost = min(float(xs.min()), self.scene.edge or float(xs.min()))
        (low, high), room = _widened(lowest, float(ys.max())), 0.06 * (float(ys.max()) - lowest)
        return _widened(leftmost, float(xs.max())), (low - room, high)

    def _floor(self, axes: Axes, x_span: tuple[float, float], y_span: tuple[float, float]) -> None:
        """Shade what no plan can reach: below the floor, and to the left of the edge."""
        if not self.scene.floor:
            return
        edge = max(self.scene.edge, x_span[0])
        axes.axvspan(x_span[0], edge, color=_FAINT, linewidth=0)
        left = edge
        for right, y in self.scene.floor:
            end = min(right, x_span[1])
            if end > left and y > y_span[0]:
                axes.fill_between([left, end], y_span[0], y, color=_FAINT, linewidth=0)
            left = max(left, end)

    def _dots(self, axes: Axes) -> None:
        for group in sorted({dot.group for dot in self.scene.dots}):
            on = sorted((dot.x, dot.y) for dot in self.scene.dots if dot.on and dot.group == group)
            off = [(dot.x, dot.y) for dot in self.scene.dots if not dot.on and dot.group == group]
            colour = _COLOURS[group % len(_COLOURS)]
            label = self.write(self.scene.groups[group]) if self.scene.groups else None
            if on:
                x, y = np.array(on).T
                if not self.scene.groups or len(on) >= _FEWEST:
                    axes.plot(x, y, color=colour, linewidth=1.3, alpha=0.55, zorder=3)
                axes.plot(x, y, "o", color=colour, markersize=6, zorder=4, label=label)
            if off:
                x, y = np.array(off).T
                axes.plot(x, y, "o", markersize=5, markerfacecolor=PAPER, markeredgecolor=_GREY, zorder=3)
        if self.scene.groups:
            axes.legend(loc="best", frameon=True, framealpha=0.9, edgecolor="none", fontsize=8)
        for dot in self.scene.dots if len(self.scene.dots) <= _LABELLED else ():
            axes.annotate(dot.name, (dot.x, dot.y), (-5, -5), textcoords="offset points", fontsize=6.5, color=_GREY,
                          ha="right", va="top", zorder=5)  # fmt: skip
        middle = sum(axes.get_xlim()) / 2
        for dot in self.scene.dots:
            if dot.note:
                right = dot.x > middle
                axes.annotate(
                    self.write(dot.note), (dot.x, dot.y), (4, -17) if right else (9, 3), textcoords="offset points",
                    fontsize=8, color=INK, ha="right" if right else "left", va="top" if right else "bottom", zorder=6,
                    parse_math=False,
                )  # fmt: skip

    def _signs(self, axes: Axes) -> None:
        for sign in self.scene.signs:
            axes.plot(sign.x, sign.y, "D", markersize=6, markerfacecolor=PAPER, markeredgecolor=INK, zorder=5)
            axes.annotate(self.write(sign.note), (sign.x, sign.y), (9, 0), textcoords="offset points", fontsize=8,
                          color=INK, va="center", zorder=6, parse_math=False)  # fmt: skip

    def _knee(self, axes: Axes) -> None:
        """Ring the knee, and say why in the free corner above a curve that falls; of several curves at the foot."""
        if self.scene.knee is None:
            return
        dot = self.scene.dots[self.scene.knee]
        axes.plot(dot.x, dot.y, "o", markersize=13, fillstyle="none", color=OVERFULL, markeredgewidth=1.6, zorder=6)
        if self.scene.groups:
            return
        (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
        at = (right - 0.02 * (right - left), low + 0.97 * (high - low))
        where, *why = map(self.write, self.scene.bend)
        lines = [line for text in (where, " ".join(why)) for line in _wrap(text)]
        axes.annotate(
            "\n".join(lines), (dot.x, dot.y), at, fontsize=8.5, color=OVERFULL, ha="right",
            va="top", linespacing=1.4, zorder=6, parse_math=False,
            arrowprops={"arrowstyle": "-", "color": OVERFULL, "linewidth": 0.8, "shrinkB": 8, "relpos": (0.0, 0.0)},
        )  # fmt: skip

    def _dress(self, axes: Axes) -> None:
        axes.set_xlabel(self.write(self.scene.x_title), fontsize=9, parse_math=False)
        axes.set_ylabel(self.write(self.scene.y_title), fontsize=9, parse_math=False)
        for axis, decimals in zip((axes.xaxis, axes.yaxis), self.scene.decimals, strict=True):
            axis.set_major_formatter(FuncFormatter(lambda value, _, places=decimals: f"{value:,.{places}f}"))
            axis.set_major_locator(MaxNLocator(7, integer=decimals == 0))
        if self.scene.second is not None:
            factor, title = self.scene.second
            scaled: tuple[Any, Any] = (lambda y: y * factor, lambda y: y / factor)
            second = axes.secondary_yaxis("right", functions=scaled)
            second.set_ylabel(self.write(title), fontsize=9, parse_math=False)
            second.tick_params(labelsize=8, length=2.5, width=0.6)
            second.spines["right"].set_visible(False)
        axes.tick_params(labelsize=8, length=2.5, width=0.6)
        axes.grid(color="#E2E5E9", linewidth=0.5)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)


def _wrap(text: str) -> list[str]:
    """Lines of equal width; a Chinese character is as wide as two letters."""
    wide = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
    return wrap(text, _LONGEST * len(text) // max(1, wide))


def _widened(low: float, high: float) -> tuple[float, float]:
    room = 0.08 * (high - low) or max(1.0, 0.05 * abs(high))
    return low - room, high + room


def floor_of(steps: Floats, least: Callable[[float], float]) -> tuple[tuple[float, float], ...]:
    """Return the corners of a floor that changes at `steps` at most; beyond the last it goes on."""
    ends = [float(step) for step in np.unique(steps[np.isfinite(steps)])]
    return (*((end, least(end)) for end in ends), (np.inf, least(np.inf)))

"""A grid of plans as a picture: lines for one key, a heat map for two, small ones side by side for three and more."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from math import ceil, isfinite, prod
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from models.district import Floats
from models.sentences import Language
from optimizer.export.colours import BARRIER, INK, OVERFULL, PAPER
from optimizer.export.fonts import Typeface
from optimizer.export.maps import Drawn
from optimizer.export.scenes import draw_scene, legible, write_left

MOST_PANELS = 24
"""Small maps in one picture; more are not looked at."""
_DPI = 150
_CELL_INCHES = (0.74, 0.36)
_LINES_INCHES = (4.6, 3.0)
_HEAD_INCHES, _SIDE_INCHES = 0.95, 0.2
_NOTE_INCHES = 0.2
"""Of a line at the foot."""
_GREY = "#555555"
_ABSENT = "#ECECEC"
_SHADES = LinearSegmentedColormap.from_list("shades", ["#F7FAFD", "#BBD3EA", "#77AADD", BARRIER])
_DARK = 0.75
"""Share of the shades from which on what is written on them is white."""
_LONGEST = 22
_LONGEST_NOTE = 160


@dataclass(frozen=True)
class Surface:
    """One figure over the grid; NaN where there is no plan."""

    title: str
    values: Floats
    """Shape: the values of every key."""
    decimals: int = 0


@dataclass(frozen=True)
class GridScene:
    """What the picture says, in one language."""

    heading: str
    subtitle: str
    notes: tuple[str, ...]
    """At the foot, a line each."""
    keys: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    surfaces: tuple[Surface, ...]
    absent: tuple[str, ...]
    """Why a point has no plan, in short, in the order of the points; "" where it has one."""
    unproved: tuple[bool, ...]
    """Whether the plan of a point may still get better, in the order of the points: marked with `*`."""
    best: tuple[tuple[int, ...], ...]
    """Positions of the points that are ringed."""
    ringed: str
    """What the ring round a point says; "" where none is ringed."""

    @property
    def foot(self) -> tuple[str, ...]:
        """Every line at the foot, from top to bottom."""
        return (*filter(None, [self.ringed]), *self.notes)

    @property
    def texts(self) -> Iterator[str]:
        """Every text of the picture."""
        yield from (self.heading, self.subtitle, *self.foot, *self.keys, *self.absent)
        yield from (label for labels in self.labels for label in labels)
        yield from (surface.title for surface in self.surfaces)


def draw_grid(
    build: Callable[[Language], GridScene], path: Path, *, language: Language, font: Path | None = None
) -> Drawn:
    """Draw the grid to a PNG or SVG file, equal bytes for equal grids and fonts. Raises ValueError for a grid of more
    than MOST_PANELS small maps (`fits`)."""
    return draw_scene(build, _compose, path, language=language, font=font)


def _compose(scene: GridScene, typeface: Typeface) -> Figure:
    if not fits([len(labels) for labels in scene.labels]):
        raise ValueError(scene.keys)
    return _Drawing(scene, typeface).compose()


def fits(shape: list[int]) -> bool:
    """Whether a grid of so many values a key can be drawn."""
    return prod(shape[:-2]) <= MOST_PANELS


@dataclass(frozen=True)
class _Drawing:
    scene: GridScene
    typeface: Typeface

    def write(self, text: str, longest: int = 100) -> str:
        return legible(text, self.typeface, longest)

    def compose(self) -> Figure:
        figure = self._lines() if len(self.scene.keys) == 1 else self._maps()
        high = float(figure.get_size_inches()[1])
        write_left(figure, high - 0.28, self.write(self.scene.heading), 13.0, INK)
        write_left(figure, high - 0.56, self.write(self.scene.subtitle), 9.0, INK)
        for k, text in enumerate(reversed(self.scene.foot)):
            colour = OVERFULL if text == self.scene.ringed else _GREY
            write_left(figure, 0.17 + k * _NOTE_INCHES, self.write(text, _LONGEST_NOTE), 7.5, colour)
        return figure

    def _sheet(self, wide: float, tall: float) -> tuple[Figure, Callable[[float, float, float, float], Axes]]:
        """A figure with room for a heading and a foot, and what places axes on it in inches."""
        foot = 0.15 + _NOTE_INCHES * max(2, len(self.scene.foot))
        size = (wide + 2 * _SIDE_INCHES, tall + _HEAD_INCHES + foot)
        figure = Figure(figsize=size, dpi=_DPI, facecolor=PAPER)
        FigureCanvasAgg(figure)

        def place(left: float, low: float, across: float, high: float) -> Axes:
            box = ((left + _SIDE_INCHES) / size[0], (low + foot) / size[1], across / size[0], high / size[1])
            return figure.add_axes(box)

        return figure, place

    def _lines(self) -> Figure:
        wide, tall = _LINES_INCHES
        count = len(self.scene.surfaces)
        figure, place = self._sheet(count * wide, tall + 0.75)
        at, numeric = _positions(self.scene.labels[0])
        for k, surface in enumerate(self.scene.surfaces):
            axes = place(k * wide + 0.75, 0.65, wide - 0.95, tall - 0.2)
            self._line(axes, surface, at)
            axes.set_xlabel(self.write(self.scene.keys[0]), fontsize=8.5, parse_math=False)
            if not numeric or len(at) <= 12:
                axes.set_xticks(at, [self.write(label, _LONGEST) for label in self.scene.labels[0]], parse_math=False)
        return figure

    def _line(self, axes: Axes, surface: Surface, at: Floats) -> None:
        values = surface.values
        planned = np.isfinite(values)
        axes.plot(
            at,
            np.where(planned, values, np.nan),
            color=BARRIER,
            linewidth=1.4,
            marker="o",
            markersize=4.5,
            clip_on=False,
        )
        axes.set_title(self.write(surface.title), fontsize=9.5, loc="left", parse_math=False)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.{surface.decimals}f}"))
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=surface.decimals == 0))
        low, high = _span(values[planned])
        axes.set_ylim(low, high)
        missing = at[~planned]
        axes.plot(missing, np.full(len(missing), low), "x", color=_GREY, markersize=6, clip_on=False)
        for x, why in zip(at, self.scene.absent, strict=True):
            if why:
                axes.annotate(self.write(why), (x, low), (0, 7), textcoords="offset points", fontsize=7, color=_GREY,
                              rotation=90, ha="center", va="bottom")  # fmt: skip
        for x, value, unproved in zip(at, values, self.scene.unproved, strict=True):
            if unproved:
                axes.annotate("*", (x, value), (4, 3), textcoords="offset points", fontsize=10, color=INK)
        for (row,) in self.scene.best:
            axes.plot(
                at[row],
                values[row],
                "o",
                markersize=11,
                fillstyle="none",
                color=OVERFULL,
                markeredgewidth=1.4,
                clip_on=False,
            )
        axes.margins(x=0.06)
        axes.tick_params(labelsize=8, length=2.5, width=0.6)
        axes.grid(axis="y", color="#E4E4E4", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)

    def _maps(self) -> Figure:
        shape = [len(labels) for labels in self.scene.labels]
        panels = list(product(*map(range, shape[:-2])))
        rows, columns = shape[-2:]
        left = 0.35 + 0.075 * max(len(self.write(label, _LONGEST)) for label in self.scene.labels[-2]) + 0.25
        wide, tall = left + columns * _CELL_INCHES[0] + 0.25, 0.85 + rows * _CELL_INCHES[1]
        surfaces = len(self.scene.surfaces)
        across = surfaces if len(panels) == 1 else min(len(panels), max(1, int(14 // wide)))
        down = 1 if len(panels) == 1 else surfaces * ceil(len(panels) / across)
        figure, place = self._sheet(max(across * wide, 6.0), down * tall)
        for k, surface in enumerate(self.scene.surfaces):
            shades = Normalize(*_span(surface.values[np.isfinite(surface.values)]))
            for p, panel in enumerate(panels):
                slot = k * ceil(len(panels) / across) * across + p if len(panels) > 1 else k
                row, column = divmod(slot, across)
                low = (down - row - 1) * tall + 0.5
                axes = place(column * wide + left, low, columns * _CELL_INCHES[0], rows * _CELL_INCHES[1])
                self._map(axes, surface, panel, shades)
        return figure

    def _map(self, axes: Axes, surface: Surface, panel: tuple[int, ...], shades: Normalize) -> None:
        scene, values = self.scene, surface.values[panel]
        shape = [len(labels) for labels in scene.labels]
        axes.set_facecolor(_ABSENT)
        axes.imshow(values, aspect="auto", cmap=_SHADES, norm=shades)
        for row, column in np.ndindex(*values.shape):
            value, number = values[row, column], int(np.ravel_multi_index((*panel, row, column), shape))
            if isfinite(value):
                colour = PAPER if shades(value) > _DARK else INK
                text, size = f"{value:,.{surface.decimals}f}{'*' if scene.unproved[number] else ''}", 8.0
            else:
                colour, size = _GREY, 6.5
                text = self.write(scene.absent[number], 14)
            axes.text(column, row, text, ha="center", va="center", fontsize=size, color=colour, parse_math=False)
        for row, column in (best[-2:] for best in scene.best if best[:-2] == panel):
            ring = (column - 0.5, row - 0.5)
            axes.add_patch(
                Rectangle(ring, 1, 1, fill=False, edgecolor=OVERFULL, linewidth=2.0, clip_on=False, zorder=5)
            )
        named = zip(scene.keys, panel, scene.labels, strict=False)
        held = ", ".join(f"{key} = {labels[at]}" for key, at, labels in named)
        title = surface.title + (f"\n{held}" if held else "")
        axes.set_title("\n".join(map(self.write, title.split("\n"))), fontsize=8.5, loc="left", parse_math=False)
        axes.set_xlabel(self.write(scene.keys[-1]), fontsize=8, parse_math=False)
        axes.set_ylabel(self.write(scene.keys[-2]), fontsize=8, parse_math=False)
        for set_ticks, labels in ((axes.set_xticks, scene.labels[-1]), (axes.set_yticks, scene.labels[-2])):
            set_ticks(np.arange(len(labels)), [self.write(label, _LONGEST) for label in labels], fontsize=8,
                      parse_math=False)  # fmt: skip
        axes.tick_params(length=0)
        axes.set_xticks(np.arange(values.shape[1] + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(values.shape[0] + 1) - 0.5, minor=True)
        axes.grid(which="minor", color=PAPER, linewidth=1.5)
        axes.tick_params(which="minor", length=0)
        axes.spines[:].set_visible(False)


def _positions(labels: tuple[str, ...]) -> tuple[Floats, bool]:
    """Where values stand on their axis: as numbers where all are, and differ, else one after the other."""
    try:
        numbers = np.array([float(label) for label in labels])
    except ValueError:
        return np.arange(float(len(labels))), False
    known = bool(np.isfinite(numbers).all()) and len(set(numbers.tolist())) == len(numbers)
    return (numbers, True) if known else (np.arange(float(len(labels))), False)


def _span(values: Floats) -> tuple[float, float]:
    """From where to where an axis or the shades reach: a little beyond the values."""
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    room = 0.08 * (high - low) or max(1.0, 0.05 * abs(high))
    return max(0.0, low - room) if low >= 0 else low - room, high + room

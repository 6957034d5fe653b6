"""How often schools overflow over draws of the demand: a bar a school and plan, with its interval."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from models.district import Floats
from models.sentences import Language
from optimizer.export.colours import INK, PALETTE, PAPER
from optimizer.export.fonts import Typeface
from optimizer.export.maps import Drawn
from optimizer.export.scenes import draw_scene, legible

MOST_ROWS = 30
"""Schools in one picture, those that overflow most often; the others are in the table."""
_DPI = 150
_WIDE, _LEFT, _RIGHT = 7.4, 1.9, 0.25
_ROW, _BAR = 0.1, 0.13
"""Inches between the bars of two schools, and of one bar."""
_HEAD, _FOOT = 1.0, 1.05
_GREY = "#555555"
_FILLS = (PALETTE[0], PALETTE[2], PALETTE[1], "#DDDDDD")
_HATCHES = ("", "////", "....", "")


@dataclass(frozen=True)
class Bars:
    """One plan: how often every row overflows."""

    label: str
    share: Floats
    low: Floats
    high: Floats
    """The interval within which the share is known; arrays of one entry a row, NaN where the plan has no such row."""


@dataclass(frozen=True)
class FrequencyScene:
    """What the picture says, in one language."""

    heading: str
    subtitle: str
    caution: str
    axis: str
    rows: tuple[str, ...]
    """Names of schools and stages, the first on top."""
    plans: tuple[Bars, ...]

    @property
    def texts(self) -> Iterator[str]:
        """Every text of the picture."""
        yield from (self.heading, self.subtitle, self.caution, self.axis, *self.rows)
        yield from (bars.label for bars in self.plans)


def draw_frequencies(
    build: Callable[[Language], FrequencyScene], path: Path, *, language: Language, font: Path | None = None
) -> Drawn:
    """Draw the bars to a PNG or SVG file, equal bytes for equal scenes and fonts."""
    return draw_scene(build, _compose, path, language=language, font=font)


def _compose(scene: FrequencyScene, typeface: Typeface) -> Figure:
    step = _BAR * len(scene.plans) + _ROW
    tall = step * len(scene.rows)
    high = _HEAD + tall + _FOOT
    figure = Figure(figsize=(_WIDE, high), dpi=_DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((_LEFT / _WIDE, _FOOT / high, (_WIDE - _LEFT - _RIGHT) / _WIDE, tall / high))
    _draw_bars(axes, scene)
    names = [legible(row, typeface, 26) for row in scene.rows]
    axes.set_yticks(np.arange(len(names)), names, fontsize=8, parse_math=False)
    axes.set_xlabel(scene.axis, fontsize=8.5, parse_math=False)
    lines = (
        (high - 0.3, scene.heading, 13, INK),
        (high - 0.6, scene.subtitle, 9, INK),
        (0.17, scene.caution, 7.5, _GREY),
    )
    for low, text, size, colour in lines:
        figure.text(
            0.2 / _WIDE, low / high, legible(text, typeface, 150), fontsize=size, color=colour, ha="left", va="center",
            parse_math=False,
        )  # fmt: skip
    figure.legend(
        loc="lower center", ncols=2, frameon=False, fontsize=8, bbox_to_anchor=(0.5, 0.28 / high),
        borderaxespad=0.0, columnspacing=1.6,
    )  # fmt: skip
    return figure


def _draw_bars(axes: Axes, scene: FrequencyScene) -> None:
    """Draw the bars of every plan; the first plan's bar on top."""
    count, at = len(scene.plans), np.arange(len(scene.rows), dtype=np.float64)
    thick = _BAR / (_BAR * count + _ROW)
    for number, bars in enumerate(scene.plans):
        middle = at + (number - (count - 1) / 2) * thick
        axes.barh(
            middle, np.nan_to_num(bars.share), height=thick, color=_FILLS[number], hatch=_HATCHES[number],
            edgecolor=INK, linewidth=0.5, label=bars.label,
        )  # fmt: skip
        axes.hlines(middle, bars.low, bars.high, color=INK, linewidth=1.0)
    highest = max(float(np.nanmax(np.append(bars.high, 0.05))) for bars in scene.plans)
    axes.set_xlim(0, min(1.0, 1.05 * highest))
    axes.set_ylim(len(at) - 0.5, -0.5)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}"))
    axes.tick_params(axis="x", labelsize=8)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right"]].set_visible(False)

"""Charts of a report, a panel a stage, that say the same printed in black and white: how full schools are, how far the
ways, how large the classes, how many children in the years ahead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from models.district import Bools, Floats, Ints
from models.sentences import Language, say
from optimizer.export.colours import INK, PAPER
from optimizer.export.fonts import Typeface, find_typeface
from optimizer.export.lettering import lettered
from optimizer.export.vector import to_element

_MM = 1 / 25.4
_WIDE, _HIGH = 178 * _MM, 58 * _MM
_STRIP = 23 * _MM
_GREY, _FILL, _HATCH = "#666666", "#C7D0D9", "//////"
_STEP = 0.025
"""Width of a stack of dots, as a share of the places."""
_DOT = 5.2
_SIZES = 5
"""Children by which classes of one bar differ at most, less one."""
_WORDS = ("used", "full", "metres", "children", "radius", "ceiling", "size", "classes", "cap", "in_places")
_STAGES = ("kindergarten", "primary", "junior", "senior")


@dataclass(frozen=True)
class Charts:
    """Draws in one font and language; each drawing is an `svg` element, equal for equal figures and fonts."""

    typeface: Typeface
    language: Language

    def draw_used(self, used: Mapping[str, Floats]) -> str:
        """Draw how full schools are (children / places): a dot a school, by stage; a triangle where overfull."""
        figure = Figure(figsize=(_WIDE, _STRIP * len(used) + 8 * _MM))
        most = max(1.05, *(float(values.max()) for values in used.values()))
        with lettered(self.typeface):
            for position, (stage, values) in enumerate(used.items(), start=1):
                axes = figure.add_subplot(len(used), 1, position)
                _stack(axes, values)
                axes.set_xlim(0, 1.02 * most)
                axes.axvline(1.0, color=INK, linewidth=0.9, linestyle=(0, (4, 2)))
                _dress(axes, self._stage(stage), left=False)
                _in_per_cent(axes)
                axes.tick_params(labelbottom=position == len(used))
            axes.set_xlabel(self._say("used"), fontsize=7.5)
            figure.axes[0].annotate(
                self._say("full"), (1.0, 1.0), (-2, -1), xycoords=("data", "axes fraction"),
                textcoords="offset points", ha="right", va="top", fontsize=7, color=_GREY,
            )  # fmt: skip
            return _write(figure)

    def draw_ways(
        self, ways: Mapping[str, tuple[Floats, Ints]], radius: Mapping[str, float], ceiling: Mapping[str, float]
    ) -> str:
        """Draw which share of the children lives within how many metres; `ways` holds metres and children."""

        def draw(axes: Axes, stage: str) -> None:
            metres, children = ways[stage]
            order = np.argsort(metres, kind="stable")
            reached = np.cumsum(children[order]) / max(1, children.sum())
            axes.step(np.append(0.0, metres[order]), np.append(0.0, reached), where="post", color=INK, linewidth=1.3)
            axes.set_ylim(0, 1.03)
            axes.set_xlim(
                0, 1.03 * max(float(metres.max(initial=1.0)), ceiling.get(stage, 0.0), radius.get(stage, 0.0))
            )
            _mark(axes, radius.get(stage), self._say("radius"), (0, (1, 1.5)), 0.06)
            _mark(axes, ceiling.get(stage), self._say("ceiling"), (0, (4, 2)), 0.24)
            axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}"))
            axes.set_xlabel(self._say("metres"), fontsize=7.5)

        return self._panels(list(ways), draw, self._say("children"))

    def draw_sizes(self, sizes: Mapping[str, Ints], caps: Mapping[str, float]) -> str:
        """Draw how many classes there are of which size; hatched are those above the cap."""
        most = max((int(values.max(initial=1)) for values in sizes.values()), default=1)

        def draw(axes: Axes, stage: str) -> None:
            cap = caps.get(stage)
            anchor = int(cap or 0)
            start = anchor + (int(sizes[stage].min(initial=most)) - 1 - anchor) // _SIZES * _SIZES
            edges = np.arange(start, most + _SIZES, _SIZES) + 0.5
            count = np.histogram(sizes[stage], edges)[0]
            over = edges[:-1] > (np.inf if cap is None else cap)
            middles = np.asarray(edges[:-1] + _SIZES / 2, dtype=np.float64)
            _bars(axes, middles, count, over, width=_SIZES)
            if cap is not None:
                axes.axvline(cap + 0.5, color=INK, linewidth=0.9, linestyle=(0, (4, 2)))
                axes.annotate(
                    self._say("cap", cap=f"{cap:.0f}"), (cap + 0.5, 1.0), (0, 2), xycoords=("data", "axes fraction"),
                    textcoords="offset points", ha="center", va="bottom", fontsize=7,
                )  # fmt: skip
            axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
            axes.set_xlabel(self._say("size"), fontsize=7.5)

        return self._panels(list(sizes), draw, self._say("classes"))

    def draw_years(self, years: Mapping[str, pd.DataFrame]) -> str:
        """Draw children (bars) against places (line) by `year`; hatched are years in which places are short."""

        def draw(axes: Axes, stage: str) -> None:
            table = years[stage]
            at, children, places = (
                np.arange(float(len(table))),
                table["children"].to_numpy(),
                table["places"].to_numpy(),
            )
            _bars(axes, at, children, children > places, width=0.62)
            edges = np.repeat(at, 2) + np.tile([-0.5, 0.5], len(at))
            axes.plot(edges, np.repeat(places, 2), color=INK, linewidth=1.8)
            axes.set_xticks(at, [str(year) for year in table["year"]])
            axes.set_ylim(0, 1.15 * float(np.nanmax([children.max(initial=1.0), np.nanmax(np.append(places, 1.0))])))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))

        return self._panels(list(years), draw, self._say("in_places"))

    def _panels(self, stages: list[str], draw: Callable[[Axes, str], None], side: str) -> str:
        """Draw a panel a stage side by side, what is counted written at the side of the first."""
        figure = Figure(figsize=(_WIDE, _HIGH))
        with lettered(self.typeface):
            for position, stage in enumerate(stages, start=1):
                axes = figure.add_subplot(1, len(stages), position)
                draw(axes, stage)
                _dress(axes, self._stage(stage))
            figure.axes[0].set_ylabel(side, fontsize=7.5)
            return _write(figure)

    def _say(self, key: str, **facts: object) -> str:
        return say(f"report.charts.{key}", facts, self.language)

    def _stage(self, stage: str) -> str:
        return say(f"export.stages.{stage}", language=self.language)


def prepare_charts(language: Language, font: Path | None = None) -> Charts:
    """Return what draws charts; in English where no font of this machine has Chinese."""
    words = [say(f"report.charts.{key}", {"cap": 0}, language) for key in _WORDS]
    words += [say(f"export.stages.{stage}", language=language) for stage in _STAGES]
    typeface = find_typeface(words, font)
    return Charts(typeface, language if all(map(typeface.has, words)) else "en")


def _stack(axes: Axes, values: Floats) -> None:
    """Put dots that lie within a step of each other on top of one another."""
    at = np.floor(values / _STEP + 0.5).astype(np.int64)
    high = np.array([(at[:k] == step).sum() for k, step in enumerate(at)])
    tallest = max(4, int(high.max(initial=0)) + 1)
    size = min(_DOT, 0.72 * 72 * _STRIP / tallest) ** 2
    over = values > 1 + 1e-9
    looks: tuple[tuple[Any, dict[str, Any]], ...] = (
        (~over, {"marker": "o", "c": _FILL}),
        (over, {"marker": "^", "c": INK}),
    )
    for chosen, look in looks:
        middle = np.where(over[chosen], values[chosen], at[chosen] * _STEP)
        axes.scatter(middle, high[chosen] + 0.5, s=size, edgecolors=INK, linewidths=0.5, clip_on=False, **look)
    axes.set_ylim(0, tallest)
    axes.set_yticks([])


def _bars(axes: Axes, at: Floats, high: Floats, hatched: Bools, *, width: float) -> None:
    looks: tuple[tuple[Bools, dict[str, Any]], ...] = (
        (~hatched & (high > 0), {"color": _FILL}),
        (hatched & (high > 0), {"color": PAPER, "hatch": _HATCH, "hatch_linewidth": 0.5}),
    )
    for chosen, look in looks:
        axes.bar(at[chosen], high[chosen], width=width, edgecolor=INK, linewidth=0.6, **look)


def _mark(axes: Axes, at: float | None, text: str, style: Any, high: float) -> None:
    """Draw an upright line with its name beside it, where there is room."""
    if at is None:
        return
    axes.axvline(at, color=INK, linewidth=0.9, linestyle=style)
    low, most = axes.get_xlim()
    left = at > (low + most) / 2
    axes.annotate(
        text, (at, high), (-3 if left else 3, 0), xycoords=("data", "axes fraction"), textcoords="offset points",
        ha="right" if left else "left", va="center", fontsize=7, color=INK,
        bbox={"boxstyle": "square,pad=0.15", "facecolor": PAPER, "edgecolor": "none", "alpha": 0.85},
    )  # fmt: skip


def _in_per_cent(axes: Axes) -> None:
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}"))


def _dress(axes: Axes, title: str, *, left: bool = True) -> None:
    axes.set_title(title, fontsize=8.5, loc="left", pad=4)
    axes.tick_params(labelsize=7, length=2.5, width=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines["left"].set_visible(left)
    for spine in axes.spines.values():
        spine.set_linewidth(0.6)


def _write(figure: Figure) -> str:
    """Return a figure as an `svg` element."""
    FigureCanvasSVG(figure)
    figure.tight_layout(pad=0.4, w_pad=1.6, h_pad=0.6)
    return to_element(figure)

"""`outlook.png`: children against places over the years, a panel a stage, and below it its schools year by year."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from models.placement import parts_of, rows_of
from models.sentences import Language, say
from models.stages import Stage
from optimizer.export.colours import INK, LEVEL_FILLS, PALETTE, PAPER
from optimizer.export.fonts import Typeface, find_typeface
from optimizer.export.labels import shorten, write_line
from optimizer.export.maps import Drawn
from optimizer.outlook.look import Ahead
from optimizer.outlook.words import list_sources, say_thresholds

_DPI = 150
_PANEL_INCHES = 6.6
_BARS_INCHES = 2.8
_ROW_INCHES = 0.2
_HEAD_INCHES, _BETWEEN_INCHES, _FOOT_INCHES = 1.3, 1.55, 1.2
_LEFT_INCHES, _RIGHT_INCHES = 1.9, 0.2
_MOST_ROWS = 36
"""Schools of a stage in the picture, the fullest first; the others are in the table."""
_FILLS = {"continuing": PALETTE[0], "entrants": PALETTE[6]}
_GREY = "#555555"


@dataclass(frozen=True)
class _Scene:
    """What every part of the picture needs: the numbers, the language and the font."""

    ahead: Ahead
    language: Language
    typeface: Typeface

    def tell(self, key: str, **facts: object) -> str:
        return say(f"outlook.{key}", facts, self.language)

    def write(self, name: str, otherwise: str, longest: int = 16) -> str:
        """Return a name in short, or `otherwise` where it cannot be drawn."""
        return shorten(name if name and self.typeface.has(shorten(name, 90)) else otherwise, longest)


def draw_outlook(ahead: Ahead, path: Path, *, language: Language, font: Path | None = None) -> Drawn:
    """Draw the picture to a PNG file, equal bytes for equal outlooks and fonts.

    Names that no font of this machine can show are replaced by ids, and Chinese words by English ones.
    """
    words = say("outlook.picture.caution", language=language)
    called = ahead.district.settings.instance.called(language)
    names = "".join(shorten(name, 90) for name in (*ahead.schools["name"], called))
    typeface = find_typeface([names, words], font)
    scene = _Scene(ahead, language if typeface.has(words) else "en", typeface)
    lacking = "" if typeface.has(names) else "export.map.no_font"
    with rc_context({"font.family": list(typeface.families), "axes.unicode_minus": False}):
        _compose(scene).savefig(path, format="png", metadata={"Software": None})
    return Drawn(path, lacking and say(lacking, language=language))


def _compose(scene: _Scene) -> Figure:
    stages = scene.ahead.district.settings.instance.stages
    chosen = {stage: _choose(scene.ahead, stage) for stage in stages}
    strip = min(_MOST_ROWS, max(len(schools) for schools in chosen.values())) * _ROW_INCHES
    high = _HEAD_INCHES + _BARS_INCHES + _BETWEEN_INCHES + strip + _FOOT_INCHES
    wide = _PANEL_INCHES * len(stages)
    figure = Figure(figsize=(wide, high), dpi=_DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    across = _PANEL_INCHES - _LEFT_INCHES - _RIGHT_INCHES
    for position, (stage, schools) in enumerate(chosen.items()):
        left, top = position * _PANEL_INCHES + _LEFT_INCHES, high - _HEAD_INCHES - _BARS_INCHES
        _draw_bars(_place(figure, left, top, across, _BARS_INCHES), scene, stage)
        tall = min(_MOST_ROWS, len(schools)) * _ROW_INCHES
        if schools:
            _draw_strip(_place(figure, left, top - _BETWEEN_INCHES - tall, across, tall), scene, schools)
    _draw_words(figure, scene)
    return figure


def _place(figure: Figure, left: float, low: float, across: float, tall: float) -> Axes:
    """Return axes at a place given in inches from the lower left corner."""
    wide, high = figure.get_size_inches()
    return figure.add_axes((left / wide, low / high, across / wide, tall / high))


def _choose(ahead: Ahead, stage: Stage) -> list[pd.DataFrame]:
    """Return the rows of each school of a stage, those with the fullest year first."""
    table = ahead.schools[(ahead.schools["stage"] == stage) & (ahead.schools["school_id"] != "")]
    schools = [rows for _, rows in parts_of(table, "school_id")]
    return sorted(schools, key=lambda rows: (-np.nan_to_num(rows["utilisation"].max(), nan=-1.0), rows.index[0]))


def _draw_bars(axes: Axes, scene: _Scene, stage: Stage) -> None:
    table = scene.ahead.totals[scene.ahead.totals["stage"] == stage]
    years = np.arange(len(table))
    low = np.zeros(len(table))
    for part, fill in _FILLS.items():
        axes.bar(years, table[part], bottom=low, width=0.66, color=fill, label=scene.tell(f"columns.{part}"))
        low += table[part].to_numpy(np.float64)
    edges = np.repeat(years, 2) + np.tile([-0.5, 0.5], len(table))
    axes.plot(edges, np.repeat(table["places"], 2), color=INK, linewidth=1.8, label=scene.tell("columns.places"))
    highest = np.nanmax(np.append(low, table["places"])) or 1.0
    for year, row in enumerate(rows_of(table)):
        written = "" if pd.isna(row.utilisation) else f"{row.utilisation:.0%}"
        at = row.children if pd.isna(row.places) else max(row.children, row.places)
        axes.text(year, at + 0.02 * highest, written, ha="center", va="bottom", fontsize=9)
    axes.set_xlim(-0.5, len(table) - 0.5)
    axes.set_ylim(0, 1.28 * highest)
    axes.set_xticks(years, [str(year) for year in table["year"]], fontsize=9)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.tick_params(axis="y", labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="upper left", ncols=3, frameon=False, fontsize=8.5)
    axes.set_title(_tell_stage(scene, stage, table), fontsize=11, loc="left")
    _write_sources(axes, scene, stage)


def _tell_stage(scene: _Scene, stage: Stage, table: pd.DataFrame) -> str:
    """Return whether the district's places suffice, and how many schools are short in some year."""
    short, schools = table[table["gap"] > 0], scene.ahead.schools
    lacking = (schools["stage"] == stage) & (schools["school_id"] != "") & (schools["gap"] > 0)
    facts: dict[str, Any] = {
        "stage": say(f"export.stages.{stage}", language=scene.language),
        "schools": schools.loc[lacking, "school_id"].nunique(),
    }
    if not len(short):
        return scene.tell("picture.enough", **facts)
    return scene.tell("picture.short", year=int(short["year"].iloc[0]), gap=f"{short['gap'].max():,.0f}", **facts)


def _write_sources(axes: Axes, scene: _Scene, stage: Stage) -> None:
    found = next(of for of in scene.ahead.projection.stages if of.stage == stage)
    told = list_sources(found, scene.ahead.projection.years, scene.language)
    text = "\n".join([scene.tell("picture.sources"), *told])
    axes.text(0, -0.12, text, transform=axes.transAxes, fontsize=7.5, color=_GREY, va="top", linespacing=1.3)


def _draw_strip(axes: Axes, scene: _Scene, schools: list[pd.DataFrame]) -> None:
    """Draw a row a school and a cell a year, filled by level, with children as a share of places."""
    facts = {"shown": min(_MOST_ROWS, len(schools)), "count": len(schools)}
    axes.set_title(scene.tell("picture.schools", **facts), fontsize=9, loc="left", pad=20)
    schools = schools[:_MOST_ROWS]
    fills = list(LEVEL_FILLS)
    numbers = np.array([[fills.index(level) for level in rows["level"]] for rows in schools])
    colours = ListedColormap(list(LEVEL_FILLS.values()))
    axes.imshow(numbers, aspect="auto", cmap=colours, vmin=-0.5, vmax=len(fills) - 0.5)
    for place, rows in enumerate(schools):
        for year, row in enumerate(rows_of(rows)):
            written = "" if pd.isna(row.utilisation) else f"{row.utilisation:.0%}"
            colour = PAPER if row.level == "red" else INK
            axes.text(year, place, written, ha="center", va="center", fontsize=7, color=colour)
    names = [scene.write(rows["name"].iloc[0], rows["school_id"].iloc[0]) for rows in schools]
    axes.set_yticks(np.arange(len(schools)), names, fontsize=7.5, parse_math=False)
    axes.set_xticks(np.arange(numbers.shape[1]), [str(year) for year in schools[0]["year"]], fontsize=8)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_xticks(np.arange(numbers.shape[1] + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(schools) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color=PAPER, linewidth=1.2)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_visible(False)


def _draw_words(figure: Figure, scene: _Scene) -> None:
    instance, years = scene.ahead.district.settings.instance, scene.ahead.projection.years
    high = float(figure.get_size_inches()[1])
    title = scene.write(instance.called(scene.language), instance.name, 100)
    facts = {"first": years[0], "last": years[-1], "scenario": scene.ahead.district.scenario}
    lines = [
        (high - 0.32, title, 14, INK),
        (high - 0.66, scene.tell("picture.subtitle", **facts), 10, INK),
        (0.42, say_thresholds(scene.ahead.district.settings.policy.outlook, scene.language), 8, _GREY),
        (0.20, scene.tell("picture.caution"), 8, _GREY),
    ]
    for low, text, size, colour in lines:
        write_line(figure, low / high, text, size, colour)
    handles = [
        Patch(facecolor=fill, edgecolor=_GREY, linewidth=0.4, label=scene.tell(f"levels.{level or 'none'}"))
        for level, fill in LEVEL_FILLS.items()
    ]
    at = (0.5, 0.58 / high)
    figure.legend(handles=handles, loc="lower center", ncols=len(handles), frameon=False, fontsize=9, bbox_to_anchor=at)

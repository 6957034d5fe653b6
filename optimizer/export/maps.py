"""`map.png`: one panel a stage, catchments that neighbours tell apart, schools by name, overfull ones marked."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from models.sentences import Language
from models.stages import Stage
from optimizer.export.colours import INK, OVERFULL, PAPER
from optimizer.export.labels import Label, draw_labels, shorten, write_line
from optimizer.export.lettering import BOTH, PLAIN, Lettering, choose_lettering
from optimizer.export.paint import barrier_signs, frame, paint_barriers, paint_catchments, paint_scale, paint_schools
from optimizer.export.picture import Picture, read_picture

_DPI = 150
_PANEL_INCHES = 8.0
_WORDS_INCHES = 1.9
_TALL = 1.2
"""Districts taller than this have narrower panels, so that the picture still fits a screen."""
_WIDE = 0.55
"""Districts flatter than this have their panels one below the other."""

FORMATS = {".png": {"Software": None}, ".pdf": {"CreationDate": None}, ".svg": {"Date": None}}
"""Endings of a map's file, each with what must be left out of it so that equal runs give equal bytes."""
_WORDS = ("map.colours", PLAIN)


@dataclass(frozen=True)
class Drawn:
    """A map that was drawn; `note` is the key of the sentence that says what it lacks, "" for nothing."""

    path: Path
    note: str


def draw_map(folder: Path, path: Path, *, language: Language = "en", font: Path | None = None) -> Drawn:
    """Draw the map of the run in `folder` to a file of one of FORMATS, equal bytes for equal runs and fonts.

    Names that no font of this machine can show are replaced by ids, and Chinese words by English ones. Raises NotARun
    for a folder whose run cannot be read, OSError where `path` cannot be written.
    """
    picture = read_picture(folder)
    lettering = choose_lettering(picture, _WORDS, language, font)
    with lettering.applied():
        _save(_compose(picture, lettering), path)
    return Drawn(path, lettering.lacks)


def _compose(picture: Picture, lettering: Lettering) -> Figure:
    west, south, east, north = picture.units.total_bounds
    ratio = min(max((north - south) / max(east - west, 1.0), 0.4), 1.6)
    count = len(picture.stages)
    rows, columns = (count, 1) if ratio < _WIDE else (1, count)
    across = _PANEL_INCHES * min(1.0, _TALL / ratio)
    wide, high = across * columns, across * ratio * rows + _WORDS_INCHES
    figure = Figure(figsize=(wide, high), dpi=_DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    figure.subplots_adjust(left=0.01, right=0.99, bottom=0.8 / high, top=1 - 1.05 / high, wspace=0.02, hspace=0.08)
    for position, stage in enumerate(picture.stages, start=1):
        _draw_stage(figure.add_subplot(rows, columns, position), picture, stage, lettering)
    _add_heading(figure, picture.record, lettering)
    _add_foot(figure, picture, lettering)
    return figure


def _draw_stage(axes: Axes, picture: Picture, stage: Stage, lettering: Lettering) -> None:
    frame(axes, picture)
    schools = picture.schools_of(stage)
    paint_catchments(axes, picture, stage)
    paint_barriers(axes, picture)
    paint_schools(axes, schools)
    facts = {
        "stage": lettering.say(f"stages.{stage}"),
        "schools": int((~schools["idle"]).sum()),
        "students": f"{picture.record['decided'][stage]:,}",
        "mean": f"{picture.mean_m(stage):,.0f}",
    }
    axes.set_title(lettering.say("map.panel", **facts), fontsize=10)
    paint_scale(axes, lettering)
    draw_labels(axes, [_label(school, lettering) for school in schools[~schools["idle"]].itertuples(index=False)])


def _label(school: Any, lettering: Lettering) -> Label:
    """Name of a school, its id where the name cannot be drawn; an overfull one says how full and comes first."""
    text, x, y = lettering.name(school), school.geometry.x, school.geometry.y
    if school.overfull:
        return Label(f"{text} {school.utilisation:.0%}", x, y, np.inf, OVERFULL)
    return Label(text, x, y, school.students)


def _add_heading(figure: Figure, record: dict[str, Any], lettering: Lettering) -> None:
    title = shorten(record["title"] or record["instance"], 90)
    facts = {
        "scenario": record["scenario"],
        "mean": f"{record['mean_m'] or 0:,.0f}",
        "status": _status(record, lettering),
    }
    write_line(figure, 1 - 0.30 / _height(figure), title if lettering.typeface.has(title) else record["instance"], 14)
    write_line(figure, 1 - 0.60 / _height(figure), lettering.say("map.subtitle", **facts), 10)


def _status(record: dict[str, Any], lettering: Lettering) -> str:
    if record["gap"] is None:
        return lettering.say("status.no_bound")
    return lettering.say(f"status.{record['status']}", gap=f"{record['gap']:.2%}")


def _add_foot(figure: Figure, picture: Picture, lettering: Lettering) -> None:
    record, handles = picture.record, _legend(picture, lettering)
    mode, both = lettering.say(f"mode.{record['mode']}", year=record["year"]), lettering.say(BOTH)
    draft = both if lettering.typeface.has(both) else lettering.say(PLAIN)
    at = (0.5, 0.42 / _height(figure))
    figure.legend(handles=handles, loc="lower center", ncol=len(handles), frameon=False, fontsize=8, bbox_to_anchor=at)
    write_line(figure, 0.34 / _height(figure), lettering.say("map.colours", mode=mode, draft=draft), 7, "#555555")
    write_line(figure, 0.16 / _height(figure), lettering.say("map.no_font") if not lettering.named else "", 7, OVERFULL)


def _height(figure: Figure) -> float:
    return float(figure.get_size_inches()[1])


def _legend(picture: Picture, lettering: Lettering) -> list[Line2D]:
    schools = [picture.schools_of(stage) for stage in picture.stages]
    looks: dict[str, dict[str, Any]] = {
        "school": {"marker": "o", "color": INK, "markersize": 5},
        "overfull": {"marker": "^", "color": OVERFULL, "markeredgecolor": INK, "markersize": 7},
        "idle": {"marker": "o", "color": PAPER, "markeredgecolor": "#888888", "markersize": 4},
    }
    shown = {
        "school": True,
        "overfull": any((table["overfull"] & ~table["idle"]).any() for table in schools),
        "idle": any(table["idle"].any() for table in schools),
    }
    handles = [
        Line2D([], [], linestyle="none", label=lettering.say(f"legend.{key}"), **look)
        for key, look in looks.items()
        if shown[key]
    ]
    return [*handles, *barrier_signs(picture, lettering)]


def _save(figure: Figure, path: Path) -> None:
    """Write beside the target, then rename: a map is whole or not there."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        ending = path.suffix.lower()
        figure.savefig(partial, format=ending.removeprefix("."), metadata=FORMATS[ending])
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)

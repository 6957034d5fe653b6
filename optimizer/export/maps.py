"""`map.png`: one panel a stage, catchments that neighbours tell apart, schools by name, overfull ones marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from models.sentences import Language
from models.stages import Stage
from optimizer.export.colours import INK, OVERFULL, PAPER
from optimizer.export.labels import Label, draw_labels, write_line
from optimizer.export.lettering import Lettering, choose_lettering, tell_other_font, tell_status
from optimizer.export.paint import (
    barrier_signs,
    changed_sign,
    frame,
    paint_barriers,
    paint_catchments,
    paint_changed,
    paint_scale,
    paint_schools,
)
from optimizer.export.picture import Picture, read_picture
from optimizer.export.vector import to_element, to_svg
from optimizer.runs.folder import whole_file

_DPI = 150
_PANEL_INCHES = 8.0
_WORDS_INCHES = 1.9
_EDGE_INCHES = 0.25
_TALL = 1.2
"""Districts taller than this have narrower panels, so that the picture still fits a screen."""
_WIDE = 0.55
"""Districts flatter than this have their panels one below the other."""

_A4_INCHES = (297 / 25.4, 210 / 25.4)

FORMATS = {".png": {"Software": None}, ".pdf": {"CreationDate": None}, ".svg": {}}
"""Endings of a map's file, each with what must be left out of it so that equal runs give equal bytes."""
_WORDS = ("map.heading", "map.colours")


@dataclass(frozen=True)
class Drawn:
    """A map that was drawn; `note` is the key of the sentence that says what it lacks, "" for nothing."""

    path: Path
    note: str


def draw_map(
    folder: Path, path: Path, *, language: Language = "en", font: Path | None = None, stage: Stage | None = None
) -> Drawn:
    """Draw the map of the run in `folder` to a file of one of FORMATS, equal bytes for equal runs and fonts.

    A panel a stage; `stage` alone fills a sheet of A4, upright or across as the district is shaped. Names that no font
    of this machine can show are replaced by ids, and Chinese words by English ones. Raises NotARun for a folder whose
    run cannot be read, OSError where `path` cannot be written.
    """
    picture = read_picture(folder)
    lettering = choose_lettering(picture, _WORDS, language, font)
    with lettering.applied():
        _save(_compose(picture, lettering) if stage is None else _fill_sheet(picture, stage, lettering), path)
    return Drawn(path, lettering.lacks)


def tell_font(picture: Picture, language: Language, font: Path) -> str:
    """Return the sentence on a font that was named and cannot write the map of a run; "" where it can."""
    return tell_other_font(picture, _WORDS, language, font)


def draw_sheet(picture: Picture, stage: Stage, *, language: Language = "en", font: Path | None = None) -> str:
    """Return the sheet of a stage, as `draw_map` draws it, as an `svg` element that may stand in a page."""
    lettering = choose_lettering(picture, _WORDS, language, font)
    with lettering.applied():
        return to_element(_fill_sheet(picture, stage, lettering))


def _compose(picture: Picture, lettering: Lettering) -> Figure:
    ratio = min(max(picture.ratio, 0.4), 1.6)
    count = len(picture.stages)
    rows, columns = (count, 1) if ratio < _WIDE else (1, count)
    across = _PANEL_INCHES * min(1.0, _TALL / ratio)
    size = (across * columns, across * ratio * rows + _WORDS_INCHES)
    return _fill(size, (rows, columns), picture, picture.stages, lettering)


def _fill_sheet(picture: Picture, stage: Stage, lettering: Lettering) -> Figure:
    size = _A4_INCHES if picture.ratio < 1 else _A4_INCHES[::-1]
    return _fill(size, (1, 1), picture, [stage], lettering)


def _fill(
    size: tuple[float, float], grid: tuple[int, int], picture: Picture, stages: Sequence[Stage], lettering: Lettering
) -> Figure:
    """Return a figure of `size` (inches) with a panel a stage, what the run is above them and the legend below."""
    (wide, high), edge = size, _EDGE_INCHES
    figure = Figure(figsize=size, dpi=_DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    figure.subplots_adjust(
        left=edge / wide, right=1 - edge / wide, bottom=0.8 / high, top=1 - 1.05 / high, wspace=0.02, hspace=0.08
    )
    for position, stage in enumerate(stages, start=1):
        _draw_stage(figure.add_subplot(*grid, position), picture, stage, lettering)
    _add_heading(figure, picture.record, lettering)
    _add_foot(figure, picture, stages, lettering)
    return figure


def _draw_stage(axes: Axes, picture: Picture, stage: Stage, lettering: Lettering) -> None:
    frame(axes, picture)
    schools = picture.schools_of(stage)
    paint_catchments(axes, picture, stage)
    paint_changed(axes, picture.changed(stage))
    paint_barriers(axes, picture)
    paint_schools(axes, schools)
    facts = {
        "stage": lettering.say(f"stages.{stage}"),
        "schools": int((~schools["idle"]).sum()),
        "students": f"{picture.record['decided'][stage]:,}",
        "mean": f"{picture.mean_m(stage):,.0f}",
    }
    axes.set_title(lettering.say("map.panel", **facts), fontsize=10, y=1.0)
    paint_scale(axes, lettering)
    labels = [_label(school, lettering) for school in schools[~schools["idle"]].itertuples(index=False)]
    draw_labels(axes, labels, shapely.union_all(picture.obstacles))


def _label(school: Any, lettering: Lettering) -> Label:
    """Name of a school, its id where the name cannot be drawn; an overfull one says how full and comes first."""
    text, x, y = lettering.name(school), school.geometry.x, school.geometry.y
    if school.overfull:
        return Label(f"{text} {school.utilisation:.0%}", x, y, np.inf, OVERFULL)
    return Label(text, x, y, school.students)


def _add_heading(figure: Figure, record: dict[str, Any], lettering: Lettering) -> None:
    heading = lettering.say("map.heading", district=lettering.district(record), year=record["year"])
    status = tell_status(record, lettering.language)
    facts = {"scenario": lettering.scenario(record), "mean": f"{record['mean_m'] or 0:,.0f}", "status": status}
    write_line(figure, 1 - 0.30 / _height(figure), heading, 14)
    write_line(figure, 1 - 0.60 / _height(figure), lettering.say("map.subtitle", **facts), 10)


def _add_foot(figure: Figure, picture: Picture, stages: Sequence[Stage], lettering: Lettering) -> None:
    record, handles = picture.record, _legend(picture, stages, lettering)
    mode = lettering.say(f"mode.{record['mode']}", year=record["year"])
    _place_legend(figure, handles)
    write_line(figure, 0.34 / _height(figure), lettering.say("map.colours", mode=mode), 7, "#555555")
    write_line(figure, 0.16 / _height(figure), lettering.say("map.no_font") if not lettering.named else "", 7, OVERFULL)


def _place_legend(figure: Figure, handles: Sequence[Line2D | Patch]) -> None:
    """Add the legend in one row, in two where the figure is not as wide."""
    legend = _add_legend(figure, handles, columns=len(handles))
    if legend.get_window_extent().width > figure.bbox.width:
        legend.remove()
        _add_legend(figure, handles, columns=(len(handles) + 1) // 2)


def _add_legend(figure: Figure, handles: Sequence[Line2D | Patch], *, columns: int) -> Legend:
    at = (0.5, 0.42 / _height(figure))
    return figure.legend(
        handles=handles, loc="lower center", ncol=columns, frameon=False, fontsize=8, bbox_to_anchor=at,
        borderaxespad=0.2,
    )  # fmt: skip


def _height(figure: Figure) -> float:
    return float(figure.get_size_inches()[1])


def _legend(picture: Picture, stages: Sequence[Stage], lettering: Lettering) -> list[Line2D | Patch]:
    schools = [picture.schools_of(stage) for stage in stages]
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
    changed = [picture.changed(stage) for stage in stages]
    adjusted = [changed_sign(units, lettering) for units in changed if len(units)]
    return [*handles, *adjusted[:1], *barrier_signs(picture, lettering)]


def _save(figure: Figure, path: Path) -> None:
    ending = path.suffix.lower()
    with whole_file(path) as part:
        if ending == ".svg":
            part.write_text(to_svg(figure), encoding="utf-8", newline="\n")
        else:
            figure.savefig(part, format=ending.removeprefix("."), metadata=FORMATS[ending])

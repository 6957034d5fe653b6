"""Maps of what changes, to be printed in black and white: what was is pale, what changes is hatched.

From today to a plan for a page, and from one plan to another for a file of its own.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from models.sentences import Language
from models.stages import Stage
from optimizer.export.colours import INK, PAPER
from optimizer.export.labels import Label, draw_labels, write_line
from optimizer.export.lettering import Lettering, choose_lettering, tell_other_font
from optimizer.export.paint import barrier_signs, frame, outlines, paint_barriers, paint_scale
from optimizer.export.picture import Picture
from optimizer.export.vector import to_svg
from optimizer.indices.shapes import close_gaps

_MM = 1 / 25.4
_FLATTEST = 0.3
"""Height by width of a panel at least, be the district a line or a single point."""
_TITLES, _LEGEND, _HEADING = 5.5 * _MM, 6 * _MM, 8 * _MM
_PALE, _BORDER, _HATCH = "#F4F4F4", "#A8A8A8", "//////"
_SMALL = 6.5
_ARROW = {"arrowstyle": "-|>", "color": INK, "mutation_scale": 5, "shrinkA": 0, "shrinkB": 2.5}
_SHORTEST_ARROW = 0.03
"""Share of the width of a panel; from there on an arrow tells the school that a hatched place joins."""
_WORDS = ("changes.some", "changes.none", "changes.planned", "changes.units", "changes.today", "changes.watched")

_WORDS_BETWEEN = ("difference.heading", "difference.some", "difference.none", "difference.units", "difference.before")
_THIN, _THICK = 0.7, 2.6
"""Widths of the arrows of the smallest flow and of the largest."""


@dataclass(frozen=True)
class Look:
    """How large a picture is, in inches, and what is said in it. With more arrows and names nothing could be read."""

    wide: float
    tallest: float
    topic: str
    """Of its words, in the topic `export`."""
    most_arrows: int
    most_names: int
    heading: str = ""
    baseline: str = ""
    """What the plan is called that others are held against; "" where that is today."""


_OF_TODAY = Look(180 * _MM, 85 * _MM, "changes", most_arrows=40, most_names=20)
_BETWEEN = Look(260 * _MM, 180 * _MM, "difference", most_arrows=60, most_names=30)


@dataclass(frozen=True)
class Sketch:
    """A drawn picture, to be written as often as one likes."""

    figure: Figure
    lettering: Lettering
    prefix: str

    @property
    def note(self) -> str:
        """Key of the sentence that says what the picture lacks, "" for nothing."""
        return self.lettering.lacks

    def svg(self) -> str:
        """Return an `svg` element to stand in a page: text as outlines, ids and style that touch no other picture."""
        with self.lettering.applied():
            element = to_svg(self.figure).partition("<svg")[2]
        element = re.sub(r'( id="|href="#|url\(#)', rf"\g<1>{self.prefix}-", element)
        return f'<svg id="{self.prefix}" role="img"{element.replace("*{", f"#{self.prefix} *{{", 1)}'

    def document(self) -> str:
        """Return an SVG file."""
        with self.lettering.applied():
            return to_svg(self.figure)

    def png(self, dpi: int = 300) -> bytes:
        """Return the picture as a PNG file, white behind it."""
        written = BytesIO()
        with self.lettering.applied():
            self.figure.savefig(written, format="png", dpi=dpi, metadata={"Software": None})
        return written.getvalue()


def draw_changes(
    picture: Picture,
    stages: Sequence[Stage],
    *,
    language: Language,
    font: Path | None = None,
    watched: Collection[str] = (),
) -> Sketch:
    """Draw a panel a stage, side by side, 180 mm wide and at most 85 mm high.

    Named are the schools `watched` (ids), which are ringed, and those that units leave or join; where very many do,
    the chief ones. Where no catchments of today are known the planned ones are drawn. Equal pictures and fonts give
    equal bytes.
    """
    lettering = choose_lettering(picture, _WORDS, language, font)
    with lettering.applied():
        figure = _compose(picture, stages, lettering, watched, _OF_TODAY)
    return Sketch(figure, lettering, "-".join(["changes", *stages]))


def draw_difference(
    picture: Picture, stages: Sequence[Stage], titles: tuple[str, str], *, language: Language, font: Path | None = None
) -> Sketch:
    """Draw what changes from one plan to another, a panel a stage, 260 mm wide and at most 180 mm high.

    The units of `picture` have the school of the first plan as `current_STAGE`, that of the second as `school_STAGE`,
    `changed_STAGE`, and as `students_STAGE` the children who change with them: the more they are, the wider the arrow.
    `titles` are what the plans are called; one that no font can write is left out.
    """
    lettering = choose_lettering(picture, _WORDS_BETWEEN, language, font, titles)
    baseline, other = (title if lettering.typeface.has(title) else "…" for title in titles)
    with lettering.applied():
        heading = lettering.say("difference.heading", other=other, baseline=baseline)
        look = replace(_BETWEEN, heading=heading, baseline=baseline)
        figure = _compose(picture, stages, lettering, (), look)
    return Sketch(figure, lettering, "-".join(["difference", *stages]))


def tell_difference_font(picture: Picture, titles: Sequence[str], language: Language, font: Path) -> str:
    """Return the sentence on a font that was named and cannot write the map of a difference; "" where it can."""
    return tell_other_font(picture, _WORDS_BETWEEN, language, font, titles)


def _compose(
    picture: Picture, stages: Sequence[Stage], lettering: Lettering, watched: Collection[str], look: Look
) -> Figure:
    above = _TITLES + (_HEADING if look.heading else 0)
    high = min(look.wide / len(stages) * max(picture.ratio, _FLATTEST) + above + _LEGEND, look.tallest)
    figure = Figure(figsize=(look.wide, high), dpi=300, facecolor=PAPER)
    FigureCanvasAgg(figure)
    figure.subplots_adjust(left=0.004, right=0.996, bottom=_LEGEND / high, top=1 - above / high, wspace=0.02)
    for position, stage in enumerate(stages, start=1):
        _draw_stage(figure.add_subplot(1, len(stages), position), picture, stage, lettering, watched, look)
    if look.heading:
        write_line(figure, 1 - 0.55 * _HEADING / high, look.heading, size=11)
    handles = _legend(picture, stages, lettering, watched, look)
    figure.legend(
        handles=handles, loc="lower center", ncol=len(handles), frameon=False, fontsize=_SMALL, bbox_to_anchor=(0.5, 0),
        columnspacing=1.4, handletextpad=0.6, borderaxespad=0.2,
    )  # fmt: skip
    return figure


def _draw_stage(
    axes: Axes, picture: Picture, stage: Stage, lettering: Lettering, watched: Collection[str], look: Look
) -> None:
    frame(axes, picture)
    changed, known = picture.changed(stage), picture.knows_today(stage)
    _paint_catchments(axes, picture, f"current_{stage}" if known else f"school_{stage}")
    paint_barriers(axes, picture)
    moves = pd.concat([changed[f"current_{stage}"], changed[f"school_{stage}"]]).value_counts()
    schools = picture.schools_of(stage)
    hatched = _dissolve(changed, [f"current_{stage}", f"school_{stage}"]).explode()
    arrows = _arrows(hatched, schools, _SHORTEST_ARROW * float(np.ptp(axes.get_xlim())))
    if look.baseline:
        flows = changed.groupby([f"current_{stage}", f"school_{stage}"])[f"students_{stage}"].sum()
        arrows = [arrow._replace(width=_width(flows, arrow.flow)) for arrow in arrows]
        arrows = sorted(arrows, key=lambda arrow: -arrow.width)[: look.most_arrows]
    elif len(hatched) > look.most_arrows:
        arrows = []
    _paint_changes(axes, hatched, arrows)
    _paint_schools(axes, schools, moves.index, watched)
    key = "some" if len(changed) else "none" if known else "planned"
    students = int(changed[f"students_{stage}"].sum())
    facts = {"stage": lettering.say(f"stages.{stage}"), "units": f"{len(changed):,}", "students": f"{students:,}"}
    axes.set_title(lettering.say(f"{look.topic}.{key}", **facts), fontsize=8, pad=3, y=1.0)
    paint_scale(axes, lettering)
    shapes = [] if look.baseline else list(hatched)
    avoid = shapely.union_all([*shapes, *(arrow.line for arrow in arrows), *picture.obstacles])
    draw_labels(axes, _labels(schools, moves, lettering, watched, look.most_names), avoid)


def _width(flows: "pd.Series[int]", flow: tuple[str, str]) -> float:
    return float(_THIN + (_THICK - _THIN) * np.sqrt(flows[flow] / max(flows.max(), 1)))


def _labels(
    schools: gpd.GeoDataFrame, moves: "pd.Series[int]", lettering: Lettering, watched: Collection[str], most: int
) -> list[Label]:
    """Names of the schools watched and of those that most units leave or join, no more than can be told apart."""
    weights = dict(zip(moves.index, moves, strict=True)) | dict.fromkeys(watched, np.inf)
    named = [school for school in schools.itertuples(index=False) if school.school_id in weights]
    named.sort(key=lambda school: (-weights[school.school_id], school.school_id))
    return [
        Label(lettering.name(school), school.geometry.x, school.geometry.y, weights[school.school_id])
        for school in named[:most]
    ]


def _paint_catchments(axes: Axes, picture: Picture, column: str) -> None:
    units = picture.units[picture.units[column] != ""]
    if (shapely.get_dimensions(units.geometry.to_numpy()) < 2).all():
        axes.scatter(units.geometry.x, units.geometry.y, s=3, c=_BORDER, linewidths=0, zorder=1)
        return
    land = _dissolve(units, [column])
    axes.add_collection(
        PathCollection(outlines(axes, land), facecolors=_PALE, edgecolors=_BORDER, linewidths=0.6, zorder=1)
    )


def _dissolve(units: gpd.GeoDataFrame, columns: list[str]) -> gpd.GeoSeries:
    """Shapes of the units that agree in some columns; the index holds what they agree in."""
    solid = units.set_geometry(shapely.make_valid(units.geometry.to_numpy()), crs=units.crs)
    parts = {key: close_gaps(part.geometry.to_numpy()) for key, part in solid.groupby(columns)}
    return gpd.GeoSeries(parts, crs=units.crs)


class Arrow(NamedTuple):
    """From a hatched place to the school that it joins."""

    line: shapely.LineString
    flow: tuple[str, str]
    width: float = 0.8


def _arrows(hatched: gpd.GeoSeries, schools: gpd.GeoDataFrame, shortest_m: float) -> list[Arrow]:
    """Arrows from places that lie together to the school that they join, but for schools right beside them."""
    sites = dict(zip(schools["school_id"], schools.geometry, strict=True))
    places = [(flow, place) for flow, place in hatched.representative_point().items() if flow[1] in sites]
    arrows = [Arrow(shapely.LineString([place, sites[flow[1]]]), flow) for flow, place in places]
    return [arrow for arrow in arrows if arrow.line.length > shortest_m]


def _paint_changes(axes: Axes, hatched: gpd.GeoSeries, arrows: Sequence[Arrow]) -> None:
    look: dict[str, Any] = {
        "facecolors": PAPER,
        "edgecolors": INK,
        "hatch": _HATCH,
        "hatch_linewidth": 0.5,
        "zorder": 3,
    }
    if (shapely.get_dimensions(hatched.to_numpy()) < 2).all():
        axes.scatter(hatched.x, hatched.y, s=26, linewidths=0.7, **look)
    else:
        axes.add_collection(PathCollection(outlines(axes, hatched), linewidths=0.8, **look))
    for arrow in arrows:
        start, end = arrow.line.coords
        halo = [withStroke(linewidth=arrow.width + 1.6, foreground=PAPER)]
        axes.annotate(
            "",
            end,
            start,
            arrowprops=_ARROW | {"linewidth": arrow.width, "path_effects": halo},
            zorder=6,
        )


def _paint_schools(axes: Axes, schools: gpd.GeoDataFrame, concerned: Collection[str], watched: Collection[str]) -> None:
    """Draw the schools named dark and the others grey; those watched are ringed."""
    ids = schools["school_id"]
    ringed, named = ids.isin(list(watched)), ids.isin([*concerned, *watched])
    looks: tuple[tuple[Any, dict[str, Any]], ...] = ((~named, {"s": 5, "c": _BORDER}), (named, {"s": 13, "c": INK}))
    for chosen, look in looks:
        points = schools[chosen].geometry
        axes.scatter(points.x, points.y, edgecolors=PAPER, linewidths=0.5, zorder=7, **look)
    points = schools[ringed].geometry
    axes.scatter(points.x, points.y, s=44, facecolors="none", edgecolors=INK, linewidths=0.9, zorder=7)


def _legend(
    picture: Picture, stages: Sequence[Stage], lettering: Lettering, watched: Collection[str], look: Look
) -> list[Line2D | Patch]:
    """What the signs mean, of those that are on the map."""
    hatched = Patch(
        facecolor=PAPER,
        edgecolor=INK,
        linewidth=0.8,
        hatch=_HATCH,
        hatch_linewidth=0.5,
        label=lettering.say(f"{look.topic}.units"),
    )
    ring: dict[str, Any] = {
        "marker": "o",
        "color": "none",
        "markeredgecolor": INK,
        "markeredgewidth": 0.9,
        "markersize": 6.5,
    }
    watching = Line2D([], [], linestyle="none", label=lettering.say("changes.watched"), **ring)
    if look.baseline:
        land = lettering.say("difference.before", baseline=look.baseline)
    else:
        known = any(picture.knows_today(stage) for stage in stages)
        land = lettering.say("changes.today" if known else "changes.planned_land")
    return [
        *([hatched] if any(len(picture.changed(stage)) for stage in stages) else []),
        Patch(facecolor=_PALE, edgecolor=_BORDER, linewidth=0.6, label=land),
        *([watching] if set(watched) & set(picture.schools["school_id"]) else []),
        *barrier_signs(picture, lettering),
    ]

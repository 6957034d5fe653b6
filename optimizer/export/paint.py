"""Shapes on a map: catchments, units, barriers, schools, and the scale bar."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path as Outline

from models.stages import Stage
from optimizer.export.colours import BARRIER, INK, OVERFULL, PAPER, fill_of
from optimizer.export.lettering import Lettering
from optimizer.export.picture import Picture

UNIT_EDGE = "#FFFFFF"
_SCHOOL_SIZE = 20.0
_HATCH, _HATCH_INK = "////", "#555555"


def paint_catchments(axes: Axes, picture: Picture, stage: Stage) -> None:
    """Fill the catchments of a stage; a district of points shows its units as dots."""
    catchments = picture.catchments[picture.catchments["stage"] == stage]
    fills = [fill_of(number) for number in catchments["colour"]]
    if _are_points(catchments):
        _paint_points(axes, picture, stage, dict(zip(catchments["school_id"], fills, strict=True)))
        return
    land = outlines(axes, catchments.geometry)
    axes.add_collection(PathCollection(land, facecolors=fills, edgecolors="none", zorder=1))
    edges = outlines(axes, picture.units.geometry)
    axes.add_collection(PathCollection(edges, facecolors="none", edgecolors=UNIT_EDGE, linewidths=0.3, zorder=2))
    axes.add_collection(PathCollection(land, facecolors="none", edgecolors=INK, linewidths=0.7, zorder=3))


def paint_changed(axes: Axes, units: gpd.GeoDataFrame) -> None:
    """Hatch units whose school changes, lightly; ring those of a point."""
    if _are_points(units):
        axes.scatter(
            units.geometry.x, units.geometry.y, s=70, facecolors="none", edgecolors=INK, linewidths=0.7, zorder=3
        )
        return
    look: dict[str, Any] = {
        "facecolors": "none",
        "edgecolors": _HATCH_INK,
        "hatch": _HATCH,
        "hatch_linewidth": 0.4,
        "linewidths": 0,
    }
    axes.add_collection(PathCollection(outlines(axes, units.geometry), zorder=2.5, **look))


def changed_sign(units: gpd.GeoDataFrame, lettering: Lettering) -> Line2D | Patch:
    """Return the entry of a legend for units whose school changes."""
    label = lettering.say("legend.changed")
    if _are_points(units):
        ring: dict[str, Any] = {"marker": "o", "color": "none", "markeredgecolor": INK, "markersize": 8}
        return Line2D([], [], linestyle="none", label=label, **ring)
    return Patch(facecolor=PAPER, edgecolor=_HATCH_INK, linewidth=0, hatch=_HATCH, hatch_linewidth=0.4, label=label)


def _are_points(units: gpd.GeoDataFrame) -> bool:
    return bool((shapely.get_dimensions(units.geometry.to_numpy()) < 2).all())


def paint_barriers(axes: Axes, picture: Picture) -> None:
    """Draw barriers as thick lines and crossings as squares on them."""
    if picture.barriers is not None:
        parts = shapely.get_parts(picture.barriers.geometry.to_numpy())
        lines = [shapely.get_coordinates(part) for part in parts]
        axes.add_collection(LineCollection(lines, colors=BARRIER, linewidths=2.2, zorder=4, capstyle="round"))
    if picture.crossings is not None:
        x, y = shapely.get_coordinates(picture.crossings.geometry.to_numpy()).T
        axes.scatter(x, y, s=22, marker="s", c=PAPER, edgecolors=BARRIER, linewidths=1.2, zorder=5)


def barrier_signs(picture: Picture, lettering: Lettering) -> list[Line2D]:
    """Return the entries of a legend for the barriers and crossings that there are."""
    signs: list[Line2D] = []
    if picture.barriers is not None:
        signs.append(Line2D([], [], color=BARRIER, linewidth=2.2, label=lettering.say("legend.barrier")))
    if picture.crossings is not None:
        look: dict[str, Any] = {"marker": "s", "color": PAPER, "markeredgecolor": BARRIER, "markersize": 5}
        signs.append(Line2D([], [], linestyle="none", label=lettering.say("legend.crossing"), **look))
    return signs


def paint_schools(axes: Axes, schools: gpd.GeoDataFrame) -> None:
    """Draw school sites: dark where they receive, red and ringed where overfull, hollow where they do not receive."""
    looks: tuple[tuple[Any, dict[str, Any]], ...] = (
        (schools["idle"], {"c": PAPER, "edgecolors": "#888888", "s": 12.0}),
        (~schools["idle"] & ~schools["overfull"], {"c": INK, "edgecolors": PAPER, "s": _SCHOOL_SIZE}),
        (
            ~schools["idle"] & schools["overfull"],
            {"c": OVERFULL, "edgecolors": INK, "s": 2.2 * _SCHOOL_SIZE, "marker": "^"},
        ),
    )
    for chosen, look in looks:
        points = schools[chosen].geometry
        axes.scatter(points.x, points.y, linewidths=0.8, zorder=7, **look)


def frame(axes: Axes, picture: Picture) -> None:
    """Show the whole district, true to scale, without axes."""
    west, south, east, north = shapely.total_bounds(
        np.concatenate([picture.units.geometry.to_numpy(), picture.schools.geometry.to_numpy()])
    )
    margin = 0.03 * max(east - west, north - south, 1.0)
    axes.set_xlim(west - margin, east + margin)
    axes.set_ylim(south - 2.8 * margin, north + margin)
    axes.set_aspect("equal")
    axes.set_axis_off()


def scale_length(width_m: float) -> float:
    """Return a round length, 1, 2 or 5 times a power of ten, of about a fifth of the width."""
    wanted = width_m / 5
    power = 10.0 ** np.floor(np.log10(wanted))
    return float(power * max(step for step in (1, 2, 5) if step * power <= wanted))


def paint_scale(axes: Axes, lettering: Lettering) -> None:
    """Draw the scale bar in the lower left corner, and an arrow to the north in the lower right one."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    length = scale_length(east - west)
    unit, shown = ("kilometres", length / 1000) if length >= 1000 else ("metres", length)
    text = lettering.say(f"scale.{unit}", length=f"{shown:g}")
    x, y, high = west + 0.02 * (east - west), south + 0.015 * (north - south), 0.008 * (north - south)
    axes.plot([x, x, x + length, x + length], [y + high, y, y, y + high], color=INK, linewidth=1.0, zorder=8)
    axes.text(x + length / 2, y + 1.6 * high, text, ha="center", va="bottom", fontsize=7, zorder=8)
    axes.text(east - 0.02 * (east - west), y, "↑\nN", ha="center", va="bottom", fontsize=8, zorder=8)


def _paint_points(axes: Axes, picture: Picture, stage: Stage, fills: dict[str, str]) -> None:
    units = picture.units
    colours = [fills.get(school, PAPER) for school in units[f"school_{stage}"]]
    size = 6 + 60 * units[f"students_{stage}"] / max(1, units[f"students_{stage}"].max())
    flows = shapely.get_coordinates(picture.flows.loc[picture.flows["stage"] == stage].geometry.to_numpy())
    axes.add_collection(LineCollection(flows.reshape(-1, 2, 2), colors="#BBBBBB", linewidths=0.4, zorder=1))
    axes.scatter(units.geometry.x, units.geometry.y, s=size, c=colours, edgecolors=INK, linewidths=0.3, zorder=2)


def outlines(axes: Axes, shapes: gpd.GeoSeries) -> list[Outline]:
    """Return each polygon, or several with their holes, as one path, no finer than the picture can show."""
    pixel_m = np.ptp(axes.get_xlim()) / axes.get_window_extent().width
    return [_outline(shape) for shape in shapes.simplify(pixel_m / 2)]


def _outline(shape: shapely.Geometry) -> Outline:
    parts = [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2]
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return Outline.make_compound_path(*(Outline(shapely.get_coordinates(ring), closed=True) for ring in rings))

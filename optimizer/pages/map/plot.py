"""The drawing itself: a Bokeh figure whose sources are empty and named; the script of the page fills them."""

import json
import re
from collections.abc import Mapping
from typing import Any

from bokeh.core.properties import value
from bokeh.embed import json_item
from bokeh.models import (
    ColumnDataSource,
    MultiLine,
    MultiPolygons,
    PanTool,
    Plot,
    Range1d,
    Scatter,
    Segment,
    Text,
    WheelZoomTool,
)
from bokeh.models.annotations import ScaleBar
from bokeh.models.annotations.dimensional import ImperialLength
from bokeh.models.glyph import Glyph
from bokeh.models.renderers import GlyphRenderer

from optimizer.export.colours import BARRIER, INK, OVERFULL, PAPER
from optimizer.pages.map.words import Words

_FONT = "system-ui, 'Microsoft YaHei', 'PingFang SC', 'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif"
_HATCH = {"hatch_pattern": "right_diagonal_line", "hatch_color": INK, "hatch_scale": 14, "hatch_weight": 1.0}
_LABEL = {
    "text_font": value(_FONT), "text_font_size": "12px", "text_align": "center", "text_baseline": "bottom",
    "background_fill_color": PAPER, "background_fill_alpha": 0.85, "padding": 1, "border_radius": 2,
}  # fmt: skip
_HOLLOW = {"fill_color": PAPER}
_POINT, _LINES = ("x", "y"), ("xs", "ys")
_GLYPHS: Mapping[str, tuple[tuple[str, ...], type[Glyph], dict[str, Any]]] = {
    "land": ((*_LINES, "fill"), MultiPolygons, {"fill_color": "fill", "line_color": "fill", "line_width": 0.8}),
    "dots": ((*_POINT, "fill", "size"), Scatter, {"fill_color": "fill", "line_color": INK, "line_width": 0.4}),
    "mesh": (_LINES, MultiLine, {"line_color": PAPER, "line_width": 0.6}),
    "hatch": (_LINES, MultiPolygons, {"fill_alpha": 0, "line_color": INK, "line_width": 1.6} | _HATCH),
    "rims": (_LINES, MultiLine, {"line_color": INK, "line_width": 1.3, "line_join": "round"}),
    "barriers": (_LINES, MultiLine, {"line_color": BARRIER, "line_width": 4, "line_join": "round"}),
    "crossings": (_POINT, Scatter, {"marker": "square", "size": 9, "line_color": BARRIER, "line_width": 2} | _HOLLOW),
    "ways": (("x0", "y0", "x1", "y1", "fill", "size"), Segment, {"line_color": "fill", "line_width": "size"}),
    "heads": (
        (*_POINT, "size", "angle", "fill"),
        Scatter,
        {"marker": "triangle", "fill_color": "fill", "line_color": PAPER},
    ),
    "ringed": ((*_POINT, "size"), Scatter, {"fill_alpha": 0, "line_color": INK, "line_width": 1.8}),
    "beyond": ((*_POINT, "size"), Scatter, {"marker": "diamond", "line_color": INK, "line_width": 0.8} | _HOLLOW),
    "far_rims": (_LINES, MultiLine, {"line_color": OVERFULL, "line_width": 2.4}),
    "far": ((*_POINT, "size"), Scatter, {"marker": "diamond_cross", "line_color": OVERFULL, "line_width": 2} | _HOLLOW),
    "picked": (_LINES, MultiLine, {"line_color": "#000000", "line_width": 4, "line_join": "round"}),
    "target": (_POINT, Scatter, {"size": 24, "fill_alpha": 0, "line_color": "#000000", "line_width": 3}),
    "schools": (
        (*_POINT, "fill", "line", "size", "marker"),
        Scatter,
        {"marker": "marker", "fill_color": "fill", "line_color": "line", "line_width": 1.4},
    ),
    "labels": ((*_POINT, "text", "line"), Text, {"text": "text", "text_color": "line"} | _LABEL),
}
"""What is drawn, from below to above: name of its source, columns, and looks."""
_MODEL_ID = re.compile(r'"p\d+"')


def build_plot(words: Words) -> str:
    """Return the figure as the JSON that BokehJS embeds; its ids are numbered from 1, so that equal pages are equal."""
    plot = Plot(
        name="map",
        x_range=Range1d(start=0, end=1),
        y_range=Range1d(start=0, end=1),
        sizing_mode="stretch_both",
        min_border=0,
        outline_line_color=None,
        toolbar_location=None,
        background_fill_color="#FBFBFB",
    )
    for name, (columns, glyph, looks) in _GLYPHS.items():
        source = ColumnDataSource({column: [] for column in columns}, name=name)
        ends = {column: column for column in columns if column in glyph.properties()}
        plot.renderers.append(GlyphRenderer(data_source=source, glyph=glyph(**(ends | looks)), name=name))
    wheel = WheelZoomTool(zoom_on_axis=False)
    plot.add_tools(PanTool(), wheel)
    plot.toolbar.active_scroll = wheel
    plot.add_layout(_scale(words))
    return _number_ids(json.dumps(json_item(plot), ensure_ascii=False))


def _scale(words: Words) -> ScaleBar:
    """A bar of a round length, which follows the zoom; its units are ours, as no other model of BokehJS takes any."""
    metre, kilometre = words("metre"), words("kilometre")
    return ScaleBar(
        unit=metre,
        dimensional=ImperialLength(
            basis={metre: (1, metre, metre), kilometre: (1000, kilometre, kilometre)},
            ticks=[1, 2, 5, 10, 20, 50, 100, 200, 500],
        ),
        location="bottom_left",
        label_text_font=_FONT,
        bar_length=0.12,
        background_fill_alpha=0.8,
        border_line_color=None,
    )


def _number_ids(text: str) -> str:
    """Return the JSON with the ids of its models numbered as they come."""
    ids = {found: f'"m{number}"' for number, found in enumerate(dict.fromkeys(_MODEL_ID.findall(text)), start=1)}
    return _MODEL_ID.sub(lambda found: ids[found.group()], text)

"""The styles of a GeoPackage's layers, in its table `layer_styles`: QGIS applies them when it opens a layer.

Legends are in Chinese and English. Of several stages the first is drawn, the others wait in the legend.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from models.sentences import Language, say
from models.stages import Stage
from optimizer.export.colours import BARRIER, INK, LEVEL_FILLS, OVERFULL, PALETTE, PAPER
from optimizer.export.qml import Rule, rgb, write_qml

_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)
"""
_LAYERS = ("units", "schools", "catchments", "flows", "coordination", "barriers", "crossings", "outlook")
_WRITTEN = "2000-01-01T00:00:00.000Z"
_LANGUAGES: tuple[Language, ...] = ("zh", "en")
_NAMED = ("schools", "outlook")
_NAME = """coalesce(nullif("name", ''), "school_id")"""


def write_styles(path: Path, stages: Sequence[Stage] = ()) -> None:
    """Add the styles of all layers in the GeoPackage at `path`, of a plan of `stages`. Raises sqlite3.Error."""
    with closing(sqlite3.connect(path)) as package, package:
        held = package.execute("SELECT table_name, column_name, geometry_type_name FROM gpkg_geometry_columns")
        columns = {layer: (column, "POINT" in kind) for layer, column, kind in held}
        package.execute(_TABLE)
        package.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
            (_WRITTEN,),
        )
        package.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner, update_time) VALUES ('','',?,?,?,?,'',1,'','',?)",
            [
                (layer, columns[layer][0], layer, build_style(layer, stages, points=columns[layer][1]), _WRITTEN)
                for layer in _LAYERS
                if layer in columns
            ],
        )


def build_style(layer: str, stages: Sequence[Stage], *, points: bool) -> str:
    """Return the QML of one layer; `points` says that its shapes are points, where there might be polygons."""
    rules = {
        "units": lambda: _draw_units(stages, points=points),
        "schools": _draw_schools,
        "catchments": lambda: [_of_stage(stage, stages, below=_draw_catchments(points=points)) for stage in stages],
        "flows": lambda: [_of_stage(stage, stages, kind="line", look=_line("#666666", 0.1)) for stage in stages],
        "coordination": lambda: [_of_stage(stage, stages, kind="line", look=_line(OVERFULL, 0.4)) for stage in stages],
        "barriers": lambda: [Rule(_both("export.legend.barrier"), "", "line", _line(BARRIER, 0.9))],
        "crossings": lambda: [
            Rule(_both("export.legend.crossing"), "", "marker", _marker("square", PAPER, BARRIER, 2.6))
        ],
        "outlook": _draw_levels,
    }
    return write_qml(rules[layer](), label=_NAME if layer in _NAMED else "")


def _of_stage(stage: Stage, stages: Sequence[Stage], **drawn: Any) -> Rule:
    return Rule(_both(f"export.stages.{stage}"), f"\"stage\" = '{stage}'", shown=stage == stages[0], **drawn)


def _draw_units(stages: Sequence[Stage], *, points: bool) -> list[Rule]:
    """Every unit's outline, and by stage those that change school."""
    kind = "marker" if points else "fill"
    plain = _marker("circle", PAPER, "#999999", 1.2) if points else _fill("no", PAPER, "#999999", 0.1)
    marked = _marker("diamond", INK, PAPER, 2.8) if points else _fill("f_diagonal", INK, INK, 0.4)
    label = _both("export.changes.units")
    changed = [
        Rule(
            f"{_both(f'export.stages.{stage}')} · {label}", f'"changed_{stage}"', kind, marked, shown=stage == stages[0]
        )
        for stage in stages
    ]
    return [Rule(_both("export.layers.units"), "", kind, plain), *changed]


def _draw_schools() -> list[Rule]:
    """Those with more children than places by sign and colour; small those that the plan gives no children."""
    full, receives = '"utilisation" > 1', '"students" > 0 AND ("utilisation" IS NULL OR "utilisation" <= 1)'
    return [
        Rule(_both("export.legend.overfull"), full, "marker", _marker("triangle", OVERFULL, INK, 3.6)),
        Rule(_both("export.legend.school"), receives, "marker", _marker("circle", INK, PAPER, 2.4)),
        Rule(_both("export.layers.empty"), "ELSE", "marker", _marker("circle", PAPER, "#888888", 1.8)),
    ]


def _draw_catchments(*, points: bool) -> list[Rule]:
    """A fill for each number of `colour`, which neighbours do not share; a legend says nothing of them."""
    return [
        Rule(
            "",
            f'"colour" % {len(PALETTE)} = {number}',
            "marker" if points else "fill",
            _marker("circle", fill, INK, 2.0) if points else _fill("solid", fill, INK, 0.3),
        )
        for number, fill in enumerate(PALETTE)
    ]


def _draw_levels() -> list[Rule]:
    return [
        Rule(
            _both(f"outlook.levels.{level or 'none'}"),
            f"\"level\" = '{level}'",
            "marker",
            _marker("circle", fill, INK, 4.0 if level == "red" else 3.0),
        )
        for level, fill in LEVEL_FILLS.items()
    ]


def _fill(style: str, colour: str, outline: str, width_mm: float) -> dict[str, str]:
    return {"style": style, "color": rgb(colour), "outline_color": rgb(outline), "outline_width": str(width_mm)}


def _line(colour: str, width_mm: float) -> dict[str, str]:
    return {"line_color": rgb(colour), "line_width": str(width_mm)}


def _marker(name: str, colour: str, outline: str, size_mm: float) -> dict[str, str]:
    return {"name": name, "color": rgb(colour), "outline_color": rgb(outline), "size": str(size_mm)}


def _both(key: str) -> str:
    return " ".join(say(key, language=language) for language in _LANGUAGES)

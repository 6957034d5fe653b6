"""Styles in a GeoPackage's `layer_styles` table, which QGIS applies when it opens a layer."""

import sqlite3
from contextlib import closing
from pathlib import Path

from optimizer.export.colours import BARRIER, INK, LEVEL_FILLS, OVERFULL, PALETTE, fill_of

_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)
"""
_LAYERS = ("units", "schools", "catchments", "flows", "coordination", "barriers", "crossings", "outlook")
_WRITTEN = "2000-01-01T00:00:00.000Z"


def write_styles(path: Path) -> None:
    """Add the styles of all layers in the GeoPackage at `path`. Raises sqlite3.Error."""
    with closing(sqlite3.connect(path)) as package, package:
        columns = dict(package.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        package.execute(_TABLE)
        package.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
            (_WRITTEN,),
        )
        package.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner, update_time) VALUES ('','',?,?,?,?,'',1,'','',?)",
            [(layer, columns[layer], layer, build_style(layer), _WRITTEN) for layer in _LAYERS if layer in columns],
        )


def build_style(layer: str) -> str:
    """Return the QML of one layer."""
    renderers = {
        "units": _single(
            "fill", "SimpleFill", {"style": "no", "outline_color": _rgb("#999999"), "outline_width": "0.1"}
        ),
        "schools": _single("marker", "SimpleMarker", {"name": "circle", "color": _rgb(INK), "size": "2.4"}),
        "catchments": _catchments(),
        "flows": _single("line", "SimpleLine", {"line_color": _rgb("#666666"), "line_width": "0.1"}),
        "coordination": _single("line", "SimpleLine", {"line_color": _rgb(OVERFULL), "line_width": "0.5"}),
        "barriers": _single("line", "SimpleLine", {"line_color": _rgb(BARRIER), "line_width": "0.9"}),
        "crossings": _single("marker", "SimpleMarker", {"name": "square", "color": _rgb(BARRIER), "size": "2.4"}),
        "outlook": _levels(),
    }
    return f'<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM">\n<qgis version="3.0">{renderers[layer]}</qgis>'


def _catchments() -> str:
    fills = {str(number): fill_of(number) for number in range(len(PALETTE))}
    symbols = {
        value: ("fill", "SimpleFill", {"color": _rgb(fill), "outline_color": _rgb(INK)})
        for value, fill in fills.items()
    }
    return _categories("colour", symbols)


def _levels() -> str:
    looks = {"name": "circle", "outline_color": _rgb(INK)}
    symbols = {
        value: ("marker", "SimpleMarker", looks | {"color": _rgb(fill), "size": "4" if value == "red" else "3"})
        for value, fill in LEVEL_FILLS.items()
    }
    return _categories("level", symbols)


def _categories(column: str, symbols: dict[str, tuple[str, str, dict[str, str]]]) -> str:
    """Return a renderer with a symbol for each value of a column."""
    categories = "".join(
        f'<category value="{value}" symbol="{number}" label="{value}" render="true"/>'
        for number, value in enumerate(symbols)
    )
    drawn = "".join(_symbol(str(number), *symbol) for number, symbol in enumerate(symbols.values()))
    return (
        f'<renderer-v2 type="categorizedSymbol" attr="{column}" enableorderby="0" forceraster="0">'
        f"<categories>{categories}</categories><symbols>{drawn}</symbols></renderer-v2>"
    )


def _single(kind: str, symbol_class: str, properties: dict[str, str]) -> str:
    symbol = _symbol("0", kind, symbol_class, properties)
    return (
        f'<renderer-v2 type="singleSymbol" enableorderby="0" forceraster="0"><symbols>{symbol}</symbols></renderer-v2>'
    )


def _symbol(name: str, kind: str, symbol_class: str, properties: dict[str, str]) -> str:
    options = "".join(f'<prop k="{key}" v="{value}"/>' for key, value in properties.items())
    return (
        f'<symbol name="{name}" type="{kind}" alpha="1" clip_to_extent="1">'
        f'<layer class="{symbol_class}" enabled="1" pass="0" locked="0">{options}</layer></symbol>'
    )


def _rgb(colour: str) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"{red},{green},{blue},255"

"""The layers of a plan as GeoJSON, RFC 7946: longitude and latitude, equal bytes for equal plans."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from models.products import Datum
from optimizer.export.picture import PACKAGE, refusing
from optimizer.geo.datum import wgs84_to_bd09, wgs84_to_gcj02
from optimizer.runs.folder import whole_file
from optimizer.runs.read import NotARun

_LAYERS = ("units", "schools", "catchments", "flows", "coordination", "barriers", "crossings")
_SHIFTS = {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}
_DECIMALS = 7
"""Of a degree: a centimetre."""


def list_geojson(folder: Path, datum: Datum = "wgs84") -> dict[str, Callable[[Path], None]]:
    """Return what writes each layer of the run in `folder`, by the name of the file.

    The standard knows WGS84 alone. In `gcj02` or `bd09` the name of the file and the member `datum` of the collection
    say so, for programs that draw on Chinese base maps. Raises NotARun where the run has no readable layers; so does
    the writing, and OSError where the file cannot be written.
    """
    package = folder / PACKAGE
    if not package.is_file():
        raise NotARun(folder, "missing", file=PACKAGE)
    with refusing(folder):
        present = set(pyogrio.list_layers(package)[:, 0])
    ending = "" if datum == "wgs84" else f"_{datum}"
    return {
        f"plan_{layer}{ending}.geojson": partial(_write_layer, folder, layer, datum)
        for layer in _LAYERS
        if layer in present
    }


def _write_layer(folder: Path, layer: str, datum: Datum, path: Path) -> None:
    with refusing(folder):
        table = pyogrio.read_dataframe(folder / PACKAGE, layer=layer)
    with whole_file(path) as part:
        part.write_text("".join(_tell(table, layer, datum)), encoding="utf-8", newline="\n")


def _tell(table: gpd.GeoDataFrame, layer: str, datum: Datum) -> Iterator[str]:
    """The collection, a line a feature; null is what is not known, and how full a school without places is."""
    yield "{" + f'"type": "FeatureCollection", "name": "{layer}", "datum": "{datum}", "features": [\n'
    columns = table.drop(columns="geometry").replace([np.inf, -np.inf], np.nan)
    columns = columns.astype(object).where(columns.notna(), None)
    for number, (row, shape) in enumerate(zip(columns.to_dict("records"), _place(table, datum), strict=True)):
        feature = {"type": "Feature", "properties": row, "geometry": json.loads(shapely.to_geojson(shape))}
        yield (",\n" if number else "") + json.dumps(feature, ensure_ascii=False, allow_nan=False)
    yield "\n]}\n"


def _place(table: gpd.GeoDataFrame, datum: Datum) -> list[shapely.Geometry]:
    """Shapes in degrees of `datum`, valid after rounding, outer rings counter-clockwise as the standard has them."""
    shapes = table.geometry.to_numpy()
    if datum != "wgs84":
        shapes = shapely.transform(shapes, lambda points: np.column_stack(_SHIFTS[datum](*points.T)))
    snapped = shapely.set_precision(shapes, 10.0**-_DECIMALS)
    return list(shapely.transform(shapely.orient_polygons(snapped), lambda points: points.round(_DECIMALS)))

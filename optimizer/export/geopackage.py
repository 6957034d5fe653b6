"""`plan.gpkg`: the layers of a plan with the styles that QGIS opens them in, equal bytes for equal plans."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pyogrio

from models.placement import Placement
from optimizer.export.layers import build_layers
from optimizer.export.styles import write_styles

_WRITTEN = "2000-01-01T00:00:00.000Z"
"""A GeoPackage holds the time of writing; a fixed one keeps equal plans equal."""

_VERSION = "1.2"
"""Of GeoPackage; every program of the last years reads it without a warning."""


def write_geopackage(path: Path, placement: Placement) -> None:
    """Write the layers units, schools, catchments, flows, and where there are any coordination, barriers and crossings.

    Raises pyogrio's DataSourceError where the file cannot be written.
    """
    write_layers(path, build_layers(placement))


def write_layers(path: Path, layers: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Write layers by name, each with its style. Raises pyogrio's DataSourceError where the file cannot be written."""
    with _pinned_date():
        for number, (name, layer) in enumerate(layers.items()):
            several = not set(layer.geom_type) <= {"Point", "LineString"}
            pyogrio.write_dataframe(
                layer, path, layer=name, driver="GPKG", append=number > 0, promote_to_multi=several,
                dataset_options={} if number else {"VERSION": _VERSION},
            )  # fmt: skip
    write_styles(path, list(dict.fromkeys(layers["catchments"]["stage"])) if "catchments" in layers else ())


@contextmanager
def _pinned_date() -> Iterator[None]:
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _WRITTEN})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})

"""What is read of the layers of a run: its map in metres, and what units and schools are called."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
from pyproj.exceptions import ProjError
from shapely.errors import GEOSException

from models.stages import SERVES, Stage
from optimizer.geo.crs import metric_crs
from optimizer.runs.read import NotARun, read_record

PACKAGE = "plan.gpkg"
_DRAWN = {
    "units": ("school_{stage}", "current_{stage}", "students_{stage}"),
    "schools": ("school_id", "name", "type", "utilisation", "students_{stage}"),
    "catchments": ("stage", "school_id", "colour"),
    "flows": ("stage", "students", "metres"),
}
"""Columns of each layer that a map is made of."""
_UNREADABLE = (OSError, ValueError, DataSourceError, DataLayerError, FeatureError, GEOSException, ProjError)


@dataclass(frozen=True)
class Picture:
    """Layers of `plan.gpkg` in one projection, and `run.json`. A layer the plan does not have is None."""

    record: dict[str, Any]
    units: gpd.GeoDataFrame
    schools: gpd.GeoDataFrame
    catchments: gpd.GeoDataFrame
    flows: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame | None = None
    crossings: gpd.GeoDataFrame | None = None

    @property
    def stages(self) -> list[Stage]:
        """The stages the plan decides, in its order."""
        return list(self.record["decided"])

    @property
    def ratio(self) -> float:
        """Height of the district by its width."""
        west, south, east, north = self.units.total_bounds
        return float((north - south) / max(east - west, 1.0))

    @property
    def obstacles(self) -> list[shapely.Geometry]:
        """Barriers and crossings."""
        layers = (self.barriers, self.crossings)
        return [shape for layer in layers if layer is not None for shape in layer.geometry]

    def schools_of(self, stage: Stage) -> gpd.GeoDataFrame:
        """Schools that teach `stage`, with `students` of that stage, `overfull`, and `idle` (no catchment)."""
        teaches = np.array([stage in SERVES.get(kind, ()) for kind in self.schools["type"]], dtype=bool)
        held = set(self.catchments.loc[self.catchments["stage"] == stage, "school_id"])
        table = self.schools[teaches | self.schools["school_id"].isin(held)].copy()
        table["students"] = table[f"students_{stage}"]
        table["overfull"] = table["utilisation"] > 1 + 1e-9
        table["idle"] = ~table["school_id"].isin(held)
        return table

    def knows_today(self, stage: Stage) -> bool:
        """Whether today's catchments of `stage` are known."""
        return bool((self.units[f"current_{stage}"] != "").any())

    def changed(self, stage: Stage) -> gpd.GeoDataFrame:
        """Units whose school of `stage` is none of today's."""
        now, then = self.units[f"current_{stage}"], self.units[f"school_{stage}"]
        return self.units[self.units.get(f"changed_{stage}", now != then) & (now != "") & (then != "")]

    def mean_m(self, stage: Stage) -> float:
        """Mean journey of the children of `stage`, in metres; 0 where there are none."""
        rows = self.flows[self.flows["stage"] == stage]
        students = float(rows["students"].sum())
        return float((rows["students"] * rows["metres"]).sum()) / students if students else 0.0


def read_picture(folder: Path) -> Picture:
    """Return what `run.json` and `plan.gpkg` of a run folder hold. Raises NotARun where they cannot be read."""
    record = read_record(folder)
    if not (folder / PACKAGE).is_file():
        raise NotARun(folder, "missing", file=PACKAGE)
    with refusing(folder):
        layers = _read_layers(folder / PACKAGE)
    _refuse_damage(folder, layers, list(record["decided"] or ()))
    layers["schools"]["name"] = layers["schools"]["name"].fillna("")
    with refusing(folder):
        middle = layers["units"].geometry.representative_point()
        projection = metric_crs(float(np.median(middle.x)), float(np.median(middle.y)))
        return Picture(record, **{name: layer.to_crs(projection) for name, layer in layers.items()})


def read_attributes(folder: Path, layer: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return columns of a layer of `plan.gpkg`, without its shapes. Raises NotARun where they cannot be read."""
    if not (folder / PACKAGE).is_file():
        raise NotARun(folder, "missing", file=PACKAGE)
    with refusing(folder):
        table: pd.DataFrame = pyogrio.read_dataframe(folder / PACKAGE, layer=layer, read_geometry=False)
    for column in columns:
        if column not in table:
            raise NotARun(folder, "column", file=f"{PACKAGE}#{layer}", column=column)
    return table.loc[:, list(columns)]


@contextmanager
def refusing(folder: Path) -> Iterator[None]:
    """Within it, what the libraries cannot read of the package is told of as a damaged run."""
    try:
        yield
    except _UNREADABLE as failure:
        raise NotARun(folder, "unreadable", file=PACKAGE, detail=" ".join(str(failure).split())) from failure


def _read_layers(package: Path) -> dict[str, gpd.GeoDataFrame]:
    present = set(pyogrio.list_layers(package)[:, 0])
    names = [name for name in (*_DRAWN, "barriers", "crossings") if name in present]
    return {name: pyogrio.read_dataframe(package, layer=name) for name in names}


def _refuse_damage(folder: Path, layers: Mapping[str, gpd.GeoDataFrame], stages: Sequence[Stage]) -> None:
    """Raise NotARun where a layer, a column or a row is gone without which nothing can be drawn."""
    for name, columns in _DRAWN.items():
        for column in (each.format(stage=stage) for each in columns for stage in stages):
            if name not in layers or column not in layers[name]:
                raise NotARun(folder, "column", file=f"{PACKAGE}#{name}", column=column)
    for name, layer in layers.items():
        if not hasattr(layer, "geometry") or layer.geometry.isna().any():
            raise NotARun(folder, "column", file=f"{PACKAGE}#{name}", column="geometry")
    if not len(layers["units"]) or set(stages) - set(layers["catchments"]["stage"]):
        raise NotARun(folder, "rows", file=f"{PACKAGE}#{'catchments' if len(layers['units']) else 'units'}")
    if layers["catchments"]["colour"].dtype.kind not in "iu":
        raise NotARun(folder, "column", file=f"{PACKAGE}#catchments", column="colour")

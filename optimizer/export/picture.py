"""What is read from a run folder to draw its map, in metres."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
from shapely.errors import GEOSException

from models.stages import SERVES, Stage
from optimizer.geo.crs import metric_crs
from optimizer.runs.read import NotARun, read_record

PACKAGE = "plan.gpkg"
_DRAWN = {
    "units": ("school_{stage}", "students_{stage}"),
    "schools": ("school_id", "name", "type", "utilisation", "students_{stage}"),
    "catchments": ("stage", "school_id", "colour"),
    "flows": ("stage", "students", "metres"),
}
"""Columns of each layer that a map is made of."""


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

    def schools_of(self, stage: Stage) -> gpd.GeoDataFrame:
        """Schools that teach `stage`, with `students` of that stage, `overfull`, and `idle` (no catchment)."""
        teaches = np.array([stage in SERVES.get(kind, ()) for kind in self.schools["type"]], dtype=bool)
        held = set(self.catchments.loc[self.catchments["stage"] == stage, "school_id"])
        table = self.schools[teaches | self.schools["school_id"].isin(held)].copy()
        table["students"] = table[f"students_{stage}"]
        table["overfull"] = table["utilisation"] > 1 + 1e-9
        table["idle"] = ~table["school_id"].isin(held)
        return table

    def mean_m(self, stage: Stage) -> float:
        """Mean journey of the children of `stage`, in metres; 0 where there are none."""
        rows = self.flows[self.flows["stage"] == stage]
        students = float(rows["students"].sum())
        return float((rows["students"] * rows["metres"]).sum()) / students if students else 0.0


def read_picture(folder: Path) -> Picture:
    """Return what `run.json` and `plan.gpkg` of a run folder hold. Raises NotARun where they cannot be read."""
    record = read_record(folder)
    layers = _read_layers(folder, list(record["decided"] or ()))
    layers["schools"]["name"] = layers["schools"]["name"].fillna("")
    middle = layers["units"].geometry.representative_point()
    projection = metric_crs(float(np.median(middle.x)), float(np.median(middle.y)))
    return Picture(record, **{name: layer.to_crs(projection) for name, layer in layers.items()})


def _read_layers(folder: Path, stages: list[Stage]) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of `plan.gpkg`, after a look at whether they have what is drawn."""
    package = folder / PACKAGE
    if not package.exists():
        raise NotARun(folder, "missing", file=PACKAGE)
    try:
        present = set(pyogrio.list_layers(package)[:, 0])
        names = [name for name in (*_DRAWN, "barriers", "crossings") if name in present]
        layers = {name: pyogrio.read_dataframe(package, layer=name) for name in names}
    except (OSError, ValueError, DataSourceError, DataLayerError, FeatureError, GEOSException) as failure:
        raise NotARun(folder, "unreadable", file=PACKAGE, detail=" ".join(str(failure).split())) from failure
    for name, columns in _DRAWN.items():
        for column in (each.format(stage=stage) for each in columns for stage in stages):
            if name not in layers or column not in layers[name]:
                raise NotARun(folder, "column", file=f"{PACKAGE}#{name}", column=column)
    for name, layer in layers.items():
        if not hasattr(layer, "geometry") or layer.geometry.isna().any():
            raise NotARun(folder, "column", file=f"{PACKAGE}#{name}", column="geometry")
    return layers

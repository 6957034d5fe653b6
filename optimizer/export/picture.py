"""What is read from a run folder to draw its map, in metres."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from models.stages import SERVES, Stage
from optimizer.geo.crs import metric_crs
from optimizer.runs.read import NotARun


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
        teaches = np.array([stage in SERVES[kind] for kind in self.schools["type"]], dtype=bool)
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
    try:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        layers = _read_layers(folder / "plan.gpkg")
        layers["schools"]["name"] = layers["schools"]["name"].fillna("")
        middle = layers["units"].geometry.representative_point()
    except (OSError, ValueError, KeyError, DataSourceError, DataLayerError) as failure:
        raise NotARun(folder, f"{type(failure).__name__}: {failure}") from failure
    projection = metric_crs(float(np.median(middle.x)), float(np.median(middle.y)))
    return Picture(record, **{name: layer.to_crs(projection) for name, layer in layers.items()})


def _read_layers(package: Path) -> dict[str, gpd.GeoDataFrame]:
    present = set(pyogrio.list_layers(package)[:, 0])
    names = ("units", "schools", "catchments", "flows", "barriers", "crossings")
    return {name: pyogrio.read_dataframe(package, layer=name) for name in names if name in present}

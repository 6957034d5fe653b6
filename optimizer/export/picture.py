"""What is read from a run folder to draw its map, in metres."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio

from models.stages import SERVES, Stage
from optimizer.geo.crs import metric_crs


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


def read_picture(folder: Path, record: dict[str, Any]) -> Picture:
    """Return what the folder's `plan.gpkg` holds. Raises pyogrio's DataSourceError where it cannot be read."""
    package = folder / "plan.gpkg"
    present = set(pyogrio.list_layers(package)[:, 0])
    names = ("units", "schools", "catchments", "flows", "barriers", "crossings")
    layers = {name: pyogrio.read_dataframe(package, layer=name) for name in names if name in present}
    layers["schools"]["name"] = layers["schools"]["name"].fillna("")
    middle = layers["units"].geometry.representative_point()
    projection = metric_crs(float(np.median(middle.x)), float(np.median(middle.y)))
    return Picture(record, **{name: layer.to_crs(projection) for name, layer in layers.items()})

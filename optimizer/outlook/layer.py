"""`outlook.gpkg`: the schools as points, with their level and the first year in which places are short."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from models.outlook import StageYears
from optimizer.export.geopackage import write_layers
from optimizer.outlook.look import Ahead
from optimizer.outlook.table import LEVELS, join_ids

LAYER = "outlook"


def write_layer(ahead: Ahead, path: Path) -> None:
    """Write the layer `outlook`. Raises pyogrio's DataSourceError where the file cannot be written."""
    write_layers(path, {LAYER: build_layer(ahead)})


def build_layer(ahead: Ahead) -> gpd.GeoDataFrame:
    """Return a point a school that receives children of a planned stage, in EPSG:4326.

    `level` is the gravest of its stages and years, `first_short_year` the first in which places are short. By stage:
    `level_STAGE`, `first_short_year_STAGE`, `shared_STAGE` (the ids it is judged with), `used_STAGE_YEAR` (children /
    places).
    """
    schools = ahead.district.schools
    layer = pd.DataFrame({"school_id": schools.ids, "name": schools.names, "type": schools.types})
    for stage in ahead.projection.stages:
        layer = layer.join(_of_stage(ahead, stage))
    levels, firsts = layer.filter(regex="^level_"), layer.filter(regex="^first_short_year_")
    shown = levels.notna().any(axis=1).to_numpy()
    layer.insert(3, "level", [_gravest(row) for row in levels.to_numpy()])
    layer.insert(4, "first_short_year", firsts.min(axis=1))
    points = gpd.points_from_xy(schools.lon[shown], schools.lat[shown])
    return gpd.GeoDataFrame(layer[shown], geometry=points, crs="EPSG:4326")


def _of_stage(ahead: Ahead, stage: StageYears) -> pd.DataFrame:
    """Return the columns of one stage, by row of `Schools`."""
    table = ahead.schools[ahead.schools["stage"] == stage.stage]
    used = table.pivot(index="school_id", columns="year", values="utilisation").add_prefix(f"used_{stage.stage}_")
    firsts = table.groupby("school_id")["first_short_year"].first().rename(f"first_short_year_{stage.stage}")
    levels = table.groupby("school_id")["level"].agg(_gravest).rename(f"level_{stage.stage}")
    by_pool = pd.concat([levels, firsts, used], axis=1)
    ids = {column: join_ids(ahead.district, pool) for pool in stage.pools for column in pool}
    found = by_pool.loc[list(ids.values())].set_axis(list(ids))
    shared = {column: join_ids(ahead.district, pool) for pool in stage.pools if len(pool) > 1 for column in pool}
    found.insert(2, f"shared_{stage.stage}", pd.Series(shared, dtype=object).reindex(found.index).fillna(""))
    return found


def _gravest(levels: "np.ndarray[tuple[int], np.dtype[np.object_]] | pd.Series[str]") -> str:
    return LEVELS[min((LEVELS.index(level) for level in levels if isinstance(level, str)), default=-1)]

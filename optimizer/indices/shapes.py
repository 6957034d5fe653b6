"""The land of a catchment: its units dissolved into one shape, in metres."""

import geopandas as gpd
import numpy as np
import shapely

from models.placement import Placement
from models.stages import Stage
from optimizer.geo.crs import metric_crs

_TOUCHING_M = 0.5
"""Units that are so far apart count as touching; a gap of that width is closed."""


def unit_shapes(placement: Placement) -> gpd.GeoSeries:
    """Polygons of the units, or their points, in EPSG:4326, row by row."""
    units = placement.district.units
    if units.geometry is not None:
        return units.geometry.reset_index(drop=True)
    return gpd.GeoSeries(gpd.points_from_xy(units.lon, units.lat), crs="EPSG:4326")


def dissolve_catchments(placement: Placement, stage: Stage) -> gpd.GeoSeries:
    """Shape of every school's catchment of `stage`, in metres; the index is the school's row."""
    shapes = unit_shapes(placement)
    units = placement.district.units
    flat = shapes.to_crs(metric_crs(float(np.median(units.lon)), float(np.median(units.lat))))
    rows = placement.catchments[placement.catchments["stage"] == stage]
    solid = shapely.make_valid(flat.to_numpy())
    dissolved = {school: close_gaps(solid[part["unit"]]) for school, part in rows.groupby("school")}
    return gpd.GeoSeries(dissolved, crs=flat.crs)


def close_gaps(shapes: np.ndarray) -> shapely.Geometry:
    """Return the union of shapes, gaps narrower than the touching distance closed; points stay points."""
    union = shapely.union_all(shapes)
    if shapely.get_dimensions(union) < 2:
        return union
    wide = shapely.buffer(union, _TOUCHING_M, join_style="mitre")
    return shapely.buffer(wide, -_TOUCHING_M, join_style="mitre")

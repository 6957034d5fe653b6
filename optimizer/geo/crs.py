"""From any coordinate system to WGS84, and the projection in which a district is measured flat."""

import re
from functools import cache

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from models.district import Floats
from optimizer.geo.datum import Shift, bd09_to_wgs84, gcj02_to_wgs84

WGS84 = "EPSG:4326"
Geometries = NDArray[np.object_]
_SHIFTED: dict[str, Shift] = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}
_NAMED = re.compile(r"[A-Za-z]+:\d+")
_NOT_TIED = frozenset({"Beijing 1954", "Xian 1980", "New Beijing"})
"""Datums that no published parameters tie to CGCS2000: a transformation would be tens of metres off, in silence."""


class UnknownCrs(ValueError):
    """The text is no coordinate system that can be undone; carries the text as given."""

    def __init__(self, crs: str) -> None:
        super().__init__(f"not a coordinate system that can be undone: {crs!r}")
        self.crs = crs


def points_to_wgs84(x: Floats, y: Floats, crs: str) -> tuple[Floats, Floats]:
    """Return WGS84 longitude and latitude, in degrees, of points given in `crs`; x is easting or longitude.

    `crs` is "EPSG:n", "gcj02" or "bd09" in either case, or WKT. CGCS2000 (EPSG:4490 and its projections) is taken as
    WGS84, from which it differs by less than a metre. NaN stays NaN; what lies outside the projection becomes inf.
    Raises UnknownCrs, also for Beijing 1954 and Xian 1980, which need the parameters of the local survey.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    shift = _SHIFTED.get(crs.strip().casefold())
    if shift is not None:
        return shift(x, y)
    lon, lat = _transformer(crs.strip()).transform(x, y)
    return np.asarray(lon), np.asarray(lat)


def geometry_to_wgs84(series: gpd.GeoSeries, crs: str) -> gpd.GeoSeries:
    """Return the geometries in WGS84, flat (without z), read as `crs` whatever the series says of itself.

    Vertices move one by one; empty and missing geometries stay as they are. Raises UnknownCrs.
    """

    def move(vertices: Floats) -> Floats:
        return np.column_stack(points_to_wgs84(vertices[:, 0], vertices[:, 1], crs))

    flat = shapely.force_2d(series.to_numpy())
    return gpd.GeoSeries(shapely.transform(flat, move), index=series.index, crs=WGS84)


def metric_crs(lon: float, lat: float) -> str:
    """Return the projection to measure in round a point: CGCS2000 3-degree Gauss-Krueger in China, else UTM.

    Lengths are true to 0.01 % (Gauss-Krueger) or 0.04 % (UTM); areas to twice that.
    """
    if 73.0 <= lon <= 136.0 and 3.0 <= lat <= 54.0:
        return f"EPSG:{4534 + min(max(round(lon / 3.0), 25), 45) - 25}"
    zone = min(int((lon + 180.0) // 6.0) + 1, 60)
    return f"EPSG:{(32600 if lat >= 0.0 else 32700) + zone}"


def flat_points(lon: Floats, lat: Floats, projection: str) -> Geometries:
    """Return the points in `projection`, in metres."""
    return np.asarray(shapely.points(*_flattener(projection).transform(lon, lat)))


@cache
def _flattener(projection: str) -> Transformer:
    return Transformer.from_crs(WGS84, projection, always_xy=True)


@cache
def _transformer(crs: str) -> Transformer:
    """Transformer to WGS84 with x first, whatever axis order the authority states."""
    if not (_NAMED.fullmatch(crs) or "[" in crs):
        raise UnknownCrs(crs)
    try:
        known = CRS.from_user_input(crs)
    except CRSError as error:
        raise UnknownCrs(crs) from error
    geodetic = known.geodetic_crs
    if geodetic is None or geodetic.name in _NOT_TIED:
        raise UnknownCrs(crs)
    return Transformer.from_crs(known, WGS84, always_xy=True)

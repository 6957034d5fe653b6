"""GCJ-02 and BD-09, the shifted coordinates of Chinese map services, to and from WGS84.

The forward shift is the closed form that has been public since 2010 (Krasovsky 1940 ellipsoid): 432 m in the
median, 700 m at most. The inverse is found by fixed-point iteration, which gains two to three digits a step. Inside the
rectangle where the services shift, both ways undo each other; outside it nothing is shifted.
"""

from collections.abc import Callable

import numpy as np

from models.district import Floats

_MAJOR_AXIS_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_SHIFTED = (72.004, 137.8347, 0.8293, 55.8271)
"""West, east, south, north of the rectangle in which coordinates are shifted."""
_STEPS = 6
"""Three leave less than a millimetre; six leave the rounding of a double."""

Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]


def wgs84_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return GCJ-02 (Amap, Tencent) longitude and latitude of WGS84 points, in degrees."""
    east, north = _offset(lon - 105.0, lat - 35.0)
    phi = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    meridian_m = _MAJOR_AXIS_M * (1.0 - _ECCENTRICITY_SQUARED) / magic**1.5
    parallel_m = _MAJOR_AXIS_M / np.sqrt(magic) * np.cos(phi)
    shifted = _is_shifted(lon, lat)
    return (
        np.where(shifted, lon + np.degrees(east / parallel_m), lon),
        np.where(shifted, lat + np.degrees(north / meridian_m), lat),
    )


def gcj02_to_wgs84(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return WGS84 longitude and latitude of GCJ-02 points, in degrees."""
    return _invert(wgs84_to_gcj02, lon, lat)


def wgs84_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return BD-09 (Baidu) longitude and latitude of WGS84 points, in degrees: a second shift on top of GCJ-02."""
    x, y = wgs84_to_gcj02(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(np.radians(y * 3000.0))
    angle = np.arctan2(y, x) + 0.000003 * np.cos(np.radians(x * 3000.0))
    shifted = _is_shifted(lon, lat)
    return (
        np.where(shifted, radius * np.cos(angle) + 0.0065, lon),
        np.where(shifted, radius * np.sin(angle) + 0.006, lat),
    )


def bd09_to_wgs84(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return WGS84 longitude and latitude of BD-09 points, in degrees."""
    return _invert(wgs84_to_bd09, lon, lat)


def _invert(forward: Shift, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Solve forward(p) = (lon, lat) by p <- p + (target - forward(p)); a contraction, for the shift hardly varies."""
    x, y = lon.copy(), lat.copy()
    for _ in range(_STEPS):
        reached_x, reached_y = forward(x, y)
        x, y = x + lon - reached_x, y + lat - reached_y
    return x, y


def _is_shifted(lon: Floats, lat: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    west, east, south, north = _SHIFTED
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _offset(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Metres of shift to the east and to the north, on the Krasovsky ellipsoid, at degrees from (105 E, 35 N)."""
    root, product = np.sqrt(np.abs(x)), x * y
    common = _waves(x, (20.0, 6.0), (20.0, 2.0))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * product + 0.1 * root
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * product + 0.2 * root
    east += common + _waves(x, (20.0, 1.0), (40.0, 1.0 / 3.0), (150.0, 1.0 / 12.0), (300.0, 1.0 / 30.0))
    north += common + _waves(y, (20.0, 1.0), (40.0, 1.0 / 3.0), (160.0, 1.0 / 12.0), (320.0, 1.0 / 30.0))
    return east, north


def _waves(degrees: Floats, *terms: tuple[float, float]) -> Floats:
    total: Floats = np.zeros_like(degrees)
    for amplitude, frequency in terms:
        total += amplitude * np.sin(frequency * np.pi * degrees)
    return total * (2.0 / 3.0)

import geopandas as gpd
import numpy as np
import pytest
from pyproj import CRS
from shapely import MultiPolygon, Point, Polygon, box

from optimizer.geo.crs import UnknownCrs, geometry_to_wgs84, metric_crs, points_to_wgs84
from optimizer.geo.datum import wgs84_to_gcj02

HERE = (np.array([120.2]), np.array([30.2]))


@pytest.mark.parametrize("crs", ["EPSG:4326", "epsg:4490", " EPSG:4326 "])
def test_geographic_coordinates_stay(crs):
    np.testing.assert_allclose(points_to_wgs84(*HERE, crs), HERE, atol=1e-9)


def test_gauss_krueger_has_its_easting_first():
    """On the central meridian of 120 E the easting is 500,000 m and the equator is at 0 m."""
    lon, lat = points_to_wgs84(np.array([500_000.0]), np.array([0.0]), "EPSG:4549")
    np.testing.assert_allclose([lon[0], lat[0]], [120.0, 0.0], atol=1e-9)


@pytest.mark.parametrize("crs", ["gcj02", "GCJ02"])
def test_gcj02_is_undone(crs):
    np.testing.assert_allclose(points_to_wgs84(*wgs84_to_gcj02(*HERE), crs), HERE, atol=1e-9)


@pytest.mark.parametrize(
    "crs", ["", "EPSG:", "EPSG:1", "wgs", "+init=epsg:4326", "EPSG:4214", "EPSG:4610", "EPSG:2437"]
)
def test_what_cannot_be_undone_is_refused(crs):
    with pytest.raises(UnknownCrs) as caught:
        points_to_wgs84(*HERE, crs)
    assert caught.value.crs == crs


def test_wkt_of_a_file_is_understood():
    lon, lat = points_to_wgs84(np.array([500_000.0]), np.array([0.0]), CRS("EPSG:4549").to_wkt())
    np.testing.assert_allclose([lon[0], lat[0]], [120.0, 0.0], atol=1e-9)


def test_geometry_is_read_as_stated_whatever_its_file_says():
    """The polygon says EPSG:3857 of itself, and is known to lie in GCJ-02."""
    true = box(120.2, 30.2, 120.21, 30.21)
    corners = np.array(true.exterior.coords)
    shifted = Polygon(np.column_stack(wgs84_to_gcj02(corners[:, 0], corners[:, 1])))
    back = geometry_to_wgs84(gpd.GeoSeries([shifted], crs="EPSG:3857"), "gcj02")
    assert back.crs == "EPSG:4326"
    assert back.iloc[0].equals_exact(true, 1e-9)


def test_missing_empty_and_solid_geometries_survive():
    odd = gpd.GeoSeries([None, MultiPolygon(), Point(120, 30, 5)], crs="EPSG:4326", index=[7, 8, 9])
    back = geometry_to_wgs84(odd, "EPSG:4326")
    assert back.index.tolist() == [7, 8, 9]
    assert back[7] is None
    assert back[8].is_empty
    assert not back[9].has_z


@pytest.mark.parametrize(
    ("lon", "lat", "crs"),
    [
        (113.3, 23.1, "EPSG:4547"),
        (120.2, 30.2, "EPSG:4549"),
        (73.5, 39.0, "EPSG:4534"),
        (135.9, 48.0, "EPSG:4554"),
        (-78.9, 36.0, "EPSG:32617"),
        (151.2, -33.9, "EPSG:32756"),
        (180.0, 10.0, "EPSG:32660"),
    ],
)
def test_metric_crs_by_central_meridian(lon, lat, crs):
    assert metric_crs(lon, lat) == crs
    assert CRS(crs).is_projected

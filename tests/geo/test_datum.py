import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from optimizer.geo.datum import bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02

LON = st.floats(73.5, 135.0)
LAT = st.floats(3.5, 53.5)
GEOD = Geod(ellps="WGS84")


def metres_apart(lon_a, lat_a, lon_b, lat_b):
    return GEOD.inv(lon_a, lat_a, lon_b, lat_b)[2]


def one(lon, lat):
    return np.array([lon]), np.array([lat])


def test_published_value_of_the_closed_form():
    """(120, 40) in GCJ-02 as coord-convert's README prints it, to the last digits of a double."""
    lon, lat = wgs84_to_gcj02(*one(120.0, 40.0))
    np.testing.assert_allclose([lon[0], lat[0]], [120.00567568355486, 40.0013047896019], rtol=0, atol=1e-12)


def test_shift_in_hangzhou_is_about_five_hundred_metres():
    """514 m (GCJ-02) and 1,133 m (BD-09) at Hangzhou, to the metres that the choice of point leaves open."""
    here = one(120.2, 30.2)
    assert abs(metres_apart(*here, *wgs84_to_gcj02(*here))[0] - 514) < 25
    assert abs(metres_apart(*here, *wgs84_to_bd09(*here))[0] - 1133) < 60


@given(LON, LAT)
def test_gcj02_there_and_back_is_below_a_millimetre(lon, lat):
    back = gcj02_to_wgs84(*wgs84_to_gcj02(*one(lon, lat)))
    assert metres_apart(*one(lon, lat), *back)[0] < 1e-3


@given(LON, LAT)
def test_bd09_there_and_back_is_below_a_millimetre(lon, lat):
    back = bd09_to_wgs84(*wgs84_to_bd09(*one(lon, lat)))
    assert metres_apart(*one(lon, lat), *back)[0] < 1e-3


def test_nothing_is_shifted_outside_china():
    raleigh = one(-78.6, 35.8)
    assert wgs84_to_gcj02(*raleigh) == raleigh
    assert bd09_to_wgs84(*raleigh) == raleigh

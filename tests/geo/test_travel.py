import numpy as np
import pytest
from geo.geography import make_district
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from optimizer.geo.travel import measure_travel

RIVER = [(0, -10_000), (0, 10_000)]
WEST, EAST = (-300.0, 0.0), (300.0, 0.0)


def metres(home, site, barriers=(), crossings=()):
    around = (home[0] - 1, home[1] - 1, home[0] + 1, home[1] + 1)
    district = make_district([around], [site], homes=[home], barriers=barriers, crossings=crossings)
    return measure_travel(district).metres[0, 0]


def near(expected):
    return pytest.approx(expected, rel=2e-5)


@settings(max_examples=15)
@given(st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_straight_lines_are_geodesics(x, y):
    district = make_district([(0, 0, 1, 1)], [(x, y)])
    units, schools = district.units, district.schools
    expected = Geod(ellps="WGS84").inv(units.lon[0], units.lat[0], schools.lon[0], schools.lat[0])[2]
    assert measure_travel(district).metres[0, 0] == pytest.approx(expected, rel=1e-9)


def test_a_barrier_that_is_not_met_changes_nothing():
    assert metres(WEST, (-300, 400), [RIVER], [(0, 0)]) == near(400)


def test_no_crossing_is_out_of_reach():
    assert metres(WEST, EAST, [RIVER]) == np.inf


def test_over_the_bridge():
    """home -- 300 west, bridge 400 north of the straight line: two legs of 500 m.

             = (0, 400)
         500/~\\500
           / ~ \\
      home   ~   school
    """
    assert metres(WEST, EAST, [RIVER], [(0, 400)]) == near(1000)


def test_the_nearer_of_two_bridges():
    assert metres(WEST, EAST, [RIVER], [(0, 400), (0, -225)]) == near(750)


@pytest.mark.parametrize("offset", [-40, -5, 5, 40])
def test_a_crossing_drawn_beside_its_river_still_serves(offset):
    """Legs run to the crossing as it was drawn."""
    expected = np.hypot(300 + offset, 400) + np.hypot(300 - offset, 400)
    assert metres(WEST, EAST, [RIVER], [(offset, 400)]) == near(expected)


def test_a_crossing_far_from_its_river_does_not_serve():
    assert metres(WEST, EAST, [RIVER], [(60, 400)]) == np.inf


def test_a_river_and_a_railway_take_two_crossings():
    """home ... (0, 0) river bridge ... (200, 150) railway crossing ... school at (500, 150): 300 + 250 + 300 m.

      ~       |   + = (200, 150)
      ~       =-----school
    --=-------|
      ~       |
    """
    railway = [(200, -10_000), (200, 10_000)]
    assert metres(WEST, (500, 150), [RIVER, railway], [(0, 0), (200, 150)]) == near(850)


def test_there_and_back_over_one_river():
    """A railway on the west bank ends at the river: the way round is over two bridges, along the east bank.

    home (-300, -100) -> (0, -100) -> (0, 100) -> school (-300, 100): 300 + 200 + 300 m; the middle leg runs along the
    river itself and is open all the same.
    """
    railway = [(-10_000, 0), (0, 0)]
    assert metres((-300, -100), (-300, 100), [RIVER, railway], [(0, -100), (0, 100)]) == near(800)


def test_two_banks_drawn_as_two_lines_and_one_bridge_between():
    banks = [[(-30, -9000), (-30, 9000)], [(30, -9000), (30, 9000)]]
    assert metres(WEST, EAST, banks, [(0, 400)]) == near(1000)


def test_a_leg_to_the_bridge_may_not_cut_a_bend_of_the_river():
    """The river bends round a spit; from home the line to the bridge meets it, from the other home it does not."""
    bend = [(0, -9000), (0, 0), (200, 100), (0, 200), (0, 9000)]
    bridge = (0, 600)
    assert metres((100, 0), (-300, 600), [bend], [bridge]) == np.inf
    assert metres((250, 300), (-300, 600), [bend], [bridge]) == near(np.hypot(250, 300) + 300)


def test_a_crossing_where_two_barriers_cross_serves_all_four_quarters():
    railway = [(-10_000, 0), (10_000, 0)]
    for site in [(300, 400), (-300, 400), (300, -400)]:
        assert metres((-300, -400), site, [RIVER, railway], [(0, 0)]) == near(1000)


def test_who_stands_on_a_barrier_stands_on_both_banks():
    assert metres((0, 100), (300, 500), [RIVER]) == near(500)
    assert metres((0, 100), (-300, 500), [RIVER]) == near(500)
    assert metres((-300, 500), (0, 100), [RIVER]) == near(500)


def test_one_crossing_twice_in_the_file_is_harmless():
    assert metres(WEST, EAST, [RIVER], [(0, 400), (0, 400)]) == near(1000)


def test_many_units_at_once_agree_with_one_at_a_time():
    rng = np.random.default_rng(3)
    homes, sites = rng.uniform(-900, 900, (40, 2)), rng.uniform(-900, 900, (7, 2))
    barriers, crossings = [[(-50, -2000), (80, 10), (0, 2000)], [(0, 500), (2000, 520)]], [(60, -60), (700, 507)]
    shapes = [(x, y, x + 1, y + 1) for x, y in homes]
    together = measure_travel(make_district(shapes, sites, homes=homes, barriers=barriers, crossings=crossings)).metres
    alone = [[metres(home, site, barriers, crossings) for site in sites[:3]] for home in homes[:2]]
    np.testing.assert_allclose(together[:2, :3], alone, rtol=1e-6)
    assert np.isfinite(together).mean() > 0.9


def test_a_matrix_is_taken_as_it_is_and_a_missing_row_is_out_of_reach():
    district = make_district([(0, 0, 1, 1), (1, 0, 2, 1)], [(0, 0), (9, 9)], given=[(0, 0, 120.0), (1, 1, 80.5)])
    np.testing.assert_array_equal(measure_travel(district).metres, [[120.0, np.inf], [np.inf, 80.5]])

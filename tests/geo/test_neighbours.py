from dataclasses import replace

import geopandas as gpd
import pytest
from geo.geography import make_district
from shapely import Polygon
from shapely.affinity import translate

from optimizer.geo.neighbours import find_neighbours

SQUARE = (0, 0, 100, 100)


def pairs(district):
    return [tuple(pair) for pair in find_neighbours(district).tolist()]


def test_corners_are_no_border():
    """Four squares of 100 m: sides touch, diagonals do not.

    +---+---+
    | 2 | 3 |
    +---+---+
    | 0 | 1 |
    +---+---+
    """
    grid = [SQUARE, (100, 0, 200, 100), (0, 100, 100, 200), (100, 100, 200, 200)]
    assert pairs(make_district(grid)) == [(0, 1), (0, 2), (1, 3), (2, 3)]


@pytest.mark.parametrize(("gap_m", "touches"), [(0.0, True), (0.4, True), (0.6, False), (-0.3, True)])
def test_half_a_metre_apart_still_touches(gap_m, touches):
    district = make_district([SQUARE, (100 + gap_m, 0, 200, 100)])
    assert pairs(district) == ([(0, 1)] if touches else [])


@pytest.mark.parametrize(("border_m", "touches"), [(4.9, False), (5.1, True), (0.0, False), (60.0, True)])
@pytest.mark.parametrize("swapped", [False, True])
def test_five_metres_of_border(border_m, touches, swapped):
    """The second square is shifted up until only `border_m` of the common side is left."""
    shapes = [SQUARE, (100, 100 - border_m, 200, 250)]
    district = make_district(shapes[::-1] if swapped else shapes)
    assert pairs(district) == ([(0, 1)] if touches else [])


@pytest.mark.parametrize(("border_m", "touches"), [(4.9, False), (5.1, True)])
def test_a_narrow_tongue_between_two_long_sides(border_m, touches):
    tongue = (100, 50, 150, 50 + border_m)
    assert pairs(make_district([SQUARE, tongue])) == ([(0, 1)] if touches else [])


@pytest.mark.parametrize(("wide_m", "touches"), [(1.2, True), (1.3, False)])
def test_a_sliver_borders_those_it_touches(wide_m, touches):
    """Two squares and between their ends a patch of 4.8 m of outline, which can share 5 m with nobody; or of 5.2 m."""
    patch = (100, 99, 100 + wide_m, 99 + wide_m)
    found = pairs(make_district([SQUARE, (0, 100, 100, 200), patch]))
    assert found == [(0, 1), *([(0, 2), (1, 2)] if touches else [])]


def test_several_short_contacts_add_up():
    """A comb with three teeth of 2 m: 6 m of border in all."""
    comb = [
        (100, 10),
        (110, 10),
        (110, 90),
        (100, 90),
        (100, 88),
        (108, 88),
        (108, 51),
        (100, 51),
        (100, 49),
        (108, 49),
    ]
    teeth = Polygon([*comb, (108, 12), (100, 12)])
    assert pairs(make_district([SQUARE, teeth])) == [(0, 1)]


def test_points_have_no_borders():
    district = make_district([SQUARE, (100, 0, 200, 100)])
    assert find_neighbours(replace(district, units=replace(district.units, geometry=None))) is None


def test_adjacency_replaces_borders():
    grid = [SQUARE, (100, 0, 200, 100), (500, 0, 600, 100)]
    district = make_district(grid, adjacency=[(2, 0), (0, 2), (1, 1)])
    assert pairs(district) == [(0, 2)]


def test_no_row_of_adjacency_is_no_neighbour():
    assert pairs(make_district([SQUARE, (100, 0, 200, 100)], adjacency=[])) == []


BANKS = [SQUARE, (100, 0, 200, 100), (0, 100, 100, 200), (100, 100, 200, 200)]
r"""
+---+---+
| 2 ~ 3 |     ~ a river along x = 100
+---~---+
| 0 ~ 1 |
+---~---+
"""


def test_a_river_along_the_border_parts_two_banks():
    assert pairs(make_district(BANKS, barriers=[[(100, -50), (100, 250)]])) == [(0, 2), (1, 3)]


def test_a_river_beside_the_border_parts_two_banks():
    """The border of the map and the line of the river were drawn by two hands, up to 6 m apart."""
    wandering = [(104, -50), (97, 60), (106, 120), (103, 250)]
    assert pairs(make_district(BANKS, barriers=[wandering])) == [(0, 2), (1, 3)]


def test_a_river_through_a_unit_leaves_its_point_on_one_bank():
    """The river cuts units 0 and 2 at x = 20: their points, at x = 50, stay with 1 and 3."""
    assert len(pairs(make_district(BANKS, barriers=[[(20, -50), (20, 250)]]))) == 4
    assert pairs(make_district(BANKS, barriers=[[(80, -50), (80, 250)]])) == [(0, 2), (1, 3)]


def test_a_river_that_ends_half_way_parts_nobody():
    assert (0, 1) in pairs(make_district(BANKS, barriers=[[(100, -50), (100, 60)]]))


def test_a_slit_of_less_than_five_metres_is_no_way_through():
    assert (0, 1) not in pairs(make_district(BANKS, barriers=[[(100, -50), (100, 96)], [(0, 100), (200, 100)]]))


@pytest.mark.parametrize(("crossing", "joined"), [((100, -190), True), ((100, -210), False), ((105, 50), True)])
def test_a_crossing_within_two_hundred_metres_of_the_border_joins(crossing, joined):
    district = make_district(BANKS[:2], barriers=[[(100, -500), (100, 500)]], crossings=[crossing])
    assert pairs(district) == ([(0, 1)] if joined else [])


def test_adjacency_joins_two_banks():
    district = make_district(BANKS, barriers=[[(100, -50), (100, 250)]], adjacency=[(0, 1)])
    assert pairs(district) == [(0, 1)]


@pytest.mark.parametrize("name", ["zy", "bcps-southwest"])
def test_real_neighbours_pass_the_coarser_measure(shared, name):
    """A plain measure that only ever finds more border: the outline of one within half a metre of the other.

    Slivers, whose whole outline is shorter than that, border those they touch.
    """
    path = next((shared / "data" / "districts" / name).glob("units.*"))
    frame = gpd.read_file(path)
    frame = frame.to_crs(frame.estimate_utm_crs())
    shapes = [shape for shape in frame.geometry if shape.geom_type in ("Polygon", "MultiPolygon")]
    middle = frame.geometry.union_all().centroid
    found = pairs(make_district([translate(shape, -middle.x, -middle.y) for shape in shapes]))
    assert len(found) > len(shapes)
    long = [pair for pair in found if min(shapes[each].boundary.length for each in pair) >= 5.0]
    assert all(shapes[a].boundary.intersection(shapes[b].buffer(0.5)).length >= 4.9 for a, b in long)
    assert all(shapes[a].distance(shapes[b]) <= 0.5 for a, b in found)

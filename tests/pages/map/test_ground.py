"""What lies still: borders between units, colours of schools, and what is too small to be seen.

+---+---+
| 0 | 1 |     a kilometre each way; 2 lies under both, one corner of 0 and 1 in the middle of its upper side
+---+---+
|   2   |
+-------+
"""

import numpy as np
import pytest
import shapely
from shapely import Point, box

from optimizer.pages.map.ground import colour_schools, find_borders
from optimizer.pages.map.layers import class_of_standard, classify, name_ranges
from optimizer.pages.map.words import Words

SHAPES = np.array([box(0, 1000, 1000, 2000), box(1000, 1000, 2000, 2000), box(0, 0, 2000, 1000)])


def lengths(shapes):
    """Metres of border by the units that it parts."""
    found: dict[tuple[int, int], float] = {}
    for one, other, line in find_borders(np.array(shapes), 1.0):
        found[one, other] = found.get((one, other), 0.0) + shapely.length(line)
    return found


def test_borders_part_two_units_or_lie_at_the_rim():
    """To a few metres at each end."""
    assert lengths(SHAPES) == pytest.approx(
        {(0, 1): 1000, (0, 2): 1000, (1, 2): 1000, (0, -1): 2000, (1, -1): 2000, (2, -1): 4000}, abs=12
    )


def test_a_gap_of_a_metre_is_no_rim():
    apart = [*SHAPES[:2], box(0, 0, 2000, 999)]
    assert lengths(apart) == pytest.approx(lengths(SHAPES), abs=12)


def test_points_have_no_borders():
    assert find_borders(np.array([Point(0, 0), Point(1, 1)]), 1.0) == []


def test_a_unit_of_a_point_stands_among_polygons():
    assert set(lengths([*SHAPES, Point(500, 1500)])) == set(lengths(SHAPES))


def test_neighbours_in_any_plan_have_colours_of_their_own():
    """Today 0-1-2 in a row; in the plan the last two units change sides, so that 0 and 2 meet as well."""
    neighbours = np.array([[0, 1], [1, 2], [2, 3]])
    today, plan = np.array([0, 1, 2, 2]), np.array([0, 2, 1, -1])
    assert len(set(colour_schools(neighbours, [today], 3)[:2])) == 2
    assert len(set(colour_schools(neighbours, [today, plan], 3))) == 3


def test_a_value_at_a_break_is_of_the_lower_class():
    assert classify(np.array([0.0, 0.6, 0.61, 1.0, 1.01, np.nan]), (0.6, 0.85, 1.0)) == [0, 0, 1, 2, 3, -1]


def test_a_class_more_than_there_are_breaks():
    told = name_ranges((500.0, 1000.0), Words("en"), Words("en").metres)
    assert [text for _, text in told] == ["up to 500 m", "500 m to 1,000 m", "more than 1,000 m"]


@pytest.mark.parametrize(("share", "expected"), [(0.79, 0), (0.8, 1), (0.99, 1), (1.0, 2), (1.25, 3), (1.5, 4)])
def test_who_reaches_the_standard_meets_it(share, expected):
    assert class_of_standard(np.array([share * 4.2]), np.array([4.2])) == [expected]

"""Contiguity, what it allows and what it forbids: own units, components, borrowed sites, estates, barriers.

U1  U2  U3  U4      30 primary children each; A stands in U1, B in U4, places do not count.

CROSSED turns distances around: U2 is 1 km from B and 2 km from A, U3 the other way; without contiguity ABAB is best.
"""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from builders import SOUTH, STEP, WEST, make_district, make_schools, make_travel, make_units
from shapely import LineString, Point
from solved import solve_district

from optimizer.geo.travel import measure_travel

SCHOOLS = make_schools(places=np.full(2, np.nan))
ROW = ((0, 1), (1, 2), (2, 3))


def solve_crossed(neighbours=ROW, **more):
    district = make_district(**{"schools": SCHOOLS} | more)
    metres = make_travel(district).metres.copy()
    metres[1], metres[2] = metres[2].copy(), metres[1].copy()
    return solve_district(district, travel=replace(make_travel(district, neighbours), metres=metres))


class TestPieces:
    def test_hard(self):
        # AAAB or ABBB: 30 children 1 km, 30 children 2 km
        solved = solve_crossed()
        assert (solved.schools in {"AAAB", "ABBB"}, solved.values) == (True, {"travel": 90.0})

    @pytest.mark.parametrize("off", [{"rules": {"contiguous": "off"}}, {"catchments": {"contiguous": False}}])
    def test_off(self, off):
        assert (solve_crossed(**off).schools, solve_crossed(**off).values) == ("ABAB", {"travel": 60.0})

    def test_soft_counts_children_apart_from_their_school(self):
        fixed = [("U2", "B", "must"), ("U3", "A", "must")]
        assert solve_crossed(fixed=fixed).status == "infeasible"
        solved = solve_crossed(fixed=fixed, students=(30, 20, 10, 30), rules={"contiguous": "soft"})
        assert solved.values == {"shortage": 30.0, "travel": 30.0}

    def test_soft_counts_every_unit_of_a_long_piece(self):
        """Nine units in a row, one child each: A in U1 takes U3 to U9 as well, B its own U2."""
        schools = make_schools({"A": 0, "B": 1}, places=np.full(2, np.nan), anchor=np.array([True, True]))
        fixed = [("U1", "A", "must"), ("U2", "B", "must"), *((f"U{k}", "A", "must") for k in range(3, 10))]
        district = make_district(
            units=make_units(9), schools=schools, students=(1,) * 9, fixed=fixed, rules={"contiguous": "soft"}
        )
        assert solve_district(district).values["shortage"] == 7.0
        floating = replace(district, schools=replace(schools, anchor=np.array([False, True])))
        # no own unit is asked for: U1 alone is apart from the main piece
        assert solve_district(floating).values["shortage"] == 1.0

    def test_soft_is_kept_where_it_can_be(self):
        assert solve_crossed(rules={"contiguous": "soft"}).values == {"shortage": 0.0, "travel": 90.0}

    def test_who_borders_on_whom_decides(self):
        # U1-U3 and U2-U4 touch
        assert solve_crossed(neighbours=[(0, 2), (1, 3), (0, 1)]).values == {"travel": 60.0}

    def test_units_without_children_hold_a_catchment_together(self):
        """U3's children are nearest to A; U2, where nobody lives, is the bridge, whoever is nearer to it."""
        solved = solve_crossed(students=(30, 0, 30, 30))
        assert (solved.schools, solved.values) == ("AAAB", {"travel": 30.0})

    def test_without_neighbours_nothing_is_judged(self):
        district = make_district(schools=SCHOOLS)
        travel = replace(make_travel(district), neighbours=None)
        assert solve_district(district, travel=travel).status == "optimal"


class TestOwnUnit:
    def test_a_school_with_a_catchment_holds_its_own_unit(self):
        fixed = [("U1", "B", "must")]
        # A, whose unit belongs to B, can have no catchment: 30 children each go 3, 2, 1 and 0 km
        solved = solve_district(make_district(schools=SCHOOLS, fixed=fixed))
        assert (solved.schools, solved.values) == ("BBBB", {"travel": 180.0})
        both = [*fixed, ("U2", "A", "must")]
        assert solve_district(make_district(schools=SCHOOLS, fixed=both), [*ROW, (0, 2)]).status == "infeasible"

    def test_soft_counts_the_whole_catchment(self):
        fixed = [("U1", "B", "must"), ("U2", "A", "must"), ("U3", "B", "must")]
        district = make_district(schools=SCHOOLS, students=(10, 20, 30, 40), fixed=fixed, rules={"contiguous": "soft"})
        # U2's 20 children are apart from A; U1 borders on U3 here, so B's catchment is in one piece
        assert solve_district(district, [*ROW, (0, 2)]).values["shortage"] == 20.0

    def test_soft_counts_every_piece(self):
        fixed = [("U1", "B", "must"), ("U2", "A", "must"), ("U3", "A", "must"), ("U4", "B", "must")]
        district = make_district(schools=SCHOOLS, students=(10, 20, 30, 40), fixed=fixed, rules={"contiguous": "soft"})
        # 20 + 30 children apart from A, 10 apart from B
        assert solve_district(district).values["shortage"] == 60.0

    def test_a_borrowed_site_need_not(self):
        schools = make_schools(places=np.full(2, np.nan), anchor=np.array([False, True]))
        fixed = [("U1", "B", "must"), ("U2", "A", "must")]
        assert solve_district(make_district(schools=schools, fixed=fixed), [*ROW, (0, 2)]).schools == "BABB"

    def test_where_today_gives_the_unit_to_another(self):
        fixed, today = [("U1", "B", "must"), ("U2", "A", "must")], {"U1": "B"}
        district = make_district(schools=SCHOOLS, fixed=fixed, current=today, objective={"order": ["travel"]})
        assert solve_district(district, [*ROW, (0, 2)]).schools == "BABB"

    def test_of_several_schools_in_one_unit_one_holds_it(self):
        schools = make_schools({"A": 1, "B": 1}, places=np.array([90.0, 60.0]))
        # both take whom they can: U1-U2 and U3-U4, or U1 and U2-U3-U4, 30 children 1 km twice and 2 km once
        solved = solve_district(make_district(schools=schools))
        assert solved.values == {"travel": 120.0}
        assert set(solved.schools) == {"A", "B"}
        third = make_schools({"A": 1, "B": 1, "C": 3}, places=np.array([60.0, 60.0, np.nan]))
        fixed = [("U2", "C", "must"), ("U1", "A", "must")]
        assert solve_district(make_district(schools=third, fixed=fixed)).status == "infeasible"


class TestComponents:
    ISLANDS = ((0, 1), (2, 3))

    def test_a_component_with_a_school_goes_to_it(self):
        assert solve_crossed(self.ISLANDS).schools == "AABB"
        schools = make_schools(places=np.array([90.0, 30.0]))
        assert solve_crossed(self.ISLANDS, schools=schools).status == "infeasible"
        assert solve_crossed(self.ISLANDS, schools=schools, rules={"contiguous": "off"}).schools == "AAAB"

    def test_soft_counts_who_leaves_the_component(self):
        schools = make_schools(places=np.array([90.0, 30.0]))
        solved = solve_crossed(self.ISLANDS, schools=schools, rules={"contiguous": "soft"})
        assert solved.values["shortage"] == 30.0

    def test_a_component_without_a_school_may_go_anywhere(self):
        """U2 and U3 are islands; each goes where it is nearest."""
        assert (solve_crossed([(0, 3)]).schools, solve_crossed([(0, 3)]).values) == ("ABAB", {"travel": 60.0})

    def test_a_borrowed_site_may_serve_several_components(self):
        schools = make_schools(places=np.array([90.0, 30.0]), anchor=np.array([False, True]))
        assert solve_crossed(self.ISLANDS, schools=schools).schools == "AAAB"

    def test_where_no_school_is_known_to_stand_anywhere_all_is_judged(self):
        schools = make_schools(places=np.full(2, np.nan), unit=np.full(2, -1))
        district = make_district(schools=schools)
        metres = 1000.0 * np.array([[0, 3], [2, 1], [1, 2], [3, 0]])
        solved = solve_district(district, travel=replace(make_travel(district, ROW), metres=metres))
        assert solved.values == {"travel": 90.0}


class TestEstates:
    """An estate in two parts goes to one school as a whole; its parts need land between them."""

    UNITS = make_units(estate=("E", "", "E", ""))

    def test_both_parts_and_the_land_between(self):
        solved = solve_crossed(units=self.UNITS)
        # U1 and U3 go to A, so U2 does too: 30 · 1 + 30 · 2
        assert (solved.schools, solved.values) == ("AAAB", {"travel": 90.0})

    def test_no_land_between(self):
        fixed = [("U1", "A", "must"), ("U2", "B", "must")]
        assert solve_crossed(units=self.UNITS, fixed=fixed).status == "infeasible"
        assert solve_crossed([*ROW, (0, 2), (1, 3)], units=self.UNITS, fixed=fixed).schools == "ABAB"


class TestBarriers:
    """A river between U2 and U3."""

    RIVER = gpd.GeoSeries(
        [LineString([(WEST + 2 * STEP, SOUTH - STEP), (WEST + 2 * STEP, SOUTH + 2 * STEP)])], crs=4326
    )
    BRIDGE = gpd.GeoSeries([Point(WEST + 2 * STEP, SOUTH + STEP / 2)], crs=4326)

    @pytest.mark.parametrize(("bridge", "status"), [(None, "infeasible"), (BRIDGE, "optimal")])
    def test_nobody_swims(self, bridge, status):
        """B has 30 places: U3 must go to A, over the bridge where there is one."""
        schools = make_schools(places=np.array([90.0, 30.0]))
        district = replace(make_district(schools=schools), barriers=self.RIVER, crossings=bridge)
        solved = solve_district(district, travel=measure_travel(district))
        assert solved.status == status
        assert bridge is None or solved.schools == "AAAB"

    def test_each_bank_by_itself(self):
        district = replace(make_district(schools=SCHOOLS), barriers=self.RIVER)
        assert solve_district(district, travel=measure_travel(district)).schools == "AABB"

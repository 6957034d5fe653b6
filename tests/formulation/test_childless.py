"""Units without children, on a row of units one kilometre each: U1 U2 U3 U4, A in U1, B in U4.

The grid of the last test has A in U1, B in U4 and C in U11:

    U9   U10  U11  U12
    U5   U6   U7   U8
    U1   U2   U3   U4
"""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from builders import make_district, make_schools, make_travel, make_units
from hypothesis import given, settings
from hypothesis import strategies as st
from solved import grid_neighbours, solve_district

from models.district import Travel
from optimizer.formulation import formulate
from optimizer.formulation.childless import settle_childless
from optimizer.solve.construct import grow_catchments

ROOMY = make_schools(places=np.full(2, 900.0))


def settle(letters, students, neighbours=None, metres=None, **more):
    """What becomes of a plan, a letter a unit."""
    district = make_district(students=students, schools=more.pop("schools", ROOMY), **more)
    travel = make_travel(district, neighbours)
    f = formulate(district, travel if metres is None else replace(travel, metres=np.array(metres, dtype=float)))
    plan = np.array(["ABC".index(letter) for letter in letters])
    pairs = f.pair_table[np.arange(len(plan)), plan]
    return "".join("ABC"[school] for school in f.pairs.school[settle_childless(f, district, pairs)])


class TestNearest:
    def test_they_go_to_the_nearest_school(self):
        # U2 is 1 km from A, U3 1 km from B; nobody lives there
        assert settle("AAAB", (30, 0, 0, 30)) == "AABB"
        assert settle("ABBB", (30, 0, 0, 30)) == "AABB"

    def test_children_stay_where_they_were_put(self):
        assert settle("AAAB", (30, 0, 1, 30)) == "AAAB"

    def test_one_after_the_other_where_the_way_leads_over_both(self):
        # both are nearer to A; U3 can only follow U2
        metres = [[0, 3000], [1000, 2000], [1400, 1600], [3000, 0]]
        assert settle("ABBB", (30, 0, 0, 30), metres=metres) == "AAAB"

    @pytest.mark.parametrize("letters", ["AAAB", "AABB", "ABBB"])
    def test_among_equals_they_stay(self, letters):
        assert settle(letters, (30, 0, 0, 30), metres=[[0, 3000], [1500, 1500], [1500, 1500], [3000, 0]]) == letters

    def test_a_school_that_a_rule_forbids_is_not_taken(self):
        assert settle("AAAB", (30, 0, 0, 30), fixed=[("U3", "B", "never")]) == "AAAB"

    def test_a_solved_plan_is_settled(self):
        assert solve_district(make_district(students=(30, 0, 0, 30))).schools == "AABB"


class TestPieces:
    def test_a_bridge_stays(self):
        # U2 is nearer to B, but joins U3 to A
        metres = [[0, 3000], [2000, 1000], [1000, 2000], [3000, 0]]
        assert settle("AAAB", (30, 0, 30, 30), metres=metres) == "AAAB"

    def test_where_contiguity_is_no_rule_it_need_not(self):
        metres = [[0, 3000], [2000, 1000], [1000, 2000], [3000, 0]]
        rules = {"contiguous": "off"}
        assert settle("AAAB", (30, 0, 30, 30), metres=metres, rules=rules) == "ABAB"

    def test_a_catchment_out_of_touch_is_not_joined(self):
        # U2 is nearer to B than to A, and borders on A's units alone
        metres = [[0, 3000], [2000, 1000], [1000, 2000], [3000, 0]]
        assert settle("AAAB", (30, 0, 30, 30), [(0, 1), (0, 2), (2, 3)], metres=metres) == "AAAB"

    def test_the_own_unit_of_a_school_stays(self):
        metres = [[2000, 1000], [1000, 2000], [2000, 1000], [3000, 0]]
        assert settle("AABB", (0, 30, 30, 30), metres=metres) == "AABB"

    @pytest.mark.parametrize("hardness", ["hard", "soft"])
    def test_units_of_an_island_without_a_school_go_to_the_nearest_that_has_a_catchment(self, hardness):
        # U3 borders on nobody
        rules = {"contiguous": hardness}
        assert settle("AAAB", (30, 30, 0, 30), [(0, 1)], rules=rules) == "AABB"


class TestToday:
    def test_today_s_school_goes_before_the_nearest(self):
        # U2 and U3 are A's today: nothing is gained by redrawing them
        current = {"U1": "A", "U2": "A", "U3": "A", "U4": "B"}
        assert settle("AABB", (30, 0, 0, 30), current=current) == "AAAB"

    def test_which_need_not_be_within_reach(self):
        # U2 is B's today, and no unit between it and B is
        current = {"U1": "A", "U2": "B", "U3": "A", "U4": "B"}
        assert settle("AAAB", (30, 0, 30, 30), current=current) == "AAAB"


class TestEstates:
    UNITS = make_units(estate=("", "E", "E", ""))

    def test_an_estate_moves_as_one(self):
        # from U3, its farthest unit, the estate is 2 km from A; 1,900 m from U2 to B
        metres = [[0, 3000], [1000, 1900], [2000, 1000], [3000, 0]]
        assert settle("AAB", (30, 0, 0, 30), units=self.UNITS, metres=metres) == "ABB"

    def test_units_that_are_asked_to_keep_together_stay_together(self):
        rules = {"indivisible": "soft"}
        assert settle("ABBB", (30, 0, 30, 30), units=self.UNITS, rules=rules) == "ABBB"


WIDTH, COUNT, HOMES = 4, 12, {"A": 0, "B": 3, "C": 10}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**20))
def test_no_catchment_falls_apart_and_no_single_unit_is_left_to_move(seed):
    random = np.random.default_rng(seed)
    students = np.where(random.random(COUNT) < 0.5, 0, 20)
    district = make_district(
        units=make_units(COUNT),
        schools=make_schools(HOMES, places=np.full(3, 900.0)),
        students=students.tolist(),
    )
    metres, edges = random.integers(0, 3000, (COUNT, 3)).astype(float), grid_neighbours(WIDTH, COUNT // WIDTH)
    f = formulate(district, Travel(metres, np.array(edges)))
    plan = grow_catchments(f, np.full(COUNT, -1), random.random(len(f.pairs)))
    pairs = f.pair_table[np.arange(COUNT), plan]
    after = f.pairs.school[settle_childless(f, district, pairs)]

    assert (after[students > 0] == plan[students > 0]).all()
    assert (metres[np.arange(COUNT), after] <= metres[np.arange(COUNT), plan]).all()
    assert _whole(after, edges)
    for unit in set(np.flatnonzero(students == 0)) - set(HOMES.values()):
        for school in np.flatnonzero(metres[unit] < metres[unit, after[unit]]):
            other = after.copy()
            other[unit] = school
            assert not _whole(other, edges)


def _whole(plan, edges):
    graph = nx.Graph(edges)
    pieces = [nx.number_connected_components(graph.subgraph(np.flatnonzero(plan == school))) for school in range(3)]
    return pieces == [1, 1, 1] and all(plan[home] == school for school, home in enumerate(HOMES.values()))

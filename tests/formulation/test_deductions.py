"""What is deduced before anything is solved: pairs whose way to the own unit holds more children than the school takes.

U7  U8  U9        A stands in U1, B in U9, C in U3; the ways are walked by networkx, one by one.
U4  U5  U6
U1  U2  U3
"""

import networkx as nx
import numpy as np
import pytest
from builders import make_district, make_schools, make_travel, make_units
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from solved import grid_neighbours, solve_district

from optimizer.formulation import Formulation, formulate

HOMES = (0, 8, 2)
GRID = nx.Graph(grid_neighbours(3, 3))
CHILDREN = st.lists(st.integers(0, 25), min_size=9, max_size=9)
PLACES = st.lists(st.integers(20, 120), min_size=3, max_size=3)


def build(students, places, estate=("",) * 9, **more) -> Formulation:
    schools = make_schools(dict(zip("ABC", HOMES, strict=True)), places=np.array(places, dtype=float))
    district = make_district(units=make_units(9, estate=estate), schools=schools, students=tuple(students), **more)
    return formulate(district, make_travel(district, list(GRID.edges)))


def fewest_children(students, unit: int, home: int) -> int:
    """Children on the lightest way, over every way there is."""
    ways = nx.all_simple_paths(GRID, home, unit) if unit != home else [[home]]
    return min(sum(students[u] for u in way) for way in ways)


@settings(max_examples=40, deadline=None)
@given(CHILDREN, PLACES)
def test_a_pair_is_left_just_where_a_way_to_it_has_room(students, places):
    """Any two schools hold everybody, so nothing but this deduction takes pairs out."""
    assume(sum(students) <= sum(places) - max(places))
    f = build(students, places)
    table = f.pair_table[f.blocks.of_unit[:, 0]] >= 0
    for unit in range(9):
        room = [fewest_children(students, unit, home) <= places[j] for j, home in enumerate(HOMES)]
        assert table[unit].tolist() == (room if any(room) else [True] * 3)


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ({}, False),
        ({"rules": {"contiguous": "soft"}}, True),
        ({"rules": {"places": "soft"}}, True),
        ({"catchments": {"indivisible": False}}, True),
    ],
)
def test_only_hard_rules_and_whole_units_forbid(more, kept):
    """A takes 50; U1, U2 and U3 hold 20 each, so U3 is 60 children away, and no way round is lighter."""
    units = make_units(4)
    schools = make_schools({"A": 0, "B": 3}, places=np.array([50.0, 90.0]))
    district = make_district(units=units, schools=schools, students=(20, 20, 20, 20), **more)
    f = formulate(district, make_travel(district))
    assert (f.pair_table[f.blocks.of_unit[2, 0], 0] >= 0) == kept
    assert f.pair_table[f.blocks.of_unit[1, 0], 0] >= 0


def test_an_estate_on_the_way_counts_once():
    """U1, U2, U3 in a row with A in U1: U1 and U3 are one estate of 40, U2 holds 10: 50 in all, not 90."""
    schools = make_schools({"A": 0, "B": 3}, places=np.array([50.0, 90.0]))
    units = make_units(4, estate=("E", "", "E", ""))
    district = make_district(units=units, schools=schools, students=(20, 10, 20, 20))
    f = formulate(district, make_travel(district))
    assert f.pair_table[f.blocks.of_unit[2, 0], 0] >= 0
    assert solve_district(district).schools == "AAAB"


def test_a_block_without_any_way_is_left_to_the_solvers():
    """70 children in U2; neither A (60) nor B (60) can take them: infeasible, and not for want of a school in reach."""
    solved = solve_district(make_district(students=(10, 70, 10, 10)))
    assert solved.status == "infeasible"
    assert solved.outcome.reason != "solve.barred"
    assert [count.key for count in solved.counts] == ["too_large"]

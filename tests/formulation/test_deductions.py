"""What is deduced before anything is solved: pairs without a way to the own unit, or with more children on it than fit.

U7  U8  U9        A stands in U1, B in U9, C in U3; the ways are walked by networkx, one by one.
U4  U5  U6
U1  U2  U3
"""

from itertools import product
from typing import Any

import networkx as nx
import numpy as np
import pytest
from builders import make_district, make_schools, make_travel, make_units
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from solved import grid_neighbours, solve_district

from models.district import Cohort
from optimizer.diagnose.count import count_children
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


PIECES = [frozenset(u for u, held in enumerate(chosen) if held) for chosen in product((False, True), repeat=9)]
WHOLE = {piece for piece in PIECES if not piece or nx.is_connected(GRID.subgraph(piece))}


def divisions(barred: set[tuple[int, int]], homes: list[int], anchor: list[bool]) -> list[frozenset[int]]:
    """Every catchment of A beside which B has all other units: both in one piece, each with its school's own unit."""
    found = []
    for first in PIECES:
        held = (first, frozenset(range(9)) - first)
        kept = all((unit, j) not in barred for j in range(2) for unit in held[j])
        rooted = all(not held[j] or not anchor[j] or homes[j] in held[j] or homes[0] == homes[1] for j in range(2))
        if kept and rooted and held[0] in WHOLE and held[1] in WHOLE:
            found.append(first)
    return found


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.tuples(st.integers(0, 8), st.integers(0, 1)), max_size=9),
    st.lists(st.integers(0, 8), min_size=2, max_size=2),
    st.lists(st.booleans(), min_size=2, max_size=2),
    st.sampled_from([{}, {"instance": {"mode": "entry"}, "rules": {"overflow": "soft"}}]),
)
def test_a_pair_is_left_just_where_a_way_leads_and_no_plan_needs_another(
    barred: set[tuple[int, int]], homes: list[int], anchor: list[bool], mode: dict[str, Any]
) -> None:
    schools = make_schools(dict(zip("AB", homes, strict=True)), places=np.full(2, 900.0), anchor=np.array(anchor))
    fixed = [(f"U{unit + 1}", "AB"[j], "never") for unit, j in sorted(barred)]
    children = {Cohort("primary", "1", "local"): (10,) * 9}
    kinds = {"local": {"zoned": True}}
    district = make_district(
        units=make_units(9), schools=schools, students=children, fixed=fixed, categories=kinds, **mode
    )
    travel = make_travel(district, list(GRID.edges))
    f = formulate(district, travel)
    left = {(int(f.blocks.members(b)[0]), int(j)) for b, j in zip(f.pairs.block, f.pairs.school, strict=True)}
    for j, home in enumerate(homes):
        is_open = {unit for unit in range(9) if (unit, j) not in barred}
        if anchor[j] and homes[0] != homes[1]:
            is_open = set(nx.node_connected_component(GRID.subgraph(is_open), home)) if home in is_open else set()
            assert is_open == {unit for unit, school in left if school == j}
    plans = divisions(barred, homes, anchor)
    used = {(unit, int(unit not in first)) for first in plans for unit in range(9)}
    counts = [count.key for count in count_children(f, district, travel) if count.proves]
    event(f"plans: {bool(plans)}, counted: {bool(counts)}")
    assert used <= left
    assert not (plans and counts)

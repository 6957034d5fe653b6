"""Cover rows: none that an allowed plan breaks, and one wherever blocks used together are too many for a school.

U7  U8  U9        A stands in U1, B in U9; every plan and every set of blocks is tried.
U4  U5  U6
U1  U2  U3
"""

from itertools import combinations, product

import networkx as nx
import numpy as np
import pytest
from builders import make_district, make_schools, make_travel, make_units
from hypothesis import given, settings
from hypothesis import strategies as st
from solved import grid_neighbours

from optimizer.formulation import Formulation, formulate
from optimizer.formulation.covers import separate_covers
from optimizer.formulation.program import write_program

GRID = nx.Graph(grid_neighbours(3, 3))
HOMES = (0, 8)
STUDENTS = st.lists(st.integers(0, 40), min_size=9, max_size=9)


def build(students, seats, **rules) -> Formulation:
    schools = make_schools({"A": 0, "B": 8}, places=np.array(seats, dtype=float))
    district = make_district(units=make_units(9), schools=schools, students=tuple(students), rules=rules)
    return formulate(district, make_travel(district, list(GRID.edges)))


def is_allowed(plan, students, places, *, contiguous: bool) -> bool:
    units = [[u for u in range(9) if plan[u] == school] for school in (0, 1)]
    fits = all(sum(students[u] for u in of) <= places[j] for j, of in enumerate(units))
    if not contiguous:
        return fits
    return fits and all(not of or (HOMES[j] in of and nx.is_connected(GRID.subgraph(of))) for j, of in enumerate(units))


@settings(max_examples=40, deadline=None)
@given(STUDENTS, st.integers(40, 200), st.integers(0, 2**20), st.booleans())
def test_no_allowed_plan_breaks_a_row(students, places, seed, contiguous):
    f = build(students, (places, places), contiguous="hard" if contiguous else "off")
    used = np.random.default_rng(seed).uniform(0.3, 1.0, len(f.pairs))
    rows = separate_covers(f, write_program(f), used)
    for row in rows:
        assert used[list(row.columns)] @ row.coefficients > row.upper
    for plan in product((0, 1), repeat=9):
        if is_allowed(plan, students, (places, places), contiguous=contiguous):
            pairs = f.pair_table[f.blocks.of_unit[:, 0], np.array(plan)]
            x = np.zeros(len(f.pairs))
            x[pairs] = 1.0
            assert all(x[list(row.columns)] @ row.coefficients <= row.upper for row in rows)


@settings(max_examples=25, deadline=None)
@given(STUDENTS, st.integers(40, 200), st.integers(0, 2**20))
def test_a_row_is_found_where_there_is_one(students, places, seed):
    """Σ (1 - used) over some blocks that are too many together is less than 1: tried over all sets."""
    f = build(students, (places, 400), contiguous="off")
    used = np.random.default_rng(seed).uniform(0.3, 1.0, len(f.pairs))
    of_unit = used[f.pair_table[f.blocks.of_unit[:, 0], 0]]
    sets = [s for size in range(1, 10) for s in combinations(range(9), size) if sum(students[u] for u in s) > places]
    broken = any(sum(1.0 - of_unit[u] for u in s if students[u]) < 1.0 - 1e-4 for s in sets)
    assert bool(separate_covers(f, write_program(f), used)) == broken


def test_the_own_unit_counts_before_any_other():
    """A takes 100 and stands in U1 with 60: of U2, U3 and U4, 25 each, it can hold one; of 75 in U5 none."""
    students = (60, 25, 25, 25, 75, 10, 10, 10, 10)
    f = build(students, (100, 400))
    used = np.zeros(len(f.pairs))
    block = f.blocks.of_unit[:, 0]
    assert f.pair_table[block[4], 0] < 0
    near = f.pair_table[block[[1, 3]], 0]
    used[near] = 0.8
    (row,) = separate_covers(f, write_program(f), used)
    assert row.upper == 1.0
    assert set(near.tolist()) <= set(row.columns)
    apart = build(students, (100, 400), contiguous="off")
    used = np.zeros(len(apart.pairs))
    used[apart.pair_table[apart.blocks.of_unit[[1, 3], 0], 0]] = 0.8
    assert separate_covers(apart, write_program(apart), used) == []


@pytest.mark.parametrize("rules", [{"places": "soft"}, {"indivisible": "off"}])
def test_none_where_places_may_be_exceeded_or_units_divided(rules):
    f = build((60,) * 9, (100, 600), **rules)
    assert separate_covers(f, write_program(f), np.ones(len(f.pairs))) == []

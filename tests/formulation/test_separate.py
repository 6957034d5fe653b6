"""Contiguity rows: none that a contiguous plan breaks, some for every plan that is not.

U7  U8  U9        A stands in U1, B in U9, C in U3; pieces are judged by networkx.
U4  U5  U6
U1  U2  U3
"""

import random
from collections.abc import Sequence

import networkx as nx
import numpy as np
from builders import make_district, make_schools, make_travel, make_units
from hypothesis import given
from hypothesis import strategies as st
from solved import grid_neighbours

from models.district import Floats, Ints
from optimizer.formulation import Formulation, formulate
from optimizer.formulation.program import Program, Row, write_program
from optimizer.formulation.separate import neighbour_rows, separate

HOMES = (0, 8, 2)
GRID = nx.Graph(grid_neighbours(3, 3))
ESTATE = ("", "", "", "E", "", "E", "", "", "")

plans = st.lists(st.integers(0, 2), min_size=9, max_size=9)
seeds = st.randoms(use_true_random=False)


def build(estate: Sequence[str] = ("",) * 9, anchor: Sequence[bool] = (True,) * 3) -> tuple[Formulation, Program]:
    schools = make_schools(dict(zip("ABC", HOMES, strict=True)), places=np.full(3, np.nan), anchor=np.array(anchor))
    district = make_district(units=make_units(9, estate=tuple(estate)), schools=schools, students=(1,) * 9)
    f = formulate(district, make_travel(district, list(GRID.edges)))
    return f, write_program(f)


PLAIN, FLOATING, ESTATES = build(), build(anchor=(False, True, False)), build(ESTATE)


def is_contiguous(plan: Sequence[int], anchor: Sequence[bool] = (True,) * 3) -> bool:
    catchments = {school: [unit for unit in range(9) if plan[unit] == school] for school in set(plan)}
    whole = all(nx.is_connected(GRID.subgraph(units)) for units in catchments.values())
    return whole and all(HOMES[school] in units for school, units in catchments.items() if anchor[school])


def grow(rng: random.Random) -> list[int]:
    """Let three catchments grow from their own units until they cover the grid: a contiguous plan."""
    plan = [-1] * 9
    for school, home in enumerate(HOMES):
        plan[home] = school
    while -1 in plan:
        unit = rng.choice([u for u in range(9) if plan[u] < 0 and any(plan[v] >= 0 for v in GRID[u])])
        plan[unit] = rng.choice([plan[v] for v in GRID[unit] if plan[v] >= 0])
    return plan


def use(f: Formulation, plan: Sequence[int]) -> Floats:
    """One where a pair is used; pairs that the formulation left out are not."""
    used = np.zeros(len(f.pairs))
    pairs = f.pair_table[f.blocks.of_unit[:, 0], np.array(plan)]
    used[pairs[pairs >= 0]] = 1.0
    return used


def broken(rows: Sequence[Row], used: Floats) -> list[Row]:
    at: Ints
    found = []
    for row in rows:
        at = np.array(row.columns)
        if not row.lower - 1e-9 <= np.array(row.coefficients) @ used[at] <= row.upper + 1e-9:
            found.append(row)
    return found


@given(plans)
def test_a_plan_breaks_a_row_just_where_it_is_in_pieces(plan):
    f, program = PLAIN
    rows = separate(f, program, use(f, plan))
    assert (broken(rows, use(f, plan)) == []) == is_contiguous(plan)
    assert (rows == []) == is_contiguous(plan)


@given(plans)
def test_without_own_units_only_pieces_count(plan):
    f, program = FLOATING
    rows = separate(f, program, use(f, plan))
    assert (broken(rows, use(f, plan)) == []) == is_contiguous(plan, (False, True, False))


@given(seeds)
def test_grown_plans_are_contiguous_and_break_nothing(rng):
    plan = grow(rng)
    assert is_contiguous(plan)
    assert separate(PLAIN[0], PLAIN[1], use(PLAIN[0], plan)) == []


@given(st.lists(plans, min_size=1, max_size=3), seeds)
def test_no_row_cuts_a_contiguous_plan_off(others, rng):
    """Rows found for mixtures of plans, as a relaxation gives them, hold for every contiguous plan."""
    f, program = PLAIN
    weights = np.array([rng.random() + 0.01 for _ in others])
    mixture = sum(w * use(f, plan) for w, plan in zip(weights / weights.sum(), others, strict=True))
    rows = separate(f, program, mixture)
    assert broken(rows, use(f, grow(rng))) == []
    assert not rows or broken(rows, mixture)


@given(seeds)
def test_neighbour_rows_hold_for_every_contiguous_plan(rng):
    f, program = PLAIN
    rows = neighbour_rows(f, program, np.arange(len(f.pairs)))
    assert rows
    assert broken(rows, use(f, grow(rng))) == []


@given(st.lists(st.integers(0, 2), min_size=8, max_size=8))
def test_estates_in_two_parts(schools):
    """U4 and U6 are one estate."""
    f, program = ESTATES
    plan = [*schools[:5], schools[3], *schools[5:]]
    rows = separate(f, program, use(f, plan))
    assert (broken(rows, use(f, plan)) == []) == is_contiguous(plan)

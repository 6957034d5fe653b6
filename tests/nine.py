"""A district of nine units and two schools, small enough to try every plan.

U7  U8  U9        A stands in U1, B in U9; either may have no catchment.
U4  U5  U6
U1  U2  U3
"""

from dataclasses import replace
from itertools import product

import networkx as nx
import numpy as np
from builders import make_district, make_schools, make_travel, make_units
from hypothesis import strategies as st
from solved import grid_neighbours

from optimizer.formulation import Formulation, formulate
from optimizer.formulation.program import Program, write_program

GRID = nx.Graph(grid_neighbours(3, 3))
HOMES = (0, 8)


def is_one_piece(units: list[int], home: int) -> bool:
    return not units or (home in units and nx.is_connected(GRID.subgraph(units)))


PLANS = [
    np.array(plan)
    for plan in product((0, 1), repeat=9)
    if all(is_one_piece([u for u in range(9) if plan[u] == j], HOMES[j]) for j in (0, 1))
]
STUDENTS = st.lists(st.integers(0, 40), min_size=9, max_size=9)
METRES = st.lists(st.integers(1, 9), min_size=18, max_size=18)


def build(students, metres, places) -> tuple[Formulation, Program]:
    schools = make_schools({"A": 0, "B": 8}, places=np.array(places, dtype=float))
    district = make_district(units=make_units(9), schools=schools, students=tuple(students))
    travel = make_travel(district, list(GRID.edges))
    f = formulate(district, replace(travel, metres=1000.0 * np.array(metres, dtype=float).reshape(9, 2)))
    return f, write_program(f)


def pairs_of(f: Formulation, plan: np.ndarray) -> np.ndarray:
    return f.pair_table[f.blocks.of_unit[:, 0], plan]


def values(f: Formulation, cost: np.ndarray) -> list[tuple[float, np.ndarray]]:
    """Contiguous plans that keep the places, each with what it costs and the pairs it uses."""
    pairs = [pairs_of(f, plan) for plan in PLANS]
    kept = [used for used in pairs if (used >= 0).all() and _fits(f, used)]
    return [(float(cost[used].sum()), used) for used in kept]


def _fits(f: Formulation, used: np.ndarray) -> bool:
    children = np.bincount(f.pairs.school[used], weights=f.blocks.size[f.pairs.block[used]], minlength=2)
    return all(children[limit.school] <= limit.bound for limit in f.limits)

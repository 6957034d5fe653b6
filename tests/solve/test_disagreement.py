"""Deciding anew where plan and relaxation differ: contiguity by ranks is contiguity, and the best plan is found.

U7  U8  U9        A stands in U1, B in U9; every plan is tried.
U4  U5  U6
U1  U2  U3
"""

from dataclasses import replace
from itertools import product

import networkx as nx
import numpy as np
import pytest
from builders import make_district, make_schools, make_travel, make_units
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model
from solved import grid_neighbours

from optimizer.formulation import Formulation, formulate
from optimizer.formulation.program import write_program
from optimizer.solve.backends import solve_relaxation
from optimizer.solve.complete import complete, plan_of
from optimizer.solve.disagreement import Disagreement
from optimizer.solve.ranks import add_ranks

GRID = nx.Graph(grid_neighbours(3, 3))
HOMES = {"A": 0, "B": 8}
STUDENTS = st.lists(st.integers(0, 40), min_size=9, max_size=9)
METRES = st.lists(st.integers(1, 9), min_size=18, max_size=18)


def build(students=(10,) * 9, metres=(1,) * 18, places=(200, 200), estate=("",) * 9) -> Formulation:
    schools = make_schools(HOMES, places=np.array(places, dtype=float))
    district = make_district(units=make_units(9, estate=estate), schools=schools, students=tuple(students))
    travel = make_travel(district, list(GRID.edges))
    return formulate(district, replace(travel, metres=1000.0 * np.array(metres, dtype=float).reshape(9, 2)))


def is_contiguous(plan: tuple[int, ...]) -> bool:
    pieces = [[u for u in range(9) if plan[u] == school] for school in (0, 1)]
    return all(
        not units or (home in units and nx.is_connected(GRID.subgraph(units)))
        for home, units in zip(HOMES.values(), pieces, strict=True)
    )


CONTIGUOUS = {plan for plan in product((0, 1), repeat=9) if is_contiguous(plan)}


def plans_by_ranks(f: Formulation, plan: tuple[int, ...], free: set[int]) -> set[tuple[int, ...]]:
    """Every plan that differs from `plan` on `free` units at most and that the ranks allow."""
    model = cp_model.CpModel()
    block = f.blocks.of_unit[:, 0]
    moving = np.isin(block, block[sorted(free)])
    pairs = np.flatnonzero(np.isin(f.pairs.block, block[moving]))
    literals = {int(pair): model.new_bool_var("") for pair in pairs}
    for one in np.unique(block[moving]).tolist():
        model.add_exactly_one(literals[int(pair)] for pair in f.pair_table[one])
    of_block = np.zeros(len(f.blocks), dtype=np.int64)
    of_block[block] = plan
    may_move = np.zeros(len(f.blocks), dtype=bool)
    may_move[block[moving]] = True
    add_ranks(f, model, of_block, may_move, literals)
    found = set()
    for choice in product((0, 1), repeat=len(free)):
        changed = np.array(plan)
        changed[sorted(free)] = choice
        if any(len(set(changed[block == one])) > 1 for one in block):
            continue
        model.clear_assumptions()
        model.add_assumptions([literals[int(pair)] for pair in f.pair_table[block, changed][moving]])
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        if solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            found.add(tuple(changed.tolist()))
    return found


@pytest.mark.parametrize("free", [{4}, {1, 3, 4}, {2, 4, 6}, {1, 2, 3, 4, 5, 6, 7}, {0, 1, 2, 4}])
def test_ranks_allow_just_the_contiguous_plans(free):
    """From AAA AAB ABB: those that differ on the free units alone."""
    plan = (0, 0, 0, 0, 0, 1, 0, 1, 1)
    expected = {p for p in CONTIGUOUS if all(p[u] == plan[u] for u in range(9) if u not in free)}
    assert expected
    assert plans_by_ranks(build(), plan, free) == expected


def test_ranks_of_an_estate_in_two_parts():
    """U3 and U7 go together; each must hang together with the own unit."""
    f = build(estate=("", "", "E", "", "", "", "E", "", ""))
    plan = (0, 0, 0, 0, 0, 1, 0, 1, 1)
    free = {1, 2, 3, 4, 5, 6, 7}
    expected = {p for p in CONTIGUOUS if p[2] == p[6] and p[0] == 0 and p[8] == 1}
    assert plans_by_ranks(f, plan, free) == expected


@settings(max_examples=25, deadline=None)
@given(STUDENTS, METRES, st.integers(100, 250), st.sampled_from(sorted(CONTIGUOUS)))
def test_a_plan_found_is_allowed_and_better(students, metres, places, begin):
    f = build(students, metres, (places, places))
    program = write_program(f)
    block = f.blocks.of_unit[:, 0]
    best = complete(f, program, np.array(begin)[np.argsort(block)])
    assume(best is not None)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    relaxation = solve_relaxation(program, program.cost["travel"], 10.0)
    search = Disagreement(f, "travel", 1)
    for _ in range(6):
        found = search.improve(program, relaxation, best, solver)
        if found is not None:
            assert found.values["travel"] < best.values["travel"]
            plan = plan_of(f, found)
            assert is_contiguous(tuple(plan[block].tolist()))
            assert complete(f, program, plan) is not None
            best = found


def test_one_seed_gives_one_plan():
    f = build((10, 30, 20, 10, 40, 10, 20, 30, 10), tuple(range(1, 19)), (130, 110))
    program = write_program(f)
    relaxation = solve_relaxation(program, program.cost["travel"], 10.0)
    best = complete(f, program, np.array([0, 0, 0, 0, 0, 1, 1, 1, 1]))
    plans = []
    for _ in range(2):
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 7
        found = Disagreement(f, "travel", 7).improve(program, relaxation, best, solver)
        plans.append(None if found is None else plan_of(f, found).tolist())
    assert plans[0] is not None
    assert plans[0] == plans[1]

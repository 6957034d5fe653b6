"""The exact parts: solvers agree, proofs prove, completions open no class too many, and what must change no value.

Toys of at most four units.
"""

from dataclasses import replace

import numpy as np
import pytest
from builders import make_district, make_schools, make_travel, make_units
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model
from scipy.sparse import csr_matrix
from solved import solve_district

from models.district import Cohort, District, Floats
from optimizer.formulation import formulate
from optimizer.formulation.program import Children, Program, write_program
from optimizer.solve import Effort, solve
from optimizer.solve.backends import solve_integral, solve_relaxation
from optimizer.solve.complete import complete
from optimizer.solve.prove import prove_by_search, prove_by_sums

quick = settings(max_examples=40, deadline=None)
PLACES = st.tuples(st.integers(20, 90), st.integers(20, 90))
STUDENTS = st.lists(st.integers(0, 40), min_size=4, max_size=4)


def row_of_units(students, limits, **rules) -> District:
    """Four units in a row; A in U1, B in U4."""
    schools = make_schools(places=np.array(limits, dtype=float))
    return make_district(schools=schools, students=tuple(students), rules=rules)


def solve_with_cp_sat(program: Program, cost: Floats) -> float:
    """Least cost by CP-SAT, costs to a thousandth; inf where nothing is feasible. All columns of toys are whole."""
    model = cp_model.CpModel()
    x = [model.new_int_var(int(low), int(high), "") for low, high in zip(program.lower, program.upper, strict=True)]
    for row in range(program.matrix.shape[0]):
        line = program.matrix[row].tocoo()
        total = sum(int(value) * x[column] for column, value in zip(line.col, line.data, strict=True))
        if np.isfinite(program.row_lower[row]):
            model.add(total >= int(program.row_lower[row]))
        if np.isfinite(program.row_upper[row]):
            model.add(total <= int(program.row_upper[row]))
    model.minimize(sum(round(1000 * float(value)) * x[k] for k, value in enumerate(cost)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    assert status in {cp_model.OPTIMAL, cp_model.INFEASIBLE}
    return solver.objective_value / 1000 if status == cp_model.OPTIMAL else np.inf


@quick
@given(STUDENTS, PLACES, st.sampled_from(["hard", "soft"]))
def test_cp_sat_and_highs_agree(students, places, hardness):
    district = row_of_units(students, places, places=hardness, contiguous="off")
    program = write_program(formulate(district, make_travel(district)))
    for level in ("shortage", "travel"):
        cost = program.cost[level]
        by_highs = solve_integral(program, cost, 20.0, 0.0)
        assert by_highs.value == pytest.approx(solve_with_cp_sat(program, cost), abs=1e-6)
        relaxed = solve_relaxation(program, cost, 20.0)
        assert relaxed.value <= by_highs.value + 1e-6


def test_a_bound_never_exceeds_the_value_when_the_nodes_run_out():
    district = row_of_units((31, 17, 23, 29), (52, 60), places="hard", contiguous="off")
    program = write_program(formulate(district, make_travel(district)))
    result = solve_integral(program, program.cost["travel"], 20.0, 0.0, nodes=1)
    assert result.bound <= result.value + 1e-9


# Proofs


def small_program(matrix: list[list[int]], lower: list[int], upper: list[int]) -> Program:
    """Two or three rows over three columns of 0, 1 or 2."""
    none = np.zeros(0, dtype=np.int64)
    columns = len(matrix[0])
    return Program(
        matrix=csr_matrix(np.array(matrix, dtype=float)), row_lower=np.array(lower, dtype=float),
        row_upper=np.array(upper, dtype=float), row_names=tuple(f"row[{k}]" for k in range(len(matrix))),
        lower=np.zeros(columns), upper=np.full(columns, 2.0),
        whole=np.ones(columns, dtype=bool), cost={}, pairs=columns,
        enrolment=none, children=Children(columns, none, none), crowded=none, classes=none, cut_off={},
        away=none,
        later=none,
    )  # fmt: skip


@st.composite
def programs(draw):
    rows = draw(st.integers(1, 3))
    matrix = [draw(st.lists(st.integers(-3, 3), min_size=3, max_size=3)) for _ in range(rows)]
    lower = [draw(st.integers(-6, 6)) for _ in range(rows)]
    return small_program(matrix, lower, [low + draw(st.integers(0, 4)) for low in lower])


def solutions(program: Program) -> np.ndarray:
    """Every whole solution, by trying all 27."""
    points = np.stack(np.meshgrid(*[np.arange(3)] * 3), axis=-1).reshape(-1, 3)
    sums = points @ program.matrix.toarray().T
    return points[((sums >= program.row_lower) & (sums <= program.row_upper)).all(axis=1)]


@quick
@given(programs())
def test_neither_proof_denies_what_can_be(program):
    if len(solutions(program)):
        assert not prove_by_sums(program, 10.0)
        assert not prove_by_search(program, 10.0, 1)
    else:
        assert prove_by_search(program, 10.0, 1)


@quick
@given(programs())
def test_sums_prove_just_what_the_relaxation_shows(program):
    relaxed = solve_relaxation(program, np.zeros(3), 10.0)
    assert prove_by_sums(program, 10.0) == (relaxed.value == np.inf)


def test_sums_cannot_prove_what_only_wholeness_forbids():
    """2 x + 2 y = 3 has halves for an answer."""
    program = small_program([[2, 2, 0]], [3], [3])
    assert not prove_by_sums(program, 10.0)
    assert prove_by_search(program, 10.0, 1)


# Completions


@quick
@given(st.lists(st.integers(0, 25), min_size=4, max_size=4), st.sampled_from(["AAAB", "AABB", "ABBB"]))
def test_a_completion_opens_the_fewest_classes(students, letters):
    """Children of grade 1 in classes of at most 10: ⌈n / 10⌉."""
    by_cohort = {Cohort("primary", "1", "local"): students}
    policy, rules = {"class_size": {"cap": {"primary": 10}}}, {"class_size": "hard"}
    schools = make_schools(places=np.full(2, np.nan))
    district = make_district(students=by_cohort, schools=schools, policy=policy, rules=rules)
    f = formulate(district, make_travel(district))
    program = write_program(f)
    plan = np.array(["AB".index(letter) for letter in letters])
    done = complete(f, program, plan)
    sizes = [sum(n for n, of in zip(students, letters, strict=True) if of == school) for school in "AB"]
    assert [done.columns[program.classes[j, 0]] for j in range(2)] == [-(-n // 10) for n in sizes]


@pytest.mark.parametrize(("letters", "allowed"), [("AABB", True), ("ABAB", False), ("AAAA", False)])
def test_a_plan_that_breaks_a_hard_rule_has_no_completion(letters, allowed):
    """In two pieces; or 120 children in 60 places."""
    district = make_district()
    f = formulate(district, make_travel(district))
    plan = np.array(["AB".index(letter) for letter in letters])
    assert (complete(f, write_program(f), plan) is not None) == allowed
    assert complete(f, write_program(f), np.where(plan == 0, -1, plan)) is None


# What changes no value


def values_of(district: District, neighbours=None) -> list[float] | None:
    outcome = solve_district(district, neighbours).outcome
    return [level.value for level in outcome.levels] if outcome.pairs is not None else None


@settings(max_examples=15, deadline=None)
@given(STUDENTS, PLACES, st.tuples(st.integers(0, 30), st.integers(0, 30)))
def test_more_places_never_hurt(students, places, more):
    few = values_of(row_of_units(students, places, places="soft"))
    many = values_of(row_of_units(students, np.add(places, more), places="soft"))
    assert many[0] <= few[0]
    if values_of(row_of_units(students, places)) is not None:
        hard = values_of(row_of_units(students, np.add(places, more)))
        assert hard[-1] <= values_of(row_of_units(students, places))[-1] + 1e-3


@settings(max_examples=15, deadline=None)
@given(STUDENTS, PLACES, st.permutations(range(4)), st.booleans())
def test_names_and_the_order_of_rows_change_nothing(students, places, order, swap):
    """Units in another order under other names, schools too: the same values."""
    plain = row_of_units(students, places, places="soft")
    at = {unit: k for k, unit in enumerate(order)}
    schools = [1, 0] if swap else [0, 1]
    homes = {f"S{j}": at[(0, 3)[j]] for j in schools}
    named = make_schools(homes, places=np.array([places[j] for j in schools], dtype=float))
    units = replace(make_units(), ids=tuple(f"X{unit}" for unit in order))
    shuffled = make_district(
        units=units, schools=named, students=[students[unit] for unit in order], rules={"places": "soft"}
    )
    travel = make_travel(plain)
    pairs = np.array([sorted((at[a], at[b])) for a, b in travel.neighbours.tolist()])
    moved = replace(travel, metres=travel.metres[list(order)][:, schools], neighbours=pairs)
    found = solve_district(shuffled, travel=moved).outcome.levels
    assert [level.value for level in found] == pytest.approx(values_of(plain), abs=2e-3)


def test_an_earlier_plan_is_kept_among_equals():
    """Distances to A and B are alike for U2, and for U3, where nobody lives: AABB, ABBB and AAAB are best."""
    schools = make_schools(places=np.full(2, np.nan))
    district = make_district(schools=schools, students=(30, 30, 0, 30))
    travel = make_travel(district)
    metres = travel.metres.copy()
    metres[1:3] = 1500.0
    for letters in ("AABB", "ABBB", "AAAB"):
        start = np.array(["AB".index(letter) for letter in letters])
        assert solve_district(district, travel=replace(travel, metres=metres), start=start).schools == letters


def test_any_plan_is_found_where_room_is_tight_to_the_child():
    """Only 140 + 160 children fill the 300 places of A, and only 40 + 20 + 1 the 61 of B; a search hardly meets it."""
    schools = make_schools({"A": 3, "B": 0}, places=np.array([300.0, 61.0]))
    rules = {"contiguous": "soft"}
    district = make_district(units=make_units(5), schools=schools, students=(140, 160, 40, 20, 1), rules=rules)
    outcome = solve(formulate(district, make_travel(district)), Effort(10.0, None, lambda: False), gap=1e9)
    assert outcome.pairs is not None

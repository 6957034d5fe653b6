"""The local search: its sums are true, its catchments hold together, its best plan breaks no hard rule.

The district is a grid of twelve units, numbered like this, with A in U1, B in U4 and C in U11:

    U9   U10  U11  U12
    U5   U6   U7   U8
    U1   U2   U3   U4
"""

import subprocess
import sys
from collections.abc import Iterator

import networkx as nx
import numpy as np
import pytest
from builders import make_district, make_schools, make_units
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.district import Cohort, Travel
from optimizer.formulation import Formulation, formulate
from optimizer.formulation.program import write_program
from optimizer.solve import search as search_module
from optimizer.solve.complete import complete
from optimizer.solve.search import Search, level_weights

WIDTH, UNITS = 4, 12
HOMES = {"A": 0, "B": 3, "C": 10}
GRID = [(u, u + 1) for u in range(UNITS) if u % WIDTH < WIDTH - 1] + [(u, u + WIDTH) for u in range(UNITS - WIDTH)]
ALL_RULES = {
    "places": "hard",
    "class_size": "hard",
    "classrooms": "hard",
    "small_classes": "hard",
    "stability": "hard",
    "contiguous": "hard",
}
CAP, SMALL = 45, 40


@pytest.fixture(autouse=True)
def short_rounds(monkeypatch):
    monkeypatch.setattr(search_module, "MOVES_A_ROUND", 200)


def make_formulation(seed: int = 0, seats: float = 330, rooms: float = 18, **rules: str) -> Formulation:
    """Twelve units of 36 to 84 children: half counted in grade 1 or 2, half by stage; U2 and U3 are one estate."""
    random = np.random.default_rng(seed)
    count = len(HOMES)
    cohorts = {Cohort("primary", grade, "local"): random.integers(12, 29, UNITS).tolist() for grade in ("", "1", "2")}
    district = make_district(
        units=make_units(UNITS, estate=("", "E", "E", *[""] * (UNITS - 3))),
        schools=make_schools(HOMES, places=np.full(count, seats), classrooms=np.full(count, rooms)),
        students=cohorts,
        current={f"U{u + 1}": random.choice(list(HOMES)) for u in range(UNITS) if u not in HOMES.values()},
        policy={
            "class_size": {"cap": {"primary": CAP}, "targets": [{"max_size": SMALL, "share": 0.6}]},
            "stability": {"max_share": 0.8},
        },
        rules=ALL_RULES | rules,
    )
    spot = np.stack(np.divmod(np.arange(UNITS), WIDTH), axis=1)
    metres = 1000.0 * np.abs(spot[:, None] - spot[list(HOMES.values())]).sum(axis=2)
    return formulate(district, Travel(metres, np.array(GRID, dtype=np.int64)))


def begin(f: Formulation, seed: int = 1) -> Search:
    search = Search(f, seed)
    search.load(np.full(len(f.blocks), -1))
    return search


def at_hand(search: Search) -> np.ndarray:
    """The school of every block in the plan that the search goes on from, allowed or not."""
    return search.state.school.copy()


def pieces(f: Formulation, plan: np.ndarray) -> Iterator[tuple[int, int]]:
    """How many pieces every catchment has, and how many of them hold the school's own unit."""
    graph = nx.Graph(GRID)
    units = plan[f.blocks.of_unit[:, 0]]
    for school, home in enumerate(HOMES.values()):
        found = list(nx.connected_components(graph.subgraph(np.flatnonzero(units == school).tolist())))
        yield len(found), sum(home in piece for piece in found)


def as_few_classes(f: Formulation, plan: np.ndarray) -> np.ndarray:
    """Classes that the cap requires, by school."""
    return (-(-f.grade_sizes(f.enrolment(plan)) // CAP)).sum(axis=1)


def priced(search: Search) -> list[np.ndarray]:
    """The prices that the search changes between rounds, in place."""
    rules = search.board.rules
    return [rules.limits.price, rules.rooms.price, rules.targets.price, search.board.budgets.price]


def leaves(group: tuple) -> Iterator[np.ndarray]:
    for part in group:
        if isinstance(part, tuple):
            yield from leaves(part)
        elif isinstance(part, np.ndarray):
            yield part


class TestSums:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(0, 2**20), st.integers(1, 5), st.sampled_from(["hard", "soft", "off"]))
    def test_they_equal_a_recount(self, seed, rounds, hardness):
        f = make_formulation(seed, 250, 10, places=hardness, small_classes=hardness, stability=hardness)
        search, again = begin(f, seed), Search(f, seed)
        for _ in range(rounds):
            for price, known in zip(priced(again), priced(search), strict=True):
                price[:] = known
            search.run_round()
        state, plan = search.state, at_hand(search)
        again.load(plan)
        placed = np.flatnonzero(plan >= 0)
        used = f.pair_table[placed, plan[placed]]
        cost = search.board.blocks.cost[used].sum()
        np.testing.assert_allclose(state.sums, [cost, len(plan) - len(placed)], atol=1e-6)
        np.testing.assert_array_equal(state.unit_school, plan[f.blocks.of_unit])
        np.testing.assert_array_equal(state.enrolment, f.enrolment(plan))
        np.testing.assert_allclose(state.spent, [budget.weight[used].sum() for budget in f.budgets], atol=1e-9)
        np.testing.assert_array_equal(state.held[:, 0], [(plan == school).sum() for school in range(len(HOMES))])
        np.testing.assert_allclose(state.verdict, again.state.verdict, atol=1e-9)
        np.testing.assert_allclose(state.total, again.state.verdict.sum(axis=0), rtol=1e-9, atol=1e-6)

    @pytest.mark.parametrize("seed", range(5))
    def test_children_above_a_bound_are_counted_once(self, seed):
        # rooms do not count, so that all that is hard and broken is places
        f = make_formulation(seed, 200, classrooms="off", small_classes="off", stability="off")
        search = begin(f, seed)
        search.run_round()
        children = f.enrolment(at_hand(search)).sum(axis=1)
        above = np.maximum(0, children - 200)
        assert search.state.verdict[:, 1].tolist() == above.tolist()
        assert search.board.rules.limits.left.tolist() == (200 - children).tolist()

    def test_members_of_a_school_are_its_blocks(self):
        search = begin(make_formulation())
        search.run_round()
        state = search.state
        for school in range(len(HOMES)):
            first, count = state.member_start[school, 0], state.member_count[school, 0]
            members = state.members[first : first + count]
            assert sorted(members) == np.flatnonzero(state.school == school).tolist()
            assert state.place[members].tolist() == list(range(count))


class TestCatchments:
    @pytest.mark.parametrize(("seats", "rooms"), [(250, 10), (900, 30)], ids=["tight", "roomy"])
    @pytest.mark.parametrize("seed", range(4))
    def test_they_stay_in_one_piece_after_every_move(self, monkeypatch, seed, seats, rooms):
        monkeypatch.setattr(search_module, "MOVES_A_ROUND", 1)
        f = make_formulation(seed, seats, rooms)
        search = begin(f, seed)
        for _ in range(300):
            before = at_hand(search)
            search.run_round()
            if (at_hand(search) != before).any():
                assert set(pieces(f, at_hand(search))) <= {(0, 0), (1, 1)}
        assert (at_hand(search) >= 0).all()

    def test_without_the_rule_they_may_fall_apart(self):
        f = make_formulation(1, 250, 10, contiguous="off")
        search = begin(f)
        fell_apart = False
        for _ in range(10):
            search.run_round()
            fell_apart |= max(pieces(f, at_hand(search))) > (1, 1)
        assert fell_apart


class TestBest:
    @pytest.mark.parametrize("seed", range(4))
    def test_it_keeps_every_hard_rule_and_its_value_is_that_of_the_levels(self, seed):
        f = make_formulation(seed)
        search = begin(f)
        for _ in range(20):
            search.run_round()
        candidate = complete(f, write_program(f), search.best)
        assert candidate is not None
        weighted = sum(level_weights(f).get(level, 0.0) * value for level, value in candidate.values.items())
        assert search.best_value == pytest.approx(weighted)
        assert set(pieces(f, search.best)) <= {(0, 0), (1, 1)}
        assert (f.enrolment(search.best).sum(axis=1) <= 330).all()
        assert (as_few_classes(f, search.best) <= 18).all()

    def test_there_is_none_where_the_places_are_too_few(self):
        search = begin(make_formulation(seats=100))
        search.run_round()
        assert search.best is None
        assert search.best_value == np.inf

    def test_a_plan_that_is_loaded_counts(self):
        f = make_formulation()
        found = begin(f)
        for _ in range(20):
            found.run_round()
        other = Search(f, 7)
        other.load(found.best)
        assert other.best.tolist() == found.best.tolist()
        assert other.best_value == pytest.approx(found.best_value)

    def test_a_suggestion_is_taken_up_in_the_next_round(self):
        f = make_formulation()
        found, other = begin(f), begin(f, 2)
        for _ in range(20):
            found.run_round()
        other.suggest(found.best)
        other.run_round()
        assert other.best_value <= found.best_value + 1e-9


def test_two_searches_with_one_seed_are_equal():
    f = make_formulation(3)
    paths = []
    for seed in (5, 5, 6):
        search, path = begin(f, seed), []
        for _ in range(8):
            search.run_round()
            path.append((at_hand(search).tolist(), search.best_value))
        paths.append(path)
    assert paths[0] == paths[1]
    assert paths[0] != paths[2]


class TestClasses:
    @pytest.mark.parametrize("seed", range(8))
    def test_extra_ones_never_exceed_the_rooms(self, seed):
        f = make_formulation(seed, 400, 13)
        search = begin(f, seed)
        for _ in range(3):
            search.run_round()
            left, spare = search.board.rules.rooms.left, 13 - as_few_classes(f, at_hand(search))
            assert (left[spare < 0] == spare[spare < 0]).all()
            assert ((left[spare >= 0] >= 0) & (left[spare >= 0] <= spare[spare >= 0])).all()

    @pytest.mark.parametrize(("rooms", "left", "margin"), [(0, -1, -1.0), (1, 0, -1.0), (2, 0, 0.0), (3, 1, 0.0)])
    def test_a_second_one_opens_where_it_makes_two_small(self, rooms, left, margin):
        # 45 children of grade 1: one class of 45 is not small, two of 23 and 22 are, a third brings nothing
        district = make_district(
            units=make_units(1),
            schools=make_schools({"A": 0}, places=np.array([np.nan]), classrooms=np.array([float(rooms)])),
            students={Cohort("primary", "1", "local"): [45]},
            policy={"class_size": {"cap": {"primary": CAP}, "targets": [{"max_size": SMALL, "share": 1.0}]}},
            rules={"class_size": "hard", "classrooms": "hard", "small_classes": "hard"},
        )
        search = Search(formulate(district, Travel(np.zeros((1, 1)), np.zeros((0, 2), dtype=np.int64))), 1)
        search.load(np.array([0]))
        assert search.board.rules.rooms.left.tolist() == [left]
        assert search.state.total[3:].tolist() == [margin]
        assert (search.best is not None) == (margin == 0.0)


class TestPrices:
    def test_a_broken_rule_gets_dearer_and_a_kept_one_cheaper(self):
        search = begin(make_formulation(seats=100, stability="off"))
        limits = search.board.rules.limits.price.copy()
        search.run_round()
        broken = search.board.rules.limits.left < 0
        assert broken.any()
        assert np.allclose(search.board.rules.limits.price, np.where(broken, 1.15, 0.99) * limits)

    def test_they_begin_a_little_above_what_the_relaxation_says(self):
        search = begin(make_formulation())
        before = search.board.rules.limits.price.copy()
        search.learn_prices({"places[B]": 1000.0})
        assert search.board.rules.limits.price.tolist() == [0.3 * before[0], 1200.0, 0.3 * before[2]]


def test_one_compiled_core_fits_every_district():
    """An array of another kind would have it compiled anew."""
    rules = dict.fromkeys(ALL_RULES, "off")
    for f in (make_formulation(), make_formulation(**rules)):
        search = Search(f, 1)
        arrays = [*leaves(search.board), *leaves(search.state)]
        assert {array.dtype.name for array in arrays} == {"bool", "float64", "int64"}
        assert all(array.flags.c_contiguous and array.flags.writeable for array in arrays)


def test_the_compiler_is_imported_only_where_something_is_searched():
    source = "import sys, optimizer.solve; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", source], check=False).returncode == 0

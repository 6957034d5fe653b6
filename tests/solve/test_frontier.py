"""The cheapest catchment, against all sets of units: in one piece with what is joined, within the room, no dearer."""

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.solve.frontier import FOUND, NONE, TOO_MUCH, Choice, find_cheapest

PLENTY = 100_000


def choose(graph: nx.Graph, cost, size, beside, must, room, ceiling=np.inf, floor=None, most=PLENTY):
    near = [sorted(graph[v]) for v in range(len(cost))]
    choice = Choice(
        cost=np.array(cost, dtype=float),
        floor=np.array(cost if floor is None else floor, dtype=float),
        shift=0.0,
        size=np.array(size, dtype=np.int64),
        start=np.cumsum([0, *map(len, near)]).astype(np.int64),
        neighbours=np.array([u for units in near for u in units], dtype=np.int64),
        beside=np.array(beside, dtype=bool),
        must=np.array(must, dtype=bool),
        room=room,
        ceiling=float(ceiling),
    )
    status, value, inside = find_cheapest(choice, np.arange(len(cost)), most)
    return status, value, set(np.flatnonzero(inside).tolist())


def is_catchment(graph: nx.Graph, units, size, beside, must, room) -> bool:
    fits = sum(size[u] for u in units) <= room and all(u in units for u in range(len(size)) if must[u])
    return fits and all(any(beside[u] for u in piece) for piece in nx.connected_components(graph.subgraph(units)))


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 9), st.integers(0, 60), st.sampled_from([np.inf, 0.5, -0.5]), st.integers(0, 2**20))
def test_it_is_the_cheapest_of_all(units, room, above, seed):
    """With a ceiling half a point above the cheapest it is found, half a point below there is none."""
    random = np.random.default_rng(seed)
    graph = nx.gnp_random_graph(units, 0.35, seed=seed)
    cost, size = random.integers(-9, 10, units), random.integers(0, 20, units)
    beside, must = random.random(units) < 0.3, random.random(units) < 0.1
    floor = cost - random.random(units)
    sets = [[u for u in range(units) if mask >> u & 1] for mask in range(1 << units)]
    allowed = [chosen for chosen in sets if is_catchment(graph, chosen, size, beside, must, room)]
    least = min((sum(cost[chosen]) for chosen in allowed), default=np.inf)
    status, value, inside = choose(graph, cost, size, beside, must, room, least + above, floor)
    if not allowed or above < 0:
        assert status == NONE
    else:
        assert (status, value) == (FOUND, least)
        assert sum(cost[sorted(inside)]) == least
        assert is_catchment(graph, inside, size, beside, must, room)


def test_what_is_cheap_may_not_be_worth_its_way():
    """0 - 1 - 2, 0 beside the school: 2 brings 5, and 1 on the way to it costs 3 or 6."""
    graph = nx.path_graph(3)
    assert choose(graph, (-1, 3, -5), (1, 1, 1), (1, 0, 0), (0, 0, 0), 9) == (FOUND, -3.0, {0, 1, 2})
    assert choose(graph, (-1, 6, -5), (1, 1, 1), (1, 0, 0), (0, 0, 0), 9) == (FOUND, -1.0, {0})


def test_a_full_school_leaves_the_dearest_out():
    """Room for 10 of 6 + 5 + 4: 6 with 4 brings 7, 5 with 4 brings 8."""
    graph = nx.complete_graph(3)
    assert choose(graph, (-4, -5, -3), (6, 5, 4), (1, 1, 1), (0, 0, 0), 10) == (FOUND, -8.0, {1, 2})


def test_it_gives_up_where_too_many_would_be_kept():
    graph = nx.cycle_graph(8)
    size = [2**u for u in range(8)]
    assert choose(graph, [-s for s in size], size, [1] * 8, [0] * 8, 170, most=4)[0] == TOO_MUCH

"""Connected pieces, against networkx."""

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from optimizer.recheck.contiguity import label_pieces

SIZE = 8
pairs = st.lists(st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).filter(lambda pair: pair[0] < pair[1]))
members = st.sets(st.integers(0, SIZE - 1))


@given(pairs, members)
def test_pieces_are_the_connected_components_of_the_members(pairs, members):
    inside = np.isin(np.arange(SIZE), list(members))
    labels = label_pieces(np.array(pairs, dtype=np.int64).reshape(-1, 2), inside)
    graph = nx.Graph()
    graph.add_nodes_from(members)
    graph.add_edges_from(pair for pair in pairs if set(pair) <= members)
    expected = {frozenset(piece) for piece in nx.connected_components(graph)}
    found = {
        frozenset(unit for unit in members if labels[unit] == label) for label in {labels[unit] for unit in members}
    }
    assert found == expected

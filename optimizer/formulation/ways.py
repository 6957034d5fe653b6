"""Lightest ways: what a catchment must hold at the least, so that a block of it hangs together with its own unit."""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from models.district import Floats, Ints
from optimizer.formulation.formulation import Contiguity

LEAST = 1e-9
"""Stands for a weight of nothing: a sparse graph knows no edge of length 0."""


def adjoin_blocks(c: Contiguity, of_unit: Ints) -> tuple[Ints, Ints]:
    """Return both ends of every border between two blocks of one stage; `of_unit` is the block of each unit."""
    unit = np.repeat(np.arange(len(of_unit)), np.diff(c.start))
    here, there = of_unit[unit], of_unit[c.neighbours]
    return here[here != there], there[here != there]


def find_lightest_ways(borders: tuple[Ints, Ints], weight: Floats, source: int) -> Floats:
    """Return for every block the least sum of weights of a way of blocks from `source` to it, both ends counted.

    `weight` is at least 0, and inf for a block that no way may enter. The result is inf where no way leads.
    """
    here, there = borders
    entered = np.isfinite(weight[here]) & np.isfinite(weight[there])
    here, there = here[entered], there[entered]
    ways = np.full(len(weight), np.inf)
    if not np.isfinite(weight[source]):
        return ways
    blocks, position = np.unique(np.concatenate([[source], here, there]), return_inverse=True)
    start, ends = position[0], np.split(position[1:], 2)
    last = np.unique(np.stack(ends), axis=1)
    steps = np.maximum(weight[blocks[last[1]]], LEAST)
    graph = csr_matrix((steps, (last[0], last[1])), shape=(len(blocks),) * 2)
    ways[blocks] = weight[source] + dijkstra(graph, indices=start)
    return ways

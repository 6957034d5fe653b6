"""Minimum cuts in one catchment: units that a fractional solution uses more than what leads to them."""

import heapq
from collections.abc import Iterator

import numpy as np
from ortools.graph.python import max_flow

from models.district import Bools, Floats, Ints
from optimizer.formulation.formulation import Contiguity

LEAST_USE = 0.05
"""Units used less than this are not looked at."""
LEAST_LACK = 0.02
"""What leads to a unit must fall short of its use by so much."""
FLOW_OF_USE = 10_000_000
"""Flows are whole numbers. A unit lets one more pass than its use: of equal cuts the one of fewest units is found."""
WIDE = 1 << 40


def find_thin_units(c: Contiguity, used: Floats, is_open: Bools, home: int) -> Iterator[tuple[int, Ints]]:
    """Yield units whose use exceeds all that leads to them from `home`, each with the units of a minimum cut.

    `used` is the use of every unit by one school, 0 where it is not open to the school. Both the cut nearest to `home`
    and the one nearest to the unit are given.
    """
    suspects = _suspects(c, used, home)
    if not len(suspects):
        return
    units = np.flatnonzero(is_open)
    at = np.full(len(used), -1)
    at[units] = np.arange(len(units))
    flow = _network(c, used, units, at)
    for unit in suspects.tolist():
        flow.solve(int(2 * at[home] + 1), int(2 * at[unit]))
        if flow.optimal_flow() >= (used[unit] - LEAST_LACK) * FLOW_OF_USE:
            continue
        near, far = _sides(flow, len(units))
        first, last = units[near[0::2] & ~near[1::2]], units[~far[0::2] & far[1::2]]
        yield unit, first
        if not np.array_equal(first, last):
            yield unit, last


def _suspects(c: Contiguity, used: Floats, home: int) -> Ints:
    """Units not joined to `home` by any one way of units used as much, the most used first."""
    joined = _widest_ways(c, used, home)
    lacking = (used > LEAST_USE) & (joined < used - LEAST_LACK)
    lacking[[home, *c.around(home)]] = False
    suspects = np.flatnonzero(lacking)
    return suspects[np.argsort(-used[suspects], kind="stable")]


def _widest_ways(c: Contiguity, used: Floats, home: int) -> Floats:
    """Return for every unit the least use along the way from `home` on which that is greatest."""
    width = np.zeros(len(used))
    width[home] = np.inf
    heap = [(-np.inf, home)]
    while heap:
        negative, unit = heapq.heappop(heap)
        if -negative < width[unit]:
            continue
        for near in c.around(unit).tolist():
            through = min(-negative, float(used[near]))
            if through > width[near]:
                width[near] = through
                heapq.heappush(heap, (-through, near))
    return width


def _network(c: Contiguity, used: Floats, units: Ints, at: Ints) -> max_flow.SimpleMaxFlow:
    """Directed graph with every open unit split in two: in 2k, out 2k + 1, its use as capacity between them."""
    unit = np.repeat(np.arange(len(used)), np.diff(c.start))
    inside = (at[unit] >= 0) & (at[c.neighbours] >= 0)
    k = np.arange(len(units))
    flow = max_flow.SimpleMaxFlow()
    flow.add_arcs_with_capacity(2 * k, 2 * k + 1, np.round(used[units] * FLOW_OF_USE).astype(np.int64) + 1)
    here, there = 2 * at[unit[inside]] + 1, 2 * at[c.neighbours[inside]]
    flow.add_arcs_with_capacity(here, there, np.full(len(here), WIDE))
    return flow


def _sides(flow: max_flow.SimpleMaxFlow, units: int) -> tuple[Bools, Bools]:
    """Nodes that the source still reaches, and nodes that still reach the sink, once the flow is greatest."""
    near, far = np.zeros(2 * units, dtype=bool), np.zeros(2 * units, dtype=bool)
    near[flow.get_source_side_min_cut()] = True
    far[flow.get_sink_side_min_cut()] = True
    return near, far

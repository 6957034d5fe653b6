"""Contiguity near a plan: assign[i,j] ≤ Σ assign[p,j] over the neighbours p of i that come before it on the way from j.

Who comes before whom is read from the plan at hand, by steps from j's own unit. Every catchment that keeps these rows
is in one piece, so that nothing is left to separate; some catchments in one piece are left out.
"""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from models.district import Bools, Floats, Ints
from optimizer.formulation.formulation import Contiguity, Formulation
from optimizer.formulation.program import Row


def parent_rows(f: Formulation, plan: Ints, offered: Bools) -> list[Row]:
    """Return the rows for the `offered` pairs, shape (pairs,); `plan` (school of every block) keeps them all.

    A catchment begins at the unit the school stands in, or where the plan does not give it that, at the nearest that
    it has. A school without a catchment in the plan may begin anywhere: it gets no rows and is left to `separate`.
    """
    c = f.contiguity
    if c is None or not c.hard:
        return []
    table = np.where(offered[f.pair_table] & (f.pair_table >= 0), f.pair_table, -1)
    return [
        row
        for school in range(len(f.school_ids))
        for stage in range(len(f.stages))
        for row in _rows_of(f, c, plan, table, school, stage)
    ]


def _rows_of(f: Formulation, c: Contiguity, plan: Ints, table: Ints, school: int, stage: int) -> list[Row]:
    block, name = f.blocks.of_unit[:, stage], f"contiguous[{f.school_ids[school]},{f.stages[stage]}]"
    pair = np.where(c.judged[:, stage], table[block, school], -1)
    metres = np.where(pair >= 0, f.metres[pair], np.inf)
    inside = (pair >= 0) & (plan[block] == school)
    if not inside.any() or c.stands[school, stage]:
        return []
    own = int(c.stands_in[school, stage])
    first = own if own >= 0 and inside[own] else int(np.argmin(np.where(inside, metres, np.inf)))
    steps = _steps_from(c, first, inside)
    before = np.empty(len(pair), dtype=np.int64)
    before[np.lexsort((metres, steps))] = np.arange(len(pair))
    unit = np.repeat(np.arange(len(pair)), np.diff(c.start))
    parent = (pair[unit] >= 0) & (pair[c.neighbours] >= 0) & (before[c.neighbours] < before[unit])
    rows = []
    for i in np.flatnonzero((pair >= 0) & np.isfinite(steps)).tolist():
        span = slice(c.start[i], c.start[i + 1])
        parents = np.unique(pair[c.neighbours[span][parent[span]]]).tolist()
        if i != first and pair[i] not in parents:
            rows.append(Row(name, (int(pair[i]), *parents), (1.0, *[-1.0] * len(parents)), -np.inf, 0.0))
    return rows


def _steps_from(c: Contiguity, first: int, inside: Bools) -> Floats:
    """Steps from the first unit to every unit: within the catchment without leaving it, to others by any way."""
    unit = np.repeat(np.arange(len(inside)), np.diff(c.start))
    forth = inside[unit] | ~inside[c.neighbours]
    graph = csr_matrix((np.ones(forth.sum()), (unit[forth], c.neighbours[forth])), shape=(len(inside),) * 2)
    return np.asarray(dijkstra(graph, indices=first, unweighted=True))

"""A first plan: round a relaxation to whole blocks, then grow catchments until each is one piece."""

import heapq

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from models.district import Bools, Floats, Ints
from optimizer.formulation.formulation import Contiguity, Formulation


def round_to_blocks(f: Formulation, used: Floats) -> Ints:
    """Return the school each block uses most (the first among equals), -1 for a block without pairs."""
    school = np.full(len(f.blocks), -1, dtype=np.int64)
    order = np.lexsort((f.pairs.school, -used, f.pairs.block))
    block, first = np.unique(f.pairs.block[order], return_index=True)
    school[block] = f.pairs.school[order][first]
    return school


def grow_catchments(f: Formulation, plan: Ints, dearness: Floats) -> Ints:
    """Return `plan` with every catchment in one piece: pieces apart from the own unit are given to neighbours.

    Blocks are taken up in the order of `dearness` (one a pair), cheapest first, each by a school whose catchment it
    touches. A block no catchment can reach stays at -1.
    """
    c = f.contiguity
    if c is None:
        return plan
    plan = plan.copy()
    table = f.pair_table
    judged = c.judges(f.blocks)
    _seat_homes(f, c, plan, table)
    plan[judged & ~_held_in_place(f, c, plan)] = -1
    _grow(f, c, plan, table, dearness)
    return plan


def _seat_homes(f: Formulation, c: Contiguity, plan: Ints, table: Ints) -> None:
    """Give every own unit to its school, or to the first of several that may have it."""
    seated: set[int] = set()
    for school, stage in np.argwhere(c.home >= 0):
        block = int(f.blocks.of_unit[c.home[school, stage], stage])
        if block not in seated and table[block, school] >= 0:
            plan[block] = school
            seated.add(block)


def _held_in_place(f: Formulation, c: Contiguity, plan: Ints) -> Bools:
    """Blocks all of whose units hang together with the own unit of their school, or with its largest piece."""
    kept = np.ones(len(f.blocks), dtype=bool)
    for stage in range(len(f.stages)):
        block = f.blocks.of_unit[:, stage]
        school = np.where(c.judged[:, stage], plan[block], -1)
        piece = number_pieces(c, school)
        for j in np.unique(school[school >= 0]).tolist():
            units = np.flatnonzero(school == j)
            home = c.home[j, stage]
            rooted = home >= 0 and not c.shared_home[j, stage] and school[home] == j
            root = piece[home] if rooted else np.bincount(piece[units]).argmax()
            kept[block[units[piece[units] != root]]] = False
    return kept


def number_pieces(c: Contiguity, school: Ints) -> Ints:
    """Return for every unit the number of its connected piece of one school; without a school (-1) it is alone."""
    unit = np.repeat(np.arange(len(school)), np.diff(c.start))
    same = (school[unit] == school[c.neighbours]) & (school[unit] >= 0)
    graph = csr_matrix((np.ones(same.sum()), (unit[same], c.neighbours[same])), shape=(len(school),) * 2)
    return np.asarray(connected_components(graph, directed=False)[1])


def _grow(f: Formulation, c: Contiguity, plan: Ints, table: Ints, dearness: Floats) -> None:
    heap: list[tuple[float, int, int]] = []

    def offer(block: int) -> None:
        """Let the free neighbours of a block queue for its school."""
        school, stage = int(plan[block]), int(f.blocks.stage[block])
        for unit in f.blocks.members(block):
            for near in c.around(int(unit)):
                free = int(f.blocks.of_unit[near, stage])
                if plan[free] < 0 and table[free, school] >= 0:
                    heapq.heappush(heap, (float(dearness[table[free, school]]), free, school))

    for seated in np.flatnonzero(plan >= 0).tolist():
        offer(seated)
    while heap:
        _, block, school = heapq.heappop(heap)
        if plan[block] < 0:
            plan[block] = school
            offer(block)

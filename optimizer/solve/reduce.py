"""Pairs that the reduced costs prove no better plan uses, by themselves or with what must join them to their school."""

import numpy as np

from models.district import Bools, Floats
from optimizer.formulation.formulation import Contiguity, Formulation
from optimizer.formulation.program import Program
from optimizer.formulation.ways import adjoin_blocks, find_lightest_ways
from optimizer.solve.backends import Relaxation

TOLERANCE = 1e-6


def take_out_dear_pairs(f: Formulation, program: Program, relaxation: Relaxation, slack: float) -> Program:
    """Return the program without the pairs that cost more than `slack` above the relaxation; fix what all others use.

    Every plan costs at least the relaxation and the reduced costs of all pairs that it uses. A catchment in one piece
    that holds block i uses the pairs of some way from the own unit to it: their reduced costs add up.
    """
    reduced = relaxation.reduced[: program.pairs]
    lower, upper = program.lower.copy(), program.upper.copy()
    fixed = lower[: program.pairs] > 0
    extra = np.where(fixed, 0.0, _extra_costs(f, reduced))
    dear = extra > slack + TOLERANCE
    c = f.contiguity
    if c is not None and c.hard:
        open_pairs = (upper[: program.pairs] > 0) & ~dear
        dear |= open_pairs & (_with_ways(f, c, extra, open_pairs) > slack + TOLERANCE)
    upper[: program.pairs][dear & ~fixed] = 0.0
    lower[: program.pairs][(reduced < -slack - TOLERANCE) & (upper[: program.pairs] > 0)] = 1.0
    return program.with_bounds(lower, upper)


def drop_idle_rows(program: Program, relaxation: Relaxation) -> Program:
    """Return the program without the found rows that a relaxation does not lean on: they make every node dearer."""
    held = np.ones(len(program.row_names), dtype=bool)
    held[: len(relaxation.duals)] = np.abs(relaxation.duals) > 1e-9
    found = np.array([name.startswith(("contiguous[", "cover[", "hull[")) for name in program.row_names])
    return program.with_only_rows(np.flatnonzero(held | ~found))


def _extra_costs(f: Formulation, reduced: Floats) -> Floats:
    """What a plan that uses a pair costs at least above the relaxation.

    A negative reduced cost is what it costs not to use that pair; a block that stays whole then uses another one.
    """
    gained = np.zeros(len(f.blocks))
    if not f.divisible:
        np.minimum.at(gained, f.pairs.block, reduced)
    return np.maximum(reduced - gained[f.pairs.block], 0.0)


def _with_ways(f: Formulation, c: Contiguity, extra: Floats, open_pairs: Bools) -> Floats:
    """Return for every pair the least sum of `extra` over a way that joins it to the own unit; inf where none does.

    Pairs of schools without an own unit of theirs alone, and of units that are not judged, need no way.
    """
    total = extra.copy()
    for stage in range(len(f.stages)):
        borders = adjoin_blocks(c, f.blocks.of_unit[:, stage])
        judged = c.judges(f.blocks) & (f.blocks.stage == stage)
        for school in np.flatnonzero(c.rooted[:, stage]):
            pairs = np.flatnonzero(open_pairs & (f.pairs.school == school) & judged[f.pairs.block])
            weight = np.full(len(f.blocks), np.inf)
            weight[f.pairs.block[pairs]] = extra[pairs]
            ways = find_lightest_ways(borders, weight, int(f.blocks.of_unit[c.home[school, stage], stage]))
            total[pairs] = ways[f.pairs.block[pairs]]
    return total

"""Cover rows: blocks that a school cannot hold all at once, beside those that it holds anyhow."""

import numpy as np

from models.district import Bools, Floats, Ints
from optimizer.formulation.formulation import Formulation, Limit
from optimizer.formulation.program import Program, Row

LEAST_LACK = 1e-4
"""By how much a solution must break a row."""


def separate_covers(f: Formulation, program: Program, used: Floats) -> list[Row]:
    """Σ_{i in C} assign[i,j] ≤ |C| - 1 for blocks C that together are more than j can hold, where `used` breaks it.

    Where contiguity is hard, whoever goes to a school goes there with its own unit: that unit's children are inside
    before any other. A block as large as the h largest of C counts h times (Balas 1975).
    """
    if f.divisible or (f.pool is not None and f.pool.overflow != "hard"):
        return []
    found = (_cover(f, program, used, limit) for limit in f.limits if limit.hard)
    return [row for row in found if row]


def _cover(f: Formulation, program: Program, used: Floats, limit: Limit) -> Row | None:
    weight = f.blocks.students[:, limit.columns].sum(axis=1)
    inside = _inside(f, limit)
    pairs = np.flatnonzero(
        (f.pairs.school == limit.school) & (weight[f.pairs.block] > 0) & ~np.isin(f.pairs.block, inside)
    )
    weights, left = weight[f.pairs.block[pairs]], limit.bound - int(weight[inside].sum())
    candidates = np.flatnonzero(used[pairs] > 1e-6)
    chosen = _find_cover(weights[candidates], used[pairs[candidates]], left)
    if chosen is None:
        return None
    cover = candidates[chosen]
    counts = np.searchsorted(np.cumsum(np.sort(weights[cover])[::-1]), weights, side="right")
    counts[cover] = 1
    counts[program.upper[pairs] == 0.0] = 0
    counted = np.flatnonzero(counts)
    name = f"cover[{f.school_ids[limit.school]}]"
    columns, values = tuple(pairs[counted].tolist()), tuple(counts[counted].astype(float).tolist())
    return Row(name, columns, values, -np.inf, float(len(cover) - 1))


def _inside(f: Formulation, limit: Limit) -> Ints:
    """The own unit's block, where every other block that the limit counts can only come with it."""
    c, stages = (
        f.contiguity,
        {column.stage for column, counted in zip(f.columns, limit.columns, strict=True) if counted},
    )
    none = np.zeros(0, dtype=np.int64)
    if c is None or not c.hard or len(stages) != 1:
        return none
    stage = f.stages.index(stages.pop())
    home = int(c.home[limit.school, stage])
    if not c.rooted[limit.school, stage] or not c.judged[:, stage].all():
        return none
    return f.blocks.of_unit[[home], stage]


def _find_cover(weights: Ints, used: Floats, left: int) -> Bools | None:
    """Blocks that together weigh more than `left`, none too many, of least Σ (1 - used); None where that is 1 or more.

    `least[t]` is what it takes to reach a weight of t, block by block.
    """
    if left < 0 or not len(weights):
        return None
    least = np.full(left + 2, np.inf)
    least[0] = 0.0
    taken = np.zeros((len(weights), left + 2), dtype=bool)
    before = np.arange(left + 2)
    for k, (weight, use) in enumerate(zip(weights.tolist(), used.tolist(), strict=True)):
        through = least[np.maximum(before - weight, 0)] + (1.0 - use)
        taken[k] = through < least
        least = np.minimum(least, through)
    if least[-1] >= 1.0 - LEAST_LACK:
        return None
    chosen, at = np.zeros(len(weights), dtype=bool), left + 1
    for k in reversed(range(len(weights))):
        if taken[k, at]:
            chosen[k], at = True, max(at - int(weights[k]), 0)
    for k in np.argsort(used, kind="stable"):
        if chosen[k] and weights[chosen].sum() - weights[k] > left:
            chosen[k] = False
    return chosen

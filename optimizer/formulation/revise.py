"""A formulation for the revision of a draft: edits are held, little is open, and whoever leaves it is counted."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from models.district import Bools, Floats, Ints
from models.revision import Revision
from models.settings import LevelName
from optimizer.formulation.contiguity import find_components
from optimizer.formulation.draft import expand
from optimizer.formulation.formulation import Formulation, Pairs

BEFORE: tuple[LevelName, ...] = ("stability", "travel")
"""Unless `objective.order` names it, the level `revisions` comes before the first of these: what was shown at the
hearing is what families count on, and today's catchments were weighed when the draft was made."""

MOST_NEAR = 0.9
"""Share of the units and stages up to which a neighbourhood is worth half of the effort."""


def openings(f: Formulation, revision: Revision | None) -> Iterator[tuple[Formulation, Revision | None]]:
    """Yield what to solve, one after the other until there is a plan: the neighbourhood of the edits, then the whole.

    A neighbourhood of nearly all units is none. Where nothing was edited, and without a draft, everything is
    open and the formulation is as it was.
    """
    if revision is None or not revision.touched.any():
        yield f, revision
        return
    if revision.opened.mean() <= MOST_NEAR:
        near = revise(f, revision, revision.opened)
        if len(np.unique(near.pairs.block)) == len(near.blocks):
            yield near, replace(revision, scope="near")
    yield revise(f, revision, np.ones_like(revision.opened)), replace(revision, scope="all")


def revise(f: Formulation, revision: Revision, opened: Bools) -> Formulation:
    """assign[i,j] = 0 where j is not the draft's school of a unit i that is edited, or not `opened`.

    In the level `revisions` whoever belongs to another school than in the draft counts: the children of a block, or 1
    where it has none. Units that several schools go on sharing follow no edit: they lose every school.
    """
    strange = revision.known[:, None, :] & ~revision.held
    closed = revision.known & _with_blocks(f, revision.edited | ~opened)
    barred = strange & (closed[:, None, :] | _out_of_touch(f, revision, closed))
    if f.pool is not None:
        barred |= (revision.edited & f.pool.shared)[:, None, :]
    kept = ~_any_unit(f, barred)
    moved = np.maximum(f.blocks.size[f.pairs.block], 1.0) * _any_unit(f, strange)
    price = {**f.pairs.price, "revisions": moved}
    pairs = Pairs(
        block=f.pairs.block[kept],
        school=f.pairs.school[kept],
        price={level: of_pair[kept] for level, of_pair in price.items()},
        counted={**f.pairs.counted, "revisions": np.ones(len(f.columns), dtype=bool)},
    )
    return replace(
        f,
        pairs=pairs,
        budgets=tuple(replace(budget, weight=budget.weight[kept]) for budget in f.budgets),
        order=_with_revisions(f.order),
        metres=f.metres[kept],
    )


def _with_blocks(f: Formulation, units: Bools) -> Bools:
    """Units of every block with one of some units, shape (units, stages)."""
    hit = np.zeros(len(f.blocks), dtype=bool)
    hit[f.blocks.of_unit[units]] = True
    return np.asarray(hit[f.blocks.of_unit], dtype=np.bool_)


def _out_of_touch(f: Formulation, revision: Revision, closed: Bools) -> Bools:
    """Schools that no catchment in one piece leads to from a unit, shape (units, schools, stages).

    Units that are not closed lie in pieces; a catchment that has a unit outside of a piece comes into it only over the
    units that border on it. Nothing where pieces do not matter: this only spares the solvers what contiguity forbids.
    """
    c, out = f.contiguity, np.zeros_like(revision.held)
    if c is None or not c.hard:
        return out
    unit = np.repeat(np.arange(len(closed)), np.diff(c.start))
    for s in range(closed.shape[1]):
        inside = ~closed[unit, s] & ~closed[c.neighbours, s]
        pairs = np.stack([unit[inside], c.neighbours[inside]], axis=1)
        piece = find_components(pairs, len(closed))
        standing = revision.held[:, :, s] & closed[:, s, None]
        entered = np.zeros((int(piece.max()) + 1, standing.shape[1]), dtype=bool)
        entering = ~closed[unit, s] & closed[c.neighbours, s]
        np.logical_or.at(entered, piece[unit[entering]], standing[c.neighbours[entering]])
        free = ~closed[:, s] & c.judged[:, s]
        out[free, :, s] = (standing.any(axis=0) & ~entered)[piece[free]]
    return out


def _with_revisions(order: tuple[LevelName, ...]) -> tuple[LevelName, ...]:
    if "revisions" in order:
        return order
    at = min([order.index(level) for level in BEFORE if level in order], default=len(order))
    return (*order[:at], "revisions", *order[at:])


def _any_unit(f: Formulation, marked: Bools) -> Bools:
    """Pairs with a unit that is `marked` at its school, shape (pairs,)."""
    return np.asarray(count_units(f, marked) > 0)


def count_units(f: Formulation, marked: Bools, weight: Ints | None = None) -> Floats:
    """Return how many units of each pair are `marked` at its school, shape (pairs,); each counts as its `weight` says.

    `marked` has shape (units, schools, stages), `weight` (units, stages).
    """
    lengths = np.diff(f.blocks.start)[f.pairs.block]
    pair = np.repeat(np.arange(len(f.pairs)), lengths)
    unit = f.blocks.units[expand(f.blocks.start[f.pairs.block], lengths)]
    stage = f.blocks.stage[f.pairs.block][pair]
    hits = marked[unit, f.pairs.school[pair], stage] * (1 if weight is None else weight[unit, stage])
    return np.asarray(np.bincount(pair, weights=hits, minlength=len(f.pairs)), dtype=np.float64)

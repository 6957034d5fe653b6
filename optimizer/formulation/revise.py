"""A formulation for the revision of a draft: edits are held, little is open, and whoever leaves it is counted."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from models.district import Bools
from models.revision import Revision
from models.settings import LevelName
from optimizer.formulation.draft import expand
from optimizer.formulation.formulation import Formulation, Pairs

BEFORE: tuple[LevelName, ...] = ("stability", "travel")
"""Unless `objective.order` names it, the level `revisions` comes before the first of these: what was shown at the
hearing is what families count on, and today's catchments were weighed when the draft was made."""


def openings(f: Formulation, revision: Revision | None) -> Iterator[tuple[Formulation, Revision | None]]:
    """Yield what to solve, one after the other until there is a plan: the neighbourhood of the edits, then the whole.

    Where nothing was edited, and without a draft, everything is open and the formulation is as it was.
    """
    if revision is None or not revision.touched.any():
        yield f, revision
        return
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
    barred = strange & (revision.edited | ~opened)[:, None, :]
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


def _with_revisions(order: tuple[LevelName, ...]) -> tuple[LevelName, ...]:
    if "revisions" in order:
        return order
    at = min([order.index(level) for level in BEFORE if level in order], default=len(order))
    return (*order[:at], "revisions", *order[at:])


def _any_unit(f: Formulation, marked: Bools) -> Bools:
    """Pairs with a unit that is `marked` at its school, shape (pairs,)."""
    lengths = np.diff(f.blocks.start)[f.pairs.block]
    pair = np.repeat(np.arange(len(f.pairs)), lengths)
    unit = f.blocks.units[expand(f.blocks.start[f.pairs.block], lengths)]
    hits = marked[unit, f.pairs.school[pair], f.blocks.stage[f.pairs.block][pair]]
    return np.bincount(pair, weights=hits, minlength=len(f.pairs)) > 0

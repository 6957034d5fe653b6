"""`stability`: zoned children who must change school, whatever is drawn, against the share who may."""

from collections.abc import Iterator

import numpy as np

from models.diagnosis import Count
from models.district import Bools, Floats, Ints
from optimizer.diagnose.count.capacity import Capacity
from optimizer.diagnose.count.ground import Ground
from optimizer.diagnose.count.tight import find_tight
from optimizer.formulation.catchments import today
from optimizer.formulation.formulation import Budget


def count_change(ground: Ground, capacity: Capacity) -> Iterator[Count]:
    """Yield the zoned children who cannot stay at their school of today where they are more than `max_share` allows.

    Their school takes them no more, or it cannot hold all who belong to it; who then leaves is not said.
    """
    f, share = ground.f, ground.district.settings.policy.stability.max_share
    for budget in f.budgets:
        if (
            budget.rule != "stability"
            or not budget.hard
            or len(np.unique(f.pairs.block)) < len(f.blocks)
            or share is None
        ):
            continue
        stays = _may_stay(ground, budget)
        least = np.full(len(f.blocks), np.inf)
        np.minimum.at(least, f.pairs.block, budget.weight)
        least[np.any(stays, axis=1)] = 0.0
        crowded, rules = _crowded(ground, capacity, budget, stays)
        closed, most = int(least.sum()), int(np.floor(budget.bound + 1e-9))
        moving = closed + crowded
        if moving > most:
            blocks = np.flatnonzero(least > 0)
            rows = sorted({int(unit) for block in blocks for unit in f.blocks.members(int(block))})
            units = tuple(f.unit_ids[unit] for unit in rows)
            key = "stability" if closed and crowded else "stability_closed" if closed else "stability_crowded"
            facts: dict[str, object] = {
                "students": moving,
                "most": most,
                "short": moving - most,
                "closed": closed,
                "crowded": crowded,
                "share": share,
                "count": len(units),
                "units": list(units),
            }
            named = ("stability", *_barring_today(ground, blocks), *rules)
            yield Count(key, facts, tuple(dict.fromkeys(named)), float(moving - most), units)


def _may_stay(ground: Ground, budget: Budget) -> Bools:
    """Schools at which nobody of a block changes school, if no rule by itself bars it, shape (blocks, schools)."""
    f, free = ground.f, budget.weight == 0
    stays = ground.open_to & (f.pair_table < 0) & _held(ground)
    stays[f.pairs.block[free], f.pairs.school[free]] = True
    return np.asarray(stays)


def _crowded(ground: Ground, capacity: Capacity, budget: Budget, stays: Bools) -> tuple[int, tuple[str, ...]]:
    """Zoned children of schools that hold no more than a part of those who could stay, and the limits that say so.

    Where children may sit outside their catchment they go on belonging to it: nobody leaves for want of places.
    """
    f = ground.f
    if not ground.sits_where_drawn:
        return 0, ()
    children = np.where(stays.any(axis=1), f.blocks.size, 0)
    zoned = _least_moved(ground, budget)
    missing, rules = 0, dict[str, None]()
    most = tuple(of_stage.number for of_stage in capacity.of_stage)
    for s, of_stage in enumerate(capacity.of_stage):
        for tight in find_tight(children * (f.blocks.stage == s), f.blocks.stage, stays, most):
            others = np.maximum(children[tight.groups] - zoned[tight.groups], 0).sum()
            leaving = tight.short - int(others)
            if leaving > 0:
                missing += leaving
                rules |= dict.fromkeys((*ground.at_home, *of_stage.at(tight.schools)))
    return missing, tuple(rules)


def _least_moved(ground: Ground, budget: Budget) -> Floats:
    """Zoned children of every block who change school where it changes; as many as it has where it cannot."""
    least = np.full(len(ground.f.blocks), np.inf)
    moving = budget.weight > 0
    np.minimum.at(least, ground.f.pairs.block[moving], budget.weight[moving])
    return np.asarray(np.minimum(least, ground.f.blocks.size))


def _barring_today(ground: Ground, blocks: Ints) -> tuple[str, ...]:
    """Rules that bar blocks from their school of today."""
    first, held, rules = ground.barring.first, _held(ground), ground.barring.rules
    found = {int(k) for block in blocks for k in first[block, held[block]] if 0 <= k < len(rules)}
    return tuple(rule for k in sorted(found) for rule in ground.meant(rules[k]))


def _held(ground: Ground) -> Bools:
    """Schools of today of any unit of a block, shape (blocks, schools)."""
    f, current = ground.f, ground.district.current
    held = np.zeros((len(f.blocks), len(f.school_ids)), dtype=bool)
    for s, stage in enumerate(f.stages if current is not None else ()):
        assert current is not None
        unit, school = np.nonzero(today(ground.district, current, stage))
        held[f.blocks.of_unit[unit, s], school] = True
    return held

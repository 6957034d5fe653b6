"""`max_travel` and `region`: who is too far, and what borders nobody crosses."""

import numpy as np

from optimizer.formulation.formulation import Draft


def add_max_travel(draft: Draft) -> None:
    """assign[b,j] = 0 where a child of block b would go farther than max_m[stage].

    Hard, or soft: the children of the block are counted in `shortage`. No ceiling, no rule.
    """
    settings = draft.district.settings
    ceilings = settings.policy.travel.max_m
    ceiling = np.array([ceilings.get(stage, np.inf) for stage in draft.stages])[draft.blocks.stage[draft.block]]
    has_children = draft.blocks.size[draft.block] > 0
    draft.forbid(has_children & (draft.farthest_m > ceiling), settings.rules.max_travel)


def add_region(draft: Draft) -> None:
    """assign[b,j] = 0 where a unit of block b and school j lie in different regions, both being named.

    Hard, or soft: the children of the block are counted in `shortage`.
    """
    units, schools = np.array(draft.district.units.region), np.array(draft.district.schools.region)
    apart = (units[:, None] != schools[None, :]) & (units[:, None] != "") & (schools[None, :] != "")
    draft.forbid(draft.unit_pairs(apart), draft.district.settings.rules.region)

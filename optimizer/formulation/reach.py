"""`max_travel` and `region`: who is too far, and what borders nobody crosses."""

from collections.abc import Sequence

import numpy as np

from models.district import Bools, District, Travel
from models.stages import Stage
from optimizer.formulation.catchments import today
from optimizer.formulation.draft import Draft


def add_max_travel(draft: Draft) -> None:
    """assign[b,j] = 0 where a child of block b would go farther than max_m[stage].

    Hard, or soft: the children who would are counted in `shortage`. No ceiling, no rule. The way to a school of
    today's catchment may stay.
    """
    too_far = beyond_ceiling(draft.district, draft.travel, draft.stages) & ~_inherited(draft)
    draft.forbid(too_far & _inhabited(draft)[:, None, :], draft.district.settings.rules.max_travel)


def add_region(draft: Draft) -> None:
    """assign[b,j] = 0 where a unit of block b and school j lie in different regions, both being named.

    Today's catchments are no exception. A unit without children whose region has no school of the stage may go
    anywhere. Hard, or soft: the children who cross are counted in `shortage`.
    """
    apart = across_regions(draft.district)
    serving = np.stack([draft.district.schools.serves(stage) for stage in draft.stages], axis=1)
    served = (~apart[:, :, None] & serving[None, :, :]).any(axis=1)
    broken = apart[:, :, None] & (served | _inhabited(draft))[:, None, :]
    draft.forbid(broken, draft.district.settings.rules.region)


def beyond_ceiling(district: District, travel: Travel, stages: Sequence[Stage]) -> Bools:
    """Return which schools lie farther from a unit than max_m of the stage, shape (units, schools, stages)."""
    ceiling = np.array([district.settings.policy.travel.max_m.get(stage, np.inf) for stage in stages])
    return np.asarray(travel.metres[:, :, None] > ceiling)


def across_regions(district: District) -> Bools:
    """Return which units and schools lie in different regions, both being named, shape (units, schools)."""
    units, schools = np.array(district.units.region), np.array(district.schools.region)
    return np.asarray((units[:, None] != schools[None, :]) & (units[:, None] != "") & (schools[None, :] != ""))


def within_reach(district: District, travel: Travel, stages: Sequence[Stage]) -> Bools:
    """Return the schools that a unit's children may be sent to, shape (units, schools, stages).

    They are reached, below a hard ceiling, and in no other region where that is hard.
    """
    rules = district.settings.rules
    near = np.isfinite(travel.metres)[:, :, None].repeat(len(stages), axis=2)
    if rules.max_travel == "hard":
        near &= ~beyond_ceiling(district, travel, stages)
    return np.asarray(near & ~beyond_borders(district)[:, :, None])


def beyond_borders(district: District) -> Bools:
    """Return the schools in another region than a unit where that is hard, shape (units, schools)."""
    across = across_regions(district)
    return across if district.settings.rules.region == "hard" else np.zeros_like(across)


def _inherited(draft: Draft) -> Bools:
    """Today's schools of every unit, shape (units, schools, stages): what stands is no breach of an admission year.

    None where the rules are strict, nor where everything is redrawn.
    """
    district, settings = draft.district, draft.district.settings
    held = np.zeros((len(district.units), len(district.schools), len(draft.stages)), dtype=bool)
    if draft.entry and district.current is not None and not settings.rules.strict:
        for s, stage in enumerate(draft.stages if settings.catchments.change != "free" else ()):
            held[:, :, s] = today(district, district.current, stage)
    return held


def _inhabited(draft: Draft) -> Bools:
    """Units with children, shape (units, stages)."""
    return np.stack([draft.district.demand.of_stage(stage) > 0 for stage in draft.stages], axis=1)

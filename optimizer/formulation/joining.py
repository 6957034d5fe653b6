"""Units of no school today beside catchments that stand: where they may join one, and whose own unit they are."""

import numpy as np

from models.district import Bools, Ints
from optimizer.formulation.draft import Draft


def find_new_homes(draft: Draft, listed: Bools, s: int) -> Ints:
    """Return the own unit of every school whose catchment stands, where no school has it today, shape (schools,).

    -1 where there is none. `listed`, shape (units, schools), are today's catchments, also of schools that receive
    nobody any more.
    """
    schools = draft.district.schools
    asked = draft.standing.schools[:, s] & schools.anchor & (schools.unit >= 0)
    asked &= ~listed[schools.unit].any(axis=1)
    return np.where(asked, schools.unit, -1).astype(np.int64)


def find_strangers(draft: Draft, listed: Bools, s: int) -> Bools:
    """Return the schools that a new home may not belong to, shape (units, schools): those that do not stand in it."""
    strangers, settings = np.zeros_like(listed), draft.district.settings
    if settings.catchments.contiguous and settings.rules.contiguous == "hard" and draft.travel.neighbours is not None:
        homes = find_new_homes(draft, listed, s)
        own = np.unique(homes[homes >= 0])
        strangers[own] = draft.district.schools.unit != own[:, None]
    return strangers


def find_gates(draft: Draft, component: Ints, held: Bools, s: int) -> Bools:
    """Return the units of no school today by which others may join a standing catchment, shape (units, schools).

    They border on it; in a part of the district where it has no unit, the one in which the school stands.
    """
    neighbours, schools = draft.travel.neighbours, draft.district.schools
    assert neighbours is not None
    gates = np.zeros_like(held)
    for one, other in (neighbours.T, neighbours.T[::-1]):
        np.logical_or.at(gates, one, held[other])
    for school in np.flatnonzero(draft.standing.schools[:, s] & (schools.unit >= 0)):
        seat = schools.unit[school]
        gates[seat, school] |= not held[component == component[seat], school].any()
    new: Bools = ~np.any(held, axis=1)
    return np.asarray(gates & new[:, None] & draft.standing.schools[:, s])

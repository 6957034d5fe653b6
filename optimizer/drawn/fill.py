"""Units that a drawn plan leaves out: they join the nearest of the catchments beside them."""

import numpy as np

from models.district import Bools, District, Ints, Travel

_FAR_M = 1e9


def fill(district: District, travel: Travel, held: Bools) -> Bools:
    """Return catchments in which every unit has a school, shape (units, schools, stages).

    A unit without one joins the nearest school that has a unit beside it, those at the edge first; where nobody borders
    on it, or nobody knows who borders on whom, the nearest school that receives.
    """
    full = held.copy()
    metres = np.minimum(travel.metres, _FAR_M)
    for s, stage in enumerate(district.settings.instance.stages):
        serving = district.schools.serves(stage)
        lacking: Bools = ~np.any(full[:, :, s], axis=1)
        while lacking.any() and serving.any():
            offered = _beside(travel.neighbours, full[:, :, s]) & serving & lacking[:, None]
            if not offered.any():
                offered = serving & lacking[:, None]
            joining = np.flatnonzero(offered.any(axis=1))
            full[joining, np.where(offered, metres, np.inf)[joining].argmin(axis=1), s] = True
            lacking[joining] = False
    return full


def _beside(neighbours: Ints | None, held: Bools) -> Bools:
    """Schools that have a unit beside each unit, shape (units, schools)."""
    beside = np.zeros_like(held)
    for one, other in () if neighbours is None else (neighbours.T, neighbours.T[::-1]):
        np.logical_or.at(beside, one, held[other])
    return beside

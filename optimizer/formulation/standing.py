"""Catchments that stand: what is shared or in pieces today stays as it is, unless all of it is opened to change."""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from models.district import District, Ints, Travel
from optimizer.formulation.catchments import named_units, receiving_today
from optimizer.formulation.contiguity import find_components
from optimizer.formulation.draft import Standing


def find_standing(district: District, travel: Travel) -> Standing:
    """Return the catchments that are shared, or in several pieces, today; none in mode `whole` or where all is redrawn.

    Redrawing one of two schools that share would leave the other in pieces, and mending an inherited catchment is a
    decision of the planner: both are made by naming all of it in `open_to_change`, by units, schools or zones. Where a
    part of it is named nothing changes. Strict rules let nothing stand in pieces: such a catchment is mended.
    """
    stages = district.settings.instance.stages
    units = np.zeros((len(district.units), len(stages)), dtype=bool)
    shared, schools = units.copy(), np.zeros((len(district.schools), len(stages)), dtype=bool)
    settings, current = district.settings, district.current
    if settings.instance.mode != "entry" or settings.catchments.change == "free" or current is None:
        return Standing(units, shared, schools)
    mended = settings.rules.strict and settings.catchments.contiguous and settings.rules.contiguous == "hard"
    for s, stage in enumerate(stages):
        held = receiving_today(district, current, stage)
        several = held.sum(axis=1) > 1
        in_pieces = [_pieces(np.flatnonzero(of_school), travel) > 1 and not mended for of_school in held.T]
        sharing = connected_components(coo_matrix(held.T.astype(np.int64) @ held), directed=False)[1]
        unnamed = np.isin(sharing, sharing[held[~named_units(district, held)].any(axis=0)])
        schools[:, s] = (held[several].any(axis=0) | np.array(in_pieces, dtype=bool)) & unnamed
        units[:, s] = held[:, schools[:, s]].any(axis=1)
        shared[:, s] = several & units[:, s]
    return Standing(units, shared, schools)


def _pieces(units: Ints, travel: Travel) -> int:
    """Connected pieces of a set of units; 1 where nobody knows who is whose neighbour."""
    if travel.neighbours is None or not len(units):
        return 1
    inside = np.zeros(len(travel.metres), dtype=bool)
    inside[units] = True
    near = travel.neighbours[inside[travel.neighbours].all(axis=1)]
    return len(np.unique(find_components(near, len(inside))[units]))

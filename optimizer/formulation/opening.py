"""The neighbourhood of what was edited: the units that may change for it, while all others stay as in the draft."""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order

from models.district import Bools, District, Ints, Travel
from models.revision import Revision


def open_neighbourhood(
    district: District, travel: Travel, revision: Revision, drawn: Bools, must: Bools, fresh: Bools
) -> Bools:
    """Return the units that may change, shape (units, stages): those touched and their estates, those beside them, and
    every unit of the schools they leave, join, or pass on the way.

    A unit without a school to leave or join opens the catchments beside it, or where nobody knows who borders on whom
    that of the nearest school. `drawn` (before the edits) and `must` (decided) have the shape (units, schools, stages),
    `fresh` (schools that open) the shape (schools, stages).
    """
    borders = _borders(travel, len(district.units))
    opened = np.zeros_like(revision.opened)
    for s in range(opened.shape[1]):
        held, asked = revision.held[:, :, s], must[:, :, s]
        touched = _with_estates(district, revision.touched[:, s])
        concerned: Bools = drawn[:, :, s] | held | asked
        schools: Bools = concerned[touched].any(axis=0) | fresh[:, s]
        lost: Bools = touched & ~np.any(concerned, axis=1)
        schools |= _receiving(travel, borders, held, lost)
        moved = revision.causes["edited"][:, s] | revision.causes["fixed"][:, s]
        decided: Bools = np.any(asked, axis=1)
        joined = np.where(decided[:, None], asked, held)
        for unit in np.flatnonzero(moved).tolist() if borders is not None else ():
            catchment: Bools = np.any(held[:, joined[unit]], axis=1)
            schools |= held[_between(borders, unit, catchment)].any(axis=0)
        opened[:, s] = touched | _beside(borders, touched) | held[:, schools].any(axis=1)
    return opened


def _borders(travel: Travel, units: int) -> csr_matrix | None:
    """Who borders on whom, shape (units, units); None where nobody knows."""
    if travel.neighbours is None:
        return None
    a, b = np.concatenate([travel.neighbours, travel.neighbours[:, ::-1]]).T
    return csr_matrix((np.ones(len(a), dtype=np.int64), (a, b)), shape=(units, units))


def _with_estates(district: District, units: Bools) -> Bools:
    """Units, and the others of their estates."""
    estate = np.array(district.units.estate)
    return np.asarray(units | np.isin(estate, estate[units & (estate != "")]), dtype=np.bool_)


def _beside(borders: csr_matrix | None, units: Bools) -> Bools:
    """Units that border on any of some units."""
    if borders is None:
        return np.zeros_like(units)
    return np.asarray(borders @ units.astype(np.int64) > 0, dtype=np.bool_)


def _receiving(travel: Travel, borders: csr_matrix | None, held: Bools, lost: Bools) -> Bools:
    """Schools that may take units without one: those of the catchments beside them, or else the nearest."""
    if borders is not None:
        return np.asarray(held[_beside(borders, lost)].any(axis=0), dtype=np.bool_)
    near = np.zeros(held.shape[1], dtype=bool)
    near[np.where(held.any(axis=0), travel.metres[lost], np.inf).argmin(axis=1)] = True
    return near


def _between(borders: csr_matrix, unit: int, catchment: Bools) -> Ints:
    """Units on a way with the fewest borders from a unit to a catchment, both ends left out."""
    order, before = breadth_first_order(borders, unit)
    reached = order[catchment[order] & (order != unit)]
    way: list[int] = []
    at = int(before[reached[0]]) if len(reached) else unit
    while at != unit:
        way.append(at)
        at = int(before[at])
    return np.array(way, dtype=np.int64)

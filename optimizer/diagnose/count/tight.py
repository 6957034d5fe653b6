"""The tightest sets of children: those whose schools, all together, have the fewest places for them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

from models.district import Bools, Floats, Ints


@dataclass(frozen=True)
class Tight:
    """Children who can go to some schools alone, and are more than these have places for."""

    groups: Ints
    schools: Bools
    students: int
    places: int

    @property
    def short(self) -> int:
        """Places missing."""
        return self.students - self.places


def find_tight(
    students: Ints, stage: Ints, may: Bools, of_stage: tuple[Floats, ...], in_all: Floats | None = None
) -> Iterator[Tight]:
    """Yield the tightest sets, one a corner of the district, of all of them the smallest.

    Shapes: students and stage (groups,), may (groups, schools); `of_stage` are the children of a stage that each school
    takes, `in_all` those of all stages. A greatest flow finds the sets; what is yielded is added up again.
    """
    alike, of_group = np.unique(np.column_stack([stage, may]), axis=0, return_inverse=True)
    stage_of, open_to = alike[:, 0], alike[:, 1:] > 0
    size = np.bincount(of_group.ravel(), weights=students, minlength=len(alike)).astype(np.int64)
    cell_most = np.stack(of_stage)
    school_most = np.full(may.shape[1], np.inf) if in_all is None else in_all
    reached = _reached_by_flow(size, stage_of, open_to, cell_most, school_most)
    for chosen in _corners(reached, open_to):
        schools = np.any(open_to[chosen], axis=0)
        inside = np.flatnonzero(chosen[of_group.ravel()] & (students > 0))
        cells = np.zeros(cell_most.shape, dtype=bool)
        np.logical_or.at(cells, stage[inside], may[inside])
        places = np.minimum(np.where(cells, cell_most, 0.0).sum(axis=0), school_most)[schools].sum()
        total = int(students[inside].sum())
        if total > places:
            yield Tight(inside, schools, total, int(places))


def _reached_by_flow(size: Ints, stage: Ints, may: Bools, cell_most: Floats, school_most: Floats) -> Bools:
    """Kinds of children on the side of the source of the cut nearest to it: source, kinds, cells, schools, sink."""
    kinds, (stages, schools) = len(size), cell_most.shape
    everybody = int(size.sum())
    cell, school, sink = 1 + kinds, 1 + kinds + stages * schools, 1 + kinds + (stages + 1) * schools
    kind, at = np.nonzero(may)
    tails = [np.zeros(kinds), 1 + kind, cell + np.arange(stages * schools), school + np.arange(schools)]
    heads = [
        1 + np.arange(kinds),
        cell + stage[kind] * schools + at,
        school + np.tile(np.arange(schools), stages),
        np.full(schools, sink),
    ]
    wide = np.full(len(kind), everybody)
    most = [size, wide, *(np.minimum(limit.ravel(), everybody) for limit in (cell_most, school_most))]
    ends = (np.concatenate(tails).astype(np.int64), np.concatenate(heads).astype(np.int64))
    network = csr_matrix(coo_matrix((np.concatenate(most).astype(np.int32), ends), shape=(sink + 1, sink + 1)))
    left = csr_matrix(network - maximum_flow(network, 0, sink).flow)
    left.eliminate_zeros()
    reached = np.zeros(sink + 1, dtype=bool)
    reached[breadth_first_order(left, 0, return_predecessors=False)] = True
    return reached[1 : 1 + kinds]


def _corners(chosen: Bools, may: Bools) -> Iterator[Bools]:
    """The chosen kinds, those apart that share no school."""
    kinds = np.flatnonzero(chosen)
    if not len(kinds):
        return
    schools = may[kinds].astype(np.int64)
    corner = connected_components(csr_matrix(schools @ schools.T), directed=False)[1]
    for number in range(int(corner.max()) + 1):
        marked = np.zeros(len(chosen), dtype=bool)
        marked[kinds[corner == number]] = True
        yield marked

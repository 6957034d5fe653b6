"""`contiguous`: the units of a catchment are one connected piece that holds the school's own unit."""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from models.district import Bools, Ints
from optimizer.formulation.catchments import receiving_today, today
from optimizer.formulation.draft import Draft
from optimizer.formulation.formulation import Contiguity
from optimizer.formulation.joining import find_gates


def add_contiguity(draft: Draft) -> None:
    """assign[i,j] ≤ Σ_{u in S} assign[u,j] for every set S of units that separates unit i from j's own unit.

    There are too many such sets to write down: `separate` finds those that a plan breaks. Each connected component of
    the district that holds a school of the stage is judged by itself, and its units go to its schools; units of a
    component without one may go anywhere. Hard, or soft: children cut off from their school's own unit are counted
    in `shortage`.
    """
    settings, pairs = draft.district.settings, draft.travel.neighbours
    hardness = settings.rules.contiguous if settings.catchments.contiguous else "off"
    if hardness == "off" or pairs is None:
        return
    component = find_components(pairs, len(draft.district.units))
    judged, abroad = judge_components(draft, component)
    start, neighbours = _adjacency(pairs, len(draft.district.units))
    judged &= ~draft.standing.units
    home, shared = _homes(draft, hard=hardness == "hard")
    draft.contiguity = Contiguity(
        start=start,
        neighbours=neighbours,
        component=component,
        judged=judged,
        home=home,
        stands_in=_standing(draft),
        shared_home=shared,
        stands=draft.standing.schools,
        gates=_gates(draft, component),
        hard=hardness == "hard",
    )
    if hardness == "hard":
        draft.forbid(abroad, "hard")
        draft.allowed &= ~_without_home(draft, home)
    else:
        draft.forbid(abroad & (home < 0), "soft")


def find_components(pairs: Ints, count: int) -> Ints:
    """Return the number of the connected component of each of `count` units, over pairs of neighbours."""
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def judge_components(draft: Draft, component: Ints) -> tuple[Bools, Bools]:
    """Return the units judged, by stage; and which units lie in another component than a school, with schools there.

    Shapes (units, stages) and (units, schools, stages). Where contiguity is soft the children of such units cost
    something: at a school that is asked to hold its own unit because nothing leads there, elsewhere by a price.

    Where it is not known in which unit any school of the stage stands, every component is judged.
    """
    schools = draft.district.schools
    serving = np.stack([schools.serves(stage) for stage in draft.stages], axis=1)
    sited = serving & (schools.unit >= 0)[:, None]
    judged = np.stack([np.isin(component, component[schools.unit[of_stage]]) for of_stage in sited.T], axis=1)
    judged |= ~sited.any(axis=0)
    of_school = np.where(schools.unit >= 0, component[schools.unit], -1)
    elsewhere = (component[:, None] != of_school) & schools.anchor
    return judged, judged[:, None, :] & elsewhere[:, :, None] & sited


def _adjacency(pairs: Ints, count: int) -> tuple[Ints, Ints]:
    both = np.concatenate([pairs, pairs[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    start = np.concatenate([[0], np.cumsum(np.bincount(both[:, 0], minlength=count))])
    return start.astype(np.int64), both[:, 1].astype(np.int64)


def _homes(draft: Draft, *, hard: bool) -> tuple[Ints, Bools]:
    """Own unit of every school and stage, and whether other schools of the stage stand in it as well.

    None is asked for (-1) of a borrowed site, nor where today's catchments give the own unit to another school. Any
    school of the stage that stands in the unit may hold it for the others; where contiguity is soft only those that
    are asked to, because each child apart from the own unit then has its price.
    """
    district, schools = draft.district, draft.district.schools
    home = np.full((len(schools), len(draft.stages)), -1, dtype=np.int64)
    shared = np.zeros(home.shape, dtype=bool)
    for s, stage in enumerate(draft.stages):
        asked = schools.serves(stage) & schools.anchor & (schools.unit >= 0)
        if district.current is not None:
            held = today(district, district.current, stage)[schools.unit]
            asked &= held[np.arange(len(schools)), np.arange(len(schools))] | ~held.any(axis=1)
        asked &= ~draft.standing.schools[:, s]
        home[asked, s] = schools.unit[asked]
        holding = schools.serves(stage) & (schools.unit >= 0) if hard else asked
        standing = np.bincount(schools.unit[holding], minlength=len(district.units))
        shared[asked, s] = standing[schools.unit[asked]] > 1
    return home, shared


def _gates(draft: Draft, component: Ints) -> Bools:
    """Units by which others may join a catchment that stands, shape (units, schools, stages)."""
    district, count = draft.district, (len(draft.district.units), len(draft.district.schools))
    gates = np.zeros((*count, len(draft.stages)), dtype=bool)
    for s, stage in enumerate(draft.stages if district.current is not None else ()):
        assert district.current is not None
        gates[:, :, s] = find_gates(draft, component, receiving_today(district, district.current, stage), s)
    return gates


def _standing(draft: Draft) -> Ints:
    """Unit of every school that serves a stage, shape (schools, stages)."""
    schools = draft.district.schools
    serving = np.stack([schools.serves(stage) for stage in draft.stages], axis=1)
    return np.where(serving, schools.unit[:, None], -1).astype(np.int64)


def _without_home(draft: Draft, home: Ints) -> Bools:
    """Pairs of a school whose own unit may not go to any school that stands in it: it can have no catchment."""
    table = np.zeros((len(draft.blocks), len(draft.district.schools)), dtype=bool)
    table[draft.block[draft.allowed], draft.school[draft.allowed]] = True
    lost = np.zeros(home.shape, dtype=bool)
    for school, stage in np.argwhere(home >= 0):
        own = draft.blocks.of_unit[home[school, stage], stage]
        serving = draft.district.schools.serves(draft.stages[stage])
        lost[school, stage] = not table[own, serving & (draft.district.schools.unit == home[school, stage])].any()
    return np.asarray(lost[draft.school, draft.blocks.stage[draft.block]])

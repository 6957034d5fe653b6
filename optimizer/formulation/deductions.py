"""What the rules imply together and no single one says: pairs that no plan can use."""

import numpy as np

from models.district import Ints
from optimizer.formulation.contiguity import find_components
from optimizer.formulation.draft import Draft
from optimizer.formulation.ways import adjoin_blocks, find_lightest_ways


def forbid_out_of_touch(draft: Draft) -> None:
    """assign[i,j] = 0 where no way of blocks that may all belong to j leads from j's own unit to unit i.

    Catchments that stand are entered by their gates; those that may begin anywhere are left alone.
    """
    c = draft.contiguity
    if c is None or not c.hard:
        return
    pair = np.full((len(draft.blocks), len(draft.district.schools)), -1)
    pair[draft.block[draft.allowed], draft.school[draft.allowed]] = np.flatnonzero(draft.allowed)
    here, there = np.concatenate([adjoin_blocks(c, of_unit) for of_unit in draft.blocks.of_unit.T], axis=1)
    border, school = np.nonzero((pair[here] >= 0) & (pair[there] >= 0))
    steps = np.stack([pair[here[border], school], pair[there[border], school]], axis=1)
    piece = find_components(steps, len(draft.block))
    unit, school, stage = np.nonzero(c.doors)
    doors = pair[draft.blocks.of_unit[unit, stage], school]
    entered = np.isin(piece, piece[doors[doors >= 0]])
    asked = (c.rooted | c.stands)[draft.school, draft.blocks.stage[draft.block]]
    draft.allowed &= entered | ~(asked & c.judges(draft.blocks)[draft.block])


def seat_indispensable_schools(draft: Draft) -> None:
    """assign[home,j] = 1 where the other schools of the stage cannot hold everybody.

    Such a school has a catchment in every plan, so its own unit belongs to it. The relaxation does not see this: it
    likes to split a large own unit. Where units may be divided the own unit may go elsewhere in part. One that may not
    belong to its school keeps the others: that these cannot hold everybody is for the sums to tell.
    """
    c = draft.contiguity
    if c is None or not c.hard or draft.divisible or draft.overflows:
        return
    for s in range(len(draft.stages)):
        students = int(draft.blocks.size[draft.blocks.stage == s].sum())
        most = _most_children(draft, s)
        spare = int(most.sum()) - students
        for school in np.flatnonzero(c.rooted[:, s] & (most > max(spare, 0))):
            own = draft.block == draft.blocks.of_unit[c.home[school, s], s]
            if c.judged[c.home[school, s], s] and draft.allowed[own & (draft.school == school)].any():
                draft.allowed &= ~own | (draft.school == school)


def forbid_ways_too_full(draft: Draft) -> None:
    """assign[i,j] = 0 where every way from j's own unit to unit i holds more children than j can take.

    A catchment in one piece that holds unit i holds all blocks of some way to it, each as a whole. A block that would
    be left without any school keeps its pairs: that there is no plan is for the solvers to show.
    """
    c = draft.contiguity
    if c is None or not c.hard or draft.divisible or draft.overflows:
        return
    forbidden = np.zeros(len(draft.block), dtype=bool)
    for s in range(len(draft.stages)):
        borders, most = adjoin_blocks(c, draft.blocks.of_unit[:, s]), _most_children(draft, s)
        judged = c.judges(draft.blocks) & (draft.blocks.stage == s)
        for school in np.flatnonzero(c.rooted[:, s]):
            pairs = np.flatnonzero(draft.allowed & (draft.school == school) & judged[draft.block])
            weight = np.full(len(draft.blocks), np.inf)
            weight[draft.block[pairs]] = draft.blocks.size[draft.block[pairs]]
            children = find_lightest_ways(borders, weight, int(draft.blocks.of_unit[c.home[school, s], s]))
            forbidden[pairs] = children[draft.block[pairs]] > most[school] + 0.5
    left = np.bincount(draft.block[draft.allowed & ~forbidden], minlength=len(draft.blocks))
    draft.allowed &= ~forbidden | (left[draft.block] == 0)


def _most_children(draft: Draft, stage: int) -> Ints:
    """Children of a stage that a school can take at most, by hard limits on them alone; all there are without one."""
    everybody = int(draft.blocks.size[draft.blocks.stage == stage].sum())
    columns = draft.columns_of([draft.stages[stage]])
    serves = draft.district.schools.serves(draft.stages[stage])
    most = np.where(serves, everybody, 0).astype(np.int64)
    for limit in draft.limits:
        if limit.hard and limit.columns[columns].all():
            most[limit.school] = min(most[limit.school], limit.bound)
    rules = draft.classes
    if rules is None or rules.cap != "hard":
        return most
    of_stage = np.array([grade.stage == draft.stages[stage] for grade in rules.grades], dtype=bool)
    caps = [grade.cap for grade in rules.grades if grade.stage == draft.stages[stage]]
    for group in rules.rooms:
        if group.hard and caps and group.grades[of_stage].all():
            most[group.school] = min(most[group.school], group.rooms * max(caps))
    return most

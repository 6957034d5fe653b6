"""Children against the places of the schools that they may go to."""

from collections.abc import Iterator

import numpy as np

from models.diagnosis import Count
from models.district import Bools, Ints
from optimizer.diagnose.count.capacity import Capacity, Most
from optimizer.diagnose.count.classes import ROOM_RULES, count_rooms_of
from optimizer.diagnose.count.ground import Ground
from optimizer.diagnose.count.tight import Tight, find_tight
from optimizer.formulation.catchments import decisions_on_catchments

PLAIN = {"places", "purchased"}
"""Limits that are told as places without more words."""


def count_places(ground: Ground, capacity: Capacity) -> Iterator[Count]:
    """Yield the tightest sets of every stage; of all stages together where that finds more places missing.

    A school's places are the least of its hard limits. Where classes are what is short, they are counted instead.
    """
    groups, found = ground.groups, 0
    sizes = groups.size
    most = tuple(of_stage.number for of_stage in capacity.of_stage)
    for s in range(len(ground.f.stages)):
        of_stage = groups.stage == s
        for tight in find_tight(sizes * of_stage, groups.stage, groups.may, most):
            found += tight.short
            yield _tell(ground, capacity, tight, capacity.of_stage[s])
    if len(most) > 1:
        together = tuple(find_tight(sizes, groups.stage, groups.may, most, capacity.in_all.number))
        if sum(tight.short for tight in together) > found:
            for tight in together:
                if len(np.unique(groups.stage[tight.groups])) > 1:
                    yield _tell(ground, capacity, tight, capacity.in_all)


def count_large(ground: Ground, capacity: Capacity) -> Iterator[Count]:
    """Yield units and estates that keep together and are larger than every school that they may go to."""
    f = ground.f
    if f.divisible or not ground.sits_where_drawn:
        return
    for block in np.flatnonzero(f.blocks.size):
        schools, size = ground.open_to[block], int(f.blocks.size[block])
        most = capacity.of_stage[f.blocks.stage[block]]
        if schools.sum() > 1 and size > most.number[schools].max():
            largest = int(np.flatnonzero(schools)[most.number[schools].argmax()])
            at = np.arange(len(f.school_ids)) == largest
            groups = np.flatnonzero(ground.groups.block == block)
            units = tuple(f.unit_ids[unit] for unit in sorted(f.blocks.members(int(block)).tolist()))
            rules = ("indivisible", *ground.at_home, *most.at(schools), *ground.barred_by(groups, schools))
            places = int(most.number[largest])
            yield _count(ground, "too_large", rules, (size, places), f.blocks.stage[[block]], at, units)


def count_decided(ground: Ground, capacity: Capacity) -> Iterator[Count]:
    """Yield schools that `fixed` alone overfills: with placed children, or with units that must belong there."""
    f = ground.f
    for limit in f.limits:
        seated = int(ground.taken[limit.school, limit.columns].sum())
        if limit.hard and seated > max(0, limit.bound):
            at, stages = np.arange(len(f.school_ids)) == limit.school, ground.stage_of[limit.columns]
            yield _count(ground, "decided", ("fixed", limit.rule), (seated, max(0, limit.bound)), stages, at)
    if ground.district.settings.rules.fixed != "hard" or not ground.sits_where_drawn:
        return
    musts: dict[tuple[int, int], set[int]] = {}
    for unit, s, school, must in decisions_on_catchments(ground.district, f.stages):
        if must:
            musts.setdefault((s, school), set()).add(int(f.blocks.of_unit[unit, s]))
    for (s, school), blocks in musts.items():
        size, most = int(f.blocks.size[sorted(blocks)].sum()), capacity.of_stage[s]
        if size > most.number[school]:
            at = np.arange(len(f.school_ids)) == school
            rows = sorted(int(unit) for block in blocks for unit in f.blocks.members(block))
            together = (*ground.at_home, *(["indivisible"] if len(rows) > len(blocks) else []))
            units = tuple(f.unit_ids[unit] for unit in rows)
            sum_of = size, int(most.number[school])
            yield _count(ground, "fixed", ("fixed", *together, *most.at(at)), sum_of, np.array([s]), at, units)


def _tell(ground: Ground, capacity: Capacity, tight: Tight, most: Most) -> Count:
    by = _binding(capacity, ground, tight, most)
    if set(by) <= ROOM_RULES and ground.f.classes is not None:
        counted = count_rooms_of(ground, capacity, tight.schools)
        if counted is not None:
            return counted
    stages, sum_of = ground.groups.stage[tight.groups], (tight.students, tight.places)
    if _is_whole(ground, tight, most):
        key = "places" if set(by) <= PLAIN else "school_size" if set(by) == {"school_size"} else "places_by"
        return _count(ground, key, by, sum_of, stages, tight.schools, rules=list(by))
    barring, units = ground.barred_by(tight.groups, tight.schools), ground.units_of(tight.groups)
    facts: dict[str, object] = {"rules": list(barring)}
    key = "confined" if barring else "alone"
    ceiling = ground.district.settings.policy.travel.max_m.get(ground.f.stages[stages[0]])
    if barring == ("max_travel",) and len(np.unique(stages)) == 1 and ceiling is not None:
        key, facts["ceiling"] = "reach", ceiling
    return _count(ground, key, (*barring, *by), sum_of, stages, tight.schools, units, **facts)


def _count(
    ground: Ground,
    key: str,
    by: tuple[str, ...],
    sum_of: tuple[int, int],
    stages: Ints,
    at: Bools,
    units: tuple[str, ...] = (),
    **facts: object,
) -> Count:
    """A count of children and places (`sum_of`) at some schools; without units of the whole district."""
    students, places = sum_of
    schools = ground.schools_of(at)
    told = {
        "students": students,
        "places": places,
        "short": students - places,
        "stage": ground.name_stages(stages),
        "count": len(units),
        "units": list(units),
        "schools": list(schools),
    }
    return Count(key, told | facts, tuple(dict.fromkeys(by)), float(students - places), units, schools)


def _binding(capacity: Capacity, ground: Ground, tight: Tight, most: Most) -> tuple[str, ...]:
    """Rules of the least limits of some schools; where stages share a school, of the school or of each stage."""
    if most is not capacity.in_all:
        return most.at(tight.schools)
    rules: list[str] = []
    for school in np.flatnonzero(tight.schools):
        coming = np.unique(ground.groups.stage[tight.groups][ground.groups.may[tight.groups, school]])
        apart = [capacity.of_stage[s] for s in coming]
        shared = most.number[school] < sum(of_stage.number[school] for of_stage in apart)
        rules += most.rules[school] if shared else [rule for of_stage in apart for rule in of_stage.rules[school]]
    return tuple(dict.fromkeys(rules))


def _is_whole(ground: Ground, tight: Tight, most: Most) -> bool:
    """Whether these are all children of their stages, and no school that is open to such children is left out."""
    groups, schools = ground.groups, ground.district.schools
    stages = np.unique(groups.stage[tight.groups])
    every = np.isin(groups.stage, stages) & (groups.size > 0)
    open_to = np.any([schools.serves(ground.f.stages[s]) for s in stages], axis=0) & (most.number > 0)
    return len(tight.groups) == int(every.sum()) and not (open_to & ~tight.schools).any()

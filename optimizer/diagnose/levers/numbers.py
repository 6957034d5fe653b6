"""Other figures: larger classes and schools within the norm, lower shares, fewer years, a higher ceiling of travel."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np

from models.plan import Plan
from models.settings import Target, read_profile
from models.stages import Stage
from optimizer.diagnose.attempt import Attempt
from optimizer.diagnose.draft import Draft, Scene, Told, least_that

STEP_M = 100
"""A ceiling of travel is written in whole hundreds of metres."""
STEP_OF_SIZE = 10
"""Children by which the cap of a school's size is raised."""
EXACT = 1e-9
Patch = dict[str, Any]


def raise_class_size(scene: Scene) -> Iterator[Draft]:
    """Larger classes, where the cap is below the norm's, and never above it."""
    yield from _raise_caps(scene, "class_size", 1)


def raise_school_size(scene: Scene) -> Iterator[Draft]:
    """Larger schools, where the cap is below the norm's, and never above it."""
    yield from _raise_caps(scene, "school_size", STEP_OF_SIZE)


def lower_share(scene: Scene) -> Iterator[Draft]:
    """A lower share of small classes: of one size at a time, and of all where that is not enough."""
    if "small_classes" not in scene.rules:
        return
    targets = scene.case.district.settings.policy.class_size.targets
    alone = False
    for sizes in _one_by_one(scene, [target.max_size for target in targets]):
        most = math.ceil(100 * max(target.share for target in targets if target.max_size in sizes))
        found = None if alone and len(sizes) > 1 else _least(scene, partial(_lower, targets, sizes), most)
        if found is not None:
            percent, made = found
            patch, alone = _lower(targets, sizes, percent), True
            after = [target["share"] for target in patch["policy"]["class_size"]["targets"]]
            shares = {
                str(target.max_size): [target.share, share]
                for target, share in zip(targets, after, strict=True)
                if share < target.share
            }
            yield Draft("lower_share", patch, percent / 100, "share", {"shares": shares}, made=made)


def keep_less_back(scene: Scene) -> Iterator[Draft]:
    """Fewer places kept for late arrivals (预留学位)."""
    kept = scene.case.district.settings.policy.reserve_share
    percent = math.ceil(100 * kept - EXACT)
    if "reserve" not in scene.rules:
        return
    found = _least(scene, lambda given_up: {"policy": {"reserve_share": (percent - given_up) / 100}}, percent)
    if found is not None:
        share = (percent - found[0]) / 100
        patch = {"policy": {"reserve_share": share}}
        yield Draft("keep_less_back", patch, share, "share", {"share": share, "before": kept}, made=found[1])


def look_less_far(scene: Scene) -> Iterator[Draft]:
    """Rooms that suffice for fewer years to come."""
    horizon = scene.case.district.settings.policy.tracks.horizon
    if "tracks" not in scene.rules:
        return
    found = _least(scene, lambda fewer: {"policy": {"tracks": {"horizon": horizon - fewer}}}, horizon - 1)
    if found is not None:
        years = horizon - found[0]
        patch = {"policy": {"tracks": {"horizon": years}}}
        yield Draft("look_less_far", patch, float(years), "years", {"years": years, "before": horizon}, made=found[1])


def widen_ceiling(scene: Scene) -> Iterator[Draft]:
    """A higher ceiling of travel for one stage, as little as is enough, and the units that need it."""
    if "max_travel" not in scene.rules:
        return
    max_m, metres = scene.case.district.settings.policy.travel.max_m, scene.case.travel.metres
    farthest = float(metres[np.isfinite(metres)].max(initial=0.0))
    for stages in _one_by_one(scene, list(max_m)):
        ceilings = {stage: max_m[stage] for stage in stages}
        steps = math.ceil(farthest / STEP_M) - math.floor(min(ceilings.values()) / STEP_M)
        found = _least(scene, partial(_raise_ceilings, ceilings), steps)
        if found is not None:
            patch = _raise_ceilings(ceilings, found[0])
            raised = patch["policy"]["travel"]["max_m"]
            amount, tell = float(max(raised.values())), partial(_tell_beyond, ceilings, raised)
            yield Draft("widen_ceiling", patch, amount, "metres", made=found[1], tell=tell)
            return


def _least(scene: Scene, patch_of: Callable[[int], Patch], high: int) -> tuple[int, Attempt] | None:
    return least_that(lambda number: scene.find(patch_of(number)), 1, high)


def _one_by_one(scene: Scene, kinds: Sequence[Any]) -> list[Sequence[Any]]:
    """Each kind by itself, then all of them; all at once where a plan takes long to find."""
    alone = [[kind] for kind in kinds] if len(kinds) > 1 and not scene.case.is_large else []
    return [*alone, kinds]


def _raise_caps(scene: Scene, rule: Literal["class_size", "school_size"], step: int) -> Iterator[Draft]:
    """Caps of one kind of class or school at a time, of all where that is not enough."""
    policy = scene.case.district.settings.policy
    caps: Mapping[Any, int] = policy.class_size.cap if rule == "class_size" else policy.school_size.cap
    norm = read_profile("national")["policy"][rule]["cap"]
    room = {kind: norm[kind] - cap for kind, cap in caps.items() if norm.get(kind, 0) > cap}
    if rule not in scene.rules or not room:
        return

    def raised(kinds: Sequence[Any], steps: int) -> Patch:
        cap = {kind: caps[kind] + min(step * steps, room[kind]) for kind in kinds}
        return {"policy": {rule: {"cap": cap}}}

    for kinds in _one_by_one(scene, list(room)):
        found = _least(scene, partial(raised, kinds), -(-max(room[kind] for kind in kinds) // step))
        if found is not None:
            patch = raised(kinds, found[0])
            after = patch["policy"][rule]["cap"]
            facts = {"caps": after, "before": {kind: caps[kind] for kind in kinds}}
            yield Draft(f"raise_{rule}", patch, float(max(after.values())), "children", facts, made=found[1])
            return


def _lower(targets: Sequence[Target], sizes: Collection[int], percent: int) -> Patch:
    """So many per cent less of the classes that are asked for, of some sizes."""
    lowered = [max(0.0, round(target.share - percent / 100 * (target.max_size in sizes), 4)) for target in targets]
    rows = [{"max_size": target.max_size, "share": share} for target, share in zip(targets, lowered, strict=True)]
    return {"policy": {"class_size": {"targets": rows}}}


def _raise_ceilings(ceilings: Mapping[Stage, float], step: int) -> Patch:
    """So many whole hundreds of metres more."""
    raised = {stage: float(STEP_M * (math.floor(old / STEP_M) + step)) for stage, old in ceilings.items()}
    return {"policy": {"travel": {"max_m": raised}}}


def _tell_beyond(ceilings: Mapping[Stage, float], raised: Mapping[Stage, float], made: Attempt, plan: Plan) -> Told:
    """The units whose children go beyond the old ceiling in the plan."""
    rows = plan.assignments
    beyond = [
        str(unit)
        for unit, stage, metres in zip(rows["unit_id"], rows["stage"], rows["metres"], strict=True)
        if metres > ceilings.get(stage, math.inf)
    ]
    return float(max(raised.values())), {
        "ceilings": raised,
        "before": ceilings,
        "units": list(dict.fromkeys(beyond)),
    }

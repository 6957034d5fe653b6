"""What a bureau can change so that all children find a place, in the order in which it would try.

Every lever makes one rule soft, or one number free, and asks how little of that is enough; what comes out is a patch
in the shape of the instance. Never offered are: a class above the norm's cap, exempt teachers, certificates, protected
small schools, the total quota, and what `fixed` says must be.
"""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from models.district import District
from models.settings import Target, read_profile
from models.stages import Stage
from optimizer.diagnose.attempt import FAIR, Attempt
from optimizer.diagnose.draft import ROOM_RULES, Draft, Lever, Scene, least_that
from optimizer.diagnose.enlarge import Cells, value_of, with_cells
from optimizer.diagnose.spread import find_lack

MOST_SCHOOLS = 3
"""Schools that one lever is tried at."""
STEP_M = 100
"""A ceiling of travel is written in whole hundreds of metres."""
ROOM_COUNTS = ("rooms", "rooms_confined", "shares")
"""Sums whose shortage is one of classrooms."""
STEP_OF_SIZE = 10
"""Children by which the cap of a school's size is raised."""
MINIMAL = 1e-3
"""Relative gap within which the least of a lever is sought; a whole child or class closes it as well."""
MOST_GROWTH = 2
"""Times what it is that a school is extended to, at most."""
MOST_PERCENT = 15
"""By which all schools together are filled beyond their places, at most."""
EXACT = 1e-9


def open_class(scene: Scene) -> Iterator[Draft]:
    """One entry class more where a room is free: more tracks (轨数), in this year's rooms and those of the next."""
    if "tracks" not in scene.rules:
        return
    for school in scene.wanted[:MOST_SCHOOLS]:
        lack = find_lack(scene.case, {"tracks": {school}})
        cells = lack.least if lack else {}
        if cells and all(cell.startswith("classes_per_grade") for of_school in cells.values() for cell in of_school):
            yield _of_cells(scene, "open_class", cells, cells, unit="classes")


def coordinate(scene: Scene) -> Iterator[Draft]:
    """Place children whom their school cannot hold at another one (统筹调剂)."""
    if "overflow" not in scene.rules:
        return
    patch = {"rules": {"overflow": "soft"}}
    made = scene.minimise(patch, ["overflow", "travel"], MINIMAL)
    plan = None if made is None else made.plan
    if made is not None and plan is not None and made.outcome.seating is not None:
        hosts = plan.coordination.groupby("to_school_id")["students"].sum().sort_values(ascending=False)
        named = [str(school) for school in hosts.index[:5]]
        amount = float(made.outcome.seating.overflow)
        yield Draft("coordinate", patch, amount, "children", {"children": int(amount), "schools": named})


def redraw(scene: Scene) -> Iterator[Draft]:
    """Open the catchment of a school to change, of several, or all."""
    if "change" not in scene.rules:
        return
    ids, catchments = scene.case.district.schools.ids, scene.case.district.settings.catchments
    opened = catchments.open_to_change.model_dump() if catchments.change == "limited" else {"units": [], "zones": []}
    named: list[str] = opened.get("schools", [])
    fresh = [ids[school] for school in scene.wanted if ids[school] not in named]
    trials = [[school] for school in fresh[:MOST_SCHOOLS]]
    trials += [fresh[: 2 * size] for size in (1, 2, 4) if len(fresh) >= 2 * size]
    for schools in [*trials, []]:
        opens = {**opened, "schools": [*named, *schools]} if schools else {"units": [], "schools": [], "zones": []}
        patch = {"catchments": {"change": "limited", "open_to_change": opens}}
        made = scene.minimise(patch, ["stability", "travel"], FAIR)
        if made is not None:
            moved = next((level.value for level in made.outcome.levels if level.name == "stability"), 0.0)
            lever = "redraw" if schools else "redraw_all"
            yield Draft(lever, patch, moved, "children", {"schools": schools, "children": int(moved)})
            return


def purchase(scene: Scene) -> Iterator[Draft]:
    """Places purchased at a private school (购买学位)."""
    schools, settings = scene.case.district.schools, scene.case.district.settings
    if settings.instance.mode != "entry":
        return
    can_sell = np.flatnonzero(schools.private & (np.array(schools.status) == "open"))
    for school in scene.near(can_sell)[:MOST_SCHOOLS]:
        bought = value_of(scene.case.district, school, "purchased_places") or 0
        offers = with_cells(scene.case.district, {schools.ids[school]: {"purchased_places": max(1, bought)}})
        lack = find_lack(replace(scene.case, district=offers), {"purchased": {school}})
        if lack and lack.least:
            yield _of_cells(scene, "purchase", lack.least, lack.ample, lack.children)


def extend(scene: Scene) -> Iterator[Draft]:
    """More places, classrooms and tracks at one school (扩建), or a little at each of several."""
    rules = [rule for rule in ROOM_RULES if rule in scene.rules]
    lack = scene.lack
    several = lack is not None and len(lack.least) > 1
    if several and lack is not None and len(lack.least) > MOST_SCHOOLS:
        yield _of_cells(scene, "extend", lack.least, lack.ample)
    for school in scene.wanted[: 2 * MOST_SCHOOLS] if rules else ():
        alone = find_lack(scene.case, {rule: {school} for rule in rules})
        if alone and alone.least and _may_grow(scene.case.district, alone.least):
            yield _of_cells(scene, "extend", alone.least, alone.ample, alone.children)
    if several and lack is not None and len(lack.least) <= MOST_SCHOOLS:
        yield replace(_of_cells(scene, "extend", lack.least, lack.ample), last_resort=True)


def fill_up(scene: Scene) -> Iterator[Draft]:
    """A little more at every school (挖潜): all filled beyond their places, by as many per cent as are enough."""
    scale = scene.case.district.settings.policy.places_scale
    if "places" not in scene.rules or not scene.lack or not scene.lack.least:
        return

    def patch_of(percent: int) -> dict[str, Any]:
        return {"policy": {"places_scale": round(scale * (1.0 + percent / 100), 4)}}

    found = least_that(lambda percent: scene.find(patch_of(percent)), 1, MOST_PERCENT)
    if found is not None:
        percent, made = found
        share = patch_of(percent)["policy"]["places_scale"]
        yield Draft("fill_up", patch_of(percent), share, "share", {"share": share, "before": scale}, made=made)


def borrow_site(scene: Scene) -> Iterator[Draft]:
    """Open a site that is not used: a candidate, or a closed school."""
    schools = scene.case.district.schools
    known = np.isfinite(schools.places) | np.isfinite(schools.classrooms)
    unused = np.flatnonzero(np.isin(np.array(schools.status), ["candidate", "closed"]) & ~schools.private & known)
    for school in scene.near(unused)[:MOST_SCHOOLS]:
        patch = {"schools": {schools.ids[school]: {"status": "open"}}}
        cell = "places" if np.isfinite(schools.places[school]) else "classrooms"
        amount = float(getattr(schools, cell)[school])
        facts = {"school": schools.ids[school], "amount": int(amount), "cell": cell}
        yield Draft("borrow_site", patch, amount, cell, facts)


def raise_class_size(scene: Scene) -> Iterator[Draft]:
    """Larger classes, where the cap is below the norm's, and never above it."""
    norm = read_profile("national")["policy"]["class_size"]["cap"]
    caps = scene.case.district.settings.policy.class_size.cap
    room = {stage: norm[stage] - cap for stage, cap in caps.items() if norm.get(stage, 0) > cap}
    if "class_size" not in scene.rules or not room:
        return

    def patch_of(more: int) -> dict[str, Any]:
        raised = {stage: caps[stage] + min(more, room[stage]) for stage in room}
        return {"policy": {"class_size": {"cap": raised}}}

    found = least_that(lambda more: scene.find(patch_of(more)), 1, max(room.values()))
    if found is not None:
        more, made = found
        raised = patch_of(more)["policy"]["class_size"]["cap"]
        facts = {"caps": raised, "before": {stage: caps[stage] for stage in raised}}
        yield Draft("raise_class_size", patch_of(more), float(max(raised.values())), "children", facts, made=made)


def lower_share(scene: Scene) -> Iterator[Draft]:
    """A lower share of small classes, for the targets that cannot be reached."""
    if "small_classes" not in scene.rules:
        return
    targets = scene.case.district.settings.policy.class_size.targets
    alone = [[target.max_size] for target in targets] if len(targets) > 1 else []
    for sizes in [*alone, [target.max_size for target in targets]]:
        lower = partial(_lower, targets, sizes)
        most = math.ceil(100 * max(target.share for target in targets if target.max_size in sizes))
        found = least_that(partial(_find_lower, scene, lower), 1, most)
        if found is not None:
            percent, made = found
            after = lower(percent)["policy"]["class_size"]["targets"]
            shares = {
                str(was.max_size): [was.share, now["share"]]
                for was, now in zip(targets, after, strict=True)
                if now["share"] < was.share
            }
            yield Draft("lower_share", lower(percent), percent / 100, "share", {"shares": shares}, made=made)


def _find_lower(scene: Scene, lower: Callable[[int], dict[str, Any]], percent: int) -> Attempt | None:
    return scene.find(lower(percent))


def _lower(targets: Sequence[Target], sizes: Collection[int], percent: int) -> dict[str, Any]:
    """So many per cent less of the classes that are asked for, of some sizes."""
    lowered = [
        {"max_size": target.max_size, "share": max(0.0, target.share - percent / 100 * (target.max_size in sizes))}
        for target in targets
    ]
    return {"policy": {"class_size": {"targets": [t | {"share": round(t["share"], 4)} for t in lowered]}}}


def allow_change(scene: Scene) -> Iterator[Draft]:
    """A larger share of children who may change school."""
    if "stability" not in scene.rules:
        return
    made = scene.minimise({"rules": {"stability": "off"}}, ["stability"], MINIMAL)
    if made is None or not made.outcome.levels or made.outcome.levels[0].name != "stability":
        return
    level, asked = made.outcome.levels[0], scene.case.district.settings.policy.stability.max_share
    total = _children_with_a_school(scene)
    if asked is None or not total:
        return
    share = math.ceil(1000 * level.value / total - EXACT) / 1000
    if share > asked:
        facts = {"share": share, "before": asked, "children": round(level.value)}
        yield Draft(
            "allow_change",
            {"policy": {"stability": {"max_share": min(1.0, share)}}},
            share,
            "share",
            facts,
            level.bound / total,
        )


def keep_less_back(scene: Scene) -> Iterator[Draft]:
    """Fewer places kept for late arrivals (预留学位)."""
    if "reserve" not in scene.rules:
        return
    percent = math.ceil(100 * scene.case.district.settings.policy.reserve_share - EXACT)

    def patch_of(given_up: int) -> dict[str, Any]:
        return {"policy": {"reserve_share": (percent - given_up) / 100}}

    found = least_that(lambda given_up: scene.find(patch_of(given_up)), 1, percent)
    if found is not None:
        given_up, made = found
        share = (percent - given_up) / 100
        facts = {"share": share, "before": scene.case.district.settings.policy.reserve_share}
        yield Draft("keep_less_back", patch_of(given_up), share, "share", facts, made=made)


def look_less_far(scene: Scene) -> Iterator[Draft]:
    """Rooms that suffice for fewer years to come."""
    horizon = scene.case.district.settings.policy.tracks.horizon
    if "tracks" not in scene.rules:
        return
    found = least_that(lambda less: scene.find({"policy": {"tracks": {"horizon": horizon - less}}}), 1, horizon - 1)
    if found is not None:
        fewer, made = found
        years = horizon - fewer
        facts = {"years": years, "before": horizon}
        patch = {"policy": {"tracks": {"horizon": years}}}
        yield Draft("look_less_far", patch, float(years), "years", facts, made=made)


def raise_school_size(scene: Scene) -> Iterator[Draft]:
    """Larger schools, where the cap is below the norm's, and never above it."""
    norm = read_profile("national")["policy"]["school_size"]["cap"]
    caps = scene.case.district.settings.policy.school_size.cap
    room = {kind: norm[kind] - cap for kind, cap in caps.items() if norm.get(kind, 0) > cap}
    if "school_size" not in scene.rules or not room:
        return

    def patch_of(steps: int) -> dict[str, Any]:
        raised = {kind: caps[kind] + min(STEP_OF_SIZE * steps, room[kind]) for kind in room}
        return {"policy": {"school_size": {"cap": raised}}}

    found = least_that(lambda steps: scene.find(patch_of(steps)), 1, -(-max(room.values()) // STEP_OF_SIZE))
    if found is not None:
        steps, made = found
        raised = patch_of(steps)["policy"]["school_size"]["cap"]
        facts = {"caps": raised, "before": {kind: caps[kind] for kind in raised}}
        yield Draft("raise_school_size", patch_of(steps), float(max(raised.values())), "children", facts, made=made)


def inherit(scene: Scene) -> Iterator[Draft]:
    """What stands today and cannot be changed this year is told, and not judged (存量)."""
    if "strict" in scene.rules:
        yield Draft("inherit", {"rules": {"strict": False}}, 0.0, "")


def widen_ceiling(scene: Scene) -> Iterator[Draft]:
    """A higher ceiling of travel for one stage, as little as is enough, and the units that need it."""
    if "max_travel" not in scene.rules:
        return
    district, metres = scene.case.district, scene.case.travel.metres
    farthest = float(metres[np.isfinite(metres)].max(initial=0.0))
    for stages in [
        *([stage] for stage in district.settings.policy.travel.max_m),
        [*district.settings.policy.travel.max_m],
    ]:
        ceilings = {stage: district.settings.policy.travel.max_m[stage] for stage in stages}
        steps = math.ceil(max(0.0, farthest - min(ceilings.values())) / STEP_M)

        found = least_that(partial(_find_within, scene, ceilings), 1, steps)
        if found is not None:
            step, made = found
            patch = _raise_ceilings(ceilings, step)
            raised = patch["policy"]["travel"]["max_m"]
            facts = {"ceilings": raised, "before": ceilings, "units": _beyond(scene, patch, ceilings)}
            yield Draft("widen_ceiling", patch, float(max(raised.values())), "metres", facts, made=made)
            return


def _raise_ceilings(ceilings: Mapping[Stage, float], step: int) -> dict[str, Any]:
    """So many whole hundreds of metres more."""
    raised = {stage: float(STEP_M * (math.floor(old / STEP_M) + step)) for stage, old in ceilings.items()}
    return {"policy": {"travel": {"max_m": raised}}}


def _find_within(scene: Scene, ceilings: Mapping[Stage, float], step: int) -> Attempt | None:
    return scene.find(_raise_ceilings(ceilings, step))


def cross_regions(scene: Scene) -> Iterator[Draft]:
    """Schools that take children of other regions as well."""
    if "region" not in scene.rules:
        return
    district = scene.case.district
    made = scene.minimise({"rules": {"region": "soft"}}, ["shortage", "travel"], MINIMAL)
    plan = None if made is None else made.plan
    if plan is None:
        return
    units, schools = district.units, district.schools
    crossing = [
        (school, int(students))
        for unit, school, students in zip(
            plan.assignments["unit_id"], plan.assignments["school_id"], plan.assignments["students"], strict=True
        )
        if "" not in (here := units.region[units.row[unit]], there := schools.region[schools.row[school]])
        and here != there
    ]
    named = list(dict.fromkeys(school for school, _ in crossing))
    if named:
        patch = {"schools": {school: {"region_id": ""} for school in named}}
        children = sum(students for _, students in crossing)
        yield Draft("cross_regions", patch, float(children), "children", {"schools": named, "children": children})


def divide_units(scene: Scene) -> Iterator[Draft]:
    """Children of one unit or estate at several schools."""
    if "indivisible" not in scene.rules:
        return
    made = scene.minimise({"rules": {"indivisible": "soft"}}, ["shortage"], FAIR)
    plan = None if made is None else made.plan
    if plan is None:
        return
    schools = plan.assignments.groupby(["unit_id", "stage"])["school_id"].nunique()
    named = list(dict.fromkeys(unit for unit, _ in schools[schools > 1].index))
    facts = {"units": named[:5], "count": len(named)}
    yield Draft("divide_units", {"rules": {"indivisible": "soft"}}, float(len(named)), "units", facts)


def allow_pieces(scene: Scene) -> Iterator[Draft]:
    """Catchments in several pieces."""
    if "contiguous" not in scene.rules:
        return
    patch = {"rules": {"contiguous": "soft"}}
    torn = scene.find({"rules": {"contiguous": "off"}})
    made = None if torn is None else scene.go_on(patch, torn)
    if made is not None:
        apart = next((level.value for level in made.outcome.levels if level.name == "shortage"), 0.0)
        yield Draft("allow_pieces", patch, apart, "children", {"children": round(apart)}, made=made)


LEVERS: tuple[Lever, ...] = (
    open_class,
    coordinate,
    redraw,
    purchase,
    extend,
    borrow_site,
    fill_up,
    raise_class_size,
    raise_school_size,
    lower_share,
    allow_change,
    keep_less_back,
    look_less_far,
    inherit,
    cross_regions,
    widen_ceiling,
    divide_units,
    allow_pieces,
)
"""In the order in which a bureau would try."""


def _of_cells(
    scene: Scene, lever: str, least: Cells, ample: Cells, children: int = 0, unit: str = "", part: float = 0.0
) -> Draft:
    """A draft that gives schools more, from the least towards what is ample; the first kind of cell names the unit."""
    district = scene.case.district
    cells = _between(district, least, ample, part)
    changes = [
        {
            "school": school,
            "cell": cell,
            "before": value_of(district, district.schools.row[school], cell),
            "after": value,
        }
        for school, of_school in cells.items()
        for cell, value in sorted(of_school.items())
    ]
    kinds = list(dict.fromkeys(str(change["cell"]).partition("_")[0] for change in changes))
    amount = sum(_more(change) for change in changes)
    return Draft(
        lever,
        {"schools": cells},
        float(amount),
        unit or ("places" if kinds[0] == "purchased" else kinds[0]),
        {"changes": changes, "schools": list(cells), "amount": amount},
        _least_of(scene, kinds, children),
        sized=lambda part: _of_cells(scene, lever, least, ample, children, unit, part),
    )


def _least_of(scene: Scene, kinds: Sequence[str], children: int) -> float:
    """What is missing at least, of one kind of cells: classrooms as sums show, places as a relaxation does."""
    if len(kinds) > 1 or kinds[0] == "classes":
        return 0.0
    if kinds[0] == "classrooms":
        rooms = [count.short for count in scene.counts if count.proves and count.key in ROOM_COUNTS]
        return float(max(rooms, default=0.0))
    return float(children)


def _more(change: Mapping[str, Any]) -> int:
    return int(change["after"]) - int(change["before"] or 0)


def _may_grow(district: District, cells: Cells) -> bool:
    """Whether a school grows to no more than a multiple of what it is: else it would be another school."""
    return all(
        value <= MOST_GROWTH * before
        for school, of_school in cells.items()
        for cell, value in of_school.items()
        if (before := value_of(district, district.schools.row[school], cell))
    )


def _between(district: District, least: Cells, ample: Cells, part: float) -> Cells:
    """Part of the way from the least to what is ample, by half as much again as the least where that is more."""
    cells = Cells()
    for school, of_school in least.items():
        for cell, value in of_school.items():
            before = value_of(district, district.schools.row[school], cell) or 0
            most = max(ample.get(school, {}).get(cell, 0), value + (value - before + 1) // 2)
            most = max(value, min(most, MOST_GROWTH * before)) if before else most
            cells.setdefault(school, {})[cell] = value + math.ceil(part * (most - value))
    return cells


def _children_with_a_school(scene: Scene) -> int:
    """Zoned children who have a school today: of them a share may change."""
    district = scene.case.district
    current, categories = district.current, district.settings.categories
    assert current is not None
    total = 0
    for k, cohort in enumerate(district.demand.cohorts):
        if cohort.stage in district.settings.instance.stages and categories[cohort.category].zoned:
            known = {
                int(unit) for unit, stage in zip(current.unit, current.stage, strict=True) if stage == cohort.stage
            }
            total += int(district.demand.students[sorted(known), k].sum())
    return total


def _beyond(scene: Scene, patch: Mapping[str, Any], ceilings: Mapping[Stage, float]) -> list[str]:
    """Units whose children go beyond the old ceiling in a plan under a new one."""
    made = scene.minimise(patch, ["travel"], FAIR)
    plan = None if made is None else made.plan
    if plan is None:
        return []
    rows = plan.assignments
    beyond = [
        str(unit)
        for unit, stage, metres in zip(rows["unit_id"], rows["stage"], rows["metres"], strict=True)
        if metres > ceilings.get(stage, math.inf)
    ]
    return list(dict.fromkeys(beyond))

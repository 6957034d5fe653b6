"""More room: classes where a room is free, places purchased, schools extended, sites opened, schools filled up."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from models.district import District
from optimizer.diagnose.draft import ROOM_RULES, Draft, Scene, least_that
from optimizer.diagnose.enlarge import Cells, list_changes, value_of, with_cells
from optimizer.diagnose.spread import find_lack

MOST_SCHOOLS = 3
"""Schools that one lever is tried at."""
ROOM_COUNTS = ("rooms", "rooms_confined", "shares")
"""Sums whose shortage is one of classrooms."""
UNITS = {"places": "places", "purchased": "places", "classrooms": "classrooms", "classes": "classes"}
"""What the cells of `schools` hold, by how their names begin."""
MOST_GROWTH = 2
"""Times what it is that a school is extended to, at most."""
MOST_PERCENT = 15
"""By which all schools together are filled beyond their places, at most."""


def open_class(scene: Scene) -> Iterator[Draft]:
    """One entry class more where a room is free: more tracks (轨数), in this year's rooms and those of the next."""
    if "tracks" not in scene.rules:
        return
    for school in scene.wanted[:MOST_SCHOOLS]:
        lack = find_lack(scene.case, {"tracks": {school}})
        cells = lack.least if lack else {}
        if cells and all(cell.startswith("classes_per_grade") for of_school in cells.values() for cell in of_school):
            yield _of_cells(scene, "open_class", cells, cells)


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
            yield _of_cells(scene, "purchase", lack.least, lack.ample)


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
            yield _of_cells(scene, "extend", alone.least, alone.ample)
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


def _of_cells(scene: Scene, lever: str, least: Cells, ample: Cells, part: float = 0.0) -> Draft:
    """A draft that gives schools more, from the least towards what is ample; the first kind of cell names the unit."""
    cells = _between(scene.case.district, least, ample, part)
    changes = list_changes(scene.case.district, cells)
    kinds = list(dict.fromkeys(UNITS[str(change["cell"]).partition("_")[0]] for change in changes))
    more = [int(change["after"]) - int(change["before"] or 0) for change in changes]
    of_unit = [UNITS[str(change["cell"]).partition("_")[0]] == kinds[0] for change in changes]
    amount = sum(number for number, counts in zip(more, of_unit, strict=True) if counts)
    return Draft(
        lever,
        {"schools": cells},
        float(amount),
        kinds[0],
        {"changes": changes, "schools": list(cells), "amount": amount},
        _least_of(scene, kinds),
        sized=lambda part: _of_cells(scene, lever, least, ample, part),
    )


def _least_of(scene: Scene, kinds: Sequence[str]) -> float:
    """What sums show to be missing at least, where no more than one kind of cells is given; 0 where they show nothing.

    Places are counted `places_scale` times.
    """
    proving = [count for count in scene.counts if count.proves]
    if kinds == ["classrooms"]:
        return max((count.short for count in proving if count.key in ROOM_COUNTS), default=0.0)
    short = max((count.short for count in proving if "places" in count.facts), default=0.0)
    return math.ceil(short / scene.case.district.settings.policy.places_scale) if kinds == ["places"] else 0.0


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

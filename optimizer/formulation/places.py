"""`places`: no school takes more children than it has places for."""

from collections.abc import Iterator

import numpy as np

from models.stages import SERVES, Stage
from optimizer.formulation.draft import Draft
from optimizer.formulation.formulation import Limit
from optimizer.formulation.stock import keep_reserve, students_left


def add_places(draft: Draft) -> None:
    """Σ_b students[b] · assign[b,j] ≤ places_scale · places[j], in total and by stage where `places_STAGE` is given.

    Where no places are given, neither in all nor of every stage, a school has classrooms · class cap; while class caps
    are a rule themselves, they and the rooms say so more exactly. Hard, or soft: children above are counted in
    `shortage`. In mode `entry` the continuing children have their places first, a share of the others is kept for late
    arrivals, and children at a private school sit on purchased places.
    """
    settings = draft.district.settings
    scale = settings.policy.places_scale
    if settings.rules.places == "off":
        return
    for name, school, stages, places in _given_places(draft):
        bound = int(np.floor(scale * places + 1e-9))
        if draft.entry:
            bound = keep_reserve(draft, students_left(draft, school, stages, scale * places))
        hard = draft.hardness("places", school) == "hard"
        draft.limits.append(Limit(name, "places", school, draft.columns_of(stages), bound, hard))


def add_purchased(draft: Draft) -> None:
    """Σ children seated at a private school ≤ purchased_places, in mode `entry`."""
    schools = draft.district.schools
    for row in np.flatnonzero(schools.private) if draft.entry else ():
        bound = int(np.nan_to_num(schools.purchased_places[row]))
        everybody = np.ones(len(draft.columns), dtype=bool)
        name, hard = f"purchased[{schools.ids[row]}]", draft.hardness("purchased", int(row)) == "hard"
        draft.limits.append(Limit(name, "purchased", int(row), everybody, bound, hard))


def _given_places(draft: Draft) -> Iterator[tuple[str, int, list[Stage], float]]:
    schools = draft.district.schools
    for row, (school_id, kind) in enumerate(zip(schools.ids, schools.types, strict=True)):
        taught = [stage for stage in SERVES[kind] if stage in draft.stages]
        stated = {stage: places[row] for stage, places in schools.places_of_stage.items() if np.isfinite(places[row])}
        total = schools.places[row]
        if np.isnan(total) and not set(taught) <= set(stated):
            total = _places_in_rooms(draft, row, taught)
        if np.isfinite(total):
            yield f"places[{school_id}]", row, list(SERVES[kind]), float(total)
        for stage in taught:
            if stage in stated:
                yield f"places[{school_id},{stage}]", row, [stage], float(stated[stage])


def _places_in_rooms(draft: Draft, row: int, taught: list[Stage]) -> float:
    """Classrooms times the largest class cap, or NaN where class caps are rules of their own or unknown."""
    settings = draft.district.settings
    caps = [settings.policy.class_size.cap[stage] for stage in taught if stage in settings.policy.class_size.cap]
    if not caps or settings.rules.class_size != "off":
        return float("nan")
    return float(draft.district.schools.classrooms[row] * max(caps))

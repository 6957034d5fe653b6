"""Hard rules that what stands breaks, so that no plan of an admission year keeps them."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from models.district import Bools
from models.outcome import Seats
from models.settings import LARGEST_COUNT
from models.stages import SERVES, STAGES, Stage
from optimizer.formulation.catchments import decisions_on_catchments, receiving_today, today
from optimizer.formulation.contiguity import find_components, judge_components
from optimizer.formulation.draft import Draft
from optimizer.formulation.joining import find_new_homes
from optimizer.formulation.stock import rooms_left, students_left


def find_unmendable(draft: Draft, decided: Seats) -> tuple[str, ...]:
    """Return the names of these rules, such as `class_size[S01,4]`; none in mode `whole`. `decided`: who is placed.

    A decision of `fixed` that a catchment which stays shared contradicts, or that fills a special school beyond its
    places or rooms; the own unit of a school whose catchment stands, where no school has it today and no way leads from
    it to the catchment; where the rules are strict also continuing classes above the cap, and shared catchments in
    pieces.
    """
    if not draft.entry:
        return ()
    names = [*_contradicted(draft), *_overfilled(draft, decided), *_oversize(draft), *_torn(draft), *_cut_off(draft)]
    return tuple(dict.fromkeys(names))


def _contradicted(draft: Draft) -> Iterator[str]:
    """Name the decisions for zoned children of a unit that shares on: `must` asks for one school, `never` for fewer."""
    if draft.district.settings.rules.fixed != "hard":
        return
    for unit, s, school, must in decisions_on_catchments(draft.district, draft.stages):
        if draft.standing.shared[unit, s] and (must or _held(draft, draft.stages[s])[unit, school]):
            yield f"fixed[{draft.district.units.ids[unit]},{draft.stages[s]}]"


def _overfilled(draft: Draft, decided: Seats) -> Iterator[str]:
    """Name special schools with fewer places or rooms than the placed children need beside those who continue."""
    district, rules, schools = draft.district, draft.district.settings.rules, draft.district.schools
    caps, stages = district.settings.policy.class_size.cap, [cohort.stage for cohort in district.demand.cohorts]
    for school in [row for row, kind in enumerate(schools.types) if not SERVES[kind]]:
        entering: Counter[Stage] = Counter()
        for cohort, seat, students in zip(decided.cohort, decided.school, decided.students, strict=True):
            entering[stages[cohort]] += int(students) * (seat == school)
        places = district.settings.policy.places_scale * schools.places[school]
        if rules.places == "hard" and entering.total() > students_left(draft, school, STAGES, _known(places)):
            yield f"places[{schools.ids[school]}]"
        classes = sum(-(-students // caps.get(stage, max(1, students))) for stage, students in entering.items())
        rooms = _known(schools.classrooms[school])
        if rules.classrooms == "hard" and classes > rooms_left(draft, school, STAGES, rooms):
            yield f"classrooms[{schools.ids[school]}]"


def _known(limit: float) -> float:
    """A limit, where nothing is stated one that nobody reaches."""
    return LARGEST_COUNT * 1000.0 if np.isnan(limit) else limit


def _oversize(draft: Draft) -> Iterator[str]:
    """Name continuing classes above the cap, or above the ceiling, which holds even where the cap is soft."""
    stock, settings = draft.district.stock, draft.district.settings
    if stock is None or not settings.rules.strict or settings.rules.class_size == "off":
        return
    policy = settings.policy.class_size
    for k, stage in enumerate(stock.stage):
        cap = policy.cap.get(stage) if settings.rules.class_size == "hard" else None
        ceiling = policy.ceiling if stage in draft.stages else None
        most = min((limit for limit in (cap, ceiling) if limit is not None), default=None)
        if most is not None and stock.students[k] > most * stock.classes[k]:
            yield f"class_size[{draft.district.schools.ids[stock.school[k]]},{stock.grade[k]}]"


def _torn(draft: Draft) -> Iterator[str]:
    """Name shared catchments that are in pieces, or that reach into a part of the district with other schools."""
    settings, neighbours = draft.district.settings, draft.travel.neighbours
    hard = settings.catchments.contiguous and settings.rules.contiguous == "hard"
    if neighbours is None or not hard or not settings.rules.strict:
        return
    component = find_components(neighbours, len(draft.district.units))
    judged, abroad = judge_components(draft, component)
    for s, stage in enumerate(draft.stages):
        for school in np.flatnonzero(draft.standing.schools[:, s]):
            inside = _held(draft, stage)[:, school] & judged[:, s]
            piece = find_components(neighbours[inside[neighbours].all(axis=1)], len(inside))
            torn = len(np.unique(piece[inside])) > len(np.unique(component[inside]))
            if torn or abroad[inside, school, s].any():
                yield f"contiguous[{draft.district.schools.ids[school]},{stage}]"


def _cut_off(draft: Draft) -> Iterator[str]:
    """Name standing catchments to which their school's own unit, of no school today, can be joined by no way."""
    district, neighbours, c = draft.district, draft.travel.neighbours, draft.contiguity
    if neighbours is None or c is None or not c.hard or district.current is None:
        return
    for s, stage in enumerate(draft.stages):
        new: Bools = ~np.any(_held(draft, stage), axis=1)
        piece = find_components(neighbours[new[neighbours].all(axis=1)], len(new))
        homes = find_new_homes(draft, today(district, district.current, stage), s)
        for school in np.flatnonzero(homes >= 0):
            near = (piece == piece[homes[school]]) & new
            here = district.schools.serves(stage) & (district.schools.unit == homes[school])
            if not (c.gates[near][:, here, s].any() or (here & ~c.stands[:, s]).any()):
                yield f"contiguous[{district.schools.ids[school]},{stage}]"


def _held(draft: Draft, stage: Stage) -> Bools:
    """Schools that have a unit today and still receive, shape (units, schools)."""
    assert draft.district.current is not None
    return receiving_today(draft.district, draft.district.current, stage)

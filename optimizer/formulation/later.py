"""`later`: the entrants of later years fit the schools of their catchments as well (`solve --hold`)."""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from models.district import Bools, Floats, Ints
from models.later import LaterYear
from models.stages import SERVES, Stage
from optimizer.formulation.catchments import receiving_today, today
from optimizer.formulation.draft import Draft
from optimizer.formulation.formulation import LaterLimit
from optimizer.formulation.stock import keep_reserve, tracks


def add_later(draft: Draft) -> None:
    """Σ_b children[b] · assign[b,j] ≤ places + beyond   for every later year and school; `beyond` in the level `later`.

    Of the entrants of that year in the entry grade of a stage, tracks · class cap; of all who enter from the plan's
    year to that one, in the stage where places or rooms are stated for it and in the school as a whole, the places
    less the children who stand, and the rooms less the classes that stand times the cap, of several stages the largest.
    What no rule asks for is left out; where class size is none, tracks are, and rooms where places are stated.
    `reserve_share` is kept. Schools that share a catchment are one.
    """
    for later in draft.district.later:
        for schools in _houses(draft):
            draft.later.extend(_limits(draft, later, schools))


def _houses(draft: Draft) -> Iterator[Ints]:
    """Yield schools (rows) that share units, by way of others too; a school on its own by itself."""
    schools = len(draft.district.schools)
    links = np.zeros((schools, schools), dtype=np.int64)
    current = draft.district.current
    for s, stage in enumerate(draft.stages if current is not None else ()):
        assert current is not None
        held = receiving_today(draft.district, current, stage)[draft.standing.shared[:, s]].astype(np.int64)
        links += held.T @ held
    labels = connected_components(coo_matrix(links), directed=False)[1]
    for label in range(int(labels.max(initial=-1)) + 1):
        yield np.flatnonzero(labels == label)


def _limits(draft: Draft, later: LaterYear, schools: Ints) -> Iterator[LaterLimit]:
    """Yield what bounds a house in a year, but for bounds that even all children together keep."""
    given, rules = draft.district.schools, draft.district.settings.rules
    house = "+".join(given.ids[school] for school in schools)
    taught = {stage: [int(j) for j in schools if stage in SERVES[given.types[j]]] for stage in draft.stages}
    taught = {stage: teaching for stage, teaching in taught.items() if teaching}
    unknown = np.full(len(given), np.nan)
    for stage, teaching in taught.items():
        cap = draft.district.settings.policy.class_size.cap.get(stage, np.nan)
        entry = (
            sum(tracks(draft, j, stage) * cap for j in teaching)
            if rules.tracks != "off" and rules.class_size != "off"
            else np.nan
        )
        yield from _limit(draft, later, schools, f"later[{house},{stage},{later.year}]", [stage], entry, later.entrants)
        places, rooms = (of.get(stage, unknown) for of in (given.places_of_stage, given.classrooms_of_stage))
        left = sum(_left(draft, later, j, [stage], places, rooms) for j in teaching)
        yield from _limit(draft, later, schools, f"later[{house},{stage},-{later.year}]", [stage], left, later.joined)
    left = sum(_left(draft, later, int(j), SERVES[given.types[j]], given.places, given.classrooms) for j in schools)
    yield from _limit(draft, later, schools, f"later[{house},-{later.year}]", list(taught), left, later.joined)


def _left(draft: Draft, later: LaterYear, school: int, stages: Sequence[Stage], places: Floats, rooms: Floats) -> float:
    """Return places less children, or rooms less classes times the cap: the fewer of them, inf where nothing says."""
    settings, count, of = draft.district.settings, len(draft.district.schools), tuple(stages)
    caps = settings.policy.class_size.cap
    cap = max((caps[stage] for stage in stages if stage in caps), default=np.nan)
    left = np.inf
    if settings.rules.places != "off":
        stated = np.floor(settings.policy.places_scale * places[school] + 1e-9)
        left = np.fmin(left, stated - later.students(count, of)[school])
    if settings.rules.classrooms != "off" and (settings.rules.class_size != "off" or np.isnan(places[school])):
        left = np.fmin(left, (rooms[school] - later.classes(count, of)[school]) * cap)
    return max(0.0, float(left))


def _limit(
    draft: Draft, later: LaterYear, schools: Ints, name: str, stages: Sequence[Stage], most: float, children: Ints
) -> Iterator[LaterLimit]:
    if not np.isfinite(most) or not stages:
        return
    counted, shared = np.zeros(len(draft.blocks), dtype=np.int64), 0
    for stage in stages:
        s = draft.stages.index(stage)
        together = draft.standing.shared[:, s] & _belongs(draft, schools, stage)
        shared += int(children[together, s].sum())
        alone = np.where(draft.standing.shared[:, s], 0, children[:, s])
        np.add.at(counted, draft.blocks.of_unit[:, s], alone)
    reachable = np.isin(draft.school, schools) & draft.allowed
    bound = keep_reserve(draft, int(most)) - shared
    if counted[np.unique(draft.block[reachable])].sum() > bound:
        beyond = tuple((later.year, int(schools[0]), stage) for stage in stages)
        yield LaterLimit(name, tuple(int(j) for j in schools), beyond, counted, bound)


def _belongs(draft: Draft, schools: Ints, stage: Stage) -> Bools:
    """Units that belong to one of `schools` today; none in a district without catchments of today."""
    current = draft.district.current
    if current is None:
        return np.zeros(len(draft.district.units), dtype=bool)
    return np.asarray(today(draft.district, current, stage)[:, schools].any(axis=1))

"""Those who enter in later years, counted in the catchments of the plan (`solve --hold`)."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from models.district import Floats, Ints
from models.later import LaterYear
from models.placement import Placement, parts_of
from models.stages import SERVES, Stage
from optimizer.recheck.registry import Breach, rule
from optimizer.recheck.tracks import find_tracks

House = tuple[int, ...]
"""A school, or schools that share a catchment (rows)."""


@rule("later", never_hard=True)
def judge_later(placement: Placement) -> Iterator[Breach]:
    """Children of the catchments of j in a later year ≤ what j holds of them then; schools that share are one.

    Told by school and year, and counted by the level `later`. Of the entrants of a stage that year, tracks · cap; of
    all who enter from the plan's year on, in a stage and in all, places less children who stand, and the rooms that
    standing classes leave times the cap. `reserve_share` is kept.
    """
    ids, houses = placement.district.schools.ids, _houses(placement) if placement.district.later else {}
    for later in placement.district.later:
        for house, units in houses.items():
            beyond = _beyond(placement, later, house, units)
            if beyond:
                named = "+".join(ids[school] for school in house)
                stage = next(iter(units)) if len(units) == 1 else ""
                yield Breach(stage, named, beyond, 0, "students", beyond, detail=str(later.year))


def _houses(placement: Placement) -> dict[House, dict[Stage, Ints]]:
    """Units of every house by stage."""
    label = np.arange(len(placement.district.schools))
    rows = placement.catchments
    for _, shared in parts_of(rows, ["unit", "stage"]):
        together = np.isin(label, label[shared["school"]])
        label[together] = label[together].min()
    held: dict[House, dict[Stage, Ints]] = {}
    for first, of_house in parts_of(rows.assign(house=label[rows["school"]]), "house"):
        house = tuple(int(school) for school in np.flatnonzero(label == first))
        held[house] = {stage: part["unit"].unique() for stage, part in parts_of(of_house, "stage")}
    return held


def _beyond(placement: Placement, later: LaterYear, house: House, units: Mapping[Stage, Ints]) -> int:
    """Children of a house who find no place in a year: at least those of each stage, and those of all stages."""
    schools, planned = placement.district.schools, placement.district.settings.instance.stages
    of_stages = 0
    every = 0
    for stage, belong in units.items():
        column = planned.index(stage)
        entering, joined = (int(children[belong, column].sum()) for children in (later.entrants, later.joined))
        every += joined
        unknown = np.full(len(schools), np.nan)
        stated = schools.places_of_stage.get(stage, unknown), schools.classrooms_of_stage.get(stage, unknown)
        teaching = [school for school in house if stage in SERVES[schools.types[school]]]
        room = sum(_room(placement, later, school, (stage,), *stated) for school in teaching)
        entry = sum(_entry_places(placement, school, stage) for school in teaching)
        of_stages += max(0, _above(placement, joined, room), _above(placement, entering, entry))
    room = sum(
        _room(placement, later, school, SERVES[schools.types[school]], schools.places, schools.classrooms)
        for school in house
    )
    return max(of_stages, _above(placement, every, room))


def _above(placement: Placement, children: int, room: float) -> int:
    """Children above a room less the reserve; 0 where no room is known."""
    if not np.isfinite(room):
        return 0
    return max(0, children - int(np.floor(int(room) * (1.0 - placement.district.settings.policy.reserve_share) + 1e-9)))


def _entry_places(placement: Placement, school: int, stage: Stage) -> float:
    settings = placement.district.settings
    if "off" in (settings.rules.tracks, settings.rules.class_size) or stage not in settings.policy.class_size.cap:
        return np.inf
    places = float(find_tracks(placement, stage)[school]) * settings.policy.class_size.cap[stage]
    return np.inf if np.isnan(places) else places


def _room(
    placement: Placement, later: LaterYear, school: int, stages: Sequence[Stage], places: Floats, rooms: Floats
) -> float:
    settings, schools = placement.district.settings, len(placement.district.schools)
    students, classes = (count(schools, tuple(stages))[school] for count in (later.students, later.classes))
    caps = [settings.policy.class_size.cap[stage] for stage in stages if stage in settings.policy.class_size.cap]
    found = [np.inf]
    if settings.rules.places != "off" and not np.isnan(places[school]):
        found.append(float(np.floor(settings.policy.places_scale * places[school] + 1e-9)) - students)
    in_rooms = settings.rules.class_size != "off" or np.isnan(places[school])
    if settings.rules.classrooms != "off" and in_rooms and not np.isnan(rooms[school]) and caps:
        found.append((float(rooms[school]) - classes) * max(caps))
    return max(0.0, min(found))

"""Classrooms of a made-up district: built for the children of today's catchments, in the sizes schools come in."""

import numpy as np

from instances.design import BANKS, ROOM_SIZES, Design
from instances.land import Land
from instances.people import People
from instances.sites import GRADES, Sites
from models.district import Floats, Ints
from models.stages import SERVES, Stage


def draw_rooms(design: Design, land: Land, people: People, sites: Sites, current: dict[Stage, Ints]) -> Ints:
    """Return the classrooms of each school: the nearest size to what its bank's crowding asks for its children.

    Then one size up or down where that helps most, as long as it brings the district nearer to its rooms.
    """
    ladders = [ROOM_SIZES[kind] for kind in sites.kind]
    wanted = _rooms_wanted(design, land, people, sites, current)
    rooms = np.array(
        [min(ladder, key=lambda size: abs(size - want)) for ladder, want in zip(ladders, wanted, strict=True)]
    )
    while (stepped := _step(design.rooms - int(rooms.sum()), rooms, ladders, wanted)) is not None:
        school, size = stepped
        rooms[school] = size
    return np.asarray(rooms, dtype=np.int64)


def _step(short: int, rooms: Ints, ladders: list[tuple[int, ...]], wanted: Floats) -> tuple[int, int] | None:
    """The school and its next size by which a district `short` of rooms does best, or None where no step helps."""
    options = []
    for school, ladder in enumerate(ladders):
        position = ladder.index(int(rooms[school])) + (1 if short > 0 else -1)
        if 0 <= position < len(ladder):
            size = ladder[position]
            strain = abs(size - wanted[school]) - abs(rooms[school] - wanted[school])
            if abs(short - (size - int(rooms[school]))) < abs(short):
                options.append((strain, school, size))
    return min(options)[1:] if options else None


def tracks(sites: Sites, rooms: Ints, row: int, stage: Stage) -> int | None:
    """Return the classes a grade (轨数) a school was built for, or None for a stage it does not teach."""
    stages = SERVES[sites.kind[row]]
    return int(rooms[row]) // sum(GRADES[taught] for taught in stages) if stage in stages else None


def _rooms_wanted(design: Design, land: Land, people: People, sites: Sites, current: dict[Stage, Ints]) -> Floats:
    wanted = np.zeros(len(sites.kind))
    for stage, school_of in current.items():
        per_room = np.array([design.banks[bank].children_per_room[stage] for bank in BANKS])
        on_new_bank = (land.bank[sites.unit] == BANKS[1]).astype(np.int64)
        children = np.bincount(school_of, people.of_stage(stage), len(sites.kind))
        wanted += children / per_room[on_new_bank]
    return wanted

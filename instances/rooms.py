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

    Then one size up or down where that helps most, until the district has the rooms of the design, to 3.
    """
    ladders = [ROOM_SIZES[kind] for kind in sites.kind]
    wanted = _rooms_wanted(design, land, people, sites, current)
    step = [int(np.argmin(np.abs(np.array(ladder) - want))) for ladder, want in zip(ladders, wanted, strict=True)]
    rooms = np.array([ladder[k] for ladder, k in zip(ladders, step, strict=True)])
    while abs(design.rooms - int(rooms.sum())) > 3:
        up = 1 if rooms.sum() < design.rooms else -1
        able = [j for j, k in enumerate(step) if 0 <= k + up < len(ladders[j])]
        if not able:
            break
        after = {j: ladders[j][step[j] + up] for j in able}
        best = min(able, key=lambda j: abs(after[j] - wanted[j]) - abs(rooms[j] - wanted[j]))
        step[best] += up
        rooms[best] = after[best]
    return np.asarray(rooms, dtype=np.int64)


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

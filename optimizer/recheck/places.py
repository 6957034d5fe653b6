"""Schools hold what they have room for: places and school size, of all grades, continuing classes included."""

from collections.abc import Iterator

import numpy as np

from models.district import Bools, Floats
from models.placement import Placement
from models.stages import COMPULSORY, SERVES, STAGES, Stage
from optimizer.recheck.inherited import judge_excess, students_before
from optimizer.recheck.registry import Breach, rule


@rule("places")
def judge_places(placement: Placement) -> Iterator[Breach]:
    """Σ_s students[j,s] ≤ places_scale · places[j], and students[j,s] ≤ places_scale · places[j,s]."""
    schools, scale = placement.district.schools, placement.district.settings.policy.places_scale
    yield from _beyond(placement, STAGES, scale * schools.places)
    for stage, places in schools.places_of_stage.items():
        yield from _beyond(placement, (stage,), scale * places)


@rule("places")
def judge_rooms_as_places(placement: Placement) -> Iterator[Breach]:
    """Σ_s students[j,s] ≤ places_scale · rooms[j] · cap   where no places are given and class size is no rule.

    Where it is one, rooms and class sizes say the same more exactly. Of several stages the largest cap counts.
    """
    schools, settings = placement.district.schools, placement.district.settings
    caps = settings.policy.class_size.cap
    if settings.rules.class_size != "off":
        return
    largest = np.array(
        [max((caps[stage] for stage in SERVES[kind] if stage in caps), default=np.nan) for kind in schools.types]
    )
    unstated = np.isnan(schools.places) & ~_stated_by_stage(placement)
    by_rooms = settings.policy.places_scale * schools.classrooms * largest
    yield from _beyond(placement, STAGES, np.where(unstated, by_rooms, np.nan))


@rule("school_size")
def judge_school_size(placement: Placement) -> Iterator[Breach]:
    """students[j, grades 1-9] ≤ cap[type of j]   for every school, or every new one (大校额)."""
    schools, size = placement.district.schools, placement.district.settings.policy.school_size
    judged = schools.is_new if size.applies_to == "new" else np.ones(len(schools), dtype=bool)
    caps = np.array([size.cap.get(kind, np.nan) for kind in schools.types], dtype=np.float64)
    yield from _beyond(placement, COMPULSORY, np.where(judged, caps, np.nan))


def _stated_by_stage(placement: Placement) -> Bools:
    """Schools that state places for each stage they are planned to receive."""
    schools = placement.district.schools
    nowhere = np.full(len(schools), np.nan)
    stated = [
        ~np.isnan(schools.places_of_stage.get(stage, nowhere)) | ~schools.serves(stage)
        for stage in placement.district.settings.instance.stages
    ]
    return np.asarray(np.all(stated, axis=0), dtype=np.bool_)


def _beyond(placement: Placement, stages: tuple[Stage, ...], limit: Floats) -> Iterator[Breach]:
    """Children are whole, so a limit of 1,393.6 is one of 1,393. Counted are those above it and above last year's."""
    students = np.sum([placement.students_by_school(stage) for stage in stages], axis=0)
    before, whole = students_before(placement, stages), np.floor(limit + 1e-6)
    yield from judge_excess(placement, stages, students, whole, before, "students")

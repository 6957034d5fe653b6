"""Places, rooms and tracks of a stage at every school.

A nine-year school's rooms are shared by its stages. Stages that are not planned keep the rooms and places that last
year's return gives them.
"""

from collections.abc import Mapping

import numpy as np

from models.district import District, Floats, Ints
from models.stages import STAGES, Stage, grades_of


def cap_of(district: District, stage: Stage) -> float:
    """Return the largest class of a stage; NaN where the policy has no cap."""
    return float(district.settings.policy.class_size.cap.get(stage, np.nan))


def compute_size(district: District, stage: Stage) -> Floats:
    """Return how many children of a stage a school can take if each of its grades is as large, shape (schools,)."""
    return _stated(district, stage, _whole(district, stage) * _grade_part(district, stage))


def compute_places(district: District, students: Mapping[Stage, Ints], stage: Stage) -> Floats:
    """Return the places of a stage at each school, shape (schools,); NaN where unknown or not taught.

    As stated for the stage, or its rooms times the class cap. Else the whole school's, of which every stage has such a
    part that it is as full as the school: students / filled, with filled = Σ_s students[s] / places, or
    Σ_s students[s] / cap[s] / rooms where no places are stated. A school without children is divided by grades.
    """
    schools, planned = district.schools, list(students)
    count = len(schools)
    total = np.sum([students[other][:count] for other in planned], axis=0)
    rooms_taken = np.sum([_divided(students[other][:count], cap_of(district, other)) for other in planned], axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        filled = np.where(np.isnan(schools.places), rooms_taken / _open_rooms(district), total / _open_places(district))
        part = np.round(students[stage][:count] / filled)
    one_stage = _grade_part(district, stage) == 1.0
    whole = np.where(one_stage, _whole(district, stage), part)
    idle = ~one_stage & (total == 0)
    places = _stated(district, stage, np.where(idle, np.floor(compute_size(district, stage)), whole))
    return np.where(schools.serves(stage), places, np.nan)


def compute_free_rooms(district: District, classes: Mapping[Stage, Floats], stage: Stage) -> Floats:
    """Return rooms less classes at each school, shape (schools,); NaN where unknown or not taught.

    Rooms that no stage has to itself hold the classes of every stage: of a nine-year school they are free for either.
    """
    schools = district.schools
    taken = np.sum(list(classes.values()), axis=0)[: len(schools)]
    own = schools.classrooms_of_stage.get(stage, np.full(len(schools), np.nan))
    free = np.where(np.isnan(own), _open_rooms(district) - taken, own - classes[stage][: len(schools)])
    return np.where(schools.serves(stage), free, np.nan)


def compute_tracks(district: District, stage: Stage) -> Floats:
    """Return the classes a grade has room for (轨数), shape (schools,): stated, or rooms by grades, rounded down."""
    schools = district.schools
    unknown = np.full(len(schools), np.nan)
    grades = len(grades_of(stage, district.settings.instance.system))
    own = schools.classrooms_of_stage.get(stage, unknown)
    rooms = np.where(np.isnan(own), _open_rooms(district) * _grade_part(district, stage), own)
    stated = schools.classes_per_grade.get(stage, unknown)
    tracks = np.where(np.isnan(stated), np.floor(rooms / grades + 1e-9), stated)
    return np.where(schools.serves(stage), tracks, np.nan)


def _whole(district: District, stage: Stage) -> Floats:
    places = _open_places(district)
    return np.where(np.isnan(places), _open_rooms(district) * cap_of(district, stage), places)


def _open_rooms(district: District) -> Floats:
    """Return the rooms of each school less the classes that last year's return has in stages not planned."""
    enrolment, schools = district.enrolment, district.schools
    taken = 0 if enrolment is None else enrolment.classes_by_school(len(schools), _not_planned(district))
    return np.maximum(schools.classrooms - taken, 0.0)


def _open_places(district: District) -> Floats:
    """Return the places of each school less the children that last year's return has in stages not planned."""
    enrolment, schools = district.enrolment, district.schools
    taken = 0 if enrolment is None else enrolment.students_by_school(len(schools), _not_planned(district))
    return np.maximum(schools.places - taken, 0.0)


def _not_planned(district: District) -> tuple[Stage, ...]:
    return tuple(stage for stage in STAGES if stage not in district.settings.instance.stages)


def _stated(district: District, stage: Stage, otherwise: Floats) -> Floats:
    """Return what is stated for the stage alone, and `otherwise` where nothing is."""
    schools, unknown = district.schools, np.full(len(district.schools), np.nan)
    by_rooms = schools.classrooms_of_stage.get(stage, unknown) * cap_of(district, stage)
    stated = schools.places_of_stage.get(stage, unknown)
    known = np.where(np.isnan(stated), by_rooms, stated)
    return np.asarray(np.where(np.isnan(known), otherwise, known), dtype=np.float64)


def _grade_part(district: District, stage: Stage) -> Floats:
    """Return the part that a stage has of the grades each school teaches: 1 where it teaches no other planned stage."""
    instance = district.settings.instance
    planned = (stage, *(other for other in instance.stages if other != stage))
    grades = {other: district.schools.serves(other) * len(grades_of(other, instance.system)) for other in planned}
    taught = np.sum(list(grades.values()), axis=0)
    return np.asarray(grades[stage] / np.maximum(taught, 1), dtype=np.float64)


def _divided(students: Ints, cap: float) -> Floats:
    """Return classes' worth of children, 0 where there are none, also without a cap."""
    return np.where(students > 0, students / cap, 0.0)

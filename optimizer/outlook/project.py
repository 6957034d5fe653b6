"""The arithmetic of the outlook: today's catchments and classes, a year at a time."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.district import District, Floats
from models.outlook import Projection, StageYears
from models.stages import Stage
from models.stock import Stock, roll
from optimizer.outlook.entrants import Entrants, Intake
from optimizer.outlook.homes import find_pools
from optimizer.outlook.notes import build_notes
from optimizer.outlook.rooms import cap_of, compute_free_rooms, compute_places, compute_tracks
from optimizer.outlook.standing import classes_for, join_stock, standing_stock

Course = Sequence[tuple[Stock, dict[Stage, Entrants]]]
"""Continuing classes and entrants, year by year."""


def project(district: District, years: int) -> Projection:
    """Return children, places and classes of every planned stage and school from the year of the plan on.

    children[t] = continuing[t] + entrants[t]; continuing[t + 1] are both, a grade higher and times the rates. Classes
    stay as they are; entrants open ceil(entrants / cap). Catchments stay those of `current`.
    """
    intake = Intake(district)
    course = _run(intake, years)
    stages = district.settings.instance.stages
    counts = {stage: _count(intake, stage, course) for stage in stages}
    students = {stage: count.children for stage, count in counts.items()}
    classes = {stage: count.classes for stage, count in counts.items()}
    finished = []
    for stage, count in counts.items():
        of_year = range(years)
        places = [compute_places(district, {s: students[s][k] for s in stages}, stage) for k in of_year]
        free = [compute_free_rooms(district, {s: classes[s][k] for s in stages}, stage) for k in of_year]
        finished.append(replace(count, places=_pad(places), free_rooms=_pad(free)))
    span = tuple(range(intake.first, intake.first + years))
    return Projection(span, tuple(finished), build_notes(district, span, finished))


def _run(intake: Intake, years: int) -> Course:
    held = standing = standing_stock(intake)
    before: dict[Stage, Entrants] = {}
    course = []
    for year in range(intake.first, intake.first + years):
        held = held if year == intake.first else roll(standing, intake.district.rates, intake.system)
        entrants = {
            stage: intake.enter(stage, year, standing, before.get(stage))
            for stage in intake.district.settings.instance.stages
        }
        course.append((held, entrants))
        standing, before = join_stock(held, entrants, intake), entrants
    return course


def _count(intake: Intake, stage: Stage, course: Course) -> StageYears:
    """Return children and classes of a stage; places and free rooms, which other stages share, are left open."""
    columns = len(intake.district.schools) + 1
    entrants = [entered[stage] for _, entered in course]
    students = np.array([each.students for each in entrants])
    entry_classes = classes_for(students, cap_of(intake.district, stage))
    continuing_classes = np.array([held.classes_by_school(columns, (stage,)) for held, _ in course])
    taught = np.flatnonzero(intake.district.schools.serves(stage))
    unknown = np.full(students.shape, np.nan)
    return StageYears(
        stage=stage,
        sources=tuple(each.source for each in entrants),
        units=tuple(each.units for each in entrants),
        continuing=np.array([held.students_by_school(columns, (stage,)) for held, _ in course]),
        entrants=students,
        unzoned=np.array([each.unzoned for each in entrants]),
        classes=continuing_classes + entry_classes,
        entry_classes=entry_classes,
        places=unknown,
        free_rooms=unknown,
        tracks=_pad([compute_tracks(intake.district, stage)])[0],
        pools=find_pools(intake.homes(stage), taught.tolist()),
    )


def _pad(rows: Sequence[Floats]) -> Floats:
    """Return a row a year with a last column for children without a school: no places, no rooms."""
    return np.array([np.append(row, 0.0) for row in rows])

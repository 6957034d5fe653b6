"""Who sits where in catchments that somebody drew, whether or not all rules are kept."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from models.district import Bools, District, Floats, Ints, Travel
from models.outcome import Seating, Seats
from models.plan import Plan
from optimizer.diagnose.families import without
from optimizer.formulation import Formulation, formulate
from optimizer.formulation.formulation import ClassRules
from optimizer.formulation.kinds import count_seats
from optimizer.formulation.plan import tabulate_classes
from optimizer.formulation.seated import draw_seated_plan, tabulate_catchments, tabulate_seats
from optimizer.solve.seats import open_classes, seat_everybody, take_seats

OF_ROOM = ("places", "classrooms", "tracks", "school_size")
"""Rules that are broken, as little as may be, where the children do not fit otherwise."""
OF_WAYS = ("max_travel", "region")
"""Rules that are left out where somebody then has no school within reach."""
_FAR_M = 1e7
"""A way that nobody can go, where there is no other."""


def seat_drawing(district: District, travel: Travel, held: Bools) -> Plan:
    """Return the plan of catchments that are drawn, shape (units, schools, stages); every unit has a school.

    Mode `whole`: everybody goes where the catchment says; of a shared one to the nearest of its schools that has places
    left. Mode `entry`: as in every plan, zoned children in their catchment while there is room; where not all children
    fit under hard rules of room, these are broken as little as may be.
    """
    if district.settings.instance.mode == "entry":
        return _seat_entry(district, travel, held)
    f = formulate(district, travel)
    seats = _seat_whole(district, travel, held)
    enrolment = count_seats(district, f.columns, seats)
    known = replace(travel, metres=np.where(np.isfinite(travel.metres), travel.metres, 0.0))
    km = float((known.metres[seats.unit, seats.school] * seats.students).sum() / 1000.0)
    classes = _open_classes(f, enrolment)
    assignments = tabulate_seats(f, district, known, Seating(held, seats, classes, 0, km, km))
    return Plan(
        catchments=tabulate_catchments(f, held),
        assignments=assignments.drop(columns=["own", "placed"]),
        classes=tabulate_classes(f, enrolment, classes),
        student_km=km,
    )


def _open_classes(f: Formulation, enrolment: Ints) -> Ints:
    """The fewest classes; in more rooms than there are where these do not hold them."""
    opened = open_classes(replace(f, limits=()), enrolment)
    if opened is None and f.classes is not None:
        opened = open_classes(replace(f, limits=(), classes=_roomy(f.classes)), enrolment)
    assert opened is not None
    return opened


def _roomy(classes: ClassRules) -> ClassRules:
    return replace(classes, rooms=(), targets=())


def _seat_whole(district: District, travel: Travel, held: Bools) -> Seats:
    demand, stages = district.demand, district.settings.instance.stages
    stage_of = np.array([stages.index(c.stage) if c.stage in stages else -1 for c in demand.cohorts], dtype=np.int64)
    unit, cohort = np.nonzero((demand.students > 0) & (stage_of >= 0))
    own = held[unit, :, stage_of[cohort]]
    alone = own.sum(axis=1) == 1
    rows = [(unit[alone], cohort[alone], own[alone].argmax(axis=1), demand.students[unit[alone], cohort[alone]])]
    if not alone.all():
        free = _find_free(district, stage_of, rows[0])
        rows.append(_share_out(travel, demand.students, unit[~alone], cohort[~alone], own[~alone], free, stage_of))
    return Seats(*(np.concatenate(column).astype(np.int64) for column in zip(*rows, strict=True)))


def _find_free(district: District, stage_of: Ints, seated: tuple[Ints, Ints, Ints, Ints]) -> Floats:
    """Places that are left at each school in all, and in each stage, shape (schools, 1 + stages); inf: unknown."""
    schools, settings = district.schools, district.settings
    stages, caps = settings.instance.stages, settings.policy.class_size.cap
    by_rooms = schools.classrooms * max(caps.values(), default=np.nan)
    unknown = np.full(len(schools), np.nan)
    places = [np.where(np.isnan(schools.places), by_rooms, schools.places)]
    places += [schools.places_of_stage.get(stage, unknown) for stage in stages]
    free = np.nan_to_num(np.floor(settings.policy.places_scale * np.stack(places, axis=1) + 1e-6), nan=np.inf)
    _, cohort, school, students = seated
    np.subtract.at(free[:, 0], school, students)
    np.subtract.at(free, (school, 1 + stage_of[cohort]), students)
    return free


def _share_out(
    travel: Travel, students: Ints, unit: Ints, cohort: Ints, own: Bools, free: Floats, stage_of: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """Children of shared catchments: the shortest ways first, while there are places; the rest at their nearest."""
    party, school = np.nonzero(own)
    metres = np.minimum(travel.metres[unit[party], school], _FAR_M)
    left, seats = students[unit, cohort].copy(), np.zeros(len(party), dtype=np.int64)
    order = np.argsort(metres, kind="stable")
    for at in order.tolist():
        p, j, column = party[at], school[at], 1 + stage_of[cohort[party[at]]]
        taken = int(max(0, min(left[p], free[j, 0], free[j, column])))
        seats[at], left[p] = taken, left[p] - taken
        free[j, [0, column]] -= taken
    _, nearest = np.unique(party[order], return_index=True)
    seats[order[nearest]] += left
    used = seats > 0
    return unit[party[used]], cohort[party[used]], school[used], seats[used]


def _seat_entry(district: District, travel: Travel, held: Bools) -> Plan:
    whole = np.full(held.shape, np.inf)
    f = formulate(district, travel)
    seating = take_seats(f, district, travel, held, whole)
    for other, far, relaxed in _relaxations(district, travel):
        if seating is None:
            seating = seat_everybody(relaxed, other, far, held, whole)
    assert seating is not None
    return draw_seated_plan(f, district, travel, seating)


def _relaxations(district: District, travel: Travel) -> Iterator[tuple[District, Travel, Formulation]]:
    """Yield what to try where the children do not fit: with too little room, then beyond every reach."""
    rules = district.settings.rules
    eased = {rule: range(len(district.schools)) for rule in OF_ROOM if getattr(rules, rule) == "hard"}
    roomy = without(district, ("small_classes",))
    far = replace(travel, metres=np.minimum(travel.metres, _FAR_M))
    for other, ways in ((roomy, travel), (without(roomy, OF_WAYS), far)):
        f = formulate(other, ways, eased)
        yield other, ways, f if "shortage" in f.order else replace(f, order=("shortage", *f.order))

"""Places and children: what no plan could mend, and what a number in [policy] or a place could."""

from collections.abc import Iterator

import numpy as np

from models.district import Bools, Floats
from models.settings import Settings
from models.stages import SERVES, STAGES, Stage
from optimizer.checks.demand import decided_rows
from optimizer.checks.registry import check
from optimizer.checks.stock import continuing, return_of
from optimizer.io.demand import decided_students
from optimizer.io.feeders import feeders_decide
from optimizer.io.findings import Finding
from optimizer.io.source import Source, Table


def serving(schools: Table, stage: Stage) -> Bools:
    """Return the schools that are open to the children of a stage by catchment."""
    teaches = np.array([stage in SERVES.get(kind, ()) for kind in schools.text("type")], dtype=bool)
    shut = np.isin(schools.text("status"), ("candidate", "closed")) | (schools.text("ownership") == "private")
    return np.asarray(teaches & ~shut, dtype=bool)


def most_places(schools: Table, stage: Stage, settings: Settings) -> Floats:
    """Return the most children of a stage that each school can hold, NaN where nothing says so.

    Its places of the stage, else of the school, else classrooms times the class cap; times `places_scale`.
    """
    stated = _first(schools.numbers(f"places_{stage}"), schools.numbers("places"))
    rooms = _first(schools.numbers(f"classrooms_{stage}"), schools.numbers("classrooms"))
    cap = settings.policy.class_size.cap.get(stage)
    built = np.full(len(schools), np.nan) if cap is None else rooms * cap
    return _first(stated * settings.policy.places_scale, built)


def _first(*measures: Floats) -> Floats:
    """Return the first measure of each row that is known."""
    result = measures[0]
    for other in measures[1:]:
        result = np.where(np.isnan(result), other, result)
    return result


def _children(source: Source, settings: Settings, stage: Stage) -> tuple[Table, Floats]:
    """Return the demand, and the children of a stage whom the plan decides in each row of it (0 in every other row)."""
    demand = source.tables["demand"]
    decided = (demand.text("stage") == stage) & decided_rows(demand, settings)
    return demand, np.where(decided, decided_students(demand, settings), 0.0)


def _stages(source: Source) -> Iterator[tuple[Settings, Table, Stage]]:
    """Return the planned stages, where schools and demand could be read."""
    settings = source.settings
    if settings is not None and {"schools", "demand"} <= source.tables.keys():
        for stage in settings.instance.stages:
            yield settings, source.tables["schools"], stage


@check("P101")
def find_unserved_stages(source: Source) -> Iterator[Finding]:
    """Stages with children and no open public school."""
    for settings, schools, stage in _stages(source):
        _, students = _children(source, settings, stage)
        wanted = students.sum() > 0 or (stage == "junior" and feeders_decide(settings))
        if schools.has("type") and len(schools) and wanted and not serving(schools, stage).any():
            yield schools.whole("type", stage=stage, students=int(students.sum()))


@check("P102")
def find_unknown_places(source: Source) -> Iterator[Finding]:
    """Open schools that state neither places nor classrooms, where places bind."""
    for settings, schools, stage in _stages(source):
        if settings.rules.places == "off":
            continue
        silent = ~(schools.filled("places") | schools.filled(f"places_{stage}"))
        silent &= ~(schools.filled("classrooms") | schools.filled(f"classrooms_{stage}"))
        rows = np.flatnonzero(silent & serving(schools, stage))
        column, slip = schools.slip("places", "classrooms", f"places_{stage}", f"classrooms_{stage}")
        if slip and len(rows):
            yield schools.whole(column, who=schools.spec.name, stage=stage, slip=slip)
        else:
            yield from (schools.at(int(row), "places", stage=stage) for row in rows)


@check("P103", "warning")
def find_shortage(source: Source) -> Iterator[Finding]:
    """More children of a stage than all its schools have places: no plan unless places are added."""
    for settings, schools, stage in _stages(source):
        demand, students = _children(source, settings, stage)
        places = _free_places(source, settings, stage)[serving(schools, stage)]
        bought = _purchased(schools, stage) if settings.instance.mode == "entry" else 0.0
        if settings.rules.places == "hard" and len(places) and students.sum() > places.sum() + bought:
            children, room = int(students.sum()), int(np.floor(places.sum() + bought))
            yield demand.whole("students", stage=stage, students=children, places=room, short=children - room)


def _free_places(source: Source, settings: Settings, stage: Stage) -> Floats:
    """Return the places that the classes which continue leave to a stage at each school.

    A school that held more children last year than it has places may hold as many again.
    """
    schools = source.tables["schools"]
    places, enrolment, stock = most_places(schools, stage, settings), return_of(source), continuing(source)
    if enrolment is None or stock is None:
        return places
    apart = schools.filled(f"places_{stage}") | (~schools.filled("places") & schools.filled(f"classrooms_{stage}"))
    last_year, still = (
        np.where(apart, *(held.students_by_school(len(schools), stages) for stages in ((stage,), STAGES)))
        for held in (enrolment, stock)
    )
    return np.maximum(places, last_year) - still


def _purchased(schools: Table, stage: Stage) -> float:
    """Return the places of a stage that are bought at private schools."""
    teaches = np.array([stage in SERVES.get(kind, ()) for kind in schools.text("type")], dtype=bool)
    shut = np.isin(schools.text("status"), ("candidate", "closed")) | (schools.text("ownership") != "private")
    return float(np.nan_to_num(schools.numbers("purchased_places"))[teaches & ~shut].sum())


@check("P109", "warning")
def find_shared_shortage(source: Source) -> Iterator[Finding]:
    """More children of all stages than places, where every stage alone would fit: a room cannot be used twice."""
    stages = list(_stages(source))
    if len(stages) < 2 or stages[0][0].rules.places != "hard":
        return
    settings, schools, _ = stages[0]
    planned = settings.instance.stages
    students = np.array([_children(source, settings, stage)[1].sum() for stage in planned])
    open_to = np.array([serving(schools, stage) for stage in planned])
    alone = np.where(open_to, [most_places(schools, stage, settings) for stage in planned], 0.0)
    together = np.where(open_to.any(axis=0), _most_at_once(schools, settings, open_to), 0.0)
    places = np.fmin(alone.sum(axis=0), together).sum()
    if students.sum() > places and (students <= alone.sum(axis=1)).all():
        children, room = int(students.sum()), int(np.floor(places))
        yield source.tables["demand"].whole("students", students=children, places=room, short=children - room)


def _most_at_once(schools: Table, settings: Settings, open_to: Bools) -> Floats:
    """Return the most children of all its stages together that each school can hold, NaN where nothing says so.

    `open_to[stage, school]` follows the planned stages; classrooms count with the largest cap of the school's stages.
    """
    caps = np.array([[settings.policy.class_size.cap.get(stage, np.inf)] for stage in settings.instance.stages])
    cap = np.where(open_to, caps, 0.0).max(axis=0)
    built = schools.numbers("classrooms") * np.where(np.isfinite(cap), cap, np.nan)
    return _first(schools.numbers("places") * settings.policy.places_scale, built)


@check("P104", "warning")
def find_large_units(source: Source) -> Iterator[Finding]:
    """Units with more children of a stage than any one school can take, where units are not divided."""
    for settings, schools, stage in _stages(source):
        places = most_places(schools, stage, settings)[serving(schools, stage)]
        whole = settings.catchments.indivisible and settings.rules.indivisible == "hard"
        demand, students = _children(source, settings, stage)
        if not whole or settings.rules.places != "hard" or not len(places) or not demand.has("unit_id"):
            continue
        units, where = np.unique(demand.text("unit_id").astype(str), return_inverse=True)
        sums = np.bincount(where, weights=students, minlength=len(units))
        for unit in np.flatnonzero(sums > places.max()):
            facts = {"students": int(sums[unit]), "places": int(places.max())}
            yield demand.at(int(np.flatnonzero(where == unit)[0]), "students", str(units[unit]), stage=stage, **facts)


@check("P105", "warning")
def find_regions_without_school(source: Source) -> Iterator[Finding]:
    """Regions with children and no school of their own, where children stay in their region."""
    units = source.tables.get("units")
    for settings, schools, stage in _stages(source):
        if units is None or settings.rules.region != "hard":
            continue
        if not (units.has("region_id") and schools.has("region_id")):
            continue
        served = {*schools.text("region_id")[serving(schools, stage)]}
        region_of = dict(zip(units.text("unit_id"), units.text("region_id"), strict=True))
        demand, students = _children(source, settings, stage)
        lost = {region_of.get(unit, "") for unit in demand.text("unit_id")[students > 0]} - served - {""}
        yield from (units.whole("region_id", region, stage=stage) for region in sorted(lost))


@check("P106", "warning")
def find_empty_demand(source: Source) -> Iterator[Finding]:
    """No children of a stage that is to be planned."""
    for settings, _, stage in _stages(source):
        demand, students = _children(source, settings, stage)
        counted = demand.has("students") and demand.has("stage")
        elsewhere = stage == "junior" and feeders_decide(settings)
        if counted and len(demand) and students.sum() == 0 and not elsewhere:
            yield demand.whole("students", stage=stage, year=settings.instance.year)


@check("P107", "warning")
def find_rooms_without_cap(source: Source) -> Iterator[Finding]:
    """Schools with classrooms but no places, where no class cap says how many children a room holds."""
    for settings, schools, stage in _stages(source):
        if stage not in settings.policy.class_size.cap and settings.rules.places != "off":
            stated = schools.filled("places") | schools.filled(f"places_{stage}")
            roomy = schools.filled("classrooms") | schools.filled(f"classrooms_{stage}")
            for row in np.flatnonzero(~stated & roomy & serving(schools, stage)):
                yield schools.at(int(row), "classrooms", stage=stage)


@check("P113", "warning")
def find_idle_purchases(source: Source) -> Iterator[Finding]:
    """Places bought at a public school, whose places are open without being bought."""
    schools = source.tables.get("schools")
    if schools is not None:
        bought = np.nan_to_num(schools.numbers("purchased_places"))
        for row in np.flatnonzero((bought > 0) & (schools.text("ownership") != "private")):
            yield schools.at(int(row), "purchased_places", str(schools.text("purchased_places")[row]))

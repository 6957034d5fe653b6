"""What a school lacks for the children and classes of a plan, and the cells of `schools` that would give it to them."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from models.district import District, Floats, Ints
from models.stages import SERVES, STAGES, Stage
from optimizer.diagnose.attempt import Attempt, Case
from optimizer.formulation import Formulation, formulate
from optimizer.formulation.kinds import count_seats

Cells = dict[str, dict[str, int]]
"""Columns of `schools` with their new values, by school id."""
ROUNDS = 40
"""Of raising what is short: several classes that last take several rooms, raised one after the other."""
EXACT = 1e-9
_BY_STAGE = {
    "classes_per_grade": "classes_per_grade",
    "classrooms": "classrooms_of_stage",
    "places": "places_of_stage",
}


@dataclass(frozen=True)
class Load:
    """Who is at each school in a plan, in the columns and grades of its formulation."""

    enrolment: Ints
    """Shape (schools, columns)."""
    classes: Ints
    """Shape (schools, grades)."""


def load_of(made: Attempt) -> Load:
    """Return the children and classes of every school in the plan of an attempt."""
    f, outcome = made.formulation, made.outcome
    if outcome.seating is not None:
        return Load(count_seats(made.case.district, f.columns, outcome.seating.seats), outcome.seating.classes)
    assert outcome.pairs is not None and outcome.students is not None and outcome.classes is not None
    enrolment = np.zeros((len(f.school_ids), len(f.columns)), dtype=np.int64)
    np.add.at(enrolment, f.pairs.school[outcome.pairs], outcome.students)
    return Load(enrolment, outcome.classes)


def enlarge(case: Case, load: Load, schools: Collection[int]) -> Cells:
    """Return the least that these schools must be given so that the children and classes of `load` fit."""
    cells: Cells = {}
    district = case.district
    for _ in range(ROUNDS):
        f = formulate(district, case.travel)
        short = [*_short_of_places(f, district, load, schools), *_short_of_rooms(f, district, load, schools)]
        if not short:
            break
        for school, cell, value in short:
            held = cells.setdefault(f.school_ids[school], {})
            held[cell] = max(held.get(cell, 0), value)
        district = with_cells(case.district, cells)
    return cells


def with_cells(district: District, cells: Mapping[str, Mapping[str, int]]) -> District:
    """Return the district with other places, rooms and tracks."""
    schools = district.schools
    for school_id, of_school in cells.items():
        for cell, value in of_school.items():
            name, stage = _column(cell)
            held = getattr(schools, name)
            row = schools.row[school_id]
            of_stage = held.get(stage, np.full(len(schools), np.nan)) if stage else held
            column = _with(of_stage, row, value)
            changed: dict[str, Any] = {name: {**held, stage: column} if stage else column}
            schools = replace(schools, **changed)
    return replace(district, schools=schools)


def value_of(district: District, school: int, cell: str) -> int | None:
    """Return what a school has today; None where it is not stated."""
    name, stage = _column(cell)
    held = getattr(district.schools, name)
    column = held.get(stage) if stage else held
    return None if column is None or np.isnan(column[school]) else int(column[school])


def list_changes(district: District, cells: Cells) -> list[dict[str, Any]]:
    """Return what schools are given: school, its name, cell, and its value before and after."""
    rows, names = district.schools.row, district.schools.names
    return [
        {
            "school": school,
            "name": names[rows[school]],
            "cell": cell,
            "before": value_of(district, rows[school], cell),
            "after": value,
        }
        for school, of_school in cells.items()
        for cell, value in sorted(of_school.items())
    ]


def _with(column: Floats, row: int, value: int) -> Floats:
    changed = column.copy()
    changed[row] = value
    return changed


def _column(cell: str) -> tuple[str, Stage | None]:
    """Attribute of `Schools`, and the stage of a cell such as `classrooms_primary`."""
    for column, attribute in _BY_STAGE.items():
        for stage in STAGES:
            if cell == f"{column}_{stage}":
                return attribute, stage
    return cell, None


def _short_of_places(
    f: Formulation, district: District, load: Load, schools: Collection[int]
) -> Iterator[tuple[int, str, int]]:
    """Yield school, cell, and what must stand in it."""
    policy, caps = district.settings.policy, district.settings.policy.class_size.cap
    for limit in f.limits:
        school, more = limit.school, int(load.enrolment[limit.school, limit.columns].sum()) - limit.bound
        if more <= 0 or school not in schools or limit.rule not in ("places", "purchased"):
            continue
        if limit.rule == "purchased":
            yield school, "purchased_places", limit.bound + more
            continue
        named = _named(f, limit.name, school)
        stages = (named,) if named in STAGES else SERVES[district.schools.types[school]]
        cell = f"places_{named}" if named else "places"
        places, standing = value_of(district, school, cell), _before(district, school, stages, "students")
        beyond = math.ceil(more / (1.0 - policy.reserve_share) - EXACT)
        if places is None:
            cap = max(caps[stage] for stage in stages if stage in caps)
            rooms = value_of(district, school, "classrooms") or 0
            yield school, "classrooms", rooms + math.ceil(beyond / (policy.places_scale * cap) - EXACT)
        else:
            yield school, cell, math.ceil((max(policy.places_scale * places, standing) + beyond) / policy.places_scale)


def _short_of_rooms(
    f: Formulation, district: District, load: Load, schools: Collection[int]
) -> Iterator[tuple[int, str, int]]:
    """As above: rooms that must last are rooms of today, tracks are classes of one grade."""
    rules = f.classes
    for group in rules.rooms if rules is not None else ():
        assert rules is not None
        school, weight = group.school, group.weight * rules.taught[group.school]
        more = int(weight @ load.classes[school]) - group.rooms
        if more <= 0 or school not in schools:
            continue
        rule, _, _ = group.name.partition("[")
        named, _, years = _named(f, group.name, school).partition("+")
        stage = named.rstrip(",")
        if rule == "tracks" and not years:
            yield school, f"classes_per_grade_{stage}", group.rooms + more
            continue
        stages = (stage,) if stage in STAGES else SERVES[district.schools.types[school]]
        cell = f"classrooms_{stage}" if stage else "classrooms"
        yield (
            school,
            cell,
            max(value_of(district, school, cell) or 0, _before(district, school, stages, "classes")) + more,
        )


def _before(district: District, school: int, stages: Sequence[Stage], what: Literal["students", "classes"]) -> int:
    """What stood above a limit last year may stand again: a limit is raised from there."""
    stock = district.enrolment
    if stock is None or district.settings.rules.strict or district.settings.instance.mode != "entry":
        return 0
    count = stock.students_by_school if what == "students" else stock.classes_by_school
    return int(count(len(district.schools), tuple(stages))[school])


def _named(f: Formulation, name: str, school: int) -> str:
    """What stands behind the school in a name such as `places[S03,primary]`."""
    _, _, rest = name.partition("[")
    return rest[len(f.school_ids[school]) : -1].lstrip(",")

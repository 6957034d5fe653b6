"""Why a school has the children it has: its catchment, what keeps it from more, and who lives nearer."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.placement import Placement
from models.settings import Hardness
from models.stages import COMPULSORY, SERVES, STAGES, Stage
from optimizer.explain.basis import Basis
from optimizer.explain.ids import find_row
from optimizer.explain.moved import Move, try_move
from optimizer.explain.unit import find_members
from optimizer.recheck.tracks import find_tracks

MOST = 3
"""Units nearer than their own school that are told of one by one, and schools and units in other lists."""

LimitName = Literal["places", "classrooms", "tracks", "school_size"]


@dataclass(frozen=True)
class Limit:
    """What a school may hold; `stage` is "" where all its stages count together."""

    rule: LimitName
    stage: str
    value: float
    limit: float
    unit: Literal["students", "classes"]

    @property
    def binds(self) -> bool:
        """Whether nothing is left of it."""
        return self.value >= self.limit


@dataclass(frozen=True)
class Nearer:
    """A unit that is nearer to this school than to the one it belongs to."""

    unit: str
    metres: float
    """To this school."""
    school: str
    """Where it belongs."""
    school_metres: float
    students: int
    move: Move
    """What it would come to if it belonged here."""


@dataclass(frozen=True)
class Change:
    """Units that a school gains from another one or loses to it, against today."""

    school: str
    """"" where the unit belongs to none today."""
    units: tuple[str, ...]
    students: int
    gained: bool


@dataclass(frozen=True)
class SchoolStage:
    """One stage of a school."""

    stage: Stage
    units: int
    """Of its catchment."""
    students: int
    """Children of its catchment who go where it goes."""
    seated: int
    """Children whom the plan seats there, of whatever kind."""
    guests: int
    """Of these, those who live in no catchment of it or follow none."""
    total: int
    """With the classes that continue."""
    free: int | None
    """Children more whom the classes that enter would hold at the cap; None where nothing says."""
    farthest: tuple[str, float, int] | None
    """The unit of its catchment with the longest way, metres, and its children."""
    turned_away: tuple[tuple[str, int], ...]
    """Children of its catchment who sit elsewhere: school and how many."""
    changes: tuple[Change, ...]
    nearer_units: int
    nearer_students: int
    nearer: tuple[Nearer, ...]
    """The first of them, those who lose most first."""


@dataclass(frozen=True)
class SchoolAnswer:
    """What there is to say of a school."""

    school: str
    name: str
    limits: tuple[Limit, ...]
    stages: tuple[SchoolStage, ...]


def explain_school(basis: Basis, school: str, stage: Stage | None = None) -> SchoolAnswer:
    """Return why a school, by id or by a name that it alone has, holds whom it holds; of one stage or of all planned.

    Raises NotKnown.
    """
    placement, schools = basis.placement, basis.district.schools
    row = find_row("school", school, schools.ids, schools.names)
    planned = [each for each in basis.district.settings.instance.stages if stage in (None, each)]
    taught = [each for each in planned if each in SERVES[schools.types[row]] or _seated(placement, each, row)]
    return SchoolAnswer(
        school=schools.ids[row],
        name=schools.names[row],
        limits=tuple(find_limits(placement, row)),
        stages=tuple(_explain_stage(basis, each, row) for each in taught),
    )


def find_limits(placement: Placement, school: int) -> Iterator[Limit]:
    """Yield what a school (row) may hold under the rules that are not off, continuing classes included."""
    district, rules = placement.district, placement.district.settings.rules
    schools, policy = district.schools, district.settings.policy
    children = {stage: float(placement.students_by_school(stage)[school]) for stage in STAGES}
    classes = {stage: float(placement.classes_by_school(stage)[school]) for stage in STAGES}
    every = sum(children.values())
    size = policy.school_size.cap.get(schools.types[school], math.nan)
    judged = policy.school_size.applies_to == "all" or bool(schools.is_new[school])
    stated: list[tuple[LimitName, Hardness, str, float, float, Literal["students", "classes"]]] = [
        ("places", rules.places, "", every, policy.places_scale * schools.places[school], "students"),
        ("classrooms", rules.classrooms, "", sum(classes.values()), schools.classrooms[school], "classes"),
        (
            "school_size",
            rules.school_size if judged else "off",
            "",
            sum(children[stage] for stage in COMPULSORY),
            size,
            "students",
        ),
    ]
    for stage in STAGES:
        places, rooms = schools.places_of_stage.get(stage), schools.classrooms_of_stage.get(stage)
        if places is not None:
            stated.append(
                ("places", rules.places, stage, children[stage], policy.places_scale * places[school], "students")
            )
        if rooms is not None:
            stated.append(("classrooms", rules.classrooms, stage, classes[stage], rooms[school], "classes"))
        if placement.entry_only and stage in district.settings.instance.stages:
            entering, tracks = _entering(placement, stage, school)[1], find_tracks(placement, stage)[school]
            stated.append(("tracks", rules.tracks if entering else "off", stage, entering, tracks, "classes"))
    for rule, hardness, stage_name, value, limit, unit in stated:
        if hardness != "off" and not math.isnan(limit):
            yield Limit(rule, stage_name, value, math.floor(float(limit) + 1e-6), unit)


def _explain_stage(basis: Basis, stage: Stage, school: int) -> SchoolStage:
    placement, ids = basis.placement, basis.district.schools.ids
    members, children = find_members(placement, stage, school), placement.children_of_catchments(stage)
    seats = placement.seats[(placement.seats["stage"] == stage) & (placement.seats["students"] > 0)]
    here = seats[seats["school"] == school]
    away = seats[(seats["own"] == school) & seats["outside"] & ~seats["placed"]]
    away = away[away["zoned"] | (not placement.entry_only)]
    turned = away.groupby("school")["students"].sum().sort_values(ascending=False, kind="stable")
    seated, classes = _entering(placement, stage, school)
    cap = basis.district.settings.policy.class_size.cap.get(stage)
    nearer = _find_nearer(placement, stage, school)
    return SchoolStage(
        stage=stage,
        units=int(members.sum()),
        students=int(children[members].sum()),
        seated=int(here["students"].sum()),
        guests=int(here.loc[here["outside"] | (placement.entry_only & ~here["zoned"]), "students"].sum()),
        total=int(placement.students_by_school(stage)[school]),
        free=max(0, classes * cap - seated) if cap and classes and placement.entry_only else None,
        farthest=_find_farthest(placement, stage, school),
        turned_away=tuple((ids[row], int(count)) for row, count in zip(turned.index.tolist(), turned, strict=True)),
        changes=tuple(_list_changes(placement, stage, school)),
        nearer_units=len(nearer),
        nearer_students=int(children[nearer].sum()),
        nearer=tuple(_tell_nearer(basis, stage, unit, school) for unit in nearer[:MOST]),
    )


def _seated(placement: Placement, stage: Stage, school: int) -> int:
    rows = placement.assignments
    return int(rows.loc[(rows["stage"] == stage) & (rows["school"] == school), "students"].sum())


def _entering(placement: Placement, stage: Stage, school: int) -> tuple[int, int]:
    """Children whom the plan seats, and the classes that they make."""
    rows = placement.classes
    decided = (rows["school"] == school) & (rows["stage"] == stage) & (rows["origin"] != "continuing")
    return _seated(placement, stage, school), int(rows.loc[decided, "classes"].sum())


def _find_farthest(placement: Placement, stage: Stage, school: int) -> tuple[str, float, int] | None:
    children = placement.children_of_catchments(stage)
    held = np.flatnonzero(find_members(placement, stage, school) & (children > 0))
    if not len(held):
        return None
    unit = int(held[np.argmax(placement.travel.metres[held, school])])
    return placement.district.units.ids[unit], float(placement.travel.metres[unit, school]), int(children[unit])


def _find_nearer(placement: Placement, stage: Stage, school: int) -> list[int]:
    """Units with children that are nearer to a school than to their own, those who go farthest beyond it first."""
    if not placement.district.schools.serves(stage)[school]:
        return []
    metres, own = placement.travel.metres, placement.school_of_unit(stage)
    units = np.arange(len(own))
    beyond = np.where(own >= 0, metres[units, own], np.nan) - metres[:, school]
    nearer = (beyond > 0) & ~find_members(placement, stage, school) & (placement.children_of_catchments(stage) > 0)
    held = np.flatnonzero(nearer)
    return [int(unit) for unit in held[np.argsort(-beyond[held], kind="stable")]]


def _tell_nearer(basis: Basis, stage: Stage, unit: int, school: int) -> Nearer:
    placement = basis.placement
    own = int(placement.school_of_unit(stage)[unit])
    return Nearer(
        unit=basis.district.units.ids[unit],
        metres=float(basis.travel.metres[unit, school]),
        school=basis.district.schools.ids[own],
        school_metres=float(basis.travel.metres[unit, own]),
        students=int(placement.children_of_catchments(stage)[unit]),
        move=try_move(basis, stage, unit, school),
    )


def _list_changes(placement: Placement, stage: Stage, school: int) -> Iterator[Change]:
    """What a school gains and loses, school by school, the most children first."""
    changed, ids = placement.changed(stage), (*placement.district.schools.ids, "")
    then, now = placement.school_of_unit_today(stage), placement.school_of_unit(stage)
    children, units = placement.children_of_catchments(stage), placement.district.units.ids
    for gained, here, there in ((True, now, then), (False, then, now)):
        rows = np.flatnonzero(changed & (here == school))
        others = sorted(set(there[rows].tolist()), key=lambda j: -int(children[rows[there[rows] == j]].sum()))
        for other in others:
            held = rows[there[rows] == other]
            named = tuple(units[unit] for unit in held)
            yield Change(ids[other], named, int(children[held].sum()), gained)

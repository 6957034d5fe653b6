"""Why a unit belongs where it does: who was admitted from farther away, and what any other school would cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.district import Bools, Ints
from models.placement import Placement, rows_of, schools_by_unit
from models.stages import Stage
from optimizer.explain.basis import Basis
from optimizer.explain.ids import find_row
from optimizer.explain.moved import Move, find_estate, try_move
from optimizer.recheck.contiguity import label_pieces
from optimizer.recheck.tracks import find_tracks

FEWEST, MOST = 3, 5
"""Other schools that are tried: so many of the nearest, and all that are nearer than the unit's own up to MOST."""

Why = Literal["must", "own_unit", "today", "estate", "nearest", "between", "plan"]
"""Why a school has a unit: it must, the school stands in it, it has it today, other units of its estate are there, no
school is nearer, without it the catchment falls apart, or the plan as a whole needs it."""


@dataclass(frozen=True)
class Seat:
    """Children of one kind at one school; `metres` as in the table of assignments."""

    category: str
    school: str
    students: int
    metres: int
    outside: bool
    """Whether they sit outside the catchment they live in, and no committee decided so."""


@dataclass(frozen=True)
class Passed:
    """A nearer school that has a unit from farther away (舍近求远)."""

    school: str
    metres: float
    unit: str
    """The farthest of those units."""
    unit_metres: float
    students: int
    why: Why
    count: int
    """How many units it has from farther away than this one is."""


@dataclass(frozen=True)
class Room:
    """How full a school is that could not seat everybody."""

    school: str
    students: int
    places: float
    """NaN where none are known."""
    classes: int
    """That enter."""
    tracks: float


@dataclass(frozen=True)
class StageAnswer:
    """One stage of a unit."""

    stage: Stage
    schools: tuple[str, ...]
    """Whose catchment it belongs to; several where it is shared."""
    metres: tuple[float, ...]
    students: int
    """Children who go where the catchment goes."""
    today: tuple[str, ...]
    """Schools of today's catchment; empty where none is known."""
    reason: str
    """Why that is not today's, a key of `runs.reasons`; "" where it is, or where today's is not known."""
    must: bool
    """Whether it was decided beforehand."""
    seats: tuple[Seat, ...]
    full: Room | None
    """The own school, where children of the unit who belong to it sit elsewhere."""
    passed: tuple[Passed, ...]
    moves: tuple[Move, ...]
    """To other schools, the nearest first."""


@dataclass(frozen=True)
class UnitAnswer:
    """What there is to say of a unit."""

    unit: str
    name: str
    mean_m: float | None
    """Of the district, as it is planned."""
    proved: bool
    """Whether the plan was proved best."""
    stages: tuple[StageAnswer, ...]


def explain_unit(basis: Basis, unit: str, stage: Stage | None = None) -> UnitAnswer:
    """Return why a unit, by id or by a name that it alone has, belongs where it does; of one stage or of all planned.

    Raises NotKnown.
    """
    units, planned = basis.district.units, basis.district.settings.instance.stages
    row = find_row("unit", unit, units.ids, units.names)
    record = basis.stored.record
    stages = tuple(_explain_stage(basis, each, row) for each in planned if stage in (None, each))
    return UnitAnswer(units.ids[row], units.names[row], record["mean_m"], record["status"] == "optimal", stages)


def _explain_stage(basis: Basis, stage: Stage, unit: int) -> StageAnswer:
    placement, ids = basis.placement, basis.district.schools.ids
    own = sorted(schools_by_unit(placement.catchments).get((unit, stage), ()), key=lambda j: _metres(basis, unit, j))
    today = placement.schools_today().get((unit, stage), frozenset())
    seats = tuple(_list_seats(basis, stage, unit))
    outside = any(seat.outside and placement.is_zoned(seat.category) for seat in seats)
    return StageAnswer(
        stage=stage,
        schools=tuple(ids[school] for school in own),
        metres=tuple(_metres(basis, unit, school) for school in own),
        students=int(placement.children_of_catchments(stage)[unit]),
        today=tuple(ids[school] for school in sorted(today)),
        reason=_find_reason(basis, stage, unit),
        must=any(must_hold(placement, stage, unit, school) for school in own),
        seats=seats,
        full=_measure_room(placement, stage, own[0]) if outside and own else None,
        passed=tuple(_find_passed(placement, stage, unit, own)),
        moves=tuple(try_move(basis, stage, unit, school) for school in find_others(placement, stage, unit, own)),
    )


def find_others(placement: Placement, stage: Stage, unit: int, own: list[int]) -> list[int]:
    """Return schools (rows) within reach of a unit that it might belong to, the nearest first."""
    metres = placement.travel.metres[unit]
    open_to = placement.district.schools.serves(stage) & np.isfinite(metres)
    others = [int(j) for j in np.argsort(metres, kind="stable") if open_to[j] and j not in own]
    nearer = sum(bool(metres[j] < metres[own].min(initial=np.inf)) for j in others)
    return others[: min(MOST, max(FEWEST, nearer))]


def must_hold(placement: Placement, stage: Stage, unit: int, school: int) -> bool:
    """Return whether it was decided beforehand that a unit belongs to a school (rows)."""
    fixed = placement.district.fixed
    if fixed is None:
        return False
    return any(
        fixed.must[k] and fixed.stage[k] == stage and (not fixed.category[k] or placement.is_zoned(fixed.category[k]))
        for k in np.flatnonzero((fixed.unit == unit) & (fixed.school == school))
    )


def find_why(placement: Placement, stage: Stage, unit: int, school: int) -> Why:
    """Return the first reason that holds for a school having a unit (rows)."""
    estate = [row for row in find_estate(placement, unit) if row != unit]
    open_to, metres = placement.district.schools.serves(stage), placement.travel.metres[unit]
    reasons: dict[Why, bool] = {
        "must": must_hold(placement, stage, unit, school),
        "own_unit": int(placement.district.schools.unit[school]) == unit,
        "today": school in placement.schools_today().get((unit, stage), ()),
        "estate": bool(estate),
        "nearest": bool(metres[school] <= metres[open_to].min()),
        "between": _holds_together(placement, stage, unit, school),
    }
    return next((why for why, holds in reasons.items() if holds), "plan")


def _holds_together(placement: Placement, stage: Stage, unit: int, school: int) -> bool:
    """Whether the catchment of a school falls into more pieces without a unit."""
    neighbours = placement.travel.neighbours
    if neighbours is None or placement.district.settings.rules.contiguous == "off":
        return False
    members = find_members(placement, stage, school)
    without = members.copy()
    without[unit] = False
    pieces = [len(np.unique(label_pieces(neighbours, held)[held])) for held in (members, without)]
    return pieces[1] > pieces[0]


def find_members(placement: Placement, stage: Stage, school: int) -> Bools:
    """Return which units belong to a school (row)."""
    rows = placement.catchments
    held = np.zeros(len(placement.district.units), dtype=bool)
    held[rows.loc[(rows["stage"] == stage) & (rows["school"] == school), "unit"].to_numpy(np.int64)] = True
    return held


def _metres(basis: Basis, unit: int, school: int) -> float:
    return float(basis.travel.metres[unit, school])


def _find_reason(basis: Basis, stage: Stage, unit: int) -> str:
    changes = basis.stored.tables.get("changes")
    if changes is None:
        return ""
    rows = changes[(changes["unit_id"] == basis.district.units.ids[unit]) & (changes["stage"] == stage)]
    return str(rows["reason_code"].iloc[0]) if len(rows) else ""


def _list_seats(basis: Basis, stage: Stage, unit: int) -> Iterator[Seat]:
    seats = basis.placement.seats
    mine = (seats["unit"] == unit) & (seats["stage"] == stage) & (seats["students"] > 0)
    for row in rows_of(seats[mine]):
        outside = bool(row.outside and not row.placed)
        school = basis.district.schools.ids[row.school]
        yield Seat(row.category, school, int(row.students), round(row.metres), outside)


def _measure_room(placement: Placement, stage: Stage, school: int) -> Room:
    rows = placement.classes
    entering = (rows["school"] == school) & (rows["stage"] == stage) & (rows["origin"] == "entry")
    return Room(
        placement.district.schools.ids[school],
        int(placement.students_by_school(stage)[school]),
        float(placement.places_of(stage)[school]),
        int(rows.loc[entering, "classes"].sum()),
        float(find_tracks(placement, stage)[school]),
    )


def _find_passed(placement: Placement, stage: Stage, unit: int, own: list[int]) -> Iterator[Passed]:
    """Nearer schools to which the unit does not belong, and which have children from farther away."""
    metres, students = placement.travel.metres, placement.children_of_catchments(stage)
    serving = np.flatnonzero(placement.district.schools.serves(stage))
    nearer = serving[metres[unit, serving] < metres[unit, own].min(initial=np.inf)]
    for school in nearer[np.argsort(metres[unit, nearer], kind="stable")][:MOST].tolist():
        held = np.flatnonzero(find_members(placement, stage, school) & (students > 0))
        farther: Ints = held[metres[held, school] > metres[unit, school]]
        if school not in own and students[unit] and len(farther):
            worst = int(farther[np.argmax(metres[farther, school])])
            ids = placement.district.units.ids[worst], placement.district.schools.ids[school]
            yield Passed(
                school=ids[1],
                metres=float(metres[unit, school]),
                unit=ids[0],
                unit_metres=float(metres[worst, school]),
                students=int(students[worst]),
                why=find_why(placement, stage, worst, school),
                count=len(farther),
            )

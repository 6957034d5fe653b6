"""What a single change of a plan would come to: one unit goes to another school, and all else stays as it is.

The change is made in the tables, and the tables are judged by the re-check, which knows nothing of how the plan was
found. So what it names is what forbids the move beside this plan, not beside every plan.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from models.district import Bools, Ints
from models.placement import Placement, rows_of
from models.plan import ASSIGNMENT_COLUMNS, CLASS_COLUMNS, COORDINATION_COLUMNS, Plan
from models.run import Shortfall
from models.stages import Stage, grades_of
from optimizer.explain.basis import Basis
from optimizer.indices import compute_judged
from optimizer.recheck import recheck_placement
from optimizer.recheck.classes import decides_classes, spread_children

OF_ROOM = ("places", "classrooms", "tracks", "class_size", "school_size")
"""Rules that a school breaks by holding too many."""
_FIGURES = ("spread", "figures")
"""Rules about the tables themselves, which no move is forbidden by."""
_SAME = 1e-6


@dataclass(frozen=True)
class Turn:
    """The first level of the objective that a move would change."""

    level: str
    before: float
    after: float

    @property
    def is_worse(self) -> bool:
        """Whether the level grows, for all are minimised."""
        return self.after > self.before


@dataclass(frozen=True)
class Move:
    """What it would come to if a unit, with the units of its estate, went to another school, all else as it is."""

    school: str
    metres: float
    """From the unit."""
    with_units: tuple[str, ...]
    """Units of its estate that go along."""
    students: int
    """Children whose school would change, guests among them."""
    guests: int
    """Children without a catchment who would have to give way at that school."""
    mean_m: float
    """Of the district."""
    used: tuple[float, float]
    """Share of that school's places that is taken, before and after; NaN where no places are known."""
    used_left: tuple[float, float]
    """As `used`, of the school that they leave."""
    forbids: tuple[Shortfall, ...]
    """Hard rules that would be broken."""
    beyond: int
    """Where want of room alone forbids it: children of the catchment who would have to be placed elsewhere."""
    turn: Turn | None
    """Where nothing forbids it: what it would change first; None where every level stays the same."""
    failing: tuple[tuple[str, str, str], ...]
    """Indices that would no longer reach their target: index, scope and stage."""


def try_move(basis: Basis, stage: Stage, unit: int, school: int) -> Move:
    """Return what it would come to if a unit (row) belonged to another school (row), with its whole estate."""
    placement, units = basis.placement, find_estate(basis.placement, unit)
    home, following = int(placement.school_of_unit(stage)[unit]), count_following(basis.placement, stage, units)
    after, found = _judge(basis, _with_units(placement, stage, units, school), school)
    lacking = _count_lacking(after, (stage, school), found)
    guests = find_guests(placement, stage, school, home)
    giving_way = min(lacking, int(guests["students"].sum()))
    if giving_way and giving_way == lacking:
        seats = _without_guests(after, (school, home), guests, lacking)
        after, found = _judge(basis, _with_seats(placement, after.plan.catchments, stage, seats), school)
    total = int(after.plan.assignments["students"].sum())
    used, then = placement.filled(), after.filled()
    room_alone = bool(found.new) and all(_is_of_room(each, placement, school) for each in found.new)
    elsewhere = placement.entry_only and basis.district.settings.rules.overflow == "soft"
    return Move(
        school=basis.district.schools.ids[school],
        metres=float(basis.travel.metres[unit, school]),
        with_units=tuple(basis.district.units.ids[row] for row in units if row != unit),
        students=following + giving_way,
        guests=giving_way,
        mean_m=1000 * after.plan.student_km / total if total else math.nan,
        used=(float(used[school]), float(then[school])),
        used_left=(float(used[home]), float(then[home])),
        forbids=found.new,
        beyond=lacking - giving_way if room_alone and elsewhere else 0,
        turn=None if found.new else _find_turn(basis.levels, basis.count(after, found.shortfalls)),
        failing=_list_failing(basis.indices, compute_judged(after)),
    )


@dataclass(frozen=True)
class _Found:
    shortfalls: tuple[Shortfall, ...]
    new: tuple[Shortfall, ...]
    """Hard ones that the plan itself does not have."""


def _judge(basis: Basis, moved: Placement, school: int) -> tuple[Placement, _Found]:
    """The plan and what it breaks; where shares of small classes alone are missed, with a class more at the school."""
    found = _find_new(basis, moved)
    if found.new and all(each.rule == "small_classes" for each in found.new):
        wider = _beside(moved, _with_a_class_more(moved.plan, basis.district.schools.ids[school]))
        other = _find_new(basis, wider)
        if not other.new:
            return wider, other
    return moved, found


def _find_new(basis: Basis, moved: Placement) -> _Found:
    shortfalls = recheck_placement(moved)
    known = {(each.rule, each.kind, each.stage, each.where, each.detail) for each in basis.shortfalls if each.is_fault}
    new = [
        each
        for each in shortfalls
        if each.is_fault
        and each.rule not in _FIGURES
        and (each.rule, each.kind, each.stage, each.where, each.detail) not in known
    ]
    return _Found(shortfalls, tuple(new))


def find_estate(placement: Placement, unit: int) -> list[int]:
    """Return the rows of the units of an estate, which keep together; of a unit on its own that one."""
    estate = placement.district.units.estate
    return [row for row in range(len(estate)) if row == unit or (estate[unit] and estate[row] == estate[unit])]


def _follows(placement: Placement, stage: Stage, units: Iterable[int]) -> Bools:
    """Rows of the assignments whose children go where the catchment of some units goes."""
    rows = placement.assignments
    follow = rows["zoned"] if placement.entry_only else ~rows["zoned"] | rows["zoned"]
    return np.asarray(follow & (rows["stage"] == stage) & rows["unit"].isin(list(units)), dtype=bool)


def count_following(placement: Placement, stage: Stage, units: Iterable[int]) -> int:
    """Return the children who go where the catchment of some units (rows) goes."""
    return int(placement.assignments.loc[_follows(placement, stage, units), "students"].sum())


def _with_units(placement: Placement, stage: Stage, units: list[int], school: int) -> Placement:
    """The plan with some units, and the children who follow them, at another school."""
    plan, ids = placement.plan, [placement.district.units.ids[row] for row in units]
    named = placement.district.schools.ids[school]
    catchments = plan.catchments.astype(object)
    going = (catchments["stage"] == stage) & catchments["unit_id"].isin(ids)
    catchments.loc[going, "school_id"] = named
    catchments = catchments[~(going & catchments.duplicated(["unit_id", "stage"]))].reset_index(drop=True)
    seats = _seats(placement)
    seats.loc[_follows(placement, stage, units), "school"] = school
    return _with_seats(placement, catchments, stage, seats)


def find_guests(placement: Placement, stage: Stage, school: int, home: int) -> pd.DataFrame:
    """Return the seats of children without a catchment at a school, those nearest to `home` first; mode `entry`."""
    rows = placement.assignments
    mine = ~rows["zoned"] & ~rows["placed"] & (rows["stage"] == stage) & (rows["school"] == school)
    guests = rows[mine & placement.entry_only & (home >= 0)].copy()
    guests["way"] = placement.travel.metres[guests["unit"].to_numpy(np.int64), home]
    guests = guests[np.isfinite(guests["way"]) & (guests["students"] > 0)]
    return pd.DataFrame(guests.sort_values("way", kind="stable"))


def _without_guests(moved: Placement, schools: tuple[int, int], guests: pd.DataFrame, lacking: int) -> pd.DataFrame:
    """The seats of a plan with so many guests of one school at another, whose places the unit leaves free."""
    school, home = schools
    seats = _seats(moved)
    for guest in rows_of(guests):
        going = min(lacking, int(guest.students))
        lacking -= going
        same = (seats["unit"] == guest.unit) & (seats["stage"] == guest.stage) & (seats["category"] == guest.category)
        here = same & (seats["school"] == school)
        seats.loc[here, "students"] -= going
        seats = pd.concat([seats, seats[here].assign(school=home, students=going)], ignore_index=True)
    return seats


def _seats(placement: Placement) -> pd.DataFrame:
    return placement.assignments[["unit", "stage", "category", "school", "students"]].copy()


def _beside(placement: Placement, plan: Plan) -> Placement:
    return Placement(placement.district, placement.travel, plan)


def _with_seats(placement: Placement, catchments: pd.DataFrame, stage: Stage, seats: pd.DataFrame) -> Placement:
    """The plan with these catchments and seats; classes stay where children stay."""
    district, travel = placement.district, placement.travel
    units, schools = (np.array(ids, dtype=object) for ids in (district.units.ids, district.schools.ids))
    key = ["unit", "stage", "category", "school"]
    summed = seats.groupby(key, sort=False)["students"].sum()
    seats = summed[summed > 0].reset_index()
    metres = travel.metres[seats["unit"].to_numpy(np.int64), seats["school"].to_numpy(np.int64)]
    assignments = pd.DataFrame({
        "unit_id": units[seats["unit"]],
        "stage": seats["stage"].to_numpy(object),
        "category": seats["category"].to_numpy(object),
        "school_id": schools[seats["school"]],
        "students": seats["students"].to_numpy(np.int64),
        "metres": np.round(np.where(np.isfinite(metres), metres, 0.0)),
    })[list(ASSIGNMENT_COLUMNS)]  # fmt: skip
    known = np.isfinite(metres)
    student_km = float((seats["students"].to_numpy(np.float64)[known] * metres[known]).sum()) / 1000
    plan = replace(placement.plan, catchments=catchments, assignments=assignments, student_km=student_km)
    seated = _beside(placement, plan)
    coordination = _coordinate(seated) if placement.entry_only else plan.coordination
    return _beside(placement, replace(plan, coordination=coordination, classes=_divide(placement, seated, stage)))


def _coordinate(placement: Placement) -> pd.DataFrame:
    """The table of who sits outside the catchment they live in."""
    units, schools = placement.district.units.ids, placement.district.schools.ids
    seats = placement.seats
    rows = [
        (schools[row.own] if row.own >= 0 else "", units[row.unit], row.stage, row.category, schools[row.school],
         row.students, round(row.metres))
        for row in rows_of(seats[seats["outside"] & ~seats["placed"] & (seats["students"] > 0)])
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COORDINATION_COLUMNS))


def _divide(before: Placement, after: Placement, stage: Stage) -> pd.DataFrame:
    """Classes where the children of a stage are now others: as many as there were, more where the cap requires it."""
    classes = before.plan.classes.astype(object)
    if not decides_classes(before, stage):
        return classes
    grades = grades_of(stage, before.district.settings.instance.system)
    grades = grades[:1] if before.entry_only else grades
    were, are = (_by_grade(each, stage, grades) for each in (before, after))
    origin = "entry" if before.entry_only else "whole"
    cap = before.district.settings.policy.class_size.cap.get(stage)
    ids = before.district.schools.ids
    changed = [(int(school), int(grade)) for school, grade in np.argwhere(were != are)]
    if not changed:
        return classes
    held, rows = _held(classes, stage), []
    for school, grade in changed:
        n, k = int(are[school, grade]), held.get((ids[school], grades[grade]), 0)
        k = min(max(k, -(-n // cap) if cap else 1), n)
        if n:
            rows.append((ids[school], stage, grades[grade], n, k, -(-n // k), origin))
    gone = pd.MultiIndex.from_tuples([(ids[school], stage, grades[grade]) for school, grade in changed])
    decided = classes["origin"] != "continuing"
    stays = ~(decided & pd.MultiIndex.from_frame(classes[["school_id", "stage", "grade"]]).isin(gone))
    added = pd.DataFrame(rows, columns=list(CLASS_COLUMNS))
    return pd.concat([classes[stays], added], ignore_index=True).astype({"students": np.int64, "classes": np.int64})


def _by_grade(placement: Placement, stage: Stage, grades: tuple[str, ...]) -> Ints:
    """Children whom the plan seats, by school and grade."""
    if not placement.entry_only:
        return spread_children(placement, stage, grades)
    return (placement.students_by_school(stage) - placement.stock_by_school(stage))[:, None]


def _held(classes: pd.DataFrame, stage: Stage) -> dict[tuple[str, str], int]:
    rows = classes[(classes["stage"] == stage) & (classes["origin"] != "continuing")]
    return {(row.school_id, row.grade): int(row.classes) for row in rows_of(rows)}


def _with_a_class_more(plan: Plan, school_id: str) -> Plan:
    classes = plan.classes.copy()
    opened = (classes["school_id"] == school_id) & (classes["origin"] != "continuing")
    classes.loc[opened, "classes"] += 1
    sizes = np.ceil(classes["students"].astype(float) / classes["classes"].astype(float))
    return replace(plan, classes=classes.assign(largest_class=sizes.astype(np.int64)))


def _is_of_room(shortfall: Shortfall, placement: Placement, school: int) -> bool:
    return shortfall.rule in OF_ROOM and shortfall.where == placement.district.schools.ids[school]


def _count_lacking(after: Placement, place: tuple[Stage, int], found: _Found) -> int:
    """Children of those who enter a stage of a school that its room does not hold: the most that any rule names."""
    (stage, school), instance = place, after.district.settings.instance
    cap, grades = after.district.settings.policy.class_size.cap.get(stage), grades_of(stage, instance.system)
    entering = int((after.students_by_school(stage) - after.stock_by_school(stage))[school])
    classes = _held(after.plan.classes, stage).get((after.district.schools.ids[school], grades[0]), 0)
    lacking = [0.0]
    for each in (each for each in found.new if _is_of_room(each, after, school)):
        if each.unit == "students":
            lacking.append(each.breach)
        elif cap:
            years = int(each.detail) - instance.year if each.kind == "horizon" else 0
            fitting = classes - math.ceil(each.breach / min(years + 1, len(grades)))
            lacking.append(entering - cap * max(0, fitting))
    return math.ceil(max(lacking))


def _find_turn(before: Mapping[str, float], after: Mapping[str, float]) -> Turn | None:
    changed = (level for level in after if abs(after[level] - before[level]) > _SAME)
    return next((Turn(level, before[level], after[level]) for level in changed), None)


def _list_failing(before: pd.DataFrame, after: pd.DataFrame) -> tuple[tuple[str, str, str], ...]:
    key = ["index", "scope", "stage"]
    passed, failed = before.loc[before["passes"] == "true", key], after.loc[after["passes"] == "false", key]
    both = failed.merge(passed, on=key)
    return tuple(zip(both["index"], both["scope"], both["stage"], strict=True))

"""Who sits where: by catchment, placed elsewhere for want of places (统筹调剂), or by the decision of a committee."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from models.placement import Placement, parts_of, rows_of, schools_by_unit
from optimizer.recheck.registry import Breach, rule

_KEYS = ["unit_id", "stage", "category", "to_school_id"]


@rule("overflow")
def judge_overflow(placement: Placement) -> Iterator[Breach]:
    """Zoned children of a unit go to a school of its catchment.

    In mode `entry` told by catchment, and not counted where the rule is soft: the level `overflow` counts them.
    """
    rows = placement.seats[placement.seats["zoned"] & placement.seats["outside"] & (placement.seats["students"] > 0)]
    ids = placement.district.schools.ids
    if not placement.entry_only:
        for row in rows_of(rows):
            unit = placement.district.units.ids[row.unit]
            yield Breach(row.stage, unit, row.students, 0, "students", row.students, detail=ids[row.school])
        return
    counts = placement.district.settings.rules.overflow != "soft"
    for (stage, school), part in parts_of(rows, ["stage", "own"]):
        students = int(part["students"].sum())
        named = ids[school] if school >= 0 else ""
        taken = ", ".join(sorted({ids[seat] for seat in part["school"]}))
        yield Breach(stage, named, students, 0, "students", students * counts, "elsewhere", taken)


@rule("overflow", never_soft=True)
def judge_displaced(placement: Placement) -> Iterator[Breach]:
    """No unzoned child sits at a school while a zoned child of its catchment sits elsewhere; mode `entry`."""
    if not placement.entry_only:
        return
    seats, held = placement.seats[placement.seats["students"] > 0], schools_by_unit(placement.catchments)
    unzoned = seats[~seats["zoned"] & ~seats["placed"]].groupby(["stage", "school"])["students"].sum()
    missing: dict[tuple[str, int], int] = {}
    for row in rows_of(seats[seats["zoned"] & seats["outside"]]):
        for school in held.get((row.unit, row.stage), frozenset()):
            missing[row.stage, school] = missing.get((row.stage, school), 0) + row.students
    for (stage, school), students in sorted(missing.items()):
        guests = int(unzoned.get((stage, school), 0))
        if guests:
            yield Breach(stage, placement.district.schools.ids[school], guests, students, "students",
                         min(guests, students), kind="displaced")  # fmt: skip


@rule("coordination")
def judge_coordination(placement: Placement) -> Iterator[Breach]:
    """coordination[i,s,k,j] = assigned[i,s,k,j] where j is no school of i's catchment, placed children excepted.

    Mode `entry`.
    """
    if not placement.entry_only:
        return
    listed = placement.plan.coordination.groupby(_KEYS)["students"].sum()
    both = pd.concat({"listed": listed, "seated": _placed_elsewhere(placement)}, axis=1).fillna(0)
    for row in rows_of(both[both["listed"] != both["seated"]].reset_index()):
        yield Breach(row.stage, row.unit_id, row.listed, row.seated, "students", abs(row.listed - row.seated),
                     detail=row.to_school_id)  # fmt: skip


@rule("coordination")
def judge_coordinated_from(placement: Placement) -> Iterator[Breach]:
    """`catchment_school_id` is the unit's catchment school, of a shared one the nearest; metres to the whole metre."""
    district, own = placement.district, _own_schools(placement)
    for row in rows_of(placement.plan.coordination):
        school = own.get((row.unit_id, row.stage))
        if school is not None and school != row.catchment_school_id:
            yield Breach(row.stage, row.unit_id, 0, 0, "students", 0, "from", f"{row.catchment_school_id}, {school}")
        unit, seat = district.units.row.get(row.unit_id), district.schools.row.get(row.to_school_id)
        if unit is not None and seat is not None:
            metres = float(placement.travel.metres[unit, seat])
            if abs(metres - row.metres) > 0.5 + 1e-6:
                yield Breach(row.stage, row.unit_id, row.metres, metres, "metres", 0, "metres", row.to_school_id)


@rule("fixed")
def judge_decided_seats(placement: Placement) -> Iterator[Breach]:
    """Placed children sit where `fixed` says `must` for their unit, stage and category, never where it says `never`."""
    fixed, ids = placement.district.fixed, placement.district.schools.ids
    if fixed is None:
        return
    must: dict[tuple[int, str, str], set[int]] = {}
    never: dict[tuple[int, str, str], set[int]] = {}
    for k in range(len(fixed)):
        named = must if fixed.must[k] else never
        named.setdefault((int(fixed.unit[k]), fixed.stage[k], fixed.category[k]), set()).add(int(fixed.school[k]))
    for row in rows_of(placement.seats[placement.seats["placed"] & (placement.seats["students"] > 0)]):
        key = row.unit, row.stage, row.category
        if row.school not in must.get(key, {row.school}) or row.school in never.get(key, ()):
            yield Breach(row.stage, placement.district.units.ids[row.unit], row.students, 0, "students", row.students,
                         kind="seat", detail=ids[row.school])  # fmt: skip


def _placed_elsewhere(placement: Placement) -> "pd.Series[int]":
    """Children of every unit, stage, category and school who sit outside their catchment, placed ones excepted."""
    seats = placement.seats[placement.seats["outside"] & ~placement.seats["placed"]]
    seats = seats[seats["students"] > 0]
    table = seats[["stage", "category", "students"]].copy()
    table["unit_id"] = np.array(placement.district.units.ids, dtype=object)[seats["unit"].to_numpy(np.int64)]
    table["to_school_id"] = np.array(placement.district.schools.ids, dtype=object)[seats["school"].to_numpy(np.int64)]
    return table.groupby(_KEYS)["students"].sum()


def _own_schools(placement: Placement) -> dict[tuple[str, str], str]:
    """School whose catchment each unit with children outside it lies in."""
    district, rows = placement.district, placement.seats[placement.seats["outside"] & (placement.seats["own"] >= 0)]
    return {(district.units.ids[row.unit], row.stage): district.schools.ids[row.own] for row in rows_of(rows)}

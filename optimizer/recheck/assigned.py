"""Everyone is placed, once, at a school that receives them, and every unit has a school."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from models.placement import Placement, parts_of, rows_of
from models.stages import SERVES
from optimizer.recheck.registry import Breach, rule

_KEYS = ["unit", "stage", "category"]


@rule("assigned")
def judge_ids(placement: Placement) -> Iterator[Breach]:
    """Every id in the plan is one of the district."""
    plan, district = placement.plan, placement.district
    for column, known, tables in (
        ("unit_id", district.units.row, (plan.catchments, plan.assignments)),
        ("school_id", district.schools.row, (plan.catchments, plan.assignments, plan.classes)),
    ):
        found = pd.concat([table[column] for table in tables])
        strange = found[~found.isin(list(known))]
        for unknown, count in strange.value_counts(sort=False).items():
            yield Breach("", str(unknown), count, 0, "rows", 0, kind=f"unknown_{column.removesuffix('_id')}")


@rule("assigned")
def judge_counts(placement: Placement) -> Iterator[Breach]:
    """Σ_j assigned[i,s,k,j] = students[i,s,k]   for every unit i, stage s and category k, in whole children."""
    placed = placement.assignments.groupby(_KEYS)["students"].sum()
    both = pd.concat({"wanted": _wanted(placement), "placed": placed}, axis=1).fillna(0)
    for row in rows_of(both[both["wanted"] != both["placed"]].reset_index()):
        unit = placement.district.units.ids[row.unit]
        short = abs(row.placed - row.wanted)
        yield Breach(row.stage, unit, row.placed, row.wanted, "students", short, "counts", row.category)
    students = placement.assignments["students"]
    for row in rows_of(placement.assignments[(students < 0) | (students % 1 != 0)]):
        yield Breach(row.stage, placement.district.units.ids[row.unit], row.students, 0, "students", 0, kind="whole")


@rule("assigned")
def judge_cover(placement: Placement) -> Iterator[Breach]:
    """Every unit has a school for every stage, also without children (无盲区)."""
    units = placement.district.units
    for stage in placement.district.settings.instance.stages:
        students = placement.district.demand.of_stage(stage)
        for unit in np.flatnonzero(placement.school_of_unit(stage) < 0):
            yield Breach(stage, units.ids[unit], 0, 1, "schools", students[unit], kind="blind_spot")


@rule("assigned")
def judge_receiving(placement: Placement) -> Iterator[Breach]:
    """Only open schools receive, only for their stages, and private ones without a catchment of their own.

    A special school receives whom a committee places there.
    """
    schools = placement.district.schools
    special = np.array([kind == "special" for kind in schools.types], dtype=bool)
    seats = placement.assignments
    by_committee = seats["placed"] & special[seats["school"].to_numpy()]
    for table, kind in ((placement.catchments, "catchment"), (seats[~by_committee], "receiving")):
        for (school, stage), rows in parts_of(table, ["school", "stage"]):
            bought = kind == "receiving" and schools.private[school]
            teaches = stage in SERVES[schools.types[school]] and schools.status[school] == "open"
            if not (teaches if bought else schools.serves(stage)[school]):
                students = rows["students"].sum() if kind == "receiving" else 0
                yield Breach(stage, schools.ids[school], len(rows), 0, "rows", students, kind=kind)


@rule("assigned")
def judge_private(placement: Placement) -> Iterator[Breach]:
    """Σ_i,s assigned[i,s,j] ≤ purchased_places[j]   for every private school j."""
    schools = placement.district.schools
    for school, rows in parts_of(placement.assignments, "school"):
        count = int(rows["students"].sum())
        bought = float(np.nan_to_num(schools.purchased_places[school]))
        if schools.private[school] and count > bought:
            yield Breach("", schools.ids[school], count, bought, "students", count - bought, kind="private")


@rule("assigned")
def judge_reach(placement: Placement) -> Iterator[Breach]:
    """Nobody goes to a school that cannot be reached."""
    rows = placement.assignments
    for row in rows_of(rows[(rows["students"] > 0) & ~np.isfinite(rows["metres"])]):
        yield Breach(row.stage, placement.district.units.ids[row.unit], row.students, 0, "students", row.students,
                     kind="reach", detail=placement.district.schools.ids[row.school])  # fmt: skip


def _wanted(placement: Placement) -> "pd.Series[int]":
    demand = placement.district.demand
    planned = placement.district.settings.instance.stages
    rows = [
        pd.DataFrame({"unit": np.arange(len(column)), "stage": cohort.stage, "category": cohort.category, "n": column})
        for cohort, column in zip(demand.cohorts, demand.students.T, strict=True)
        if cohort.stage in planned
    ]
    return pd.concat(rows).groupby(_KEYS)["n"].sum()

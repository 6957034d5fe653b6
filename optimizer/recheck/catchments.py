"""Who belongs together, who stays, and who may change: the table of catchments."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from models.district import Bools
from models.placement import Placement, parts_of, rows_of, schools_by_unit
from optimizer.recheck.registry import Breach, rule


@rule("indivisible")
def judge_units(placement: Placement) -> Iterator[Breach]:
    """|{j : i in catchment of j}| = 1   for every unit i and stage, but for catchments that are shared today."""
    if not placement.district.settings.catchments.indivisible:
        return
    today = placement.schools_today()
    for (unit, stage), held in schools_by_unit(placement.catchments).items():
        if len(held) > 1 and not held <= today.get((unit, stage), frozenset()):
            students = _children(placement, stage)[unit]
            yield Breach(stage, placement.district.units.ids[unit], len(held), 1, "schools", students)


@rule("indivisible")
def judge_estates(placement: Placement) -> Iterator[Breach]:
    """assign[i,j,s] = assign[k,j,s]   for all units i, k of one estate; counted are children outside its main part."""
    if not placement.district.settings.catchments.indivisible:
        return
    estates = np.array(placement.district.units.estate)
    for stage in placement.district.settings.instance.stages:
        table = pd.DataFrame({
            "estate": estates, "school": placement.school_of_unit(stage), "students": _children(placement, stage),
        })  # fmt: skip
        for estate, rows in parts_of(table[estates != ""], "estate"):
            parts = rows.groupby("school")["students"].sum()
            if len(parts) > 1:
                apart = parts.sum() - parts.max()
                yield Breach(stage, estate, len(parts), 1, "schools", apart, kind="estate")


@rule("overflow")
def judge_overflow(placement: Placement) -> Iterator[Breach]:
    """Zoned children of a unit go to a school of its catchment."""
    held = schools_by_unit(placement.catchments)
    rows = placement.assignments
    for row in rows_of(rows[rows["zoned"] & (rows["students"] > 0)]):
        if row.school not in held.get((row.unit, row.stage), frozenset()):
            yield Breach(row.stage, placement.district.units.ids[row.unit], row.students, 0, "students", row.students,
                         detail=placement.district.schools.ids[row.school])  # fmt: skip


@rule("fixed")
def judge_fixed(placement: Placement) -> Iterator[Breach]:
    """assign[i,j,s] = 1 for `must`, 0 for `never`; of children who are not zoned, where they are placed."""
    fixed = placement.district.fixed
    if fixed is None:
        return
    catchments = schools_by_unit(placement.catchments)
    for k in range(len(fixed)):
        unit, stage, school, category = int(fixed.unit[k]), fixed.stage[k], int(fixed.school[k]), fixed.category[k]
        if stage not in placement.district.settings.instance.stages:
            continue
        by_catchment = not category or placement.is_zoned(category)
        held = catchments.get((unit, stage), frozenset()) if by_catchment else _placed(placement, unit, stage, category)
        if (school not in held if fixed.must[k] else school in held) and (held or by_catchment):
            students = _children(placement, stage)[unit]
            yield Breach(stage, placement.district.units.ids[unit], students, 0, "students", students,
                         "must" if fixed.must[k] else "never", placement.district.schools.ids[school])  # fmt: skip


@rule("change")
def judge_change(placement: Placement) -> Iterator[Breach]:
    """catchment[i,s] = current[i,s]   for every unit that is not opened to change."""
    opened = _opened(placement)
    today = placement.schools_today()
    held = schools_by_unit(placement.catchments)
    for (unit, stage), schools in today.items():
        planned = stage in placement.district.settings.instance.stages
        if planned and not opened[unit] and held.get((unit, stage), frozenset()) != schools:
            students = _children(placement, stage)[unit]
            yield Breach(stage, placement.district.units.ids[unit], students, 0, "students", students)


@rule("stability")
def judge_stability(placement: Placement) -> Iterator[Breach]:
    """Zoned children whose school differs from `current` ≤ max_share · zoned children."""
    share = placement.district.settings.policy.stability.max_share
    if share is None or placement.district.current is None:
        return
    today = placement.schools_today()
    zoned = placement.assignments[placement.assignments["zoned"]]
    moved = [row.school not in today.get((row.unit, row.stage), frozenset((row.school,))) for row in rows_of(zoned)]
    count, limit = zoned.loc[moved, "students"].sum(), share * zoned["students"].sum()
    if count > limit + 1e-6:
        yield Breach("", "", count, limit, "students", count - limit)


def _children(placement: Placement, stage: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return next(
        placement.district.demand.of_stage(known)
        for known in placement.district.settings.instance.stages
        if known == stage
    )


def _placed(placement: Placement, unit: int, stage: str, category: str) -> frozenset[int]:
    rows = placement.assignments
    of = (rows["unit"] == unit) & (rows["stage"] == stage) & (rows["category"] == category) & (rows["students"] > 0)
    return frozenset(rows.loc[of, "school"])


def _opened(placement: Placement) -> Bools:
    """Units whose catchment the plan may change: those named, or all where `limited` names nothing."""
    district, catchments = placement.district, placement.district.settings.catchments
    named = catchments.open_to_change
    if catchments.change == "none":
        return np.zeros(len(district.units), dtype=bool)
    if catchments.change != "limited" or not (named.units or named.schools or named.zones):
        return np.ones(len(district.units), dtype=bool)
    opened = np.isin(district.units.ids, named.units) | np.isin(district.units.zone, named.zones)
    if district.current is not None:
        of_named = np.isin(np.array(district.schools.ids)[district.current.school], named.schools)
        opened[district.current.unit[of_named]] = True
    return np.asarray(opened, dtype=np.bool_)

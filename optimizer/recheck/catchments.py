"""Who belongs together, who stays, and who may change: the table of catchments."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from models.district import Bools
from models.placement import Placement, parts_of, rows_of, schools_by_unit
from optimizer.recheck.inherited import inherits
from optimizer.recheck.registry import Breach, rule


@rule("indivisible")
def judge_units(placement: Placement) -> Iterator[Breach]:
    """|{j : i in catchment of j}| = 1   for every unit i and stage, but for catchments that are shared today.

    Counted are the children outside the unit's main school, those of an estate with the estate.
    """
    if not placement.district.settings.catchments.indivisible:
        return
    today = placement.schools_today()
    for (unit, stage), held in schools_by_unit(placement.catchments).items():
        if len(held) > 1 and not held <= today.get((unit, stage), frozenset()):
            alone = not placement.district.units.estate[unit]
            apart = _count_apart(placement, stage, [unit]) if alone else 0
            yield Breach(stage, placement.district.units.ids[unit], len(held), 1, "schools", apart)


@rule("indivisible")
def judge_estates(placement: Placement) -> Iterator[Breach]:
    """assign[i,j,s] = assign[k,j,s]   for all units i, k of one estate; counted are children outside its main part.

    An estate that is divided today and keeps its catchments is inherited; one all of whose units share the same
    catchment, as today, is not divided.
    """
    if not placement.district.settings.catchments.indivisible:
        return
    held, today = schools_by_unit(placement.catchments), placement.schools_today()
    table = placement.catchments.assign(estate=np.array(placement.district.units.estate)[placement.catchments["unit"]])
    for (stage, estate), rows in parts_of(table[table["estate"] != ""], ["stage", "estate"]):
        count = rows["school"].nunique()
        kept = all(held[unit, stage] <= today.get((unit, stage), frozenset()) for unit in rows["unit"])
        alike = len({held[unit, stage] for unit in rows["unit"]}) == 1
        if count > 1 and not (kept and alike):
            apart = _count_apart(placement, stage, rows["unit"])
            breach = Breach(stage, estate, count, 1, "schools", apart, kind="estate")
            stood = inherits(placement) and kept
            yield replace(breach, before=count, inherited=True) if stood else breach


@rule("fixed")
def judge_fixed(placement: Placement) -> Iterator[Breach]:
    """assign[i,j,s] = 1 for `must`, 0 for `never`; rows for categories that follow no catchment are not about it.

    Of a divided unit the children count who go by catchment to a school other than it must, or to one it must never.
    """
    fixed = placement.district.fixed
    if fixed is None:
        return
    held = schools_by_unit(placement.catchments)
    for k in range(len(fixed)):
        unit, stage, school, category = int(fixed.unit[k]), fixed.stage[k], int(fixed.school[k]), fixed.category[k]
        planned = stage in placement.district.settings.instance.stages
        if not planned or (category and not placement.is_zoned(category)):
            continue
        schools = held.get((unit, stage), frozenset())
        wrong = schools - {school} if fixed.must[k] else schools & {school}
        if wrong:
            students = _count_at(placement, stage, unit, wrong)
            kind = "must" if fixed.must[k] else "never"
            names = placement.district.units.ids[unit], placement.district.schools.ids[school]
            yield Breach(stage, names[0], students, 0, "students", students, kind, names[1])


@rule("change")
def judge_change(placement: Placement) -> Iterator[Breach]:
    """catchment[i,s] = current[i,s]   for every unit that is not opened to change and whose school still receives."""
    opened = _opened(placement)
    held = schools_by_unit(placement.catchments)
    serving = {stage: placement.district.schools.serves(stage) for stage in placement.district.settings.instance.stages}
    for (unit, stage), schools in placement.schools_today().items():
        if stage not in serving or opened[unit]:
            continue
        kept = {school for school in schools if serving[stage][school]}
        if kept and held.get((unit, stage), frozenset()) != kept:
            students = placement.children_of_catchments(stage)[unit]
            yield Breach(stage, placement.district.units.ids[unit], students, 0, "students", students)


@rule("stability")
def judge_stability(placement: Placement) -> Iterator[Breach]:
    """Zoned children whose school is not today's ≤ max_share · zoned children who have a school today.

    Who is placed elsewhere for want of places (统筹调剂) still belongs to the catchment.
    """
    share = placement.district.settings.policy.stability.max_share
    if share is None or placement.district.current is None:
        return
    moved, known = count_moved(placement, placement.district.settings.instance.stages)
    limit = math.floor(share * known + 1e-9)
    if moved > limit:
        yield Breach("", "", moved, limit, "students", moved - limit)


def count_moved(placement: Placement, stages: Sequence[str]) -> tuple[int, int]:
    """Return the zoned children whose catchment school is not one of today's, and those who have a school today."""
    today = placement.schools_today()
    moved = known = 0
    for row in rows_of(placement.seats[placement.seats["zoned"]]):
        schools = today.get((row.unit, row.stage))
        if schools is not None and row.stage in stages:
            known += row.students
            moved += 0 if row.own in schools else row.students
    return moved, known


def _count_apart(placement: Placement, stage: str, units: Iterable[int]) -> int:
    """Children of `units` who do not belong to the school that most of them belong to."""
    rows = _belonging(placement, stage)
    by_school = rows[rows["unit"].isin(units)].groupby("own")["students"].sum()
    return int(by_school.sum() - by_school.max()) if len(by_school) else 0


def _count_at(placement: Placement, stage: str, unit: int, schools: frozenset[int]) -> int:
    """Children of one unit who belong to some schools."""
    rows = _belonging(placement, stage)
    return int(rows.loc[(rows["unit"] == unit) & rows["own"].isin(schools), "students"].sum())


def _belonging(placement: Placement, stage: str) -> pd.DataFrame:
    """Seats of the children of a stage who go where their catchment goes."""
    rows = placement.seats
    return pd.DataFrame(rows[(rows["stage"] == stage) & (rows["zoned"] | (not placement.entry_only))])


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

"""Children counted: shares out of bounds, who is counted and not decided, kinds of children, and their seats."""

from collections.abc import Iterator

import numpy as np

from models.district import Bools
from models.settings import Settings
from models.stages import grades_of
from optimizer.checks.cells import columns_of
from optimizer.checks.registry import check
from optimizer.io.demand import (
    categories_of,
    counted_students,
    decided_students,
    grades_in,
    years_of,
)
from optimizer.io.feeders import feeders_decide
from optimizer.io.findings import Finding
from optimizer.io.source import Source, Table


def decided_rows(table: Table, settings: Settings) -> Bools:
    """Return the rows of `demand` that the plan decides: its year, planned stages, in mode `entry` the entry grades.

    Without those that give way to the leavers of the primary schools.
    """
    return entering_rows(table, settings) & ~replaced_rows(table, settings)


def replaced_rows(table: Table, settings: Settings) -> Bools:
    """Return the rows of the junior entry grade in whose place the leavers of the primary schools are counted."""
    if not feeders_decide(settings):
        return np.zeros(len(table), dtype=bool)
    placed = [name for name, category in settings.categories.items() if category.placed]
    junior = (table.text("stage") == "junior") & ~np.isin(categories_of(table), placed)
    return np.asarray(junior & entering_rows(table, settings), dtype=bool)


def entering_rows(table: Table, settings: Settings) -> Bools:
    """Return the rows of `demand` of the plan's year and of planned stages, in mode `entry` of the entry grades."""
    instance, stages, grades = settings.instance, table.text("stage"), grades_in(table, settings)
    decided = np.zeros(len(table), dtype=bool)
    for stage in instance.stages:
        entry = grades_of(stage, instance.system)[0]
        decided |= (stages == stage) & ((instance.mode == "whole") | (grades == entry))
    return np.asarray((years_of(table, settings) == instance.year) & decided, dtype=bool)


@check("T118")
def find_shares_out_of_bounds(source: Source) -> Iterator[Finding]:
    """Shares and rates below or above what they can be."""
    for table, column in columns_of(source, "number"):
        if column.most is None or column.least is None:
            continue
        numbers = table.numbers(column.name)
        for row in np.flatnonzero((numbers < column.least) | (numbers > column.most)):
            bounds = {"least": f"{column.least:g}", "most": f"{column.most:g}"}
            yield table.at(int(row), column.name, str(table.text(column.name)[row]), **bounds)


@check("S217")
def find_zoned_and_placed(source: Source) -> Iterator[Finding]:
    """Kinds of children that go by their catchment and are placed by a decision as well."""
    for name, category in source.settings.categories.items() if source.settings is not None else ():
        if category.zoned and category.placed:
            yield Finding("instance.toml", column=f"categories.{name}", found=name)


@check("P110", "warning")
def find_children_set_aside(source: Source) -> Iterator[Finding]:
    """Children who are counted and not decided, since they do not register or go to private schools."""
    demand, settings = source.tables.get("demand"), source.settings
    if demand is None or settings is None:
        return
    counted, decided = counted_students(demand), decided_students(demand, settings)
    held = decided_rows(demand, settings)
    for stage in settings.instance.stages:
        rows = held & (demand.text("stage") == stage)
        students, staying = int(counted[rows].sum()), int(decided[rows].sum())
        if staying < students:
            aside = students - staying
            yield demand.whole("students", stage=stage, students=students, decided=staying, aside=aside)


@check("T406", "warning")
def find_children_without_seat(source: Source) -> Iterator[Finding]:
    """Children who are placed by a decision, and no row of `fixed` says where their seat is."""
    demand, settings = source.tables.get("demand"), source.settings
    if demand is None or settings is None or settings.instance.mode != "entry":
        return
    seats, categories = _seats(source), categories_of(demand)
    stages, units, students = demand.text("stage"), demand.text("unit_id"), decided_students(demand, settings)
    waiting = decided_rows(demand, settings) & (students > 0)
    for name in (name for name, category in settings.categories.items() if category.placed):
        lost = [
            int(row)
            for row in np.flatnonzero(waiting & (categories == name))
            if not {(units[row], stages[row], kind) for kind in (name, "")} & seats
        ]
        if lost:
            facts = {"students": int(students[lost].sum()), "units": len({*units[lost]})}
            yield demand.at(lost[0], "category", name, **facts)


def _seats(source: Source) -> set[tuple[str, str, str]]:
    """Unit, stage and category of every seat that `fixed` gives; "" is every category."""
    fixed = source.tables.get("fixed")
    if fixed is None:
        return set()
    columns = zip(fixed.text("unit_id"), fixed.text("stage"), fixed.text("category"), fixed.text("rule"), strict=True)
    return {(unit, stage, category) for unit, stage, category, rule in columns if rule == "must"}

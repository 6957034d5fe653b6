"""What changes: schools that open, units that get another school, and what there was before."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from optimizer.digest import Exhibit
from optimizer.digest.changes import Changes, find_changes
from optimizer.pages.report.blocks import Block, Cell, Chart, Points, Section, Table
from optimizer.pages.report.teller import Teller

_INDICES = (
    *("posts_vacant", "staff", "schools_meeting_standard"),
    *("degree_cv", "backbone_cv", "pe_arts_cv"),
)
"""Indices of which the value before the plan may be known: CODE_before."""


def tell_changes(teller: Teller, maps: Sequence[str]) -> Section | None:
    """Return the section on changes, with a map (an `svg` element) a stage; None where no catchment is drawn."""
    exhibit = teller.exhibit
    if exhibit.picture is None:
        return None
    changes = find_changes(exhibit)
    before = _compare(teller, changes)
    blocks: list[Block] = [Points(tuple(_sentences(teller, changes)))]
    blocks += [before] if before.rows else []
    if len(changes.adjusted):
        blocks.append(_tabulate_units(teller, changes.adjusted))
    for stage, drawn in zip(exhibit.stages, maps, strict=True):
        blocks.append(Chart(drawn, teller.say("charts.map_text", stage=teller.stage(stage))))
    return Section("changes", teller.say("sections.changes"), tuple(blocks))


def _sentences(teller: Teller, changes: Changes) -> Iterator[str]:
    if changes.drawn_anew:
        yield teller.say("changes.anew")
        return
    facts = {
        "units": teller.number(len(changes.adjusted)),
        "of": teller.number(changes.units),
        "students": teller.number(changes.students),
        "kept": teller.number(changes.kept),
    }
    several = "_stages" if len(teller.exhibit.stages) > 1 else ""
    yield teller.say(f"changes.{'some' if len(changes.adjusted) else 'none'}{several}", **facts)
    if changes.opened:
        yield teller.say("changes.opened", schools=teller.join([teller.place(school) for school in changes.opened]))
    for forming in changes.forming:
        told = {"stage": teller.stage(forming.stage), "classes": teller.number(forming.classes)}
        if not math.isnan(forming.before):
            yield teller.say("changes.classes_before", before=teller.number(forming.before), **told)
        elif forming.classes:
            yield teller.say("changes.classes", **told)


def _tabulate_units(teller: Teller, adjusted: pd.DataFrame) -> Table:
    """The units that get another school; without their ids where these are all they are called."""
    named = any(name not in ("", unit) for name, unit in zip(adjusted["unit_name"], adjusted["unit_id"], strict=True))
    heads = (
        *("unit_name", *(["id"] if named else []), "stage", "students"),
        *("from_school", "to_school", "before_m", "after_m", "reason"),
    )
    rows = [_change_row(teller, row, named=named) for row in adjusted.to_dict("records")]
    right = [position for position, head in enumerate(heads) if head in ("students", "before_m", "after_m")]
    return teller.table("adjusted", heads, rows, right=right)


def _change_row(teller: Teller, row: dict[Any, Any], *, named: bool) -> list[Cell]:
    reason = teller.word("runs.reasons", row["reason_code"])
    return [
        Cell(row["unit_name"] or row["unit_id"]),
        *([Cell(row["unit_id"])] if named else []),
        Cell(teller.stage(row["stage"])),
        teller.cell(row["students"]),
        Cell(teller.school(row["from_school_id"])),
        Cell(teller.school(row["to_school_id"])),
        teller.cell(row["metres_before"]),
        teller.cell(row["metres_after"]),
        Cell(row["reason"] if reason == row["reason_code"] else reason),
    ]


def _compare(teller: Teller, changes: Changes) -> Table:
    """A row for everything of which both today and the plan are known."""
    rows: list[list[Cell]] = []
    for stage, before, after in _mean_ways(teller.exhibit):
        metres = teller.unit("metres")
        rows.append(_compared(teller, teller.say("changes.mean_way"), stage, before, after, ("metres", metres)))
    for forming in changes.forming:
        title, unit = teller.say("changes.entry_classes"), teller.unit("classes")
        rows.append(_compared(teller, title, forming.stage, forming.before, forming.classes, ("classes", unit)))
    rows += [_index_row(teller, code, stage) for code in _INDICES for stage in ("", *teller.exhibit.stages)]
    heads = ("what", "stage", "before", "after", "unit")
    return teller.table("before", heads, [row for row in rows if row], right=(2, 3))


def _index_row(teller: Teller, code: str, stage: str) -> list[Cell]:
    exhibit = teller.exhibit
    before, after = exhibit.index(f"{code}_before", stage), exhibit.index(code, stage)
    table = exhibit.stored.tables.get("indices")
    units = {} if table is None else dict(zip(table["index"], table["unit"], strict=True))
    unit = str(units.get(code, ""))
    return _compared(teller, teller.title(code), stage, before, after, (unit, teller.unit(unit)))


def _compared(teller: Teller, title: str, stage: str, before: float, after: float, unit: tuple[str, str]) -> list[Cell]:
    """A row of what was and what is planned; none where one of the two is not known."""
    if math.isnan(before) or math.isnan(after):
        return []
    cells = [teller.value_cell(value, unit[0]) for value in (before, after)]
    return [Cell(title), Cell(teller.stage(stage)), *cells, Cell(unit[1])]


def _mean_ways(exhibit: Exhibit) -> Iterator[tuple[str, float, float]]:
    """Yield for each stage the metres on average of the children who have a catchment today and in the plan."""
    if exhibit.basis is None or exhibit.basis.district.current is None:
        return
    placement = exhibit.basis.placement
    for stage in exhibit.stages:
        now, then = placement.school_of_unit_today(stage), placement.school_of_unit(stage)
        children, metres = placement.children_of_catchments(stage), placement.travel.metres
        units = np.arange(len(now))
        known = (now >= 0) & (then >= 0) & np.isfinite(metres[units, now]) & np.isfinite(metres[units, then])
        total = float(children[known].sum())
        if total:
            ways = [float((children * metres[units, school])[known].sum() / total) for school in (now, then)]
            yield stage, ways[0], ways[1]

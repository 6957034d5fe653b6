"""Sheets of children: admission plan, catchments and what changes of them, coordination, classes and schools."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from optimizer.lists.sharing import holders, partners, units_by_schools
from optimizer.lists.tables import name_changes, name_plan, name_schools, with_totals
from optimizer.workbook.fit import measure
from optimizer.workbook.layout import Desk, Field, lay_out
from optimizer.workbook.sheet import Mark, Sheet

_WIDEST = 1100
"""Units that one row names, in characters of single width: about as many lines as a row can be high."""
_OVER_CAP = Mark("above", "cap")
_PLAN = (
    *(Field("school"), Field("school_id"), Field("stage"), Field("classes", "count"), Field("planned", "count")),
    *(Field("reserve", "count"), Field("zoned", "count"), Field("coordinated", "count")),
    *(Field("balance", "count", Mark("below")), Field("class_size", "count", _OVER_CAP), Field("cap", "count")),
    Field("remark"),
)
_CATCHMENTS = (
    *(Field("school"), Field("school_id"), Field("stage"), Field("count", "count"), Field("units", "long")),
    Field("remark"),
)
_CHANGES = (
    *(Field("unit"), Field("unit_id"), Field("stage"), Field("households", "count"), Field("students", "count")),
    *(Field("from_school"), Field("to_school"), Field("metres_before", "count"), Field("metres_after", "count")),
    *(Field("farther", "change"), Field("reason")),
)
_COORDINATION = (
    *(Field("catchment_school"), Field("unit"), Field("unit_id"), Field("stage"), Field("category")),
    *(Field("to_school"), Field("students", "count"), Field("metres", "count")),
)
_CLASSES = (
    *(Field("school"), Field("school_id"), Field("stage"), Field("grade"), Field("origin")),
    *(Field("students", "count"), Field("classes", "count"), Field("largest_class", "count", _OVER_CAP)),
    Field("cap", "count"),
)
_SCHOOLS = (
    *(Field("school"), Field("school_id"), Field("stage"), Field("students", "count"), Field("classes", "count")),
    *(Field("places", "count"), Field("left", "count", Mark("below"))),
    Field("utilisation", "share", Mark("above", 1.0)),
)


def lay_out_plan(desk: Desk) -> Sheet:
    """招生计划表, with the cap of classes beside the largest one."""
    plan = _with_classes_decided(name_plan(desk.stored, desk.names, desk.manner), desk)
    plan["cap"] = plan["stage"].map(desk.stored.class_caps).where(plan["school_id"] != "")
    sheet = lay_out("admission_plan", plan, _PLAN, desk, totals="school_id")
    return replace(sheet, note=desk.say("notes.seated")) if desk.manner.mode == "entry" else sheet


def lay_out_catchments(desk: Desk) -> Sheet:
    """招生范围: a row a school and stage, another for units it shares and where one row cannot name all."""
    columns = ["school", "school_id", "stage", "count", "units", "remark"]
    return lay_out("catchments", pd.DataFrame(_list_catchments(desk), columns=columns), _CATCHMENTS, desk)


def _list_catchments(desk: Desk) -> Iterator[tuple[str, str, str, float, str, str]]:
    names, manner, catchments = desk.names, desk.manner, desk.stored.table("catchments")
    for stage in desk.stored.record["decided"]:
        shares = units_by_schools(catchments, stage)
        for school in holders(desk.stored.table("schools"), catchments, stage):
            for schools in sorted((each for each in shares if school in each), key=len):
                others = manner.join([names.school(other) for other in partners(school, [schools])])
                remark = manner.word("remarks.shared", schools=others) if others else ""
                units = [names.unit(unit) for unit in shares[schools]]
                first, *more = _split(units, manner.join(["", ""]))
                yield (names.school(school), school, stage, len(units), first, remark)
                for row in more:
                    yield (names.school(school), school, stage, np.nan, row, desk.say("words.continued"))


def _split(names: Sequence[str], comma: str) -> Iterator[str]:
    """Yield the names in rows, none wider than a row may be."""
    row = ""
    for name in names:
        longer = f"{row}{comma}{name}" if row else name
        if row and measure(longer) > _WIDEST:
            yield row
            longer = name
        row = longer
    yield row


def lay_out_changes(desk: Desk) -> Sheet:
    """招生范围调整清单, with how much farther the new school is."""
    return _lay_out_moves("changes", desk)


def lay_out_revisions(desk: Desk) -> Sheet:
    """What differs from the draft that a plan goes on from, as `lay_out_changes`."""
    return _lay_out_moves("revisions", desk)


def _lay_out_moves(stem: str, desk: Desk) -> Sheet:
    changes = name_changes(desk.stored.table(stem), desk.names, desk.manner)
    changes["farther"] = changes["metres_after"] - changes["metres_before"]
    totalled = with_totals(changes, ["households", "students"], desk.manner, of="unit")
    return lay_out(stem, totalled, _CHANGES, desk, totals="unit_id")


def lay_out_coordination(desk: Desk) -> Sheet:
    """统筹安排: who is seated outside their catchment, and how far from there."""
    table = desk.stored.table("coordination")
    named = table.assign(
        unit=[desk.names.unit(unit) for unit in table["unit_id"]],
        **{
            end: [desk.names.school(school) for school in table[f"{end}_id"]]
            for end in ("catchment_school", "to_school")
        },
    )
    totalled = with_totals(named, ["students"], desk.manner, of="catchment_school")
    return lay_out("coordination", totalled, _COORDINATION, desk, totals="unit_id")


def lay_out_classes(desk: Desk) -> Sheet:
    """班级: children, classes and the largest of them by school and grade, beside the cap."""
    table = name_schools(desk.stored.table("classes"), desk.names)
    table["cap"] = table["stage"].map(desk.stored.class_caps)
    totalled = with_totals(table, ["students", "classes"], desk.manner)
    return lay_out("classes", totalled, _CLASSES, desk, totals="school_id")


def lay_out_schools(desk: Desk) -> Sheet:
    """学校概况: children, classes, places, what is left of these and how full a school is."""
    table = _with_classes_decided(name_schools(desk.stored.table("schools"), desk.names), desk)
    totalled = with_totals(table, ["students", "classes", "places"], desk.manner)
    totalled["left"] = totalled["places"] - totalled["students"]
    taken = totalled["students"] / totalled["places"].where(totalled["places"] > 0)
    totalled["utilisation"] = totalled["utilisation"].fillna(taken)
    return lay_out("schools", totalled, _SCHOOLS, desk, totals="school_id")


def _with_classes_decided(table: pd.DataFrame, desk: Desk) -> pd.DataFrame:
    """Return a table whose classes are not known where the run decides none, instead of 0."""
    return table if "classes" in desk.stored.tables else table.assign(classes=np.nan)

"""Places: needed, there and left by stage, the admission plan, and the schools one by one."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from models.placement import rows_of
from optimizer.digest.places import count_intakes
from optimizer.export.charts import Charts
from optimizer.pages.report.blocks import Block, Cell, Chart, Section, Table
from optimizer.pages.report.teller import Teller
from optimizer.runs.exchange import count_in_out

_PLAN = ("planned", "zoned", "coordinated", "reserve", "balance")
_WRITERS = {
    "students": 0, "classes": 0, "places": 0, "utilisation": -1, "mean_m": 0, "largest_class": 0,
    "teachers_in": 0, "teachers_out": 0, "vacant": 1,
}  # fmt: skip
"""Columns of figures with their decimals; -1 is a share."""
FULL = 1 + 1e-9


def tell_places(teller: Teller, charts: Charts) -> Section | None:
    """Return the section on places by stage and school; None where no child is placed."""
    intakes = count_intakes(teller.exhibit)
    if not intakes:
        return None
    rows = [
        [
            Cell(teller.stage(intake.stage)),
            teller.cell(intake.needed),
            teller.cell(intake.available),
            teller.cell(intake.balance),
            teller.cell(intake.short, mark="fail" if intake.short else ""),
            teller.cell(intake.outside),
            teller.cell(intake.unzoned),
        ]
        for intake in intakes
    ]
    heads = ("stage", "needed", "available", "left", "short", "outside", "unzoned")
    return Section(
        "places",
        teller.say("sections.places"),
        (
            teller.table("intakes", heads, rows, right=range(1, 7)),
            teller.explain(f"places.{'entry' if teller.exhibit.entry_only else 'whole'}"),
            *_draw_used(teller, charts),
            _tabulate_plan(teller),
        ),
    )


def _tabulate_plan(teller: Teller) -> Table:
    """The admission plan; without classes where none are formed."""
    plan = teller.exhibit.stored.table("admission_plan")
    counted = (*(("classes", "class_size") if plan["classes"].any() else ()), *_PLAN)
    return teller.table(
        "admission",
        ("school", "stage", *counted),
        [_plan_row(teller, row, counted) for row in rows_of(plan)],
        right=range(2, 2 + len(counted)),
        totals=[_plan_total(teller, plan, stage, counted) for stage in teller.stages_of(plan)],
    )


def _plan_row(teller: Teller, row: Any, counted: Sequence[str]) -> list[Cell]:
    figures = [(getattr(row, column), column == "balance" and row.balance < 0) for column in counted]
    return [
        Cell(teller.school(row.school_id)),
        Cell(teller.stage(row.stage)),
        *(teller.cell(value, mark="fail" if short else "") for value, short in figures),
    ]


def _plan_total(teller: Teller, plan: pd.DataFrame, stage: str, counted: Sequence[str]) -> list[Cell]:
    sums = plan.loc[plan["stage"] == stage, list(counted)].sum(skipna=False)
    cells = [Cell("") if column == "class_size" else teller.cell(sums[column]) for column in counted]
    return [Cell(teller.say("words.total")), Cell(teller.stage(stage)), *cells]


def _draw_used(teller: Teller, charts: Charts) -> list[Block]:
    """How full the schools are, a row of dots a stage."""
    table = teller.exhibit.stored.table("schools")
    known = table[table["utilisation"].notna() & (table["students"] > 0)]
    used = {stage: known.loc[known["stage"] == stage, "utilisation"].to_numpy() for stage in teller.stages_of(known)}
    if not used:
        return []
    over = int((known["utilisation"] > FULL).sum())
    return [Chart(charts.draw_used(used), teller.say("charts.used_text", schools=len(known), over=over))]


def tell_schools(teller: Teller) -> Section | None:
    """Return the section with a row a school and stage; columns that the run knows nothing of are left out."""
    table = _gather(teller)
    if table.empty:
        return None
    counted = [column for column in _WRITERS if column in table and table[column].notna().any()]
    counted = [column for column in counted if column != "classes" or table[column].any()]
    heads = ("school", "id", *(("type",) if table["type"].any() else ()), "stage", *counted)
    rows = [_school_row(teller, row, counted, heads) for row in rows_of(table)]
    right = range(heads.index("stage") + 1, len(heads))
    return Section(
        "schools",
        teller.say("sections.schools"),
        (
            teller.explain("schools.order"),
            teller.table("schools", heads, rows, right=right),
        ),
    )


def _school_row(teller: Teller, row: Any, counted: list[str], heads: tuple[str, ...]) -> list[Cell]:
    cells = [Cell(teller.school(row.school_id)), Cell(row.school_id)]
    if "type" in heads:
        cells.append(Cell(row.type and teller.word("page.map.types", row.type)))
    return [*cells, Cell(teller.stage(row.stage)), *(_figure(teller, getattr(row, name), name) for name in counted)]


def _figure(teller: Teller, value: float, column: str) -> Cell:
    """A figure of a school; one that is overfull has a sign."""
    if _WRITERS[column] >= 0:
        return teller.cell(value, _WRITERS[column])
    over, told = value > FULL, teller.share(value)
    return Cell(teller.say("words.over", share=told) if over else told, value, "over" if over else "")


def _gather(teller: Teller) -> pd.DataFrame:
    """Return the table of schools with the mean way, the largest class, who comes and goes, and vacant posts."""
    exhibit, tables = teller.exhibit, teller.exhibit.stored.tables
    types: dict[str, str] = {}
    if exhibit.picture is not None:
        types |= dict(zip(exhibit.picture.schools["school_id"], exhibit.picture.schools["type"], strict=True))
    if exhibit.basis is not None:
        types |= dict(zip(exhibit.basis.district.schools.ids, exhibit.basis.district.schools.types, strict=True))
    table = tables["schools"].assign(type=[types.get(school, "") for school in tables["schools"]["school_id"]])
    keys = pd.MultiIndex.from_frame(table[["school_id", "stage"]])
    for name, found in _by_school(exhibit.stored.tables).items():
        table[name] = found.reindex(keys).to_numpy()
    if "postings" in tables:
        posted = [name for name in ("teachers_in", "teachers_out", "vacant") if name in table]
        table[posted] = table[posted].fillna(0.0)
    return table


def _by_school(tables: dict[str, pd.DataFrame]) -> "dict[str, pd.Series[float]]":
    found: dict[str, pd.Series[float]] = {}
    keys = ["school_id", "stage"]
    if "assignments" in tables:
        seated = tables["assignments"].assign(way=lambda rows: rows["students"] * rows["metres"])
        sums = seated.groupby(keys)[["way", "students"]].sum()
        found["mean_m"] = sums["way"] / sums["students"].where(sums["students"] > 0)
    if "classes" in tables:
        found["largest_class"] = tables["classes"].groupby(keys)["largest_class"].max()
    if "postings" in tables:
        ways = count_in_out(tables["postings"]).set_index(keys)
        found |= {"teachers_in": ways["in"].astype(float), "teachers_out": ways["out"].astype(float)}
    if "posts" in tables:
        found["vacant"] = tables["posts"].groupby(keys)["vacant"].sum()
    return found

"""The years ahead under the catchments of the plan: children and places by stage, and schools that will be short."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from models.outlook import Note
from models.placement import parts_of
from optimizer.digest.years import YearAhead, count_years, list_ahead
from optimizer.export.charts import Charts
from optimizer.outlook import Ahead
from optimizer.outlook.words import say_note, say_sources
from optimizer.pages.report.blocks import Block, Cell, Chart, Points, Section, Table
from optimizer.pages.report.teller import Teller


def tell_ahead(teller: Teller, charts: Charts) -> Section | None:
    """Return the section on the years ahead; None where nothing tells of them."""
    ahead, years = teller.exhibit.ahead, count_years(teller.exhibit)
    if ahead is None or not years:
        return None
    totals: dict[str, pd.DataFrame] = {
        stage: ahead.totals[ahead.totals["stage"] == stage].reset_index(drop=True)
        for stage in dict.fromkeys(each.stage for each in years)
    }
    known = {stage: table for stage, table in totals.items() if table["places"].notna().any()}
    blocks: list[Block] = [_tabulate_years(teller, ahead, years), teller.explain("ahead.beyond")]
    blocks += [Chart(charts.draw_years(known), teller.say("charts.years_text"))] if known else []
    blocks += _tabulate_short(teller)
    told = [say_sources(stage, ahead.projection.years, teller.language) for stage in ahead.projection.stages]
    told += [say_note(_by_name(teller, note), teller.language) for note in ahead.projection.notes]
    blocks.append(Points(tuple(told)))
    return Section("ahead", teller.say("sections.ahead"), tuple(blocks))


def _by_name(teller: Teller, note: Note) -> Note:
    """A note that says names where it says ids."""
    if "first" not in note.facts:
        return note
    return replace(note, facts={**note.facts, "first": teller.school(str(note.facts["first"]))})


def _tabulate_years(teller: Teller, ahead: Ahead, years: Sequence[YearAhead]) -> Table:
    """A row a stage and year; children without a catchment are told where there are any."""
    unzoned = ahead.totals.set_index(["stage", "year"])["unzoned"]
    told = bool(unzoned.fillna(0.0).any())
    rows = [
        [
            Cell(teller.stage(each.stage)),
            Cell(str(each.year), float(each.year)),
            teller.cell(each.children),
            teller.cell(each.entrants),
            *([teller.cell(float(unzoned.loc[(each.stage, each.year)]))] if told else []),
            teller.cell(each.places),
            teller.cell(each.balance, mark="fail" if each.balance < 0 else ""),
            teller.cell(each.schools_short),
            teller.cell(each.beyond),
        ]
        for each in years
    ]
    before, behind = ("stage", "year", "children", "entrants"), ("places", "left", "schools_short", "beyond")
    heads = (*before, *(["of_them_unzoned"] if told else []), *behind)
    return teller.table("years", heads, rows, right=range(1, len(heads)))


def _tabulate_short(teller: Teller) -> list[Block]:
    """Schools whose catchment holds more children than places in some year to come, and the worst of these years."""
    table = list_ahead(teller.exhibit)
    table = table[(table["gap"] > 0) & (table["school_id"] != "")]
    parts = sorted(parts_of(table, ["school_id", "stage"]), key=lambda part: part[1].index[0])
    rows = [_short_row(teller, school, stage, years) for (school, stage), years in parts]
    heads = ("school", "stage", "first_year", "worst_year", "children", "places", "beyond")
    return [teller.table("short_years", heads, rows, right=range(2, 7))] if rows else []


def _short_row(teller: Teller, school: str, stage: str, years: pd.DataFrame) -> list[Cell]:
    worst: Any = years.iloc[int(years["gap"].argmax())]
    first = int(years["year"].min())
    return [
        Cell(teller.school(school)),
        Cell(teller.stage(stage)),
        Cell(str(first), float(first)),
        Cell(f"{worst['year']}", float(worst["year"])),
        teller.cell(worst["children"]),
        teller.cell(worst["places"]),
        teller.cell(worst["gap"]),
    ]

"""The ways to school: how long they are, who goes farther than today, who lives nearer than others and is refused."""

import numpy as np
import pandas as pd

from models.district import Floats, Ints
from optimizer.export.charts import Charts
from optimizer.pages.report.blocks import Block, Cell, Chart, Section
from optimizer.pages.report.teller import Teller

_INDICES = (
    *("mean_m", "median_m", "p95_m", "max_m", "within_radius_share", "farther_students", "longest_increase_m"),
    *("nearer_refused_students", "passed_over_students"),
)


def tell_journeys(teller: Teller, charts: Charts) -> Section | None:
    """Return the section on ways; None where no child is placed or no index was computed."""
    blocks = [*tabulate_by_stage(teller, "journeys", _INDICES), *_draw(teller, charts)]
    if teller.exhibit.picture is None or not blocks:
        return None
    return Section("journeys", teller.say("sections.journeys"), (*blocks, teller.explain("journeys.metres")))


def tabulate_by_stage(teller: Teller, caption: str, codes: tuple[str, ...]) -> list[Block]:
    """Return a table with a row an index and a column a stage, and one for all where there are several."""
    exhibit = teller.exhibit
    stages = exhibit.stages if len(exhibit.stages) == 1 else ("", *exhibit.stages)
    table = exhibit.stored.tables.get("indices", pd.DataFrame({"index": [], "unit": []}))
    units = dict(zip(table["index"], table["unit"], strict=True))
    rows = []
    for code in (code for code in codes if code in units):
        values = [exhibit.index(code, stage) for stage in stages]
        cells = [teller.value_cell(value, units[code]) for value in values]
        rows.append([Cell(teller.title(code)), *cells, Cell(teller.unit(units[code]))])
    heads = ("index", *(f"stage_{stage or 'all'}" for stage in stages), "unit")
    return [teller.table(caption, heads, rows, right=range(1, len(heads) - 1))] if rows else []


def _draw(teller: Teller, charts: Charts) -> list[Block]:
    seats = teller.exhibit.stored.tables.get("assignments")
    if seats is None:
        return []
    seats = seats[seats["metres"].notna() & (seats["students"] > 0)]
    ways: dict[str, tuple[Floats, Ints]] = {}
    for stage in teller.stages_of(seats):
        rows = seats[seats["stage"] == stage]
        ways[stage] = (rows["metres"].to_numpy(np.float64), rows["students"].to_numpy(np.int64))
    if not ways:
        return []
    ceiling = teller.exhibit.record.get("policy", {}).get("travel", {}).get("max_m", {})
    served = {stage: teller.exhibit.radius_m(stage) for stage in teller.exhibit.stages}
    radius = {str(stage): metres for stage, metres in served.items() if metres is not None}
    drawn = charts.draw_ways(ways, radius, ceiling)
    return [Chart(drawn, teller.say("charts.ways_text"))]

"""The classes: how many and how large, grade by grade, against the caps; shares of small ones with their targets."""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from models.district import Ints
from models.placement import parts_of
from optimizer.export.charts import Charts
from optimizer.pages.report.blocks import Block, Cell, Chart, Section
from optimizer.pages.report.journeys import tabulate_by_stage
from optimizer.pages.report.teller import Teller

_SMALL = re.compile(r"small_classes_\d+_(?:all_|decided_)?share")
_INDICES = ("mean_class_size", "largest_class", "large_classes", "very_large_classes")


def tell_classes(teller: Teller, charts: Charts) -> Section | None:
    """Return the section on classes; None where the run has none."""
    classes = teller.exhibit.stored.tables.get("classes")
    if classes is None or not classes["classes"].sum():
        return None
    caps = teller.exhibit.stored.class_caps
    place = {stage: position for position, stage in enumerate(teller.stages_of(classes))}
    grades = [part for part in parts_of(classes, ["stage", "grade", "origin"]) if part[1]["classes"].sum()]
    grades.sort(key=lambda part: (place[part[0][0]], teller.grade_cell(part[0][1]).value))
    rows = [_grade_row(teller, key, rows, caps) for key, rows in grades]
    heads = ("stage", "grade", "origin", "students", "classes", "mean_class", "largest_class", "cap", "above_cap")
    return Section(
        "classes",
        teller.say("sections.classes"),
        (
            teller.table("grades", heads, rows, right=range(3, 9)),
            *_draw(teller, charts, classes, caps),
            *tabulate_by_stage(teller, "class_sizes", _INDICES),
            *_tabulate_small(teller),
        ),
    )


def _grade_row(teller: Teller, key: tuple[str, str, str], rows: pd.DataFrame, caps: Mapping[str, int]) -> list[Cell]:
    stage, grade, origin = key
    sizes, cap = _sizes(rows), float(caps.get(stage, np.nan))
    above = int((sizes > cap).sum())
    return [
        Cell(teller.stage(stage)),
        teller.grade_cell(grade),
        Cell(teller.word("kinds.origins", origin)),
        teller.cell(rows["students"].sum()),
        teller.cell(rows["classes"].sum()),
        teller.cell(rows["students"].sum() / rows["classes"].sum(), 1),
        teller.cell(sizes.max(initial=0)),
        teller.cell(cap),
        teller.cell(above, mark="fail" if above else ""),
    ]


def _sizes(rows: pd.DataFrame) -> Ints:
    """Children of every class; those of a grade at a school are split evenly."""
    formed = rows[rows["classes"] > 0]
    students, classes = (formed[column].to_numpy(np.int64) for column in ("students", "classes"))
    low, more = np.divmod(students, classes)
    split = [
        np.repeat([size, size + 1], [count - left, left]) for size, left, count in zip(low, more, classes, strict=True)
    ]
    return np.concatenate([*split, np.zeros(0, dtype=np.int64)])


def _draw(teller: Teller, charts: Charts, classes: pd.DataFrame, caps: Mapping[str, int]) -> list[Block]:
    sizes = {stage: _sizes(classes[classes["stage"] == stage]) for stage in teller.stages_of(classes)}
    sizes = {stage: found[found > 0] for stage, found in sizes.items() if (found > 0).any()}
    if not sizes:
        return []
    drawn = charts.draw_sizes(sizes, {stage: float(cap) for stage, cap in caps.items()})
    return [Chart(drawn, teller.say("charts.sizes_text"))]


def _tabulate_small(teller: Teller) -> list[Block]:
    """The shares of small classes, with the targets that there are."""
    table = teller.exhibit.stored.tables.get("indices")
    if table is None:
        return []
    told = table[(table["scope"] == "district") & table["index"].str.fullmatch(_SMALL)]
    if len(teller.exhibit.stages) == 1:
        told = told[told["stage"] != ""]
    rows = [
        [
            Cell(teller.title(row["index"])),
            Cell(teller.stage(row["stage"])),
            teller.share_cell(row["value"]),
            teller.share_cell(row["target"]),
            teller.verdict_cell(row["passes"]),
        ]
        for row in told.to_dict("records")
    ]
    heads = ("index", "stage", "value", "target", "reached")
    return [teller.table("small_classes", heads, rows, right=(2, 3))] if rows else []

"""Posts and teachers: needed, filled and vacant, whom to hire, who is spare, who moves, how even schools become.

Nobody is named: teachers are counted.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from optimizer.digest.staff import count_staff
from optimizer.indices import compare_resources
from optimizer.pages.report.blocks import Block, Cell, Section
from optimizer.pages.report.teller import Teller
from optimizer.runs.exchange import FORMS

LEAST = 0.05
"""Posts below which there are none in the tenths that are written."""


def tell_staff(teller: Teller) -> Section | None:
    """Return the section on posts and teachers; None for a run without posts."""
    if count_staff(teller.exhibit) is None:
        return None
    blocks = [
        *_tabulate_totals(teller),
        *_tabulate_subjects(teller),
        *_tabulate_moves(teller),
        *_tabulate_evenness(teller),
        *_tabulate_hiring(teller),
        *_tabulate_spare(teller),
    ]
    return Section("staff", teller.say("sections.staff"), tuple(blocks))


def _tabulate_totals(teller: Teller) -> list[Block]:
    """Posts by stage, and staff against the approved posts."""
    posts = teller.exhibit.stored.table("posts")
    sums = posts.groupby("stage")[["required", "filled", "vacant"]].sum()
    rows = [
        [Cell(teller.stage(stage)), *(_posts(teller, sums[name][stage], name) for name in sums.columns)]
        for stage in teller.stages_of(posts)
    ]
    total = [Cell(teller.say("words.total")), *(_posts(teller, sums[name].sum(), name) for name in sums.columns)]
    staff = count_staff(teller.exhibit)
    assert staff is not None
    known = {"quota": staff.quota, "staff": staff.staff, "over": staff.over, "under": staff.under}
    told = [(name, teller.number(value)) for name, value in known.items() if not np.isnan(value)]
    heads = ("stage", "required", "filled", "vacant")
    return [
        teller.table("posts", heads, rows, right=(1, 2, 3), totals=[total] if len(rows) > 1 else []),
        *([teller.facts("staff", told)] if told else []),
    ]


def _posts(teller: Teller, value: float, name: str) -> Cell:
    return teller.cell(value, 1, "fail" if name == "vacant" and value >= LEAST else "")


def _tabulate_subjects(teller: Teller) -> list[Block]:
    """Subjects with vacant posts."""
    posts = teller.exhibit.stored.table("posts")
    sums = posts.groupby(["stage", "subject"], sort=False)[["required", "vacant"]].sum().reset_index()
    short = sums[sums["vacant"] >= LEAST]
    rows = [
        [
            Cell(teller.stage(row["stage"])),
            Cell(teller.subject(row["subject"])),
            teller.cell(row["required"], 1),
            teller.cell(row["vacant"], 1),
            teller.share_cell(row["vacant"] / row["required"] if row["required"] else np.nan),
        ]
        for row in short.to_dict("records")
    ]
    heads = ("stage", "subject", "required", "vacant", "vacant_share")
    return [teller.table("subjects", heads, rows, right=(2, 3, 4))] if rows else []


def _tabulate_moves(teller: Teller) -> list[Block]:
    """Who comes to the post how, by stage, and the shares that must move."""
    exhibit = teller.exhibit
    stages = ("", *exhibit.stages) if len(exhibit.stages) > 1 else ("",)
    forms = [form for form in FORMS if exhibit.index(f"posted_{form}") > 0]
    rows = [
        [
            Cell(teller.word("cli.forms", form)),
            *(teller.cell(exhibit.index(f"posted_{form}", stage)) for stage in stages),
        ]
        for form in forms
    ]
    moved = [
        Cell(teller.say("staff.moved")),
        *(teller.cell(exhibit.index("teachers_moved", stage)) for stage in stages),
    ]
    heads = ("way", *(f"stage_{stage or 'all'}" for stage in stages))
    told = [
        [
            Cell(teller.say(f"staff.{code}")),
            teller.share_cell(exhibit.index(code)),
            teller.share_cell(exhibit.target(code)),
            _verdict(teller, code),
        ]
        for code in ("moved_share", "backbone_moved_share")
        if not np.isnan(exhibit.index(code))
    ]
    eligible = exhibit.index("eligible_teachers")
    return [
        *([teller.table("ways", heads, rows, right=range(1, len(heads)), totals=[moved])] if rows else []),
        *([teller.table("shares", ("index", "value", "target", "reached"), told, right=(1, 2))] if told else []),
        *([teller.explain("staff.eligible", teachers=teller.number(eligible))] if not np.isnan(eligible) else []),
    ]


def _verdict(teller: Teller, code: str) -> Cell:
    table = teller.exhibit.stored.table("indices")
    row = table[(table["index"] == code) & (table["scope"] == "district") & (table["stage"] == "")]
    return teller.verdict_cell(str(row["passes"].iloc[0]) if len(row) else "")


def _tabulate_evenness(teller: Teller) -> list[Block]:
    """The seven resources of 优质均衡: thresholds reached and coefficients of variation, before and after."""
    tables = teller.exhibit.stored.tables
    if "indices" not in tables or "classes" not in tables:
        return []
    rows = [
        _even_row(teller, row) for row in compare_resources(tables["indices"], tables["classes"]).to_dict("records")
    ]
    heads = (
        *("indicator", "stage", "threshold", "unit", "mean_before", "mean_after", "reached_before", "reached_after"),
        *("of_schools", "cv_before", "cv_after", "cv_max", "within"),
    )
    explained = teller.explain("staff.even")
    return [teller.table("even", heads, rows, right=(2, *range(4, 12))), explained] if rows else []


def _even_row(teller: Teller, row: Mapping[object, object]) -> list[Cell]:
    value = {str(name): float(str(each)) for name, each in row.items() if name not in ("stage", "indicator", "unit")}
    unit, limit, after = str(row["unit"] or ""), value["cv_max"], value["cv_after"]
    judged = "" if np.isnan(limit) or np.isnan(after) else "true" if after <= limit + 1e-9 else "false"
    return [
        Cell(teller.word("cli.indicators", str(row["indicator"]))),
        Cell(teller.stage(str(row["stage"]))),
        teller.cell(value["threshold"], 1),
        Cell(teller.unit(unit) if unit else ""),
        *(teller.cell(value[name], 2) for name in ("mean_before", "mean_after")),
        *(teller.cell(value[name]) for name in ("reached_before", "reached_after", "compared")),
        *(teller.cell(value[name], 3) for name in ("cv_before", "cv_after", "cv_max")),
        teller.verdict_cell(judged),
    ]


def _tabulate_hiring(teller: Teller) -> list[Block]:
    hiring = teller.exhibit.stored.table("hiring")
    hiring = hiring[hiring["posts"] >= LEAST]
    rows = [
        [
            Cell(teller.word("cli.pools", row["pool"])),
            Cell(teller.stage(row["stage"])),
            Cell(teller.subject(row["subject"])),
            teller.cell(row["posts"], 1),
            teller.cell(row["within_quota"], 1),
        ]
        for row in hiring.to_dict("records")
    ]
    heads = ("pool", "stage", "subject", "posts", "within_quota")
    if not rows:
        return [teller.explain("staff.no_hiring")]
    return [teller.table("hiring", heads, rows, right=(3, 4)), teller.explain("staff.hiring")]


def _tabulate_spare(teller: Teller) -> list[Block]:
    """Whom their schools do not need for their subject, all schools together."""
    spare = _sum_spare(teller.exhibit.stored.table("surplus"))
    rows = [
        [
            Cell(teller.stage(row["stage"])),
            Cell(teller.subject(row["subject"])),
            teller.cell(row["posts"]),
            teller.cell(row["other_stage"]),
        ]
        for row in spare.to_dict("records")
    ]
    heads = ("stage", "subject", "spare", "other_stage")
    return [teller.table("spare", heads, rows, right=(2, 3)), teller.explain("staff.spare")] if rows else []


def _sum_spare(surplus: pd.DataFrame) -> pd.DataFrame:
    sums: pd.DataFrame = surplus.groupby(["stage", "subject"], sort=False)[["posts", "other_stage"]].sum().reset_index()
    return sums

"""招生计划表 and 招生范围调整清单 as a bureau sends them: in words, with totals, remarks and what they are not."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from models.sentences import find
from optimizer.io.formulas import is_formula
from optimizer.lists.manner import MASK, Manner
from optimizer.lists.masks import hide_in_changes, hide_in_plan
from optimizer.lists.names import Names
from optimizer.lists.sharing import partners, units_by_schools
from optimizer.runs import StoredRun
from optimizer.runs.cells import guard

_SUMMED = ["classes", "planned", "reserve", "zoned", "coordinated", "balance"]
PLAN_COLUMNS = ("school", "school_id", "stage", *_SUMMED, "class_size", "remark")
CHANGE_COLUMNS = (
    *("unit", "unit_id", "stage", "households", "students", "from_school", "to_school"),
    *("metres_before", "metres_after", "reason", "remark"),
)


def list_plan(stored: StoredRun, names: Names, manner: Manner) -> pd.DataFrame:
    """招生计划表: a row a school and stage, a total under each stage."""
    plan = name_plan(stored, names, manner)
    hidden = hide_in_plan(plan, stored.class_caps, names.special) & manner.publish
    return tell(plan, PLAN_COLUMNS, manner, hidden)


def name_plan(stored: StoredRun, names: Names, manner: Manner) -> pd.DataFrame:
    """Return the admission plan with names, remarks and totals; numbers and codes as they are."""
    plan = name_schools(stored.table("admission_plan"), names)
    shares = {stage: units_by_schools(stored.tables["catchments"], stage) for stage in plan["stage"].unique()}
    seats = zip(plan["school_id"], plan["stage"], strict=True)
    plan["remark"] = [_remark(school, partners(school, shares[stage]), names, manner) for school, stage in seats]
    return with_totals(plan, _SUMMED, manner)


def list_changes(stored: StoredRun, names: Names, manner: Manner) -> pd.DataFrame:
    """招生范围调整清单: a row a unit and stage whose school changes, with metres before and after and the reason."""
    changes = name_changes(stored.table("changes"), names, manner)
    hidden = hide_in_changes(changes, stored.tables["catchments"]) & manner.publish
    return tell(changes, CHANGE_COLUMNS, manner, hidden.to_frame("students"))


def name_changes(table: pd.DataFrame, names: Names, manner: Manner) -> pd.DataFrame:
    """Return changes of catchments with names and with reasons in words; numbers and codes as they are."""
    changes = table.copy()
    changes["unit"] = [names.unit(unit_id) for unit_id in changes["unit_id"]]
    for end in ("from_school", "to_school"):
        changes[end] = [names.school(school_id) for school_id in changes[f"{end}_id"]]
    reasons = zip(changes["reason_code"], changes["reason"], strict=True)
    changes["reason"] = [find(f"runs.reasons.{code}", manner.language) or stated for code, stated in reasons]
    return changes.assign(remark="")


def name_schools(table: pd.DataFrame, names: Names) -> pd.DataFrame:
    """Return a table that has `school_id` with a column `school`: what each is called."""
    return table.assign(school=[names.school(school_id) for school_id in table["school_id"]])


def _remark(school: str, sharing: Sequence[str], names: Names, manner: Manner) -> str:
    """Return with whom a school shares its catchment, and that its site is borrowed."""
    others = manner.join([names.school(other) for other in sharing])
    told = [manner.word("remarks.shared", schools=others)] if sharing else []
    told += [manner.word("remarks.borrowed")] if school in names.sites else []
    return manner.word("words.semicolon").join(told)


def with_totals(table: pd.DataFrame, summed: Sequence[str], manner: Manner, *, of: str = "school") -> pd.DataFrame:
    """Return a table with a row without an id under each stage, called a total in the column `of`, which holds the sums
    of some columns.
    """
    parts, word = [], "words.total" if of == "school" else "words.sum"
    for stage in dict.fromkeys(table["stage"]):
        rows = table[table["stage"] == stage]
        total = {of: manner.word(word, stage=manner.stage(stage)), f"{of}_id": "", "stage": stage}
        parts += [rows, pd.DataFrame([total | rows[[*summed]].sum(skipna=False).to_dict() | {"remark": ""}])]
    return pd.concat(parts, ignore_index=True) if parts else table


def tell(
    table: pd.DataFrame, columns: Sequence[str], manner: Manner, hidden: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return some columns of a table in words, under headings in words.

    A cell that is `hidden` is MASK, and its row says what that means. A list that is not final has a last column whose
    heading says that it is a calculation.
    """
    covers = [{}] * len(table) if hidden is None else hidden.to_dict("records")
    rows = zip(table.to_dict("records"), covers, strict=True)
    told = [_tell_row(row, covered, columns, manner) for row, covered in rows]
    kept = [column for column in columns if column != "remark" or any(row["remark"] for row in told)]
    worded = pd.DataFrame(told, columns=kept, dtype=str)
    worded.columns = pd.Index([manner.heading(column) for column in kept])
    return worded if manner.final else worded.assign(**{manner.standing: manner.word("words.draft")})


def _tell_row(
    row: Mapping[Hashable, Any], hidden: Mapping[Hashable, bool], columns: Sequence[str], manner: Manner
) -> dict[str, str]:
    told = {
        column: MASK if hidden.get(column) and not pd.isna(row[column]) else _tell_cell(column, row[column], manner)
        for column in columns
    }
    if any(hidden.values()):
        remarks = [told["remark"], manner.word("remarks.masked")]
        told["remark"] = manner.word("words.semicolon").join(filter(None, remarks))
    return told


def _tell_cell(column: str, cell: Any, manner: Manner) -> str:
    """Return a cell as text that no spreadsheet takes for a formula."""
    if column in manner.coded and cell:
        return manner.coded[column](cell)
    if isinstance(cell, str):
        return guard(cell) if is_formula(cell) else cell
    return "" if pd.isna(cell) else f"{cell:.0f}"

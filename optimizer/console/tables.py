"""Tables of a stored run for a terminal: its schools and its indices."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from models.sentences import find
from optimizer.console.summary import plain_rows
from optimizer.console.text import align, write_number, write_share
from optimizer.console.voice import Voice
from optimizer.indices import compare_resources, title_of
from optimizer.runs import StoredRun
from optimizer.runs.exchange import count_in_out, find_ways
from optimizer.runs.staffing import tell_reasons

SCHOOL_COLUMNS = ("school", "name", "stage", "students", "classes", "places", "utilisation")
POST_COLUMNS = ("school", "stage", "required", "filled", "vacant")
HIDDEN_COLUMNS = ("mode", "reason_code", "reason_facts", "purchased_places")
WORDS = {
    "stage": "cli.stages",
    "from_stage": "cli.stages",
    "grade": "grades",
    "category": "kinds.categories",
    "origin": "kinds.origins",
    "subject": "subjects",
    "pool": "cli.pools",
    "moved": "cli.moved",
    "form": "cli.forms",
    "round": "cli.rounds",
    "indicator": "cli.indicators",
    "unit": "cli.units",
}
"""Columns whose codes are told in the reader's words, and where these are."""
DERIVED: Mapping[str, tuple[str, Callable[[StoredRun], pd.DataFrame]]] = {
    "in_out": ("postings", lambda stored: count_in_out(stored.table("postings"))),
    "resources": ("postings", lambda stored: compare_resources(stored.table("indices"), stored.table("classes"))),
}
"""Tables that follow from those of a run: by stem the table they need, and how they follow."""
DECIMALS = {"metres": 0, "student-km": 1}
INDEX_COLUMNS = ("index", "stage", "value", "unit", "target", "passes")


def tabulate_schools(stored: StoredRun, voice: Voice) -> list[str]:
    """Return a line a school and stage: children, classes, places and how full it is; nothing without a plan.

    Of posts alone: how many are needed, filled and vacant.
    """
    if stored.plan is None:
        return []
    if stored.scope == "posts":
        return _tabulate_posts(stored, voice)
    rows = [
        [
            school["school_id"],
            school["name"],
            voice.say(f"stages.{school['stage']}"),
            write_number(school["students"]),
            write_number(school["classes"]),
            write_number(school["places"]),
            "" if pd.isna(school["utilisation"]) else write_share(school["utilisation"]),
        ]
        for school in stored.table("schools").to_dict("records")
    ]
    return ["", *align([_heads(SCHOOL_COLUMNS, voice), *rows], right=(3, 4, 5, 6))]


def _tabulate_posts(stored: StoredRun, voice: Voice) -> list[str]:
    numbers = ["required", "filled", "vacant"]
    sums = stored.table("posts").groupby(["school_id", "stage"], sort=False)[numbers].sum().reset_index()
    rows = [
        [row["school_id"], voice.say(f"stages.{row['stage']}"), *(write_number(row[name], 1) for name in numbers)]
        for row in sums.to_dict("records")
    ]
    return ["", *align([_heads(POST_COLUMNS, voice), *rows], right=(2, 3, 4))]


def tabulate(stored: StoredRun, stem: str, voice: Voice) -> list[str]:
    """Return a table of a run, a line a row under headings in the reader's words; one line where it has no rows."""
    table = _with_difference(_worded(_table(stored, stem), voice))
    if table.empty:
        return [voice.say("run.no_rows", table=f"{stem}.csv")]
    shown = [column for column in table.columns if column not in HIDDEN_COLUMNS]
    numbers = [k for k, column in enumerate(shown) if pd.api.types.is_numeric_dtype(table[column])]
    rows = [[_tell_cell(column, row[column], voice) for column in shown] for row in table.to_dict("records")]
    heads = [_tell_head(column, voice) for column in shown]
    return align([heads, *rows], right=numbers)


def _tell_head(column: str, voice: Voice) -> str:
    """Return the heading of a column, where there is none that of what its ids stand for, else its name."""
    end, _, way = column.partition("_")
    if end in ("out", "in") and find(f"cli.forms.{way}"):
        return voice.say(f"columns.{end}_by", way=voice.say(f"forms.{way}"))
    keys = (column, column.removesuffix("_id"))
    return next(filter(None, (find(f"cli.columns.{key}", voice.language) for key in keys)), column)


def _worded(table: pd.DataFrame, voice: Voice) -> pd.DataFrame:
    """Return a table whose reasons are in the reader's words, not in those of whoever solved.

    Of postings, `form` also tells who leaves and who changes stage or site within the legal school, as `in_out` does.
    """
    if "reason_facts" in table:
        return table.assign(reason=tell_reasons(table, voice.language), form=find_ways(table))
    if "reason_code" not in table:
        return table
    stated = zip(table["reason_code"], table["reason"], strict=True)
    return table.assign(reason=[find(f"runs.reasons.{code}", voice.language) or reason for code, reason in stated])


def _with_difference(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table that has metres before and after with how much farther that is, below 0 nearer."""
    if "metres_before" not in table:
        return table
    told = table.assign(metres_farther=table["metres_after"] - table["metres_before"])
    behind = list(table.columns).index("metres_after") + 1
    return told[[*table.columns[:behind], "metres_farther", *table.columns[behind:]]]


def _tell_cell(column: str, cell: Any, voice: Voice) -> str:
    if column in WORDS:
        return (find(f"{WORDS[column]}.{cell}", voice.language) if cell else None) or str(cell)
    if column == "utilisation":
        return "" if pd.isna(cell) else write_share(cell)
    return write_number(cell)


def describe_table(stored: StoredRun, stem: str) -> dict[str, Any]:
    """Return the rows of a table of a run for a JSON document."""
    return {"table": stem, "rows": plain_rows(_table(stored, stem))}


def _table(stored: StoredRun, stem: str) -> pd.DataFrame:
    """A table of the run; without rows where its question was not asked, as coordination in a study of all grades."""
    needed, derive = DERIVED.get(stem, (stem, lambda stored: stored.tables[stem]))
    return derive(stored) if needed in stored.tables else pd.DataFrame()


def tabulate_indices(stored: StoredRun, voice: Voice) -> list[str]:
    """Return a line an index of the whole district, each with its unit, its target and whether it passes.

    Where there is one stage, the lines of all stages together would say the same again and are left out.
    """
    table = stored.table("indices")
    told = table["scope"] == "district"
    if len(stored.record["decided"]) == 1:
        told &= (table["stage"] != "") | ~table["index"].isin(table.loc[table["stage"] != "", "index"])
    rows = [
        [
            tell_title(row["index"], voice),
            voice.say(f"stages.{row['stage'] or 'all'}"),
            tell_value(row["value"], row["unit"]),
            tell_unit(row["unit"], voice),
            tell_value(row["target"], row["unit"]),
            _tell_pass(row["passes"], voice),
        ]
        for row in table[told].to_dict("records")
    ]
    return align([_heads(INDEX_COLUMNS, voice), *rows], right=(2, 4))


def describe_indices(stored: StoredRun) -> dict[str, Any]:
    """Return every index, of the district and of its schools, for a JSON document."""
    return {"indices": plain_rows(stored.table("indices"))}


def _heads(columns: Sequence[str], voice: Voice) -> list[str]:
    return [voice.say(f"columns.{column}") for column in columns]


def tell_title(code: str, voice: Voice) -> str:
    """Return the title of an index; its code where another version computed it."""
    try:
        return title_of(code, voice.language)
    except KeyError:
        return code


def tell_value(value: float, unit: str) -> str:
    """Return the value of an index, a share in per cent; "" where there is none."""
    if unit == "year" and not pd.isna(value):
        return f"{value:.0f}"
    return write_share(value) if unit == "share" and not pd.isna(value) else write_number(value, DECIMALS.get(unit, 3))


def tell_unit(unit: str, voice: Voice) -> str:
    """Return what a unit is called, "" for a share, told in per cent; its code where another version has it."""
    told = find(f"cli.units.{unit}", voice.language)
    return unit if told is None else told


def _tell_pass(passes: Any, voice: Voice) -> str:
    known = {"true": "passes", "false": "fails"}.get(str(passes).lower())
    return voice.say(f"run.{known}") if known else ""

"""Sheets of what came out: indices with targets, resources before and after, and what falls short."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from models.run import Shortfall
from models.sentences import find
from optimizer.console.facts import name_rule
from optimizer.console.summary import tell_shortfall
from optimizer.console.tables import tell_title
from optimizer.console.voice import Voice
from optimizer.indices import compare_resources
from optimizer.workbook.layout import AS_SAID, Desk, Field, lay_out
from optimizer.workbook.sheet import SIGNS, Kind, Mark, Sheet

_KINDS: dict[str, Kind] = {
    "share": "share",
    "ratio": "ratio",
    "year": "year",
    "student-km": "tenths",
    "posts": "tenths",
    "lessons": "tenths",
    "students a class": "tenths",
    "posts a class": "hundredths",
    "staff a class": "hundredths",
    "per 100 students": "hundredths",
    "m2 a student": "hundredths",
    "yes or no": "text",
}
"""How the unit of an index is written; what is not here is counted."""
_JUDGED = (
    *(Field("title"), Field("value", AS_SAID), Field("measure"), Field("target", AS_SAID)),
    Field("passes", mark=Mark("failed")),
)
_INDICES = (Field("pool"), Field("stage"), *_JUDGED)
_TOLD_ELSEWHERE = ("students", "classes", "school_utilisation", "teachers_in", "teachers_out")
"""Indices of schools that 学校概况 and 各校人员进出 have."""
_RESOURCES = (
    *(Field("stage"), Field("indicator"), Field("measure"), Field("threshold", AS_SAID)),
    *(Field("mean_before", AS_SAID), Field("mean_after", AS_SAID)),
    *(Field("reached_before", "count"), Field("reached_after", "count"), Field("compared", "count")),
    *(Field("cv_before", "ratio", Mark("above", "cv_max")), Field("cv_after", "ratio", Mark("above", "cv_max"))),
    Field("cv_max", "ratio"),
)
_ISSUES = (Field("since"), Field("rule"), Field("stage"), Field("where"), Field("name"), Field("told", "long"))


def lay_out_indices(desk: Desk) -> Sheet:
    """指标 of the whole district and of its pools of posts.

    Where there is one stage, the rows of all stages together would say the same again and are left out.
    """
    table = desk.stored.table("indices")
    told = ~_is_of_school(desk)
    if len(desk.stored.record["decided"] or ()) == 1:
        told &= (table["stage"] != "") | ~table["index"].isin(table.loc[table["stage"] != "", "index"])
    judged = _in_words(table[told], desk)
    return lay_out("indices", judged.assign(pool=judged["scope"]), _INDICES, desk)


def lay_out_indices_of_schools(desk: Desk) -> Sheet:
    """各校指标: a row a school and stage and under each stage one for its targets, a column an index."""
    table = desk.stored.table("indices")[_is_of_school(desk)]
    table = table[~table["index"].isin(_TOLD_ELSEWHERE)].drop_duplicates(["index", "scope", "stage"])
    judged = _in_words(table.assign(missed=table["passes"].str.lower() == "false"), desk)
    fields = [_field_of(str(code), rows, desk) for code, rows in judged.groupby("index", sort=False)]
    columns = ["school", "school_id", "stage", *(name for field in fields for name in (field.key, field.missed))]
    told = pd.DataFrame(list(_rows_of_schools(judged, desk)), columns=columns)
    for field in fields:
        told[field.missed] = told[field.missed].eq(True)
    named = (Field("school"), Field("school_id"), Field("stage"))
    return lay_out("indices_of_schools", told, (*named, *fields), desk, totals="school_id")


def _field_of(code: str, rows: pd.DataFrame, desk: Desk) -> Field:
    """The column of an index: under a short heading, else under its title and unit."""
    title, unit = str(rows["title"].iloc[0]), desk.word("measure", str(rows["measure"].iloc[0]))
    short = find(f"workbook.headings.indices_of_schools.{code}", desk.manner.language)
    long = desk.say("words.in_unit", title=title, unit=unit) if unit else title
    return Field(f"value {code}", rows["kind"].iloc[0], heading=short or long, missed=f"missed {code}")


def _rows_of_schools(judged: pd.DataFrame, desk: Desk) -> Iterator[dict[str, Any]]:
    """Yield a row a school, stage by stage, and behind those of a stage the targets that all its schools share."""
    for stage, of_stage in judged.groupby("stage", sort=False):
        for school, rows in of_stage.groupby("scope", sort=False):
            values = {f"value {code}": value for code, value in zip(rows["index"], rows["value"], strict=True)}
            missed = {f"missed {code}": each for code, each in zip(rows["index"], rows["missed"], strict=True)}
            yield {"school": desk.names.school(str(school)), "school_id": school, "stage": stage} | values | missed
        targets = {f"value {code}": set(rows.dropna()) for code, rows in of_stage.groupby("index")["target"]}
        shared = {key: stated.pop() for key, stated in targets.items() if len(stated) == 1}
        if shared:
            told = desk.say("words.targets", stage=desk.word("stage", str(stage)))
            yield {"school": told, "school_id": "", "stage": stage} | shared


def lay_out_resources(desk: Desk) -> Sheet:
    """七项资源指标 of all schools that are compared: as everybody works today, and with the postings."""
    table = compare_resources(desk.stored.table("indices"), desk.stored.table("classes"))
    told = table.assign(kind=[_KINDS.get(unit, "count") for unit in table["unit"]], measure=table["unit"])
    return lay_out("resources", told, _RESOURCES, desk)


def lay_out_issues(desk: Desk) -> Sheet:
    """需关注问题: what falls short by this plan, and then what stood before it (存量)."""
    rows = [_tell_issue(each, desk) for each in sorted(desk.stored.shortfalls, key=lambda each: each.inherited)]
    return lay_out("issues", pd.DataFrame(rows, columns=[field.key for field in _ISSUES]), _ISSUES, desk, fixed=0)


def _is_of_school(desk: Desk) -> "pd.Series[bool]":
    return desk.stored.table("indices")["scope"].isin(list(desk.names.schools))


def _in_words(indices: pd.DataFrame, desk: Desk) -> pd.DataFrame:
    """Return rows of the indices with titles in words, the kind of each value, and its unit in `measure`.

    Yes and no are words, and a target that is missed has its sign.
    """
    units = indices["unit"]
    worded = {
        column: pd.Series(
            [_tell_value(*each, desk) for each in zip(indices[column], units, strict=True)],
            index=indices.index,
            dtype=object,
        )
        for column in ("value", "target")
    }
    return indices.assign(
        title=[tell_title(code, Voice(desk.manner.language)) for code in indices["index"]],
        stage=indices["stage"].replace("", "all"),
        kind=[_KINDS.get(unit, "count") for unit in units],
        measure=units,
        passes=[_tell_pass(verdict, desk) for verdict in indices["passes"]],
        **worded,
    )


def _tell_value(value: float, unit: str, desk: Desk) -> float | str:
    """Return the value of an index; yes or no in words."""
    answers = {1.0: "true", 0.0: "false"} if unit == "yes or no" else {}
    return desk.word("moved", answers[value]) if value in answers else value


def _tell_pass(verdict: str, desk: Desk) -> str:
    told = {"true": desk.say("words.passes"), "false": f"{SIGNS['failed']} {desk.say('words.fails')}"}
    return told.get(verdict.lower(), "")


def _tell_issue(shortfall: Shortfall, desk: Desk) -> tuple[str, ...]:
    """Return a shortfall in words; the name of the rule and the number where another version judged it."""
    voice, where = Voice(desk.manner.language), shortfall.where
    names = desk.names.schools if where in desk.names.schools else desk.names.units
    since = desk.say("words.inherited" if shortfall.inherited else "words.new")
    rule, told = name_rule(shortfall.rule, voice), tell_shortfall(shortfall, voice)
    return (since, rule, shortfall.stage or "all", where, names.get(where, ""), told)

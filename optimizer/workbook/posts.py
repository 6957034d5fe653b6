"""Sheets of posts: postings, who comes and goes, posts, whom to hire, and who is spare. They name teachers by id."""

import numpy as np

from optimizer.lists.rounds import ROUNDS, name_in_out, name_postings
from optimizer.lists.tables import name_schools, with_totals
from optimizer.runs.exchange import SCHOOL_AND_STAGE
from optimizer.workbook.layout import Desk, Field, lay_out
from optimizer.workbook.sheet import Mark, Sheet

_VACANT = Mark("vacant", 0.05)
"""Posts that are vacant in the tenths that are written."""
_POSTINGS = (
    *(Field("teacher_id"), Field("stage"), Field("subject"), Field("from_school"), Field("to_school"), Field("moved")),
    *(Field("way"), Field("round"), Field("effective", "date"), Field("term_years", "count"), Field("why")),
    Field("remark"),
)
_POSTS = (
    *(Field("school"), Field("school_id"), Field("stage"), Field("subject"), Field("required", "tenths")),
    *(Field("filled", "tenths"), Field("vacant", "tenths", _VACANT)),
)
_HIRING = (
    *(Field("pool"), Field("stage"), Field("subject"), Field("posts", "tenths", _VACANT)),
    Field("within_quota", "tenths"),
)
_SURPLUS = (
    *(Field("school"), Field("school_id"), Field("stage"), Field("subject"), Field("spare", "count")),
    Field("other_stage", "count"),
)


def lay_out_postings(desk: Desk) -> Sheet:
    """教师调配: a row a person; whoever comes or goes first, round by round, then those who stay."""
    postings = name_postings(desk.stored, desk.names, desk.manner)
    order = sorted(ROUNDS.values(), key=lambda settled: settled == "school")
    place = postings["round"].map({settled: place for place, settled in enumerate(order)}).fillna(len(order))
    ordered = postings.iloc[np.argsort(place + len(order) * (postings["way"] == "stay"), kind="stable")]
    return lay_out("postings", ordered, _POSTINGS, desk)


def lay_out_in_out(desk: Desk) -> Sheet:
    """各校人员进出: who is at each school now, goes, comes and is there then."""
    table = name_in_out(desk.stored, SCHOOL_AND_STAGE, desk.names, desk.manner)
    words = ("school", "school_id", "stage")
    fields = [Field(column, "text" if column in words else "count") for column in map(str, table)]
    return lay_out("in_out", table, fields, desk, totals="school_id")


def lay_out_posts(desk: Desk) -> Sheet:
    """岗位: posts needed, filled and vacant by school, stage and subject."""
    table = name_schools(desk.stored.table("posts"), desk.names)
    totalled = with_totals(table, ["required", "filled", "vacant"], desk.manner)
    return lay_out("posts", totalled, _POSTS, desk, totals="school_id")


def lay_out_hiring(desk: Desk) -> Sheet:
    """招聘建议: posts that stay vacant by pool, stage and subject, and how many of them the quota allows."""
    table = desk.stored.table("hiring")
    totalled = with_totals(table.assign(pool_id=table["pool"]), ["posts", "within_quota"], desk.manner, of="pool")
    return lay_out("hiring", totalled, _HIRING, desk, totals="pool_id")


def lay_out_surplus(desk: Desk) -> Sheet:
    """富余教师: whole teachers whom a school does not need for a subject, and who may teach a higher stage."""
    table = name_schools(desk.stored.table("surplus"), desk.names).rename(columns={"posts": "spare"})
    return lay_out(
        "surplus", with_totals(table, ["spare", "other_stage"], desk.manner), _SURPLUS, desk, totals="school_id"
    )

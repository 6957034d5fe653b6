"""The lists of the rounds (县管校聘): who keeps the post, who takes another one and how; schools in and out, hiring.

Each round is settled by others and on another day, and those who stay are twenty times as many as those who go: so each
round has its own list. Published, the lists count people instead of naming them, and have nobody who stays or has no
post.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from models.stages import STAGES
from optimizer.lists.manner import Manner
from optimizer.lists.names import Names
from optimizer.lists.tables import name_schools, tell, with_totals
from optimizer.runs import StoredRun
from optimizer.runs.exchange import SCHOOL_AND_STAGE, count_in_out, find_ways
from optimizer.runs.staffing import tell_reasons

ROUNDS: Mapping[str, str] = {
    "round_school": "school",
    "round_cross_school": "cross_school",
    "round_coordination": "coordination",
    "round_rotation": "rotation",
    "round_return": "return",
    "round_recruitment": "recruitment",
    "without_post": "",
}
"""The round (column `round` of `postings`) of each list; "" is who retires, and recruits for whom there is no post."""
UNPUBLISHED = ("round_school", "without_post")
"""Who stays may do so for reasons of his own, and beside the posts filled those counts would tell who is on leave."""
_PEOPLE = ("teacher_id", "stage", "subject", "from_school", "to_school", "way", "effective", "term_years", "why")
_COUNTS = ("stage", "subject", "from_school", "to_school", "way", "teachers", "effective", "term_years")
_ALIKE = ["from_school_id", "to_school_id", "from_stage", "stage", "subject", "way", "effective", "term_years"]
_PERSONAL = ("before", "after", "out_leaves")
"""Columns of who comes and goes that would tell who retires."""


def list_posts(stored: StoredRun, names: Names, manner: Manner) -> dict[str, pd.DataFrame]:
    """Return every list of a run with postings by the stem of its file."""
    in_out = {"in_out": SCHOOL_AND_STAGE, "in_out_subjects": (*SCHOOL_AND_STAGE, "subject")}
    return {
        **_list_rounds(stored, names, manner),
        **{stem: _list_in_out(stored, by, names, manner) for stem, by in in_out.items()},
        "hiring": _list_hiring(stored, manner),
        "surplus": _list_surplus(stored, names, manner),
    }


def _list_rounds(stored: StoredRun, names: Names, manner: Manner) -> dict[str, pd.DataFrame]:
    """Return the list of each round: a row a person, or published a row for all who do the same."""
    told = name_postings(stored, names, manner)
    columns = (*(_COUNTS if manner.publish else _PEOPLE), "remark")
    return {
        stem: tell(told[told["round"] == settled], columns, manner)
        for stem, settled in ROUNDS.items()
        if not (manner.publish and stem in UNPUBLISHED)
    }


def name_postings(stored: StoredRun, names: Names, manner: Manner) -> pd.DataFrame:
    """Return the postings by school with names, remarks and, in `way` and `why`, how each comes or goes and the reason
    in words; published a row for all who do the same. Codes are as they are."""
    postings = stored.table("postings")
    told = postings.assign(
        way=find_ways(postings),
        place=[STAGES.index(stage) for stage in postings["stage"]],
        why=tell_reasons(postings, manner.language),
    ).sort_values(["from_school_id", "to_school_id", "place", "subject"], kind="stable")
    if manner.publish:
        told = told.groupby(["round", "place", *_ALIKE], sort=False).size().rename("teachers").reset_index()
    for end in ("from_school", "to_school"):
        told[end] = [names.school(school_id) if school_id else "" for school_id in told[f"{end}_id"]]
    stages = zip(told["from_stage"], told["stage"], strict=True)
    told["remark"] = [
        "" if was == then else manner.word("remarks.stage", stage=manner.stage(was)) for was, then in stages
    ]
    return told


def _list_in_out(stored: StoredRun, by: Sequence[str], names: Names, manner: Manner) -> pd.DataFrame:
    """各校人员进出: a row a school and stage, a total under each stage; by subject only where anybody comes or goes."""
    table = name_in_out(stored, by, names, manner)
    return tell(table, list(table.columns), manner)


def name_in_out(stored: StoredRun, by: Sequence[str], names: Names, manner: Manner) -> pd.DataFrame:
    """Return who comes and goes, by school and stage, with names and totals; codes are as they are."""
    table = count_in_out(stored.table("postings"), by)
    if manner.publish:
        table["out"] -= table.get("out_leaves", 0)
        table = table.drop(columns=[column for column in _PERSONAL if column in table])
    if "subject" in by:
        table = table[table["out"] + table["in"] > 0]
    counts = [column for column in table.columns if column not in by]
    named = name_schools(table, names)
    ordered = named.iloc[np.argsort([STAGES.index(stage) for stage in table["stage"]], kind="stable")]
    totalled = with_totals(ordered, counts, manner)
    if "subject" in by:
        totalled["subject"] = totalled["subject"].fillna("")
    return totalled[["school", *by, *counts]]


def _list_hiring(stored: StoredRun, manner: Manner) -> pd.DataFrame:
    """招聘建议: posts that stay vacant by pool, stage and subject, in decimals."""
    table = stored.table("hiring").copy()
    for column in ("posts", "within_quota"):
        table[column] = [f"{posts:.3f}" for posts in table[column]]
    return tell(table, ("pool", "stage", "subject", "posts", "within_quota"), manner)


def _list_surplus(stored: StoredRun, names: Names, manner: Manner) -> pd.DataFrame:
    """富余教师: whole teachers whom a school does not need for a subject, and who may teach a higher stage (转段)."""
    table = name_schools(stored.table("surplus"), names).rename(columns={"posts": "spare"})
    return tell(table, ("school", "school_id", "stage", "subject", "spare", "other_stage"), manner)

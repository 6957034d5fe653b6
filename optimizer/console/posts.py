"""The posts of a stored run in words: how many are filled, whom to hire, who moves, how equal schools become."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from models.rounding import round_together
from models.sentences import say
from models.stages import STAGES
from optimizer.console.text import printable, write_number, write_share
from optimizer.console.voice import Voice
from optimizer.runs import StoredRun
from optimizer.runs.exchange import FORMS, count_net

MOST = 5
"""Stages and subjects, or schools, that are told; the tables have all."""
LEAST_BEYOND = 0.05
"""Posts beyond the quota that are told: fewer are none in the tenths that are written."""


def tell_posts(stored: StoredRun, voice: Voice) -> list[str]:
    """Return what a plan of posts comes to, in counts: nobody is named."""
    needed, vacant = (round(_value(stored, f"posts_{kind}"), 1) for kind in ("required", "vacant"))
    numbers = {"needed": needed, "filled": needed - vacant, "vacant": vacant}
    return [
        voice.say("posts.needed", **{name: write_number(number, 1) for name, number in numbers.items()}),
        *_tell_hiring(stored, voice),
        *_tell_quota(stored, voice),
        *_tell_surplus(stored, voice),
        *_tell_recruits(stored, voice),
        *_tell_moves(stored, voice),
        *_tell_exchange(stored, voice),
        *_tell_balance(stored, voice),
    ]


def _tell_hiring(stored: StoredRun, voice: Voice) -> list[str]:
    table = stored.table("hiring")
    if table.empty:
        return []
    subjects, key = _list_subjects(table, "hiring", voice)
    facts = {"posts": write_number(table["posts"].sum(), 1), "within": write_number(table["within_quota"].sum(), 1)}
    return [voice.say(key, subjects=subjects, **facts)]


def _tell_quota(stored: StoredRun, voice: Voice) -> list[str]:
    """Where the quota (编制) leaves posts vacant: what staff the ratio leaves a class, the fewer the smaller it is."""
    hiring = stored.table("hiring")
    beyond = hiring["posts"].sum() - hiring["within_quota"].sum()
    if beyond < LEAST_BEYOND:
        return []
    table = stored.table("indices")
    told = table[table["index"].str.fullmatch(r"staff_per_class_\d+") & (table["scope"] == "district")]
    stages = [(stage, told[told["stage"] == stage]) for stage in STAGES]
    parts = [
        voice.say(
            "posts.per_class",
            stage=voice.say(f"stages.{stage}"),
            needed=write_number(rows["target"].iloc[0], 2),
            sizes=voice.say("posts.between").join(_tell_size(row, voice) for row in rows.to_dict("records")),
        )
        for stage, rows in stages
        if len(rows)
    ]
    return [voice.say("posts.quota", beyond=write_number(beyond, 1), parts=voice.say("posts.beside").join(parts))]


def _tell_size(row: Mapping[Any, Any], voice: Voice) -> str:
    size = row["index"].rpartition("_")[2]
    return voice.say("posts.per_class_of", size=size, staff=write_number(row["value"], 2))


def _tell_surplus(stored: StoredRun, voice: Voice) -> list[str]:
    """Whom the own school does not need for the subject, and how many may teach a higher stage (小学转初中)."""
    table = stored.table("surplus")
    if table.empty:
        return []
    subjects, key = _list_subjects(table, "surplus", voice)
    facts = {"teachers": write_number(table["posts"].sum()), "other": write_number(table["other_stage"].sum())}
    return [voice.say(key, subjects=subjects, **facts)]


def _list_subjects(table: pd.DataFrame, topic: str, voice: Voice) -> tuple[str, str]:
    """Return the stages and subjects with the most posts, all schools together, in tenths that add up; and the key of
    the sentence that tells them: of all there are, or of the most."""
    wanted = table.groupby(["stage", "subject"], sort=False)["posts"].sum().reset_index()
    wanted["posts"] = round_together(10 * wanted["posts"].to_numpy(np.float64)) / 10
    most = wanted.sort_values("posts", ascending=False, kind="stable").iloc[:MOST].to_dict("records")
    told = [
        voice.say(
            "posts.subject",
            stage=voice.say(f"stages.{row['stage']}"),
            subject=say(f"subjects.{row['subject']}", language=voice.language),
            posts=write_number(row["posts"], 1),
        )
        for row in most
    ]
    return voice.say("posts.between").join(told), f"posts.{topic}_most" if len(wanted) > MOST else f"posts.{topic}"


def _tell_recruits(stored: StoredRun, voice: Voice) -> list[str]:
    postings = stored.table("postings")
    recruits = postings[postings["form"] == "recruit"]
    if recruits.empty:
        return []
    placed = int((recruits["to_school_id"] != "").sum())
    counts = {"placed": write_number(placed), "without": write_number(len(recruits) - placed)}
    return [voice.say("posts.recruits", **counts)]


def _tell_moves(stored: StoredRun, voice: Voice) -> list[str]:
    eligible, moved = _value(stored, "eligible_teachers"), _value(stored, "eligible_moved")
    told = [_tell_forms(stored, voice)]
    if not eligible > 0:
        return told
    of_eligible = stored.record["policy"]["rotation"]["backbone_of"] == "eligible"
    share = _value(stored, "backbone_moved_share")
    backbone = 0.0 if math.isnan(share) else share * (eligible if of_eligible else moved)
    facts = {"eligible": eligible, "moved": moved, "backbone": round(backbone)}
    counts = {name: write_number(count, 0) for name, count in facts.items()}
    return [*told, voice.say("posts.eligible", share=write_share(moved / eligible), **counts)]


def _tell_forms(stored: StoredRun, voice: Voice) -> str:
    """How many go to another school, and how many of them in each form."""
    postings = stored.table("postings")
    forms = postings.loc[postings["moved"] == "true", "form"].value_counts()
    if forms.empty:
        return voice.say("posts.none_moved")
    parts = [
        voice.say("posts.form", form=voice.say(f"forms.{form}"), teachers=write_number(forms[form]))
        for form in FORMS
        if form in forms
    ]
    facts = {"teachers": write_number(forms.sum()), "forms": voice.say("posts.between").join(parts)}
    return voice.say("posts.moved", **facts)


def _tell_exchange(stored: StoredRun, voice: Voice) -> list[str]:
    """The schools to which the most come that are not made up for by who goes, and those from which the most go."""
    net = count_net(stored.table("postings"))
    ends = net[net > 0].iloc[:MOST], net[net < 0].iloc[::-1].iloc[:MOST]
    if not all(map(len, ends)):
        return []
    between = voice.say("posts.between")
    comes, goes = (between.join(f"{school} {count:+d}" for school, count in end.items()) for end in ends)
    return [printable(voice.say("posts.exchange", comes=comes, goes=goes))]


def _tell_balance(stored: StoredRun, voice: Voice) -> list[str]:
    """A line a stage that has a limit, with each coefficient of variation and what it was; and where all others are."""
    told, policy = [], stored.record["policy"]["balance"]
    for stage, limit in policy["cv_max"].items():
        values = {
            indicator: (_value(stored, f"{indicator}_cv", stage), _value(stored, f"{indicator}_cv_before", stage))
            for indicator in policy["indicators"]
        }
        parts = [
            voice.say(
                "posts.cv",
                indicator=voice.say(f"indicators.{indicator}"),
                before=f"{before:.3f}",
                after=f"{after:.3f}",
            )
            for indicator, (after, before) in values.items()
            if not math.isnan(after + before)
        ]
        if parts:
            facts = {"stage": voice.say(f"stages.{stage}"), "limit": write_number(limit)}
            told.append(voice.say("posts.balance", parts=voice.say("posts.between").join(parts), **facts))
    return [*told, voice.say("posts.resources")] if told else []


def _value(stored: StoredRun, index: str, stage: str = "") -> float:
    """An index of the whole district, of one stage or of all together; NaN where the run does not have it."""
    table = stored.table("indices")
    rows = table[(table["index"] == index) & (table["scope"] == "district") & (table["stage"] == stage)]
    return float(rows["value"].iloc[0]) if len(rows) else math.nan

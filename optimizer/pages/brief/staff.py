"""What a plan of posts comes to: needed, there, missing and spare, who moves, and how even schools become."""

from collections.abc import Iterator
from math import isnan

import pandas as pd

from optimizer.digest.staff import Evenness, Staff
from optimizer.pages.brief.content import Section, Table
from optimizer.pages.brief.speech import Speech

_POSTS, _PEOPLE = ("required", "filled", "vacant"), ("quota", "staff", "over", "under")
"""Figures of the table, in tenths and in whole numbers."""


def write_staff(staff: Staff, speech: Speech) -> Section:
    """Return the teachers' part."""
    columns = (*_POSTS, *_PEOPLE)
    posts, people = ([getattr(staff, name) for name in names] for names in (_POSTS, _PEOPLE))
    table = Table(
        heads=tuple(speech.say(f"staff.heads.{name}") for name in columns),
        rows=((*speech.alike(posts, 1), *speech.alike(people)),),
        widths=tuple(1 / len(columns) for _ in columns),
        figures=0,
    )
    return Section("staff", speech.say("staff.title"), sentences=tuple(_tell(staff, speech)), tables=(table,))


def _tell(staff: Staff, speech: Speech) -> Iterator[str]:
    short = speech.say("staff.short" if len(staff.short) else "staff.none_short", subjects=_name(staff.short, speech))
    spare = speech.say("staff.spare", subjects=_name(staff.spare, speech)) if len(staff.spare) else ""
    yield speech.sentence([short, spare])
    moved = speech.say("staff.moved", count=speech.number(staff.moved))
    yield speech.sentence([moved, _tell_share(staff, speech)])
    even = speech.join((_tell_evenness(each, speech) for each in staff.evenness if not isnan(each.after)), "semicolon")
    if even:
        yield speech.say("staff.evenness", stages=even)


def _name(subjects: pd.DataFrame, speech: Speech) -> str:
    rows = zip(subjects["stage"], subjects["subject"], subjects["posts"], strict=True)
    return speech.join(_name_subject(stage, subject, float(posts), speech) for stage, subject, posts in rows)


def _name_subject(stage: str, subject: str, posts: float, speech: Speech) -> str:
    facts = {"stage": speech.stage(stage), "subject": speech.word("subjects", subject)}
    return speech.say("staff.subject", **facts, posts=speech.number(posts, 1))


def _tell_share(staff: Staff, speech: Speech) -> str:
    if isnan(staff.moved_share):
        return ""
    facts = {"share": speech.share(staff.moved_share), "target": speech.share(staff.moved_target)}
    told = speech.say("staff.share_alone" if isnan(staff.moved_target) else "staff.share", **facts)
    backbone = speech.say("staff.backbone", share=speech.share(staff.backbone_share))
    return told if isnan(staff.backbone_share) else speech.join([told, backbone])


def _tell_evenness(each: Evenness, speech: Speech) -> str:
    facts = {
        "before": speech.ratio(each.before),
        "after": speech.ratio(each.after),
        "target": speech.ratio(each.target),
    }
    key = "staff.variation_alone" if isnan(each.target) else "staff.variation"
    return speech.say(key, stage=speech.stage(each.stage), **facts)

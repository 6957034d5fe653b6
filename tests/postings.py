"""Plans of posts made by hand, for the districts of `staff`.

    plan = make_staff_plan(district, {"T1": ("B", "rotation")}, filled={("A", "primary", "chinese"): 1})

Everybody who is not named stays where he works. Unless said otherwise 40 children in one class of grade 1 are at A, and
as many at B; a class has 14 lessons of Chinese, which is one post, and nothing else: heading it counts for none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from staff import make_staffed

from models.district import District
from models.plan import ASSIGNMENT_COLUMNS, CATCHMENT_COLUMNS, CLASS_COLUMNS, Plan
from models.settings import merge
from models.staffing import (
    HIRING_COLUMNS,
    POST_COLUMNS,
    POSTING_COLUMNS,
    SURPLUS_COLUMNS,
    Curriculum,
    StaffPlan,
)

LESSONS = [("primary", "1", "chinese", 14.0, "subject")]
CLASSES = [("A", "primary", "1", 40, 1), ("B", "primary", "1", 40, 1)]
ASKED_NOTHING = {"rotation_share": "off", "rotation_backbone": "off", "continuity": "off"}


def make_curriculum(rows: Sequence[tuple[str, str, str, float, str]]) -> Curriculum:
    """Rows of stage, grade, subject, weekly lessons and `taught_by`."""
    stage, grade, subject, lessons, taught_by = zip(*rows, strict=True)
    return Curriculum(stage, grade, subject, np.array(lessons), np.array(taught_by) == "any")


def make_pool(
    rows: Sequence[Mapping[str, Any]],
    *,
    lessons: Sequence[tuple[str, str, str, float, str]] = LESSONS,
    policy: Mapping[str, Any] | None = None,
    rules: Mapping[str, str] | None = None,
    **more: Any,
) -> District:
    """As `make_staffed`, with a curriculum; no share has to move and nobody has to stay unless `rules` say so."""
    nothing_else = {"staffing": {"class_head_lessons": 0.0}}
    district = make_staffed(
        rows, policy=merge(nothing_else, policy or {}), rules=ASKED_NOTHING | dict(rules or {}), **more
    )
    return replace(district, curriculum=make_curriculum(lessons))


def make_staff_plan(
    district: District,
    posts: Mapping[str, tuple[str, str] | tuple[str, str, str]] | None = None,
    *,
    filled: Mapping[tuple[str, str, str], float] | None = None,
    classes: Sequence[tuple[str, str, str, int, int]] = CLASSES,
) -> Plan:
    """`posts` says where somebody goes, in which form, and which stage he teaches there; `filled` what of the need."""
    table = pd.DataFrame(
        [(*row, -(-row[3] // row[4]) if row[4] else 0, "given") for row in classes], columns=list(CLASS_COLUMNS)
    )
    staff = StaffPlan(
        postings=_postings(district, posts or {}),
        posts=_posts(district, classes, filled or {}),
        hiring=pd.DataFrame(columns=list(HIRING_COLUMNS)),
        surplus=pd.DataFrame(columns=list(SURPLUS_COLUMNS)),
    )
    nothing = (pd.DataFrame(columns=list(names)) for names in (CATCHMENT_COLUMNS, ASSIGNMENT_COLUMNS))
    return Plan(*nothing, classes=table, student_km=0.0, staff=staff)


def _postings(district: District, posts: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    teachers, schools = district.teachers, district.schools
    legal = dict(zip(schools.ids, schools.legal, strict=True))
    rows = []
    for row, teacher in enumerate(teachers.ids):
        here = schools.ids[teachers.school[row]] if teachers.school[row] >= 0 else ""
        to, form, *stage = posts.get(teacher, (here, "stay" if here else "recruit"))
        moved = bool(here and to) and legal.get(to) != legal[here]
        effective = f"{district.settings.instance.year}-09-01" if to != here else ""
        was = teachers.stage[row]
        posted = (teacher, stage[0] if stage else was, teachers.subject[row], here, to, moved, form, "", effective, "")
        rows.append((*posted, was, "eligible", {}))
    return pd.DataFrame(rows, columns=[*POSTING_COLUMNS, "facts"])


def _posts(
    district: District, classes: Sequence[tuple[str, str, str, int, int]], filled: Mapping[tuple[str, str, str], float]
) -> pd.DataFrame:
    needed: dict[tuple[str, str, str], float] = {}
    curriculum, staffing = district.curriculum, district.settings.policy.staffing
    lessons = zip(
        curriculum.stage,
        curriculum.grade,
        curriculum.subject,
        curriculum.weekly_lessons,
        curriculum.by_any,
        strict=True,
    )
    for stage, grade, subject, weekly, by_any in lessons:
        load = staffing.load[stage]
        named = "any" if by_any else subject
        for school, of, at, _, count in classes:
            if (of, at) == (stage, grade):
                key = school, stage, named
                needed[key] = needed.get(key, 0.0) + count * weekly / load.get(named, load["other"])
    rows = [(*key, need, filled.get(key, 0.0), need - filled.get(key, 0.0)) for key, need in needed.items()]
    return pd.DataFrame(rows, columns=list(POST_COLUMNS))

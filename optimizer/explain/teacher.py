"""Why a teacher stays or goes: standing and reason, and what forbids each vacant post of the subject.

A posting is tried in the table of postings and judged by the re-check. Nobody else is named or told of.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from models.district import District
from models.placement import rows_of
from models.plan import Plan
from models.run import Shortfall
from models.staffed import Staffed
from models.staffing import ANY, StaffPlan, Teachers
from optimizer.explain.basis import Basis
from optimizer.explain.ids import find_row
from optimizer.formulation.staffing.standing import judge_teachers
from optimizer.recheck import recheck_staff
from optimizer.recheck.standing import is_eligible
from optimizer.runs.exchange import find_ways

MOST = 5
"""Vacant posts that are tried."""
LEAST_POSTS = 0.05
"""A smaller part of a post is no vacancy to go to."""
_FIGURES = ("staff_need", "balance_cv")
"""Rules that weigh posts and schools, not a posting."""


@dataclass(frozen=True)
class Vacancy:
    """A vacant post of a teacher's subject, and what forbids that they take it, all else as planned."""

    school: str
    stage: str
    subject: str
    posts: float
    forbids: tuple[Shortfall, ...]


@dataclass(frozen=True)
class TeacherAnswer:
    """What there is to say of a teacher."""

    teacher: str
    stage: str
    """That they are to teach."""
    subject: str
    registered: tuple[tuple[str, str], ...]
    """What the register says: table of the topic `staff` and code, such as `titles` and `senior`; what it lacks is left
    out."""
    backbone: bool
    """A backbone teacher of county level or above (县级及以上骨干教师)."""
    from_school: str
    """"" for a recruit."""
    to_school: str
    """"" for who leaves, and for a recruit without a post."""
    way: str
    """`stay`, or a way of `optimizer.runs.exchange.FORMS`."""
    effective: str
    term_years: str
    reason: str
    """Key of `standing` that says why, and its facts."""
    facts: Mapping[str, Any]
    standing: str
    """Key of `standing` that says whether they may be asked, whatever the plan, and its facts."""
    standing_facts: Mapping[str, Any]
    spare: bool
    """Whether the school where they work has more of the subject than it needs."""
    vacancies: tuple[Vacancy, ...]
    """The largest first; none for who leaves."""
    more: int
    """Vacant posts beside these."""


def explain_teacher(basis: Basis, teacher: str) -> TeacherAnswer:
    """Return why a teacher is posted where the plan says. Raises NotKnown.

    The run must speak of posts.
    """
    teachers, staff, table = basis.district.teachers, basis.plan.staff, basis.stored.table("postings")
    assert teachers is not None and staff is not None
    row = find_row("teacher", teacher, teachers.ids)
    at = table.index[table["teacher_id"] == teachers.ids[row]][0]
    posting, standing = table.loc[at], judge_teachers(basis.district)
    vacant = _find_vacant(staff, teachers, row, posting) if not standing.leaves[row] else staff.posts.iloc[:0]
    return TeacherAnswer(
        teacher=teachers.ids[row],
        stage=posting["stage"],
        subject=teachers.subject[row],
        registered=tuple(_list_registered(teachers, row)),
        backbone=bool(teachers.backbone[row]),
        from_school=posting["from_school_id"],
        to_school=posting["to_school_id"],
        way=find_ways(table.loc[[at]]).iloc[0],
        effective=posting["effective"],
        term_years=posting["term_years"],
        reason=posting["reason_code"],
        facts=json.loads(posting["reason_facts"]),
        standing=standing.reason[row],
        standing_facts=standing.facts[row],
        spare=_is_spare(staff, teachers, row, posting["from_school_id"]),
        vacancies=tuple(_try_post(basis, row, post) for post in rows_of(vacant[:MOST])),
        more=max(0, len(vacant) - MOST),
    )


def _list_registered(teachers: Teachers, row: int) -> Iterator[tuple[str, str]]:
    """Title, degree, employment and, of who is no plain teacher, the role."""
    registers = {"titles": teachers.title, "degrees": teachers.degree, "staff_types": teachers.staff_type}
    yield from ((table, codes[row]) for table, codes in registers.items() if codes[row])
    if teachers.role[row] not in ("", "teacher"):
        yield "roles", teachers.role[row]


def _find_vacant(staff: StaffPlan, teachers: Teachers, row: int, posting: "pd.Series[Any]") -> pd.DataFrame:
    """Vacant posts of the subjects of a teacher at other schools than that of the posting, the largest first."""
    posts, subjects = staff.posts, {teachers.subject[row], teachers.second_subject[row]} - {"", ANY}
    wanted = (posts["vacant"] > LEAST_POSTS) & posts["subject"].isin(list(subjects))
    wanted &= posts["school_id"] != posting["to_school_id"]
    return pd.DataFrame(posts[wanted]).sort_values("vacant", ascending=False, kind="stable")


def _is_spare(staff: StaffPlan, teachers: Teachers, row: int, school: str) -> bool:
    table = staff.surplus
    here = (table["school_id"] == school) & (table["stage"] == teachers.stage[row])
    return bool((here & (table["subject"] == teachers.subject[row])).any())


def _try_post(basis: Basis, row: int, post: Any) -> Vacancy:
    """What forbids a posting in the form that comes nearest to being allowed."""
    found = []
    for form in _forms(basis, row, post.school_id, post.stage):
        shortfalls = recheck_staff(basis.district, _with_posting(basis.district, basis.plan, row, post, form))
        found.append(tuple(each for each in shortfalls if each.is_fault and each.rule not in _FIGURES))
    fewest = min(found, key=len)
    return Vacancy(post.school_id, post.stage, post.subject, float(post.vacant), fewest)


def _forms(basis: Basis, row: int, school: str, stage: str) -> Iterator[str]:
    """Forms in which somebody may come to a school."""
    district, teachers = basis.district, basis.district.teachers
    assert teachers is not None and basis.plan.staff is not None
    origin, to, region = int(teachers.school[row]), district.schools.row[school], district.schools.region
    if origin < 0:
        yield "recruit"
        return
    if district.schools.legal[origin] == district.schools.legal[to]:
        yield "stay"
        return
    staffed = Staffed(district, basis.plan.classes, basis.plan.staff)
    spare = _is_spare(basis.plan.staff, teachers, row, district.schools.ids[origin])
    if is_eligible(staffed)[row] or not (teachers.volunteer[row] or spare):
        elsewhere = region[origin] and region[to] and region[origin] != region[to]
        yield "support" if elsewhere else "rotation"
    if teachers.volunteer[row]:
        yield "cross_school"
    if spare:
        yield "coordinated"


def _with_posting(district: District, plan: Plan, row: int, post: Any, form: str) -> Plan:
    """The plan with a teacher at another post."""
    teachers, schools = district.teachers, district.schools
    assert teachers is not None and plan.staff is not None
    origin, to = int(teachers.school[row]), schools.row[post.school_id]
    postings = plan.staff.postings.astype(object)
    own = postings["teacher_id"] == teachers.ids[row]
    moved = origin >= 0 and schools.legal[origin] != schools.legal[to]
    changes: dict[str, Any] = {
        "to_school_id": post.school_id,
        "stage": post.stage,
        "form": form,
        "moved": moved,
        "effective": f"{district.settings.instance.year}-09-01",
    }
    for column, value in changes.items():
        postings.loc[own, column] = value
    return replace(plan, staff=replace(plan.staff, postings=postings.astype({"moved": bool})))

"""From posts in positions to tables: postings (调配), posts (岗位), whom to hire (招聘建议), and who is spare."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from models.district import District, Floats, Ints
from models.rounding import round_together
from models.staffing import (
    ANY,
    HIRING_COLUMNS,
    POST_COLUMNS,
    POSTING_COLUMNS,
    SURPLUS_COLUMNS,
    StaffPlan,
    Teachers,
)
from models.stages import STAGES
from optimizer.formulation.staffing.formulation import StaffFormulation
from optimizer.formulation.staffing.groups import COORDINATED, CROSS_SCHOOL, FORMS, RECRUIT, ROTATION, STAY
from optimizer.formulation.staffing.need import Need

ROUNDS: Mapping[str, str] = {
    "stay": "school",
    "cross_school": "cross_school",
    "coordinated": "coordination",
    "rotation": "rotation",
    "support": "rotation",
    "recruit": "recruitment",
    "return": "return",
}
"""In which round a posting is settled: 校内竞聘, 跨校竞聘, 组织调剂, 交流轮岗."""
LEAST_POSTS = 0.005
"""A smaller part of a post is the rounding of a solver."""
_PARTS = 1000
"""Parts of a post that the tables count in: what is vacant adds up in them, table by table."""


def draw_staff_plan(f: StaffFormulation, need: Need, posted: Ints, vacant: Floats) -> StaffPlan:
    """Return the tables of a plan.

    `need` counts the classes that the plan has in the end, `posted` gives the option of each teacher (-1: settled),
    `vacant` the posts unfilled by faculty and subject.
    """
    vacant = np.where(vacant < LEAST_POSTS, 0.0, np.minimum(vacant, need.posts))
    postings, posts = _postings(f, posted), _posts(f.district, need, vacant)
    return StaffPlan(
        postings=postings,
        posts=posts,
        hiring=_hiring(f, need, posts, postings),
        surplus=_surplus(f, need, posted),
    )


def _teachers(f: StaffFormulation) -> Teachers:
    assert f.district.teachers is not None
    return f.district.teachers


def _postings(f: StaffFormulation, posted: Ints) -> pd.DataFrame:
    """One row a teacher, in the order of the instance; with the facts of the reason beside it."""
    teachers, schools = _teachers(f), f.district.schools
    rotation, year = f.district.settings.policy.rotation, f.district.settings.instance.year
    legal = schools.legal
    rows: list[tuple[Any, ...]] = []
    for person, option in enumerate(posted.tolist()):
        faculty = int(f.roster.faculty[person]) if option < 0 else int(f.options.faculty[option])
        origin = int(teachers.school[person])
        gone = bool(f.standing.leaves[person]) or (origin < 0 and option < 0)
        to = -1 if gone else origin if faculty < 0 else int(f.need.faculties.school[faculty])
        stage = teachers.stage[person] if faculty < 0 else f.need.faculties.stage[faculty]
        form = _form(f, person, option, origin, to)
        moved = origin >= 0 and to >= 0 and legal[origin] != legal[to]
        on_term = form in ("rotation", "support")
        rows.append(
            (
                teachers.ids[person],
                stage,
                teachers.subject[person],
                schools.ids[origin] if origin >= 0 else "",
                schools.ids[to] if to >= 0 else "",
                moved,
                form,
                "" if gone else ROUNDS[form],
                f"{year}-09-01" if not gone and (to != origin or stage != teachers.stage[person]) else "",
                str(rotation.term_years) if on_term else "",
                teachers.stage[person],
                *_reason(f, person, option, gone),
            )
        )
    return pd.DataFrame(rows, columns=[*POSTING_COLUMNS, "facts"])


def _form(f: StaffFormulation, person: int, option: int, origin: int, to: int) -> str:
    if origin < 0:
        return "recruit"
    if option < 0:
        return "return" if f.standing.returns[person] and to >= 0 else "stay"
    form = FORMS[f.options.form[option]]
    region = f.district.schools.region
    return "support" if form == "rotation" and region[origin] != region[to] else form


def _reason(f: StaffFormulation, person: int, option: int, gone: bool) -> tuple[str, Mapping[str, Any]]:
    """The key of the sentence that says why, and its facts: of a move why it was made, else why he stays."""
    standing = f.standing.reason[person], f.standing.facts[person]
    if option < 0:
        return ("no_post", {}) if gone and standing[0] == "recruit" else standing
    form = int(f.options.form[option])
    if form == STAY:
        changes = f.need.faculties.stage[int(f.options.faculty[option])] != _teachers(f).stage[person]
        return ("changes_stage", {}) if changes else standing
    years = dict(standing[1])
    return {
        ROTATION: ("moves_in_rotation", years),
        CROSS_SCHOOL: ("moves_as_volunteer", {}),
        COORDINATED: ("moves_from_surplus", {}),
        RECRUIT: ("takes_first_post", {}),
    }[form]


def _posts(district: District, need: Need, vacant: Floats) -> pd.DataFrame:
    """What is vacant is rounded so that it adds up to all that is vacant; what is needed is never less than that."""
    faculty, subject = np.nonzero(need.posts > 0)
    short = round_together(_PARTS * vacant[faculty, subject]) / _PARTS
    required = np.maximum(np.round(_PARTS * need.posts[faculty, subject]) / _PARTS, short)
    columns = (
        [district.schools.ids[school] for school in need.faculties.school[faculty]],
        [need.faculties.stage[row] for row in faculty],
        [need.subjects[column] for column in subject],
        required,
        (required - short).round(3),
        short,
    )
    return pd.DataFrame(dict(zip(POST_COLUMNS, columns, strict=True)))


def _hiring(f: StaffFormulation, need: Need, posts: pd.DataFrame, postings: pd.DataFrame) -> pd.DataFrame:
    """Vacant posts by pool, stage and subject, the most wanted first, and how many of them the quota still allows.

    They are sums of the column `vacant` of `posts`, to the last decimal.
    """
    pool = np.array(f.pools.of_school)[posts["school_id"].map(f.district.schools.row).to_numpy(np.int64)]
    staff = _staff_after(f, postings)
    room = np.maximum(0.0, f.quota - staff).astype(float)
    rows = []
    for p, name in enumerate(f.pools.names):
        vacant = posts[pool == p].groupby(["stage", "subject"])["vacant"].sum().round(3).to_dict()
        short = [(stage, subject, vacant.get((stage, subject), 0.0)) for stage in STAGES for subject in need.subjects]
        for stage, subject, missing in sorted(short, key=lambda row: -row[2]):
            if missing > 0:
                allowed = min(missing, room[p])
                room[p] -= allowed
                rows.append((name, stage, subject, missing, round(allowed, 3)))
    return pd.DataFrame(rows, columns=list(HIRING_COLUMNS))


def _staff_after(f: StaffFormulation, postings: pd.DataFrame) -> Ints:
    """Members of staff of each pool, once everybody is posted, who hold posts of the quota."""
    school = postings["to_school_id"].map(f.district.schools.row).fillna(-1).to_numpy(np.int64)
    held = (school >= 0) & f.roster.quota
    pool = f.pools.of_school[school[held]]
    return np.bincount(pool[pool >= 0], minlength=len(f.pools))


def _surplus(f: StaffFormulation, need: Need, posted: Ints) -> pd.DataFrame:
    """Whole teachers of a subject whom a school does not need for it, and those who may teach another stage."""
    roster, teachers = f.roster, _teachers(f)
    faculty = np.where(posted >= 0, f.options.faculty[posted] if len(f.options) else -1, roster.faculty)
    here = (posted >= 0) | roster.stays
    held = np.zeros((len(need.faculties), len(need.subjects)))
    np.add.at(held, (faculty[here], roster.subject[here]), roster.posts[here])
    spare = np.floor(held - need.posts + 1e-9).astype(np.int64)
    spare[:, need.column[ANY]] = 0
    rank: dict[str, int] = {stage: place for place, stage in enumerate(STAGES)}
    rows = []
    for at, subject in np.argwhere(spare > 0).tolist():
        stage = need.faculties.stage[at]
        people = np.flatnonzero(here & (faculty == at) & (roster.subject == subject))
        other = sum(rank.get(teachers.certificate_stage[person], -1) > rank[stage] for person in people.tolist())
        school = f.district.schools.ids[need.faculties.school[at]]
        rows.append(
            (school, stage, need.subjects[subject], int(spare[at, subject]), min(other, int(spare[at, subject])))
        )
    return pd.DataFrame(rows, columns=list(SURPLUS_COLUMNS))

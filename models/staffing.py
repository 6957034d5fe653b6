"""Teachers (教师), what is taught (课程), and what a plan says of both: posts, postings and whom to hire.

One pool: the district owns the posts, schools appoint, teachers move by rules (区管校聘, 交流轮岗). Positions, not ids,
link the arrays, as in `models.district`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.stages import Stage

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]

ANY = "any"
"""Stands for a subject: lessons that any teacher of the stage may give, and the work of class heads."""
HIGHER_DEGREE: Mapping[Stage, tuple[str, ...]] = {
    "primary": ("associate", "bachelor", "master", "doctoral"),
    "junior": ("bachelor", "master", "doctoral"),
    "senior": ("master", "doctoral"),
}
"""Degrees above what the law asks of a stage's teachers (高于规定学历); senior by analogy. Source: 教督〔2017〕6号."""
PE_AND_ARTS = ("pe", "arts", "music", "art")
"""Subjects of the third indicator of 优质均衡 (体育、艺术). Source: 教督〔2017〕6号."""


@dataclass(frozen=True)
class Teachers:
    """Staff of the district: one entry a person in every array; -1, "", NaN and NaT mean "not given"."""

    ids: tuple[str, ...]
    stage: tuple[Stage, ...]
    subject: tuple[str, ...]
    second_subject: tuple[str, ...]
    school: Ints
    """Row of the school where they work, -1 for a recruit."""
    home_school: Ints
    """Row of the school that holds their file (人事关系)."""
    certificate_stage: tuple[str, ...]
    certificate_subject: tuple[str, ...]
    birth: Days
    sex: tuple[str, ...]
    """`female`, `male` or ""."""
    joined: Days
    """Since when they work at their school."""
    rotation_until: Days
    """End of a term of rotation that runs."""
    leave: tuple[str, ...]
    title: tuple[str, ...]
    backbone: Bools
    degree: tuple[str, ...]
    staff_type: tuple[str, ...]
    """`established` (编制), `contract` (员额) or `reengaged` (银龄)."""
    role: tuple[str, ...]
    """`teacher`, `principal` or `support` (职员、教辅、工勤: they hold posts and give no lessons)."""
    class_head_grade: tuple[str, ...]
    """Grade whose class they head in the school year that ends."""
    exempt: tuple[str, ...]
    """Why they are exempt from moving; "" for everyone else."""
    volunteer: Bools
    spouse: Ints
    """Row of the spouse among these teachers."""
    previous_school: Ints
    left_previous: Days
    preferences: tuple[tuple[int, ...], ...]
    """Rows of the schools they would go to, most wanted first."""
    lon: Floats
    lat: Floats
    """Home, WGS84 degrees."""

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def row(self) -> dict[str, int]:
        """Row of each teacher id."""
        return {teacher_id: row for row, teacher_id in enumerate(self.ids)}

    def is_one_of(self, attribute: str, *values: str) -> Bools:
        """Where a text attribute has one of some values."""
        return np.isin(np.array(getattr(self, attribute), dtype=object), values)


@dataclass(frozen=True)
class Curriculum:
    """Weekly lessons of a class, in long form."""

    stage: tuple[Stage, ...]
    grade: tuple[str, ...]
    subject: tuple[str, ...]
    weekly_lessons: Floats
    by_any: Bools
    """Lessons that any teacher of the stage may give."""

    def __len__(self) -> int:
        return len(self.stage)


@dataclass(frozen=True)
class Standing:
    """What the coming year holds for each teacher: one entry a person.

    `reason` is a key of `standing` in the catalogue of sentences, `facts` what its sentence names; never a person's
    name or id.
    """

    reason: tuple[str, ...]
    facts: tuple[Mapping[str, Any], ...]
    leaves: Bools
    """Leaves the staff before the year begins (retires)."""
    absent: Bools
    """Holds a post and gives no lessons: leave that lasts into the year."""
    returns: Bools
    """Goes back to `home_school`, for the term of rotation is over."""
    eligible: Bools
    """Counts among those of whom a share must move (符合交流条件)."""
    free: Bools
    """Nothing forbids a post elsewhere: the eligible, and those whom only a short tenure or the kind of their contract
    keeps from being asked. Of these, volunteers may go, and those whom their school does not need."""


@dataclass(frozen=True)
class StaffPlan:
    """The tables of a plan that speak of posts; ids as text, rows in the order of the instance.

    `postings` has a row a person, `posts` one for every school, stage and subject taught (`any` among them), `hiring`
    what stays vacant, and `surplus` who is more than the posts need.
    """

    postings: pd.DataFrame
    posts: pd.DataFrame
    hiring: pd.DataFrame
    surplus: pd.DataFrame


POSTING_COLUMNS = (
    "teacher_id",
    "stage",
    "subject",
    "from_school_id",
    "to_school_id",
    "moved",
    "form",
    "round",
    "effective",
    "term_years",
    "from_stage",
    "reason",
)
POST_COLUMNS = ("school_id", "stage", "subject", "required", "filled", "vacant")
HIRING_COLUMNS = ("pool", "stage", "subject", "posts", "within_quota")
SURPLUS_COLUMNS = ("school_id", "stage", "subject", "posts", "other_stage")

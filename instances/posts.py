"""Who works where: posts that the classes of the school year need, and how many teachers each school has for them."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from instances.design import BANKS
from instances.people import apportion
from instances.pool import Pool
from instances.returned import Returned
from models.district import Floats
from models.settings import Staffing
from models.staffing import ANY, Curriculum
from models.stages import Stage

PERSON = ("school", "stage", "subject", "role")
"""Row of the school (-1: none), stage, subject and role of a person."""


def count_posts(
    staffing: Staffing, curriculum: Curriculum, returned: Iterable[Returned], schools: int
) -> dict[tuple[Stage, str], Floats]:
    """Return the decimal posts that classes need, by stage and subject: one number a school.

    Lessons that any teacher may give and those of class heads are posts of `any`.
    """
    posts: dict[tuple[Stage, str], Floats] = {}
    for row in returned:
        for subject, a_class in _posts_a_class(staffing, curriculum, row.stage, row.grade).items():
            held = posts.setdefault((row.stage, subject), np.zeros(schools))
            held[row.school] += a_class * row.classes
    return posts


def _posts_a_class(staffing: Staffing, curriculum: Curriculum, stage: Stage, grade: str) -> dict[str, float]:
    load = staffing.load[stage]
    posts = {ANY: staffing.class_head_lessons / load["other"]}
    taught = zip(curriculum.stage, curriculum.grade, curriculum.subject, curriculum.by_any, strict=True)
    for row, (of_stage, of_grade, subject, by_any) in enumerate(taught):
        if (of_stage, of_grade) == (stage, grade):
            giver = ANY if by_any else subject
            posts[giver] = posts.get(giver, 0.0) + curriculum.weekly_lessons[row] / load.get(giver, load["other"])
    return posts


def fill_posts(pool: Pool, posts: Mapping[tuple[Stage, str], Floats], bank: NDArray[np.str_]) -> pd.DataFrame:
    """Return the teachers of every school, a row a person with the columns `PERSON`.

    In the district as many of a subject as `cover` says, at each school in proportion to what it needs.
    """
    favour = np.array([pool.towns[name].cover for name in BANKS])[(bank == BANKS[1]).astype(np.int64)]
    people: list[tuple[int, Stage, str]] = []
    for stage, faculty in pool.faculties.items():
        for subject in [of for held, of in posts if held == stage and of != ANY]:
            wanted = posts[stage, subject] + faculty.any_share.get(subject, 0.0) * posts[stage, ANY]
            total = round(float(wanted.sum()) * faculty.cover.get(subject, faculty.cover_else))
            for school, count in enumerate(apportion(total, wanted * favour)):
                people += [(school, stage, subject)] * int(count)
    return _frame(people, "teacher")


def add_support(pool: Pool, students: Mapping[Stage, Sequence[int] | NDArray[np.int64]]) -> pd.DataFrame:
    """Return the staff who give no lessons, in proportion to the students of every school and stage."""
    cells = [(school, stage) for stage, count in students.items() for school in range(len(count))]
    weights = np.concatenate([np.asarray(count, dtype=np.float64) for count in students.values()])
    counts = apportion(pool.support, weights)
    people = [(*cell, "other") for cell, count in zip(cells, counts, strict=True) for _ in range(int(count))]
    return _frame(people, "support")


def add_recruits(pool: Pool) -> pd.DataFrame:
    """Return those whom the district recruited this spring: they have no school yet."""
    people = [
        (-1, stage, subject)
        for stage, faculty in pool.faculties.items()
        for subject, count in faculty.recruits.items()
        for _ in range(count)
    ]
    return _frame(people, "teacher")


def _frame(people: Sequence[tuple[int, Stage, str]], role: str) -> pd.DataFrame:
    return pd.DataFrame(people, columns=list(PERSON[:3])).astype({"school": np.int64}).assign(role=role)

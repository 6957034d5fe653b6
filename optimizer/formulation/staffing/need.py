"""Need (核编定岗): from the classes of every grade to posts by school, stage and subject, in decimals.

need[j,s,q] = (1 + moving[s]) · Σ_g classes[j,g] · lessons[g,q] / load[s,q]

Lessons that any teacher may give, and the work of class heads, make the need of `any`. Nothing is rounded up: a third
of a post is a part of somebody's week, or a teacher shared with another school (走教).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from models.district import District, Floats, Ints
from models.settings import Settings
from models.staffing import ANY, Curriculum
from models.stages import Stage

OTHER = "other"
"""Load of the subjects that `staffing.load` does not name."""
LIGHTEST = 1.0
"""Weekly lessons of a full post where the policy states no load at all: one post a lesson, which nobody overlooks."""


@dataclass(frozen=True)
class Faculties:
    """A school and a stage it teaches: where posts stand. One entry a faculty in every array."""

    school: Ints
    stage: tuple[Stage, ...]

    def __len__(self) -> int:
        return len(self.stage)

    @cached_property
    def row(self) -> dict[tuple[int, Stage], int]:
        """Position of each school (row) and stage."""
        return {key: row for row, key in enumerate(zip(self.school.tolist(), self.stage, strict=True))}

    def of_stage(self, stage: Stage) -> Ints:
        """Positions of the faculties of one stage."""
        return np.array([row for row, held in enumerate(self.stage) if held == stage], dtype=np.int64)


@dataclass(frozen=True)
class Need:
    """Posts that classes need. `subjects` ends with `any`."""

    faculties: Faculties
    subjects: tuple[str, ...]
    a_class: dict[tuple[Stage, str], Floats]
    """Posts that one class of a stage and grade needs, by subject."""
    posts: Floats
    """Posts of the classes at hand, shape (faculties, subjects)."""
    students: Ints
    """Children of each faculty."""
    classes: Ints
    """Classes of each faculty."""

    @cached_property
    def column(self) -> dict[str, int]:
        """Position of each subject."""
        return {subject: column for column, subject in enumerate(self.subjects)}


def find_faculties(district: District, classes: pd.DataFrame) -> Faculties:
    """Return where posts stand: public schools and stages with classes, and those where somebody works or has
    his file.

    `classes` has the columns of `models.plan.CLASS_COLUMNS`.
    """
    schools, teachers = district.schools, district.teachers
    held = {
        (schools.row[school], stage)
        for school, stage, count in zip(classes["school_id"], classes["stage"], classes["classes"], strict=True)
        if count and school in schools.row
    }
    if teachers is not None:
        for school in (teachers.school, teachers.home_school):
            held |= set(zip(school.tolist(), teachers.stage, strict=True))
    stages = district.settings.instance.stages
    kept = sorted(
        (school, stages.index(stage))
        for school, stage in held
        if school >= 0 and not schools.private[school] and stage in stages
    )
    return Faculties(
        school=np.array([school for school, _ in kept], dtype=np.int64),
        stage=tuple(stages[stage] for _, stage in kept),
    )


def count_need(district: District, classes: pd.DataFrame) -> Need:
    """Return the posts that classes need; `classes` has the columns of `models.plan.CLASS_COLUMNS`."""
    settings, curriculum = district.settings, district.curriculum
    assert curriculum is not None
    faculties = find_faculties(district, classes)
    subjects = _subjects(district, curriculum)
    a_class = posts_a_class(settings, curriculum, subjects)
    posts = np.zeros((len(faculties), len(subjects)))
    students, count = np.zeros((2, len(faculties)), dtype=np.int64)
    columns = (classes[name].tolist() for name in ("school_id", "stage", "grade", "students", "classes"))
    for school, stage, grade, children, held in zip(*columns, strict=True):
        at = faculties.row.get((district.schools.row.get(school, -1), stage))
        if at is not None:
            posts[at] += held * a_class.get((stage, grade), np.zeros(len(subjects)))
            students[at] += children
            count[at] += held
    return Need(faculties, subjects, a_class, posts, students, count)


def posts_a_class(
    settings: Settings, curriculum: Curriculum, subjects: tuple[str, ...]
) -> dict[tuple[Stage, str], Floats]:
    """Return the posts that one class of a stage and grade needs, by subject; `subjects` ends with `any`."""
    staffing = settings.policy.staffing
    posts: dict[tuple[Stage, str], Floats] = {}
    for stage, grade, subject, lessons, by_any in zip(
        curriculum.stage,
        curriculum.grade,
        curriculum.subject,
        curriculum.weekly_lessons.tolist(),
        curriculum.by_any.tolist(),
        strict=True,
    ):
        if (stage, grade) not in posts:
            posts[stage, grade] = np.zeros(len(subjects))
            posts[stage, grade][-1] = staffing.class_head_lessons / load_of(settings, stage, ANY)
        column = subjects.index(ANY if by_any else subject)
        posts[stage, grade][column] += lessons / load_of(settings, stage, ANY if by_any else subject)
    return {key: held * (1.0 + staffing.moving_classes.get(key[0], 0.0)) for key, held in posts.items()}


def load_of(settings: Settings, stage: Stage, subject: str) -> float:
    """Return the weekly lessons of a full post; those of `other` where a subject is not named, as `any` never is."""
    loads = settings.policy.staffing.load.get(stage, {})
    return loads.get(subject, loads.get(OTHER, max(loads.values(), default=LIGHTEST)))


def _subjects(district: District, curriculum: Curriculum) -> tuple[str, ...]:
    """Subjects that are taught or that somebody teaches, in the order of the curriculum, `any` last."""
    taught = [subject for subject, by_any in zip(curriculum.subject, curriculum.by_any, strict=True) if not by_any]
    teachers = district.teachers
    held = [] if teachers is None else [*teachers.subject, *(second for second in teachers.second_subject if second)]
    return (*dict.fromkeys(subject for subject in (*taught, *held) if subject != ANY), ANY)

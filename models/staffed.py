"""The posts of a plan in positions of its district: what the re-check and the indices read alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.district import Bools, District, Floats, Ints
from models.settings import Indicator
from models.staffing import ANY, HIGHER_DEGREE, PE_AND_ARTS, Curriculum, StaffPlan, Teachers
from models.stages import STAGES, Stage

Texts = NDArray[np.object_]

GIVE_NO_LESSONS = ("maternity", "sick", "seconded")
"""Kinds of leave on which somebody holds a post and gives no lessons."""


@dataclass(frozen=True)
class Staffed:
    """The posts of a plan beside the district they are for; arrays have one entry a teacher unless they say otherwise.

    A stage is a column of `STAGES`. -1 means none: no school, a stage that does not exist.
    """

    district: District
    classes: pd.DataFrame
    """All classes of the year, columns `models.plan.CLASS_COLUMNS`."""
    staff: StaffPlan

    @property
    def teachers(self) -> Teachers:
        """The staff of the district."""
        assert self.district.teachers is not None
        return self.district.teachers

    @property
    def curriculum(self) -> Curriculum:
        """What is taught."""
        assert self.district.curriculum is not None
        return self.district.curriculum

    def listed(self, column: str) -> Texts:
        """What a column of `postings` says of each teacher: the first of several rows, "" where there is none."""
        return np.append(self.staff.postings[column].to_numpy(object), "")[self._row]

    @cached_property
    def _row(self) -> Ints:
        postings = self.staff.postings["teacher_id"].tolist()
        first = {teacher: row for row, teacher in reversed(list(enumerate(postings)))}
        return np.array([first.get(teacher, -1) for teacher in self.teachers.ids], dtype=np.int64)

    @property
    def before(self) -> Ints:
        """School where each works today, -1 for a recruit."""
        return self.teachers.school

    @cached_property
    def after(self) -> Ints:
        """School where the plan posts each, -1 for those who leave and for recruits without a post."""
        rows = self.district.schools.row
        return np.array([rows.get(school, -1) for school in self.listed("to_school_id")], dtype=np.int64)

    @cached_property
    def stage_before(self) -> Ints:
        """Stage that each teaches today."""
        return _columns(self.teachers.stage)

    @cached_property
    def stage_after(self) -> Ints:
        """Stage that each is to teach."""
        return _columns(self.listed("stage"))

    @cached_property
    def form(self) -> Texts:
        """How each comes to the post: a form of `models.staffing.POSTING_COLUMNS`."""
        return self.listed("form")

    @cached_property
    def legal(self) -> Texts:
        """Legal school of each school, and "" as the last entry: what -1 stands for."""
        return np.array([*self.district.schools.legal, ""], dtype=object)

    @cached_property
    def moved(self) -> Bools:
        """Who works at a legal school today and is posted to another."""
        known = (self.before >= 0) & (self.after >= 0)
        return np.asarray(known & (self.legal[self.before] != self.legal[self.after]), dtype=bool)

    @cached_property
    def gives_lessons(self) -> Bools:
        """Who is in class in the coming year: support staff and those on leave are not."""
        support, away = self.teachers.is_one_of("role", "support"), self.teachers.is_one_of("leave", *GIVE_NO_LESSONS)
        return ~support & ~away

    @cached_property
    def students(self) -> Ints:
        """Children, shape (schools, stages)."""
        return self._count("students")

    @cached_property
    def class_count(self) -> Ints:
        """Classes, shape (schools, stages)."""
        return self._count("classes")

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """Subjects that are taught or that somebody teaches; the last one is `any`."""
        curriculum, teachers = self.curriculum, self.teachers
        named = {*curriculum.subject, *teachers.subject, *teachers.second_subject} - {"", ANY}
        return (*sorted(named), ANY)

    @cached_property
    def required(self) -> Floats:
        """Posts that the classes of public schools need, shape (schools, stages, subjects).

        (1 + moving classes) · Σ_grades classes · weekly lessons / lessons of a full post. Lessons that any teacher may
        give, and heading the class, are posts of `any`; a grade without a curriculum needs none.
        """
        rows = self.classes
        school, stage = self._positions
        posts = np.zeros((len(self.district.schools), len(STAGES), len(self.subjects)))
        for row, grade in enumerate(zip(rows["stage"], rows["grade"], strict=True)):
            if school[row] >= 0 and grade in self._class_needs:
                posts[school[row], stage[row]] += rows["classes"].iloc[row] * self._class_needs[grade]
        posts[self.district.schools.private] = 0.0
        return posts

    @cached_property
    def _class_needs(self) -> Mapping[tuple[str, str], Floats]:
        """Posts that one class needs by subject, of every stage and grade in the curriculum."""
        staffing, curriculum = self.district.settings.policy.staffing, self.curriculum
        lessons: dict[tuple[Stage, str], Floats] = {}
        for row, grade in enumerate(zip(curriculum.stage, curriculum.grade, strict=True)):
            weekly = lessons.setdefault(grade, np.zeros(len(self.subjects)))
            subject = ANY if curriculum.by_any[row] else curriculum.subject[row]
            weekly[self.subjects.index(subject)] += curriculum.weekly_lessons[row]
        for weekly in lessons.values():
            weekly[-1] += staffing.class_head_lessons
        return {
            (stage, grade): weekly / self.loads[STAGES.index(stage)] * (1.0 + staffing.moving_classes.get(stage, 0.0))
            for (stage, grade), weekly in lessons.items()
        }

    @cached_property
    def loads(self) -> Floats:
        """Weekly lessons of a full post, shape (stages, subjects).

        As `staffing.load` names them, else its `other`, else the most that it names; 1 where it names none.
        """
        stated = self.district.settings.policy.staffing.load
        loads = [stated.get(stage, {}) for stage in STAGES]
        return np.array(
            [
                [load.get(subject, load.get("other", max(load.values(), default=1.0))) for subject in self.subjects]
                for load in loads
            ]
        )

    def posts_at(self, stage: Ints) -> Floats:
        """Share of a full post that each gives to lessons when he works at a stage: of a principal a few lessons."""
        principal = self.teachers.is_one_of("role", "principal")
        column = np.array([self.subjects.index(subject) for subject in self.teachers.subject], dtype=np.int64)
        few = self.district.settings.policy.staffing.principal_lessons / self.loads[stage, column]
        return np.where(self.gives_lessons, np.where(principal, np.minimum(1.0, few), 1.0), 0.0)

    def carried(self, indicator: Indicator, *, today: bool = False) -> Ints:
        """Teachers who count for an indicator where they work, shape (schools, stages); support staff never do."""
        school, stage = (self.before, self.stage_before) if today else (self.after, self.stage_after)
        teachers = self.teachers
        if indicator == "degree":
            higher = np.array([teachers.is_one_of("degree", *HIGHER_DEGREE.get(held, ())) for held in STAGES])
            counts = higher[stage, np.arange(len(teachers))]
        else:
            counts = teachers.backbone if indicator == "backbone" else teachers.is_one_of("subject", *PE_AND_ARTS)
        held = counts & ~teachers.is_one_of("role", "support") & (school >= 0) & (stage >= 0)
        return _add_up((school[held], stage[held]), 1, len(self.district.schools))

    def _count(self, column: str) -> Ints:
        school, stage = self._positions
        known = (school >= 0) & (stage >= 0)
        numbers = self.classes[column].to_numpy(np.int64)
        return _add_up((school[known], stage[known]), numbers[known], len(self.district.schools))

    @cached_property
    def _positions(self) -> tuple[Ints, Ints]:
        """School and stage of each row of `classes`."""
        rows = self.district.schools.row
        school = np.array([rows.get(name, -1) for name in self.classes["school_id"]], dtype=np.int64)
        return school, _columns(self.classes["stage"].tolist())


def _columns(stages: Iterable[str]) -> Ints:
    column: dict[str, int] = {stage: position for position, stage in enumerate(STAGES)}
    return np.array([column.get(stage, -1) for stage in stages], dtype=np.int64)


def _add_up(cells: tuple[Ints, Ints], numbers: Ints | int, schools: int) -> Ints:
    total = np.zeros((schools, len(STAGES)), dtype=np.int64)
    np.add.at(total, cells, numbers)
    return total

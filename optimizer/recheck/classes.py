"""Children decide classes: grades, class sizes, rooms and the shares of small classes."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from models.district import Bools, Floats, Ints
from models.placement import Placement, rows_of
from models.settings import Target
from models.stages import COMPULSORY, STAGES, Stage, grades_of
from optimizer.recheck.inherited import classes_before, grades_before, inherits, judge_excess
from optimizer.recheck.registry import Breach, rule


@rule("spread")
def judge_spread(placement: Placement) -> Iterator[Breach]:
    """classes[j,s,g].students = Σ counted by grade + even spread of the rest, the first grades one more; mode `whole`.

    `assignments` does not say in which grade the children of a split unit are: their schools are judged by stage.
    """
    instance = placement.district.settings.instance
    for stage in instance.stages:
        if placement.entry_only or not decides_classes(placement, stage):
            continue
        grades = grades_of(stage, instance.system)
        held = _held(placement, stage, grades)
        wanted = spread_children(placement, stage, grades)
        split = _schools_of_split_units(placement, stage)
        total = placement.students_by_school(stage)
        for school in np.flatnonzero(split & (held.sum(axis=1) != total)):
            known, sum_of_grades = total[school], held[school].sum()
            yield Breach(stage, placement.district.schools.ids[school], sum_of_grades, known,
                         "students", abs(sum_of_grades - known))  # fmt: skip
        for school, grade in np.argwhere((held != wanted) & ~split[:, None]):
            short = abs(held[school, grade] - wanted[school, grade])
            yield Breach(stage, placement.district.schools.ids[school], held[school, grade], wanted[school, grade],
                         "students", short, detail=grades[grade])  # fmt: skip


@rule("class_size")
def judge_class_size(placement: Placement) -> Iterator[Breach]:
    """students[j,g] ≤ cap[s] · classes[j,g]   for every school j and grade g of stage s; continuing ones inherit."""
    yield from _oversize(placement, placement.district.settings.policy.class_size.cap, "")


@rule("class_size", never_soft=True)
def judge_ceiling(placement: Placement) -> Iterator[Breach]:
    """students[j,g] ≤ ceiling · classes[j,g]: no class of 56 and more (大班额) even where the cap is soft."""
    ceiling = placement.district.settings.policy.class_size.ceiling
    if ceiling is not None:
        stages = placement.district.settings.instance.stages
        yield from _oversize(placement, dict.fromkeys(stages, ceiling), "ceiling")


@rule("classrooms")
def judge_classrooms(placement: Placement) -> Iterator[Breach]:
    """Σ_g classes[j,g] ≤ rooms[j], and by stage where `classrooms_STAGE` is given; continuing classes included."""
    schools = placement.district.schools
    yield from _beyond_rooms(placement, STAGES, schools.classrooms)
    for stage, rooms in schools.classrooms_of_stage.items():
        yield from _beyond_rooms(placement, (stage,), rooms)


@rule("small_classes")
def judge_small_classes(placement: Placement) -> Iterator[Breach]:
    """Σ min(k, max(0, (m + 1) k - n)) ≥ share · Σ k   over public schools' classes of grades 1-9, for every target."""
    table = find_judged_by_targets(placement)
    total = int(table["classes"].sum())
    for target in placement.district.settings.policy.class_size.targets:
        small, needed = count_small(table, target.max_size), count_needed(target, total)
        if small < needed:
            yield Breach("", "", small, needed, "classes", needed - small, detail=str(target.max_size))


def count_small(table: pd.DataFrame, max_size: int) -> int:
    """Return how many classes have at most `max_size` children; n children in k classes are split evenly."""
    k, n = table["classes"], table["students"]
    return int(np.minimum(k, np.maximum(0, (max_size + 1) * k - n)).sum())


def count_needed(target: Target, total: int) -> int:
    """Return how many of so many classes a target asks to be small."""
    return math.ceil(target.share * total - 1e-9)


def find_judged_by_targets(placement: Placement) -> pd.DataFrame:
    """Return the classes that count for the shares of small classes, as `Placement.classes`."""
    classes = placement.classes
    public = ~placement.district.schools.private[classes["school"].to_numpy()]
    judged = classes["stage"].isin(COMPULSORY) & public
    if placement.district.settings.policy.class_size.targets_apply == "decided":
        judged &= classes["origin"] != "continuing"
    return pd.DataFrame(classes[judged])


def _beyond_rooms(placement: Placement, stages: tuple[Stage, ...], rooms: Floats) -> Iterator[Breach]:
    classes = np.sum([placement.classes_by_school(stage) for stage in stages], axis=0)
    yield from judge_excess(placement, stages, classes, rooms, classes_before(placement, stages), "classes")


def _oversize(placement: Placement, caps: dict[Stage, int], kind: str) -> Iterator[Breach]:
    before = grades_before(placement) if inherits(placement) else {}
    for row in rows_of(placement.classes):
        cap = caps.get(row.stage)
        if cap is not None and row.students > cap * row.classes:
            school = placement.district.schools.ids[row.school]
            above = row.students - cap * row.classes
            breach = Breach(row.stage, school, row.students, cap * row.classes, "students", above, kind, row.grade)
            stood = row.origin == "continuing" and inherits(placement)
            last_year = before.get((row.school, row.stage, row.grade))
            yield replace(breach, before=last_year, inherited=True) if stood else breach


def decides_classes(placement: Placement, stage: Stage) -> bool:
    """Return whether the plan must say how the children of a stage are put into classes, or says so unasked."""
    caps = placement.district.settings.policy.class_size.cap
    return stage in caps or bool((placement.plan.classes["stage"] == stage).any())


def _held(placement: Placement, stage: Stage, grades: tuple[str, ...]) -> Ints:
    table = placement.classes[placement.classes["stage"] == stage]
    held = np.zeros((len(placement.district.schools), len(grades)), dtype=np.int64)
    known = table[table["grade"].isin(grades)]
    columns = np.array([grades.index(grade) for grade in known["grade"]], dtype=np.int64)
    np.add.at(held, (known["school"].to_numpy(np.int64), columns), known["students"].to_numpy(np.int64))
    return held


def spread_children(placement: Placement, stage: Stage, grades: tuple[str, ...]) -> Ints:
    """Return children by school and grade as the assignments and the demand imply them, units that are split aside."""
    counted = np.zeros((len(placement.district.schools), len(grades)), dtype=np.int64)
    without_grade = np.zeros(len(placement.district.schools), dtype=np.int64)
    demand = placement.district.demand
    for cohort, students in zip(demand.cohorts, demand.students.T, strict=True):
        if cohort.stage == stage:
            school = _school_of(placement, stage, cohort.category)
            target = counted[:, grades.index(cohort.grade)] if cohort.grade else without_grade
            np.add.at(target, school[school >= 0], students[school >= 0])
    low, more = np.divmod(without_grade, len(grades))
    return np.asarray(counted + low[:, None] + (np.arange(len(grades)) < more[:, None]), dtype=np.int64)


def _schools_of_split_units(placement: Placement, stage: Stage) -> Bools:
    rows = placement.assignments[placement.assignments["stage"] == stage]
    split = rows.duplicated(["unit", "category"], keep=False)
    return np.isin(np.arange(len(placement.district.schools)), rows.loc[split, "school"])


def _school_of(placement: Placement, stage: Stage, category: str) -> Ints:
    table = placement.assignments
    rows = table[(table["stage"] == stage) & (table["category"] == category)]
    school = np.full(len(placement.district.units), -1, dtype=np.int64)
    school[rows["unit"].to_numpy()] = rows["school"].to_numpy()
    return school

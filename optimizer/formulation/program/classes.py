"""`class_size`, `classrooms` and `small_classes`: from the children of a school to its classes."""

from itertools import pairwise

import numpy as np

from models.district import Ints
from models.settings import Hardness
from models.stages import Stage
from optimizer.formulation.formulation import ClassRules, Formulation, Grade
from optimizer.formulation.program.writer import Terms, Writer


def add_classes(w: Writer, f: Formulation, enrolment: Ints) -> Ints:
    """Σ weight[g] · classes[j,g] of a group of grades ≤ rooms[j], and what binds classes to children, grade by grade.

    Returns the column of the classes of every school and grade, -1 where there are none, shape (schools, grades).
    """
    rules = f.classes
    if rules is None:
        return np.zeros((len(f.school_ids), 0), dtype=np.int64)
    columns = np.full((len(f.school_ids), len(rules.grades)), -1, dtype=np.int64)
    small: list[list[int]] = [[] for _ in rules.targets]
    for school, school_id in enumerate(f.school_ids):
        taught = [g for g in range(len(rules.grades)) if rules.taught[school, g]]
        sizes = _grade_sizes(w, rules, enrolment[school], school_id, taught)
        for g in taught:
            grade, n = rules.grades[g], sizes[g]
            columns[school, g] = _add_grade(w, grade, n, school_id, (rules.cap, _most_classes(w, rules, school, g, n)))
            if rules.targets and rules.public[school] and grade.compulsory:
                _add_small(w, rules, grade, n, int(columns[school, g]), small, school_id)
    for group in rules.rooms:
        counted = np.flatnonzero(group.grades & rules.taught[group.school])
        held = [(int(columns[group.school, g]), float(group.weight[g])) for g in counted]
        if not group.hard:
            beyond = w.column(w.beyond + max(0, -group.rooms))
            w.price("shortage", beyond, float(group.price))
            held.append((beyond, -1.0))
        w.row(group.name, held, -np.inf, group.rooms)
    _add_shares(w, rules, columns, small)
    return columns


def _most(w: Writer, terms: Terms) -> float:
    return sum(value * w.upper[column] for column, value in terms)


def _grade_sizes(w: Writer, rules: ClassRules, enrolment: Ints, school_id: str, taught: list[int]) -> dict[int, Terms]:
    """Children of every grade as terms; those counted by stage alone through columns of an even spread."""
    sizes: dict[int, Terms] = {}
    parts: dict[Stage, list[int]] = {}
    spread: dict[Stage, Terms] = {}
    for g in taught:
        grade = rules.grades[g]
        sizes[g] = [(int(enrolment[column]), 1.0) for column in grade.counted]
        if grade.spread:
            spread[grade.stage] = [(int(enrolment[column]), -1.0) for column in grade.spread]
            part = w.column(np.ceil(-_most(w, spread[grade.stage]) / grade.of))
            parts.setdefault(grade.stage, []).append(part)
            sizes[g].append((part, 1.0))
    for stage, held in parts.items():
        name = f"spread[{school_id},{stage}]"
        w.row(name, [*((part, 1.0) for part in held), *spread[stage]], 0.0, 0.0)
        for more, fewer in pairwise(held):
            w.row(name, [(more, 1.0), (fewer, -1.0)], 0.0, np.inf)
        if len(held) > 1:
            w.row(name, [(held[0], 1.0), (held[-1], -1.0)], -np.inf, 1.0)
    return sizes


def _most_classes(w: Writer, rules: ClassRules, school: int, g: int, n: Terms) -> float:
    """Classes a grade can ever want: those of the cap; under share targets as many as rooms or children allow."""
    students = _most(w, n)
    if not (rules.targets and rules.grades[g].compulsory):
        return float(np.ceil(students / rules.grades[g].cap))
    rooms = [group.rooms for group in rules.rooms if group.school == school and group.hard and group.grades[g]]
    return max(0.0, float(min([students, *rooms])))


def _add_grade(w: Writer, grade: Grade, n: Terms, school_id: str, binding: tuple[Hardness, float]) -> int:
    """Add n ≤ cap · classes; soft: n ≤ cap · classes + above, n ≤ ceiling · classes; off: above costs nothing."""
    hardness, most = binding
    classes = w.column(most)
    name = f"class_size[{school_id},{grade.grade}]"
    terms = [*n, (classes, -float(grade.cap))]
    if hardness != "hard":
        above = w.column(w.beyond)
        w.crowded.append(above)
        terms.append((above, -1.0))
        w.row(name, [*n, (classes, -float(grade.ceiling))], -np.inf, 0.0)
    if hardness == "soft":
        w.price("shortage", above, 1.0)
    w.row(name, terms, -np.inf, 0.0)
    w.row(f"classes[{school_id},{grade.grade}]", [*n, (classes, -1.0)], 0.0, np.inf)
    return classes


def _add_small(
    w: Writer, rules: ClassRules, grade: Grade, n: Terms, classes: int, small: list[list[int]], school_id: str
) -> None:
    """min(k, max(0, (m + 1) k - n)) classes have at most m children: small ≤ k, and where any is, ≤ (m + 1) k - n.

    Together they hold n ≤ Σ sizes: n ≤ m_1 s_1 + m_2 (s_2 - s_1) + ... + cap (k - s_T), which tightens the relaxation.
    """
    most_n, most_k = _most(w, n), w.upper[classes]
    name = f"small[{school_id},{grade.grade}]"
    counted = []
    for t, target in enumerate(rules.targets):
        s = w.column(most_k)
        some = w.column(1.0)
        small[t].append(s)
        counted.append((target.max_size, s))
        w.row(name, [(s, 1.0), (classes, -1.0)], -np.inf, 0.0)
        w.row(name, [(s, 1.0), (some, -most_k)], -np.inf, 0.0)
        full = [(s, 1.0), (classes, -float(target.max_size + 1)), *n, (some, most_n)]
        w.row(name, full, -np.inf, most_n)
    _add_sizes(w, grade, n, classes, counted, name)


def _add_sizes(w: Writer, grade: Grade, n: Terms, classes: int, counted: list[tuple[int, int]], name: str) -> None:
    counted = sorted((size, s) for size, s in counted if size < grade.ceiling)
    terms = [*n, (classes, -float(grade.ceiling))]
    next_sizes = [size for size, _ in counted[1:]] + [grade.ceiling]
    for (size, s), above in zip(counted, next_sizes, strict=False):
        terms.append((s, float(above - size)))
    w.row(name, terms, -np.inf, 0.0)
    for (_, fewer), (_, more) in pairwise(counted):
        w.row(name, [(fewer, 1.0), (more, -1.0)], -np.inf, 0.0)


def _add_shares(w: Writer, rules: ClassRules, columns: Ints, small: list[list[int]]) -> None:
    compulsory = [g for g, grade in enumerate(rules.grades) if grade.compulsory]
    counted = [int(k) for school in np.flatnonzero(rules.public) for k in columns[school, compulsory] if k >= 0]
    for target, classes in zip(rules.targets, small, strict=True):
        terms = [(s, 1.0) for s in classes] + [(k, -target.share) for k in counted]
        if not rules.targets_hard:
            missing = w.column(w.beyond)
            w.price("small_classes", missing, 1.0)
            terms.append((missing, 1.0))
        least = target.share * target.standing - target.standing_small
        w.row(f"small_classes[{target.max_size}]", terms, least, np.inf)

"""Classes that may still open once the children are seated: each wants teachers, each may serve a share of small ones.

`fewest` classes open whatever the posts say: those that the caps require, as far as there are rooms. Of n children in k
classes min(k, max(0, (m + 1) k - n)) have at most m. n is settled, so that every further class of a school and grade is
a step with a gain that is known:

    opened:        step[e + 1] ≤ step[e]                                     the e-th further class
    rooms:         Σ_g weight[g] · further[j,g] ≤ rooms - Σ_g weight[g] · fewest[j,g]
    small_classes: small + Σ gain[m,e] · step[e] + missing ≥ share_m · (standing + Σ fewest + Σ step)
    spare:         those sent away ≤ posts of those there - posts of the classes, or nobody is
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from models.district import Bools, District, Ints
from models.outcome import Outcome
from optimizer.formulation.formulation import ClassRules, Formulation
from optimizer.formulation.kinds import count_seats
from optimizer.formulation.program.writer import Terms, Writer
from optimizer.formulation.staffing.need import Need

EXACT = 1e-9


@dataclass(frozen=True)
class Openings:
    """Classes of the grades that the plan decides, for the children who are seated; shape (schools, grades)."""

    rules: ClassRules
    students: Ints
    fewest: Ints
    most: Ints
    rooms: Ints
    """Rooms that each group of `rules.rooms` leaves to further classes."""

    @property
    def open(self) -> Bools:
        """Where further classes may open."""
        return np.asarray(self.most > self.fewest)


def find_openings(f: Formulation, district: District, outcome: Outcome) -> Openings | None:
    """Return which classes may open beside those that the caps require; None where no share of small classes asks.

    The plan of the children may use rooms beyond those there are, where that is soft: further classes find no more of
    them than it does.
    """
    rules = f.classes
    if rules is None or not rules.targets:
        return None
    if not rules.targets_hard and "small_classes" not in district.settings.objective.order:
        return None
    students, classes = _seated(f, district, outcome)
    compulsory = np.array([grade.compulsory for grade in rules.grades])
    caps = np.array([grade.cap for grade in rules.grades])
    counted = rules.taught & rules.public[:, None] & compulsory & (students > 0)
    fewest = np.where(counted, np.minimum(classes, -(-students // caps)), classes)
    more, rooms = np.where(counted, students - fewest, 0), np.zeros(len(rules.rooms), dtype=np.int64)
    for k, group in enumerate(rules.rooms):
        school, weight = group.school, group.weight * rules.taught[group.school]
        rooms[k] = max(group.rooms, int(weight @ classes[school])) - int(weight @ fewest[school])
        fitting = rooms[k] // np.maximum(1, weight)
        more[school] = np.where(weight > 0, np.minimum(more[school], fitting), more[school])
    openings = Openings(rules, students, fewest, fewest + np.maximum(0, more), rooms)
    return openings if openings.open.any() else None


def with_classes(
    classes: pd.DataFrame, district: District, openings: Openings, further: Ints | None = None
) -> pd.DataFrame:
    """Return the table `classes` of a plan with the fewest classes, and so many further ones by school and grade."""
    grades, schools = openings.rules.grades, district.schools.ids
    total = openings.fewest if further is None else openings.fewest + further
    decided = {
        (schools[school], grades[g].stage, grades[g].grade): int(total[school, g])
        for school, g in np.argwhere(openings.open)
    }
    keys = zip(classes["school_id"], classes["stage"], classes["grade"], strict=True)
    count = np.array([decided.get(key, was) for key, was in zip(keys, classes["classes"], strict=True)], dtype=np.int64)
    largest = -(-classes["students"].to_numpy(np.int64) // np.maximum(1, count))
    return classes.assign(classes=count, largest_class=np.where(count > 0, largest, classes["largest_class"]))


def need_with(need: Need, openings: Openings, further: Ints) -> Need:
    """Return the need of the fewest classes with that of so many further ones, by school and grade."""
    posts, classes = need.posts.copy(), need.classes.copy()
    for school, g in np.argwhere(further > 0).tolist():
        grade = openings.rules.grades[g]
        at, one = need.faculties.row.get((school, grade.stage)), need.a_class.get((grade.stage, grade.grade), 0.0)
        if at is not None:
            posts[at] += further[school, g] * one
            classes[at] += further[school, g]
    return replace(need, posts=posts, classes=classes)


def add_openings(w: Writer, openings: Openings | None, schools: int) -> Ints:
    """Return the columns of the further classes of every school and grade, -1 where none may open.

    Shape (schools, grades), (schools, 0) without openings.
    """
    if openings is None:
        return np.zeros((schools, 0), dtype=np.int64)
    rules, columns = openings.rules, np.full(openings.fewest.shape, -1, dtype=np.int64)
    gained: list[Terms] = [[] for _ in rules.targets]
    for school, g in np.argwhere(openings.open).tolist():
        columns[school, g] = _add_steps(w, openings, school, g, gained)
    for group, left in zip(rules.rooms, openings.rooms.tolist(), strict=True):
        taken = [(int(columns[group.school, g]), float(group.weight[g])) for g in np.flatnonzero(group.grades)]
        taken = [(column, weight) for column, weight in taken if column >= 0]
        if taken:
            w.row(group.name, taken, -np.inf, float(left))
    _add_shares(w, openings, gained)
    return columns


def _add_steps(w: Writer, openings: Openings, school: int, g: int, gained: list[Terms]) -> int:
    """Return the column of the further classes of one school and grade; `gained` gets what they add to each share.

    Once every class is small by every target, each further one is as good as another: these share a column.
    """
    n, fewest, most = (int(table[school, g]) for table in (openings.students, openings.fewest, openings.most))
    targets = openings.rules.targets
    all_small = -(-n // min(target.max_size for target in targets))
    alike = min(most, max(fewest, all_small))
    steps = w.columns(np.ones(alike - fewest)).tolist()
    name = f"opened[{school},{openings.rules.grades[g].grade}]"
    for earlier, later in pairwise(steps):
        w.row(name, [(later, 1.0), (earlier, -1.0)], -np.inf, 0.0)
    if most > alike:
        rest = w.column(float(most - alike))
        if steps:
            w.row(name, [(rest, 1.0), (steps[-1], -float(most - alike))], -np.inf, 0.0)
        steps.append(rest)
    total = w.column(float(most - fewest))
    w.row(name, [(total, 1.0), *((step, -1.0) for step in steps)], 0.0, 0.0)
    for terms, target in zip(gained, targets, strict=True):
        for e, step in enumerate(steps):
            gain = _small(n, fewest + e + 1, target.max_size) - _small(n, fewest + e, target.max_size)
            terms.append((step, gain - target.share))
    return total


def _add_shares(w: Writer, openings: Openings, gained: list[Terms]) -> None:
    """Rows of the shares; what is missing to soft ones is priced in the level `small_classes`.

    More is never missing than with no further class at all: that would be as good for the posts.
    """
    rules, compulsory = openings.rules, np.array([grade.compulsory for grade in openings.rules.grades])
    at = np.argwhere(rules.taught & rules.public[:, None] & compulsory).tolist()
    held = [(int(openings.students[cell]), int(openings.fewest[cell])) for cell in map(tuple, at)]
    classes, priced, without = sum(k for _, k in held), list[int](), 0.0
    for target, terms in zip(rules.targets, gained, strict=True):
        small = sum(_small(n, k, target.max_size) for n, k in held)
        least = target.share * (target.standing + classes) - target.standing_small - small
        if not rules.targets_hard:
            missing = w.column(float(target.standing + openings.most.sum()))
            w.price("small_classes", missing, 1.0)
            terms.append((missing, 1.0))
            priced.append(missing)
            without += max(0, math.ceil(least - EXACT))
        w.row(f"small_classes[{target.max_size}]", terms, least, np.inf)
    if priced:
        w.row("small_classes", [(missing, 1.0) for missing in priced], -np.inf, without)


def _small(n: int, k: int, size: int) -> int:
    """How many of k classes of n children, split evenly, have at most `size`."""
    return min(k, max(0, (size + 1) * k - n))


def _seated(f: Formulation, district: District, outcome: Outcome) -> tuple[Ints, Ints]:
    """Children and classes of every school and grade that an outcome decides."""
    if outcome.seating is not None:
        seated = count_seats(district, f.columns, outcome.seating.seats)
        return f.grade_sizes(seated), outcome.seating.classes
    assert outcome.pairs is not None and outcome.students is not None and outcome.classes is not None
    enrolment = np.zeros((len(f.school_ids), len(f.columns)), dtype=np.int64)
    np.add.at(enrolment, f.pairs.school[outcome.pairs], outcome.students)
    return f.grade_sizes(enrolment), outcome.classes

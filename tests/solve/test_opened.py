"""Every number of classes of a tiny district is tried with every posting; none is better than what is found."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from random import Random

import numpy as np
import pytest
from postings import make_pool
from solve.test_staffing import Classes, check_best, draw_pool, every_plan, in_order
from staff import solve_posts

from models.district import District
from models.settings import LevelName
from optimizer.formulation.formulation import ClassRules, Grade, Rooms, ShareTarget
from optimizer.formulation.staffing.openings import Openings

CAP = 45
STAGES = {"primary": "1", "junior": "7"}
ORDERS: tuple[list[LevelName], ...] = (
    ["vacancies", "small_classes", "rotation", "moves"],
    ["small_classes", "vacancies", "rotation", "moves"],
)


@dataclass(frozen=True)
class Tried:
    """The levels of one plan."""

    small_classes: int
    vacancies: float
    rotation: float
    moves: int


def make_openings(
    district: District, classes: Classes, targets: tuple[ShareTarget, ...], rooms: dict[str, int], *, hard: bool = False
) -> Openings:
    """Every class of `classes` is one that the caps require; so many rooms of each school are left."""
    schools, stages = district.schools, list(STAGES)
    grades = tuple(Grade(stage, grade, 0, 1, (), (), CAP, CAP, True) for stage, grade in STAGES.items())
    students, fewest = np.zeros((2, len(schools), len(grades)), dtype=np.int64)
    for school, stage, _, n, k in classes:
        at = schools.row[school], stages.index(stage)
        students[at], fewest[at] = n, k
    ones = np.ones(len(grades), dtype=np.int64)
    groups = tuple(Rooms(school, schools.row[school], ones, 99, True, CAP) for school in rooms)
    left = np.array([rooms[school] for school in rooms], dtype=np.int64)
    more = np.array([rooms[school] for school in schools.ids])[:, None]
    rules = ClassRules(grades, students > 0, "hard", groups, targets, hard, ~schools.private)
    return Openings(rules, students, fewest, fewest + np.where(students > 0, more, 0), left)


def missing(classes: Classes, targets: tuple[ShareTarget, ...]) -> int:
    """Classes missing to the targets, class by class."""
    sizes = [n // k + (each < n % k) for *_, n, k in classes for each in range(k)]
    short = (np.ceil(t.share * len(sizes) - 1e-9) - sum(size <= t.max_size for size in sizes) for t in targets)
    return int(sum(max(0, number) for number in short))


def every_number(classes: Classes, openings: Openings) -> Iterator[Classes]:
    """Yield the classes with every number of further ones that the rooms hold."""
    left = {group.name: int(rooms) for group, rooms in zip(openings.rules.rooms, openings.rooms, strict=True)}
    for further in product(*(range(left[row[0]] + 1) for row in classes)):
        taken = {
            school: sum(more for row, more in zip(classes, further, strict=True) if row[0] == school) for school in left
        }
        if all(taken[school] <= left[school] for school in left):
            yield [(*row[:4], row[4] + more) for row, more in zip(classes, further, strict=True)]


def every_try(district: District, classes: Classes, openings: Openings) -> list[Tried]:
    return [
        Tried(missing(held, openings.rules.targets), value.vacancies, value.rotation, value.moves)
        for held in every_number(classes, openings)
        for value in every_plan(district, held)
    ]


@pytest.mark.parametrize("seed", range(24))
def test_no_classes_and_postings_are_better_than_those_found(seed: int) -> None:
    rng = Random(seed)
    district, drawn = draw_pool(rng)
    order = ORDERS[seed % 2]
    district = in_order(district, order)
    children = [rng.choice([0, 40, 80, 130]) for _ in drawn]
    classes = [(*row[:3], n, -(-n // CAP)) for row, n in zip(drawn, children, strict=True) if n]
    targets = (ShareTarget(40, rng.choice([0.5, 1.0])), ShareTarget(30, rng.choice([0.3, 0.8])))
    rooms = dict.fromkeys(district.schools.ids, 0) | {"A": rng.randint(0, 2), "B": 1}
    openings = make_openings(district, classes, targets, rooms)
    check_best(solve_posts(district, classes, openings), every_try(district, classes, openings), order)


class TestSpare:
    """Three of Chinese at A for 80 children in two classes: one is spare, and B has a post for her.

    A third class would need her, though a colleague for music could take her lessons as a second subject.
    """

    def solve(self, order: list[LevelName]) -> tuple[dict[str, str], int]:
        colleague = {"subject": "music", "second_subject": "chinese", "exempt": "x"}
        rows = [*[{"joined": "2025-09-01"}] * 3, colleague]
        district = make_pool(rows, objective={"order": order}, rules={"staff_quota": "off"})
        classes: Classes = [("A", "primary", "1", 80, 2), ("B", "primary", "1", 30, 1)]
        openings = make_openings(district, classes, (ShareTarget(30, 1.0),), {"A": 1, "B": 0})
        posted = solve_posts(district, classes, openings)
        table = posted.plan.classes.set_index("school_id")["classes"]
        return posted.moves, table["A"]

    def test_whoever_a_further_class_needs_is_not_sent_away(self) -> None:
        assert self.solve(["small_classes", "vacancies"]) == ({}, 3)

    def test_whoever_is_sent_away_leaves_no_class_to_open(self) -> None:
        moves, classes = self.solve(["vacancies", "small_classes"])
        assert (set(moves.values()), classes) == ({"B"}, 2)


@pytest.mark.parametrize(
    ("teachers", "rooms", "expected"), [(4, 2, (3, 2)), (4, 9, (3, 2)), (5, 1, (3, 2)), (5, 2, (5, 0)), (9, 9, (5, 0))]
)
def test_a_class_that_makes_none_small_opens_where_the_next_one_does(
    teachers: int, rooms: int, expected: tuple[int, int]
) -> None:
    """130 children: three classes of 44, four of 33 or five of 26. Half of the classes should have 30 and fewer."""
    district = make_pool([{"exempt": "x"}] * teachers, objective={"order": ORDERS[0]}, rules={"staff_quota": "off"})
    classes: Classes = [("A", "primary", "1", 130, 3)]
    openings = make_openings(district, classes, (ShareTarget(30, 0.5),), {"A": rooms, "B": 0})
    posted = solve_posts(district, classes, openings)
    assert (int(posted.plan.classes["classes"].sum()), posted.levels["small_classes"]) == expected

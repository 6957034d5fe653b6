"""Every posting of a tiny district is tried and judged by the re-check; the best is what the solver finds.

Nothing here knows the formulation: how far posts are filled is a flow of the re-check, and its soft shortfalls are what
the level `rotation` counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pytest
from builders import make_schools
from postings import make_pool, make_staff_plan
from staff import Posted, solve_posts

from models.district import District
from models.outcome import Status
from models.plan import Plan
from models.settings import LevelName
from models.staffed import Staffed
from models.stages import STAGES
from optimizer.recheck import recheck_staff
from optimizer.recheck.destinations import goes_up
from optimizer.recheck.standing import goes_home, is_eligible, is_free, leaves_staff
from optimizer.recheck.weeks import fill_posts

LESSONS = [
    ("primary", "1", "chinese", 14.0, "subject"),
    ("primary", "1", "music", 9.0, "subject"),
    ("primary", "1", "labour", 6.0, "any"),
    ("junior", "7", "chinese", 12.0, "subject"),
    ("junior", "7", "music", 4.0, "subject"),
]
TAUGHT = {"A": ("primary", "junior"), "B": ("primary",), "C": ("junior",)}
TYPES = {"A": "nine_year", "B": "primary", "C": "junior"}
TRAITS: dict[str, list[Any]] = {
    "subject": ["chinese", "chinese", "music"],
    "second_subject": ["", "", "music", "chinese"],
    "joined": ["2015-09-01"] * 3 + ["2025-09-01", "2020-09-01", "NaT"],
    "certificate_stage": ["", "", "senior", "primary"],
    "certificate_subject": [""] * 4 + ["pe", "chinese"],
    "role": ["teacher"] * 5 + ["principal"],
    "class_head_grade": [""] * 4 + ["3"],
    "staff_type": ["established"] * 4 + ["contract", "reengaged"],
    "backbone": [False, False, True],
    "volunteer": [False, False, True],
    "exempt": [""] * 6 + ["x"],
    "leave": [""] * 8 + ["sick"],
    "lon": [np.nan, 120.205, 120.225],
}
"""Each as often as it is named."""
RULES = (
    "certificate",
    "direction",
    "no_return",
    "commute",
    "rotation_share",
    "rotation_backbone",
    "continuity",
    "couples",
    "principal_terms",
    "swaps",
    "budget",
    "staff_quota",
)
ENTRY = {"primary": "1", "junior": "7"}
ABOUT_ONE = ("certificate", "direction", "no_return", "commute", "postings", "rotation_eligible")
"""Rules that one posting breaks, whatever the others are."""
NEAR = 0.1
"""Posts that the solver may leave vacant beyond the fewest."""

ORDERS: tuple[list[LevelName], ...] = (
    ["moves", "vacancies", "rotation"],
    ["rotation", "vacancies", "moves"],
    ["vacancies", "moves", "rotation"],
)

Classes = list[tuple[str, str, str, int, int]]
Posting = tuple[str, str, str]
"""School, form and stage."""


@dataclass(frozen=True)
class Value:
    """What a plan is judged by, level by level."""

    vacancies: float
    rotation: float
    moves: int


def draw_pool(rng: Random) -> tuple[District, Classes]:
    """Two or three schools, two stages, up to four teachers who may be posted anew, every rule drawn."""
    homes = "ABC"[: rng.randint(2, 3)]
    counts = [(school, stage, rng.randint(0, 2)) for school in homes for stage in TAUGHT[school]]
    rows = [_draw_teacher(rng, homes) for _ in range(rng.randint(1, 6 if len(homes) == 2 else 4))]
    if len(rows) > 1 and rng.random() < 0.5:
        rows[0]["spouse"], rows[1]["spouse"] = "T2", "T1"
    district = make_pool(
        rows,
        lessons=LESSONS,
        schools=make_schools(
            {school: unit for unit, school in enumerate(homes)},
            types=tuple(TYPES[school] for school in homes),
            legal=rng.choice([tuple(homes)] * 3 + [("A", *homes[:-1])]),
            group=tuple(rng.choice(["", "G"]) for _ in homes),
            strength=np.array([rng.choice([1.0, 2.0, np.nan]) for _ in homes]),
        ),
        policy={
            "rotation": {
                "scope": rng.choice(["district", "each_sending_school"]),
                "backbone_of": rng.choice(["moved", "eligible"]),
                "class_heads": rng.choice(["stay", "last", "move"]),
                "max_leaving_share": rng.choice([0.34, 1.0]),
                "max_commute_m": 1500.0,
                "subsidy": {"living_yuan": 1.0},
                "budget_yuan": rng.choice([1.0, 2.0]),
            },
            "staffing": {
                "pool_level": rng.choice(["district", "district", "group"]),
                "class_head_lessons": rng.choice([0.0, 3.0]),
            },
        },
        rules={rule: rng.choice(["hard", "soft", "off"]) for rule in RULES},
        instance={"stages": ["primary", "junior"]},
    )
    return district, [(school, stage, ENTRY[stage], 40 * n, n) for school, stage, n in counts]


def _draw_teacher(rng: Random, homes: str) -> dict[str, Any]:
    """Mostly an eligible teacher of Chinese; any trait that a rule looks at may be drawn."""
    school, home = rng.choice(homes), rng.choice(homes)
    stage = rng.choice(TAUGHT[school])
    row: dict[str, Any] = {"stage": stage, "lat": 30.205}
    row["school"] = rng.choice([school] * 5 + [""])
    for trait, usual in TRAITS.items():
        row[trait] = rng.choice(usual)
    if rng.random() < 0.2:
        row |= {"previous_school": rng.choice(homes), "left_previous": rng.choice(["2024-09-01", "2025-07-01"])}
    if stage in TAUGHT[home] and rng.random() < 0.15:
        row |= {"home_school": home, "rotation_until": rng.choice(["2027-08-31", "2028-08-31"])}
    return row


def every_plan(district: District, classes: Classes) -> Iterator[Value]:
    """Yield the value of every plan that breaks no hard rule."""
    today = _staffed(district, {}, classes)
    asked_home = goes_home(today)
    choices = []
    for row, teacher_id in enumerate(district.teachers.ids):
        if asked_home[row]:
            home = district.schools.ids[district.teachers.home_school[row]]
            choices.append([(home, "return", district.teachers.stage[row])])
        else:
            stay = _stay(district, row)
            ways = [stay, *(way for way in _ways(today, row) if not _forbidden(district, classes, teacher_id, way))]
            choices.append(ways)
    for chosen in product(*choices):
        value = _value(district, dict(zip(district.teachers.ids, chosen, strict=True)), classes)
        if value is not None:
            yield value


def _stay(district: District, row: int) -> Posting:
    school, stage = district.teachers.school[row], district.teachers.stage[row]
    return (district.schools.ids[school], "stay", stage) if school >= 0 else ("", "recruit", stage)


def _ways(today: Staffed, row: int) -> Iterator[Posting]:
    """Posts for the subject in a stage of the certificate, in their form: rotation before volunteering, and that before
    being sent. A principal stays in the stage; whoever something keeps, where he is.
    """
    district, teachers = today.district, today.teachers
    here, own = teachers.school[row], teachers.stage[row]
    eligible, principal = is_eligible(today)[row], teachers.role[row] == "principal"
    hard = district.settings.rules.direction == "hard"
    if here >= 0 and not is_free(today)[row]:
        return
    for to, school in enumerate(district.schools.ids):
        for stage in TAUGHT[school]:
            reach = stage == own or STAGES.index(stage) <= STAGES.index(
                teachers.certificate_stage[row] or "kindergarten"
            )
            taught = today.required[to, STAGES.index(stage), today.subjects.index(teachers.subject[row])] > 0
            if (stage == own) if principal else (reach and taught):
                up = hard and bool(goes_up(today, np.array([row]), np.array([to]))[0])
                rotates = eligible and stage == own and not up
                form = "rotation" if rotates else "cross_school" if teachers.volunteer[row] else "coordinated"
                stays = here >= 0 and district.schools.legal[to] == district.schools.legal[here]
                yield school, "recruit" if here < 0 else "stay" if stays else form, stage


def _forbidden(district: District, classes: Classes, teacher_id: str, way: Posting) -> bool:
    """Whether the posting alone breaks a hard rule that looks at one posting; sent are only those who are spare."""
    plan = make_staff_plan(district, {teacher_id: way}, classes=classes)
    return any(each.is_fault and each.rule in ABOUT_ONE for each in recheck_staff(district, plan) if _of_one(each))


def _of_one(shortfall: Any) -> bool:
    """A school's principal may leave where another one comes, and come where another one leaves."""
    apart = {("postings", "principal"), ("postings", "principals"), ("rotation_eligible", "home")}
    return (shortfall.rule, shortfall.kind) not in apart


def _staffed(district: District, posts: dict[str, Posting], classes: Classes) -> Staffed:
    plan = make_staff_plan(district, posts, classes=classes)
    return Staffed(district, plan.classes, plan.staff)


def _value(district: District, posts: dict[str, Posting], classes: Classes) -> Value | None:
    plan: Plan = make_staff_plan(district, posts, classes=classes)
    shortfalls = recheck_staff(district, plan)
    staffed = Staffed(district, plan.classes, plan.staff)
    if any(each.is_fault and each.rule != "staff_need" for each in shortfalls) or not _keeps_principals(staffed):
        return None
    filled = sum(each.most for each in fill_posts(staffed, staffed.after, staffed.stage_after, staffed.required))
    soft = sum(each.breach for each in shortfalls if each.hardness == "soft" and not each.inherited)
    moves = staffed.moved & (staffed.form != "return")
    return Value(float(staffed.required.sum() - filled), float(soft), int(moves.sum()))


def _keeps_principals(staffed: Staffed) -> bool:
    """Whether every legal school has as many principals as before, but for those who leave."""
    principal, gone = staffed.teachers.is_one_of("role", "principal"), leaves_staff(staffed) | goes_home(staffed)
    before, after = staffed.legal[staffed.before[principal & ~gone]], staffed.legal[staffed.after[principal]]
    return all((before == school).sum() <= (after == school).sum() for school in staffed.district.schools.legal)


def best_of(values: Sequence[Value], vacancies: float, rotation: float) -> tuple[float, float, int]:
    """The fewest vacancies; the least rotation short given no more than so many, the fewest moves given both."""
    held = [each for each in values if each.vacancies <= vacancies + 0.01]
    kept = [each for each in held if each.rotation <= rotation + 1e-6]
    return (
        min(each.vacancies for each in values),
        min((each.rotation for each in held), default=np.inf),
        min((each.moves for each in kept), default=-1),
    )


@pytest.mark.parametrize("seed", range(40))
def test_no_postings_are_better_than_those_found(seed: int) -> None:
    district, classes = draw_pool(Random(seed))
    values = list(every_plan(district, classes))
    posted = solve_posts(district, classes)
    if not values:
        assert posted.status in (Status.INFEASIBLE, Status.NO_PLAN)
        return
    assert posted.plan is not None, posted.status
    vacancies, rotation = posted.levels.get("vacancies", 0.0), posted.levels.get("rotation", 0.0)
    fewest, least, moves = best_of(values, vacancies, rotation)
    assert fewest - 0.01 <= vacancies <= fewest + NEAR
    assert rotation == pytest.approx(least)
    assert posted.levels.get("moves", 0) == moves
    best = {"vacancies": fewest, "rotation": least, "moves": moves}
    assert all(posted.bounds.get(name, 0.0) <= value + 0.01 for name, value in best.items())


def in_order(district: District, order: Sequence[LevelName]) -> District:
    """The district with other levels, or these in another order."""
    objective = district.settings.objective.model_copy(update={"order": order})
    return replace(district, settings=district.settings.model_copy(update={"objective": objective}))


def check_best(posted: Posted, tried: Sequence[Any], order: Sequence[str]) -> None:
    """Level by level nothing that is as good in those before is better, and no bound is above the best.

    Where nothing tried keeps the rules, there is no plan.
    """
    if not tried:
        assert posted.status in (Status.INFEASIBLE, Status.NO_PLAN)
        return
    assert posted.plan is not None, posted.status
    for name in order:
        found, slack = posted.levels.get(name, 0.0), NEAR if name == "vacancies" else 1e-6
        least = min(getattr(each, name) for each in tried)
        assert least - 0.01 <= found <= least + slack, name
        assert posted.bounds.get(name, 0.0) <= least + 0.01, name
        tried = [each for each in tried if getattr(each, name) <= found + 0.01]


@pytest.mark.parametrize("seed", range(40, 58))
def test_nor_in_another_order(seed: int) -> None:
    district, classes = draw_pool(Random(seed))
    order = ORDERS[seed % len(ORDERS)]
    district = in_order(district, order)
    check_best(solve_posts(district, classes), list(every_plan(district, classes)), order)


class TestLevels:
    """Two teachers at A, where one post is; one is at B and two are at C: with one move two are vacant, else three."""

    LESSONS = (("primary", "1", "chinese", 14.0, "subject"),)
    CLASSES = (("A", "primary", "1", 40, 1), ("B", "primary", "1", 40, 1), ("C", "primary", "1", 80, 2))

    def solve(self, **objective: Any) -> tuple[float, int]:
        schools = make_schools({"A": 0, "B": 1, "C": 2})
        district = make_pool([{}, {}], lessons=self.LESSONS, schools=schools, objective=objective)
        posted = solve_posts(district, self.CLASSES)
        return posted.vacancies, len(posted.moves)

    def test_vacancies_before_moves(self) -> None:
        assert self.solve() == (2, 1)

    def test_as_the_order_has_them(self) -> None:
        assert self.solve(order=["moves", "vacancies"]) == (3, 0)

    @pytest.mark.parametrize(
        ("tolerance", "expected"),
        [
            (0.49, (2, 1)),
            (0.5, (3, 0)),
        ],
    )
    def test_a_level_may_give_way_to_the_next_by_its_tolerance(self, tolerance: float, expected: Any) -> None:
        assert self.solve(tolerance={"vacancies": tolerance}) == expected

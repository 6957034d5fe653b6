"""The list of rules that a plan is judged by; every function that judges one enters itself here."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from models.district import Bools, Ints
from models.placement import Placement
from models.settings import Hardness, Settings
from models.staffed import Staffed


@dataclass(frozen=True)
class Breach:
    """One place where a rule does not hold; the fields are those of `models.run.Shortfall`."""

    stage: str
    where: str
    value: float
    limit: float
    unit: str
    breach: float
    kind: str = ""
    detail: str = ""
    before: float | None = None
    inherited: bool = False


Judge = Callable[[Placement], Iterable[Breach]]
StaffJudge = Callable[[Staffed], Iterable[Breach]]


@dataclass(frozen=True)
class Rule:
    """A rule by its name in `[rules]`, and the function that finds its breaches."""

    name: str
    judge: Judge
    never_soft: bool
    never_hard: bool
    of_staff: bool = False
    """Judges posts and postings, and needs no children with a way to school."""


RULES: list[Rule] = []


def rule(name: str, *, never_soft: bool = False, never_hard: bool = False) -> Callable[[Judge], Judge]:
    """Enter a function as a judge of the rule `name`; `never_soft` makes it hard wherever it is not off.

    `never_hard` is for what is a level of the objective and no rule.
    """

    def enter(judge: Judge) -> Judge:
        RULES.append(Rule(name, judge, never_soft, never_hard))
        return judge

    return enter


def staff_rule(name: str, *, never_hard: bool = False) -> Callable[[StaffJudge], StaffJudge]:
    """As `rule`, for a judge of the posts of a plan; a plan that says nothing of them breaks no such rule."""

    def enter(judge: StaffJudge) -> StaffJudge:
        def judge_posts(placement: Placement) -> Iterable[Breach]:
            return () if placement.staffed is None else judge(placement.staffed)

        RULES.append(Rule(name, judge_posts, never_soft=False, never_hard=never_hard, of_staff=True))
        return judge

    return enter


def count_by_school(staffed: Staffed, wrong: Bools, kind: str = "", *, at: Ints | None = None) -> Iterator[Breach]:
    """Yield how many teachers are `wrong` at each school: where they work today, recruits where they are posted.

    `at` names other schools. No breach names a person.
    """
    where = np.where(staffed.before >= 0, staffed.before, staffed.after) if at is None else at
    for school, count in zip(*np.unique(where[wrong], return_counts=True), strict=True):
        name = staffed.district.schools.ids[school] if school >= 0 else ""
        yield Breach("", name, int(count), 0, "teachers", int(count), kind)


def hardness_of(judged: Rule, settings: Settings) -> Hardness:
    """Return how hard a rule binds. One that `[rules]` does not name is about the tables themselves: always hard."""
    if judged.never_hard:
        return "soft"
    stated: Hardness = getattr(settings.rules, judged.name, "hard") or "off"
    return "hard" if judged.never_soft and stated == "soft" else stated

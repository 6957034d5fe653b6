"""The list of rules that a plan is judged by; every function that judges one enters itself here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from models.placement import Placement
from models.settings import Hardness, Settings


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


@dataclass(frozen=True)
class Rule:
    """A rule by its name in `[rules]`, and the function that finds its breaches."""

    name: str
    judge: Judge
    never_soft: bool
    never_hard: bool


RULES: list[Rule] = []


def rule(name: str, *, never_soft: bool = False, never_hard: bool = False) -> Callable[[Judge], Judge]:
    """Enter a function as a judge of the rule `name`; `never_soft` makes it hard wherever it is not off.

    `never_hard` is for what is a level of the objective and no rule.
    """

    def enter(judge: Judge) -> Judge:
        RULES.append(Rule(name, judge, never_soft, never_hard))
        return judge

    return enter


def hardness_of(judged: Rule, settings: Settings) -> Hardness:
    """Return how hard a rule binds. One that `[rules]` does not name is about the tables themselves: always hard."""
    if judged.never_hard:
        return "soft"
    stated: Hardness = getattr(settings.rules, judged.name, "hard") or "off"
    return "hard" if judged.never_soft and stated == "soft" else stated

"""What a plan breaks, rule by rule: in how many places, and how much of it in all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.run import Shortfall

COUNTED_TWICE = ("places", "school_size", "classrooms", "tracks")
"""Rules that a school may break as a whole and in a stage by the same children: the largest breach counts."""


@dataclass(frozen=True)
class Total:
    """A hard rule that is broken."""

    rule: str
    kind: str
    """Which of the rule's sentences says it; "" for the plain one."""
    unit: str
    """What `total` counts: children, classes where rooms are short, or the student-km of a ceiling."""
    total: float
    places: tuple[tuple[str, float, float], ...]
    """Where (unit or school), how much there, and the value of the rule there; the most first."""


def sum_breaches(shortfalls: Sequence[Shortfall]) -> tuple[Total, ...]:
    """Return what the new hard breaches among some shortfalls add up to, in the order in which rules are met."""
    found: dict[tuple[str, str], list[Shortfall]] = {}
    for each in shortfalls:
        if each.is_fault:
            found.setdefault((each.rule, each.kind), []).append(each)
    return tuple(_sum(rule, kind, of) for (rule, kind), of in found.items())


def _sum(rule: str, kind: str, breaches: list[Shortfall]) -> Total:
    places = tuple(sorted(_by_place(rule, breaches), key=lambda place: -place[1]))
    unit = breaches[0].unit if breaches[0].unit in ("classes", "student_km") else "students"
    return Total(rule, kind, unit, sum(breach for _, breach, _ in places), places)


def _by_place(rule: str, breaches: list[Shortfall]) -> Iterator[tuple[str, float, float]]:
    for where in dict.fromkeys(each.where for each in breaches):
        here = [each for each in breaches if each.where == where]
        amounts = [float(each.breach) for each in here]
        yield where, max(amounts) if rule in COUNTED_TWICE else sum(amounts), max(float(each.value) for each in here)

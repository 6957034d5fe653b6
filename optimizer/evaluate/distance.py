"""How far a drawn plan is from the best possible: level by level, beside the best plan known and what bounds it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import pandas as pd

from models.diagnosis import Count
from models.plan import Plan
from optimizer.diagnose.attempt import Attempt, Case, attempt
from optimizer.digest import Exhibit
from optimizer.solve import Effort

GAP = 1e-4
"""Relative gap at which a level counts as proved."""
SAME = 1e-3
"""Differences below it do not count: a metre for one child."""


@dataclass(frozen=True)
class Best:
    """The best plan known for the children of an instance, and what no plan that keeps every hard rule undercuts."""

    possible: bool | None
    """None: neither a plan nor a proof was found in time."""
    levels: tuple[tuple[str, float, float], ...] = ()
    """Name, value and bound, in order; a bound holds for plans as good in the levels before. -inf: unknown."""
    counts: tuple[Count, ...] = ()
    """Sums that no plan can meet."""
    catchments: pd.DataFrame | None = None
    """Of that plan, columns CATCHMENT_COLUMNS."""


@dataclass(frozen=True)
class Distance:
    """One level of a drawn plan beside the best."""

    level: str
    drawn: float
    best: float | None
    """None where nothing in the instance can change the level, or nothing is known."""
    bound: float | None
    holds: bool
    """Whether the bound speaks of plans like this one, known to be no worse than the best in every level before."""

    @property
    def at_most(self) -> float | None:
        """How far from the best possible it is at most, in the unit of the level; below 0: less than any plan may."""
        return None if self.bound is None or not self.holds else self.drawn - self.bound


def find_best(case: Case, start: Exhibit, effort: Effort) -> Best:
    """Return the best plan found within an effort, which begins from a drawn one."""
    assert start.basis is not None
    return best_of(attempt(case, effort, gap=GAP, start=start.basis.plan))


def best_of(made: Attempt) -> Best:
    """Return what an attempt found."""
    levels = tuple((level.name, level.value, level.bound) for level in made.outcome.levels)
    plan = made.plan
    return Best(made.possible, levels if made.possible else (), made.counts, None if plan is None else plan.catchments)


def best_in(record: Mapping[str, Any], plan: Plan | None = None) -> Best:
    """Return what a stored run of the same question says, and its plan; a bound that is not known is -inf.

    So is every bound of a run that held what was edited in a draft: it speaks of the part that was open.
    """
    held = bool((record.get("revision") or {}).get("scope"))
    told = [(level["name"], level["value"], None if held else level["bound"]) for level in record["levels"]]
    levels = tuple((name, value, -math.inf if bound is None else bound) for name, value, bound in told)
    return Best(True, levels, catchments=None if plan is None else plan.catchments)


def measure_distances(exhibit: Exhibit, best: Best) -> tuple[Distance, ...]:
    """Return every level of a drawn plan beside the best; nothing without one.

    Where the best was held to a level that nobody counts of a drawn plan, such as that of a draft or of later years,
    the bounds of the levels that follow do not speak of it.
    """
    if not best.possible:
        return ()
    drawn = {level["name"]: level["value"] for level in exhibit.record["levels"]}
    known = {name: (value, bound) for name, value, bound in best.levels}
    likened = set(takewhile(drawn.__contains__, known)) | (drawn.keys() - known.keys())
    distances: list[Distance] = []
    for name, reached in drawn.items():
        value, bound = known.get(name, (None, -math.inf))
        told = bound if math.isfinite(bound) else None
        distances.append(Distance(name, reached, value, told, name in likened and not _is_worse(distances)))
    return tuple(distances)


def _is_worse(before: Sequence[Distance]) -> bool:
    return any(each.best is not None and each.drawn > each.best + SAME for each in before)

"""A repair in the making: what an override would change, before it was solved again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.diagnosis import Count
from models.district import Ints
from models.settings import merge
from optimizer.diagnose.attempt import ANY, Attempt, Case, attempt
from optimizer.diagnose.spread import Lack
from optimizer.formulation.draft import Eased
from optimizer.formulation.formulate import EVERYWHERE
from optimizer.solve import Effort

ROOM_RULES = ("places", "classrooms", "tracks")
"""Rules about what a school has room for."""
MINIMAL = 1e-3
"""Relative gap within which the least of a lever is sought; a whole child or class closes it as well."""


@dataclass(frozen=True)
class Draft:
    """An override that should make a plan possible."""

    lever: str
    patch: Mapping[str, Any]
    amount: float
    unit: str
    facts: Mapping[str, object] = field(default_factory=dict)
    least: float = 0.0
    """With less of this lever alone no plan exists."""
    sized: "Callable[[float], Draft] | None" = None
    """The same between the least that may be enough (0) and what surely should be (1)."""


@dataclass(frozen=True)
class Scene:
    """A case without a plan, and where it is short."""

    case: Case
    rules: frozenset[str]
    """Rules in force."""
    counts: tuple[Count, ...]
    lack: Lack | None
    """What all schools together must be given, as far as a relaxation tells."""
    wanted: tuple[int, ...]
    """Rows of the schools at which something is short, most first; then others that its children could go to."""
    effort: Effort

    def try_out(
        self, settings: Mapping[str, Any], *, eased: Eased = EVERYWHERE, gap: float = MINIMAL, case: Case | None = None
    ) -> Attempt:
        """Attempt the case with other settings, or another case with them."""
        posed = (case or self.case).posed(settings) if settings else (case or self.case)
        return attempt(posed, self.slice(), gap=gap, eased=eased)

    def holds(self, settings: Mapping[str, Any]) -> bool:
        """Whether some plan was found under other settings."""
        return bool(self.try_out(settings, gap=ANY).possible)

    def slice(self, part: float = 1.0) -> Effort:
        """The effort of one attempt, or a part of it."""
        return Effort(min(part * self.case.slice_s, self.effort.left_s), None, self.effort.stopped)

    @property
    def over(self) -> bool:
        """Whether time is over."""
        return self.effort.over

    def near(self, rows: Ints) -> list[int]:
        """Return some schools, nearest to those that are wanted first."""
        schools = self.case.district.schools
        if not len(rows) or not self.wanted:
            return [int(row) for row in rows]
        first = list(self.wanted[:3])
        lon, lat = np.nanmean(schools.lon[first]), np.nanmean(schools.lat[first])
        squeezed = np.cos(np.radians(lat))
        far = np.hypot((schools.lon[rows] - lon) * squeezed, schools.lat[rows] - lat)
        return [int(row) for row in rows[np.argsort(far, kind="stable")]]


Lever = Callable[[Scene], Iterator[Draft]]


def least_that(holds: Callable[[int], bool], low: int, high: int) -> int | None:
    """Return the least number from `low` to `high` that holds, by halving; None where not even `high` does."""
    if high < low or not holds(high):
        return None
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return high


def in_order(order: list[str]) -> dict[str, Any]:
    """Settings that minimise some levels alone."""
    return {"objective": {"order": order}}


def together(*settings: Mapping[str, Any]) -> dict[str, Any]:
    """Lay settings over each other."""
    merged: dict[str, Any] = {}
    for each in settings:
        merged = merge(merged, each)
    return merged

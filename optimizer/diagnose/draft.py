"""A repair in the making: what an override would change, before it was solved again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from models.diagnosis import Count
from models.district import Ints
from models.plan import Plan
from models.settings import LevelName
from optimizer.diagnose.attempt import FAIR, Attempt, Case, attempt
from optimizer.diagnose.spread import Lack
from optimizer.solve import Effort

ROOM_RULES = ("places", "classrooms", "tracks")
"""Rules about what a school has room for."""


Told = tuple[float, Mapping[str, object]]
"""An amount, and the facts of a sentence."""


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
    made: Attempt | None = None
    """A plan that was found with it already."""
    tell: "Callable[[Attempt, Plan], Told] | None" = None
    """How much of it the plan uses that is told of in the end, where the patch does not say so."""
    last_resort: bool = False
    """Worth trying only where no other of its lever is enough."""
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

    def find(self, settings: Mapping[str, Any]) -> Attempt | None:
        """Return some plan under other settings; None where none was found soon."""
        made = None if self.over else attempt(self.case.posed(settings), self.slice())
        return made if made is not None and made.possible else None

    def minimise(self, settings: Mapping[str, Any], order: Sequence[LevelName], gap: float) -> Attempt | None:
        """Return a plan under other settings that is good in some levels, as far as there is time; None without any."""
        found = self.find(settings)
        if found is None:
            return None
        posed = found.case.posed({"objective": {"order": list(order)}})
        better = None if self.over else attempt(posed, self.slice(), gap=gap, start=found.plan)
        return better if better is not None and better.possible else replace(found, case=posed)

    def go_on(self, settings: Mapping[str, Any], found: Attempt) -> Attempt | None:
        """Return a fair plan under other settings, from one that was found under others still."""
        made = None if self.over else attempt(self.case.posed(settings), self.slice(), gap=FAIR, start=found.plan)
        return made if made is not None and made.possible else None

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


def least_that(find: Callable[[int], Attempt | None], low: int, high: int) -> tuple[int, Attempt] | None:
    """Return the least number from `low` to `high` with a plan, and that, by halving; None where `high` has none."""
    made = find(high) if high >= low else None
    if made is None:
        return None
    while low < high:
        middle = (low + high) // 2
        found = find(middle)
        if found is not None:
            high, made = middle, found
        else:
            low = middle + 1
    return high, made

"""Plans beside each other: which do not dominate each other, what no plan can undercut, and where the curve bends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from models.district import Floats
from models.settings import LevelName
from optimizer.tradeoff.question import Question

Standing = Literal["on", "equal", "dominated", "short", "none"]
"""On the curve; the same as another; worse in every level that is weighed; short in a level before them; no plan."""
NEAR: Mapping[str, float] = {"travel": 1e-3, "vacancies": 1e-2, "rotation": 1e-2, "balance": 1e-4}
"""Differences that do not count; of whole children, classes and teachers half of one."""
BENT = 0.02
"""Distance from the line between the ends, both axes being of length 1, from which on a curve has a knee."""


@dataclass(frozen=True)
class Spot:
    """What came of one task: the plan that it found, in the levels of the objective."""

    name: str
    """Of the folder of its run."""
    status: str
    ceilings: Mapping[LevelName, float] = field(default_factory=dict)
    leads: LevelName | None = None
    """The level that goes first, at an end of the curve."""
    values: Mapping[str, float] = field(default_factory=dict)
    """By level; empty without a plan."""
    bounds: Mapping[str, float] = field(default_factory=dict)
    gap: float = float("nan")
    mean_m: float = float("nan")

    def value(self, level: LevelName) -> float:
        """Return what a level comes to: 0 where nothing in the district counts in it."""
        return self.values.get(level, 0.0)

    def ceiling(self, level: LevelName) -> float:
        """Return what a level could come to at most: where it went first what it came to, since that was held."""
        return self.value(level) if self.leads == level else self.ceilings.get(level, np.inf)


@dataclass(frozen=True)
class Knee:
    """Where the curve bends most: until here each step brings much, beyond it little."""

    spot: Spot
    distance: float
    until: float
    """Units of the minimised level that each unit of the other saves, from the tight end to the knee."""
    beyond: float
    """And from the knee to the other end."""


@dataclass(frozen=True)
class Curve:
    """All spots of a question."""

    question: Question
    spots: tuple[Spot, ...]

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """How each spot stands to the others."""
        judged: list[Standing] = []
        for row, spot in enumerate(self.spots):
            if not spot.values:
                judged.append("none")
            elif self._is_short(spot):
                judged.append("short")
            elif any(self._beats(other, spot) for other in self.comparable):
                judged.append("dominated")
            elif any(self._equal(other, spot) for other in self.spots[:row] if other in self.comparable):
                judged.append("equal")
            else:
                judged.append("on")
        return tuple(judged)

    @cached_property
    def frontier(self) -> tuple[Spot, ...]:
        """Spots on the curve, by the levels with a ceiling."""
        on = [spot for spot, standing in zip(self.spots, self.standings, strict=True) if standing == "on"]
        return tuple(sorted(on, key=lambda spot: [spot.value(level) for level in self.question.levels]))

    @cached_property
    def comparable(self) -> list[Spot]:
        """Spots with a plan that is as good as any in the levels before those weighed."""
        return [spot for spot in self.spots if spot.values and not self._is_short(spot)]

    @property
    def open_ends(self) -> list[LevelName]:
        """Levels of which no comparable plan is known where they go first, although there is a comparable plan."""
        led = {spot.leads for spot in self.comparable}
        return [level for level in self.question.levels if level not in led] if self.comparable else []

    def _is_short(self, spot: Spot) -> bool:
        """Whether a level that goes before those weighed is worse than in the best plan of all."""
        own = [spot.value(level) for level in self.question.before]
        best = min([other.value(level) for level in self.question.before] for other in self.spots if other.values)
        nears = [near(level) for level in self.question.before]
        for mine, least, step in zip(own, best, nears, strict=True):
            if abs(mine - least) > step:
                return mine > least
        return False

    def _beats(self, other: Spot, spot: Spot) -> bool:
        """Whether a spot is nowhere worse than another, and somewhere better."""
        apart = [(other.value(level) - spot.value(level), near(level)) for level in self.question.levels]
        return all(by <= step for by, step in apart) and any(by < -step for by, step in apart)

    def _equal(self, other: Spot, spot: Spot) -> bool:
        return all(abs(other.value(level) - spot.value(level)) <= near(level) for level in self.question.levels)

    def least(self, ceilings: Mapping[LevelName, float]) -> float:
        """Return what no plan below some ceilings can undercut in the minimised level, by all that was proved.

        What holds below loose ceilings holds below tight ones too.
        """
        proved = [
            spot.bounds.get(self.question.minimised, 0.0)
            for spot in self.comparable
            if all(spot.ceiling(level) >= ceilings[level] - near(level) for level in self.question.capped)
        ]
        return max(proved, default=0.0)

    def edge(self, level: LevelName) -> float:
        """Return what no plan can undercut in a level with a ceiling: what was proved where it went first."""
        return max((spot.bounds.get(level, 0.0) for spot in self.comparable if spot.leads == level), default=0.0)

    @property
    def is_flat(self) -> bool:
        """Whether one plan is proved to be the best in every level that is weighed."""
        minimised = self.question.minimised
        least = {level: self.edge(level) for level in self.question.capped}
        least[minimised] = self.least(dict.fromkeys(self.question.capped, np.inf))
        return any(
            all(spot.value(level) - least[level] <= near(level) for level in self.question.levels)
            for spot in self.frontier
        )

    @cached_property
    def knee(self) -> Knee | None:
        """The spot of the curve that is farthest below the line (the plane) through its ends; None where it hardly
        bends (Das, On characterizing the "knee" of the Pareto curve, Structural Optimization 18, 1999)."""
        frontier = self.frontier
        if len(frontier) < 3:
            return None
        values = np.array([[spot.value(level) for level in self.question.levels] for spot in frontier])
        low, span = values.min(axis=0), np.ptp(values, axis=0)
        if not span.all():
            return None
        distances = _below_the_ends((values - low) / span)
        row = int(np.argmax(distances))
        if distances[row] < BENT:
            return None
        until, beyond = _slopes(values, row) if len(self.question.capped) == 1 else (np.nan, np.nan)
        return Knee(frontier[row], float(distances[row]), until, beyond)


def near(level: LevelName) -> float:
    """Return the difference in a level that does not count."""
    return NEAR.get(level, 0.5)


def _below_the_ends(scaled: Floats) -> Floats:
    """How far each row lies on the side of the origin of the plane through the best row of every column."""
    ends = scaled[np.argmin(scaled, axis=0)]
    try:
        normal = np.linalg.solve(ends, np.ones(len(ends)))
    except np.linalg.LinAlgError:
        normal = np.ones(len(ends))
    return np.asarray((1.0 - scaled @ normal) / np.linalg.norm(normal))


def _slopes(values: Floats, row: int) -> tuple[float, float]:
    """What a unit of the first column saves of the second, before and beyond a row."""
    (c0, m0), (c1, m1), (c2, m2) = values[0], values[row], values[-1]
    return float((m0 - m1) / (c1 - c0)), float((m1 - m2) / (c2 - c1))


def find_beginning(curve: Curve, leads: LevelName | None, ceilings: Mapping[LevelName, float]) -> str:
    """Return the name of the spot from whose plan to begin: the lowest in the level that leads (the minimised one where
    none does) of those that keep the ceilings; "" where none does."""
    keeping = [
        spot for spot in curve.comparable if all(spot.value(level) <= most + 1e-9 for level, most in ceilings.items())
    ]
    lowest = leads or curve.question.minimised
    return min(keeping, key=lambda spot: spot.value(lowest)).name if keeping else ""

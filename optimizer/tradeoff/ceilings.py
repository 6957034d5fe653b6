"""Which ceilings to ask next: where the curve is known least."""

from collections.abc import Mapping, Sequence
from itertools import pairwise, product

import numpy as np

from models.district import Floats
from models.settings import LevelName
from optimizer.tradeoff.curve import Curve, Spot, near
from optimizer.tradeoff.question import Question

IN_PARTS: tuple[LevelName, ...] = ("travel", "vacancies", "rotation", "balance")
"""Levels that are no whole numbers."""
FINEST = 0.01
"""Steps of a ceiling in parts, as a share of the whole range, below which nothing is asked."""


def next_ceilings(curve: Curve, count: int, most: int) -> list[dict[LevelName, float]]:
    """Return at most `count` ceilings to ask next, of `most` in all; none where nothing is left to ask."""
    if not curve.frontier:
        return []
    if len(curve.question.capped) == 1:
        return _between(curve, count)
    return _scattered(curve, count, most)


def _between(curve: Curve, count: int) -> list[dict[LevelName, float]]:
    """Ceilings in the largest boxes between neighbours of the curve, each box being halved.

    A plan below any ceiling between two neighbours lies in their box. What is asked in one go is spread evenly: a box
    that was halved counts as two on the line between its corners.
    """
    (level,), low = curve.question.capped, curve.question.minimised
    corners = [(spot.value(level), spot.value(low)) for spot in curve.frontier]
    asked = [spot.ceilings[level] for spot in curve.spots if level in spot.ceilings]
    chosen: list[float] = []
    step = _step(level, corners[-1][0] - corners[0][0])
    boxes = [_Box(*left, *right) for left, right in pairwise(corners)]
    boxes = [box.from_ceiling(max([c for c in asked if box.left <= c < box.right], default=box.left)) for box in boxes]
    while len(chosen) < count:
        room = [box for box in boxes if box.right - box.left >= 2 * step - 1e-9]
        if not room:
            break
        box = max(room, key=lambda each: each.area)
        middle = _rounded(level, (box.left + box.right) / 2)
        boxes.remove(box)
        boxes += box.split(middle)
        chosen.append(middle)
    return [{level: ceiling} for ceiling in sorted(chosen)]


class _Box:
    """What lies between two neighbours: to the right of one and above the other."""

    def __init__(self, left: float, top: float, right: float, bottom: float) -> None:
        self.left, self.top, self.right, self.bottom = left, top, right, bottom

    @property
    def area(self) -> float:
        """In the units of both levels."""
        return (self.right - self.left) * (self.top - self.bottom)

    def from_ceiling(self, left: float) -> "_Box":
        """Return the box with its left side where a ceiling was asked that brought nothing."""
        return _Box(left, self.top, self.right, self.bottom)

    def split(self, middle: float) -> tuple["_Box", "_Box"]:
        """Return the two boxes on the line between its corners."""
        share = (middle - self.left) / (self.right - self.left)
        height = self.top + share * (self.bottom - self.top)
        return _Box(self.left, self.top, middle, height), _Box(middle, height, self.right, self.bottom)


def _scattered(curve: Curve, count: int, most: int) -> list[dict[LevelName, float]]:
    """Of the product of ceilings those farthest from all that was asked; not what another plan answers already."""
    question = curve.question
    values = np.array([[spot.value(level) for level in question.capped] for spot in curve.frontier])
    low, span = values.min(axis=0), np.ptp(values, axis=0)
    parts = max(2, int(np.ceil(np.sqrt(most))))
    ranges = [np.linspace(low[k], low[k] + span[k], parts + 1) for k in range(len(question.capped))]
    rounded = [
        sorted({_rounded(level, float(ceiling)) for ceiling in steps})
        for level, steps in zip(question.capped, ranges, strict=True)
    ]
    candidates = [dict(zip(question.capped, each, strict=True)) for each in product(*rounded)]
    taken = [_place(_standing(spot, question, low + span), question, low, span) for spot in curve.spots]
    open_ones = [each for each in candidates if not _is_answered(curve.spots, question, each)]
    chosen: list[dict[LevelName, float]] = []
    while open_ones and len(chosen) < count:
        places = np.array([_place(each, question, low, span) for each in open_ones])
        apart = np.min(np.linalg.norm(places[:, None, :] - np.array(taken)[None, :, :], axis=-1), axis=1)
        row = int(np.argmax(apart))
        taken.append(places[row])
        chosen.append(open_ones.pop(row))
    return chosen


def _standing(spot: Spot, question: Question, highest: Floats) -> dict[LevelName, float]:
    """Where a spot was asked: at its ceilings; without a ceiling at the top of the range."""
    return {level: float(min(spot.ceiling(level), high)) for level, high in zip(question.capped, highest, strict=True)}


def _place(ceilings: Mapping[LevelName, float], question: Question, low: Floats, span: Floats) -> Floats:
    values = np.array([ceilings[level] for level in question.capped])
    return np.asarray((values - low) / np.where(span > 0, span, 1.0))


def _is_answered(spots: Sequence[Spot], question: Question, ceilings: Mapping[LevelName, float]) -> bool:
    """Whether a plan below looser ceilings keeps these too, or there was none below looser ones."""
    looser = [spot for spot in spots if all(spot.ceiling(level) >= ceilings[level] - 1e-9 for level in question.capped)]
    return any(
        not spot.values or all(spot.value(level) <= ceilings[level] + 1e-9 for level in question.capped)
        for spot in looser
    )


def _step(level: LevelName, span: float) -> float:
    """The smallest step between two ceilings."""
    return max(FINEST * span, near(level)) if level in IN_PARTS else 1.0


def _rounded(level: LevelName, ceiling: float) -> float:
    return round(ceiling, 6) if level in IN_PARTS else float(np.floor(ceiling + 1e-9))

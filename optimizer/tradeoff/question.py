"""Which levels are weighed against each other: the one that is minimised, those that get ceilings, and the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from models.settings import STAFF_LEVELS, LevelName

MOST_LEVELS = 3
LEVELS: tuple[LevelName, ...] = get_args(LevelName)


class UnclearTradeoff(ValueError):
    """Levels that cannot be weighed against each other; `why` names the sentence that says so."""

    def __init__(self, why: str, **facts: object) -> None:
        super().__init__(why)
        self.why = why
        self.facts = facts


@dataclass(frozen=True)
class Question:
    """The levels of a trade-off among all levels of the objective."""

    before: tuple[LevelName, ...]
    """Held first, and exactly: plans that give some of them up cannot be weighed against those that do not."""
    minimised: LevelName
    capped: tuple[LevelName, ...]
    """May be at most this and that, while the other is minimised."""
    after: tuple[LevelName, ...]

    @property
    def levels(self) -> tuple[LevelName, ...]:
        """Those weighed against each other, the minimised one last."""
        return (*self.capped, self.minimised)

    @property
    def posts(self) -> bool:
        """Whether posts are weighed, and not children."""
        return self.minimised in STAFF_LEVELS

    def first(self, level: LevelName) -> dict[str, Any]:
        """Return the override under which a level goes before the others."""
        others = [each for each in (self.minimised, *self.capped) if each != level]
        return self._patch([level, *others], {})

    def below(self, ceilings: Mapping[LevelName, float]) -> dict[str, Any]:
        """Return the override under which the minimised level is as low as can be below ceilings of the others."""
        return self._patch([self.minimised, *self.capped], ceilings)

    def _patch(self, weighed: Sequence[LevelName], ceilings: Mapping[LevelName, float]) -> dict[str, Any]:
        order = [*self.before, *weighed, *self.after]
        exact = dict.fromkeys((*self.before, *self.levels), 0.0)
        return {"objective": {"order": order, "tolerance": exact, "at_most": dict(ceilings)}}


def read_levels(stated: Sequence[str]) -> tuple[LevelName, ...]:
    """Return the levels that are named, each once. Raises UnclearTradeoff."""
    names = list(dict.fromkeys(part.strip() for text in stated for part in text.split(",") if part.strip()))
    known: dict[str, LevelName] = {level: level for level in LEVELS}
    for name in names:
        if name not in known:
            raise UnclearTradeoff("unknown", found=name)
    if not 2 <= len(names) <= MOST_LEVELS:
        raise UnclearTradeoff("count" if len(names) > 1 else "one", count=len(names), most=MOST_LEVELS)
    if len({name in STAFF_LEVELS for name in names}) > 1:
        posts, children = (tuple(name for name in names if (name in STAFF_LEVELS) is staff) for staff in (True, False))
        raise UnclearTradeoff("mixed", posts=posts, children=children)
    return tuple(known[name] for name in names)


def ask(levels: Sequence[LevelName], order: Sequence[LevelName]) -> Question:
    """Return the question of some levels, `order` being that of the instance.

    Minimised is the travel where it is among them, since everything else comes in whole children or classes, else the
    level named last. Levels that the order lacks come where the first of the others stands.
    """
    minimised = "travel" if "travel" in levels else levels[-1]
    own = [level for level in order if (level in STAFF_LEVELS) == (minimised in STAFF_LEVELS)]
    places = [own.index(level) for level in levels if level in own]
    first = min(places, default=len(own))
    return Question(
        before=tuple(own[:first]),
        minimised=minimised,
        capped=tuple(level for level in levels if level != minimised),
        after=tuple(level for level in own[first:] if level not in levels),
    )

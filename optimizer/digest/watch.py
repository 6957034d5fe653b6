"""Schools to watch, and why: no order of merit, a school is named for what somebody has to do there."""

from collections.abc import Iterator
from dataclasses import dataclass

from models.run import Shortfall
from optimizer.digest.exhibit import Exhibit
from optimizer.digest.years import list_ahead

MOST = 8
SOON = 2
"""Years after that of the plan within which places are short for the first time."""
LEAST_VACANT = 0.5
"""Posts vacant at a school below which nobody need be found."""
_RANKS = {"new": 0, "ahead": 1, "inherited": 1, "posts": 2}
"""Kinds of reasons, what presses most first; of two that rank alike the larger."""


@dataclass(frozen=True)
class Reason:
    """Why a school is to be watched; `kind` is one of `new`, `inherited`, `ahead` and `posts`."""

    kind: str
    weight: float
    """Of two of a kind, the larger comes first: children, classes or posts."""
    shortfall: Shortfall | None = None
    """Of the kinds `new` and `inherited`."""
    stage: str = ""
    year: int = 0
    """Of the kind `ahead`: the first year in which places are short, `weight` being how many in the worst."""


@dataclass(frozen=True)
class Watched:
    """A school and all its reasons, what presses most first."""

    school_id: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Watch:
    """At most so many schools, in the order of the table of schools, and how many more have a reason."""

    schools: tuple[Watched, ...]
    more: int


def find_watched(exhibit: Exhibit, most: int = MOST) -> Watch:
    """Return the schools that call for a measure."""
    reasons: dict[str, list[Reason]] = {}
    for school, reason in _reasons(exhibit):
        reasons.setdefault(school, []).append(reason)
    watched = [Watched(school, tuple(sorted(found, key=_press))) for school, found in reasons.items()]
    chosen = sorted(watched, key=lambda each: (_press(each.reasons[0]), each.school_id))[:most]
    place = {school: row for row, school in enumerate(exhibit.school_names)}
    chosen.sort(key=lambda each: place.get(each.school_id, len(place)))
    return Watch(tuple(chosen), len(watched) - len(chosen))


def _press(reason: Reason) -> tuple[int, float]:
    return _RANKS[reason.kind], -reason.weight


def _reasons(exhibit: Exhibit) -> Iterator[tuple[str, Reason]]:
    known = exhibit.school_names
    for shortfall in exhibit.stored.shortfalls:
        if shortfall.where in known:
            weight = shortfall.breach or abs(shortfall.value - shortfall.limit)
            kind = "inherited" if shortfall.inherited else "new"
            yield shortfall.where, Reason(kind, weight, shortfall, shortfall.stage)
    yield from _ahead(exhibit)
    posts = exhibit.stored.tables.get("posts")
    if posts is not None:
        vacant = posts.groupby("school_id")["vacant"].sum()
        for school, number in vacant[vacant >= LEAST_VACANT].items():
            yield str(school), Reason("posts", float(number))


def _ahead(exhibit: Exhibit) -> Iterator[tuple[str, Reason]]:
    """Schools whose catchment will soon hold more children than places; of a shared one, each."""
    table = list_ahead(exhibit)
    soon = table[(table["first_short_year"] <= exhibit.record["year"] + SOON) & (table["school_id"] != "")]
    for (joined, stage), rows in soon.groupby(["school_id", "stage"], sort=False):
        for school in str(joined).split("+"):
            yield (
                school,
                Reason("ahead", float(rows["gap"].max()), stage=str(stage), year=int(rows["first_short_year"].iloc[0])),
            )

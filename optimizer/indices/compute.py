"""From a plan to the table of its indices."""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from models.district import District, Travel
from models.placement import Placement, place_staff
from models.plan import Plan
from models.run import INDEX_COLUMNS
from models.sentences import Language, say
from optimizer.indices import (
    admission,
    balance,
    change,
    classes,
    journeys,
    places,
    rotation,
    shape,
    small_classes,
    staffing,
)
from optimizer.indices.registry import INDICES, Better, Index, View, no_target
from optimizer.recheck.pools import pools_of

_SMALL_CLASSES = re.compile(r"small_classes_(\d+)((?:_all|_decided)?_share|_year)")
_LESSONS_SHORT = re.compile(r"lessons_short_(\w+)")
_STAFF_PER_CLASS = re.compile(r"staff_per_class_(\d+)")
_OF_CHILDREN = [topic.__name__ for topic in (journeys, places, classes, small_classes, admission, change, shape)]
_OF_STAFF = [topic.__name__ for topic in (staffing, rotation, balance)]


def compute_indices(district: District, travel: Travel, plan: Plan) -> pd.DataFrame:
    """Return the indices of a plan, columns INDEX_COLUMNS, topic by topic.

    `scope` is `district`, a school id or the name of a pool of posts, `stage` "" for all stages together. `target` is
    NaN and `passes` "" where the policy states none, else `passes` is "true" or "false". Questions the district does
    not ask have no row.
    """
    return _compute(Placement(district, travel, plan), [*_OF_CHILDREN, *_OF_STAFF])


def compute_staff_indices(district: District, plan: Plan) -> pd.DataFrame:
    """As `compute_indices`, of a plan that speaks of posts alone: its classes are given, and no child is placed."""
    return _compute(place_staff(district, plan), _OF_STAFF)


def compute_judged(placement: Placement) -> pd.DataFrame:
    """As `compute_indices`, of children alone and only the indices that may pass or fail: quick enough to try moves."""
    return _compute(placement, _OF_CHILDREN, judged_alone=True)


def _compute(placement: Placement, topics: list[str], *, judged_alone: bool = False) -> pd.DataFrame:
    """Topics of staff are left out where the plan says nothing of posts."""
    topics = topics if placement.staffed else [topic for topic in topics if topic not in _OF_STAFF]
    listed = [
        *INDICES.values(),
        *small_classes.small_class_indices(placement.district.settings.policy),
        *staffing.staffing_indices(placement),
    ]
    asked = [index for index in listed if index.compute.__module__ in topics]
    asked = [index for index in asked if not judged_alone or index.target is not no_target]
    asked.sort(key=lambda index: topics.index(index.compute.__module__))
    rows = [row for index in asked for view in _views(placement, index) for row in _rows(index, view)]
    return pd.DataFrame(rows, columns=list(INDEX_COLUMNS))


def _views(placement: Placement, index: Index) -> Iterator[View]:
    stages = tuple(placement.district.settings.instance.stages)
    if index.scope in ("overall", "pool"):
        yield View(placement, stages, "")
    if index.scope != "pool":
        yield from (View(placement, (stage,), stage) for stage in stages)


def _rows(index: Index, view: View) -> Iterator[tuple[object, ...]]:
    district, target = view.placement.district, index.target(view)
    ids = {"school": district.schools.ids, "pool": pools_of(district)}.get(index.scope, ("district",))
    targets = np.broadcast_to(np.nan if target is None else target, len(ids)).tolist()
    for scope, value, held_to in zip(ids, np.atleast_1d(index.compute(view)), targets, strict=True):
        if not np.isnan(value):
            passes = index.passes(value, None if np.isnan(held_to) else held_to)
            verdict = {True: "true", False: "false", None: ""}[passes]
            yield (index.code, scope, view.stage, float(value), index.unit, held_to, verdict)


def title_of(code: str, language: Language = "en") -> str:
    """Return the title of an index. Raises KeyError for a code that is none."""
    small = _SMALL_CLASSES.fullmatch(code)
    if small:
        return say(f"indices.small_classes{small[2]}", {"size": small[1]}, language)
    short, left = _LESSONS_SHORT.fullmatch(code), _STAFF_PER_CLASS.fullmatch(code)
    if short:
        return say("indices.lessons_short", {"subject": say(f"subjects.{short[1]}", language=language)}, language)
    if left:
        return say("indices.staff_per_class", {"size": left[1]}, language)
    return say(f"indices.{code}", language=language)


def better_of(code: str) -> Better:
    """Return in which direction an index gets better; `neither` for a code that is none."""
    small = _SMALL_CLASSES.fullmatch(code)
    if small:
        return "neither" if small[2] == "_year" else "higher"
    if _STAFF_PER_CLASS.fullmatch(code):
        return "higher"
    if _LESSONS_SHORT.fullmatch(code):
        return "lower"
    return INDICES[code].better if code in INDICES else "neither"

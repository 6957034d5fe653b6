"""From a plan to the table of its indices."""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from models.district import District, Travel
from models.placement import Placement
from models.plan import Plan
from models.run import INDEX_COLUMNS
from models.sentences import Language, say
from optimizer.indices import admission, change, classes, journeys, places, shape, small_classes
from optimizer.indices.registry import INDICES, Index, View

_SMALL_CLASSES = re.compile(r"small_classes_(\d+)((?:_all|_decided)?_share|_year)")
_TOPICS = [topic.__name__ for topic in (journeys, places, classes, small_classes, admission, change, shape)]


def compute_indices(district: District, travel: Travel, plan: Plan) -> pd.DataFrame:
    """Return the indices of a plan, columns INDEX_COLUMNS, topic by topic.

    `scope` is `district` or a school id, `stage` "" for all stages together. `target` is NaN and `passes` "" where
    the policy states none, else `passes` is "true" or "false". Questions the district does not ask have no row.
    """
    placement = Placement(district, travel, plan)
    listed = [*INDICES.values(), *small_classes.small_class_indices(district.settings.policy)]
    listed.sort(key=lambda index: _TOPICS.index(index.compute.__module__))
    rows = [row for index in listed for view in _views(placement, index) for row in _rows(index, view)]
    return pd.DataFrame(rows, columns=list(INDEX_COLUMNS))


def _views(placement: Placement, index: Index) -> Iterator[View]:
    stages = tuple(placement.district.settings.instance.stages)
    if index.scope == "overall":
        yield View(placement, stages, "")
    yield from (View(placement, (stage,), stage) for stage in stages)


def _rows(index: Index, view: View) -> Iterator[tuple[object, ...]]:
    target = index.target(view)
    ids = view.placement.district.schools.ids if index.scope == "school" else ("district",)
    for scope, value in zip(ids, np.atleast_1d(index.compute(view)), strict=True):
        if not np.isnan(value):
            verdict = {True: "true", False: "false", None: ""}[index.passes(value, target)]
            shown = np.nan if target is None else target
            yield (index.code, scope, view.stage, float(value), index.unit, shown, verdict)


def title_of(code: str, language: Language = "en") -> str:
    """Return the title of an index. Raises KeyError for a code that is none."""
    small = _SMALL_CLASSES.fullmatch(code)
    if small:
        return say(f"indices.small_classes{small[2]}", {"size": small[1]}, language)
    return say(f"indices.{code}", language=language)

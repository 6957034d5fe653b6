"""The fewest units of a drawn plan that must get another school, so that every hard rule holds."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import get_args

import numpy as np
import pandas as pd

from models.district import Bools, District, Ints, Travel
from models.outcome import Outcome, Status
from models.placement import Placement
from models.sentences import Language, say
from models.settings import LevelName, Name, Settings, in_language, merge
from optimizer.digest import Exhibit
from optimizer.drawn import Drawing, judge_drawing
from optimizer.drawn.drawing import hold
from optimizer.formulation import Formulation, formulate
from optimizer.formulation.catchments import open_units, receiving_today
from optimizer.formulation.revise import count_units
from optimizer.formulation.seated import drawn_catchments, keep_shared
from optimizer.formulation.standing import find_standing
from optimizer.formulation.start import starting_plan
from optimizer.runs.cells import whole
from optimizer.solve import Effort, solve
from optimizer.solve.fewest import find_fewest

GAP = 1e-4
COLUMNS = (
    "unit_id",
    "stage",
    "from_school_id",
    "to_school_id",
    "students",
    "metres_before",
    "metres_after",
    "unit_name",
)


@dataclass(frozen=True)
class Mending:
    """What mends a drawn plan."""

    possible: bool | None
    """False: it was proved that no plan keeps every hard rule; None: none was found in time."""
    changes: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(COLUMNS)))
    """One row a unit and stage that gets another school, columns COLUMNS; metres are whole."""
    least: int = 0
    """With fewer changes no plan keeps every hard rule."""
    settled: bool = True
    """Whether no other plan with so many changes was proved better: fewer children, then the levels in order."""
    mended: Exhibit | None = None
    """The plan with these changes, judged anew."""
    opened: tuple[str, ...] = ()
    """Units that the instance does not open to change: what is drawn counts as opened, and nothing beside it."""

    @property
    def proved(self) -> bool:
        """Whether fewer changes were proved not to do."""
        return bool(self.possible) and self.least >= len(self.changes)

    @property
    def students(self) -> int:
        """Children who go where those units go."""
        return int(self.changes["students"].sum())


def mend_drawing(
    district: District,
    travel: Travel,
    drawing: Drawing,
    judged: Exhibit,
    effort: Effort,
    *,
    known: pd.DataFrame | None = None,
    seed: int,
    workers: int,
) -> Mending:
    """Return the fewest changes to a drawn plan, then the fewest children, with which every hard rule holds.

    Among equals the levels of the objective decide. What is drawn counts as opened to change. A plan that keeps every
    hard rule needs none. `known` are catchments of one that does (CATCHMENT_COLUMNS): where the fewest changes are not
    found in time, the search goes from these towards what was drawn.
    """
    assert judged.basis is not None
    drawn = hold(district, judged.basis.plan.catchments)
    opened, units = _open_drawn(district, drawn)
    if not any(each.is_fault and not _is_opened(each.rule, each.where, units) for each in judged.stored.shortfalls):
        return Mending(True, mended=judged, opened=units)
    f = _price_changes(formulate(opened, travel), drawn)
    fewest = find_fewest(f, drawn, effort, workers)
    least = fewest.least
    if fewest.plan is not None:
        held = _held_by(f, opened, fewest.plan)
    else:
        start = starting_plan(f, opened, judged.basis.plan.catchments if known is None else known)
        outcome = solve(f, effort.rest(), gap=GAP, seed=seed, workers=workers, start=start)
        if outcome.pairs is None:
            return Mending(False if outcome.status == Status.INFEASIBLE else None, least=least, opened=units)
        least, held = max(least, _count_least(outcome)), drawn_catchments(f, opened, outcome)
    settled = fewest.settled
    if _stands_otherwise(opened, travel, drawn):
        least, settled = min(least, 1), False
    for each in _with_shared(f, drawn, held):
        mended = judge_drawing(opened, travel, replace(drawing, title=_mended_title(drawing), held=each))
        if not any(shortfall.is_fault for shortfall in mended.stored.shortfalls):
            assert mended.basis is not None
            changes = _list_changes(mended.basis.placement, drawn, each)
            return Mending(True, changes, least, settled, mended, units)
    return Mending(None, least=least, opened=units)


def _mended_title(drawing: Drawing) -> Name:
    """What the mended plan is called, in each language."""
    languages: tuple[Language, ...] = get_args(Language)
    return {
        language: say("evaluate.mended_title", {"plan": in_language(drawing.title, language)}, language)
        for language in languages
    }


def _open_drawn(district: District, held: Bools) -> tuple[District, tuple[str, ...]]:
    """The district with the units opened that are drawn to another school than today's, and which these are."""
    settings, current = district.settings, district.current
    if current is None or settings.catchments.change == "free":
        return district, ()
    units = np.zeros(len(district.units), dtype=bool)
    for s, stage in enumerate(settings.instance.stages):
        today = receiving_today(district, current, stage)
        known: Bools = np.any(today, axis=1)
        units |= known & np.any(held[:, :, s] != today, axis=1) & ~open_units(district, today)
    named = tuple(np.array(district.units.ids, dtype=object)[units])
    if not named:
        return district, ()
    listed = settings.catchments.open_to_change
    others = (
        listed.model_dump() if settings.catchments.change == "limited" else {"schools": [], "zones": [], "units": []}
    )
    patch = {"catchments": {"change": "limited", "open_to_change": others | {"units": [*others["units"], *named]}}}
    opened = Settings.model_validate(merge(settings.model_dump(), patch))
    return replace(district, settings=opened, patch=merge(district.patch, patch)), named


def _is_opened(rule: str, where: str, units: Sequence[str]) -> bool:
    return rule == "change" and where in units


def _price_changes(f: Formulation, held: Bools) -> Formulation:
    """The same rules, other aims: first the units at another school than drawn, then their children.

    The level `revisions` counts the units and `moves`, which is of teachers elsewhere, their children.
    """
    price = {
        **f.pairs.price,
        "revisions": count_units(f, ~held),
        "moves": count_units(f, ~held, f.blocks.children),
    }
    everybody = np.ones(len(f.columns), dtype=bool)
    counted = {**f.pairs.counted, "revisions": everybody, "moves": everybody}
    order: tuple[LevelName, ...] = ("revisions", "moves", *(level for level in f.order if level != "revisions"))
    return replace(f, pairs=replace(f.pairs, price=price, counted=counted), order=order)


def _held_by(f: Formulation, district: District, plan: Ints) -> Bools:
    """Which school has which unit in a plan of whole blocks; what is shared today goes on being shared."""
    stages = np.arange(len(f.stages))[None, :]
    held = np.zeros((len(f.unit_ids), len(f.school_ids), len(f.stages)), dtype=bool)
    held[np.arange(len(f.unit_ids))[:, None], plan[f.blocks.of_unit], stages] = True
    return keep_shared(f, district, held)


def _stands_otherwise(district: District, travel: Travel, drawn: Bools) -> bool:
    """Whether a catchment is drawn otherwise that a search leaves as it is today, shared or in pieces.

    What a search proves then says nothing of plans that keep it as drawn, as the rules would allow.
    """
    if district.current is None:
        return False
    stages = district.settings.instance.stages
    today = np.stack([receiving_today(district, district.current, stage) for stage in stages], axis=2)
    return bool((find_standing(district, travel).units & np.any(drawn != today, axis=1)).any())


def _with_shared(f: Formulation, drawn: Bools, held: Bools) -> Iterator[Bools]:
    """Yield the catchments found, first with units that are shared today as they were drawn, then shared as today."""
    if f.pool is not None and np.any(drawn != held, axis=1)[f.pool.shared].any():
        yield np.where(f.pool.shared[:, None, :], drawn, held)
    yield held


def _count_least(outcome: Outcome) -> int:
    """Units that must change by what was proved of the first level."""
    bounds = [level.bound for level in outcome.levels if level.name == "revisions"]
    return max(0, math.ceil(bounds[0] - 1e-6)) if bounds and math.isfinite(bounds[0]) else 0


def _list_changes(placement: Placement, drawn: Bools, held: Bools) -> pd.DataFrame:
    """Rows of `changes`; metres are to the nearest of the schools, missing where nobody can go there."""
    district, metres = placement.district, placement.travel.metres
    ids, stages = np.array(district.schools.ids, dtype=object), district.settings.instance.stages
    children = [placement.children_of_catchments(stage) for stage in stages]
    rows: list[tuple[object, ...]] = []
    for unit, s in np.argwhere(np.any(drawn != held, axis=1)).tolist():
        left, joined = np.flatnonzero(drawn[unit, :, s]), np.flatnonzero(held[unit, :, s])
        schools = ("+".join(ids[left]), "+".join(ids[joined]))
        ways = (metres[unit, left].min(), metres[unit, joined].min())
        rows.append(
            (district.units.ids[unit], stages[s], *schools, children[s][unit], *ways, district.units.names[unit])
        )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for column in ("metres_before", "metres_after"):
        table[column] = whole(table[column].astype(float).replace(np.inf, np.nan))
    return table.astype({"students": np.int64})

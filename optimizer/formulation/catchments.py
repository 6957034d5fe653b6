"""`fixed`, what is open to change, and `stability`: today's catchments in tomorrow's plan."""

import math

import numpy as np

from models.district import Bools, Catchments, District
from models.stages import Stage
from optimizer.formulation.formulation import Budget, Draft


def add_fixed(draft: Draft) -> None:
    """assign[b,j] = 1 where a unit of b must belong to j, 0 where it must never.

    Rows for categories that follow no catchment are left to the placing of those children. Hard, or soft: the
    children of the block are counted in `shortage`.
    """
    fixed, settings = draft.district.fixed, draft.district.settings
    if fixed is None:
        return
    for stage in draft.stages:
        broken = np.zeros((len(draft.district.units), len(draft.district.schools)), dtype=bool)
        for unit, of, school, must, category in zip(
            fixed.unit, fixed.stage, fixed.school, fixed.must, fixed.category, strict=True
        ):
            if of != stage or (category and not settings.categories[category].zoned):
                continue
            if must:
                broken[unit] |= np.arange(len(draft.district.schools)) != school
            else:
                broken[unit, school] = True
        draft.forbid(draft.unit_pairs(broken) & _of_stage(draft, stage), settings.rules.fixed)


def add_change(draft: Draft) -> None:
    """assign[b,j] = 0 where j is not today's school of a unit that is not open to change.

    `none` opens nothing, `free` everything; `limited` opens the units, schools and zones it names, or everything where
    it names nothing. A unit without a school of today, or whose school takes nobody any more, is open.
    """
    current, change = draft.district.current, draft.district.settings.catchments.change
    if current is None or change == "free":
        return
    for stage in draft.stages:
        held = today(draft.district, current, stage)
        held &= draft.district.schools.serves(stage)
        closed = np.any(held, axis=1) & ~_open_units(draft.district, held)
        draft.forbid(draft.unit_pairs(closed[:, None] & ~held) & _of_stage(draft, stage), "hard")


def add_stability(draft: Draft) -> None:
    """Σ zoned children whose school is not today's ≤ max_share · zoned children who have a school today.

    Each such child also counts in the level `stability`. Hard, or soft: children above are counted in `shortage`.
    """
    district, settings = draft.district, draft.district.settings
    if district.current is None:
        return
    moved = np.zeros(len(draft.block))
    zoned = 0
    for stage in draft.stages:
        held = today(district, district.current, stage)
        changes = draft.unit_pairs(np.any(held, axis=1)[:, None] & ~held) & _of_stage(draft, stage)
        moved += np.where(changes, draft.blocks.zoned[draft.block], 0)
        known: Bools = np.any(held, axis=1)
        blocks = np.unique(draft.blocks.of_unit[known, draft.stages.index(stage)])
        zoned += int(draft.blocks.zoned[blocks].sum())
    draft.add_price("stability", moved)
    share, hardness = settings.policy.stability.max_share, settings.rules.stability
    if share is not None and hardness != "off":
        bound = math.floor(share * zoned + 1e-9)
        draft.budgets.append(Budget("stability", "stability", moved, bound, hardness == "hard"))


def today(district: District, current: Catchments, stage: Stage) -> Bools:
    """Return which school is today's of which unit, shape (units, schools)."""
    held = np.zeros((len(district.units), len(district.schools)), dtype=bool)
    of_stage = np.array([of == stage for of in current.stage], dtype=bool)
    held[current.unit[of_stage], current.school[of_stage]] = True
    return held


def _open_units(district: District, held: Bools) -> Bools:
    opened, units = district.settings.catchments.open_to_change, district.units
    if district.settings.catchments.change == "none":
        return np.zeros(len(units), dtype=bool)
    if not (opened.units or opened.schools or opened.zones):
        return np.ones(len(units), dtype=bool)
    schools = np.isin(district.schools.ids, opened.schools)
    by_name: Bools = np.isin(units.ids, opened.units) | np.isin(units.zone, opened.zones)
    by_school: Bools = np.any(held[:, schools], axis=1)
    return by_name | by_school


def _of_stage(draft: Draft, stage: Stage) -> Bools:
    return np.asarray(draft.blocks.stage[draft.block] == draft.stages.index(stage))

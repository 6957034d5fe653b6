"""`fixed`, what is open to change, and `stability`: today's catchments in tomorrow's plan."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from models.district import Bools, Catchments, District, Ints
from models.stages import Stage
from optimizer.formulation.draft import Draft
from optimizer.formulation.formulation import Budget
from optimizer.formulation.joining import find_strangers


def add_fixed(draft: Draft) -> None:
    """assign[b,j] = 1 where a unit of b must belong to j, 0 where it must never.

    Rows for categories that follow no catchment are left to the placing of those children. Hard, or soft: the
    children of the unit are counted in `shortage`, once a row.
    """
    if draft.district.fixed is None:
        return
    schools = np.arange(len(draft.district.schools))
    broken = np.zeros((len(draft.district.units), len(schools), len(draft.stages)), dtype=np.int64)
    for unit, s, school, must in decisions_on_catchments(draft.district, draft.stages):
        broken[unit, :, s] += (schools == school) != must
    draft.forbid(broken, draft.district.settings.rules.fixed)


def decisions_on_catchments(district: District, stages: Sequence[Stage]) -> Iterator[tuple[int, int, int, bool]]:
    """Yield the rows of `fixed` for children who follow a catchment: unit, position of the stage, school, must or not.

    Rows for stages that are not among `stages` and for kinds of children that follow none are left out.
    """
    fixed = district.fixed
    if fixed is None:
        return
    rows = zip(fixed.unit, fixed.stage, fixed.school, fixed.must, fixed.category, strict=True)
    for unit, stage, school, must, category in rows:
        if stage in stages and (not category or district.settings.kind_of(category) == "zoned"):
            yield int(unit), stages.index(stage), int(school), bool(must)


def add_change(draft: Draft) -> None:
    """assign[b,j] = 0 where j is not today's school of a unit that is not open to change.

    `none` opens nothing, `free` everything; `limited` opens the units, schools and zones it names, or everything where
    it names nothing. A unit without a school of today, or whose school takes nobody any more, is open. In mode `entry`
    catchments that are shared or in pieces stay as they are (`standing`): nothing leaves or joins them but an open unit
    beside one.
    """
    current, change = draft.district.current, draft.district.settings.catchments.change
    if current is None or change == "free":
        return
    broken = []
    for s, stage in enumerate(draft.stages):
        held = receiving_today(draft.district, current, stage)
        stands = ~open_units(draft.district, held) | draft.standing.units[:, s]
        barred = np.any(held, axis=1)[:, None] & (stands[:, None] | draft.standing.schools[:, s])
        broken.append((barred & ~held) | find_strangers(draft, today(draft.district, current, stage), s))
    draft.forbid(np.stack(broken, axis=2), "hard")


def add_stability(draft: Draft) -> None:
    """Σ zoned children whose school is not today's ≤ max_share · zoned children who have a school today.

    Each such child also counts in the level `stability`. Hard, or soft: children above are counted in `shortage`.
    """
    district, settings = draft.district, draft.district.settings
    if district.current is None:
        return
    held = np.stack([today(district, district.current, stage) for stage in draft.stages], axis=2)
    known: Bools = np.any(held, axis=1)
    zoned = _zoned(draft)
    moved = draft.count(known[:, None, :] & ~held, zoned).astype(float)
    draft.add_price("stability", moved)
    share, hardness = settings.policy.stability.max_share, settings.rules.stability
    if share is not None and hardness != "off":
        bound = math.floor(share * int(zoned[known].sum()) + 1e-9)
        columns = draft.counted("stability")
        draft.budgets.append(Budget("stability", "stability", moved, columns, bound, hardness == "hard"))


def today(district: District, current: Catchments, stage: Stage) -> Bools:
    """Return which school is today's of which unit, shape (units, schools)."""
    held = np.zeros((len(district.units), len(district.schools)), dtype=bool)
    of_stage = np.array([of == stage for of in current.stage], dtype=bool)
    held[current.unit[of_stage], current.school[of_stage]] = True
    return held


def receiving_today(district: District, current: Catchments, stage: Stage) -> Bools:
    """Return which school is today's of which unit and still receives, shape (units, schools)."""
    return np.asarray(today(district, current, stage) & district.schools.serves(stage))


def open_units(district: District, held: Bools) -> Bools:
    """Return the units that `change` opens, today's schools of one stage being `held`."""
    opened = district.settings.catchments.open_to_change
    if district.settings.catchments.change == "none":
        return np.zeros(len(district.units), dtype=bool)
    if not (opened.units or opened.schools or opened.zones):
        return np.ones(len(district.units), dtype=bool)
    return named_units(district, held)


def named_units(district: District, held: Bools) -> Bools:
    """Return the units that `open_to_change` names itself, by their zone or by today's school (`held`)."""
    opened, units = district.settings.catchments.open_to_change, district.units
    schools = np.isin(district.schools.ids, opened.schools)
    by_name: Bools = np.isin(units.ids, opened.units) | np.isin(units.zone, opened.zones)
    by_school: Bools = np.any(held[:, schools], axis=1)
    return by_name | by_school


def _zoned(draft: Draft) -> Ints:
    """Zoned children of every unit, shape (units, stages)."""
    demand, categories = draft.district.demand, draft.district.settings.categories
    zoned = np.zeros((len(draft.district.units), len(draft.stages)), dtype=np.int64)
    for k, cohort in enumerate(demand.cohorts):
        if cohort.stage in draft.stages and categories[cohort.category].zoned:
            zoned[:, draft.stages.index(cohort.stage)] += demand.students[:, k]
    return zoned

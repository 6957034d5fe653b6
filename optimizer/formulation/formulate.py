"""From a district and its distances to a formulation: every rule in turn, each in a file of its own."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from models.district import Bools, District, Floats, Ints, Travel
from models.settings import STAFF_LEVELS, LevelName
from optimizer.formulation.assigned import start_draft
from optimizer.formulation.at_most import add_at_most, find_ceilings
from optimizer.formulation.catchments import add_change, add_fixed, add_stability
from optimizer.formulation.classes import add_classes
from optimizer.formulation.contiguity import add_contiguity
from optimizer.formulation.deductions import forbid_out_of_touch, forbid_ways_too_full, seat_indispensable_schools
from optimizer.formulation.draft import Draft, Eased
from optimizer.formulation.formulation import Formulation, Pairs
from optimizer.formulation.kinds import decided_seats, drawn_district, make_pool
from optimizer.formulation.later import add_later
from optimizer.formulation.places import add_places, add_purchased
from optimizer.formulation.reach import add_max_travel, add_region
from optimizer.formulation.school_size import add_school_size
from optimizer.formulation.standing import find_standing
from optimizer.formulation.unmendable import find_unmendable

RULES: tuple[Callable[[Draft], None], ...] = (
    add_max_travel,
    add_region,
    add_fixed,
    add_change,
    add_stability,
    add_at_most,
    add_places,
    add_purchased,
    add_school_size,
    add_classes,
    add_contiguity,
    forbid_out_of_touch,
    seat_indispensable_schools,
    forbid_ways_too_full,
    add_later,
)
"""In this order: contiguity asks which pairs the earlier rules left, what follows from all of them comes after them,
and later years ask which pairs are left."""
BEFORE_LATER: tuple[LevelName, ...] = ("shortage", "overflow")
"""Unless `objective.order` names it, the level `later` comes after these: no child of this year pays for later ones."""


EVERYWHERE: Eased = {}
"""No rule is eased: each binds at every school as `[rules]` says."""


def formulate(district: District, travel: Travel, eased: Eased = EVERYWHERE) -> Formulation:
    """Return the mathematics of a district's plan: pairs that no rule forbids, limits, classes, levels.

    Rules that are `eased` are soft at the schools named and hard at all others, whatever `[rules]` says.
    """
    settings = district.settings
    entry = settings.instance.mode == "entry"
    draft = _start(district, travel)
    draft.eased = eased
    for add in RULES:
        add(draft)
    kept = draft.allowed
    budgets = [replace(budget, weight=budget.weight[kept]) for budget in draft.budgets]
    return Formulation(
        stages=draft.stages,
        columns=draft.columns,
        unit_ids=district.units.ids,
        school_ids=district.schools.ids,
        blocks=draft.blocks,
        pairs=Pairs(
            block=draft.block[kept],
            school=draft.school[kept],
            price={level: price[kept] for level, price in draft.price.items()},
            counted={level: draft.counted(level) for level in draft.price},
        ),
        limits=tuple(draft.limits),
        budgets=tuple(budgets),
        classes=draft.classes,
        contiguity=draft.contiguity,
        divisible=draft.divisible,
        split_price=settings.catchments.indivisible and settings.rules.indivisible == "soft",
        order=_with_later(tuple(level for level in settings.objective.order if level not in STAFF_LEVELS)),
        tolerance=dict(settings.objective.tolerance),
        ceilings=find_ceilings(settings.objective.at_most),
        metres=draft.farthest_m[kept],
        pool=make_pool(district, draft) if entry else None,
        later=tuple(draft.later),
        unmendable=find_unmendable(draft, decided_seats(district)),
    )


def _with_later(order: tuple[LevelName, ...]) -> tuple[LevelName, ...]:
    if "later" in order:
        return order
    at = max((order.index(level) + 1 for level in BEFORE_LATER if level in order), default=0)
    return (*order[:at], "later", *order[at:])


@dataclass(frozen=True)
class Barring:
    """Which rule bars which pair first."""

    rules: tuple[str, ...]
    """By their functions without `add_`, in their order; before them `assigned`: schools that are out of reach."""
    first: Ints
    """Position in `rules`, shape (blocks, schools); their number where none does, -1 where the stage is not taught."""
    metres: Floats
    """From the farthest unit of a block with children to a school that teaches the stage, else inf; likewise."""

    def last(self, block: int, asked: Bools) -> str | None:
        """Return the rule that leaves a block none of the schools `asked` for; None where no rule does."""
        last = max(0, int(self.first[block, asked].max(initial=0)))
        return self.rules[last] if last < len(self.rules) else None


def find_barring(district: District, travel: Travel) -> Barring:
    """Return for every block and school which rule bars the pair first."""
    draft = _start(district, travel)
    rules = ("assigned", *(add.__name__.removeprefix("add_") for add in RULES))
    barred = np.where(draft.allowed, len(rules), 0)
    for k, add in enumerate(RULES, start=1):
        add(draft)
        barred[~draft.allowed] = np.minimum(barred, k)[~draft.allowed]
    shape = (len(draft.blocks), len(district.schools))
    first, metres = np.full(shape, -1, dtype=np.int64), np.full(shape, np.inf)
    first[draft.block, draft.school] = barred
    metres[draft.block, draft.school] = draft.farthest_m
    return Barring(rules, first, metres)


def _start(district: District, travel: Travel) -> Draft:
    """Return the draft of a formulation before any rule, in mode `entry` that of the children who are drawn."""
    standing = find_standing(district, travel)
    entry = district.settings.instance.mode == "entry"
    drawn = drawn_district(district, standing.shared) if entry else district
    return start_draft(drawn, travel, standing, int(district.demand.students.sum()))

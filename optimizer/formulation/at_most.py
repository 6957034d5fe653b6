"""`objective.at_most`: levels that may not exceed a stated value, whatever the other levels would gain by it."""

from models.settings import STAFF_LEVELS, LevelName
from optimizer.formulation.draft import Draft
from optimizer.formulation.formulation import Budget

BY_PAIR: tuple[LevelName, ...] = ("stability", "travel")
"""Levels that the pairs used come to by themselves: limited like a rule, so that a search knows the limit too."""


def add_at_most(draft: Draft) -> None:
    """Σ price[p] · assign[p] ≤ at_most   for each level of BY_PAIR that has a ceiling.

    In mode `entry` the ceiling of `travel` holds for the catchments, before anybody is placed elsewhere.
    """
    for level, most in draft.district.settings.objective.at_most.items():
        if level in BY_PAIR and level in draft.price:
            name = f"at_most[{level}]"
            draft.budgets.append(Budget(name, "at_most", draft.price[level], draft.counted(level), most, hard=True))


def find_ceilings(at_most: dict[LevelName, float]) -> dict[LevelName, float]:
    """Return the ceilings of levels of children that are more than sums over pairs."""
    return {level: most for level, most in at_most.items() if level not in (*BY_PAIR, *STAFF_LEVELS)}

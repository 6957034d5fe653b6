"""The relaxation of posts by column pricing: few postings at first, then those that prices call for."""

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.sparse import csr_matrix, hstack

from models.district import Bools, Floats, Ints
from optimizer.formulation.program.program import LinearProgram
from optimizer.formulation.staffing.formulation import StaffFormulation
from optimizer.formulation.staffing.groups import STAY
from optimizer.solve.backends import PricedRelaxation, Relaxation
from optimizer.solve.effort import Effort

EXACT = 1e-6
CALLED = 2
"""Postings of every group that may enter the relaxation at once; twice as many every time."""
RELAPSES = 2
"""How often rules that were kept may turn out to need further postings before they stay breakable."""
PRICE = 1e-7
BROKEN = 1e4
"""What breaking a rule costs in a relaxation that does not yet have all postings: more than any level weighs it."""
BREAKABLE = (
    "rotation_share",
    "rotation_backbone",
    "continuity",
    "couples",
    "principals",
    "principal_terms",
    "swaps",
    "budget",
    "staff_quota",
    "balance_cv",
    "at_most",
)
"""Rules that need postings which may not be at hand yet."""


def with_breaches(linear: LinearProgram) -> tuple[LinearProgram, Ints]:
    """Return the program with a column for the breach of every rule that needs postings, closed; and these columns."""
    named = np.array([name.startswith(BREAKABLE) for name in linear.row_names], dtype=bool)
    under = np.flatnonzero(named & (linear.row_lower > 0))
    over = np.flatnonzero(named & np.isfinite(linear.row_upper))
    count, before = len(under) + len(over), len(linear.lower)
    sign = np.concatenate([np.ones(len(under)), -np.ones(len(over))])
    at = (np.concatenate([under, over]), np.arange(count))
    slack = csr_matrix((sign, at), shape=(linear.matrix.shape[0], count))
    none = np.zeros(count)
    widened = replace(
        linear,
        matrix=csr_matrix(hstack([linear.matrix, slack])),
        lower=np.concatenate([linear.lower, none]),
        upper=np.concatenate([linear.upper, none]),
        whole=np.concatenate([linear.whole, np.zeros(count, dtype=bool)]),
        cost={level: np.concatenate([cost, none]) for level, cost in linear.cost.items()},
    )
    return widened, np.arange(before, before + count)


@dataclass
class Pricing:
    """The relaxation with the postings at hand: the others cost more than they bring, as far as prices say."""

    f: StaffFormulation
    effort: Effort
    breaches: Ints
    """Columns of `with_breaches`."""
    used: Bools = field(init=False)
    """Postings that some solution has used."""
    at_hand: Bools = field(init=False)
    kept: bool = False
    """Whether the postings at hand are known to keep every rule, as far as the relaxation goes."""
    warm: PricedRelaxation | None = None

    def __post_init__(self) -> None:
        self.used = np.zeros(len(self.f.options), dtype=bool)
        self.at_hand = self.f.options.form == STAY

    def minimise(self, linear: LinearProgram, cost: Floats, near: float) -> Relaxation:
        """Solve the relaxation, adding postings that its prices call for until they could save no more than `near`.

        While the postings at hand cannot keep every rule, breaking one has a price. The value is a bound: what the
        postings left out could still save at these prices is taken off.
        """
        open_to = linear.upper[: len(self.f.options)] > 0
        self.at_hand |= self.used
        turn = relapses = 0
        while True:
            part, broken = self._solve(linear, cost)
            if part.value == np.inf and self.kept:
                self.kept, relapses = False, relapses + 1
                continue
            if not np.isfinite(part.value):
                return part
            if not broken and not self.kept and relapses < RELAPSES:
                self.kept = True
            saving = np.where(self.at_hand | ~open_to, 0.0, -part.reduced[: len(self.f.options)])
            called, total = self._called_for(saving, CALLED << turn)
            if not len(called) and broken:
                return replace(part, value=np.inf)
            turn += 1
            if (total <= near and not broken) or not len(called) or self.effort.over:
                self.used[part.solution[: len(self.f.options)] > EXACT] = True
                return replace(part, value=part.value - total)
            self.at_hand[called] = True

    def _called_for(self, saving: Floats, count: int) -> tuple[Ints, float]:
        """Return the postings of each group that save most, and what they could save at most together.

        A teacher takes one post: of a group no more can be saved than its size times the best.
        """
        group = self.f.options.group
        order = np.lexsort((-saving, group))
        place = np.arange(len(group)) - np.searchsorted(group[order], group[order])
        best = order[place == 0]
        total = float((np.maximum(saving[best], 0.0) * self.f.groups.size[group[best]]).sum())
        called = order[(place < count) & (saving[order] > PRICE)]
        return called, total

    def _solve(self, linear: LinearProgram, cost: Floats) -> tuple[Relaxation, bool]:
        """Solve the relaxation over the postings at hand; say whether a rule is broken."""
        price, upper = cost.copy(), linear.upper.copy()
        price[self.breaches] = BROKEN
        upper[self.breaches] = 0.0 if self.kept else np.inf
        part = linear.with_bounds(linear.lower, upper)
        held = np.ones(len(upper), dtype=bool)
        held[: len(self.at_hand)] = self.at_hand
        if self.warm is None:
            held[self.breaches] = True
            self.warm = PricedRelaxation(part, price, held)
        else:
            self.warm.follow(part)
            self.warm.price(price)
            self.warm.admit(np.flatnonzero(held & ~self.warm.at_hand))
        solved = self.warm.solve(self.effort.left_s)
        self.effort.spend("relaxation")
        if not np.isfinite(solved.value):
            return solved, False
        broken = bool(solved.solution[self.breaches].max(initial=0.0) > EXACT)
        return replace(solved, reduced=cost - linear.matrix.T @ solved.duals), broken

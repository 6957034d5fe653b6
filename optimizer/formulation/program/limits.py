"""Limits of one school (`places`, `school_size`) and budgets of the whole district (`stability`)."""

import numpy as np

from models.district import Ints
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program.assigned import share_out
from optimizer.formulation.program.program import Children
from optimizer.formulation.program.writer import Writer


def add_limits(w: Writer, f: Formulation, enrolment: Ints) -> None:
    """Σ enrolment[j,c] over the columns of a limit ≤ bound; soft: + children above, priced in `shortage`."""
    for limit in f.limits:
        terms = [(int(column), 1.0) for column in enrolment[limit.school, limit.columns]]
        if not limit.hard:
            above = w.column(w.beyond + max(0, -limit.bound))
            w.price("shortage", above, 1.0)
            terms.append((above, -1.0))
        w.row(limit.name, terms, -np.inf, limit.bound)


def add_budgets(w: Writer, f: Formulation, children: Children) -> None:
    """Σ weight[p] · assign[p] ≤ bound; soft: + children above, priced in `shortage`.

    Of a split unit the children that the budget counts bear its weight evenly.
    """
    for budget in f.budgets:
        start, weight = 0, budget.weight
        if f.divisible:
            start, weight = children.start, share_out(f, children, budget.weight, budget.columns)
        terms = [(start + int(k), float(weight[k])) for k in np.flatnonzero(weight)]
        if not budget.hard:
            above = w.column(w.beyond, whole=False)
            w.price("shortage", above, 1.0)
            terms.append((above, -1.0))
        w.row(budget.name, terms, -np.inf, budget.bound)

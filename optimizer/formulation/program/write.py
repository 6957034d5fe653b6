"""From a formulation to its program: every family of rules in turn, each in a file of its own."""

import numpy as np

from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program.assigned import add_assigned, add_children, add_enrolment, add_levels
from optimizer.formulation.program.classes import add_classes
from optimizer.formulation.program.contiguity import add_cut_off
from optimizer.formulation.program.limits import add_budgets, add_limits
from optimizer.formulation.program.pool import add_pool
from optimizer.formulation.program.program import Program, rows_to_csr
from optimizer.formulation.program.writer import Writer


def write_program(f: Formulation) -> Program:
    """Write a formulation as a program; contiguity is left to `separate`."""
    w = Writer(beyond=float(f.blocks.size.sum()) + 1.0)
    w.columns(np.ones(len(f.pairs)))
    children = add_children(w, f)
    add_levels(w, f, children)
    add_assigned(w, f, children)
    away, guests = add_pool(w, f)
    enrolment = add_enrolment(w, f, children, away, guests)
    add_limits(w, f, enrolment)
    add_budgets(w, f, children)
    classes = add_classes(w, f, enrolment) if f.classes else np.zeros((len(f.school_ids), 0), dtype=np.int64)
    cut_off = add_cut_off(w, f)
    cost = {level: np.zeros(len(w.lower)) for level in f.order}
    for level, prices in w.cost.items():
        if level in cost:
            cost[level][list(prices)] = list(prices.values())
    return Program(
        matrix=rows_to_csr(w.rows, len(w.lower)),
        row_lower=np.array([row.lower for row in w.rows]),
        row_upper=np.array([row.upper for row in w.rows]),
        row_names=tuple(row.name for row in w.rows),
        lower=np.array(w.lower),
        upper=np.array(w.upper),
        whole=np.array(w.whole, dtype=bool),
        cost=cost,
        pairs=len(f.pairs),
        enrolment=enrolment,
        children=children,
        crowded=np.array(w.crowded, dtype=np.int64),
        classes=classes,
        cut_off=cut_off,
        away=away.table,
    )

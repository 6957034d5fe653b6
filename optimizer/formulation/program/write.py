"""From a formulation to its program: every family of rules in turn, each in a file of its own."""

import numpy as np

from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program.assigned import add_assigned, add_children, add_enrolment, add_levels
from optimizer.formulation.program.classes import add_classes
from optimizer.formulation.program.contiguity import add_cut_off
from optimizer.formulation.program.later import add_later
from optimizer.formulation.program.limits import add_budgets, add_limits
from optimizer.formulation.program.pool import add_pool
from optimizer.formulation.program.program import Program
from optimizer.formulation.program.writer import Writer


def write_program(f: Formulation) -> Program:
    """Write a formulation as a program; contiguity is left to `separate`."""
    pooled = 0 if f.pool is None else f.pool.students.sum() + f.pool.taken.sum()
    w = Writer(beyond=float(f.blocks.size.sum() + pooled) + 1.0)
    w.columns(np.ones(len(f.pairs)))
    children = add_children(w, f)
    add_levels(w, f, children)
    add_assigned(w, f, children)
    away, guests = add_pool(w, f)
    enrolment = add_enrolment(w, f, children, away, guests)
    add_limits(w, f, enrolment)
    add_budgets(w, f, children)
    return w.finish(
        f.order,
        pairs=len(f.pairs),
        enrolment=enrolment,
        children=children,
        classes=add_classes(w, f, enrolment),
        cut_off=add_cut_off(w, f),
        away=away.table,
        later=add_later(w, f),
    )

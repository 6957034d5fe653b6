"""Each subject of a stage by itself: how few of its posts must stay vacant, whole teachers counted.

Most of what the relaxation of all posts hides are halves of teachers. Of one subject alone there are few enough to
solve the program whole in a moment: what stays vacant there stays vacant in every plan.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from models.district import Bools, Floats, Ints
from models.staffing import ANY
from optimizer.formulation.program.program import LinearProgram, Row
from optimizer.formulation.staffing.formulation import StaffFormulation
from optimizer.formulation.staffing.program import StaffProgram
from optimizer.solve.backends import solve_integral
from optimizer.solve.effort import Effort

SCARCE = "scarce["
"""How the rows of these bounds begin."""
SECONDS = 5.0
"""For one subject of one stage."""
NODES = 500
"""Likewise, where work is counted instead."""
GAP = 1e-6
EXACT = 1e-6


def bound_subjects(
    f: StaffFormulation, program: StaffProgram, linear: LinearProgram, vacant: Floats, effort: Effort
) -> Iterator[tuple[Row, Bools]]:
    """Yield, for each subject and stage with vacant posts, what stays vacant at least, and postings that reach it.

    `vacant`, shape (faculties, subjects), are posts of a plan or of a relaxation.
    """
    for stage in dict.fromkeys(f.need.faculties.stage):
        faculties = f.need.faculties.of_stage(stage)
        for subject in np.flatnonzero(vacant[faculties].sum(axis=0) > EXACT).tolist():
            if subject == f.need.column[ANY] or effort.over:
                continue
            priced = program.week.vacant[faculties, subject]
            cost = np.zeros(len(linear.lower))
            cost[priced] = 1.0
            columns = np.flatnonzero(_of_subject(f, program, linear, faculties, subject))
            part = over_columns(linear, columns)
            nodes = NODES if effort.work_limit is not None else None
            solved = solve_integral(part, cost[columns], min(SECONDS, effort.left_s), GAP, nodes=nodes)
            effort.spend("nodes", max(10, solved.nodes))
            used = np.zeros(len(linear.lower), dtype=bool)
            if solved.solution is not None:
                used[columns] = solved.solution > EXACT
            least = max(0.0, solved.bound) if np.isfinite(solved.bound) else 0.0
            name = f"{SCARCE}{stage},{f.need.subjects[subject]}]"
            ones = (1.0,) * len(priced)
            yield Row(name, tuple(priced.tolist()), ones, least - EXACT, np.inf), used[: program.options]


def over_columns(linear: LinearProgram, columns: Ints) -> LinearProgram:
    """Return a relaxation over some columns alone: the rows that hold for these whatever the others, all ≥ 0, are."""
    left = linear.upper > 0
    left[columns] = False
    others = linear.matrix[:, np.flatnonzero(left)]
    most, least = others.max(axis=1).toarray().ravel(), others.min(axis=1).toarray().ravel()
    upper = np.where(least < 0, np.inf, linear.row_upper)
    lower = np.where(most > 0, -np.inf, linear.row_lower)
    part = linear.with_columns(columns)
    rows = np.flatnonzero((np.diff(part.matrix.indptr) > 0) & (np.isfinite(lower) | np.isfinite(upper)))
    return replace(part, row_lower=lower, row_upper=upper).with_only_rows(rows)


def _of_subject(
    f: StaffFormulation, program: StaffProgram, linear: LinearProgram, faculties: Ints, subject: int
) -> Bools:
    """Columns of those who may teach a subject, and of what their weeks give to it at some faculties."""
    roster, first = f.roster, f.groups.first[f.options.group]
    held = np.zeros(len(linear.lower), dtype=bool)
    held[: program.options] = (roster.subject[first] == subject) | (roster.second[first] == subject)
    week = program.week
    for table in (week.own, week.any, week.lent, week.borrowed, week.vacant):
        columns = table[faculties, subject]
        held[columns[columns >= 0]] = True
    inside = set(faculties.tolist())
    for (faculty, own, other), column in week.second.items():
        if faculty in inside and subject in (own, other):
            held[column] = True
    return held

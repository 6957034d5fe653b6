"""Lexicographic solve: each level is bounded, improved and proved in turn, then held while the next one is."""

from collections.abc import Callable

import numpy as np

from models.district import Ints
from models.outcome import Level, Outcome, Status
from models.settings import LevelName
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program import Program, write_program
from optimizer.solve.complete import Candidate, complete
from optimizer.solve.effort import Effort
from optimizer.solve.level import LevelSolver, Tools
from optimizer.solve.prove import prove_by_search, prove_by_sums

FIRST_LEVELS = 0.75
"""In mode `entry` the first level, who fits at all, is the hard one: what it settles leaves little to the others."""
LATER_YEARS = 0.5
"""Share of what this year's children left of the effort that the level `later` leaves to those after it, at most."""
Report = Callable[[str, float | None, float | None, float | None], None]


def solve(
    f: Formulation,
    effort: Effort,
    *,
    gap: float = 1e-4,
    seed: int = 1,
    workers: int = 1,
    start: Ints | None = None,
    report: Report = lambda level, value, bound, gap: None,
) -> Outcome:
    """Return the best plan found within the effort, with what was proved of it.

    `start` is a plan of whole blocks (school row, -1 unknown) to begin from; it is kept where nothing strictly better
    is found. `report` hears level, value, bound and gap whenever one of them moves.
    """
    tools = Tools(f, effort, gap, seed, workers, report)
    program = write_program(f)
    program = program.with_rows([program.ceiling(name, most) for name, most in f.ceilings.items()])
    if f.unmendable or len(np.unique(f.pairs.block)) < len(f.blocks):
        return _without_plan(effort, "solve.barred")
    best = complete(f, program, start) if start is not None else None
    broken = start if best is None else None
    levels: list[Level] = []
    names = _levels_to_solve(f, program)
    for turn, name in enumerate(names):
        share = ((turn + 1) / len(names)) ** (FIRST_LEVELS if f.pool is not None else 1.0)
        if name == "later":
            share = max(share, 1.0 - LATER_YEARS * effort.left_share)
        solver = LevelSolver(tools, name, program, share=share, best=best, start=broken)
        solver.run()
        if solver.infeasible:
            return _without_plan(effort, _prove(solver.program, effort, workers))
        if solver.best is None:
            return _without_plan(effort, "")
        best, program = solver.best, solver.program
        levels.append(solver.level)
        if turn + 1 < len(names):
            program = program.with_rows([program.hold(name, solver.level.value, f.tolerance.get(name, 0.0))])
    assert best is not None
    return _with_plan(f, program, effort, best, tuple(levels), gap)


def _levels_to_solve(f: Formulation, program: Program) -> list[LevelName]:
    """Levels that something can change; the first of all where nothing can, so that a plan is made."""
    live = [level for level in f.order if np.any(program.cost[level])]
    return live or list(f.order[:1])


def _prove(program: Program, effort: Effort, workers: int) -> str:
    """Check a claim of infeasibility by another path, and return how; what cannot be confirmed is not claimed ("")."""
    seconds = max(10.0, effort.left_s / 2.0) if effort.work_limit is None else 600.0
    if prove_by_sums(program, seconds):
        return "solve.weighed"
    return "solve.searched" if prove_by_search(program, seconds, workers) else ""


def _without_plan(effort: Effort, reason: str) -> Outcome:
    status = Status.INFEASIBLE if reason else Status.NO_PLAN
    return Outcome(status, work=dict(effort.work), interrupted=effort.stopped() and not reason, reason=reason)


def _with_plan(
    f: Formulation, program: Program, effort: Effort, best: Candidate, levels: tuple[Level, ...], gap: float
) -> Outcome:
    used = np.flatnonzero(best.columns[: program.pairs] > 0.5)
    classes = np.where(program.classes >= 0, best.columns[program.classes], 0)
    return Outcome(
        status=Status.OPTIMAL if all(level.gap <= gap for level in levels) else Status.FEASIBLE,
        levels=levels,
        pairs=used,
        students=_students(f, program, best, used),
        classes=np.round(classes).astype(np.int64),
        work=dict(effort.work),
        interrupted=effort.stopped(),
    )


def _students(f: Formulation, program: Program, best: Candidate, used: Ints) -> Ints:
    """Children of every column who use each pair: all of a whole block, or those of a split one."""
    if not f.divisible:
        return f.blocks.students[f.pairs.block[used]]
    children = np.zeros((len(f.pairs), len(f.columns)), dtype=np.int64)
    columns = program.children.start + np.arange(len(program.children.pair))
    children[program.children.pair, program.children.column] = np.round(best.columns[columns])
    return children[used]

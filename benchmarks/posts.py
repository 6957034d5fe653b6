"""Classes and posts together beside HiGHS and CP-SAT, each handed the same program whole, in the same run.

    python benchmarks/posts.py instances/binhe --scenario targets_2022 --seconds 60
    python benchmarks/posts.py instances/binhe runs/binhe/base --seconds 60

The first seats the children, once and before the race; classes beyond those that the caps require are then decided
with the posts. The second takes the classes of a stored run as they are, under its scenario, and decides posts alone.

Ours solves every level. A rival knows no levels: it gets the first one alone, and then the sum of all, each weighing a
hundred times the next, every time with every rule and every posting at once, in a process of its own. Squares are
stated by their first tangents, the further ones being left out, which only helps a rival; what its plan comes to is
told as a part of the limits. CP-SAT counts in whole numbers: it gets posts in thousandths, and two threads; MathOpt
leaves HiGHS no choice of these.
"""

import argparse
import datetime
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.queues import Queue
from pathlib import Path

import numpy as np
from ortools.math_opt.python import mathopt
from rival import ask

from models.district import Floats
from models.outcome import Level
from models.settings import LevelName
from optimizer.formulation import formulate
from optimizer.formulation.plan import draw_plan
from optimizer.formulation.program.program import LinearProgram
from optimizer.formulation.staffing.formulation import StaffFormulation, formulate_staffing
from optimizer.formulation.staffing.openings import find_openings, with_classes
from optimizer.formulation.staffing.program import StaffProgram, write_staffing
from optimizer.formulation.start import starting_plan
from optimizer.geo.travel import measure_travel
from optimizer.io import build_district, read_source
from optimizer.pipeline import SETTLING_SHARE
from optimizer.runs import read_run
from optimizer.solve import Effort, solve
from optimizer.solve.opened import settle_weeks
from optimizer.solve.seats import seat_children
from optimizer.solve.staffing import StaffOutcome, solve_staffing

RIVALS = {"HiGHS": mathopt.SolverType.HIGHS, "CP-SAT": mathopt.SolverType.CP_SAT}
PARTS = 1000.0
"""Of a post, and of whatever else need not be whole, that CP-SAT counts in."""
WEIGHT = 100.0
"""Of a level in the sum of all, where the next one weighs 1."""
OVERTIME_S = 120.0
"""Beyond its time, before a rival is ended: at the root of large programs HiGHS does not look at its time limit."""


@dataclass(frozen=True)
class Found:
    """What a rival answered."""

    ending: str
    value: float
    bound: float
    levels: dict[LevelName, float]
    """What its plan comes to in each level, empty without one."""
    unevenness: float
    """The largest coefficient of variation, as a part of its limit."""


def decide_children(folder: Path, scenario: str, seconds: float) -> StaffFormulation:
    """Return the formulation of classes and posts for the children where ours seats them. Raises SystemExit."""
    district = build_district(read_source(folder, scenario))
    travel = measure_travel(district)
    f = formulate(district, travel)
    outcome = solve(f, Effort(seconds, None, lambda: False), workers=2, start=starting_plan(f, district, None))
    if f.pool is not None:
        outcome = seat_children(f, district, travel, outcome)
    plan = draw_plan(f, district, travel, outcome)
    if plan is None:
        raise SystemExit(f"no plan of the children in {seconds:.0f} s: {outcome.status}")
    openings = find_openings(f, district, outcome)
    classes = plan.classes if openings is None else with_classes(plan.classes, district, openings)
    return formulate_staffing(district, classes, openings)


def take_classes(folder: Path, run: Path) -> StaffFormulation:
    """Return the formulation of the posts that the classes of a stored run need."""
    stored = read_run(run)
    return formulate_staffing(build_district(read_source(folder, stored.record["scenario"])), stored.table("classes"))


def solve_ours(f: StaffFormulation, seconds: float) -> StaffOutcome:
    """Solve every level, and settle the classes as the pipeline does."""
    effort = Effort(seconds, None, lambda: False)
    part = effort if f.openings is None else effort.rest(1.0 - SETTLING_SHARE)
    solved = solve_staffing(f, part, gap=1e-4, workers=2, report=lambda level, value, bound, gap: None)
    return settle_weeks(f, solved, max(1.0, effort.left_s))


def run_rival(program: StaffProgram, cost: Floats, rival: str, seconds: float, answer: "Queue[Found]") -> None:
    """Hand a program to a solver as it is; put what it finds into `answer`."""
    linear = program.linear
    model = _write(linear, cost)
    parameters = mathopt.SolveParameters(time_limit=datetime.timedelta(seconds=seconds))
    if rival == "CP-SAT":
        parameters.threads = 2
        parameters.cp_sat.mip_var_scaling = PARTS
    result = mathopt.solve(model, RIVALS[rival], params=parameters)
    levels, unevenness = dict[LevelName, float](), 0.0
    if result.has_primal_feasible_solution():
        solution = np.array(result.variable_values(list(model.variables())))
        levels = {name: float(priced @ solution) for name, priced in linear.cost.items() if np.any(priced)}
        unevenness = max((spread.value(solution) for spread in program.spreads), default=0.0)
    bounds, ending = result.termination.objective_bounds, result.termination.reason.name.lower()
    answer.put(Found(ending, bounds.primal_bound, bounds.dual_bound, levels, unevenness))


def race(f: StaffFormulation, seconds: float) -> Iterator[str]:
    """Yield what each contestant comes to, line by line."""
    program = write_staffing(f)
    names = [name for name in f.order if name != "balance" and np.any(program.linear.cost[name])]
    weights: dict[str, float] = {name: WEIGHT**k for k, name in enumerate(reversed(names))}
    opened = 0 if f.openings is None else int(f.openings.open.sum())
    rows, columns = program.linear.matrix.shape
    yield f"{rows} rows, {columns} columns, {opened} grades where classes may open"
    began = time.monotonic()
    ours = solve_ours(f, seconds)
    yield f"xuewei, level by level: {ours.status} after {time.monotonic() - began:.1f} s"
    yield from map(_tell, ours.levels)
    if ours.levels:
        yield f"  {'sum':13} value {sum(weights.get(level.name, 0.0) * level.value for level in ours.levels):12.1f}"
    for rival in RIVALS:
        yield from challenge(program, rival, seconds, names[0], program.linear.cost[names[0]])
        cost = np.sum([weights[name] * program.linear.cost[name] for name in names], axis=0)
        yield from challenge(program, rival, seconds, "sum", cost)


def challenge(program: StaffProgram, rival: str, seconds: float, aim: str, cost: Floats) -> Iterator[str]:
    """Yield what a rival makes of one objective, in a process of its own."""
    found, ended = ask(run_rival, (program, cost, rival, seconds), seconds + OVERTIME_S)
    if found is None:
        yield f"{rival}, {aim}: ended after {ended:.1f} s without an answer"
        return
    yield f"{rival}, {aim}: {found.ending} after {ended:.1f} s"
    yield _tell(Level(aim, found.value, found.bound, grain=1.0))
    if found.levels:
        told = ", ".join(f"{name} {value:.3f}" for name, value in found.levels.items() if name != "balance")
        yield f"  its plan: {told}; coefficients up to {found.unevenness:.3f} of their limits"


def _write(linear: LinearProgram, cost: Floats) -> mathopt.Model:
    model = mathopt.Model()
    columns = [
        model.add_variable(lb=low, ub=high, is_integer=bool(whole))
        for low, high, whole in zip(linear.lower, linear.upper, linear.whole, strict=True)
    ]
    for row in range(len(linear.row_lower)):
        span = slice(linear.matrix.indptr[row], linear.matrix.indptr[row + 1])
        added = model.add_linear_constraint(lb=linear.row_lower[row], ub=linear.row_upper[row])
        for column, value in zip(linear.matrix.indices[span].tolist(), linear.matrix.data[span].tolist(), strict=True):
            added.set_coefficient(columns[column], value)
    for column in np.flatnonzero(cost).tolist():
        model.objective.set_linear_coefficient(columns[column], float(cost[column]))
    return model


def _tell(level: Level) -> str:
    bound = f"bound {level.bound:12.3f}" if math.isfinite(level.bound) else "no bound"
    if not math.isfinite(level.value):
        return f"  {level.name:13} no plan             {bound}"
    gap = f"  gap {level.gap:.3%}" if math.isfinite(level.bound) else ""
    return f"  {level.name:13} value {level.value:12.3f}  {bound}{gap}"


def main() -> None:
    """Read the command line and race."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instance", type=Path)
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument("run", type=Path, nargs="?", help="posts alone, for the classes of this run")
    asked.add_argument("--scenario", default="targets_2022")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each contestant")
    parser.add_argument("--children-seconds", type=float, default=60.0, help="to seat the children before the race")
    given = parser.parse_args()
    if given.run is not None:
        f = take_classes(given.instance, given.run)
    else:
        f = decide_children(given.instance, given.scenario, given.children_seconds)
    for line in race(f, given.seconds):
        print(line, flush=True)


if __name__ == "__main__":
    main()

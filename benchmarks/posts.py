"""Posts and postings beside HiGHS and CP-SAT, each handed the same program whole, in the same run.

    python benchmarks/posts.py instances/binhe runs/binhe/base --seconds 60

The classes are those of a stored run. Ours solves every level; a rival gets the first, the vacancies, with every rule
and every posting at once, in a process of its own, which is ended when its time is over.
"""

import argparse
import datetime
import math
import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing.queues import Queue
from pathlib import Path

import numpy as np
from ortools.math_opt.python import mathopt

from models.outcome import Level
from optimizer.formulation.staffing.formulation import StaffFormulation, formulate_staffing
from optimizer.formulation.staffing.program import write_staffing
from optimizer.io import build_district, read_source
from optimizer.runs import read_run
from optimizer.solve import Effort
from optimizer.solve.staffing import GRAIN, solve_staffing

RIVALS = {"HiGHS": mathopt.SolverType.HIGHS, "CP-SAT": mathopt.SolverType.CP_SAT}


def read_formulation(folder: Path, run: Path) -> StaffFormulation:
    """Return the formulation of the posts that the classes of a stored run need."""
    return formulate_staffing(build_district(read_source(folder)), read_run(run).table("classes"))


def run_rival(folder: Path, run: Path, rival: str, seconds: float, answer: "Queue[tuple[float, float]]") -> None:
    """Hand the vacancies to a solver as they are; put value and bound into `answer`."""
    linear = write_staffing(read_formulation(folder, run)).linear
    model = mathopt.Model()
    columns = [
        model.add_integer_variable(lb=low, ub=high) if whole else model.add_variable(lb=low, ub=high)
        for low, high, whole in zip(linear.lower, linear.upper, linear.whole, strict=True)
    ]
    for row in range(len(linear.row_lower)):
        span = slice(linear.matrix.indptr[row], linear.matrix.indptr[row + 1])
        added = model.add_linear_constraint(lb=linear.row_lower[row], ub=linear.row_upper[row])
        for column, value in zip(linear.matrix.indices[span].tolist(), linear.matrix.data[span].tolist(), strict=True):
            added.set_coefficient(columns[column], value)
    cost = linear.cost["vacancies"]
    model.minimize(sum(float(cost[column]) * columns[column] for column in np.flatnonzero(cost).tolist()))
    limit = mathopt.SolveParameters(time_limit=datetime.timedelta(seconds=seconds))
    bounds = mathopt.solve(model, RIVALS[rival], params=limit).termination.objective_bounds
    answer.put((bounds.primal_bound, bounds.dual_bound))


def race(folder: Path, run: Path, seconds: float) -> Iterator[str]:
    """Yield a line a level of ours, and one a rival."""
    began = time.monotonic()
    outcome = solve_staffing(
        read_formulation(folder, run),
        Effort(seconds, None, lambda: False),
        gap=1e-4,
        workers=2,
        report=lambda level, value, bound, gap: None,
    )
    yield f"xuewei   {outcome.status!s:10} {time.monotonic() - began:6.1f} s"
    yield from map(_tell, outcome.levels)
    spawn = multiprocessing.get_context("spawn")
    for rival in RIVALS:
        answer: Queue[tuple[float, float]] = spawn.Queue()
        process = spawn.Process(target=run_rival, args=(folder, run, rival, seconds, answer))
        began = time.monotonic()
        process.start()
        process.join(seconds + 60.0)
        ended = time.monotonic() - began
        if process.is_alive() or process.exitcode:
            process.kill()
            yield f"{rival:8} ended after {ended:.0f} s without an answer"
            continue
        value, bound = answer.get()
        yield f"{rival:8} {ended:17.1f} s"
        yield _tell(Level("vacancies", value, bound, GRAIN["vacancies"]))


def _tell(level: Level) -> str:
    gap = f"gap {level.gap:.3%}" if math.isfinite(level.value) else "no plan"
    return f"         {level.name:10} value {level.value:10.3f}  bound {level.bound:10.3f}  {gap}"


def main() -> None:
    """Read the command line and race."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("instance", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    for line in race(given.instance, given.run, given.seconds):
        print(line, flush=True)


if __name__ == "__main__":
    main()

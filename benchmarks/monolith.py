"""The engine beside plain HiGHS on the same program, in the same run: who has the better plan, and what bound.

    python benchmarks/monolith.py instances/binhe --scenario steady_state --seconds 60

The rival gets the whole program at once (contiguity left out, which only helps it) in a process of its own, which is
ended when its time is over: at the root of large programs HiGHS does not look at its time limit.
"""

import argparse
import time
from multiprocessing.queues import Queue
from pathlib import Path

from rival import ask

from optimizer.formulation import Formulation, formulate
from optimizer.formulation.program import write_program
from optimizer.geo.travel import measure_travel
from optimizer.io import build_district, read_source
from optimizer.solve import Effort, solve
from optimizer.solve.backends import solve_integral


def read_formulation(folder: Path, scenario: str) -> Formulation:
    """Return the formulation of one scenario."""
    district = build_district(read_source(folder, scenario))
    return formulate(district, measure_travel(district))


def run_rival(folder: Path, scenario: str, seconds: float, answer: "Queue[tuple[float, float]]") -> None:
    """Hand the first level to HiGHS as it is; put its value and bound into `answer`."""
    f = read_formulation(folder, scenario)
    program = write_program(f)
    result = solve_integral(program, program.cost[f.order[0]], seconds, 1e-4)
    answer.put((result.value, result.bound))


def race(folder: Path, scenario: str, seconds: float) -> list[str]:
    """Return one line a contestant."""
    f = read_formulation(folder, scenario)
    began = time.monotonic()
    outcome = solve(f, Effort(seconds, None, lambda: False), workers=2)
    ours = [(level.value, level.bound, level.gap) for level in outcome.levels[:1]]
    lines = [f"xuewei   {outcome.status!s:10} {time.monotonic() - began:6.1f} s  " + _tell(*ours[0])] if ours else []
    found, ended = ask(run_rival, (folder, scenario, seconds), seconds + 30.0)
    if found is None:
        return [*lines, f"HiGHS    ended after {ended:.0f} s without an answer"]
    value, bound = found
    gap = (value - bound) / max(abs(value), 1e-9)
    return [*lines, f"HiGHS    pieces ok  {ended:6.1f} s  " + _tell(value, bound, gap)]


def _tell(value: float, bound: float, gap: float) -> str:
    return f"value {value:12.3f}  bound {bound:12.3f}  gap {gap:.4%}"


def main() -> None:
    """Read the command line and race."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("instance", type=Path)
    parser.add_argument("--scenario", default="base")
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    for line in race(given.instance, given.scenario, given.seconds):
        print(line)


if __name__ == "__main__":
    main()

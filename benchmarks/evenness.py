"""Moves against evenness: the fewest teachers moved as the limits on the coefficients of variation tighten.

    python benchmarks/evenness.py instances/binhe runs/binhe/base --seconds 30

The classes are those of a stored run. Every step keeps a smaller part of the limits of the instance, hard, beside all
its other rules; `--free` drops the share of teachers who must rotate, so that what is left is the price of evenness.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from models.district import District
from models.outcome import Status
from optimizer.formulation.staffing.balance import coefficient_of_variation
from optimizer.formulation.staffing.formulation import StaffFormulation, carries, formulate_staffing
from optimizer.io import build_district, read_source
from optimizer.runs import read_run
from optimizer.solve import Effort
from optimizer.solve.staffing import StaffOutcome, solve_staffing

HEADING = "part   limits         backbone CV     moves  at least  seconds  status"


def tighten(district: District, part: float, *, free: bool) -> District:
    """Return the district with a part of its limits as hard rules; `free`: nobody has to rotate."""
    settings = district.settings
    balance = settings.policy.balance
    limits = {stage: part * limit for stage, limit in balance.cv_max.items()}
    rules = {"balance_cv": "hard"} | ({"rotation_share": "off", "rotation_backbone": "off"} if free else {})
    policy = settings.policy.model_copy(update={"balance": balance.model_copy(update={"cv_max": limits})})
    changed = settings.model_copy(update={"policy": policy, "rules": settings.rules.model_copy(update=rules)})
    return replace(district, settings=changed)


def measure(f: StaffFormulation, outcome: StaffOutcome) -> list[float]:
    """Return the coefficient of backbone teachers of every stage once everybody is at the post."""
    assert outcome.taken is not None
    found, group, faculty = [], f.options.group, f.options.faculty
    for held in f.balanced:
        if held.indicator == "backbone":
            counts = carries(f.district, f.roster, held.indicator, held.stage)[f.groups.first[group]]
            at = np.bincount(faculty, weights=outcome.taken * counts, minlength=len(f.need.faculties))
            found.append(coefficient_of_variation(at[held.faculties] + held.settled, held.students))
    return found


def trace(
    district: District, classes: pd.DataFrame, parts: Sequence[float], *, seconds: float, free: bool
) -> Iterator[str]:
    """Yield what everybody's staying comes to, then a line a step."""
    today = formulate_staffing(district, classes)
    before = [
        coefficient_of_variation(held.today, held.students) for held in today.balanced if held.indicator == "backbone"
    ]
    yield f"stay   {_list(list(district.settings.policy.balance.cv_max.values())):14} {_list(before):15}"
    for part in parts:
        f = formulate_staffing(tighten(district, part, free=free), classes)
        effort = Effort(seconds, None, lambda: False)
        outcome = solve_staffing(f, effort, gap=1e-4, workers=2, report=lambda level, value, bound, gap: None)
        limits = _list(list(f.district.settings.policy.balance.cv_max.values()))
        if outcome.status in (Status.INFEASIBLE, Status.NO_PLAN):
            yield f"{part:<6.2f} {limits:14} {'':15} {'':6} {'':9} {effort.seconds:8.1f}  {outcome.status}"
            continue
        moves = next(level for level in outcome.levels if level.name == "moves")
        even = _list(measure(f, outcome))
        told = f"{moves.value:6.0f} {moves.bound:9.0f} {effort.seconds:8.1f}  {outcome.status}"
        yield f"{part:<6.2f} {limits:14} {even:15} {told}"


def _list(values: Sequence[float]) -> str:
    return " ".join(f"{value:.3f}" for value in values)


def main() -> None:
    """Read the command line and trace the curve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instance", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--parts", type=float, nargs="+", default=[1.0, 0.8, 0.7, 0.6, 0.5, 0.4])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--free", action="store_true")
    given = parser.parse_args()
    district, classes = build_district(read_source(given.instance)), read_run(given.run).table("classes")
    print(HEADING, flush=True)
    for line in trace(district, classes, given.parts, seconds=given.seconds, free=given.free):
        print(line, flush=True)


if __name__ == "__main__":
    main()

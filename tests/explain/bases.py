"""Plans made by hand beside their districts, as `explain` reads them. Distances are measured: a unit is 963 m wide."""

from collections.abc import Sequence
from pathlib import Path

from models.district import District
from models.outcome import Level, Outcome, Status
from models.plan import Plan
from models.run import Run
from optimizer.explain import Basis
from optimizer.geo.travel import measure_travel
from optimizer.runs import StoredRun
from optimizer.runs.record import build_record
from optimizer.runs.staffing import tabulate_staff

WIDE = 963.0


def make_basis(
    district: District, plan: Plan, levels: Sequence[str] = ("travel",), status: Status = Status.OPTIMAL
) -> Basis:
    """`levels` are the objective's, in order; nothing is stored."""
    outcome = Outcome(status, tuple(Level(name, 0.0, 0.0, 1.0) for name in levels))
    record = build_record(Run("base", 0, outcome, plan), district)
    tables = {} if plan.staff is None else tabulate_staff(plan.staff, "en")
    return Basis(StoredRun(Path("run"), record, tables, (), {}), district, plan)


__all__ = ["WIDE", "make_basis", "measure_travel"]

"""A batch: the districts of a folder, each under the same scenarios, as tasks; and the table of what came of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.pipeline import Options
from optimizer.runs.cells import guard, whole, write_csv
from optimizer.runs.folder import CannotWrite, whole_file
from optimizer.runs.form import PLANNED
from optimizer.runs.read import read_record
from optimizer.tasks import Result, Task
from optimizer.tasks.parcel import SETTINGS

SUMMARY = "batch.csv"
COLUMNS = (
    "district", "scenario", "status", "gap", "children", "shortage", "overflow", "mean_m", "seconds", "why"
)  # fmt: skip
COUNTED = ("children", "shortage", "overflow")


def find_districts(folder: Path) -> list[Path]:
    """Return the instances directly below a folder, by name: the sub-folders that hold settings."""
    return sorted(entry for entry in folder.iterdir() if (entry / SETTINGS).is_file())


def plan_batch(districts: Sequence[Path], scenarios: Sequence[str], options: Options) -> tuple[Task, ...]:
    """Return a task a district and scenario, its run in DISTRICT/SCENARIO; the largest districts weigh most."""
    return tuple(
        Task(f"{district.name}/{scenario}", district, scenario, options, weight=weight)
        for district, weight in ((district, _weigh(district)) for district in districts)
        for scenario in scenarios
    )


def tabulate(results: Sequence[Result], reasons: Sequence[str]) -> pd.DataFrame:
    """Return a row a task, columns COLUMNS: NaN where there is no plan, `reasons` of those that have no run.

    `shortage` counts children without a place and breaches of soft rules, `overflow` zoned children outside their
    catchment; `seconds` are those of a worker.
    """
    rows = [_row(result, why) for result, why in zip(results, reasons, strict=True)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.assign(**{column: whole(table[column]) for column in COUNTED})


def write_summary(table: pd.DataFrame, out: Path) -> Path:
    """Write the table of a batch into its folder and return the file. Raises CannotWrite."""
    safe = table.assign(**{column: [guard(text) for text in table[column]] for column in ("district", "why")})
    target = out / SUMMARY
    try:
        out.mkdir(parents=True, exist_ok=True)
        with whole_file(target) as partial:
            write_csv(safe, partial)
    except OSError as failure:
        raise CannotWrite(target, failure.strerror or str(failure)) from failure
    return target


def _weigh(district: Path) -> float:
    """Pairs of units and schools, about: what a solve takes grows with the bytes of both tables."""
    sizes = {stem: sum(file.stat().st_size for file in district.glob(f"{stem}.*")) for stem in ("demand", "schools")}
    return float(max(1, sizes["demand"]) * max(1, sizes["schools"]))


def _row(result: Result, why: str) -> list[Any]:
    task = result.task
    if not result.is_stored:
        seconds = round(result.seconds, 1) if result.failure else np.nan
        return [task.instance.name, task.scenario, result.ending, *[np.nan] * 5, seconds, why]
    record = read_record(result.folder)
    planned = record["status"] in PLANNED
    levels = {level["name"]: level["value"] for level in record["levels"]} if planned else {}
    counted = [levels.get(level, 0.0) if planned else np.nan for level in ("shortage", "overflow")]
    figures = [
        record["gap"] if planned else np.nan,
        sum((record["decided"] or {}).values()) if planned else np.nan,
        *counted,
        record["mean_m"],
    ]
    return [task.instance.name, task.scenario, record["status"], *figures, round(result.seconds, 1), why]

"""Read a stored run back, exactly as it was written."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from models.outcome import Status
from models.plan import CLASS_COLUMNS, Plan, no_coordination
from models.run import Shortfall
from optimizer.runs.cells import read_csv

_NUMBERS: dict[str, tuple[str, ...]] = {
    "catchments": (),
    "assignments": ("students", "metres"),
    "coordination": ("students", "metres"),
    "classes": ("students", "classes", "largest_class"),
    "schools": ("students", "classes", "places", "utilisation"),
    "admission_plan": ("classes", "class_size", "planned", "zoned", "coordinated", "reserve", "balance"),
    "changes": ("households", "students", "metres_before", "metres_after"),
    "indices": ("value", "target"),
}


class NotARun(Exception):
    """The folder does not hold a run that can be read."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"{folder}: {reason}")
        self.folder = folder
        self.reason = reason


@dataclass(frozen=True)
class StoredRun:
    """A run folder. `record` is `run.json`; `tables` has every CSV by its stem, ids as text."""

    folder: Path
    record: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    shortfalls: tuple[Shortfall, ...]
    diagnosis: dict[str, Any]

    @property
    def status(self) -> Status:
        """What was shown about the plan."""
        return Status(self.record["status"])

    @property
    def plan(self) -> Plan | None:
        """The plan, or None for a run without one."""
        if "catchments" not in self.tables:
            return None
        classes = self.tables.get("classes", pd.DataFrame(columns=list(CLASS_COLUMNS)))
        student_km = float(self.record["student_km"])
        coordination = self.tables.get("coordination", no_coordination())
        return Plan(self.tables["catchments"], self.tables["assignments"], classes, student_km, coordination)


def read_run(folder: Path) -> StoredRun:
    """Return the run in `folder`. Raises NotARun where there is none or a file of it cannot be read."""
    try:
        record = _read_json(folder / "run.json")
        Status(record["status"])
        tables = {
            stem: read_csv(folder / f"{stem}.csv", numbers)
            for stem, numbers in _NUMBERS.items()
            if (folder / f"{stem}.csv").is_file()
        }
        issues = _read_json(folder / "issues.json") if (folder / "issues.json").is_file() else []
        diagnosis = _read_json(folder / "diagnosis.json") if (folder / "diagnosis.json").is_file() else {}
        return StoredRun(folder, record, tables, tuple(_shortfall(issue) for issue in issues), diagnosis)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as failure:
        raise NotARun(folder, f"{type(failure).__name__}: {failure}") from failure


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _shortfall(issue: dict[str, Any]) -> Shortfall:
    known = {key: value for key, value in issue.items() if key != "origin"}
    return Shortfall(**known, inherited=issue["origin"] == "inherited")

"""A run as it would be read back, without a folder: what was never stored stands beside what was."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from models.placement import Placement
from models.run import Run
from optimizer.runs.cells import read_csv, write_csv
from optimizer.runs.form import TABLES
from optimizer.runs.read import StoredRun, shape_table
from optimizer.runs.record import build_record, plain
from optimizer.runs.store import build_tables


def remember_run(run: Run, placement: Placement, folder: Path, told: Mapping[str, Any]) -> StoredRun:
    """Return a run with a plan for children as `read_run` would return it from `folder`.

    `told` is laid over its record.
    """
    tables = {name: _as_read(folder, name, table) for name, table in build_tables(run, placement).items()}
    record: dict[str, Any] = plain(build_record(run, placement.district) | dict(told))
    return StoredRun(folder, record, tables, run.shortfalls, {})


def _as_read(folder: Path, name: str, table: pd.DataFrame) -> pd.DataFrame:
    written = BytesIO()
    write_csv(table, written)
    written.seek(0)
    return shape_table(folder, f"{name}.csv", read_csv(written), TABLES[name])

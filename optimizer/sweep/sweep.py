"""The tasks of a sweep, and its folder: what is asked there, and the table of what came of it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.faults import Fault
from optimizer.checks import check_source
from optimizer.io import read_source
from optimizer.io.scenarios import FILE, PATCHED_BY_ID, UNWRITTEN
from optimizer.io.source import Source
from optimizer.pipeline import Options
from optimizer.runs.cells import write_csv
from optimizer.runs.folder import whole_file
from optimizer.sweep.axes import Axis, UnclearAxis
from optimizer.sweep.grid import Grid
from optimizer.sweep.outcome import Sweep
from optimizer.tasks import Task
from optimizer.tasks.parcel import SETTINGS

MARK, TABLE = "sweep.json", "sweep.csv"
SAID_AS = "--vary"
"""Where a fault stands that what varies brings with it."""


def describe_grid(grid: Grid, instance: Path, *, posts: bool, start: Path | None) -> dict[str, Any]:
    """Return what the runs of a grid answer, as `sweep.json` holds it."""
    return {
        "instance": instance.resolve().name,
        "scenario": grid.scenario,
        "vary": [[axis.key, list(axis.values)] for axis in grid.axes],
        "posts": posts,
        "from": None if start is None else start.as_posix(),
    }


def find_faults(grid: Grid, instance: Path) -> tuple[tuple[Fault, ...], int]:
    """Return the faults that the instance has with any of the values, and how many checks there were.

    Every value is tried once, beside the first values of the other keys. Raises UnclearAxis for a row of a table that
    the instance does not have.
    """
    found: dict[tuple[str, str, int, str, str], Fault] = {}
    checks = 0
    for point in grid.star():
        source = read_source(instance, point.scenario, point.variation.patch or None)
        _refuse_missing_tables(grid.axes, source)
        report = check_source(source)
        checks = report.checks
        for fault in (_as_said(fault, grid.axes) for fault in report.faults):
            found.setdefault((fault.code, fault.file, fault.row, fault.column, fault.found), fault)
    return tuple(found.values()), checks


def make_tasks(
    grid: Grid, instance: Path, options: Options, *, posts: bool = False, start: Path | None = None
) -> tuple[Task, ...]:
    """Return a task a point, each beginning from its neighbour; posts begin from nothing."""
    return tuple(
        Task(
            name=point.name,
            instance=instance,
            scenario=point.scenario,
            options=options,
            variation=point.variation,
            posts=posts,
            start=start,
            after="" if posts else point.after,
        )
        for point in grid.points
    )


def store_table(sweep: Sweep) -> Path:
    """Write `sweep.csv` and return its path: what varies, and what came of it, a row a point."""
    path = sweep.out / TABLE
    with whole_file(path) as partial:
        write_csv(sweep.table, partial)
    return path


def _refuse_missing_tables(axes: Sequence[Axis], source: Source) -> None:
    for axis in axes:
        if axis.path[0] in PATCHED_BY_ID and axis.path[0] not in source.tables:
            raise UnclearAxis("no_table", stated=axis.key, table=axis.path[0])


def _as_said(fault: Fault, axes: Sequence[Axis]) -> Fault:
    """A fault of what varies with the place where it was said, and not that of an override or of the settings."""
    column = fault.column.removeprefix(f"overrides.{UNWRITTEN}.")
    varied = any(f"{column}.".startswith(f"{'.'.join(axis.path)}.") for axis in axes)
    if fault.file not in (FILE, SETTINGS) or not (varied or column != fault.column):
        return fault
    section, _, rest = column.partition(".")
    number, changing = rest.partition(".")[0], [axis for axis in axes if axis.changes_demand]
    if section == "demand" and number.isdigit() and changing:
        column = changing[int(number) - 1].key
    return replace(fault, file=SAID_AS, column=column)

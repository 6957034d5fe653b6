"""What came of a sweep: a row a point, the best of them, where plans stop being possible, which key changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.district import Bools
from models.outcome import Status
from models.sentences import Language
from optimizer.runs.cells import guard
from optimizer.runs.form import PLANNED
from optimizer.runs.read import NotARun, read_record, read_stored_table
from optimizer.sweep.grid import Grid

FAILED, OPEN = "failed", "open"
"""Statuses of a point without a run: its task failed; nobody has worked on it yet."""
MAIN_INDICES = (
    *("mean_m", "p95_m", "max_m", "own_catchment_share", "utilisation", "max_utilisation", "mean_class_size"),
    *("changed_students", "changed_share", "posts_required", "posts_vacant", "teachers_moved"),
)
"""Indices of the district and of its stages that the table of a sweep has."""
NEAR = 1e-6


@dataclass(frozen=True)
class Sweep:
    """A grid and its runs."""

    grid: Grid
    out: Path
    table: pd.DataFrame
    """A row a point: `folder`, a column a key, `status`, `gap`, `children`, levels with their bounds, MAIN_INDICES."""
    levels: tuple[str, ...]
    """Levels that every plan was judged by, in the order of the objective."""
    alike: bool
    """Whether all plans are of the same children in the same mode, so that one may be called the best."""

    @property
    def planned(self) -> Bools:
        """Which points have a plan."""
        return np.asarray(self.table["status"].isin([status.value for status in PLANNED]))

    @property
    def unproved(self) -> Bools:
        """Which points have a plan that may still get better: it is not proved best within the gap."""
        return np.asarray(self.planned & (self.table["status"] != Status.OPTIMAL))

    @property
    def best(self) -> tuple[int, ...]:
        """Rows of the plans that come first by their levels in their order, equal ones all; none where plans cannot be
        compared."""
        rows = np.flatnonzero(self.planned)
        if len(rows) < 2 or not self.alike or not self.levels:
            return ()
        values = np.round(self.table.loc[rows, list(self.levels)].to_numpy(np.float64), 3)
        first = values[np.lexsort(values.T[::-1])[0]]
        found = rows[(values == first).all(axis=1)]
        return tuple(int(row) for row in found)

    def children(self, axis: int) -> tuple[int, ...] | None:
        """Children whom each value of an axis came to; None where that depends on the other keys, or nobody knows."""
        counted = self.table.get("children", pd.Series(np.nan, index=self.table.index)).to_numpy(np.float64)
        lines = np.moveaxis(counted.reshape(self.grid.shape), axis, 0).reshape(self.grid.shape[axis], -1)
        found = [np.unique(line[np.isfinite(line)]) for line in lines]
        return tuple(int(counts[0]) for counts in found) if all(len(counts) == 1 for counts in found) else None

    def along(self, axis: int) -> Iterator[tuple[tuple[int, ...], list[int]]]:
        """Yield the lines of the grid along an axis: where they stand on the others, and their rows in order."""
        numbers = np.arange(len(self.grid)).reshape(self.grid.shape)
        others = [range(count) for k, count in enumerate(self.grid.shape) if k != axis]
        for place in product(*others):
            index: list[Any] = list(place)
            index.insert(axis, slice(None))
            yield place, [int(row) for row in numbers[tuple(index)]]

    @property
    def idle(self) -> tuple[str, ...]:
        """Keys whose values change no level of any plan, where all points have one."""
        if not self.planned.all() or not self.levels:
            return ()
        values = self.table[list(self.levels)].to_numpy(np.float64)
        return tuple(
            axis.key
            for k, axis in enumerate(self.grid.axes)
            if len(axis.values) > 1 and all((np.ptp(values[rows], axis=0) < NEAR).all() for _, rows in self.along(k))
        )


@dataclass(frozen=True)
class Border:
    """Where plans begin or stop being possible along a key: at one value, whatever the others or for some of them."""

    axis: int
    value: str
    """The first with a plan; the first without one where `ends`."""
    ends: bool
    proved: bool
    """Whether it was proved of every point beyond the border that it has no plan."""
    others: tuple[str, ...]
    """Titles of the values of the other keys for which it holds; none where it holds for all."""


def read_sweep(grid: Grid, out: Path, failed: Sequence[str]) -> Sweep:
    """Return what came of the points of a grid, whose runs lie in `out`; those that nobody has worked on are open."""
    records = [_read(out / point.name) for point in grid.points]
    rows = [
        {
            "folder": point.name,
            **dict(zip((axis.key for axis in grid.axes), map(guard, grid.labels(point.position)), strict=True)),
            "status": FAILED if point.name in failed else OPEN if record is None else record["status"],
            **_figures(record, out / point.name),
        }
        for point, record in zip(grid.points, records, strict=True)
    ]
    planned = [record for record in records if record is not None and record["status"] in PLANNED]
    shared = [{level["name"] for level in record["levels"]} for record in planned]
    first = planned[0]["levels"] if planned else []
    levels = tuple(level["name"] for level in first if all(level["name"] in names for names in shared))
    decided = {(record["mode"], str(record["decided"])) for record in planned}
    return Sweep(grid, out, pd.DataFrame(rows), levels, alike=len(decided) == 1)


def find_borders(sweep: Sweep, language: Language = "en") -> tuple[Border, ...]:
    """Return where plans begin or stop being possible: along every key for which it is the same whatever the others,
    else line by line along the key on which most lines have a border. A line on which plans come and go has none."""
    found: dict[int, dict[tuple[str, bool], list[tuple[tuple[int, ...], list[int]]]]] = {}
    for axis, values in enumerate(sweep.grid.axes):
        for place, rows in sweep.along(axis):
            border = _border(sweep, rows)
            if border is not None:
                found.setdefault(axis, {}).setdefault((values.labels[border[0]], border[1]), []).append((place, rows))
    lines = {axis: len(sweep.grid) // count for axis, count in enumerate(sweep.grid.shape)}
    whole = [axis for axis, borders in found.items() if [len(at) for at in borders.values()] == [lines[axis]]]
    most = max(found, key=lambda axis: (sum(map(len, found[axis].values())), axis), default=None)
    return tuple(
        _describe(sweep, axis, border, at, language, everywhere=axis in whole)
        for axis in (whole or ([] if most is None else [most]))
        for border, at in found[axis].items()
    )


def _border(sweep: Sweep, rows: list[int]) -> tuple[int, bool] | None:
    """Where on a line plans begin, or stop; None where they do neither or more than once, or not all is known."""
    known = ~sweep.table.loc[rows, "status"].isin([FAILED, OPEN])
    planned = sweep.planned[rows]
    turns = np.flatnonzero(np.diff(planned.astype(np.int64)))
    return None if len(turns) != 1 or not known.all() else (int(turns[0]) + 1, bool(planned[0]))


def _describe(
    sweep: Sweep,
    axis: int,
    border: tuple[str, bool],
    at: Sequence[tuple[tuple[int, ...], list[int]]],
    language: Language,
    *,
    everywhere: bool,
) -> Border:
    rows = [row for _, line in at for row in line]
    without = sweep.table.loc[rows, "status"][~sweep.planned[rows]]
    places = [(*place[:axis], 0, *place[axis:]) for place, _ in at]
    others = () if everywhere else tuple(sweep.grid.title(place, language, beside=axis) for place in places)
    return Border(axis, *border, proved=bool((without == Status.INFEASIBLE).all()), others=others)


def _read(folder: Path) -> dict[str, Any] | None:
    try:
        return read_record(folder)
    except NotARun:
        return None


def _figures(record: Mapping[str, Any] | None, folder: Path) -> dict[str, Any]:
    """Gap, levels and indices of a run with a plan."""
    if record is None or record["status"] not in PLANNED:
        return {}
    levels = {
        f"{level['name']}{end}": level[part]
        for level in record["levels"]
        for end, part in (("", "value"), ("_bound", "bound"))
    }
    children = sum((record["decided"] or {}).values())
    return {"gap": record["gap"], "children": children, **levels, **_indices(folder)}


def _indices(folder: Path) -> dict[str, float]:
    table = read_stored_table(folder, "indices")
    told = table[(table["scope"] == "district") & table["index"].isin(MAIN_INDICES) & table["value"].notna()]
    named = zip(told["index"], told["stage"], told["value"], strict=True)
    found = {"_".join(filter(None, (index, stage))): float(value) for index, stage, value in named}
    return {name: found[name] for name in sorted(found, key=_place)}


def _place(name: str) -> tuple[int, str]:
    """Where a column of an index stands: in the order of MAIN_INDICES, the whole district before its stages."""
    return next(k for k, index in enumerate(MAIN_INDICES) if name.startswith(index)), name

"""Drawn plans out of a file: one, or one for each value of the column `plan`."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from models.district import District
from models.faults import Fault, FaultyInput
from models.plan import CATCHMENT_COLUMNS
from optimizer.checks.drawing import CODES, check_drawing
from optimizer.drawn.drawing import Drawing, hold
from optimizer.io.columns import Column, TableSpec, dictionary
from optimizer.io.findings import READING, CannotRead, unknown_format
from optimizer.io.folder import FORMATS, Place
from optimizer.io.reading import read_table
from optimizer.io.source import Table

_PLAN = Column("plan", "text", "Name of the plan", headings=("方案", "方案名称"))


class FaultyDrawing(FaultyInput):
    """A table of drawn plans that leaves open who goes where: every fault and warning at once."""


class NoSuchPlan(Exception):
    """A file that holds other plans than the one asked for."""

    def __init__(self, file: Path, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"{file}: {name}")
        self.file = file
        self.name = name
        self.known = known


def split_name(reference: str) -> tuple[Path, str | None]:
    """Return the file that `FILE#NAME` names, and the plan; a file whose own name holds the sign is that file."""
    file, sign, name = reference.rpartition("#")
    whole = Path(reference)
    return (whole, None) if not sign or whole.exists() else (Path(file), name or None)


def read_drawings(file: Path, name: str | None, district: District) -> tuple[Drawing, ...]:
    """Return the plans that a table holds, or the one called `name`, for a district.

    Columns unit_id, stage and school_id, in whatever known spelling, and `plan` where there are several; without it the
    plan is called as the file. Raises FileNotFoundError, NoSuchPlan, and FaultyDrawing with every finding at once.
    """
    if not file.is_file():
        raise FileNotFoundError(file)
    met: list[Fault] = []
    table = _read(file, met)
    if table is None or _has_fault(met):
        raise _faulty(met)
    names = table.text("plan") if table.has("plan") else np.full(len(table), file.stem, dtype=object)
    known = tuple(dict.fromkeys(names))
    if name is not None and name not in known:
        raise NoSuchPlan(file, name, known)
    chosen = known if name is None else (name,)
    found = {plan: check_drawing(table, np.flatnonzero(names == plan), district) for plan in chosen or ("",)}
    met += [fault for faults in found.values() for fault in faults]
    if _has_fault(met):
        raise _faulty(met)
    texts = pd.DataFrame({column: table.text(column) for column in CATCHMENT_COLUMNS})
    return tuple(
        Drawing(plan or file.stem, plan or file.stem, str(file), hold(district, texts[names == plan]), tuple(met))
        for plan in chosen
    )


def _read(file: Path, met: list[Fault]) -> Table | None:
    if file.suffix.casefold() not in FORMATS:
        raise _faulty([unknown_format(file.name, file.suffix, list(FORMATS))])
    try:
        return read_table(Place("current", file), _spec(), {}, met)
    except CannotRead as error:
        raise _faulty([*met, error.fault]) from error


def _spec() -> TableSpec:
    """Today's catchments with the name of the plan, in words of their own."""
    today = dictionary()["current"]
    return replace(today, columns={**today.columns, "plan": _PLAN})


def _has_fault(met: list[Fault]) -> bool:
    return any(fault.severity == "fault" for fault in met)


def _faulty(met: list[Fault]) -> FaultyDrawing:
    found = sorted(met, key=lambda fault: (fault.severity != "fault", fault.row, fault.code))
    return FaultyDrawing(tuple(found), len(READING) + len(CODES))

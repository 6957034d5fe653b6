"""Rows that a scenario changes: cells by id, and children by `scale` or `set`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from models.district import Ints
from models.faults import Fault
from models.rounding import scale_half_up
from optimizer.io.findings import half_point, touches_nothing, unknown_key, unknown_row, wrong_value
from optimizer.io.scenarios import FILE, PATCHED_BY_ID, Scenario
from optimizer.io.source import NUMBER, Table, Texts

FILTERS = ("unit_id", "zone_id", "stage", "grade", "category")


def apply_rows(table: Table, scenario: Scenario) -> Table:
    """Return a table with the rows that the overrides of a scenario name by id changed."""
    for name, patch in scenario.overrides:
        rows = patch.get(table.spec.name)
        if table.spec.name in PATCHED_BY_ID and isinstance(rows, Mapping):
            table = _patch_rows(table, f"overrides.{name}.{table.spec.name}", rows)
    return table


def check_rows(table: Table, name: str, patch: Mapping[str, Any]) -> Iterator[Fault]:
    """Find ids and columns that an override names and the table does not know, and values that are no cell."""
    rows = patch.get(table.spec.name)
    if table.spec.name not in PATCHED_BY_ID or not isinstance(rows, Mapping):
        return
    known = set(table.text(table.spec.key[0]))
    for row_id, cells in rows.items():
        key = f"overrides.{name}.{table.spec.name}.{row_id}"
        if row_id not in known and table.has(table.spec.key[0]):
            yield unknown_row(key, row_id, sorted(known))
        if isinstance(cells, Mapping):
            yield from _check_cells(table, key, cells)
        else:
            yield wrong_value(FILE, key, str(cells), "dict_type", {})


def _check_cells(table: Table, key: str, cells: Mapping[str, Any]) -> Iterator[Fault]:
    changeable = [column for column in table.spec.columns if column not in table.spec.key]
    for column, value in cells.items():
        if column not in changeable:
            yield unknown_key(FILE, f"{key}.{column}", column, changeable)
        elif not isinstance(value, str | int | float):
            yield wrong_value(FILE, f"{key}.{column}", str(value), "cell", {})
    for given, missing in (("x", "y"), ("y", "x")):
        if table.spec.located and given in cells and missing not in cells:
            yield half_point(f"{key}.{given}", given, missing)


def apply_demand(demand: Table, units: Table | None, scenario: Scenario) -> tuple[Table, tuple[Fault, ...]]:
    """Return the demand with every `scale` and `set` of a scenario applied in order, and those that touch no row."""
    faults, children = [], _Children.of(demand, units)
    for name, patch in scenario.overrides:
        for number, change in enumerate(_demand_changes(patch), start=1):
            key = f"overrides.{name}.demand.{number}"
            rows = children.find(change)
            if not len(rows):
                faults.append(touches_nothing(key))
            children.change(rows, change, key)
    return children.table(), tuple(faults)


def check_demand(demand: Table, units: Table | None, name: str, patch: Mapping[str, Any]) -> Iterator[Fault]:
    """Find what is wrong with the changes of demand in an override: keys, values, units and zones that are not."""
    stated = patch.get("demand", [])
    if isinstance(stated, Mapping):
        return
    if not isinstance(stated, list) or not all(isinstance(change, Mapping) for change in stated):
        yield wrong_value(FILE, f"overrides.{name}.demand", "", "list_of_tables", {})
        return
    named = _named_by(demand, units)
    for number, change in enumerate(stated, start=1):
        key = f"overrides.{name}.demand.{number}"
        known = ["scale", "set", *FILTERS]
        yield from (unknown_key(FILE, f"{key}.{word}", word, known) for word in change if word not in known)
        amounts = [change[word] for word in ("scale", "set") if word in change]
        if len(amounts) != 1 or not _is_amount(amounts[0], whole="set" in change):
            yield wrong_value(FILE, key, ", ".join(map(str, amounts)), "scale_or_set", {})
        for word, values in named.items():
            if word in change and _meant(demand, word, change[word]) not in values:
                yield unknown_row(f"{key}.{word}", str(change[word]), sorted(values))


def _patch_rows(table: Table, key: str, rows: Mapping[str, Any]) -> Table:
    frame, patched = table.frame.copy(), dict(table.patched)
    ids = table.text(table.spec.key[0])
    changes = [
        (row_id, *cell) for row_id, cells in rows.items() if isinstance(cells, Mapping) for cell in cells.items()
    ]
    for row_id, column, value in changes:
        spec = table.spec.columns.get(column)
        if spec is None or column in table.spec.key:
            continue
        cells = replace(table, frame=frame).text(column).copy()
        cells[ids == row_id] = spec.canonical(_cell(value))
        frame[column] = cells
        patched |= {(int(row), column): f"{key}.{row_id}.{column}" for row in np.flatnonzero(ids == row_id)}
    return replace(table, frame=frame, patched=patched)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()


def _demand_changes(patch: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Changes of demand that can be applied; the others are faults already."""
    stated = patch.get("demand", [])
    changes = [change for change in stated if isinstance(change, Mapping)] if isinstance(stated, list) else []
    return [
        change
        for change in changes
        if ("scale" in change) != ("set" in change)
        and _is_amount(change.get("scale", change.get("set")), whole="set" in change)
    ]


def _is_amount(value: Any, *, whole: bool) -> bool:
    kinds = int if whole else int | float
    return isinstance(value, kinds) and not isinstance(value, bool) and 0 <= value <= 1e6


def _meant(demand: Table, word: str, stated: Any) -> str:
    """The value by which a change of demand chooses rows: a stage or a grade in whatever spelling a cell may have."""
    column = demand.spec.columns.get(word)
    return str(stated) if column is None else column.canonical(str(stated))


def _named_by(demand: Table, units: Table | None) -> dict[str, set[str]]:
    named = {word: set(demand.text(word)) for word in ("stage", "grade")}
    named["category"] = {"local", *demand.text("category")}
    if units is not None:
        named |= {"unit_id": set(units.text("unit_id")), "zone_id": set(units.text("zone_id"))}
    return {word: values - {""} for word, values in named.items()}


@dataclass(frozen=True)
class _Children:
    """The rows of `demand` while they are changed, often thousands of times."""

    demand: Table
    named: Mapping[str, Texts]
    """What each row is called by, for every word of FILTERS."""
    students: Texts
    patched: dict[tuple[int, str], str]

    @classmethod
    def of(cls, demand: Table, units: Table | None) -> "_Children":
        named = {word: demand.text(word) for word in FILTERS if word != "zone_id"}
        named["category"] = np.where(named["category"] == "", "local", named["category"])
        named["zone_id"] = _zones(demand, units)
        return cls(demand, named, demand.text("students").copy(), dict(demand.patched))

    @cached_property
    def of_unit(self) -> dict[str, list[int]]:
        """Rows of each unit."""
        rows: dict[str, list[int]] = {}
        for row, unit in enumerate(self.named["unit_id"]):
            rows.setdefault(unit, []).append(row)
        return rows

    def find(self, change: Mapping[str, Any]) -> Ints:
        """Return the rows that a change names."""
        of_unit = self.of_unit.get(str(change["unit_id"]), []) if "unit_id" in change else range(len(self.demand))
        rows = np.array(of_unit, dtype=np.int64)
        for word in FILTERS:
            if word in change:
                rows = rows[self.named[word][rows] == _meant(self.demand, word, change[word])]
        return rows

    def change(self, rows: Ints, change: Mapping[str, Any], key: str) -> None:
        """Count the children of some rows anew."""
        for row in rows.tolist() if self.demand.has("students") else ():
            if "set" in change:
                self.students[row] = str(change["set"])
            elif NUMBER.fullmatch(self.students[row]):
                self.students[row] = str(scale_half_up(self.students[row], change["scale"]))
            else:
                continue
            self.patched[row, "students"] = key

    def table(self) -> Table:
        """Return the demand as changed."""
        if self.patched == self.demand.patched:
            return self.demand
        return replace(self.demand, frame=self.demand.frame.assign(students=self.students), patched=self.patched)


def _zones(demand: Table, units: Table | None) -> Texts:
    if units is None:
        return np.full(len(demand), "", dtype=object)
    zone_of = dict(zip(units.text("unit_id"), units.text("zone_id"), strict=True))
    return np.array([zone_of.get(unit, "") for unit in demand.text("unit_id")], dtype=object)

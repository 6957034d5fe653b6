"""From a folder to a `Source`: settings and tables as text, the scenario applied, and what could not be read."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.faults import Fault
from models.settings import Name
from optimizer.io.columns import Column, TableSpec, dictionary, normalise_heading
from optimizer.io.findings import (
    CannotRead,
    closed_file,
    doubled_column,
    missing_column,
    misspelt_column,
    nearest,
    padded_ids,
    unknown_crs,
)
from optimizer.io.folder import Place, compute_fingerprints, find_tables, read_sheet
from optimizer.io.overrides import apply_demand, apply_rows, check_demand, check_rows
from optimizer.io.scenarios import BASE, FILE, UNWRITTEN, Scenario, Scenarios, misplaced_keys, understand_scenarios
from optimizer.io.settings import is_crs, read_toml, settle
from optimizer.io.sheets import Sheet
from optimizer.io.source import Source, Table


def read_source(folder: Path, scenario: str = BASE, patch: Mapping[str, Any] | None = None, title: Name = "") -> Source:
    """Read an instance under one scenario, as text and with the place every row came from.

    `patch` is laid over the scenario, as an override that `scenarios.toml` does not hold yet, and `title` is what the
    whole is then called. Faulty content never raises: it is found in `faults`. Raises FileNotFoundError where there is
    no such folder, and ScenarioNotFound for a scenario that `scenarios.toml` does not name.
    """
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    faults: list[Fault] = []
    written = _read_settings(folder / "instance.toml", faults)
    scenarios = _read_scenarios(folder, faults)
    chosen = scenarios.choose(scenario) if scenarios is not None else Scenario(scenario)
    if scenarios is not None and patch:
        scenarios, chosen = scenarios.lay_over(chosen, patch)
        faults.extend(misplaced_keys(UNWRITTEN, patch))
    stated = chosen.sections(written or {})
    crs = _section(stated, "crs")
    places = _find(folder, _section(stated, "files"), faults)
    read = {place.table: read_table(place, dictionary()[place.table], crs, faults) for place in places}
    tables = {name: table for name, table in read.items() if table is not None}
    if scenarios is not None:
        faults.extend(_check_overrides(tables, scenarios))
    tables, untouched = _apply(tables, chosen)
    has_current = "current" in tables and len(tables["current"]) > 0
    settings, wrong = (None, ()) if written is None else settle(stated, chosen, has_current=has_current)
    if scenarios is not None and written is not None:
        faults.extend(_check_others(written, scenarios, chosen, has_current, wrong))
    paths = [folder / "instance.toml", folder / FILE, *(place.path for place in places)]
    fingerprints = compute_fingerprints(iter(paths))
    if chosen.overrides:
        fingerprints[f"{FILE}#{scenario}"] = chosen.digest
    told = (*faults, *wrong, *untouched)
    return Source(folder, scenario, settings, tables, stated, told, fingerprints, title or chosen.title, patch or {})


def scenario_names(folder: Path) -> tuple[str, ...]:
    """Return the names of the scenarios of an instance, in order; none where `scenarios.toml` cannot be read."""
    scenarios = _read_scenarios(folder, [])
    return tuple(scenarios.scenarios) if scenarios is not None else ()


def read_terms(folder: Path, scenario: str = BASE) -> Mapping[str, Any]:
    """Return the local words that an instance states under a scenario, as they stand; none where they cannot be read.

    What is wrong with them is a fault, which reading the instance reports.
    """
    written, scenarios = _read_settings(folder / "instance.toml", []), _read_scenarios(folder, [])
    if written is None or scenarios is None or scenario not in (BASE, *scenarios.scenarios):
        return {}
    return _section(scenarios.choose(scenario).sections(written), "terms")


def _read_settings(path: Path, faults: list[Fault]) -> dict[str, Any] | None:
    try:
        return read_toml(path)
    except CannotRead as error:
        faults.append(error.fault)
        return None


def _read_scenarios(folder: Path, faults: list[Fault]) -> Scenarios | None:
    """Return the scenarios of an instance, or None where the file is too broken to know them."""
    if not (folder / FILE).exists():
        return Scenarios()
    try:
        scenarios = understand_scenarios(read_toml(folder / FILE))
    except CannotRead as error:
        faults.append(error.fault)
        return None
    faults.extend(scenarios.faults)
    return scenarios


def _find(folder: Path, named: Mapping[str, Any], faults: list[Fault]) -> list[Place]:
    try:
        places, missing = find_tables(folder, named)
    except OSError as error:
        faults.append(closed_file(folder.name, error.strerror or type(error).__name__))
        return []
    faults.extend(missing)
    return places


def _section(stated: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = stated.get(name)
    return section if isinstance(section, Mapping) else {}


def read_table(place: Place, spec: TableSpec, crs: Mapping[str, Any], faults: list[Fault]) -> Table | None:
    """Return a table as text, None where it cannot be read; `faults` takes what is wrong. `crs` is a section."""
    try:
        sheet = read_sheet(place)
    except CannotRead as error:
        faults.append(error.fault)
        return None
    faults.extend(sheet.faults)
    named, slips = _name_columns(spec, sheet, place.file, faults)
    frame = {column.name: _clean(column, sheet, position, place.file, faults) for column, position in named}
    stated = crs.get(spec.name)
    return Table(
        spec=spec,
        file=place.file,
        frame=pd.DataFrame(frame, index=range(len(sheet.rows)), dtype=object),
        rows=np.asarray(sheet.rows, dtype=np.int64),
        geometry=sheet.geometry,
        crs=_usable(stated) if stated is not None else _file_crs(sheet, place.file, faults),
        points_crs=_usable(crs.get("tables") if stated is None else stated),
        slips=slips,
    )


def _usable(crs: object) -> str | None:
    """The coordinate system; None where nothing is stated, "" where it cannot be undone (a fault of the settings)."""
    if crs is None:
        return None
    return crs if isinstance(crs, str) and is_crs(crs) else ""


def _file_crs(sheet: Sheet, file: str, faults: list[Fault]) -> str | None:
    """The coordinate system that a file states of itself."""
    usable = _usable(sheet.crs)
    if usable == "" and sheet.crs:
        faults.append(unknown_crs(file, "", sheet.crs.partition('"')[2].partition('"')[0] or sheet.crs))
    return usable


def _name_columns(
    spec: TableSpec, sheet: Sheet, file: str, faults: list[Fault]
) -> tuple[list[tuple[Column, int]], dict[str, str]]:
    """Return the columns of a sheet that the dictionary knows, and the slips; tell of those missing or doubled."""
    headings = [heading.strip() for heading in sheet.headings]
    known = [(spec.find_column(heading), position) for position, heading in enumerate(headings)]
    named = [(column, position) for column, position in known if column is not None]
    unknown = [headings[position] for column, position in known if column is None and headings[position]]
    times = Counter(column.name for column, _ in named)
    for name in (name for name, count in times.items() if count > 1):
        faults.append(doubled_column(file, name, [headings[at] for column, at in named if column.name == name]))
    absent = [column for column in spec.columns.values() if column.name not in times]
    slips = _find_slips(absent, unknown)
    for column in absent:
        near = slips.get(column.name, "")
        if column.needed and sheet.headings:
            faults.append(missing_column(file, column.name, headings, near or nearest(column.name, unknown)))
        elif near:
            faults.append(misspelt_column(file, near, column.name))
    return list({column.name: (column, position) for column, position in reversed(named)}.values()), slips


def _find_slips(absent: list[Column], unknown: list[str]) -> dict[str, str]:
    """Return the absent columns that a heading was probably meant to be, not a column of the planner's own."""
    spelt = {normalise_heading(name): column.name for column in absent for name in (column.name, *column.headings)}
    slips: dict[str, str] = {}
    for heading in unknown:
        narrow = normalise_heading(heading)
        near = nearest(narrow, list(spelt))
        if near and narrow[:2] == near[:2] and abs(len(narrow) - len(near)) <= 2:
            slips.setdefault(spelt[near], heading)
    return slips


def _clean(column: Column, sheet: Sheet, position: int, file: str, faults: list[Fault]) -> list[str]:
    """Return the cells of a column without white space round them, choices in their canonical spelling."""
    cells = sheet.columns[position]
    stripped = [cell.strip() for cell in cells]
    padded = [row for row, cell in enumerate(cells) if len(cell) != len(stripped[row])] if column.kind == "id" else []
    if padded:
        first = padded[0]
        faults.append(padded_ids(file, sheet.rows[first], column.name, cells[first], len(padded)))
    return [column.canonical(cell) for cell in stripped] if column.choices else stripped


def _check_overrides(tables: Mapping[str, Table], scenarios: Scenarios) -> list[Fault]:
    """Faults in the rows and demand of every override, whether or not the scenario at hand uses it."""
    found: list[Fault] = []
    for name, patch in scenarios.overrides.items():
        for table in tables.values():
            found.extend(check_rows(table, name, patch))
        if "demand" in tables:
            found.extend(check_demand(tables["demand"], tables.get("units"), name, patch))
    return found


def _check_others(
    written: Mapping[str, Any], scenarios: Scenarios, chosen: Scenario, has_current: bool, told: tuple[Fault, ...]
) -> list[Fault]:
    """Faults in the settings of overrides that the scenario at hand does not use."""
    used = {name for name, _ in chosen.overrides}
    found: list[Fault] = []
    for name, patch in scenarios.overrides.items():
        if name not in used:
            alone = Scenario(name, ((name, patch),))
            _, wrong = settle(alone.sections(written), alone, has_current=has_current)
            found.extend(fault for fault in wrong if fault.file == FILE and fault not in told)
    return found


def _apply(tables: dict[str, Table], scenario: Scenario) -> tuple[dict[str, Table], tuple[Fault, ...]]:
    changed = {name: apply_rows(table, scenario) for name, table in tables.items()}
    if "demand" not in changed:
        return changed, ()
    demand, untouched = apply_demand(changed["demand"], changed.get("units"), scenario)
    return {**changed, "demand": demand}, untouched

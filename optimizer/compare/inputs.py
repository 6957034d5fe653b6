"""What two plans were made from, as far as it differs: settings, schools, children, teachers, ways, other files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.district import Demand, District, Schools
from models.staffing import Teachers
from optimizer.digest import Exhibit

SCHOOL_COLUMNS = ("school_id", "cell", "before", "after")
CHILDREN_COLUMNS = ("stage", "category", "before", "after")
UNIT_COLUMNS = ("unit_id", "stage", "before", "after")
ZONE_COLUMNS = ("zone_id", "stage", "before", "after")
_SECTIONS = ("policy", "rules", "objective", "catchments", "categories", "demand", "travel", "costs")
_FIGURES = ("year", "mode", "hold", "enrolment_year", "data_date")
_TOLD = ("instance", "scenarios", "schools", "demand", "teachers", "travel")
"""Files by stem whose differences are told in their own words where both instances are there."""
_METRE = 0.5


@dataclass(frozen=True)
class Setting:
    """A setting that differs, by its dotted key; None where a plan does not state it."""

    key: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Staff:
    """Teachers in the two inputs."""

    before: int
    after: int
    joining: int
    """In the second alone."""
    leaving: int
    """In the first alone."""
    changed: int
    """In both, and not alike."""


@dataclass(frozen=True)
class Ways:
    """Pairs of unit and school whose way differs by half a metre or more; reach that is gained or lost is infinite."""

    pairs: int
    of: int
    largest_m: float


@dataclass(frozen=True)
class Inputs:
    """What differs in the input. Without both instances (`known` False) settings and the names of files tell all."""

    known: bool
    settings: tuple[Setting, ...]
    schools: pd.DataFrame
    """Columns SCHOOL_COLUMNS: cells of schools that are in both; None where a cell is empty."""
    added: tuple[str, ...]
    """Schools of the second input alone."""
    gone: tuple[str, ...]
    """Schools of the first input alone."""
    children: pd.DataFrame
    """Columns CHILDREN_COLUMNS, where the sums differ."""
    units: pd.DataFrame
    """Columns UNIT_COLUMNS: children of each unit whose number differs, the largest difference first."""
    zones: pd.DataFrame
    """Columns ZONE_COLUMNS, likewise; without rows where there are no zones."""
    staff: Staff | None
    """None where neither has teachers, or both the same."""
    ways: Ways | None
    """None where every way is the same."""
    files: tuple[str, ...]
    """Other files whose content differs, or that one of the two does not have."""

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        tables = (self.schools, self.children, self.units)
        told = (self.settings, self.added, self.gone, self.files)
        return not any(told) and all(table.empty for table in tables) and self.staff is None and self.ways is None


def compare_inputs(baseline: Exhibit, other: Exhibit) -> Inputs:
    """Return what differs in the input of two plans: from their instances where both are there, else from the runs."""
    first = None if baseline.basis is None else baseline.basis.district
    second = None if other.basis is None else other.basis.district
    known = first is not None and second is not None
    files = _compare_files(baseline, other, parts=not known)
    settings = _compare_settings(*_settings_of((baseline, other)))
    if first is None or second is None:
        return Inputs(
            False,
            settings,
            schools=_empty(SCHOOL_COLUMNS),
            added=(),
            gone=(),
            children=_empty(CHILDREN_COLUMNS),
            units=_empty(UNIT_COLUMNS),
            zones=_empty(ZONE_COLUMNS),
            staff=None,
            ways=None,
            files=tuple(files),
        )
    return Inputs(
        True,
        settings,
        schools=_compare_schools(first.schools, second.schools),
        added=tuple(school for school in second.schools.ids if school not in first.schools.row),
        gone=tuple(school for school in first.schools.ids if school not in second.schools.row),
        children=_compare_children(first.demand, second.demand),
        units=_compare_units(first, second),
        zones=_compare_zones(first, second),
        staff=_compare_staff(first.teachers, second.teachers),
        ways=_compare_ways(baseline, other),
        files=tuple(file for file in files if Path(file).stem not in _TOLD),
    )


def _empty(columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns))


def _settings_of(exhibits: Sequence[Exhibit]) -> Iterator[dict[str, Any]]:
    """Every setting of each plan by its dotted key: of the instances where all are there, else of the runs.

    A run has only the sections that the version that made it knew; what one of them lacks is not held against another.
    """
    bases = [exhibit.basis for exhibit in exhibits if exhibit.basis is not None]
    stated: list[Mapping[str, Any]] = [exhibit.record for exhibit in exhibits]
    if len(bases) == len(exhibits):
        stated = [basis.district.settings.model_dump(mode="json", exclude_none=True) for basis in bases]
    shared = [key for key in _SECTIONS if all(key in sections for sections in stated)]
    figures = (*_FIGURES, *(() if len(bases) == len(exhibits) else ("variation",)))
    for exhibit, sections in zip(exhibits, stated, strict=True):
        told = {key: exhibit.record[key] for key in figures if key in exhibit.record}
        yield dict(_flatten(told | {key: sections[key] for key in shared}))


def _flatten(stated: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in stated.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{above}{key}.")
        elif value is not None:
            yield f"{above}{key}", value


def _compare_settings(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[Setting, ...]:
    keys = dict.fromkeys((*first, *second))
    return tuple(Setting(key, first.get(key), second.get(key)) for key in keys if first.get(key) != second.get(key))


def _compare_files(baseline: Exhibit, other: Exhibit, *, parts: bool) -> list[str]:
    """Files by name; with `parts` also what a scenario is made of, where that is not told as what it changes."""
    first, second = (
        {file: digest for file, digest in exhibit.record.get("fingerprint", {}).items() if parts or "#" not in file}
        for exhibit in (baseline, other)
    )
    return sorted(file for file in first.keys() | second.keys() if first.get(file) != second.get(file))


def _compare_schools(first: Schools, second: Schools) -> pd.DataFrame:
    """Cells of the schools that both have, school by school."""
    both = [school for school in first.ids if school in second.row]
    rows = ([first.row[school] for school in both], [second.row[school] for school in both])
    before, after = (_cells(schools, at) for schools, at in zip((first, second), rows, strict=True))
    found = []
    for place, school in enumerate(both):
        for cell in dict.fromkeys((*before, *after)):
            was, now = (cells[cell][place] if cell in cells else None for cells in (before, after))
            if was != now:
                found.append((school, cell, was, now))
    return pd.DataFrame(found, columns=list(SCHOOL_COLUMNS), dtype=object)


def _cells(schools: Schools, rows: list[int]) -> dict[str, list[Any]]:
    """Columns of the table of schools by their names there; None for an empty cell."""
    columns: dict[str, Any] = {
        "name": schools.names,
        "type": schools.types,
        "status": schools.status,
        "places": schools.places,
        **{f"places_{stage}": places for stage, places in schools.places_of_stage.items()},
        "classrooms": schools.classrooms,
        **{f"classrooms_{stage}": rooms for stage, rooms in schools.classrooms_of_stage.items()},
        **{f"classes_per_grade_{stage}": tracks for stage, tracks in schools.classes_per_grade.items()},
        "purchased_places": schools.purchased_places,
        "is_new": schools.is_new,
        "private": schools.private,
        "anchor": schools.anchor,
        "zone_id": schools.zone,
        "region": schools.region,
        "group_id": schools.group,
        "legal_id": schools.legal,
        "strength": schools.strength,
        **{str(name): amount for name, amount in schools.resources.items()},
        "x": np.round(schools.lon, 6),
        "y": np.round(schools.lat, 6),
    }
    return {name: [_plain(values[row]) for row in rows] for name, values in columns.items()}


def _plain(cell: Any) -> Any:
    value = cell.item() if isinstance(cell, np.generic) else cell
    return None if value == "" or pd.isna(value) else value


def _compare_children(first: Demand, second: Demand) -> pd.DataFrame:
    before, after = (_sum_kinds(demand) for demand in (first, second))
    rows = [(*key, before.get(key, 0), after.get(key, 0)) for key in dict.fromkeys((*before, *after))]
    return pd.DataFrame([row for row in rows if row[2] != row[3]], columns=list(CHILDREN_COLUMNS))


def _sum_kinds(demand: Demand) -> dict[tuple[str, str], int]:
    totals: dict[tuple[str, str], int] = {}
    for cohort, number in zip(demand.cohorts, demand.students.sum(axis=0).tolist(), strict=True):
        key = (cohort.stage, cohort.category)
        totals[key] = totals.get(key, 0) + number
    return totals


def _compare_units(first: District, second: District) -> pd.DataFrame:
    table = pd.DataFrame(_each_unit(first, second), columns=list(UNIT_COLUMNS))
    table = table[table["before"] != table["after"]]
    far = (table["after"] - table["before"]).abs().to_numpy(np.int64)
    return table.iloc[np.argsort(-far, kind="stable")].reset_index(drop=True)


def _compare_zones(first: District, second: District) -> pd.DataFrame:
    zone_of = dict(zip(second.units.ids, second.units.zone, strict=True))
    zone_of |= dict(zip(first.units.ids, first.units.zone, strict=True))
    table = pd.DataFrame(_each_unit(first, second), columns=list(UNIT_COLUMNS))
    table = table.assign(zone_id=table["unit_id"].map(zone_of)).query("zone_id != ''")
    sums = table.groupby(["zone_id", "stage"], sort=False)[["before", "after"]].sum().reset_index()
    sums = sums[sums["before"] != sums["after"]]
    far = (sums["after"] - sums["before"]).abs().to_numpy(np.int64)
    return sums.iloc[np.argsort(-far, kind="stable")].reset_index(drop=True)[list(ZONE_COLUMNS)]


def _each_unit(first: District, second: District) -> Iterator[tuple[str, str, int, int]]:
    """Children of every unit and stage in both."""
    stages = dict.fromkeys(cohort.stage for district in (first, second) for cohort in district.demand.cohorts)
    for stage in stages:
        before, after = (
            dict(zip(district.units.ids, district.demand.of_stage(stage).tolist(), strict=True))
            for district in (first, second)
        )
        for unit in dict.fromkeys((*before, *after)):
            yield unit, stage, before.get(unit, 0), after.get(unit, 0)


def _compare_staff(first: Teachers | None, second: Teachers | None) -> Staff | None:
    before, after = (_persons(teachers) for teachers in (first, second))
    both = before.keys() & after.keys()
    staff = Staff(
        len(before),
        len(after),
        joining=len(after.keys() - before.keys()),
        leaving=len(before.keys() - after.keys()),
        changed=sum(before[teacher] != after[teacher] for teacher in both),
    )
    return staff if staff.joining or staff.leaving or staff.changed else None


def _persons(teachers: Teachers | None) -> dict[str, tuple[Any, ...]]:
    """What is known of each teacher, by id; people and schools stand by their rows, as in the tables."""
    if teachers is None:
        return {}
    columns = [values for name, values in vars(teachers).items() if name not in ("ids", "row")]
    return {teacher: tuple(str(values[row]) for values in columns) for row, teacher in enumerate(teachers.ids)}


def _compare_ways(baseline: Exhibit, other: Exhibit) -> Ways | None:
    assert baseline.basis is not None
    assert other.basis is not None
    if "posts" in (baseline.stored.scope, other.stored.scope):
        return None
    first, second = baseline.basis.district, other.basis.district
    units = [unit for unit in first.units.ids if unit in second.units.row]
    schools = [school for school in first.schools.ids if school in second.schools.row]
    before, after = (
        basis.travel.metres[
            np.ix_([basis.district.units.row[u] for u in units], [basis.district.schools.row[s] for s in schools])
        ]
        for basis in (baseline.basis, other.basis)
    )
    with np.errstate(invalid="ignore"):
        apart = np.where(before == after, 0.0, np.abs(after - before))
    pairs = int((apart >= _METRE).sum())
    return Ways(pairs, apart.size, float(apart.max())) if pairs else None

"""A table of catchments that somebody drew, beside the district it is for: what keeps it from being judged at all.

What a plan breaks is no fault of its table. A fault is only what leaves open who goes where.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from models.district import Bools, District, Ints
from models.faults import Fault
from models.stages import STAGES, Stage
from optimizer.checks.links import SUGGESTIONS, folded
from optimizer.io.findings import Finding, nearest
from optimizer.io.source import Table

CODES = ("D101", "D102", "D103", "D104", "D105", "D106", "D107", "D108", "D109", "D110")
"""Every code that a drawn plan may have."""
_NAMED = 5
FOREIGN = 0.5
"""Share of the units named in a table below which it is of another district."""


def check_drawing(table: Table, rows: Ints, district: District) -> list[Fault]:
    """Return everything wrong with some rows of a table with the columns unit_id, stage and school_id.

    They are those of one plan; stages that the instance does not plan are a warning.
    """
    stages = district.settings.instance.stages
    stage = table.text("stage")[rows]
    planned = rows[np.isin(stage, stages)]
    if not len(planned):
        return [table.whole("stage", planned=", ".join(stages)).fault("D101", "fault")]
    foreign = _find_foreign(table, planned, district)
    if foreign is not None:
        return [foreign.fault("D110", "fault")]
    known_units, known_schools = list(district.units.ids), list(district.schools.ids)
    found = {
        "D102": _find_unknown(table, planned, "unit_id", known_units),
        "D103": _find_unknown(table, planned, "school_id", known_schools),
        "D104": _find_unknown(table, rows, "stage", list(STAGES)),
        "D106": _find_not_receiving(table, planned, district),
        "D107": _find_twice(table, planned),
        "D108": _find_divided(table, planned, district),
        "D109": _find_left_out(table, planned, district),
    }
    faults = [finding.fault(code, "fault") for code, findings in found.items() for finding in findings]
    return [*faults, *(finding.fault("D105", "warning") for finding in _find_unplanned(table, rows, stages))]


def follows_catchment(district: District, stage: Stage) -> Bools:
    """Return the units with children of a stage who go where their catchment goes."""
    columns = [
        k
        for k, cohort in enumerate(district.demand.cohorts)
        if cohort.stage == stage
        and (district.settings.instance.mode == "whole" or district.settings.kind_of(cohort.category) == "zoned")
    ]
    return np.asarray(district.demand.students[:, columns].any(axis=1), dtype=np.bool_)


def _find_foreign(table: Table, rows: Ints, district: District) -> Finding | None:
    """A table of which most units are none: told of once, instead of each of them."""
    named = set(table.text("unit_id")[rows])
    known = named & district.units.row.keys()
    if len(known) >= FOREIGN * len(named):
        return None
    facts = {"known": f"{len(known):,}", "units": f"{len(named):,}", "ids": ", ".join(district.units.ids[:_NAMED])}
    return table.whole("unit_id", next(iter(sorted(named - known))), instance=district.settings.instance.name, **facts)


def _find_unknown(table: Table, rows: Ints, column: str, known: list[str]) -> Iterator[Finding]:
    """Ids that are none, each told of once."""
    cells = table.text(column)[rows]
    lost = np.flatnonzero(~np.isin(cells.astype(str), known))
    times, alike = Counter(cells[lost]), {folded(other): other for other in known}
    first = dict(reversed([(cells[at], int(rows[at])) for at in lost]))
    for position, (cell, row) in enumerate(sorted(first.items(), key=lambda entry: entry[1])):
        near = alike.get(folded(cell)) or (nearest(cell, known) if position < SUGGESTIONS else "")
        yield table.at(row, column, cell, near=near, rows=times[cell], known=", ".join(known[:_NAMED]))


def _find_unplanned(table: Table, rows: Ints, stages: list[Stage]) -> Iterator[Finding]:
    stage = table.text("stage")[rows]
    for other in sorted({*stage} & {*STAGES} - {*stages}):
        at = rows[stage == other]
        yield table.at(int(at[0]), "stage", str(other), rows=len(at), planned=", ".join(stages))


def _find_not_receiving(table: Table, rows: Ints, district: District) -> Iterator[Finding]:
    """Schools that take nobody of the stage by catchment, each told of once a stage."""
    serving = {stage: district.schools.serves(stage) for stage in district.settings.instance.stages}
    pairs = list(zip(table.text("school_id")[rows], table.text("stage")[rows], strict=True))
    times = Counter(pairs)
    for (school, stage), row in dict(reversed(list(zip(pairs, rows.tolist(), strict=True)))).items():
        at = district.schools.row.get(school)
        if at is not None and not serving[stage][at]:
            schools = district.schools
            why = "private" if schools.private[at] else "shut" if schools.status[at] != "open" else "stage"
            yield table.at(row, "school_id", school, stage=stage, rows=times[school, stage], kind=f"drawn_{why}")


def _find_twice(table: Table, rows: Ints) -> Iterator[Finding]:
    """Rows that say the same, told of once at the second of them."""
    stands: dict[tuple[str, ...], list[int]] = {}
    for row, key in _keys(table, rows, "unit_id", "stage", "school_id"):
        stands.setdefault(key, []).append(row)
    for (unit, stage, _), (first, *again) in stands.items():
        if again:
            yield table.at(again[0], "unit_id", unit, stage=stage, first=int(table.rows[first]), rows=len(again))


def _find_divided(table: Table, rows: Ints, district: District) -> Iterator[Finding]:
    """Units of several schools that do not share them today, where units are not divided."""
    settings = district.settings
    if not settings.catchments.indivisible or settings.rules.indivisible != "hard":
        return
    held: dict[tuple[str, ...], dict[str, int]] = {}
    for row, (unit, stage, school) in _keys(table, rows, "unit_id", "stage", "school_id"):
        if unit in district.units.row and school in district.schools.row:
            held.setdefault((unit, stage), {}).setdefault(school, row)
    today = _shared_today(district)
    for (unit, stage), schools in held.items():
        if len(schools) > 1 and not set(schools) <= today.get((unit, stage), set()):
            yield table.at(max(schools.values()), "school_id", ", ".join(schools), unit=unit, stage=stage)


def _shared_today(district: District) -> dict[tuple[str, ...], set[str]]:
    shared: dict[tuple[str, ...], set[str]] = {}
    current = district.current
    if current is not None:
        for unit, stage, school in zip(current.unit, current.stage, current.school, strict=True):
            shared.setdefault((district.units.ids[unit], stage), set()).add(district.schools.ids[school])
    return shared


def _find_left_out(table: Table, rows: Ints, district: District) -> Iterator[Finding]:
    """Stages in which units with children have no row."""
    units, stages = table.text("unit_id")[rows].astype(str), table.text("stage")[rows]
    for stage in district.settings.instance.stages:
        listed = np.isin(district.units.ids, units[stages == stage])
        left = np.flatnonzero(follows_catchment(district, stage) & ~listed)
        if len(left):
            named = ", ".join(district.units.ids[unit] for unit in left[:_NAMED])
            yield table.whole(
                "unit_id", named, stage=stage, units=len(left), dots=", ..." if len(left) > _NAMED else ""
            )


def _keys(table: Table, rows: Ints, *columns: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    cells = [table.text(column)[rows].tolist() for column in columns]
    yield from zip(rows.tolist(), zip(*cells, strict=True), strict=True)

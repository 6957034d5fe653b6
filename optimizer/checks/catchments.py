"""Today's catchments and fixed units: schools that cannot take them, and wishes that contradict each other."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from models.district import Bools
from models.settings import CatchmentsSection
from models.stages import SERVES, Stage
from optimizer.checks.registry import check
from optimizer.io.findings import Finding
from optimizer.io.source import Source, Table, Texts


def of_school(source: Source, table: Table, column: str) -> Texts:
    """Return a column of the schools for the school of each row of `table`; None where the school is not known."""
    schools = source.tables["schools"]
    value = dict(zip(schools.text("school_id"), schools.text(column), strict=True))
    return np.array([value.get(school) for school in table.text("school_id")], dtype=object)


def _table(source: Source, name: str) -> Table | None:
    """Return a table of catchments where everything it is compared with could be read."""
    readable = source.settings is not None and {"schools", "units"} <= source.tables.keys()
    return source.tables.get(name) if readable else None


def _foreign(source: Source, table: Table) -> Bools:
    """Rows of a planned stage whose school is of a type that does not teach it."""
    kinds, stages = of_school(source, table, "type"), table.text("stage")
    return np.array(
        [kind in SERVES and stage not in SERVES[kind] for kind, stage in zip(kinds, stages, strict=True)], dtype=bool
    ) & _planned(source, table)


def _placed(source: Source, table: Table) -> Bools:
    """Rows for a kind of children who are placed by a decision: their seat may be at a special school."""
    categories = source.settings.categories if source.settings is not None else {}
    placed = [name for name, category in categories.items() if category.placed]
    return np.isin(table.text("category"), placed)


def _planned(source: Source, table: Table) -> Bools:
    return np.isin(table.text("stage"), _stages(source))


def _stages(source: Source) -> list[Stage]:
    return source.settings.instance.stages if source.settings is not None else []


@check("T301")
def find_foreign_catchments(source: Source) -> Iterator[Finding]:
    """Catchments of a school that does not teach the stage."""
    current = _table(source, "current")
    if current is not None:
        kinds = of_school(source, current, "type")
        for row in np.flatnonzero(_foreign(source, current)):
            stage = current.text("stage")[row]
            yield current.at(int(row), "school_id", str(current.text("school_id")[row]), stage=stage, type=kinds[row])


@check("T302")
def find_private_catchments(source: Source) -> Iterator[Finding]:
    """Catchments of a private school."""
    current = _table(source, "current")
    if current is not None:
        private = (of_school(source, current, "ownership") == "private") & _planned(source, current)
        for row in np.flatnonzero(private):
            yield current.at(int(row), "school_id", str(current.text("school_id")[row]))


@check("T303", "warning")
def find_closed_catchments(source: Source) -> Iterator[Finding]:
    """Catchments of a school that is closed or not yet open, whose units get another school."""
    current = _table(source, "current")
    if current is not None:
        status = of_school(source, current, "status")
        schools = current.text("school_id")
        shut = np.isin(status, ("closed", "candidate")) & _planned(source, current)
        for school in sorted({*schools[shut]}):
            rows = np.flatnonzero(shut & (schools == school))
            yield current.at(int(rows[0]), "school_id", school, rows=len(rows), status=status[rows[0]])


@check("T308")
def find_kept_sharing(source: Source) -> Iterator[Finding]:
    """Shared catchments that a plan of mode `whole` is to keep: it gives every unit to one school."""
    current = _table(source, "current")
    if current is None or source.settings is None or source.settings.instance.mode == "entry":
        return
    if not _keeps_some(source.settings.catchments):
        return
    seen: set[tuple[str, str]] = set()
    pairs = zip(current.text("unit_id"), current.text("stage"), strict=True)
    for row, (pair, planned) in enumerate(zip(pairs, _planned(source, current), strict=True)):
        if planned and pair in seen:
            yield current.at(row, "unit_id", str(pair[0]), stage=pair[1])
        seen.add(pair)


def _keeps_some(catchments: CatchmentsSection) -> bool:
    """Whether some units keep today's catchment whatever it is."""
    opened = catchments.open_to_change
    named = bool(opened.units or opened.schools or opened.zones)
    return catchments.change == "none" or (catchments.change == "limited" and named)


@check("T304", "warning")
def find_units_without_catchment(source: Source) -> Iterator[Finding]:
    """Units that today's catchments leave out."""
    current = _table(source, "current")
    if current is None or not len(current):
        return
    units = source.tables["units"]
    for stage in _stages(source):
        held = {*current.text("unit_id")[current.text("stage") == stage]}
        left = [unit for unit in units.text("unit_id") if unit and unit not in held]
        if left:
            yield current.whole("unit_id", left[0], stage=stage, units=len(left))


@check("T305")
def find_must_and_never(source: Source) -> Iterator[Finding]:
    """Units that must and must never belong to one school."""
    fixed = _table(source, "fixed")
    if fixed is None:
        return
    pair = list(zip(fixed.text("unit_id"), fixed.text("stage"), fixed.text("school_id"), strict=True))
    rule, category = fixed.text("rule"), fixed.text("category")
    must = defaultdict(list)
    for row in np.flatnonzero(rule == "must"):
        must[pair[row]].append(row)
    for row in np.flatnonzero(rule == "never"):
        same = [other for other in must[pair[row]] if _meet(category[row], category[other])]
        if same:
            unit, stage, school = pair[row]
            yield fixed.at(int(row), "rule", school, unit=unit, stage=stage, first=int(fixed.rows[same[-1]]))


def _meet(category: str, other: str) -> bool:
    """Whether two rows speak of the same children; "" is every kind."""
    return category == other or not (category and other)


@check("T306")
def find_two_musts(source: Source) -> Iterator[Finding]:
    """Units, or units of one estate, that must belong to two schools; children who are placed may part."""
    fixed = _table(source, "fixed")
    if fixed is None:
        return
    units = source.tables["units"]
    estate = dict(zip(units.text("unit_id"), units.text("estate_id"), strict=True))
    seen: dict[tuple[str, ...], int] = {}
    schools, placed = fixed.text("school_id"), _placed(source, fixed)
    for row in np.flatnonzero((fixed.text("rule") == "must") & _planned(source, fixed)):
        unit = fixed.text("unit_id")[row]
        together = estate.get(unit) and not placed[row]
        whole = ("estate", estate[unit]) if together else ("unit", unit)
        first = seen.setdefault((*whole, fixed.text("stage")[row], fixed.text("category")[row]), int(row))
        if schools[first] != schools[row]:
            other = int(fixed.rows[first])
            yield fixed.at(int(row), "school_id", str(schools[row]), unit=unit, school=schools[first], first=other)


@check("T307")
def find_impossible_musts(source: Source) -> Iterator[Finding]:
    """Units that must belong to a school that is not open, private, or does not teach the stage."""
    fixed = _table(source, "fixed")
    if fixed is None:
        return
    shut = np.isin(of_school(source, fixed, "status"), ("closed", "candidate"))
    private = of_school(source, fixed, "ownership") == "private"
    special = (of_school(source, fixed, "type") == "special") & _placed(source, fixed)
    impossible = _planned(source, fixed) & (shut | private | (_foreign(source, fixed) & ~special))
    for row in np.flatnonzero((fixed.text("rule") == "must") & impossible):
        stage, unit = fixed.text("stage")[row], fixed.text("unit_id")[row]
        yield fixed.at(int(row), "school_id", str(fixed.text("school_id")[row]), unit=unit, stage=stage)

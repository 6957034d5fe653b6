"""Links between tables: ids that lead nowhere, rows that stand twice, children whom the instance does not plan."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from models.settings import InstanceSection
from models.stages import STAGES, grades_of
from optimizer.checks.cells import columns_of, total_rows
from optimizer.checks.registry import check
from optimizer.io.columns import Column, choice_values
from optimizer.io.demand import DEFAULT_CATEGORY, counted_students
from optimizer.io.findings import Finding, nearest
from optimizer.io.source import Source, Table, Texts

SUGGESTIONS = 10
"""How many unknown ids of a column are compared with every known one: the comparison is slow."""


@check("T201")
def find_unknown_ids(source: Source) -> Iterator[Finding]:
    """Ids that the table they refer to does not hold; each is told of once, with the rows it stands in counted."""
    for table in source.tables.values():
        for column in table.spec.columns.values():
            target = source.tables.get(column.refers)
            if target is not None and len(target) and target.has(target.spec.key[0]) and table.has(column.name):
                yield from _unknown(table, column, target)


def _unknown(table: Table, column: Column, target: Table) -> Iterator[Finding]:
    known, total = set(target.text(target.spec.key[0])), total_rows(table)
    lost = [
        (found, row)
        for row, ids in enumerate(_ids_in(table, column))
        for found in ids
        if found and found not in known and not total[row]
    ]
    first = dict(reversed(lost))
    times = Counter(found for found, _ in lost)
    alike = {folded(other): other for other in sorted(known)}
    for position, (found, row) in enumerate(sorted(first.items(), key=lambda entry: entry[1])):
        near = alike.get(folded(found)) or (nearest(found, sorted(known)) if position < SUGGESTIONS else "")
        yield table.at(row, column.name, found, near=near, rows=times[found], table=column.refers)


def _ids_in(table: Table, column: Column) -> Iterable[Sequence[str]]:
    return table.ids(column.name) if column.kind == "ids" else ((cell,) for cell in table.text(column.name))


def folded(found: str) -> str:
    """Return an id without case, full-width forms, inner spaces and leading zeros: what people take for the same id."""
    narrow = "".join(unicodedata.normalize("NFKC", found).casefold().split())
    return narrow.lstrip("0") or narrow


@check("T202")
def find_duplicates(source: Source) -> Iterator[Finding]:
    """Rows that say who they are twice: the same unit, or the same unit, stage, grade and category."""
    for table in source.tables.values():
        keys = [_key_cells(table, column) for column in table.spec.key]
        if not keys:
            continue
        seen: dict[tuple[str, ...], int] = {}
        for row, key in enumerate(zip(*keys, strict=True)):
            if key[0] and key in seen:
                shown = " ".join(part for part in key if part)
                yield table.at(row, table.spec.key[0], shown, first=int(table.rows[seen[key]]))
            seen.setdefault(key, row)


def _key_cells(table: Table, column: str) -> Texts:
    cells = table.text(column)
    return np.where(cells == "", DEFAULT_CATEGORY, cells) if column == "category" else cells


@check("T203")
def find_unplanned_stages(source: Source) -> Iterator[Finding]:
    """Children of a stage that the instance does not plan: they would be left without a school, unnoticed.

    In mode `entry` the grades below the planned stages are younger children, whom the outlook reads.
    """
    settings = source.settings
    for table in (source.tables[name] for name in ("demand", "classes") if name in source.tables):
        if settings is not None:
            yield from _unplanned(table, settings.instance)


def _unplanned(table: Table, instance: InstanceSection) -> Iterator[Finding]:
    stage, students = table.text("stage"), counted_students(table)
    first, outlook = min(map(STAGES.index, instance.stages)), instance.mode == "entry" and table.spec.name == "demand"
    for lost in sorted({*stage} - {*instance.stages, ""}):
        younger = outlook and lost in STAGES[:first]
        rows = np.flatnonzero((stage == lost) & (students > 0) & ~(younger & table.filled("grade")))
        if len(rows):
            facts = {"students": int(students[rows].sum()), "planned": ", ".join(instance.stages)}
            yield table.at(int(rows[0]), "stage", lost, rows=len(rows), **facts)


@check("T204")
def find_foreign_grades(source: Source) -> Iterator[Finding]:
    """Grades that the stage of their row does not have."""
    if source.settings is None:
        return
    for table, column in columns_of(source, "choice"):
        if column.choices != "grade":
            continue
        stage, grade = table.text("stage"), table.text(column.name)
        for row in np.flatnonzero(np.isin(stage, STAGES) & np.isin(grade, choice_values("grade"))):
            known = grades_of(stage[row], source.settings.instance.system)
            if grade[row] not in known:
                yield table.at(int(row), column.name, grade[row], stage=stage[row], known=", ".join(known))


@check("T205")
def find_undeclared_categories(source: Source) -> Iterator[Finding]:
    """Kinds of children that [categories] does not declare."""
    demand, fixed, settings = source.tables.get("demand"), source.tables.get("fixed"), source.settings
    if settings is None:
        return
    known = list(settings.categories)
    for table in (table for table in (demand, fixed) if table is not None):
        cells = _key_cells(table, "category") if table is demand else table.text("category")
        first = {cells[row]: row for row in reversed(range(len(table)))}
        for found, row in first.items():
            if found and found not in known:
                near = nearest(found, known)
                yield table.at(
                    row, "category", found, known=", ".join(known), near=near, rows=int((cells == found).sum())
                )


@check("T206", "warning")
def find_doubly_counted(source: Source) -> Iterator[Finding]:
    """Units with children of a stage both by grade and without a grade, which add up."""
    demand = source.tables.get("demand")
    if demand is None:
        return
    units, grade = demand.text("unit_id"), demand.text("grade")
    if (grade != "").all():
        return
    cohort = list(zip(units, demand.text("stage"), _key_cells(demand, "category"), demand.text("year"), strict=True))
    graded = {key for key, held in zip(cohort, grade, strict=True) if held}
    both = [row for row, key in enumerate(cohort) if not grade[row] and key in graded]
    if both:
        yield demand.at(both[0], "grade", str(units[both[0]]), stage=cohort[both[0]][1], rows=len(both))


@check("T207")
def find_own_neighbours(source: Source) -> Iterator[Finding]:
    """Pairs of adjacency that are one unit twice."""
    adjacency = source.tables.get("adjacency")
    if adjacency is not None:
        units = adjacency.text("unit_a")
        for row in np.flatnonzero((units == adjacency.text("unit_b")) & adjacency.filled("unit_a")):
            yield adjacency.at(int(row), "unit_b", str(units[row]))


@check("S210")
def find_unknown_opened(source: Source) -> Iterator[Finding]:
    """Units, schools and zones that open_to_change names and the tables do not."""
    settings = source.settings
    if settings is None:
        return
    opened = settings.catchments.open_to_change
    for key, named, known in (
        ("units", opened.units, _ids(source, "units", "unit_id")),
        ("schools", opened.schools, _ids(source, "schools", "school_id")),
        ("zones", opened.zones, _ids(source, "units", "zone_id")),
    ):
        for found in named:
            if known is not None and found not in known:
                place = f"catchments.open_to_change.{key}"
                yield Finding("instance.toml", 0, place, found, {"near": nearest(found, sorted(known))})


def _ids(source: Source, table: str, column: str) -> set[str] | None:
    held = source.tables.get(table)
    return None if held is None else {*held.text(column)} - {""}

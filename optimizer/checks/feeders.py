"""Feeders: schools of the wrong stage, shares that do not add up, and leavers whom nothing leads to a junior school."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from models.district import Ints
from models.settings import Settings
from models.stages import SERVES, Stage
from optimizer.checks.demand import replaced_rows
from optimizer.checks.registry import check
from optimizer.checks.stock import rates_of, return_of
from optimizer.io.demand import counted_students
from optimizer.io.feeders import WHOLE, count_leavers, feeders_decide
from optimizer.io.findings import Finding
from optimizer.io.source import Source, Table, Texts

FILE = "instance.toml"
KEY = "demand.junior"
ENDS: tuple[tuple[str, Stage], ...] = (("primary_school_id", "primary"), ("junior_school_id", "junior"))


def _read_feeders(source: Source) -> tuple[Table, Table] | None:
    """Return the feeders and the schools where both could be read."""
    table, schools = source.tables.get("feeders"), source.tables.get("schools")
    return None if table is None or schools is None else (table, schools)


def _of_school(schools: Table, column: str) -> dict[str, str]:
    return dict(zip(schools.text("school_id"), schools.text(column), strict=True))


def _teaches(kind: str, *stages: Stage) -> bool:
    return kind in SERVES and {*stages} <= {*SERVES[kind]}


@check("T404")
def find_foreign_feeders(source: Source) -> Iterator[Finding]:
    """Feeders whose primary school has no primary grades, or whose junior school no junior grades."""
    read = _read_feeders(source)
    if read is None:
        return
    table, schools = read
    kind_of = _of_school(schools, "type")
    for column, stage in ENDS:
        for row, school in enumerate(table.text(column)):
            kind = kind_of.get(school, "")
            if kind in SERVES and not _teaches(kind, stage):
                yield table.at(row, column, str(school), stage=stage, type=kind)


@check("T405")
def find_too_large_shares(source: Source) -> Iterator[Finding]:
    """Shares of one primary school that add up to more than its last grade."""
    table = source.tables.get("feeders")
    if table is None:
        return
    primary, share = table.text("primary_school_id"), np.nan_to_num(table.numbers("share"))
    if ((share < 0) | (share > 1)).any():
        return
    for school in sorted({*primary} - {""}):
        rows = np.flatnonzero(primary == school)
        if share[rows].sum() > 1 + 1e-6:
            yield table.at(int(rows[0]), "share", f"{share[rows].sum():g}", school=school, rows=len(rows))


@check("T409", "warning")
def find_shut_feeders(source: Source) -> Iterator[Finding]:
    """Feeders to a school that takes nobody by catchment: closed, not yet open, or private."""
    read = _read_feeders(source)
    if read is None:
        return
    table, schools = read
    status, ownership = _of_school(schools, "status"), _of_school(schools, "ownership")
    for row, school in enumerate(table.text("junior_school_id")):
        if status.get(school) in ("closed", "candidate") or ownership.get(school) == "private":
            yield table.at(row, "junior_school_id", str(school))


@check("S215")
def find_missing_for_feeders(source: Source) -> Iterator[Finding]:
    """Junior children to be counted from the primary schools, without a return or without primary catchments."""
    if source.settings is None or not feeders_decide(source.settings):
        return
    enrolment, current = source.tables.get("enrolment"), source.tables.get("current")
    if enrolment is None or not len(enrolment):
        yield Finding(FILE, column=KEY, found="feeders", facts={"table": "enrolment"})
    if current is None or not (current.text("stage") == "primary").any():
        yield Finding(FILE, column=KEY, found="feeders", facts={"table": "current"})


@check("S219")
def find_leavers_of_no_kind(source: Source) -> Iterator[Finding]:
    """Junior children to be counted from the primary schools, where no kind of children goes by its catchment."""
    settings = source.settings
    if settings is None or not feeders_decide(settings):
        return
    if not any(category.zoned for category in settings.categories.values()):
        yield Finding(FILE, column="categories", found=", ".join(settings.categories))


@check("S216", "warning")
def find_idle_feeders(source: Source) -> Iterator[Finding]:
    """Junior children to be counted from the primary schools, where no junior entry grade is decided."""
    settings = source.settings
    if settings is not None and settings.demand.junior == "feeders" and not feeders_decide(settings):
        yield Finding(FILE, column=KEY, found="feeders", facts={"mode": settings.instance.mode})


@check("T408", "warning")
def find_replaced_rows(source: Source) -> Iterator[Finding]:
    """Children of the junior entry grade in `demand`, whom the leavers of the primary schools replace."""
    demand, settings = source.tables.get("demand"), source.settings
    if demand is None or settings is None:
        return
    rows = np.flatnonzero(replaced_rows(demand, settings) & (counted_students(demand) > 0))
    if len(rows):
        students = int(counted_students(demand)[rows].sum())
        yield demand.at(int(rows[0]), "stage", "junior", rows=len(rows), students=students)


@check("P111", "warning")
def find_leavers_without_home(source: Source) -> Iterator[Finding]:
    """Leavers of a primary school without a catchment: nothing says where they live, so nobody counts them on."""
    for settings, schools, come, _ in _leavers(source):
        current, kind_of = source.tables["current"], schools.text("type")
        at_home = {*current.text("school_id")[current.text("stage") == "primary"]}
        private = schools.text("ownership") == "private"
        for row in np.flatnonzero(come):
            stays = private[row] and _teaches(kind_of[row], "junior")
            if schools.text("school_id")[row] not in at_home and not stays:
                yield schools.at(int(row), "school_id", students=int(come[row]), year=settings.instance.year)


@check("P112", "warning")
def find_leavers_set_aside(source: Source) -> Iterator[Finding]:
    """Leavers of the primary schools who do not register or go to private schools."""
    for _, _, come, rest in _leavers(source):
        if rest.any():
            decided, aside = int(come.sum()), int(rest.sum())
            yield source.tables["enrolment"].whole("students", students=decided + aside, decided=decided, aside=aside)


def _leavers(source: Source) -> Iterator[tuple[Settings, Table, Ints, Ints]]:
    """Return who leaves each school and registers, and the rest, where leavers are counted and can be."""
    settings, schools, enrolment = source.settings, source.tables.get("schools"), return_of(source)
    rates = rates_of(source)
    if settings is None or schools is None or enrolment is None or rates is None or "current" not in source.tables:
        return
    if feeders_decide(settings):
        yield settings, schools, *count_leavers(enrolment, rates, settings, len(schools), settings.instance.year)


@check("T410", "warning")
def find_contradicted_catchments(source: Source) -> Iterator[Finding]:
    """Units whose junior school of today is another than the one to which their primary school sends everyone."""
    settings, current, leads_to = source.settings, source.tables.get("current"), _destinations(source)
    if settings is None or current is None or not feeders_decide(settings):
        return
    today, parted = _schools_of(current, "junior"), {}
    for unit, schools in _schools_of(current, "primary").items():
        reached = {leads_to.get(school, "") for school in schools}
        if len(reached) == 1 and "" not in reached and today[unit] and reached.isdisjoint(today[unit]):
            parted[unit] = reached.pop()
    for unit, school in list(parted.items())[:1]:
        rows = np.flatnonzero((current.text("unit_id") == unit) & (current.text("stage") == "junior"))
        yield current.at(int(rows[0]), "school_id", unit, units=len(parted), school=school)


def _destinations(source: Source) -> dict[str, str]:
    """Return the junior school of each primary school that sends everyone to one, itself where it teaches both."""
    table, schools = source.tables.get("feeders"), source.tables.get("schools")
    kind_of = {} if schools is None else _of_school(schools, "type")
    itself = {school: school for school, kind in kind_of.items() if _teaches(kind, "primary", "junior")}
    if table is None:
        return itself
    named, share = table.text("primary_school_id"), table.numbers("share")
    alone = np.array([(named == school).sum() == 1 for school in named], dtype=bool)
    whole = (share >= WHOLE) | (np.isnan(share) & alone)
    sent = dict(zip(named[whole], table.text("junior_school_id")[whole], strict=True))
    return {school: to for school, to in itself.items() if school not in named} | sent


def _schools_of(current: Table, stage: Stage) -> defaultdict[str, set[str]]:
    """Return today's schools of every unit for a stage."""
    held: defaultdict[str, set[str]] = defaultdict(set)
    rows: Texts = current.text("stage")
    for row in np.flatnonzero(rows == stage):
        held[current.text("unit_id")[row]].add(current.text("school_id")[row])
    return held

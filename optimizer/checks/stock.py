"""Last year's return: children without a class, schools of another stage, and years that do not fit the plan."""

from collections.abc import Iterator

import numpy as np

from models.district import Floats
from models.settings import LARGEST_COUNT, InstanceSection
from models.stages import SERVES, STAGES, Stage, grades_of
from models.stock import Rates, Stock
from optimizer.checks.registry import check
from optimizer.io.columns import dictionary
from optimizer.io.findings import Finding
from optimizer.io.source import Source, Table
from optimizer.io.stock import build_enrolment, build_rates, build_stock, enrolment_year

FILE = "instance.toml"
MOST_RATE = dictionary()["progression"].columns["rate"].most or 0.0


def return_of(source: Source) -> Stock | None:
    """Return last year's return where every cell of it can be read, else None; schools as rows of their table."""
    table, schools, settings = source.tables.get("enrolment"), source.tables.get("schools"), source.settings
    if table is None or schools is None or settings is None or not _is_sound(table, settings.instance):
        return None
    row = {school: position for position, school in enumerate(schools.text("school_id"))}
    if (table.positions("school_id", row) < 0).any():
        return None
    return build_enrolment(table, row, settings.instance)


def continuing(source: Source) -> Stock | None:
    """Return the classes that continue in the year of the plan, None where there are none or they cannot be read."""
    enrolment, rates, settings = return_of(source), rates_of(source), source.settings
    if enrolment is None or rates is None or settings is None:
        return None
    return build_stock(enrolment, rates, settings.instance)


def _is_sound(table: Table, instance: InstanceSection) -> bool:
    grades = [grades_of(stage, instance.system) if stage in STAGES else () for stage in table.text("stage")]
    counts = np.stack([table.numbers("students"), table.numbers("classes")])
    return (
        enrolment_year(instance) < instance.year
        and bool(((counts >= 0) & (counts <= LARGEST_COUNT)).all())
        and all(grade in known for grade, known in zip(table.text("grade"), grades, strict=True))
    )


def rates_of(source: Source) -> Rates | None:
    """Return who stays when a grade moves up where every rate can be read, else None."""
    rates = build_rates(source.tables.get("progression"))
    return rates if all(0 <= rate <= MOST_RATE for rate in rates.values()) else None


def teaches(kind: str, stage: Stage) -> bool:
    """Whether a type of school may teach a stage: special schools may teach any, and so may a type nobody knows."""
    return kind == "special" or kind not in SERVES or stage in SERVES[kind]


@check("S212")
def find_late_return(source: Source) -> Iterator[Finding]:
    """A return of a year that is not over when the plan begins: the entry grades would count twice."""
    if source.settings is None:
        return
    instance = source.settings.instance
    latest = instance.year - 1 if instance.mode == "entry" else instance.year
    if enrolment_year(instance) > latest:
        found = str(instance.enrolment_year)
        yield Finding(FILE, column="instance.enrolment_year", found=found, facts={"latest": latest})


@check("S213", "warning")
def find_missing_return(source: Source) -> Iterator[Finding]:
    """An admission year without last year's return: every place is taken as empty."""
    if source.settings is None or source.settings.instance.mode != "entry" or source.about_posts:
        return
    enrolment = source.tables.get("enrolment")
    if enrolment is None or not len(enrolment):
        yield Finding(FILE, column="instance.mode", found="entry")


@check("S214", "warning")
def find_old_return(source: Source) -> Iterator[Finding]:
    """A return so old that grades have entered since, which stand in no table."""
    if source.settings is None or source.settings.instance.mode != "entry" or "enrolment" not in source.tables:
        return
    instance = source.settings.instance
    held = enrolment_year(instance)
    if held < instance.year - 1:
        facts: dict[str, object] = {"year": instance.year, "missing": instance.year - 1 - held}
        yield Finding(FILE, column="instance.enrolment_year", found=str(held), facts=facts)


@check("T401")
def find_students_without_class(source: Source) -> Iterator[Finding]:
    """Children of a grade without a class."""
    for table, students, classes in _counts(source):
        for row in np.flatnonzero((students > 0) & (classes == 0)):
            yield table.at(int(row), "classes", "0", students=int(students[row]), grade=table.text("grade")[row])


@check("T402")
def find_classes_without_students(source: Source) -> Iterator[Finding]:
    """More classes than children in a grade."""
    for table, students, classes in _counts(source):
        for row in np.flatnonzero(classes > students):
            found, grade = str(int(classes[row])), table.text("grade")[row]
            yield table.at(int(row), "classes", found, students=int(students[row]), grade=grade)


def _counts(source: Source) -> Iterator[tuple[Table, Floats, Floats]]:
    """Return children and classes of every row, NaN where a cell holds no count."""
    for table in _tables_of_classes(source):
        counts = np.stack([table.numbers("students"), table.numbers("classes")])
        students, classes = np.where((counts >= 0) & (counts <= LARGEST_COUNT), counts, np.nan)
        yield table, students, classes


def _tables_of_classes(source: Source) -> Iterator[Table]:
    return (source.tables[name] for name in ("enrolment", "classes") if name in source.tables)


@check("T403", "warning")
def find_foreign_returns(source: Source) -> Iterator[Finding]:
    """Children of a stage that their school does not teach; special schools may teach any."""
    schools = source.tables.get("schools")
    if schools is None:
        return
    kind_of = dict(zip(schools.text("school_id"), schools.text("type"), strict=True))
    for table in _tables_of_classes(source):
        for row, (school, stage) in enumerate(zip(table.text("school_id"), table.text("stage"), strict=True)):
            kind = kind_of.get(school, "special")
            if stage in STAGES and not teaches(kind, stage):
                yield table.at(row, "school_id", str(school), stage=stage, type=kind)

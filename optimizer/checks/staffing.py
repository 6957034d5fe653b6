"""Teachers and what is taught: lives that cannot be, posts that schools do not have, lessons and pools left out."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from models.district import Bools, Ints
from models.settings import Settings
from models.staffing import Days
from models.stages import COMPULSORY, STAGES, grades_of
from optimizer.checks.catchments import of_school
from optimizer.checks.registry import check
from optimizer.checks.stock import teaches
from optimizer.io.columns import choice_values
from optimizer.io.findings import Finding, nearest
from optimizer.io.source import Source, Table, Texts

FILE = "instance.toml"
YOUNGEST, OLDEST = 18, 75
MOST_LESSONS = 45
"""A week of five days with nine lessons: no class has more."""
LABELS = {"zone": "zone_id", "group": "group_id"}


def _staff(source: Source) -> Table | None:
    """Return the teachers where they and the schools could be read."""
    return source.tables.get("teachers") if "schools" in source.tables else None


def _first_of(table: Table, where: Bools, column: str, **facts: object) -> Iterator[Finding]:
    """One finding for all rows of a kind, at the first of them."""
    rows = np.flatnonzero(where)
    if len(rows):
        yield table.at(int(rows[0]), column, str(table.text(column)[rows[0]]), rows=len(rows), **facts)


def _eve(settings: Settings) -> np.datetime64:
    """The last day before the moves of a plan: ages and tenures count at it."""
    return np.datetime64(f"{settings.instance.year}-08-31", "D")


def _rank(stages: Texts) -> Ints:
    """Position of each stage in `STAGES`, -1 where there is none."""
    return np.array([STAGES.index(stage) if stage in STAGES else -1 for stage in stages], dtype=np.int64)


@check("T501", "warning")
def find_one_sided_couples(source: Source) -> Iterator[Finding]:
    """Spouses who do not name each other, or who name themselves."""
    table = source.tables.get("teachers")
    if table is None:
        return
    known = {teacher: row for row, teacher in enumerate(table.text("teacher_id")) if teacher}
    spouse = table.positions("spouse_id", known)
    own = np.arange(len(table))
    back = np.where(spouse >= 0, spouse[spouse], -1)
    yield from _first_of(table, (spouse >= 0) & ((back != own) | (spouse == own)), "spouse_id")


@check("T502")
def find_misplaced_teachers(source: Source) -> Iterator[Finding]:
    """Teachers at a private school, whose staff no pool holds, or at one that is closed."""
    table = _staff(source)
    if table is None:
        return
    private, closed = of_school(source, table, "ownership") == "private", of_school(source, table, "status") == "closed"
    school = table.text("school_id")
    for found in dict.fromkeys(school[private | closed]):
        kind = "private" if private[school == found][0] else "closed"
        yield from _first_of(table, school == found, "school_id", state=kind)


@check("T503")
def find_future_dates(source: Source) -> Iterator[Finding]:
    """Births and beginnings after 31 August of the year, when every move is still ahead."""
    table, settings = source.tables.get("teachers"), source.settings
    if table is None or settings is None:
        return
    eve = _eve(settings)
    for column in ("birth_date", "joined_school", "left_previous"):
        for row in np.flatnonzero(table.days(column) > eve):
            yield table.at(int(row), column, str(table.text(column)[row]), latest=str(eve))


@check("T504")
def find_impossible_ages(source: Source) -> Iterator[Finding]:
    """Staff younger than 18 or older than 75 at 31 August of the year."""
    table, settings = source.tables.get("teachers"), source.settings
    if table is None or settings is None:
        return
    birth = table.days("birth_date")
    age = _age(birth, settings.instance.year)
    for row in np.flatnonzero((birth <= _eve(settings)) & ((age < YOUNGEST) | (age > OLDEST))):
        yield table.at(int(row), "birth_date", str(table.text("birth_date")[row]), age=int(age[row]))


def _age(birth: Days, year: int) -> Ints:
    """Whole years at 31 August; of no meaning where the birth is not known."""
    months = (year - 1970) * 12 + 7 - birth.astype("datetime64[M]").astype(np.int64)
    return np.asarray(months // 12, dtype=np.int64)


@check("T505")
def find_posts_before_birth(source: Source) -> Iterator[Finding]:
    """Staff who joined their school before they were born."""
    table, settings = source.tables.get("teachers"), source.settings
    if table is None or settings is None:
        return
    birth, joined = table.days("birth_date"), table.days("joined_school")
    for row in np.flatnonzero((joined < birth) & (birth <= _eve(settings))):
        born = str(table.text("birth_date")[row])
        yield table.at(int(row), "joined_school", str(table.text("joined_school")[row]), born=born)


@check("T506")
def find_terms_without_home(source: Source) -> Iterator[Finding]:
    """Terms of rotation without the school to return to."""
    table = source.tables.get("teachers")
    if table is not None:
        for row in np.flatnonzero(table.filled("rotation_until") & ~table.filled("home_school_id")):
            yield table.at(int(row), "home_school_id", str(table.text("rotation_until")[row]))


@check("T507")
def find_foreign_stages(source: Source) -> Iterator[Finding]:
    """Teachers of a stage that their school does not teach."""
    table = _staff(source)
    if table is None:
        return
    kinds, stages = of_school(source, table, "type"), table.text("stage")
    for row in np.flatnonzero(table.filled("school_id") & np.isin(stages, STAGES)):
        if not teaches(kinds[row], stages[row]):
            school = str(table.text("school_id")[row])
            yield table.at(int(row), "stage", str(stages[row]), school=school, type=kinds[row])


@check("T508", "warning")
def find_low_certificates(source: Source) -> Iterator[Finding]:
    """Teachers whose certificate is for a lower stage than the one they teach."""
    table = source.tables.get("teachers")
    if table is not None:
        taught, held = _rank(table.text("stage")), _rank(table.text("certificate_stage"))
        yield from _first_of(table, (held >= 0) & (held < taught), "certificate_stage")


@check("T512", "warning")
def find_recruits_without_certificate(source: Source) -> Iterator[Finding]:
    """Recruits of whom nobody knows which stages they may teach."""
    table = source.tables.get("teachers")
    if table is not None:
        yield from _first_of(table, ~table.filled("school_id") & ~table.filled("certificate_stage"), "stage")


@check("T513", "warning")
def find_unplanned_staff(source: Source) -> Iterator[Finding]:
    """Teachers of a stage that the instance does not plan, whose posts nobody counts."""
    table, settings = source.tables.get("teachers"), source.settings
    if table is not None and settings is not None:
        planned, stages = settings.instance.stages, table.text("stage")
        for stage in (stage for stage in STAGES if stage not in planned):
            yield from _first_of(table, stages == stage, "stage", planned=", ".join(planned))


@check("T509")
def find_grades_without_lessons(source: Source) -> Iterator[Finding]:
    """Planned grades that the curriculum leaves out; kindergartens have no lessons."""
    table, settings = source.tables.get("curriculum"), source.settings
    if table is None or settings is None or not len(table) or not (table.has("stage") and table.has("grade")):
        return
    taught = {*zip(table.text("stage"), table.text("grade"), strict=True)}
    for stage in (stage for stage in settings.instance.stages if stage != "kindergarten"):
        grades = grades_of(stage, settings.instance.system)
        lost = [grade for grade in grades if (stage, grade) not in taught]
        if lost:
            yield table.whole("grade", ", ".join(lost), stage=stage)


@check("T510")
def find_overfull_weeks(source: Source) -> Iterator[Finding]:
    """Grades with more weekly lessons than a week has."""
    table = source.tables.get("curriculum")
    if table is None:
        return
    lessons, rows = np.nan_to_num(table.numbers("weekly_lessons")), defaultdict[tuple[str, str], list[int]](list)
    for row, cell in enumerate(zip(table.text("stage"), table.text("grade"), strict=True)):
        rows[cell].append(row)
    for (stage, grade), held in rows.items():
        total = lessons[held].sum()
        if total > MOST_LESSONS:
            yield table.at(held[0], "weekly_lessons", f"{total:g}", stage=stage, grade=grade, most=MOST_LESSONS)


@check("T511", "warning")
def find_stages_without_lessons(source: Source) -> Iterator[Finding]:
    """Planned stages for which no curriculum is given and no default stands."""
    settings, curriculum = source.settings, source.tables.get("curriculum")
    if settings is None or not {"teachers", "classes"} & source.tables.keys() or (curriculum and len(curriculum)):
        return
    for stage in (stage for stage in settings.instance.stages if stage not in COMPULSORY):
        yield Finding(FILE, column="instance.stages", found=stage)


@check("S220")
def find_unknown_pools(source: Source) -> Iterator[Finding]:
    """Approved posts of a pool that does not exist."""
    settings, schools = source.settings, source.tables.get("schools")
    if settings is None or schools is None:
        return
    level = settings.policy.staffing.pool_level
    known = ["district"] if level == "district" else sorted({*_labels(schools, level)} - {""})
    for name in settings.policy.staffing.quota:
        if name not in known:
            key, near = f"policy.staffing.quota.{name}", nearest(name, known)
            yield Finding(FILE, column=key, found=name, facts={"level": level, "near": near})


@check("S223")
def find_unknown_subjects(source: Source) -> Iterator[Finding]:
    """Loads of subjects that nobody teaches by that name."""
    known = list(choice_values("subject"))
    for stage, loads in source.settings.policy.staffing.load.items() if source.settings is not None else ():
        for subject in loads:
            if subject not in known:
                key, near = f"policy.staffing.load.{stage}.{subject}", nearest(subject, known)
                yield Finding(FILE, column=key, found=subject, facts={"known": ", ".join(known), "near": near})


@check("S221", "warning")
def find_schools_without_pool(source: Source) -> Iterator[Finding]:
    """Public schools that state no zone or group, where teachers are pooled or posts shared by it."""
    settings, schools = source.settings, source.tables.get("schools")
    if settings is None or schools is None or "teachers" not in source.tables:
        return
    staffing, public = settings.policy.staffing, schools.text("ownership") != "private"
    if staffing.pool_level != "district":
        lost = int((public & ~schools.filled(LABELS[staffing.pool_level])).sum())
        if lost:
            facts = {"label": LABELS[staffing.pool_level], "schools": lost}
            yield Finding(FILE, column="policy.staffing.pool_level", found=staffing.pool_level, facts=facts)
    if "shared_posts" in staffing.model_fields_set and staffing.shared_posts != "none":
        label = LABELS[staffing.shared_posts]
        if not schools.filled(label).any():
            facts = {"label": label, "schools": int(public.sum())}
            yield Finding(FILE, column="policy.staffing.shared_posts", found=staffing.shared_posts, facts=facts)


def _labels(schools: Table, level: str) -> Texts:
    """The pool of each public school: its zone or group, else itself; "" for private schools."""
    label = np.where(schools.filled(LABELS[level]), schools.text(LABELS[level]), schools.text("school_id"))
    return np.where(schools.text("ownership") == "private", "", label)


@check("S222", "warning")
def find_unknown_direction(source: Source) -> Iterator[Finding]:
    """A share of its teachers that every stronger school must send, where no school says how strong it is."""
    settings, schools = source.settings, source.tables.get("schools")
    if settings is None or schools is None or "teachers" not in source.tables:
        return
    if settings.policy.rotation.scope == "each_sending_school" and np.isnan(schools.numbers("strength")).all():
        yield Finding(FILE, column="policy.rotation.scope", found="each_sending_school")

"""An earlier run to go on from: of this district, or of one that shares units and schools with it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from models.district import District
from models.plan import CLASS_COLUMNS
from models.revision import Earlier
from models.watch import Watch
from optimizer.io.folder import compute_fingerprints
from optimizer.runs.read import NotARun, StoredRun, read_run

Schools = dict[tuple[str, str], frozenset[str]]
"""School ids of every unit and stage."""
Finding = tuple[str, dict[str, object]]
"""Key of a sentence below `cli.edits`, and its facts."""
LEAST_KNOWN = 0.5
"""Share of the classes of another district's run that a district must have: fewer may be alike by chance."""
MOST_NAMED = 10
"""Edits that a note names one by one."""


class ForeignRun(Exception):
    """A run none of whose catchments has both its unit and its school in the district, or few of whose classes fit."""

    def __init__(self, folder: Path, instance: str) -> None:
        super().__init__(str(folder))
        self.folder = folder
        self.instance = instance


class NothingToPost(Exception):
    """Posts cannot be decided, or they alone can: `key` names the sentence below `cli.posts` that says why."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


class FaultyEdits(Exception):
    """The catchments of a run were edited into something that cannot be read as catchments: every finding at once."""

    def __init__(self, file: Path, findings: tuple[Finding, ...]) -> None:
        super().__init__(str(file))
        self.file = file
        self.findings = findings


def earlier_plan(folder: Path, district: District, watch: Watch) -> Earlier | None:
    """Return the plan of an earlier run; `watch` hears what was edited in it, and where it fits in part only.

    Raises ForeignRun where it does not fit at all, NotARun for a damaged folder, and FaultyEdits where what was
    edited by hand in its catchments names nothing, or leaves a unit out.
    """
    stored = read_run(folder)
    plan = stored.plan
    if plan is None:
        return None
    drawn, schools = stored.table("drawn"), stored.tables["schools"]
    _tell_fit(stored, plan.catchments, district, watch)
    same_question = _asks_the_same(stored, district)
    then, now = _schools(drawn), _schools(plan.catchments)
    edited = [key for key in dict.fromkeys([*now, *then]) if now.get(key) != then.get(key)]
    findings = tuple(_find_faults(plan.catchments, then, set(edited), district)) if same_question else ()
    if findings:
        raise FaultyEdits(folder / "catchments.csv", findings)
    if edited:
        key = "cli.run.edits_held" if same_question else "cli.run.edits_not_held"
        watch.note(key, folder=folder, count=len(edited), edits=_name_edits(edited, then, now))
    known = frozenset(zip(schools["school_id"], schools["stage"], strict=True))
    return Earlier(plan, drawn, known, same_question, int(stored.record.get("hold", 1)))


def given_classes(district: District, start: Path | None, watch: Watch) -> tuple[District, pd.DataFrame]:
    """Return the classes that posts are for, columns CLASS_COLUMNS: those of a stored run, else those of the district.

    The district comes back beside them: the table of the run is then among its fingerprints, as RUN/classes.csv.
    `watch` hears where a run fits in part. Raises NothingToPost where there are no teachers or no classes, ForeignRun
    for a run none of whose classes are in the district, and NotARun for a damaged folder.
    """
    if district.teachers is None:
        raise NothingToPost("no_teachers")
    if start is None:
        if district.classes is None:
            raise NothingToPost("no_classes")
        return district, district.classes
    stored = read_run(start)
    if "classes" not in stored.tables:
        raise NothingToPost("no_classes_in_run", folder=start)
    read = {
        f"{stored.folder.resolve().name}/{file}": digest
        for file, digest in compute_fingerprints(iter([stored.folder / "classes.csv"])).items()
    }
    known = replace(district, fingerprints=district.fingerprints | read)
    return known, _fitting_classes(stored, district, watch)


def _fitting_classes(stored: StoredRun, district: District, watch: Watch) -> pd.DataFrame:
    asked, record, rows = district.settings.instance, stored.record, stored.tables["classes"]
    keys = rows[["school_id", "stage", "grade"]].agg(", ".join, axis=1)
    for row in rows.index[keys.duplicated()]:
        raise NotARun(stored.folder, "twice", file="classes.csv", row=row + 2, found=keys[row])
    known = rows["school_id"].isin(district.schools.ids) & rows["stage"].isin(asked.stages)
    elsewhere = record["instance"] != asked.name
    if not known.any() or (elsewhere and known.mean() < LEAST_KNOWN):
        raise ForeignRun(stored.folder, str(record["instance"]))
    if elsewhere:
        watch.note("cli.run.start_elsewhere", folder=stored.folder, instance=record["instance"], name=asked.name)
    if record["year"] != asked.year:
        watch.note("cli.posts.other_year", folder=stored.folder, year=record["year"], asked=asked.year)
    if not known.all():
        watch.note("cli.posts.classes_partly", folder=stored.folder, known=int(known.sum()), rows=len(rows))
    return rows.loc[known, list(CLASS_COLUMNS)].reset_index(drop=True)


def _tell_fit(stored: StoredRun, rows: pd.DataFrame, district: District, watch: Watch) -> None:
    """Refuse a run that shares nothing with the district; say where it is of another, or fits in part."""
    settings, instance = district.settings.instance, str(stored.record["instance"])
    known = rows["unit_id"].isin(district.units.ids) & rows["school_id"].isin(district.schools.ids)
    known &= rows["stage"].isin(settings.stages)
    if not known.any():
        raise ForeignRun(stored.folder, instance)
    if instance != settings.name:
        watch.note("cli.run.start_elsewhere", folder=stored.folder, instance=instance, name=settings.name)
    if stored.variation != district.patch:
        watch.note("cli.run.start_varied", folder=stored.folder)
    if not known.all():
        watch.note("cli.run.start_partly", folder=stored.folder, known=int(known.sum()), rows=len(rows))


def _asks_the_same(stored: StoredRun, district: District) -> bool:
    """Whether a run is of this district, year and mode."""
    asked, record = district.settings.instance, stored.record
    return (asked.name, asked.year, asked.mode) == (record["instance"], record["year"], record["mode"])


def _schools(table: pd.DataFrame) -> Schools:
    held: dict[tuple[str, str], set[str]] = {}
    for unit, stage, school in zip(table["unit_id"], table["stage"], table["school_id"], strict=True):
        held.setdefault((unit, stage), set()).add(school)
    return {key: frozenset(schools) for key, schools in held.items()}


def _name_edits(edited: Sequence[tuple[str, str]], then: Schools, now: Schools) -> str:
    """The first edits: unit, from which school to which."""
    shown = [f"{key[0]}: {_join(then, key)} > {_join(now, key)}" for key in edited[:MOST_NAMED]]
    return ", ".join([*shown, "..."] if len(edited) > MOST_NAMED else shown)


def _join(schools: Schools, key: tuple[str, str]) -> str:
    return "+".join(sorted(schools.get(key, ()))) or "-"


def _find_faults(
    rows: pd.DataFrame, then: Schools, edited: set[tuple[str, str]], district: District
) -> Iterator[Finding]:
    """Edited rows whose unit or stage is none, or whose school is none or takes nobody of the stage; lost rows."""
    stages, ids = district.settings.instance.stages, np.array(district.schools.ids)
    taking = {stage: set(ids[district.schools.serves(stage)]) for stage in stages}
    cells = zip(rows["unit_id"], rows["stage"], rows["school_id"], strict=True)
    for row, (unit, stage, school) in zip(rows.index, cells, strict=True):
        if (unit, stage) in edited:
            asked = _is_asked((unit, stage), district)
            facts = {"row": row + 2, "unit": unit, "stage": stage, "school": school}
            if not asked and (unit, stage) not in then:
                yield "no_unit", facts
            elif asked and school not in district.schools.row:
                yield "no_school", facts
            elif asked and school not in taking[stage]:
                yield "not_taking", facts
    now = _schools(rows)
    yield from (_lost(key, then) for key in then if key not in now and _is_asked(key, district))
    if _keeps_units_whole(district):
        yield from (_several(key, now) for key in now if key in edited and len(now[key]) > 1)


def _is_asked(key: tuple[str, str], district: District) -> bool:
    return key[0] in district.units.row and key[1] in district.settings.instance.stages


def _lost(key: tuple[str, str], then: Schools) -> Finding:
    return "no_row", {"unit": key[0], "stage": key[1], "school": _join(then, key)}


def _several(key: tuple[str, str], now: Schools) -> Finding:
    return "several", {"unit": key[0], "stage": key[1], "schools": _join(now, key)}


def _keeps_units_whole(district: District) -> bool:
    settings = district.settings
    return settings.catchments.indivisible and settings.rules.indivisible == "hard"

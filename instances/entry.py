"""Binhe in the spring of its admission year: the tables of the folder, drawn from the district as it was built."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files

import numpy as np

from instances.design import BINHE, COHORT_WEIGHTS, Design
from instances.drawing import ground_tables, list_schools
from instances.lived import entrants_ahead
from instances.pool import BINHE_STAFF
from instances.scene import Scene, draw_scene
from instances.spring import BINHE_2027, ENTRY, Outside, Spring
from instances.staff import Standing, draw_staff, draw_standing, list_teachers
from instances.tables import csv_bytes, lon_lat
from models.district import Bools, Floats
from models.settings import Policy, resolve
from models.stages import Stage

Row = Mapping[str, object]

_FEEDS = 0.10
"""Share of a primary school's children below which it does not feed a junior school."""
_DECISION = "特殊教育专家委员会"
"""Who decides on the seats of children with special needs."""


def draw_entry_tables(design: Design = BINHE, spring: Spring = BINHE_2027) -> dict[str, bytes]:
    """Return the tables of the folder by file name."""
    scene = draw_scene(design, spring)
    policy, rng = _read_policy(), np.random.default_rng(design.seed + 3)
    standing = draw_standing(scene, BINHE_STAFF, policy, rng)
    ground, strength = standing.ground, standing.strength
    staff = draw_staff(scene.now, scene.returned, spring.year, ground, strength, BINHE_STAFF, policy, rng)
    return ground_tables(scene.now) | {
        "demand.csv": csv_bytes([*_demand_rows(scene), *_later_rows(scene)]),
        "schools.csv": csv_bytes(_school_rows(scene, standing)),
        "enrolment.csv": csv_bytes([*_enrolment_rows(scene)]),
        "current.csv": csv_bytes([*_current_rows(scene)]),
        "fixed.csv": csv_bytes([*_fixed_rows(scene)]),
        "feeders.csv": csv_bytes([*_feeder_rows(scene)]),
        "teachers.csv": csv_bytes(list_teachers(staff, [*scene.today.school])),
    }


def _read_policy() -> Policy:
    """What a post teaches and a school should have is as the settings of binhe say."""
    stated = files("instances").joinpath("binhe", "instance.toml").read_text(encoding="utf-8")
    return resolve(tomllib.loads(stated), has_current=True).policy


def _demand_rows(scene: Scene) -> Iterator[Row]:
    """Children counted this spring, by unit, grade and kind."""
    kinds = scene.kinds
    for unit, name in enumerate(scene.today.unit):
        for stage, grades in COHORT_WEIGHTS.items():
            for grade in grades:
                column = kinds.column(grade)
                counts = (kinds.local[unit, column], kinds.migrant[unit, column], kinds.special[unit, column])
                yield from _counted(name, stage, grade, scene.spring.year, counts)


def _later_rows(scene: Scene) -> Iterator[Row]:
    """Children who enter in later years, as far as they are born or live here."""
    spring, now, unit = scene.spring, scene.now, scene.today.unit
    growth = np.array([spring.growth[f"Z{zone + 1}"] for zone in now.zone])
    for year, births in spring.births.items():
        found = []
        for stage, grade in ENTRY.items():
            given = {unit[spring.coming.unit]: spring.coming.later[year][grade]}
            ahead = entrants_ahead(scene.kinds, grade, year - spring.year, births, growth, given)
            found.append((stage, grade, ahead))
        for row, name in enumerate(unit):
            for stage, grade, (local, migrant) in found:
                yield from _counted(name, stage, grade, year, (local[row], migrant[row]))


def _counted(unit: str, stage: Stage, grade: str, year: int, counts: Sequence[int]) -> Iterator[Row]:
    for category, students in zip(("local", "migrant", "special"), counts, strict=False):
        if students:
            yield {
                "unit_id": unit,
                "stage": stage,
                "grade": grade,
                "category": category,
                "year": year,
                "students": int(students),
            }


def _school_rows(scene: Scene, standing: Standing) -> list[Row]:
    spring, now = scene.spring, scene.now
    rows = list_schools(now)
    name_of = {row["school_id"]: str(row["name"]) for row in rows}
    first, second = spring.campuses
    for position, row in enumerate(rows):
        school = str(row["school_id"])
        for stage, classes in scene.tracks.items():
            row[f"classes_per_grade_{stage}"] = int(classes[position]) or ""
        row["is_new"] = "true" if school == spring.opening else row["is_new"]
        row["anchor"] = "false" if school == spring.borrowed[0] else "true"
        row["places"] = spring.places.get(school, "")
        row["ownership"], row["purchased_places"] = "public", ""
        row["legal_id"] = first if school == second else school
        row["name"] = f"{name_of[first]}东校区" if school == second else row["name"]
        row["group_id"], row["strength"] = standing.group[position], int(standing.strength[position])
        row |= {column: int(held[position]) for column, held in standing.resources.items()}
    return [*rows, *(_outside_row(scene, school, list(rows[0])) for school in spring.outside)]


def _outside_row(scene: Scene, school: Outside, columns: Sequence[str]) -> Row:
    """A private school with the places bought there, or the special one with its places."""
    unit, now = scene.today.unit[school.unit], scene.now
    lon, lat = lon_lat(now.land.points[[unit]])
    known = {
        "school_id": school.school,
        "name": school.name,
        "type": school.kind,
        "x": f"{lon[0]:.6f}",
        "y": f"{lat[0]:.6f}",
        "classrooms": school.classrooms,
        "unit_id": school.unit,
        "is_new": "false",
        "zone_id": f"Z{now.zone[unit] + 1}",
        "town_id": f"T{now.town[unit] + 1}",
        "anchor": "true",
        "places": "" if school.private else school.seats,
        "ownership": "private" if school.private else "public",
        "purchased_places": school.seats if school.private else "",
        "legal_id": school.school,
    } | {f"classes_per_grade_{stage}": classes for stage, classes in school.tracks.items()}
    return {column: known.get(column, "") for column in columns}


def _enrolment_rows(scene: Scene) -> Iterator[Row]:
    names = [*scene.today.school]
    for row in scene.returned:
        yield {
            "school_id": names[row.school],
            "stage": row.stage,
            "grade": row.grade,
            "students": row.students,
            "classes": row.classes,
        }


def _current_rows(scene: Scene) -> Iterator[Row]:
    """Today's catchments; the units of a shared one name both schools."""
    today, names = scene.today, [*scene.today.school]
    pair = [today.school[name] for name in scene.spring.shared]
    for unit, name in enumerate(today.unit):
        for stage, school_of in today.catchment.items():
            schools = pair if stage == "junior" and school_of[unit] in pair else [int(school_of[unit])]
            for school in schools:
                yield {"unit_id": name, "stage": stage, "school_id": names[school]}


def _fixed_rows(scene: Scene) -> Iterator[Row]:
    names = [*scene.today.unit]
    for (unit, stage), school in sorted(scene.seats.items()):
        yield {
            "unit_id": names[unit],
            "stage": stage,
            "school_id": school,
            "rule": "must",
            "category": "special",
            "reason": _DECISION,
        }


def _feeder_rows(scene: Scene) -> Iterator[Row]:
    """In the old town every primary school feeds the junior schools of its units, in shares of a twentieth."""
    today, now, names = scene.today, scene.now, [*scene.today.school]
    leaving = now.people.children[:, now.people.grades.index("6")]
    for school, name in enumerate(names):
        if now.sites.kind[school] != "primary" or now.land.bank[now.sites.unit[school]] != "old":
            continue
        here = today.catchment["primary"] == school
        to = np.bincount(today.catchment["junior"][here], leaving[here], len(names)).astype(np.float64)
        for junior, share in _shares(to).items():
            yield {"primary_school_id": name, "junior_school_id": names[junior], "share": f"{share:g}"}


def _shares(children: Floats) -> dict[int, float]:
    """Shares of the schools that take more than a few, rounded to a twentieth; together they are 1."""
    kept: Bools = children >= _FEEDS * children.sum()
    twentieths = np.floor(20 * np.where(kept, children, 0.0) / children[kept].sum())
    twentieths[np.argmax(children)] += 20 - twentieths.sum()
    return {int(school): float(twentieths[school] / 20) for school in np.flatnonzero(twentieths)}

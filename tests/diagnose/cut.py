"""A corner of a district as a district of its own: both banks of binhe's river round its western bridge.

    J06  J07      north of the river: the crowded old town, whose J07 has more children than places
    ---B1---      the bridge
    J09           south of it: the new town, with places to spare, and M01, a private school that sells some

63 units, eight public schools with all their classes and staff, and the private one.
"""

import csv
import json
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from pathlib import Path

from districts import write_table

JUNIOR_CATCHMENTS = ("J06", "J07", "J09")
PRIVATE_SITE = "U413"
"""Unit of M01, beside the catchment of J09."""

Row = dict[str, str]


def corner_of(folder: Path) -> frozenset[str]:
    """Return the units of the corner, in binhe or in the corner itself."""
    here = {row["unit_id"] for row in read_rows(folder, "current") if row["school_id"] in JUNIOR_CATCHMENTS}
    return frozenset({*here, PRIVATE_SITE})


def cut_district(whole: Path, folder: Path, units: Collection[str]) -> Path:
    """Write into `folder` what is left of binhe where there are these units and the schools that stand in them.

    Units lose a catchment whose school is gone, and placed children who sit at such a school are gone too. Recruits and
    the approved posts are taken in proportion to the staff.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("barriers.geojson", "crossings.geojson", "scenarios.toml"):
        shutil.copy(whole / name, folder)
    write_units(folder, (f for f in read_units(whole) if f["properties"]["unit_id"] in units))
    read = partial(read_rows, whole)
    schools = [row for row in read("schools") if row["unit_id"] in units]
    kept = {row["school_id"] for row in schools}
    decided = [row for row in read("fixed") if row["unit_id"] in units]
    lost = {(row["unit_id"], row["stage"], row["category"]) for row in decided if row["school_id"] not in kept}
    demand = [row for row in read("demand") if row["unit_id"] in units]
    staff = read("teachers")
    teachers = list(_staff_of(staff, kept))
    tables = {
        "schools": schools,
        "demand": [row for row in demand if (row["unit_id"], row["stage"], row["category"]) not in lost],
        "current": [row for row in read("current") if row["unit_id"] in units and row["school_id"] in kept],
        "fixed": [row for row in decided if row["school_id"] in kept],
        "feeders": [row for row in read("feeders") if {row["primary_school_id"], row["junior_school_id"]} <= kept],
        "enrolment": [row for row in read("enrolment") if row["school_id"] in kept],
        "teachers": teachers,
    }
    for name, rows in tables.items():
        write_table(folder, name, rows)
    settings = (whole / "instance.toml").read_text(encoding="utf-8")
    posts = round(3380 * len(teachers) / len(staff))
    (folder / "instance.toml").write_text(settings.replace("district = 3380", f"district = {posts}"), encoding="utf-8")
    return folder


def read_rows(folder: Path, table: str) -> list[Row]:
    """Return a CSV table of an instance, row by row."""
    with (folder / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def map_rows(table: str, change: Callable[[Row], Mapping[str, str]], folder: Path) -> None:
    """Lay over every row of a table what `change` says of it."""
    write_table(folder, table, [row | change(row) for row in read_rows(folder, table)])


def add_rows(table: str, rows: Collection[Row], folder: Path) -> None:
    """Write further rows at the end of a table."""
    write_table(folder, table, [*read_rows(folder, table), *rows])


def read_units(folder: Path) -> list[dict]:
    """Return the units as GeoJSON features."""
    return json.loads((folder / "units.geojson").read_text(encoding="utf-8"))["features"]


def write_units(folder: Path, features: Iterator[dict]) -> None:
    """Write GeoJSON features as the units."""
    collection = {"type": "FeatureCollection", "features": list(features)}
    (folder / "units.geojson").write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")


def _staff_of(staff: list[Row], schools: Collection[str]) -> Iterator[Row]:
    """Teachers of these schools, recruits in proportion, and no word about any other school."""
    working = [row for row in staff if row["school_id"] in schools]
    recruits = [row for row in staff if not row["school_id"]]
    people = working + recruits[: len(recruits) * len(working) // (len(staff) - len(recruits))]
    known = {row["teacher_id"] for row in people}
    for row in people:
        yield row | _without_strangers(row, schools, known)


def _without_strangers(row: Row, schools: Collection[str], known: Collection[str]) -> Row:
    kept = {"preferences": ";".join(school for school in row["preferences"].split(";") if school in schools)}
    if row["home_school_id"] not in schools:
        kept |= {"home_school_id": "", "rotation_until": ""}
    if row["previous_school_id"] not in schools:
        kept |= {"previous_school_id": "", "left_previous": ""}
    if row["spouse_id"] not in known:
        kept["spouse_id"] = ""
    return kept

"""Whatever lies in the folder, reading ends in a report: a sentence, never a traceback."""

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import districts as d
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.faults import Report
from optimizer.checks import check_source, describe
from optimizer.io import build_district, read_source


def report(folder: Path) -> Report:
    source = read_source(folder)
    found = check_source(source)
    for fault in (*found.faults, *found.warnings):
        assert describe(fault).sentence.isprintable()
        assert describe(fault, "zh").sentence.isprintable()
    if not found.faults:
        build_district(source)
    return found


def geojson(folder: Path, *geometries: object) -> None:
    features = [
        {"type": "Feature", "properties": {"unit_id": f"U{k}"}, "geometry": geometry}
        for k, geometry in enumerate(geometries, start=1)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (folder / "units.geojson").write_text(text, encoding="utf-8")


ENDLESS = {"school_id": "S1", "stage": "junior", "grade": "7"}
MARKUP = {"unit_id": "=cmd|'/c calc'!A1", "stage": "[red]{x}</b>\x1b[31m", "students": "%s{0}"}

HOSTILE: dict[str, Callable[[Path], object]] = {
    "empty settings": lambda f: (f / "instance.toml").write_text(""),
    "settings in another encoding": lambda f: (f / "instance.toml").write_bytes("name='滨河'".encode("gbk")),
    "settings nested too deep": lambda f: (f / "instance.toml").write_text("a = " + "[" * 5000),
    "section that is a number": lambda f: (f / "instance.toml").write_text("policy = 3\nfiles = 4\ncrs = 5"),
    "profile that is a list": lambda f: (f / "instance.toml").write_text("[policy]\nprofile = [1]"),
    "empty table": lambda f: (f / "demand.csv").write_bytes(b""),
    "a cell of a megabyte": lambda f: (f / "demand.csv").write_text("unit_id,stage,students\n" + "9" * 2**20),
    "an endless number": lambda f: (f / "demand.csv").write_text("unit_id,stage,students\nU1,primary," + "9" * 5000),
    "open quotes": lambda f: (f / "demand.csv").write_text('unit_id,stage,students\n"U1,primary,3'),
    "utf-16": lambda f: (f / "demand.csv").write_text("unit_id,stage,students", encoding="utf-16"),
    "binary": lambda f: (f / "demand.csv").write_bytes(bytes(range(1, 256))),
    "a workbook that is none": lambda f: [(f / "demand.csv").unlink(), (f / "demand.xlsx").write_bytes(b"PK\3\4zip")],
    "an empty workbook": lambda f: [(f / "demand.csv").unlink(), (f / "demand.xlsx").write_bytes(b"")],
    "a Parquet file that is none": lambda f: [(f / "demand.csv").unlink(), (f / "demand.parquet").write_bytes(b"PAR1")],
    "a folder": lambda f: [(f / "demand.csv").unlink(), (f / "demand.csv").mkdir()],
    "a link to itself": lambda f: [(f / "demand.csv").unlink(), (f / "demand.csv").symlink_to(f / "demand.csv")],
    "a link to nowhere": lambda f: [(f / "demand.csv").unlink(), (f / "demand.csv").symlink_to(f / "gone")],
    "a device": lambda f: [(f / "demand.csv").unlink(), (f / "demand.csv").symlink_to("/dev/zero")],
    "a pipe": lambda f: [(f / "demand.csv").unlink(), os.mkfifo(f / "demand.csv")],
    "settings in a pipe": lambda f: [(f / "instance.toml").unlink(), os.mkfifo(f / "instance.toml")],
    "settings of too many digits": lambda f: (f / "instance.toml").write_text("year = " + "9" * 5000),
    "scenarios in a pipe": lambda f: os.mkfifo(f / "scenarios.toml"),
    "settings in a folder": lambda f: [(f / "instance.toml").unlink(), (f / "instance.toml").mkdir()],
    "a map that is no map": lambda f: (f / "units.geojson").write_text("{}"),
    "a map without features": geojson,
    "no geometry": lambda f: geojson(f, None, None),
    "an open ring": lambda f: geojson(f, {"type": "Polygon", "coordinates": [[[120, 30], [121, 30], [121, 31]]]}),
    "two corners": lambda f: geojson(f, {"type": "Polygon", "coordinates": [[[120, 30], [121, 30]]]}),
    "empty shapes": lambda f: geojson(f, {"type": "Polygon", "coordinates": []}, {"type": "Point", "coordinates": []}),
    "a collection": lambda f: geojson(f, {"type": "GeometryCollection", "geometries": [d.point(0, 0), d.square(0, 0)]}),
    "nan": lambda f: geojson(f, {"type": "Point", "coordinates": [float("nan"), 30]}),
    "infinity": lambda f: geojson(f, {"type": "Point", "coordinates": [1e400, 30]}),
    "very far away": lambda f: geojson(f, {"type": "Point", "coordinates": [1e300, 3]}),
    "words for numbers": lambda f: geojson(f, {"type": "Point", "coordinates": ["a", "b"]}),
    "teachers without a column": lambda f: d.write_table(f, "teachers", [{"teacher_id": "T1"}]),
    "teachers of markup": lambda f: d.write_table(f, "teachers", [{"teacher_id": "T", "stage": "{x}\x1b"}]),
    "a curriculum of words": lambda f: d.write_table(f, "curriculum", [{"stage": "?", "weekly_lessons": "many"}]),
    "endless classes": lambda f: d.write_table(f, "classes", [ENDLESS | {"students": "1e999", "classes": 0}]),
    "children without end": lambda f: d.write_table(f, "demand", [ENDLESS | {"unit_id": "U1", "students": "1e999"}]),
    "classes of nobody": lambda f: d.write_table(f, "classes", [{"school_id": "", "classes": "-1"}]),
    "markup and formulas": lambda f: d.write_table(f, "demand", [MARKUP]),
    "a database that is none": lambda f: [(f / "units.geojson").unlink(), (f / "units.gpkg").write_bytes(b"SQLite")],
    "a database without maps": lambda f: [(f / "units.geojson").unlink(), sqlite3.connect(f / "units.gpkg").close()],
    "a shapefile on its own": lambda f: [(f / "units.geojson").unlink(), (f / "units.shp").write_bytes(b"\0" * 100)],
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_folders_end_in_faults(name: str, tmp_path: Path) -> None:
    HOSTILE[name](d.write_instance(tmp_path))
    assert report(tmp_path).faults


def test_password_is_never_shown(tmp_path: Path) -> None:
    for address in ("postgresql://me:hunter2@host/db", "PG:host=h password=hunter2", "mysql://h/db?pwd=hunter2"):
        d.write_instance(tmp_path, settings={"files": {"demand": address}})
        source = read_source(tmp_path)
        found = check_source(source).faults
        assert "F107" in {fault.code for fault in found}
        assert "hunter2" not in repr(found)


def test_absent_folder_is_no_instance(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_source(tmp_path / "nowhere")


def test_files_that_nobody_names_are_left_alone(tmp_path: Path) -> None:
    d.write_instance(tmp_path)
    (tmp_path / "notes.csv").write_bytes(b"\0\xff")
    (tmp_path / "units.txt").write_bytes(b"\0\xff")
    source = read_source(tmp_path)
    assert check_source(source).faults == ()
    assert set(source.fingerprints) == {"instance.toml", "units.geojson", "demand.csv", "schools.csv"}


@pytest.fixture(scope="module")
def mangled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    current = [{"unit_id": f"U{k}", "stage": "primary", "school_id": "S1"} for k in range(1, 10)]
    fixed = [{"unit_id": "U1", "stage": "primary", "school_id": "S1", "rule": "must"}]
    text = '[overrides.a.schools]\n"S1" = { places = 1 }\n[scenarios]\nb = ["a"]\n'
    staff: dict[str, list[dict[str, object]]] = {
        "teachers": [
            {"teacher_id": "T1", "stage": "primary", "subject": "数学", "school_id": "S1", "birth_date": "1990-01-01"}
            | {"spouse_id": "T2", "preferences": "S2;S1", "class_head_grade": "3", "backbone": "是"},
            {"teacher_id": "T2", "stage": "primary", "subject": "english", "school_id": "S2", "spouse_id": "T1"},
        ],
        "curriculum": [
            {"stage": "primary", "grade": grade, "subject": "chinese", "weekly_lessons": 8} for grade in "123456"
        ],
        "classes": [{"school_id": "S1", "stage": "primary", "grade": "1", "students": 81, "classes": 2}],
    }
    folder = tmp_path_factory.mktemp("mangled")
    return d.write_instance(folder, current=current, fixed=fixed, scenarios=text, **staff)


FILES = (
    *("instance.toml", "scenarios.toml", "units.geojson", "demand.csv", "schools.csv", "current.csv", "fixed.csv"),
    *("teachers.csv", "curriculum.csv", "classes.csv"),
)
SNIPPETS = st.sampled_from(
    [b"", b"\0", b"\xff", b"nan", b"-1", b'"', b"\n", b",", b"1e999", b"\xe5\xb0", b"[", b"0.5", b"{}"]
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(FILES), start=st.floats(0, 1), length=st.integers(0, 60), snippet=SNIPPETS)
def test_random_mangling_ends_in_a_report(mangled: Path, name: str, start: float, length: int, snippet: bytes) -> None:
    path = mangled / name
    content = path.read_bytes()
    at = int(start * len(content))
    try:
        path.write_bytes(content[:at] + snippet + content[at + length :])
        report(mangled)
    finally:
        path.write_bytes(content)

"""A run folder that was damaged: each command that reads it ends with 2 and says which file is wrong, and how."""

import json
import math
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from builders import make_district, make_plan, make_travel
from click.testing import CliRunner

from cli import xuewei
from models.outcome import Level, Outcome, Status
from models.run import Run, Shortfall
from models.sentences import find
from optimizer.indices import compute_indices
from optimizer.runs import NotARun, read_run, store_run

Damage = Callable[[Path], Any]
JSON_FILES = ("run.json", "issues.json")
TABLES = ("catchments", "assignments", "schools", "indices", "classes")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole run of the row of four units, with its map."""
    district = make_district()
    travel = make_travel(district)
    plan = make_plan(district, travel, "AABB")
    short = Shortfall("places", "soft", "primary", "A", math.inf, 60.0, "students", breach=2.0)
    outcome = Outcome(Status.FEASIBLE, (Level("travel", 60.0, 59.0, 0.001),))
    run = Run("base", 0, outcome, plan, compute_indices(district, travel, plan), (short,))
    return store_run(run, district, travel, tmp_path_factory.mktemp("runs"))


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return shutil.copytree(sound, tmp_path / "base")


def run(*arguments: str | Path, language: str = "en") -> tuple[int, str]:
    result = CliRunner().invoke(xuewei, ["--lang", language, *map(str, arguments)])
    assert "Traceback" not in result.output
    return result.exit_code, result.stderr


def change(entry: str, value: Any) -> Damage:
    """One entry of run.json is another."""

    def damage(folder: Path) -> None:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        (folder / "run.json").write_text(json.dumps(record | {entry: value}), encoding="utf-8")

    return damage


def drop(entry: str) -> Damage:
    """One entry of run.json is gone."""

    def damage(folder: Path) -> None:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        del record[entry]
        (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")

    return damage


def write(file: str, text: str) -> Damage:
    return lambda folder: (folder / file).write_text(text, encoding="utf-8")


def replace(file: str, old: str, new: str) -> Damage:
    def damage(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8-sig")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return damage


def cut(file: str) -> Damage:
    return lambda folder: (folder / file).write_bytes((folder / file).read_bytes()[:40])


def remove(file: str) -> Damage:
    return lambda folder: (folder / file).unlink()


def make_folder(file: str) -> Damage:
    return lambda folder: [(folder / file).unlink(), (folder / file).mkdir()]


DAMAGES: dict[str, tuple[Damage, str, str]] = {
    "no catchments": (remove("catchments.csv"), "missing", "catchments.csv"),
    "no assignments": (remove("assignments.csv"), "missing", "assignments.csv"),
    "no schools": (remove("schools.csv"), "missing", "schools.csv"),
    "no issues": (remove("issues.json"), "missing", "issues.json"),
    "run.json cut off": (cut("run.json"), "unreadable", "run.json"),
    "issues.json cut off": (write("issues.json", '[{"rule"'), "unreadable", "issues.json"),
    "issues.json nested too deep": (write("issues.json", "[" * 5000), "unreadable", "issues.json"),
    "a pipe for a file": (
        lambda f: [(f / "schools.csv").unlink(), os.mkfifo(f / "schools.csv")],
        "unreadable",
        "schools.csv",
    ),
    "a folder for a file": (make_folder("issues.json"), "unreadable", "issues.json"),
    "bytes for text": (lambda f: (f / "schools.csv").write_bytes(bytes(range(256))), "unreadable", "schools.csv"),
    "an empty table": (write("schools.csv", ""), "unreadable", "schools.csv"),
    "run.json a list": (write("run.json", "[]"), "unreadable", "run.json"),
    "run.json of another program": (write("run.json", '{"name": "x", "scripts": {}}'), "no_entry", "status"),
    "an unknown status": (change("status", "splendid"), "entry", "splendid"),
    "a status that is a list": (change("status", ["optimal"]), "entry", "status"),
    "a plan without figures": (change("student_km", None), "unreadable", "run.json"),
    "no stages": (change("decided", {}), "unreadable", "run.json"),
    "an unknown stage": (change("decided", {"university": 3}), "entry", "decided.university"),
    "a gap in words": (change("gap", "small"), "entry", "small"),
    "a title that is a list": (change("scenario_title", ["kept"]), "entry", "scenario_title"),
    "no mode": (drop("mode"), "no_entry", "mode"),
    "no levels": (drop("levels"), "no_entry", "levels"),
    "levels of another kind": (change("levels", [3]), "entry", "levels.0"),
    "issues of another kind": (write("issues.json", "[1]"), "entry", "issues.json"),
    "a seed in words": (change("seed", "one"), "entry", "seed"),
    "fingerprints of numbers": (change("fingerprint", {"units.csv": 1}), "entry", "fingerprint"),
    "a drawing that is none": (change("drawing", None), "entry", "drawing"),
    "no versions at all": (change("versions", None), "entry", "versions"),
    "a date in words": (change("data_date", "yesterday"), "entry", "yesterday"),
    "a policy of another kind": (change("policy", {"class_size": {"cap": {"primary": "45"}}}), "unreadable", "policy."),
    "rules that are none": (change("rules", None), "unreadable", "rules"),
    "a rule that is neither hard nor soft": (change("rules", {"places": "firm"}), "unreadable", "rules.places"),
    "catchments that change somehow": (change("catchments", {"change": "somehow"}), "unreadable", "catchments.change"),
    "a way of travel that is a number": (change("travel", {"method": 1}), "unreadable", "travel.method"),
    "a price in words": (change("costs", {"place": "much"}), "unreadable", "costs.place"),
    "categories that are none": (change("categories", None), "unreadable", "categories"),
    "other columns": (write("catchments.csv", "a,b\n1,2\n"), "column", "unit_id"),
    "a column renamed": (replace("schools.csv", "utilisation", "full"), "column", "utilisation"),
    "a stage that is none": (replace("schools.csv", "A,primary", "A,university"), "cell", "university"),
    "fewer than no children": (replace("assignments.csv", "local,A,30", "local,A,-30"), "cell", "assignments.csv:2"),
    "half a child": (replace("assignments.csv", "local,A,30", "local,A,30.5"), "cell", "assignments.csv:2"),
    "children left out": (replace("assignments.csv", "local,A,30", "local,A,"), "cell", "assignments.csv:2"),
    "children without end": (replace("assignments.csv", "local,A,30", "local,A,inf"), "cell", "assignments.csv:2"),
    "a grade that is none": (replace("classes.csv", "A,primary,1,", "A,primary,Z,"), "cell", "classes.csv:2"),
    "a largest class without end": (replace("classes.csv", ",10,whole", ",inf,whole"), "cell", "classes.csv"),
    "a number in words": (replace("assignments.csv", "local,A,30", "local,A,many"), "cell", "assignments.csv:2"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_every_command_refuses_a_damaged_run(name: str, folder: Path, repository: Path, tmp_path: Path) -> None:
    damage, flaw, words = DAMAGES[name]
    damage(folder)
    with pytest.raises(NotARun) as raised:
        read_run(folder)
    assert raised.value.flaw == flaw
    for command in (
        ("show", folder),
        ("show", folder, "--json"),
        ("indices", folder),
        ("export", folder, "--out", tmp_path / "map.png"),
        ("solve", repository / "instances" / "six", "--from", folder, "--out", tmp_path / "out"),
    ):
        code, said = run(*command)
        assert (code, words in said) == (2, True), said
        assert "Solve it again" in said
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["base"]
    assert run("show", folder, language="zh")[0] == 2


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (remove("plan.gpkg"), "plan.gpkg is missing"),
        (cut("plan.gpkg"), "plan.gpkg cannot be read"),
        (lambda folder: (folder / "plan.gpkg").write_bytes(b""), "plan.gpkg"),
    ],
)
def test_a_map_needs_the_layers(folder: Path, damage: Damage, words: str) -> None:
    damage(folder)
    code, said = run("export", folder, "--force")
    assert (code, words in said) == (2, True), said
    assert run("show", folder)[0] == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("DELETE FROM units", "plan.gpkg#units lacks rows"),
        ("DELETE FROM catchments", "plan.gpkg#catchments lacks rows"),
        ("UPDATE catchments SET stage = 'junior'", "plan.gpkg#catchments lacks rows"),
        ("UPDATE catchments SET colour = NULL", "plan.gpkg#catchments has no column colour"),
        ("UPDATE schools SET geom = NULL", "plan.gpkg#schools has no column geometry"),
        ("DELETE FROM gpkg_contents WHERE table_name = 'flows'", "plan.gpkg#flows has no column stage"),
        ("UPDATE gpkg_geometry_columns SET srs_id = -1", "plan.gpkg cannot be read"),
    ],
)
def test_a_map_needs_whole_layers(folder: Path, change: str, words: str) -> None:
    with closing(sqlite3.connect(folder / "plan.gpkg")) as package, package:
        for (trigger,) in package.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            package.execute(f'DROP TRIGGER "{trigger}"')
        package.execute(change)
    code, said = run("export", folder, "--force")
    assert (code, words in said) == (2, True), said


def test_indices_need_their_table(folder: Path) -> None:
    (folder / "indices.csv").unlink()
    code, said = run("indices", folder)
    assert (code, "indices.csv is missing" in said) == (2, True)
    assert run("show", folder)[0] == 0


def test_words_of_another_version_are_shown_as_they_are(folder: Path) -> None:
    replace("indices.csv", "mean_m,", "wonder,")(folder)
    replace("issues.json", '"places"', '"plumbing"')(folder)
    assert run("indices", folder)[0] == 0
    assert run("show", folder)[0] == 0


def test_a_number_that_was_not_finite_reads_back(sound: Path) -> None:
    assert read_run(sound).shortfalls[0].value == math.inf


def test_a_run_without_a_plan_needs_its_diagnosis(tmp_path: Path) -> None:
    district = make_district()
    outcome = Outcome(Status.INFEASIBLE, reason="solve.edits.together", facts={"count": 3})
    folder = store_run(Run("base", 0, outcome), district, make_travel(district), tmp_path)
    code, said = run("show", folder)
    assert (code, "diagnosis.json" in said) == (2, True), "its sentence lacks a fact"
    (folder / "diagnosis.json").unlink()
    code, said = run("show", folder)
    assert (code, "diagnosis.json is missing" in said) == (2, True)


@pytest.mark.parametrize(
    ("entry", "value", "flaw"),
    [
        ("counts", [{"key": 3}], "entry"),
        ("counts", None, "entry"),
        ("possible", "perhaps", "entry"),
        ("conflict", {"rules": ["places"]}, "no_entry"),
        ("repairs", [{"lever": "extension", "facts": {}, "patch": "places"}], "entry"),
        ("reason", {"key": "solve.edits.together", "facts": {}}, "entry"),
    ],
)
def test_a_damaged_diagnosis_is_refused(entry: str, value: Any, flaw: str, tmp_path: Path) -> None:
    district = make_district()
    folder = store_run(Run("base", 0, Outcome(Status.INFEASIBLE)), district, make_travel(district), tmp_path)
    stated = json.loads((folder / "diagnosis.json").read_text(encoding="utf-8"))
    (folder / "diagnosis.json").write_text(json.dumps(stated | {entry: value}), encoding="utf-8")
    with pytest.raises(NotARun) as raised:
        read_run(folder)
    assert (raised.value.flaw, str(raised.value.facts["entry"]).split(".")[0]) == (flaw, entry)


def test_a_run_without_a_plan_is_no_start(repository: Path, tmp_path: Path) -> None:
    district = make_district()
    folder = store_run(Run("base", 0, Outcome(Status.NO_PLAN)), district, make_travel(district), tmp_path)
    code, said = run("solve", repository / "instances" / "six", "--from", folder, "--out", tmp_path / "out")
    assert (code, "no_plan" in said) == (2, True)


@pytest.mark.parametrize("flaw", ["missing", "unreadable", "no_entry", "entry", "column", "cell", "rows"])
def test_every_flaw_has_its_sentence(flaw: str) -> None:
    assert find(f"cli.damaged.{flaw}")

"""A run folder is whole or not there, equal for equal runs, and reads back as it was."""

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import make_district, make_plan, make_schools, make_travel, make_units
from districts import write_instance

from models.diagnosis import Conflict, Count, Diagnosis, Repair
from models.outcome import Level, Outcome, Status
from models.run import Run, Shortfall
from optimizer.export import Drawn
from optimizer.geo.travel import measure_travel
from optimizer.io import build_district, read_source
from optimizer.recheck import recheck_plan
from optimizer.runs import CannotWrite, NotARun, RunExists, check_target, read_run, store, store_run


@pytest.fixture(autouse=True)
def without_a_map(request, monkeypatch):
    """Drawing takes a second; only tests that ask for `draws` wait for it."""
    if "draws" not in request.fixturenames:
        monkeypatch.setattr("optimizer.export.draw_map", lambda folder, path: Drawn(path, ""))


@pytest.fixture
def draws():
    """Asked for by tests that store the map too."""


def make_run(district, travel, schools="AABB", **more):
    level = Level("travel", 60.0, 59.0, 0.001)
    plan = make_plan(district, travel, schools)
    return Run("base", 7, Outcome(Status.FEASIBLE, (level,)), plan, **more)


def stored(out, district=None, schools="AABB", **more):
    district = district or make_district()
    travel = make_travel(district)
    return store_run(make_run(district, travel, schools, **more), district, travel, out, force=False)


def content(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_a_run_reads_back_as_it_was_stored(tmp_path):
    district = make_district()
    shortfall = Shortfall("places", "soft", "primary", "A", 62.0, 60.0, "students", breach=2.0)
    run = make_run(district, make_travel(district), shortfalls=(shortfall,))
    read = read_run(store_run(run, district, make_travel(district), tmp_path / "runs", force=False))
    assert read.status is Status.FEASIBLE
    assert read.shortfalls == (shortfall,)
    for name in ("catchments", "assignments", "classes"):
        pd.testing.assert_frame_equal(getattr(read.plan, name), getattr(run.plan, name), check_dtype=False)
    assert read.plan.student_km == run.plan.student_km == 60.0


def test_run_json_says_what_was_asked_and_shown(tmp_path):
    record = read_run(stored(tmp_path)).record
    assert record["levels"] == [{"name": "travel", "value": 60.0, "bound": 59.0, "gap": pytest.approx(1 / 60)}]
    assert (record["scenario"], record["mode"], record["seed"], record["seconds"]) == ("base", "whole", 7, {})
    assert record["decided"] == {"primary": 120}
    assert record["mean_m"] == 500.0
    assert record["policy"]["profile"] == "none"
    assert record["rules"]["contiguous"] == "hard"
    assert record["catchments"]["change"] == "free"
    assert record["fingerprint"] == {"units.csv": "0" * 64}
    assert set(record["versions"]) >= {"xuewei", "ortools", "python"}


def test_a_bound_that_is_not_known_is_null(tmp_path):
    district = make_district()
    travel = make_travel(district)
    outcome = Outcome(Status.FEASIBLE, (Level("travel", 60.0, -np.inf, 0.001),))
    folder = store_run(Run("base", 0, outcome, make_plan(district, travel, "AABB")), district, travel, tmp_path)
    level = read_run(folder).record["levels"][0]
    assert (level["bound"], level["gap"]) == (None, None)


def test_equal_runs_are_equal_byte_for_byte(tmp_path, draws):
    first, second = content(stored(tmp_path / "one")), content(stored(tmp_path / "two"))
    assert {name for name in first if first[name] != second[name]} == set()
    assert set(first) == set(second) >= {"run.json", "plan.gpkg", "map.png", "schools.csv", "issues.json"}


def test_a_run_without_a_plan_is_two_files(tmp_path):
    district = make_district()
    outcome = Outcome(Status.INFEASIBLE, reason="solve.no_places", facts={"short": 140})
    run = Run("base", 0, outcome)
    folder = store_run(run, district, make_travel(district), tmp_path, force=False)
    assert set(content(folder)) == {"run.json", "diagnosis.json"}
    read = read_run(folder)
    assert read.plan is None
    assert read.record["mean_m"] is None
    assert read.diagnosis["reason"] == {"key": "solve.no_places", "facts": {"short": 140}}
    assert read.found == Diagnosis(False, complete=False), "nobody looked for a way out"


def test_a_diagnosis_reads_back_as_it_was_stored(tmp_path):
    district = make_district()
    facts = {"students": np.int64(130), "places": 120.0, "short": 10, "stage": "primary", "first": ["U1", "U2"]}
    count = Count("newer", facts, ("places", "max_travel"), 10.0, ("U1", "U2"), ("A",))
    patch = {"schools": {"A": {"places": 70}}, "policy": {"travel": {"max_m": {"primary": 3400}}}}
    repair = Repair("newer", {"school": "A"}, patch, 10.0, 9.0, "places", {"travel": 61.5}, 512.5, {"vacant": 0.5})
    diagnosis = Diagnosis(False, (count,), Conflict(("places", "max_travel"), minimal=True), (repair,))
    run = Run("base", 0, Outcome(Status.INFEASIBLE), diagnosis=diagnosis)
    read = read_run(store_run(run, district, make_travel(district), tmp_path))
    assert read.found == diagnosis
    assert {"counts", "conflict", "repairs", "complete", "possible", "reason"} <= read.diagnosis.keys()
    assert read_run(stored(tmp_path / "planned")).found is None


def test_an_existing_run_is_replaced_only_by_force(tmp_path):
    folder = stored(tmp_path)
    before = content(folder)
    with pytest.raises(RunExists) as raised:
        stored(tmp_path, schools="ABBB")
    assert raised.value.replaceable
    assert content(folder) == before
    district = make_district()
    travel = make_travel(district)
    store_run(make_run(district, travel, "ABBB"), district, travel, tmp_path, force=True)
    assert content(folder) != before
    assert [entry.name for entry in tmp_path.iterdir()] == ["base"]


def test_force_never_replaces_a_folder_that_is_not_a_run(tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(RunExists) as raised:
        check_target(tmp_path, "base", force=True)
    assert not raised.value.replaceable


@pytest.mark.parametrize("name", ["../base", "..", "", "a/b", "a\\b"])
def test_a_name_cannot_lead_out_of_the_folder(tmp_path, name):
    with pytest.raises(CannotWrite):
        check_target(tmp_path, name, force=True)


@pytest.mark.parametrize("failure", [OSError("disk full"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_nothing(tmp_path, monkeypatch, failure):
    def fail(table, path):
        raise failure

    monkeypatch.setattr(store, "write_csv", fail)
    with pytest.raises(CannotWrite if isinstance(failure, OSError) else KeyboardInterrupt):
        stored(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_a_write_fault(tmp_path):
    (tmp_path / "runs").write_text("", encoding="utf-8")
    with pytest.raises(CannotWrite):
        stored(tmp_path / "runs")
    with pytest.raises(CannotWrite) as raised:
        check_target(tmp_path / "runs" / "deep", "base", force=False)
    assert raised.value.folder == tmp_path / "runs" / "deep" / "base"
    assert ".partial" not in raised.value.reason


def test_trying_a_folder_leaves_nothing(tmp_path):
    assert check_target(tmp_path / "runs" / "deep", "base", force=False) == tmp_path / "runs" / "deep" / "base"
    assert list(tmp_path.iterdir()) == []


def test_line_ends_in_a_name_are_read_back(tmp_path):
    names = ["Abbey\rHall", "Brook\nside"]
    folder = stored(tmp_path, make_district(schools=make_schools(names=tuple(names))))
    assert list(read_run(folder).tables["schools"]["name"]) == names


def test_schools_and_the_admission_plan(tmp_path):
    """A: 60 children in six classes of 10, cap 12, 80 places: 72 planned, 12 left. B: 60 places."""
    schools = make_schools(places=np.array([80.0, 60.0]), classrooms=np.array([6.0, 6.0]))
    district = make_district(schools=schools, policy={"class_size": {"cap": {"primary": 12}}})
    tables = read_run(stored(tmp_path, district)).tables
    a, b = tables["schools"].to_dict("records")
    assert (a["students"], a["classes"], a["places"], a["utilisation"]) == (60, 6, 80, 0.75)
    assert (b["places"], b["utilisation"]) == (60, 1)
    a, b = tables["admission_plan"].to_dict("records")
    assert (a["classes"], a["class_size"], a["planned"], a["zoned"], a["balance"]) == (6, 12, 72, 60, 12)
    assert (b["planned"], b["balance"], b["mode"]) == (60, 0, "whole")


def test_changes(tmp_path):
    """Today U2 belongs to B, 2 km away; the plan gives it to A, 1 km away. U4 stays."""
    units = make_units(households=np.array([np.nan, 250.0, np.nan, np.nan]))
    district = make_district(units=units, current={"U2": "B", "U4": "B"}, catchments={"change": "free"})
    changes = read_run(stored(tmp_path, district)).tables["changes"].to_dict("records")
    assert changes == [
        {"unit_id": "U2", "stage": "primary", "households": 250, "students": 30, "from_school_id": "B",
         "to_school_id": "A", "metres_before": 2000, "metres_after": 1000, "reason": "the new school is nearer",
         "unit_name": "Unit 2", "reason_code": "nearer"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("places_of_c", "status_of_c", "fixed", "reason"),
    [
        (60.0, "closed", (), "closed"),
        (60.0, "open", [("U2", "C", "never")], "fixed"),
        (20.0, "open", (), "full"),
        (60.0, "open", (), "plan"),
    ],
)
def test_reasons_of_a_change(tmp_path, places_of_c, status_of_c, fixed, reason):
    """U2 with 30 children goes from C, which stands in U1, to A beside it: as far as before."""
    places, status = np.array([60.0, 60.0, places_of_c]), ("open", "open", status_of_c)
    schools = make_schools({"A": 0, "B": 3, "C": 0}, places=places, status=status)
    district = make_district(schools=schools, current={"U2": "C"}, catchments={"change": "free"}, fixed=fixed)
    changes = read_run(stored(tmp_path, district)).tables["changes"]
    assert list(changes["reason_code"]) == [reason]


def test_names_are_no_formulas_and_ids_are_exact(tmp_path):
    schools = replace(make_schools(names=('=HYPERLINK("x")', "'tis")), ids=("007", "8.0"))
    district = make_district(schools=schools)
    travel = make_travel(district)
    plan = make_plan(district, travel, {"primary": ["007", "007", "8.0", "8.0"]})
    folder = store_run(Run("base", 0, Outcome(Status.FEASIBLE), plan), district, travel, tmp_path)
    text = (folder / "schools.csv").read_text(encoding="utf-8-sig")
    assert [row["name"] for row in csv.DictReader(text.splitlines())] == ['\'=HYPERLINK("x")', "''tis"]
    table = read_run(folder).tables["schools"]
    assert list(table["name"]) == ['=HYPERLINK("x")', "'tis"]
    assert list(table["school_id"]) == ["007", "8.0"]


def test_csv_opens_in_excel(tmp_path):
    assert (stored(tmp_path) / "catchments.csv").read_bytes().startswith(b"\xef\xbb\xbfunit_id,stage,school_id\r\n")


@pytest.mark.parametrize("text", [None, "{", "[]", '{"status": "splendid"}'])
def test_what_is_not_a_run(tmp_path, text):
    if text is not None:
        (tmp_path / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(NotARun):
        read_run(tmp_path)


def test_the_outside_checker_finds_no_fault(tmp_path):
    """The grid of nine units: S1 in U4 takes the west and U2, S2 in U6 the rest."""
    checker = Path(__file__).parents[3] / "shared" / "check_plan.py"
    if not checker.is_file():
        pytest.skip("no checker beside the repository")
    instance = write_instance(tmp_path / "grid")
    district = build_district(read_source(instance))
    travel = measure_travel(district)
    west = {"U1", "U2", "U4", "U7"}
    plan = make_plan(district, travel, {"primary": ["S1" if unit in west else "S2" for unit in district.units.ids]})
    assert recheck_plan(district, travel, plan) == ()
    folder = store_run(Run("base", 0, Outcome(Status.FEASIBLE), plan), district, travel, tmp_path)
    asked = [sys.executable, str(checker), str(instance), str(folder)]
    result = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert json.loads(result.stdout.splitlines()[-1])["mean_m"] == pytest.approx(1000 * plan.student_km / 360, rel=1e-3)

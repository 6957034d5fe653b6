"""The command `diagnose`: exit codes, what is printed, and repairs that become scenarios."""

import json
import signal
import tomllib
from pathlib import Path

import districts as d
import pytest
from click.testing import CliRunner, Result

from cli import xuewei
from models.diagnosis import Diagnosis, Repair
from models.outcome import Outcome, Status
from models.run import Run
from optimizer.console.progress import Progress
from optimizer.geo.travel import measure_travel
from optimizer.io import build_district, read_source
from optimizer.runs import store_run

SCENARIOS = '[scenarios]\nfull = ["full"]   # 9 x 70 = 630 children\n\n[[overrides.full.demand]]\nset = 70\n'
CHANGES = [{"school": "S2", "cell": "places", "before": 300, "after": 350}]
REPAIR = Repair("extend", {"changes": CHANGES}, {"schools": {"S2": {"places": 350}}}, 50.0, 30.0, "places", {}, 812.0)
"""Units of 70 go whole: four to S1 with its 300 places, five to S2."""


def run(*arguments: str | Path, language: str = "en") -> Result:
    """Run the program in this process."""
    result = CliRunner().invoke(xuewei, ["--lang", language, "--quiet", *map(str, arguments)])
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The grid of nine units and two schools, in a scenario with too many children."""
    return d.write_instance(tmp_path / "grid", scenarios=SCENARIOS)


@pytest.fixture
def stored(folder: Path, tmp_path: Path) -> Path:
    """A run of it without a plan, with one repair."""
    district = build_district(read_source(folder, "full"))
    without = Run("full", 1, Outcome(Status.INFEASIBLE), diagnosis=Diagnosis(False, repairs=(REPAIR,)))
    return store_run(without, district, measure_travel(district), tmp_path / "runs")


def test_a_stored_repair_is_shown_taken_and_makes_a_plan(folder: Path, stored: Path, tmp_path: Path) -> None:
    shown = run("show", stored).stdout
    assert "1. Extend: S2: 50 more places, 350 in all." in shown
    assert f"xuewei diagnose {folder.as_posix()} --from {stored} --apply 1 --as NAME" in shown
    taken = run("diagnose", folder, "--from", stored, "--apply", "1", "--as", "relief")
    assert (taken.exit_code, taken.stdout.splitlines()[1]) == (
        0,
        f"Solve it with `xuewei solve {folder} --scenario relief`.",
    )
    text = (folder / "scenarios.toml").read_text(encoding="utf-8")
    assert SCENARIOS.splitlines()[1] in text.splitlines()
    assert tomllib.loads(text)["scenarios"] == {"full": ["full"], "relief": ["full", "relief"]}
    solved = run("solve", folder, "--scenario", "relief", "--out", tmp_path / "out", "--workers", "1")
    assert solved.exit_code == 0, solved.output


def test_a_repair_is_taken_in_one_document(folder: Path, stored: Path) -> None:
    taken = run("diagnose", folder, "--from", stored, "--apply", "1", "--as", "relief", "--json")
    document = json.loads(taken.stdout)
    assert {key: document[key] for key in ("scenario", "applied", "as")} == {
        "scenario": "full",
        "applied": 1,
        "as": "relief",
    }


def test_a_repair_that_was_edited_is_not_taken(folder: Path, stored: Path) -> None:
    """The words would still be those of the repair that was solved again."""
    file = stored / "diagnosis.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"places": 350', '"places": 900'), encoding="utf-8")
    refused = run("diagnose", folder, "--from", stored, "--apply", "1", "--as", "relief")
    assert (refused.exit_code, "is not as it was stored" in refused.stderr) == (2, True)
    assert "relief" not in (folder / "scenarios.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--apply", "1"), 2, "--as NAME"),
        (("--as", "relief"), 2, "--apply N"),
        (("--force",), 2, "--force goes with --apply"),
        (("--students-only", "--teachers-only"), 2, "--students-only"),
        ((), 2, "holds no plan"),
        (("--apply", "2", "--as", "relief"), 2, "There is no repair 2; full has 1"),
        (("--apply", "1", "--as", "full"), 6, "has a scenario or an override full already"),
        (("--apply", "1", "--as", "a/b"), 2, "cannot be the name of a scenario"),
        (("--apply", "1", "--as", "relief", "--scenario", "base"), 2, "expected one of"),
        (("--apply", "1", "--as", "relief", "--scenario", "ful"), 2, "There is no scenario ful"),
    ],
)
def test_what_cannot_be_done_is_refused(
    folder: Path, stored: Path, options: tuple[str, ...], code: int, words: str
) -> None:
    before = (folder / "scenarios.toml").read_bytes()
    refused = run("diagnose", folder, "--from", stored, *options)
    assert (refused.exit_code, words in refused.stderr) == (code, True), refused.stderr
    assert (folder / "scenarios.toml").read_bytes() == before


def test_a_scenario_without_a_plan_is_4_with_what_would_make_one(folder: Path) -> None:
    result = run("diagnose", folder, "--scenario", "full", "--workers", "1")
    assert result.exit_code == 4
    lines = result.stdout.splitlines()
    # 9 units of 70 children, 2 schools of 300 places; whole units: five of them need 350 places
    assert lines[0] == "No plan keeps every hard rule (proved): 630 students (primary), 600 places: short by 30."
    assert any(line.startswith("  1. Extend: S") for line in lines)
    assert lines[-1] == f"Take one: `xuewei diagnose {folder} --scenario full --apply 1 --as NAME`"


def test_what_was_found_is_one_document(folder: Path) -> None:
    result = run("diagnose", folder, "--scenario", "full", "--workers", "1", "--json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["possible"], document["counts"][0]["short"]) == (4, False, 30)
    assert document["conflict"]["rules"] == ["places"]
    (cells,) = document["repairs"][0]["patch"]["schools"].values()
    assert cells["places"] >= 350


def test_a_scenario_with_a_plan_is_0_and_has_nothing_to_take(folder: Path) -> None:
    result = run("diagnose", folder, "--workers", "1")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "There is a plan that keeps every hard rule.")
    refused = run("diagnose", folder, "--workers", "1", "--apply", "1", "--as", "relief")
    assert (refused.exit_code, "There is no repair to apply" in refused.stderr) == (2, True)


def test_faulty_input_is_3(folder: Path) -> None:
    (folder / "schools.csv").write_text("school_id\nS1\n", encoding="utf-8")
    assert run("diagnose", folder).exit_code == 3


def test_a_repair_is_found_and_taken_at_once(folder: Path) -> None:
    taken = run("diagnose", folder, "--scenario", "full", "--workers", "1", "--apply", "1", "--as", "relief", "--json")
    assert (taken.exit_code, json.loads(taken.stdout)["applied"]) == (0, 1)
    read = tomllib.loads((folder / "scenarios.toml").read_text(encoding="utf-8"))
    assert read["scenarios"]["relief"] == ["full", "relief"]
    assert list(read["overrides"]["relief"]) == ["schools"]


@pytest.mark.parametrize("at", ["conflict", "repairs"])
def test_whoever_interrupts_takes_no_repair(folder: Path, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    begin, before = Progress.step, (folder / "scenarios.toml").read_bytes()

    def interrupt(progress: Progress, step: str) -> None:
        begin(progress, step)
        if step == at:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Progress, "step", interrupt)
    stopped = run("diagnose", folder, "--scenario", "full", "--workers", "1", "--apply", "1", "--as", "relief")
    assert (stopped.exit_code, (folder / "scenarios.toml").read_bytes()) == (130, before)


def test_solve_says_where_it_stands_and_stores_it(folder: Path, tmp_path: Path) -> None:
    result = run("solve", folder, "--scenario", "full", "--out", tmp_path / "out", "--workers", "1")
    assert result.exit_code == 4
    assert "1. Extend: S" in result.stdout
    stored = json.loads((tmp_path / "out" / "full" / "diagnosis.json").read_text(encoding="utf-8"))
    assert (stored["complete"], stored["repairs"][0]["unit"]) == (True, "places")
    assert set(json.loads((tmp_path / "out" / "full" / "run.json").read_text(encoding="utf-8"))["seconds"]) >= {
        "count",
        "diagnose",
    }


@pytest.mark.parametrize("limit", [("--no-diagnose",), ("--work-limit", "1000")])
def test_solve_tells_sums_alone_where_it_is_not_to_look_further(
    limit: tuple[str, ...], folder: Path, tmp_path: Path
) -> None:
    result = run("solve", folder, "--scenario", "full", "--out", tmp_path / "out", "--workers", "1", *limit)
    assert result.exit_code == 4
    assert "630 students (primary), 600 places: short by 30." in result.stdout
    stored = json.loads((tmp_path / "out" / "full" / "diagnosis.json").read_text(encoding="utf-8"))
    assert (stored["repairs"], stored["conflict"], stored["complete"]) == ([], None, False)


def test_a_plan_is_told_by_what_it_leans_on_and_has_no_repairs(folder: Path, tmp_path: Path) -> None:
    assert run("solve", folder, "--out", tmp_path / "out", "--workers", "1").exit_code == 0
    planned = tmp_path / "out" / "base"
    result = run("diagnose", folder, "--from", planned, "--workers", "1", "--json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["possible"], document["scenario"]) == (0, True, "base")
    refused = run("diagnose", folder, "--from", planned, "--apply", "1", "--as", "relief")
    assert (refused.exit_code, "holds a plan" in refused.stderr) == (2, True)

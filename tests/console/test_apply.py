"""A repair becomes a scenario: of a stored run whose instance is as it was, under a name that is free."""

import tomllib
from pathlib import Path
from typing import Any

import districts as d
import pytest

from models.diagnosis import Diagnosis, Repair
from models.faults import FaultyInput
from models.outcome import Outcome, Status
from models.run import Run
from optimizer.console.apply import apply_repair, matching_run
from optimizer.console.exits import Exit, Refusal
from optimizer.console.voice import Voice
from optimizer.geo.travel import measure_travel
from optimizer.io import build_district, read_source
from optimizer.runs import store_run

VOICE = Voice("en")
SCENARIOS = '[scenarios]\nfull = ["full"]\n[overrides.full]\ndemand = [{ scale = 2.0 }]\n'
CHANGES = [{"school": "S2", "cell": "places", "before": 300, "after": 400}]


def repair(patch: dict[str, Any]) -> Repair:
    return Repair("extend", {"changes": CHANGES, "schools": ["S2"]}, patch, 100.0, 100.0, "places")


DIAGNOSIS = Diagnosis(
    False,
    repairs=(repair({"schools": {"S2": {"places": 400}}}), repair({"policy": {"places_scale": 1.25}})),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return d.write_instance(tmp_path / "grid", scenarios=SCENARIOS)


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Path:
    """A run of the scenario `full`, without a plan and with two repairs."""
    district = build_district(read_source(folder, "full"))
    run = Run("full", 1, Outcome(Status.INFEASIBLE), diagnosis=DIAGNOSIS)
    return store_run(run, district, measure_travel(district), tmp_path / "runs")


def refused(*arguments: Any, **more: Any) -> Refusal:
    with pytest.raises(Refusal) as raised:
        apply_repair(*arguments, VOICE, **({"force": False} | more))
    return raised.value


def test_a_stored_repair_is_written_and_told(folder: Path, run: Path) -> None:
    assert matching_run(run, folder, None, VOICE).found == DIAGNOSIS
    told = apply_repair(folder, "full", DIAGNOSIS, 1, "relief", VOICE, force=False)
    words = "Extend: S2: 100 more places, 400 in all."
    assert told == [
        f"{folder / 'scenarios.toml'}: the scenario relief is full with this: {words}",
        f"Solve it with `xuewei solve {folder} --scenario relief`.",
    ]
    text = (folder / "scenarios.toml").read_text(encoding="utf-8")
    assert f'relief = ["full", "relief"] # {words}\n' in text
    assert tomllib.loads(text)["overrides"]["relief"] == {"schools": {"S2": {"places": 400}}}
    assert build_district(read_source(folder, "relief")).schools.places.tolist()[1] == 400


def test_a_second_repair_of_the_same_run_can_be_taken(folder: Path, run: Path) -> None:
    for number, name in ((1, "rooms"), (2, "fuller")):
        assert matching_run(run, folder, "full", VOICE).found == DIAGNOSIS
        apply_repair(folder, "full", DIAGNOSIS, number, name, VOICE, force=False)
    read = tomllib.loads((folder / "scenarios.toml").read_text(encoding="utf-8"))
    assert read["scenarios"] == {"full": ["full"], "rooms": ["full", "rooms"], "fuller": ["full", "fuller"]}


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [("demand.csv", "U1", "U1 ", "demand.csv"), ("scenarios.toml", "2.0", "2.5", "scenarios.toml#full")],
)
def test_an_instance_that_changed_since_is_diagnosed_again(
    folder: Path, run: Path, file: str, old: str, new: str, named: str
) -> None:
    path = folder / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Refusal, match=named) as raised:
        matching_run(run, folder, None, VOICE)
    assert raised.value.code == Exit.USAGE


def test_a_run_of_another_scenario_or_instance_is_refused(folder: Path, run: Path, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="expected one of grid, base"):
        matching_run(run, folder, "base", VOICE)
    other = d.write_instance(tmp_path / "other", scenarios=SCENARIOS, settings={"instance": {"name": "elsewhere"}})
    with pytest.raises(Refusal, match="expected one of elsewhere, full"):
        matching_run(run, other, None, VOICE)


def test_what_cannot_be_applied_is_told_and_nothing_is_written(folder: Path) -> None:
    before = (folder / "scenarios.toml").read_bytes()
    assert "there is no repair" in refused(folder, "full", Diagnosis(False), 1, "relief").sentence.lower()
    assert "2" in refused(folder, "full", DIAGNOSIS, 3, "relief").sentence
    assert refused(folder, "full", DIAGNOSIS, 1, "base").code == Exit.USAGE
    taken = refused(folder, "base", DIAGNOSIS, 1, "full")
    assert (taken.code, "--force" in taken.sentence) == (Exit.CANNOT_WRITE, True)
    assert refused(folder, "full", DIAGNOSIS, 1, "full", force=True).code == Exit.USAGE
    with pytest.raises(FaultyInput):
        faulty = Diagnosis(False, repairs=(repair({"schools": {"S9": {"places": 400}}}),))
        apply_repair(folder, "full", faulty, 1, "relief", VOICE, force=False)
    assert (folder / "scenarios.toml").read_bytes() == before

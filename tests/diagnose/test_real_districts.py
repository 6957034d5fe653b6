"""Real districts without a plan: how many places are short, and different ways to have one."""

import json
from pathlib import Path

import pytest
from diagnose.planned import has_plan

from models.diagnosis import Repair
from models.watch import Silence
from optimizer.diagnose.diagnose import Terms, diagnose_instance
from optimizer.io.amend import write_scenario

SHORT = [("durham-high", 7_058, 6_825, 233), ("bcps-southwest", 5_443, 5_255, 188)]
"""District, children, places, places short."""


@pytest.mark.parametrize(("name", "students", "places", "short"), SHORT)
def test_places_are_short(shared: Path, tmp_path: Path, name: str, students: int, places: int, short: int) -> None:
    diagnosis = diagnose_instance(shared / "data" / "districts" / name, "base", Terms(), watch=Silence())
    assert diagnosis.possible is False
    first = diagnosis.counts[0]
    assert (first.facts["students"], first.facts["places"], first.short) == (students, places, short)
    assert first.rules == ("places",)
    assert first.proves
    assert len({lever_and_place(repair) for repair in diagnosis.repairs}) >= 3
    folder = copied(shared / "data" / "districts" / name, tmp_path / name)
    for number, repair in enumerate(diagnosis.repairs):
        write_scenario(folder, f"repair_{number}", repair.patch)
        assert has_plan(folder, f"repair_{number}", tmp_path / "runs", students_only=True), repair


def lever_and_place(repair: Repair) -> tuple[str, str]:
    """What is changed and, where it is at schools or units, at which."""
    places = {table: sorted(repair.patch.get(table, {})) for table in ("schools", "units")}
    return repair.lever, json.dumps(places)


def copied(folder: Path, to: Path) -> Path:
    """A copy of the files of an instance."""
    to.mkdir()
    for file in folder.iterdir():
        if file.is_file():
            (to / file.name).write_bytes(file.read_bytes())
    return to

"""A run that is remembered stands beside stored ones: its tables are those that would be read back."""

from pathlib import Path

import pandas as pd
from admission import at_home, make_entry_district, make_entry_plan
from builders import make_travel

from models.outcome import Level, Outcome, Status
from models.placement import Placement
from models.run import Run
from optimizer.indices import compute_indices
from optimizer.recheck import recheck_plan
from optimizer.runs import read_run, store_run
from optimizer.runs.memory import remember_run


def test_what_is_remembered_is_what_is_read_back(tmp_path: Path) -> None:
    district = make_entry_district(policy={"class_size": {"cap": {"primary": 45}}})
    travel = make_travel(district)
    plan = make_entry_plan(district, travel, at_home(district))
    run = Run(
        "base",
        1,
        Outcome(Status.FEASIBLE, (Level("travel", plan.student_km, 1.0, 1e-3),)),
        plan,
        compute_indices(district, travel, plan),
        recheck_plan(district, travel, plan),
    )
    stored = read_run(store_run(run, district, travel, tmp_path))
    remembered = remember_run(run, Placement(district, travel, plan), tmp_path / "base", {})
    assert remembered.record == stored.record
    assert remembered.shortfalls == stored.shortfalls
    assert list(remembered.tables) == [name for name in remembered.tables if name in stored.tables]
    assert set(remembered.tables) == set(stored.tables)
    for name, table in stored.tables.items():
        pd.testing.assert_frame_equal(remembered.tables[name], table)

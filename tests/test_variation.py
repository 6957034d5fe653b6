"""A variation: an override beside the scenario, whose run every command reads; and `at_most`, a ceiling of a level.

The grid of `districts`: today S1, in the middle of U4, has all nine units, 40 children in each, and 400 places.
"""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from districts import school_row, write_instance

from cli import xuewei
from models.faults import FaultyInput
from models.outcome import Status
from models.plan import CATCHMENT_COLUMNS
from models.variation import Variation
from models.watch import Silence
from optimizer.explain import read_basis
from optimizer.explain.moved import try_move
from optimizer.export import Drawn
from optimizer.io import build_district, read_source
from optimizer.pipeline import Options, solve_instance
from optimizer.runs import StoredRun, read_run

TODAY = [{"unit_id": f"U{k}", "stage": "primary", "school_id": "S1"} for k in range(1, 10)]
TO_S1_KM = 40 * (3 * 1 + 2 * 2**0.5 + 2 * 5**0.5)
"""From U1, U5 and U7 1,000 m, from U2 and U8 1,414 m, from U3 and U9 2,236 m; without U6, 2,000 m from S1."""


@pytest.fixture(autouse=True)
def without_a_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.export.draw_map", lambda folder, path: Drawn(path, ""))


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    schools = [school_row("S1", 0.5, 1.5, places=400), school_row("S2", 2.5, 1.5, places=400)]
    return write_instance(
        tmp_path / "grid", settings={"objective": {"order": ["travel", "stability"]}}, current=TODAY, schools=schools
    )


def solve(folder: Path, out: Path, name: str, patch: dict[str, Any], **more: Any) -> StoredRun:
    options = Options(work_limit=200, diagnose=False)
    asked = Variation(name, f"as {name}", patch)
    solved = solve_instance(
        folder, "base", options, out=out, force=False, start=None, watch=Silence(), variation=asked, **more
    )
    return read_run(solved.folder)


def changed(run: StoredRun) -> set[str]:
    return set(run.tables["changes"]["unit_id"])


def test_a_variation_is_stored_under_its_name_and_read_with_its_patch(grid: Path, tmp_path: Path) -> None:
    run = solve(grid, tmp_path / "runs", "007", {"schools": {"S1": {"places": 120}}})
    assert run.folder == tmp_path / "runs" / "007"
    assert (run.record["scenario"], run.title("en")) == ("base", "as 007")
    assert run.record["variation"] == {"schools": {"S1": {"places": 120}}}
    basis = read_basis(run)
    assert basis.district.schools.places.tolist() == [120, 400]
    assert basis.placement.students_by_school("primary").tolist() == [120, 240]


def test_a_patch_that_names_nothing_is_a_fault(grid: Path, tmp_path: Path) -> None:
    with pytest.raises(FaultyInput) as stop:
        solve(grid, tmp_path / "runs", "1", {"schools": {"S9": {"places": 120}}})
    assert {fault.found for fault in stop.value.faults} == {"S9"}


@pytest.mark.parametrize(
    ("most", "moved", "km"),
    [
        (0, set(), TO_S1_KM + 40 * 2),
        # one unit: U6, in which S2 stands, and without which it has no catchment
        (79, {"U6"}, TO_S1_KM),
    ],
)
def test_a_level_does_not_exceed_its_ceiling(grid: Path, tmp_path: Path, most: int, moved: set[str], km: float) -> None:
    run = solve(grid, tmp_path / "runs", "1", {"objective": {"at_most": {"stability": most}}})
    assert changed(run) == moved
    assert run.record["student_km"] == pytest.approx(km, rel=1e-3)
    assert run.status == Status.OPTIMAL


def test_no_move_beyond_a_ceiling_is_called_allowed(grid: Path, tmp_path: Path) -> None:
    """U3 is nearer to S2, and its 40 children would be the 41st to the 80th who change school."""
    basis = read_basis(solve(grid, tmp_path / "runs", "1", {"objective": {"at_most": {"stability": 79}}}))
    units, schools = basis.district.units, basis.district.schools
    move = try_move(basis, "primary", units.row["U3"], schools.row["S2"])
    assert [(each.rule, each.kind, each.value, each.limit) for each in move.forbids] == [
        ("at_most", "stability", 80, 79)
    ]
    assert move.turn is None


def test_a_ceiling_that_no_plan_keeps_is_named(grid: Path, tmp_path: Path) -> None:
    """The shortest plan takes 40 · (5 + 2 · 1.414) = 313 student-km; nothing else stands in the way."""
    asked = Variation("1", patch={"objective": {"at_most": {"travel": 300}}})
    options = Options(time_limit_s=20)
    solved = solve_instance(
        grid, "base", options, out=tmp_path, force=False, start=None, watch=Silence(), variation=asked
    )
    found = read_run(solved.folder).found
    assert solved.run.outcome.status == Status.INFEASIBLE
    assert found is not None
    assert found.conflict is not None
    assert "at_most" in found.conflict.rules


def test_a_search_begins_from_given_catchments(grid: Path, tmp_path: Path) -> None:
    """Whether S1 or S2 has U2, U5 and U8 makes no difference to travel: what is begun from stays."""
    for school in ("S1", "S2"):
        halves = [("U1", "S1"), ("U4", "S1"), ("U7", "S1"), ("U3", "S2"), ("U6", "S2"), ("U9", "S2")]
        begin = pd.DataFrame(
            [(unit, "primary", held) for unit, held in [*halves, *((u, school) for u in ("U2", "U5", "U8"))]],
            columns=list(CATCHMENT_COLUMNS),
        )
        run = solve(grid, tmp_path / school, "1", {"objective": {"order": ["travel"]}}, begin=begin)
        held = run.tables["catchments"].set_index("unit_id")["school_id"]
        assert set(held[["U2", "U5", "U8"]]) == {school}


def test_a_repair_of_a_variation_holds_what_it_varied(grid: Path, tmp_path: Path) -> None:
    """320 places for 360 children: 40 more at either school; the scenario keeps what was varied."""
    few = {"schools": {"S1": {"places": 320}, "S2": {"places": 0}}}
    run = solve(grid, tmp_path / "runs", "1", few)
    assert run.status == Status.INFEASIBLE
    asked = ["--lang", "en", "diagnose", str(grid), "--from", str(run.folder)]
    told = CliRunner().invoke(xuewei, asked)
    assert (told.exit_code, "short by 40" in told.output) == (4, True)
    assert CliRunner().invoke(xuewei, [*asked, "--apply", "1", "--as", "more"]).exit_code == 0
    district = build_district(read_source(grid, "more"))
    assert district.schools.places.tolist() in ([360, 0], [320, 40])


def test_going_on_from_a_variation_says_that_it_is_not_asked_again(grid: Path, tmp_path: Path) -> None:
    run = solve(grid, tmp_path / "runs", "1", {"schools": {"S1": {"places": 120}}})
    asked = ["--lang", "en", "solve", str(grid), "--from", str(run.folder), "--out", str(tmp_path / "again")]
    assert "variation" in CliRunner().invoke(xuewei, asked).stderr

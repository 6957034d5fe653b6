"""`batch`: every district of a folder, kept where it was solved, told in one table, and stopped without loss."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result
from districts import demand_rows, school_row, write_instance

from cli import xuewei
from optimizer.console.tasks import write_time
from optimizer.export import Drawn


@pytest.fixture(autouse=True)
def without_a_map(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes longer than all the rest."""
    monkeypatch.setattr("optimizer.export.draw_map", lambda folder, path: Drawn(path, ""))


@pytest.fixture
def province(tmp_path: Path) -> Path:
    """A district with a plan, one without, one with a fault, and two folders that are none."""
    folder = tmp_path / "province"
    write_instance(folder / "east")
    write_instance(folder / "north", demand=demand_rows(students=70))
    write_instance(folder / "=west", schools=[school_row("S1", 0.5, 1.5, places=-1)])
    (folder / "letters").mkdir()
    (folder / "notes.txt").write_text("none", encoding="utf-8")
    return folder


def batch(folder: Path, out: Path, *more: str) -> Result:
    return CliRunner().invoke(
        xuewei, ["batch", str(folder), "--out", str(out), "--work-limit", "200", "--jobs", "1", *more]
    )


def test_a_province_in_one_table(province: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = batch(province, out, "--json")
    # a fault in =west: 3 comes before 4, that north has no plan
    assert said.exit_code == 3
    runs = {run["district"]: run for run in json.loads(said.stdout)["runs"]}
    assert {name: run["status"] for name, run in runs.items()} == {
        "=west": "failed", "east": "optimal", "north": "infeasible"
    }  # fmt: skip
    assert (runs["east"]["children"], runs["east"]["shortage"], runs["east"]["gap"]) == (360, 0, 0.0)
    # 9 · 70 = 630 children, 600 places
    assert "30" in runs["north"]["why"]
    assert "schools.csv" in runs["=west"]["why"]
    assert sorted(path.parent.relative_to(out).as_posix() for path in out.glob("*/*/run.json")) == [
        "east/base", "north/base"
    ]  # fmt: skip
    with (out / "batch.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["district"] for row in rows] == ["'=west", "east", "north"]


def test_what_was_solved_is_kept_and_what_was_mended_is_solved(province: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch(province, out)
    write_instance(province / "=west")
    before = (out / "east" / "base" / "run.json").stat().st_mtime_ns
    said = batch(province, out, "--lang", "zh")
    assert said.exit_code == 4
    assert "3 次测算中 2 次原已完成" in said.stderr
    assert "已证明最优" in said.stdout
    assert (out / "east" / "base" / "run.json").stat().st_mtime_ns == before
    assert (out / "=west" / "base" / "run.json").is_file()


def test_a_run_of_another_question_is_not_replaced_unawares(province: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch(province, out)
    write_instance(province / "east", demand=demand_rows(students=39))
    said = batch(province, out)
    assert said.exit_code == 6
    assert f"{out / 'east' / 'base'} answers another question" in said.stderr
    forced = batch(province, out, "--force", "--json")
    assert "1 of 3 runs were there already" in forced.stderr
    # 9 · 39
    assert [run["children"] for run in json.loads(forced.stdout)["runs"]] == [None, 351, None]


def test_a_scenario_that_a_district_lacks_is_told_of_there(tmp_path: Path) -> None:
    province = tmp_path / "province"
    write_instance(province / "east", scenarios="[scenarios]\ndry = []\n")
    write_instance(province / "north")
    said = batch(province, tmp_path / "out", "--scenario", "dry")
    assert said.exit_code == 2
    assert "north: There is no scenario dry; there are: base." in said.stdout
    assert (tmp_path / "out" / "east" / "dry" / "run.json").is_file()


def test_a_folder_without_districts_is_refused(tmp_path: Path) -> None:
    said = batch(tmp_path, tmp_path / "out")
    assert said.exit_code == 2
    assert "no district" in said.stderr


def test_jobs_and_a_scheduler_are_not_both_taken(province: Path, tmp_path: Path) -> None:
    said = batch(province, tmp_path / "out", "--scheduler", "tcp://127.0.0.1:1")
    assert said.exit_code == 2
    assert "together" in said.stderr


def test_a_cluster_without_dask_is_refused_with_a_remedy(
    province: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "optimizer.tasks.cluster", raising=False)
    call = ["batch", str(province), "--out", str(tmp_path / "out"), "--scheduler", "tcp://127.0.0.1:1"]
    said = CliRunner().invoke(xuewei, call)
    assert said.exit_code == 2
    assert "xuewei[dask]" in said.stderr


def begin(province: Path, out: Path, room: Path) -> subprocess.Popen[str]:
    """A batch in two processes and a session of its own, which makes its temporary files in `room`."""
    for number in range(4):
        write_instance(province / f"D{number}", demand=demand_rows(students=30 + number))
    room.mkdir()
    call = [sys.executable, "-m", "cli", "batch", str(province), "--out", str(out)]
    return subprocess.Popen(
        [*call, "--work-limit", "200", "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"TMPDIR": str(room)},
    )


def wait_for(condition: Callable[[], object], begun: subprocess.Popen[str]) -> None:
    while not condition():
        assert begun.poll() is None
        time.sleep(0.01)


def test_interrupted_and_begun_again(tmp_path: Path) -> None:
    """Ctrl-C, which reaches every process, once the first district is there; the second start makes the rest."""
    province, out = tmp_path / "province", tmp_path / "out"
    begun = begin(province, out, tmp_path / "room")
    wait_for(lambda: list(out.glob("*/*/run.json")), begun)
    os.killpg(begun.pid, signal.SIGINT)
    told, noted = begun.communicate(timeout=60)
    made = {path.parent.parent.name for path in out.glob("*/*/run.json")}
    assert begun.returncode == 130
    assert 1 <= len(made) < 4
    assert told.count("not made") == 4 - len(made)
    assert f"{4 - len(made)} of 4 plans were not made" in noted
    assert "Traceback" not in noted
    again = batch(province, out, "--json")
    assert again.exit_code == 0
    assert f"{len(made)} of 4 runs were there already" in again.stderr


def test_processes_that_are_just_begun_hear_of_no_ctrl_c(tmp_path: Path) -> None:
    begun = begin(tmp_path / "province", tmp_path / "out", tmp_path / "room")
    family = psutil.Process(begun.pid)
    wait_for(lambda: len(family.children()) == 3, begun)
    children = family.children()
    for child in children:
        child.send_signal(signal.SIGINT)
    wait_for(lambda: list(tmp_path.glob("out/*/*/run.json")), begun)
    assert family.children() == children
    _, noted = begun.communicate(timeout=60)
    assert "Traceback" not in noted
    assert begun.returncode == 0


def test_processes_of_a_program_that_is_killed_end_and_clear_up(tmp_path: Path) -> None:
    room = tmp_path / "room"
    begun = begin(tmp_path / "province", tmp_path / "out", room)
    wait_for(lambda: list(tmp_path.glob("out/*/*/run.json")), begun)
    children = psutil.Process(begun.pid).children()
    begun.kill()
    begun.communicate(timeout=60)
    psutil.wait_procs(children, timeout=60)
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)
    assert list(room.iterdir()) == []


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "1 s"), (89, "89 s"), (90, "2 min"), (5000, "83 min"), (12000, "3 h 20 min")]
)
def test_time_is_told_as_people_do(seconds: float, said: str) -> None:
    assert write_time(seconds, "en") == said

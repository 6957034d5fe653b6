"""Processes and a cluster give what one process gives, whatever befalls their workers."""

import gc
import logging
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from distributed import LocalCluster
from districts import write_instance
from tasks.tasking import Onlooker, content, endings, task

from optimizer.tasks import (
    NoDask,
    NoScheduler,
    OtherProgram,
    SchedulerLost,
    Unseen,
    WorkerLost,
    carry_out,
    cluster,
    open_pool,
)
from optimizer.tasks.task import Task


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> list[Task]:
    """Four plans, of which the last two begin from the first."""
    instance = write_instance(tmp_path_factory.mktemp("instance") / "grid")
    places = [180, 220, 240, 260]
    return [
        task(instance, f"{place:03d}", places=place, after="180" if place > 220 else "")
        for place in places
    ]  # fmt: skip


@pytest.fixture(scope="module")
def alone(tasks: list[Task], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every file of the runs as one process makes them."""
    out = tmp_path_factory.mktemp("alone")
    with open_pool() as pool:
        carry_out(tasks, out, pool, Unseen())
    return content(out)


def start_cluster(workers: int, **more: object) -> LocalCluster:
    """Processes with one thread each, which nobody but this machine can reach."""
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        host="127.0.0.1",
        scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        silence_logs=logging.CRITICAL,
        **more,
    )


class Killer:
    """Kills a process with SIGKILL at the first look at which there is one, `times` times."""

    def __init__(self, times: int) -> None:
        self.killed: list[int] = []
        self.times = times

    def __call__(self) -> bool:
        for child in multiprocessing.active_children():
            if len(self.killed) < self.times and child.pid not in self.killed:
                self.killed.append(child.pid)
                os.kill(child.pid, signal.SIGKILL)
                break
        return False


def test_processes_make_the_same_runs_though_two_are_killed(
    tasks: list[Task], alone: dict[str, bytes], tmp_path: Path
) -> None:
    killer = Killer(2)
    with open_pool(2) as pool:
        results = carry_out(tasks, tmp_path, pool, Onlooker(at_look=killer))
        assert len(multiprocessing.active_children()) == 2
    assert len(killer.killed) == 2
    assert endings(results) == ["solved"] * 4
    assert content(tmp_path) == alone
    assert multiprocessing.active_children() == []


def test_a_task_whose_process_always_dies_is_given_up(tasks: list[Task], tmp_path: Path) -> None:
    with open_pool(2) as pool:
        (result,) = carry_out(tasks[:1], tmp_path, pool, Onlooker(at_look=Killer(3)))
    lost = result.failure.exception
    assert isinstance(lost, WorkerLost)
    assert (lost.times, lost.ending) == (3, "SIGKILL")
    assert content(tmp_path) == {}


def test_processes_are_ended_when_work_is_stopped(tasks: list[Task], tmp_path: Path) -> None:
    watch = Onlooker()
    watch.at_look = lambda: bool(multiprocessing.active_children())
    with open_pool(2) as pool:
        results = carry_out(tasks, tmp_path, pool, watch)
        assert multiprocessing.active_children() == []
    assert endings(results) == ["left"] * 4
    assert content(tmp_path) == {}


def test_a_cluster_makes_the_same_runs_though_a_worker_is_killed(
    tasks: list[Task], alone: dict[str, bytes], tmp_path: Path
) -> None:
    with start_cluster(2) as local, open_pool(scheduler=local.scheduler_address) as pool:
        victim = local.workers[0].pid
        watch = Onlooker()
        watch.at_arrival = lambda _: os.kill(victim, signal.SIGKILL) if len(watch.seen) == 1 else None
        results = carry_out(tasks, tmp_path, pool, watch)
    assert endings(results) == ["solved"] * 4
    assert content(tmp_path) == alone


def test_a_scheduler_that_goes_away_is_told_of(
    tasks: list[Task], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with (
        start_cluster(1) as local,
        open_pool(scheduler=local.scheduler_address) as pool,
        pytest.raises(SchedulerLost),
    ):
        carry_out(tasks, tmp_path, pool, Onlooker(at_arrival=lambda _: local.close()))
    assert len(list(tmp_path.glob("*/run.json"))) == 1
    assert capfd.readouterr().err == ""


def test_no_scheduler_is_told_of_at_once(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """The last of them takes the call, and says nothing."""
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        silent = f"tcp://127.0.0.1:{mute.getsockname()[1]}"
        for address in ("tcp://127.0.0.1:1", "nowhere", "tls://127.0.0.1:1", "inproc://x", silent):
            with pytest.raises(NoScheduler) as stop, open_pool(scheduler=address):
                pass
            assert stop.value.reason
    gc.collect()
    assert capfd.readouterr().err == ""


def test_a_worker_with_another_program_is_refused(tmp_path: Path) -> None:
    """What stands first in the worker's path says that its xuewei is another one."""
    metadata = tmp_path / "xuewei-0.0.1.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: xuewei\nVersion: 0.0.1\n", encoding="utf-8")
    preload = tmp_path / "preload.py"
    preload.write_text(f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n", encoding="utf-8")
    with (
        start_cluster(1, preload=[str(preload)]) as local,
        pytest.raises(OtherProgram) as other,
        open_pool(scheduler=local.scheduler_address),
    ):
        pass
    assert other.value.theirs["xuewei"] == "0.0.1" != other.value.ours["xuewei"]


def test_without_dask_a_cluster_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "optimizer.tasks.cluster")
    with pytest.raises(NoDask), open_pool(scheduler="tcp://127.0.0.1:1"):
        pass


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="counts threads as Linux lists them")
def test_sums_are_made_by_one_thread() -> None:
    """The last digit of a sum of many would depend on how many cores a machine has, and with it a proved bound."""
    script = (
        "import cli, os, numpy; numpy.ones((600, 600)) @ numpy.ones(600); print(len(os.listdir('/proc/self/task')))"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout == "1\n"

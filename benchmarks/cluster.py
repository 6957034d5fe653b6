"""Many plans on a local Dask cluster of two processes with one thread each.

    python benchmarks/cluster.py province --districts 50 --seconds 8
    python benchmarks/cluster.py killed --instance instances/binhe --plans 24 --work-limit 2000

The first makes up a province and sends it through `batch`: the wall seconds from the first order to the last stored
run, beside the seconds that the workers solved, shared between them (at best 1.0). The second varies the class cap and
kills one of the two worker processes once a third of the plans have arrived: how many plans arrive, which of their
files differ from those made by one process alone, and how many a second start makes again.

What brings numpy along is imported late: `optimizer` has to be first, as it is at the command line.
"""

import argparse
import logging
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from models.variation import Variation
from optimizer.batch import find_districts, plan_batch
from optimizer.pipeline import Options
from optimizer.tasks import Result, Task, Unseen, carry_out, open_pool

if TYPE_CHECKING:
    from distributed import LocalCluster

WORKERS = 2


@contextmanager
def two_workers() -> Iterator["LocalCluster"]:
    """Yield a cluster that only this machine can reach."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=WORKERS,
        threads_per_worker=1,
        host="127.0.0.1",
        scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        silence_logs=logging.CRITICAL,
    ) as cluster:
        yield cluster


def try_province(room: Path, count: int, seconds: float) -> None:
    """Send made-up districts of 40 to 138 units through a batch."""
    from instances.generator import write_district

    for number in range(count):
        units = 40 + 7 * (number * 11 % 15)
        write_district(room / f"D{number:02d}", number + 1, units=units, schools=4 + units // 20, language="en")
    tasks = plan_batch(find_districts(room), ["base"], Options(time_limit_s=seconds, workers=1))
    with two_workers() as cluster, open_pool(scheduler=cluster.scheduler_address) as pool:
        began = time.monotonic()
        results = carry_out(tasks, room / "runs", pool, Unseen())
        wall = time.monotonic() - began
    spent = sum(result.seconds for result in results)
    print(f"{count_of(results, 'solved')} of {count} districts solved in {wall:.1f} s")
    print(f"the workers solved {spent:.1f} s, {spent / WORKERS:.1f} s each: wall {wall * WORKERS / spent:.3f} of that")


def try_killing(room: Path, instance: Path, count: int, work: int) -> None:
    """Vary the class cap of primary schools, alone and on a cluster of which a worker is killed."""
    options = Options(time_limit_s=None, work_limit=work, workers=1, students_only=True)
    tasks = [vary_cap(instance, number, options) for number in range(count)]
    with open_pool() as pool:
        carry_out(tasks, room / "alone", pool, Unseen())
    with two_workers() as cluster, open_pool(scheduler=cluster.scheduler_address) as pool:
        victim = next(iter(cluster.workers.values())).pid
        watch = Killer(victim, count // 3)
        results = carry_out(tasks, room / "cluster", pool, watch)
        again = carry_out(tasks, room / "cluster", pool, Unseen())
    differing = [
        name for name, content in files(room / "alone").items() if files(room / "cluster").get(name) != content
    ]
    print(f"worker {victim} killed after {watch.after} plans; {count_of(results, 'solved')} of {count} plans arrived")
    print(f"{len(files(room / 'alone'))} files, {len(differing)} differ from those made alone {differing[:5]}")
    print(f"second start: {count_of(again, 'kept')} kept, {count_of(again, 'solved')} made again")


@dataclass
class Killer(Unseen):
    """Kills a process once so many plans have arrived."""

    victim: int
    after: int
    arrivals: list[str] = field(default_factory=list)

    def arrived(self, result: Result) -> None:
        """Count, and kill when it is time."""
        self.arrivals.append(result.task.name)
        if len(self.arrivals) == self.after:
            os.kill(self.victim, signal.SIGKILL)


def vary_cap(instance: Path, number: int, options: Options) -> Task:
    """Return a plan of its own for each class cap from 50 downwards; every other one begins from its neighbour."""
    name = f"{number:03d}"
    patch = {"policy": {"class_size": {"cap": {"primary": 50 - number % 8}}, "reserve_share": 0.01 * (number // 8)}}
    after = f"{number - 1:03d}" if number % 2 else ""
    return Task(name, instance, "base", options, Variation(name, name, patch), after=after)


def count_of(results: Sequence[Result], ending: str) -> int:
    """Return how many tasks ended so."""
    return sum(result.ending == ending for result in results)


def files(out: Path) -> dict[str, bytes]:
    """Return every file of some runs but those that say how long they took."""
    return {
        file.relative_to(out).as_posix(): file.read_bytes()
        for file in sorted(out.rglob("*"))
        if file.is_file() and file.name != "task.json"
    }


def main() -> None:
    """Run what was asked for in a folder that is gone afterwards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    trials = parser.add_subparsers(dest="trial", required=True)
    province = trials.add_parser("province")
    province.add_argument("--districts", type=int, default=50)
    province.add_argument("--seconds", type=float, default=8.0, help="time limit of a district")
    killed = trials.add_parser("killed")
    killed.add_argument("--instance", type=Path, default=Path("instances/binhe"))
    killed.add_argument("--plans", type=int, default=24)
    killed.add_argument("--work-limit", type=int, default=2000)
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="province-") as made:
        if asked.trial == "province":
            try_province(Path(made), asked.districts, asked.seconds)
        else:
            try_killing(Path(made), asked.instance, asked.plans, asked.work_limit)


if __name__ == "__main__":
    main()

"""Tasks carried out: what is there already is kept, the rest is given to a pool, and what arrives is stored whole."""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Literal, Protocol

import pandas as pd
from pydantic_core import from_json

from models.faults import Fault
from optimizer.runs import NotARun, check_target, read_run
from optimizer.runs.claim import MADE_MARK
from optimizer.runs.folder import whole_folder
from optimizer.runs.read import read_record
from optimizer.runs.record import write_json
from optimizer.tasks.failure import Failure, InputsChanged, NotHere, failure_of
from optimizer.tasks.parcel import Parcel, pack_instance, pack_run
from optimizer.tasks.pool import Pool
from optimizer.tasks.task import Task, key_of
from optimizer.tasks.work import Note, Order, Reply

SCHEMA_VERSION = 1
Ending = Literal["solved", "kept", "failed", "left"]
"""Of a task: its run was made now, or was there; it failed; or it was left when the work was stopped."""


@dataclass(frozen=True)
class Result:
    """What came of a task."""

    task: Task
    ending: Ending
    folder: Path
    """Of its run, which is there if it was solved or kept. A run may well say that there is no plan."""
    seconds: float = 0.0
    """That a worker took, also if that was on another day."""
    warnings: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()
    failure: Failure | None = None

    @property
    def is_stored(self) -> bool:
        """Whether its run can be read."""
        return self.ending in ("solved", "kept")


class Overseer(Protocol):
    """What is told while tasks are carried out; a caller shows it, or ignores it."""

    def planned(self, tasks: Sequence[Task], kept: int) -> None:
        """Note that so many tasks are to be done, beside those whose runs are there already."""
        ...

    def arrived(self, result: Result) -> None:
        """Note that a task was solved or failed."""
        ...

    def stopped(self) -> bool:
        """Return True once the work should end; what is under way is then dropped."""
        ...


class Unseen:
    """An overseer who looks at nothing and stops nothing."""

    def planned(self, tasks: Sequence[Task], kept: int) -> None:
        """Show nothing."""

    def arrived(self, result: Result) -> None:
        """Show nothing."""

    def stopped(self) -> bool:
        """Return False."""
        return False


def carry_out(
    tasks: Sequence[Task], out: Path, pool: Pool, watch: Overseer, *, force: bool = False
) -> tuple[Result, ...]:
    """Make the runs of `tasks` below `out` and return what came of each, in their order.

    A run whose `task.json` has the key of its task is kept. A task that raises, or whose worker is lost time and again,
    is a result too, and the rest go on; the one that begins `after` it begins from nothing. `after` may also name a
    task of an earlier call whose run lies in `out`.

    Raises RunExists before anything is solved where another run stands in the place of one (with `force`, where it is
    no run), CannotWrite where the disk says no, and SchedulerLost; what arrived before is stored.
    """
    ledger = _Ledger(out, {task.name: task for task in tasks})
    ledger.open(force=force)
    waiting = [task for task in ledger.tasks.values() if task.name not in ledger.results]
    watch.planned(waiting, len(ledger.tasks) - len(waiting))
    order = ledger.sorter()
    order.prepare()
    places = {name: place for place, name in enumerate(ledger.tasks)}
    ready: list[tuple[float, int, str]] = []
    try:
        while not watch.stopped():
            while names := order.get_ready():
                for name in names:
                    if name in ledger.results:
                        order.done(name)
                    else:
                        heapq.heappush(ready, (-ledger.tasks[name].weight, places[name], name))
            if not order.is_active():
                break
            begun = [heapq.heappop(ready)[2] for _ in range(min(pool.free(), len(ready)))]
            refused = [(name, reply) for name in begun if (reply := ledger.give(name, pool)) is not None]
            for name, reply in refused or pool.collect(watch.stopped):
                if not reply.interrupted:
                    watch.arrived(ledger.store(name, reply, force=force))
                    order.done(name)
    finally:
        pool.drop()
    left = {name: Result(task, "left", out / name) for name, task in ledger.tasks.items()}
    return tuple((left | ledger.results)[task.name] for task in tasks)


@dataclass
class _Ledger:
    """The tasks with their parcels and keys, and what came of them."""

    out: Path
    tasks: Mapping[str, Task]
    results: dict[str, Result] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    parcels: dict[tuple[str, Path], Parcel] = field(default_factory=dict)

    def sorter(self) -> "TopologicalSorter[str]":
        """Return the order of the tasks, each after the one it begins from."""
        return TopologicalSorter(
            {name: [task.after] if task.after in self.tasks else [] for name, task in self.tasks.items()}
        )

    def open(self, *, force: bool) -> None:
        """Find the keys of the tasks, and the runs that are there already; refuse what stands in the way."""
        for name in self.sorter().static_order():
            task = self.tasks[name]
            try:
                instance, start = self._pack(task)
            except OSError as stop:
                self.results[name] = Result(task, "failed", self.out / name, failure=failure_of(stop))
                continue
            self.keys[name] = key_of(task, instance.digest, start.digest if start else "", self._key_before(task))
            there = _read_mark(self.out / name)
            if there.get("key") == self.keys[name]:
                self.results[name] = Result(task, "kept", self.out / name, float(there["seconds"]))
            else:
                folder = self.out / name
                check_target(folder.parent, folder.name, force=force)

    def give(self, name: str, pool: Pool) -> Reply | None:
        """Give a task to a pool; return a reply only where that failed."""
        task = self.tasks[name]
        instance, start = self._pack(task)
        try:
            begin = self._beginning(task)
        except NotARun as stop:
            return Reply(0.0, failure=failure_of(stop))
        order = Order(
            scenario=task.scenario,
            options=replace(task.options, inputs=task.instance.as_posix()),
            variation=task.variation,
            posts=task.posts,
            instance=instance.digest,
            start=start.digest if start else "",
            called=task.start.as_posix() if task.start else "",
            begin=begin,
        )
        parcels = {parcel.digest: parcel for parcel in (instance, start) if parcel}
        try:
            pool.submit(name, order, parcels)
        except (OSError, InputsChanged, NotHere) as stop:
            return Reply(0.0, failure=failure_of(stop))
        return None

    def store(self, name: str, reply: Reply, *, force: bool) -> Result:
        """Store the run that a reply holds, with its key, and return what came of the task.

        Another call may have stored the same run in the meantime.
        """
        task, folder = self.tasks[name], self.out / name
        if reply.failure is None and _read_mark(folder).get("key") != self.keys[name]:
            marked = {"schema_version": SCHEMA_VERSION, "key": self.keys[name], "seconds": round(reply.seconds, 3)}
            with whole_folder(folder.parent, folder.name, force=force) as made:
                for file, content in reply.files.items():
                    (made / file).write_bytes(content)
                write_json(marked | task.describe(), made / MADE_MARK)
        self.results[name] = Result(
            task,
            "failed" if reply.failure else "solved",
            folder,
            reply.seconds,
            reply.warnings,
            reply.notes,
            reply.failure,
        )
        return self.results[name]

    def _pack(self, task: Task) -> tuple[Parcel, Parcel | None]:
        """The parcels of the instance and of the run that is gone on from, each looked at once."""
        instance = self._packed("instance", task.instance)
        return instance, self._packed("run", task.start) if task.start else None

    def _packed(self, kind: Literal["instance", "run"], folder: Path) -> Parcel:
        if (kind, folder) not in self.parcels:
            self.parcels[kind, folder] = pack_instance(folder) if kind == "instance" else pack_run(folder)
        return self.parcels[kind, folder]

    def _key_before(self, task: Task) -> str:
        """The key of the run that a task begins from: of one of these tasks, else of one that is there already."""
        if task.after in self.tasks:
            return self.keys.get(task.after, "")
        return str(_read_mark(self.out / task.after).get("key", "")) if task.after else ""

    def _beginning(self, task: Task) -> pd.DataFrame | None:
        """The catchments that a task begins from; None where there is nothing to begin from."""
        key, before = self._key_before(task), self.out / task.after
        if not key or _read_mark(before).get("key") != key:
            return None
        plan = read_run(before).plan
        return None if plan is None else plan.catchments


def _read_mark(folder: Path) -> Mapping[str, Any]:
    """`task.json` of a run; empty where there is no such run, one that cannot be read, or one that no task made."""
    try:
        mark = from_json((folder / MADE_MARK).read_bytes())
        read_record(folder)
    except (OSError, ValueError, NotARun):
        return {}
    return mark if isinstance(mark, Mapping) and isinstance(mark.get("seconds"), int | float) else {}

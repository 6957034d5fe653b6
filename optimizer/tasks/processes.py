"""Processes of this machine, one task each at a time: one that dies takes no other with it, and its task is known."""

import os
import shutil
import signal
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from threading import Thread

from optimizer.tasks.failure import WorkerLost, failure_of
from optimizer.tasks.parcel import Shelf
from optimizer.tasks.pool import LOOK_S, Arrival, Parcels
from optimizer.tasks.work import Order, Reply, solve_order

MOST_DEATHS = 3
"""A task whose process ends so many times is given up."""


@contextmanager
def open_processes(jobs: int) -> Iterator["Processes"]:
    """Yield a pool of `jobs` processes; they are begun as they are needed, and end with the block."""
    pool = Processes(jobs)
    try:
        yield pool
    finally:
        pool.end()


@dataclass
class _Worker:
    process: SpawnProcess
    line: Connection
    name: str = ""
    """Of its task; "" while it waits for one."""

    def end(self) -> None:
        """End the process at once, whatever it does."""
        self.process.kill()
        self.process.join()
        self.line.close()


class Processes:
    """A pool of processes of this machine."""

    def __init__(self, jobs: int) -> None:
        self.shelf = Shelf()
        self._jobs = jobs
        self._workers: list[_Worker] = []
        self._orders: dict[str, Order] = {}
        self._again: deque[str] = deque()
        self._deaths: Counter[str] = Counter()

    def free(self) -> int:
        """Return how many more orders it takes now."""
        return self._jobs - len(self._orders)

    def submit(self, name: str, order: Order, parcels: Parcels) -> None:
        """Give an order to a process that waits, or to a new one."""
        self.shelf.put_all(parcels)
        self._orders[name] = order
        self._give(name)

    def collect(self, stopped: Callable[[], bool]) -> Sequence[Arrival]:
        """Return what has arrived; the task of a process that died is given to a new one."""
        while self._again:
            self._give(self._again.popleft())
        busy = {worker.line: worker for worker in self._workers if worker.name}
        heard = wait(list(busy), timeout=LOOK_S)
        return [said for line, worker in busy.items() if line in heard and (said := self._hear(worker)) is not None]

    def drop(self) -> None:
        """End the processes that are at work; the others wait for more."""
        for worker in [worker for worker in self._workers if worker.name]:
            worker.end()
            self._workers.remove(worker)
        self._orders.clear()
        self._again.clear()

    def end(self) -> None:
        """End every process, and clear up."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()
        self.shelf.clear()

    def _give(self, name: str) -> None:
        order = self._orders[name]
        worker = next((worker for worker in self._workers if not worker.name), None) or self._begin()
        worker.name = name
        with suppress(OSError):
            worker.line.send((order, {digest: self.shelf.folders[digest] for digest in order.digests}, self.shelf.room))

    def _begin(self) -> _Worker:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self.shelf.room), daemon=True)
        with _holding_interrupts():
            process.start()
        theirs.close()
        self._workers.append(_Worker(process, ours))
        return self._workers[-1]

    def _hear(self, worker: _Worker) -> Arrival | None:
        """What a process says; None where it died, and its task will be given again."""
        name = worker.name
        try:
            reply: Reply = worker.line.recv()
        except (EOFError, OSError):
            worker.process.join()
            self._workers.remove(worker)
            worker.line.close()
            self._deaths[name] += 1
            if self._deaths[name] < MOST_DEATHS:
                self._again.append(name)
                return None
            reply = Reply(0.0, failure=failure_of(WorkerLost(MOST_DEATHS, _ending(worker.process.exitcode))))
        else:
            worker.name = ""
        del self._orders[name]
        return name, reply


@contextmanager
def _holding_interrupts() -> Iterator[None]:
    """A process that is begun within it never hears of Ctrl-C, not even before it runs a line of ours."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which would let Ctrl-C through again when the first process begins it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ending(code: int | None) -> str:
    """What is said of how a process ended: the signal, or its exit code."""
    if code is not None and code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return str(code)


def _serve(line: Connection, room: Path) -> None:
    """Carry out orders until the line is closed. Ctrl-C is for the program that gives the orders."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _be_silent()
    Thread(target=_end_with_parent, args=(room,), daemon=True).start()
    with suppress(EOFError, OSError):
        while True:
            line.send(solve_order(*_receive(line)))


def _receive(line: Connection) -> tuple[Order, Mapping[str, Path], Path]:
    order, folders, room = line.recv()
    return order, folders, room


def _be_silent() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _end_with_parent(room: Path) -> None:
    """A program that is killed can end no process and clear nothing up; each of them sees to that itself."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        shutil.rmtree(room, ignore_errors=True)
    os._exit(1)

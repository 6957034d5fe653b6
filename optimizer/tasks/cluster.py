"""A Dask cluster that is there already: this program is its client, and opens no port of its own.

Its workers must have the same program installed, and do best with one thread each: a task is one thread's work, and
where a process dies with one task in it, it is known which one that was. A worker keeps the parcels it was sent for
as long as it lives, by their digest: the first order that reads one carries it, later ones go out without, and again
with it to a worker that says it lacks it.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from queue import Empty, Queue
from secrets import token_hex

from optimizer.runs.record import versions
from optimizer.tasks.failure import (
    InputsChanged,
    NoDask,
    NoScheduler,
    OtherProgram,
    SchedulerLost,
    WorkerLost,
    failure_of,
)
from optimizer.tasks.parcel import Contents, Shelf
from optimizer.tasks.pool import LOOK_S, Arrival, Parcels
from optimizer.tasks.work import Order, Reply, solve_order

try:
    import dask
    import distributed
except ImportError as missing:
    raise NoDask from missing

CONNECT_S = 10.0
"""That a scheduler has to answer."""
MUST_AGREE = ("python", "xuewei", "ortools")
"""What a worker must have in the very version of the client, or its plans would not be the same."""
_LOUD = ("distributed", "distributed.client", "tornado.application")
"""Loggers that tell on stderr what is told here in a sentence."""
_AS_LARGE_AS_NEED_BE = {"distributed.admin.large-graph-warning-threshold": "1TB"}


@dataclass(frozen=True)
class Missing:
    """What a worker says that lacks a parcel."""


def solve_parcel(order: Order, contents: Mapping[str, Contents], ours: Mapping[str, str]) -> Reply | Missing:
    """Carry out an order on a worker, which takes parcels from `contents` and keeps them."""
    try:
        _compare(versions(), ours)
        for digest, content in contents.items():
            _worker_shelf().put(digest, content)
    except Exception as stop:  # noqa: BLE001
        return Reply(0.0, failure=failure_of(stop))
    shelf = _worker_shelf()
    return solve_order(order, shelf.folders, shelf.room) if shelf.folders.keys() >= {*order.digests} else Missing()


@cache
def _worker_shelf() -> Shelf:
    """The shelf of this worker, below the folder that Dask clears after it."""
    return Shelf(distributed.get_worker().local_directory)


def _compare(theirs: Mapping[str, str], ours: Mapping[str, str]) -> None:
    if any(theirs.get(name) != ours[name] for name in MUST_AGREE):
        raise OtherProgram(theirs, ours)


@contextmanager
def open_cluster(address: str) -> Iterator["Cluster"]:
    """Yield the cluster of the scheduler at an address, `tcp://host:8786` or `tls://...` with Dask's own settings.

    Raises NoScheduler and OtherProgram.
    """
    with _hushed():
        try:
            with ThreadPoolExecutor(1) as apart:  # whoever calls may run an event loop of their own
                apart.submit(lambda: asyncio.run(_greet(address))).result()
            client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False, name="xuewei")
        except (OSError, ValueError, TypeError, RuntimeError) as failure:
            raise NoScheduler(address, " ".join(str(failure).split()) or f"{CONNECT_S:g} s") from failure
        try:
            for found in client.run(versions, on_error="return").values():
                _compare(found if isinstance(found, Mapping) else {}, versions())
            yield Cluster(address, client)
        finally:
            with suppress(OSError, TimeoutError):
                client.close()


async def _greet(address: str) -> None:
    """Ask who is there. A client would wait without end for one who takes the call and says nothing of Dask."""
    security = distributed.Security().get_connection_args("client")
    async with (
        asyncio.timeout(CONNECT_S),
        distributed.rpc(address, timeout=CONNECT_S, connection_args=security) as scheduler,
    ):
        await scheduler.identity()


@contextmanager
def _hushed() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in _LOUD]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


@dataclass(frozen=True)
class _Out:
    """An order that is out."""

    name: str
    order: Order
    parcels: Parcels
    future: "distributed.Future[Reply | Missing]"


class Cluster:
    """A pool of the threads of a cluster's workers, as many as there are at any time."""

    def __init__(self, address: str, client: distributed.Client) -> None:
        self._address = address
        self._client = client
        self._out: dict[str, _Out] = {}
        self._done: Queue[str] = Queue()
        self._sent: set[str] = set()

    def free(self) -> int:
        """Return how many more orders it takes now; one waits for a cluster that has no workers yet."""
        self._require_scheduler()
        try:
            threads: dict[str, int] = self._client.nthreads()
        except OSError as lost:
            raise SchedulerLost(self._address) from lost
        return max(1, sum(threads.values())) - len(self._out)

    def submit(self, name: str, order: Order, parcels: Parcels) -> None:
        """Send an order to the scheduler, with the parcels that were not sent before."""
        self._send(
            name, order, parcels, {digest: parcel for digest, parcel in parcels.items() if digest not in self._sent}
        )

    def collect(self, stopped: Callable[[], bool]) -> Sequence[Arrival]:
        """Return what has arrived."""
        try:
            keys = [self._done.get(timeout=LOOK_S)]
        except Empty:
            self._require_scheduler()
            return ()
        with suppress(Empty):
            while True:
                keys.append(self._done.get_nowait())
        return [arrival for key in keys if key in self._out and (arrival := self._hear(self._out.pop(key)))]

    def drop(self) -> None:
        """Take back every order that is out; what a worker is at now it finishes for nobody."""
        futures = [out.future for out in self._out.values()]
        self._out.clear()
        if futures and self._client.status == "running":
            self._client.cancel(futures, force=True)

    def _send(self, name: str, order: Order, parcels: Parcels, unsent: Parcels) -> None:
        contents = {digest: parcel.load() for digest, parcel in unsent.items()}
        key = f"xuewei-{token_hex(16)}"
        with dask.config.set(_AS_LARGE_AS_NEED_BE):
            future = self._client.submit(solve_parcel, order, contents, versions(), key=key)
        self._sent |= contents.keys()
        self._out[key] = _Out(name, order, parcels, future)
        future.add_done_callback(lambda _: self._done.put(key))

    def _hear(self, out: _Out) -> Arrival | None:
        """What came of an order; None where it had to go out again."""
        try:
            reply = out.future.result()
        except distributed.KilledWorker as lost:
            return out.name, Reply(0.0, failure=failure_of(WorkerLost(lost.allowed_failures + 1, "")))
        except distributed.CancelledError as lost:
            raise SchedulerLost(self._address) from lost
        except Exception as stop:  # noqa: BLE001
            return out.name, Reply(0.0, failure=failure_of(stop))
        if not isinstance(reply, Missing):
            return out.name, reply
        try:
            self._send(out.name, out.order, out.parcels, out.parcels)
        except (OSError, InputsChanged) as stop:
            return out.name, Reply(0.0, failure=failure_of(stop))
        return None

    def _require_scheduler(self) -> None:
        if self._client.status != "running":
            raise SchedulerLost(self._address)

"""Pools: who makes the runs. All of them give the same."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from optimizer.tasks.parcel import Parcel, Shelf
from optimizer.tasks.work import Order, Reply, solve_order

Arrival = tuple[str, Reply]
"""Name of a task, and what came of it."""
Parcels = Mapping[str, Parcel]
"""By digest."""
LOOK_S = 0.2
"""Between two looks at whether the work should stop."""


class Pool(Protocol):
    """Whoever takes orders and gives replies; each name is out once at a time."""

    def free(self) -> int:
        """Return how many more orders it takes now."""
        ...

    def submit(self, name: str, order: Order, parcels: Parcels) -> None:
        """Take an order. Raises InputsChanged, NotHere, or OSError where a parcel cannot be packed or unpacked."""
        ...

    def collect(self, stopped: Callable[[], bool]) -> Sequence[Arrival]:
        """Return what has arrived, after a short wait where nothing has. Raises SchedulerLost."""
        ...

    def drop(self) -> None:
        """Give up every order that is out."""
        ...


@contextmanager
def open_pool(jobs: int = 1, scheduler: str | None = None) -> Iterator[Pool]:
    """Yield a pool of `jobs` processes on this machine, or the Dask cluster of the scheduler at an address.

    One job is done in this very process. Raises NoDask where the extra is not installed, NoScheduler where nobody
    answers at the address, and OtherProgram where its workers have another version of the program.
    """
    with _open(jobs, scheduler) as pool:
        yield pool


def _open(jobs: int, scheduler: str | None) -> AbstractContextManager[Pool]:
    if scheduler is not None:
        from optimizer.tasks.cluster import open_cluster

        return open_cluster(scheduler)
    if jobs > 1:
        from optimizer.tasks.processes import open_processes

        return open_processes(jobs)
    return _open_alone()


@contextmanager
def _open_alone() -> Iterator[Pool]:
    alone = Alone()
    try:
        yield alone
    finally:
        alone.shelf.clear()


class Alone:
    """One run after the other, in this process."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self._order: tuple[str, Order] | None = None

    def free(self) -> int:
        """Return how many more orders it takes now."""
        return int(self._order is None)

    def submit(self, name: str, order: Order, parcels: Parcels) -> None:
        """Take an order, to be carried out when its reply is collected."""
        self.shelf.put_all(parcels)
        self._order = name, order

    def collect(self, stopped: Callable[[], bool]) -> Sequence[Arrival]:
        """Carry out the order."""
        if self._order is None:
            return ()
        name, order = self._order
        self._order = None
        return ((name, solve_order(order, self.shelf.folders, self.shelf.room, stopped)),)

    def drop(self) -> None:
        """Give up the order."""
        self._order = None

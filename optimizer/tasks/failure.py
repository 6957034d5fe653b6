"""What keeps a task from its run: what the run itself raised, carried home from a worker, and what befell that."""

import pickle
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class WorkerLost(Exception):
    """The process that worked on a task ended, each time it was given out: `times` in all, at last with `ending`."""

    def __init__(self, times: int, ending: str) -> None:
        super().__init__(times, ending)
        self.times = times
        self.ending = ending


class InputsChanged(Exception):
    """A file of an instance or of a run was changed after its tasks were given their keys."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path


class NotHere(Exception):
    """A file that an instance names by its whole path is not on the worker's machine as it is on this one."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class OtherProgram(Exception):
    """A worker has another Python or another version of this program: what is `theirs` and `ours`, by name."""

    def __init__(self, theirs: Mapping[str, str], ours: Mapping[str, str]) -> None:
        super().__init__(dict(theirs), dict(ours))
        self.theirs = dict(theirs)
        self.ours = dict(ours)


class NoDask(Exception):
    """The extra `dask` is not installed."""


class NoScheduler(Exception):
    """No Dask scheduler answers at an address."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(address, reason)
        self.address = address
        self.reason = reason


class SchedulerLost(Exception):
    """The scheduler went away while tasks were out; what had arrived is stored."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


@dataclass(frozen=True)
class Failure:
    """An exception in a form that every exception can be sent in, whatever its class is made with."""

    kind: type[BaseException]
    arguments: tuple[Any, ...] = ()
    state: dict[str, Any] = field(default_factory=dict)
    trace: str = ""
    """The traceback as text, for a fault of ours."""

    @property
    def exception(self) -> BaseException:
        """The exception as it was raised."""
        stop = self.kind.__new__(self.kind, *self.arguments)
        stop.__dict__.update(self.state)
        return stop


def failure_of(stop: BaseException) -> Failure:
    """Return what was raised, so that it can be sent; one that holds what cannot be sent becomes a plain error."""
    trace = "".join(traceback.format_exception(stop))
    arguments = stop.args
    if isinstance(stop, OSError) and stop.filename is not None:
        arguments = (stop.errno, stop.strerror, stop.filename)
    failure = Failure(type(stop), arguments, dict(stop.__dict__), trace)
    try:
        pickle.dumps(failure)
    except (pickle.PicklingError, AttributeError, TypeError):
        return Failure(RuntimeError, (f"{type(stop).__name__}: {stop}",), {}, trace)
    return failure

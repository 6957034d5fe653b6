"""What a worker does: reads a parcel, solves, and gives the run back as bytes. It prints nothing and keeps nothing."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from models.faults import Fault
from models.variation import Variation
from optimizer.pipeline import Options, SolvedRun, solve_instance, solve_posts
from optimizer.tasks.failure import Failure, failure_of

Note = tuple[str, dict[str, object]]
"""Key of a sentence and its facts."""


@dataclass(frozen=True)
class Order:
    """A task as a worker gets it: what is asked, and the digests of the parcels to read."""

    scenario: str
    options: Options
    variation: Variation | None
    posts: bool
    instance: str
    start: str
    """"" where there is none."""
    called: str
    """What messages call the run that is gone on from."""
    begin: pd.DataFrame | None
    """Catchments from which the search begins."""

    @property
    def digests(self) -> tuple[str, ...]:
        """The parcels that it takes."""
        return tuple(digest for digest in (self.instance, self.start) if digest)


@dataclass(frozen=True)
class Reply:
    """What a worker gives back: the files of the run, or why there are none."""

    seconds: float
    files: Mapping[str, bytes] = field(default_factory=dict)
    warnings: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()
    interrupted: bool = False
    failure: Failure | None = None


class Notebook:
    """A watch that shows nothing and keeps the notes of a run."""

    def __init__(self, stopped: Callable[[], bool], called: Mapping[Path, str]) -> None:
        """`called` says what a folder is called that lies here under another name."""
        self.notes: list[Note] = []
        self.stopped = stopped
        self._called = called

    def step(self, name: str) -> None:
        """Show nothing."""

    def progress(
        self, level: str, incumbent: float | None, bound: float | None, gap: float | None, seconds: float
    ) -> None:
        """Show nothing."""

    def note(self, key: str, **facts: object) -> None:
        """Keep a note."""
        told = {name: self._called.get(fact, fact) if isinstance(fact, Path) else fact for name, fact in facts.items()}
        self.notes.append((key, told))


def carry_on() -> bool:
    """Return False: nobody stops a worker but by ending it."""
    return False


def solve_order(order: Order, folders: Mapping[str, Path], room: Path, stopped: Callable[[], bool] = carry_on) -> Reply:
    """Make the run of an order from its unpacked parcels, in `room`; whatever is raised is in the reply."""
    began = time.monotonic()
    start = folders[order.start] if order.start else None
    notebook = Notebook(stopped, {start: order.called} if start else {})
    try:
        with TemporaryDirectory(dir=room) as out:
            solved = _solve(order, folders[order.instance], start, Path(out), notebook)
            files = {file.name: file.read_bytes() for file in sorted(solved.folder.iterdir())}
    except Exception as stop:  # noqa: BLE001
        return Reply(time.monotonic() - began, notes=tuple(notebook.notes), failure=failure_of(stop))
    interrupted = solved.run.outcome.interrupted
    return Reply(time.monotonic() - began, files, solved.warnings, tuple(notebook.notes), interrupted)


def _solve(order: Order, folder: Path, start: Path | None, out: Path, notebook: Notebook) -> SolvedRun:
    asked = replace(order.variation or Variation(order.scenario), name="run")
    make = solve_posts if order.posts else partial(solve_instance, begin=order.begin)
    return make(
        folder, order.scenario, order.options, out=out, force=False, start=start, watch=notebook, variation=asked
    )

"""What is seen on stderr while a run goes on: one live line on a terminal, else a plain line now and then."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol, TextIO

from rich.console import Console
from rich.status import Status

from models.sentences import Language, find, say
from optimizer.console.text import printable, write_number, write_share

QUIET_S = 2.0
"""A run shorter than this says nothing where nobody looks on."""
EVERY_S = 5.0
"""Seconds between two plain lines."""


class Progress:
    """A `models.watch.Watch` that speaks on `stream` (stderr); its live line lasts as long as its context."""

    def __init__(
        self,
        stream: TextIO,
        language: Language,
        *,
        quiet: bool = False,
        verbose: bool = False,
        said: set[str] | None = None,
    ) -> None:
        """`said` holds the notes that were said before, and receives those said now."""
        self._language = language
        self._quiet = quiet
        self._verbose = verbose
        self._began = self._spoke = time.monotonic()
        self._said = set() if said is None else said
        self._stopped = False
        console = Console(file=stream, markup=False, highlight=False, emoji=False, soft_wrap=True)
        self._console = console
        self._live = Status("", console=console) if console.is_terminal and not quiet else None

    def __enter__(self) -> "Progress":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def step(self, name: str) -> None:
        """Show that a step begins; where nobody looks on, only if asked to be verbose."""
        words = find(f"cli.steps.{name}", self._language) or name
        self._show(say("cli.progress.step", {"step": words}, self._language), aloud=self._verbose)

    def progress(
        self, level: str, incumbent: float | None, bound: float | None, gap: float | None, seconds: float
    ) -> None:
        """Show the best plan, the bound and the gap of a level."""
        facts = {
            "level": find(f"cli.levels.{level}", self._language) or level,
            "incumbent": write_number(incumbent, 1),
            "bound": say("cli.progress.none", language=self._language) if bound is None else write_number(bound, 1),
            "gap": say("cli.progress.none", language=self._language) if gap is None else write_share(gap),
            "seconds": f"{seconds:.0f}",
        }
        self._show(say(f"cli.progress.{'searching' if incumbent is None else 'improving'}", facts, self._language))

    def note(self, key: str, **facts: object) -> None:
        """Say a sentence, the same one once only."""
        sentence = say(key, facts, self._language)
        if sentence not in self._said:
            self._said.add(sentence)
            self._say(sentence)

    def stopped(self) -> bool:
        """Return True once Ctrl-C was pressed."""
        return self._stopped

    def stop(self) -> None:
        """Ask the run to end and to keep its best plan."""
        self._stopped = True
        self._say(say("cli.progress.stopping", language=self._language))

    def _show(self, line: str, *, aloud: bool = False) -> None:
        now = time.monotonic()
        if self._live:
            self._live.update(printable(line))
        elif aloud or (now - self._began > QUIET_S and now - self._spoke > EVERY_S):
            self._spoke = now
            self._say(line)

    def _say(self, line: str) -> None:
        if not self._quiet:
            self._console.print(printable(line))


class Stoppable(Protocol):
    """Work that can be asked to end."""

    def stop(self) -> None:
        """Ask the work to end."""
        ...


@contextmanager
def heeding_interrupts(progress: Stoppable) -> Iterator[None]:
    """Within it the first Ctrl-C asks `progress` to stop, and the second ends the program at once."""

    def on_first(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        progress.stop()

    before = signal.signal(signal.SIGINT, on_first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

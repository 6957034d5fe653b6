"""Silence on stdout while a solver works: HiGHS writes a line of its own now and then, whatever it is told."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock


@dataclass
class _Door:
    """The way out of native code: shut while anybody is inside."""

    turn: Lock = field(default_factory=Lock)
    inside: int = 0
    stdout: int = -1

    def shut(self) -> None:
        with self.turn:
            if self.inside == 0:
                sys.stdout.flush()
                self.stdout = os.dup(1)
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, 1)
                os.close(nowhere)
            self.inside += 1

    def open(self) -> None:
        with self.turn:
            self.inside -= 1
            if self.inside == 0:
                _flush_native()
                os.dup2(self.stdout, 1)
                os.close(self.stdout)


_door = _Door()


@contextmanager
def hushed() -> Iterator[None]:
    """Send what native code writes to stdout nowhere; several threads may be inside at once.

    What a plan is told in goes to stdout, and of `--json` nothing else does. Python's own output is flushed before.
    """
    _door.shut()
    try:
        yield
    finally:
        _door.open()


def _flush_native() -> None:
    """Empty the buffers of the C library, or their lines would come out later."""
    if os.name == "posix":
        ctypes.CDLL(None).fflush(None)

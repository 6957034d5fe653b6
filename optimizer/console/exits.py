"""Exit codes: what each says, and which one of several is given."""

from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """What an exit code says; of several scenarios the first in this order is given."""

    OURS = 70
    CANNOT_WRITE = 6
    FAULTY = 3
    INTERRUPTED = 130
    NO_PLAN = 5
    INFEASIBLE = 4
    USAGE = 2
    DONE = 0


EXIT_OF_STATUS = {
    "optimal": Exit.DONE,
    "feasible": Exit.DONE,
    "infeasible": Exit.INFEASIBLE,
    "no_plan": Exit.NO_PLAN,
}

EXIT_OF_DIAGNOSIS = {True: Exit.DONE, False: Exit.INFEASIBLE, None: Exit.NO_PLAN}
"""By whether there is a plan."""


def gravest(codes: Iterable[Exit]) -> Exit:
    """Return the first of `codes` in the order of `Exit`; DONE where there are none."""
    reached = set(codes)
    return next((code for code in Exit if code in reached), Exit.DONE)


class Refusal(Exception):
    """A command cannot do what was asked; `sentence` says why, `code` is its exit code."""

    def __init__(self, code: Exit, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence

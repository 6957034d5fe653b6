"""A fault or warning in the input: where, found, expected, remedy. The words live in `models.sentences`."""

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["fault", "warning"]


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the input. `code` names its sentence; `facts` fill the gaps in it.

    `row` is the row as a person counts it in that file (the heading is row 1; the first feature of a geospatial file
    is 1), or 0 where the whole table is meant. In a TOML file `column` is the dotted key.
    """

    code: str
    severity: Severity
    file: str
    row: int = 0
    column: str = ""
    found: str = ""
    facts: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """What reading and checking found: every fault and warning at once, and how many checks were run."""

    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    checks: int


class FaultyInput(Exception):
    """Raised when an instance has faults; carries every fault and warning at once."""

    def __init__(self, faults: tuple[Fault, ...], checks: int) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults
        self.checks = checks

"""The register of checks: one function a code, each of which finds every place where one thing is wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from models.faults import Fault, Severity
from optimizer.io.findings import Finding
from optimizer.io.source import Source

Find = Callable[[Source], Iterator[Finding]]


@dataclass(frozen=True)
class Check:
    """A check: its code, whether what it finds stops anything, and the function."""

    code: str
    severity: Severity
    find: Find

    def run(self, source: Source) -> list[Fault]:
        """Return everything the check finds."""
        return [finding.fault(self.code, self.severity) for finding in self.find(source)]


CHECKS: dict[str, Check] = {}


def check(code: str, severity: Severity = "fault") -> Callable[[Find], Find]:
    """Register the function below as the check `code`."""

    def register(find: Find) -> Find:
        CHECKS[code] = Check(code, severity, find)
        return find

    return register

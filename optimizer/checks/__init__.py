"""Faults and warnings in the input: one function a code, all told at once."""

from models.faults import Report, Severity
from optimizer.checks import (
    catchments,
    cells,
    demand,
    feeders,
    geometry,
    links,
    places_on_earth,
    policy,
    staffing,
    stock,
    supply,
)
from optimizer.checks.describe import Description, describe, explain
from optimizer.checks.reach import OUT_OF_REACH, SEVERITY, check_travel
from optimizer.checks.registry import CHECKS
from optimizer.io.findings import READING
from optimizer.io.source import Source

TOPICS = (cells, links, catchments, stock, demand, feeders, geometry, places_on_earth, supply, policy, staffing)
"""Modules whose checks the register holds."""

__all__ = ["Description", "Report", "check_source", "check_travel", "codes", "describe", "explain"]


def check_source(source: Source) -> Report:
    """Return every fault and warning of an instance: what reading met, and what the checks find."""
    met = [*source.faults, *(fault for check in CHECKS.values() for fault in check.run(source))]
    found = sorted(met, key=lambda fault: (fault.file, fault.row, fault.column, fault.code))
    return Report(
        faults=tuple(fault for fault in found if fault.severity == "fault"),
        warnings=tuple(fault for fault in found if fault.severity == "warning"),
        checks=len(READING) + len(CHECKS),
    )


def codes() -> dict[str, Severity]:
    """Return every code that reading and checking know, with what it does."""
    judged = {code: check.severity for code, check in CHECKS.items()}
    return dict(sorted({**READING, **judged, OUT_OF_REACH: SEVERITY}.items()))

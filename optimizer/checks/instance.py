"""A folder read and checked, and nothing solved."""

from pathlib import Path

from models.faults import Report
from optimizer.checks import check_source, check_travel
from optimizer.geo.travel import measure_travel
from optimizer.io import build_district, read_source


def check_instance(folder: Path, scenario: str = "base") -> Report:
    """Read and check an instance; warnings that need distances are added where there is no fault."""
    source = read_source(folder, scenario)
    report = check_source(source)
    if report.faults:
        return report
    district = build_district(source)
    further = check_travel(district, measure_travel(district))
    return Report(report.faults, (*report.warnings, *further), report.checks)

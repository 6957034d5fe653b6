"""From an instance folder to the outlook: the steps in order.

folder     -> read_source    -> Source       tables as text, settings, scenario applied
Source     -> check_source   -> Report       every fault and warning at once
Source     -> build_district -> District     typed arrays
District   -> project        -> Projection   children, places and classes, year by year
Projection -> tables                         schools, district, what is short and idle by stage, warnings
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from models.district import District
from models.faults import Fault, FaultyInput
from models.outlook import Projection
from optimizer.checks import check_source
from optimizer.io import build_district, read_source
from optimizer.outlook.balance import build_balance
from optimizer.outlook.project import project
from optimizer.outlook.table import build_rows, build_totals, build_warnings


@dataclass(frozen=True)
class Ahead:
    """The outlook of a district and its tables; `faults` are the warnings that reading it gave."""

    district: District
    projection: Projection
    schools: pd.DataFrame
    totals: pd.DataFrame
    balance: pd.DataFrame
    warnings: pd.DataFrame
    faults: tuple[Fault, ...] = ()


def look_ahead(folder: Path, scenario: str, years: int) -> Ahead:
    """Return the outlook of an instance for so many years. Raises FaultyInput for one with faults."""
    source = read_source(folder, scenario)
    report = check_source(source)
    if report.faults:
        raise FaultyInput(report.faults, report.checks)
    return look_from(build_district(source), years, report.warnings)


def look_from(district: District, years: int, faults: tuple[Fault, ...] = ()) -> Ahead:
    """Return the outlook of a district."""
    projection = project(district, years)
    schools = build_rows(projection, district)
    totals = build_totals(schools, district.settings.policy.outlook)
    return Ahead(district, projection, schools, totals, build_balance(schools), build_warnings(schools), faults)

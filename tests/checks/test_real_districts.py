"""Districts that were planned for in earnest are read without a fault; what is odd about them is said."""

from pathlib import Path

import pytest

from optimizer.checks import check_source
from optimizer.io import build_district, read_source, scenario_names

EXPECTED = {
    "bcps-southwest": (182, 11, 5_443, {"P103", "G106", "G107"}),
    "durham-high": (851, 5, 7_058, {"P103"}),
    "gongyi": (1_276, 22, 40_995, set()),
    "zy": (324, 16, 3_873, {"G106"}),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_real_district(name: str, shared: Path) -> None:
    folder = shared / "data" / "districts" / name
    units, schools, students, warned = EXPECTED[name]
    source = read_source(folder)
    report = check_source(source)
    assert report.faults == ()
    assert {fault.code for fault in report.warnings} == warned
    district = build_district(source)
    assert (len(district.units), len(district.schools), district.demand.students.sum()) == (units, schools, students)
    assert (district.schools.unit >= 0).all()


@pytest.mark.parametrize("name", EXPECTED)
def test_scenarios_of_real_districts(name: str, shared: Path) -> None:
    folder = shared / "data" / "districts" / name
    for scenario in scenario_names(folder):
        report = check_source(read_source(folder, scenario))
        assert report.faults == ()
        assert "P103" not in {fault.code for fault in report.warnings}


def test_toy_has_no_fault(shared: Path) -> None:
    report = check_source(read_source(shared / "data" / "toy" / "instance"))
    assert report.faults == ()

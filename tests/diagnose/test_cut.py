"""The corner of binhe is a district of its own, and has a plan until something is planted in it."""

from pathlib import Path

import pytest
from diagnose.planned import has_plan

from optimizer.checks import check_source
from optimizer.io import build_district, read_source


def test_corner_stands_by_itself(corner: Path) -> None:
    source = read_source(corner)
    assert check_source(source).faults == ()
    district = build_district(source)
    assert district.schools.ids == ("P08", "P09", "P17", "P18", "P19", "J06", "J07", "J09", "M01")
    assert len(district.units) == 63
    assert {stage: district.demand.of_stage(stage).sum() for stage in ("primary", "junior")} == {
        "primary": 335,
        "junior": 667,
    }


@pytest.mark.parametrize("scenario", ["base", "kept", "redraw", "steady_state"])
def test_corner_has_a_plan(corner: Path, tmp_path: Path, scenario: str) -> None:
    assert has_plan(corner, scenario, tmp_path, students_only=scenario != "base")

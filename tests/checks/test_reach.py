"""Units out of reach of every open school: a warning, with the nearest school where there is one."""

from pathlib import Path

import districts as d
import numpy as np

from models.district import District, Travel
from optimizer.checks import check_travel, describe
from optimizer.io import build_district, read_source

METRES = np.array([[900.0, 3_500.0], [3_200.0, 3_300.0], [np.inf, np.inf]])


def district(folder: Path, **settings: object) -> District:
    rows = d.unit_rows(3, 1)
    return build_district(
        read_source(d.write_instance(folder, units=rows, demand=d.demand_rows(3), settings=dict(settings)))  # type: ignore[arg-type]
    )


def found(held: District) -> list[tuple[str, str]]:
    warnings = check_travel(held, Travel(METRES, None))
    assert {fault.code for fault in warnings} <= {"P108"}
    assert all(describe(fault, "zh").sentence for fault in warnings)
    return [(fault.found, str(fault.facts["nearest"])) for fault in warnings]


def test_without_a_ceiling_only_infinity_is_out_of_reach(tmp_path: Path) -> None:
    assert found(district(tmp_path)) == [("U3", "")]


def test_a_hard_ceiling_counts(tmp_path: Path) -> None:
    rules = {"rules": {"max_travel": "hard"}, "policy": {"travel": {"max_m": {"primary": 3000.0}}}}
    assert found(district(tmp_path, **rules)) == [("U2", "S1"), ("U3", "")]


def test_a_soft_ceiling_does_not(tmp_path: Path) -> None:
    rules = {"rules": {"max_travel": "soft"}, "policy": {"travel": {"max_m": {"primary": 3000.0}}}}
    assert found(district(tmp_path, **rules)) == [("U3", "")]


def test_units_without_children_are_left_out(tmp_path: Path) -> None:
    folder = d.write_instance(tmp_path, units=d.unit_rows(3, 1), demand=d.demand_rows(2))
    assert found(build_district(read_source(folder))) == []

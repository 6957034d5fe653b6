"""Slips of the pen: a heading nearly right, half a coordinate, an id that a spreadsheet would run."""

from pathlib import Path
from typing import Any

import districts as d
import pytest

from models.faults import Fault
from optimizer.checks import check_source, describe
from optimizer.io import build_district, read_source


def faults(folder: Path, scenario: str = "base") -> tuple[Fault, ...]:
    return check_source(read_source(folder, scenario)).faults


def renamed(rows: list[dict[str, Any]], old: str, new: str) -> list[dict[str, Any]]:
    return [{new if key == old else key: value for key, value in row.items()} for row in rows]


@pytest.mark.parametrize(
    ("table", "old", "new", "code", "meant"),
    [
        ("demand", "students", "studnts", "T101", "students"),
        ("schools", "type", "Typ", "T101", "type"),
        ("schools", "places", "plaecs", "P102", "places"),
        ("schools", "places", "clasrooms", "P102", "classrooms"),
        ("schools", "places", "教室", "P102", "classrooms"),
        ("schools", "x", "lon.", "G109", "x"),
    ],
)
def test_one_fault_names_the_misspelt_heading(
    tmp_path: Path, table: str, old: str, new: str, code: str, meant: str
) -> None:
    rows = {"demand": d.demand_rows(), "schools": d.school_rows()}[table]
    (found,) = faults(d.write_instance(tmp_path, **{table: renamed(rows, old, new)}))
    assert found.code == code
    assert describe(found).sentence.endswith(f"there is '{new}': did you mean '{meant}'?")


def test_a_column_of_ones_own_is_left_alone(tmp_path: Path) -> None:
    rows = [row | {"classroom_equipment_yuan": 5, "教室面积": 9, "note": "x"} for row in d.school_rows()]
    report = check_source(read_source(d.write_instance(tmp_path, schools=rows)))
    assert (report.faults, report.warnings) == ((), ())


@pytest.mark.parametrize(("given", "missing"), [("x", "y"), ("y", "x")])
def test_half_a_coordinate_in_an_override_is_a_fault(tmp_path: Path, given: str, missing: str) -> None:
    text = f"[overrides.move.units]\nU1 = {{ {given} = 120.2 }}\n[scenarios]\nmoved = ['move']\n"
    folder = d.write_instance(tmp_path, scenarios=text)
    for scenario in ("base", "moved"):
        (found,) = faults(folder, scenario)
        assert (found.code, found.column) == ("C105", f"overrides.move.units.U1.{given}")
        assert f"no {missing}" in describe(found).found


def test_a_coordinate_emptied_by_an_override_is_a_fault(tmp_path: Path) -> None:
    text = "[overrides.move.units]\nU1 = { x = 120.2, y = '' }\n[scenarios]\nmoved = ['move']\n"
    (found,) = faults(d.write_instance(tmp_path, scenarios=text), "moved")
    assert (found.code, found.column) == ("G109", "overrides.move.units.U1.y")


def test_both_coordinates_in_an_override_move_the_point(tmp_path: Path) -> None:
    text = "[overrides.move.units]\nU1 = { x = 120.2001, y = 30.2002 }\n[scenarios]\nmoved = ['move']\n"
    folder = d.write_instance(tmp_path, scenarios=text)
    assert faults(folder, "moved") == ()
    units = build_district(read_source(folder, "moved")).units
    assert (units.lon[0], units.lat[0]) == pytest.approx((120.2001, 30.2002))


@pytest.mark.parametrize("school", ["=1+1", "+S1", "-S1", "-1+1", "@SUM(A1)", "＝1", "\t=1", "\r=1"])
def test_an_id_that_a_spreadsheet_would_run_is_a_fault(tmp_path: Path, school: str) -> None:
    (found,) = faults(d.write_instance(tmp_path, schools=[*d.school_rows(), d.school_row(school, 1.5, 1.5)]))
    assert (found.code, found.row, found.column) == ("T119", 4, "school_id")


@pytest.mark.parametrize("school", ["-12", "+12", "0101", "S-1", "S=1", "'S1", "滨江"])
def test_other_ids_are_let_through(tmp_path: Path, school: str) -> None:
    assert faults(d.write_instance(tmp_path, schools=[*d.school_rows(), d.school_row(school, 1.5, 1.5)])) == ()


def test_a_formula_that_stands_in_many_rows_is_told_of_once(tmp_path: Path) -> None:
    units = [row | {"zone_id": "=A1"} for row in d.unit_rows()]
    (found,) = faults(d.write_instance(tmp_path, units=units))
    assert (found.code, found.column, found.facts["rows"]) == ("T119", "zone_id", 9)

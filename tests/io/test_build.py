"""What a checked district is made of, on the grid of nine units."""

from pathlib import Path

import districts as d
import numpy as np
import pytest

from models.district import District
from models.stages import Stage
from optimizer.checks import check_source
from optimizer.io import build_district, read_source


def build(folder: Path) -> District:
    source = read_source(folder)
    assert check_source(source).faults == ()
    return build_district(source)


def test_grid(tmp_path: Path) -> None:
    district = build(d.write_instance(tmp_path))
    assert district.units.ids[:3] == ("U1", "U2", "U3")
    assert (district.units.lon[0], district.units.lat[0]) == pytest.approx(d.lon_lat(0.5, 0.5), abs=1e-9)
    assert district.schools.serves("primary").tolist() == [True, True]
    assert np.isnan(district.schools.classrooms).all()
    assert district.current is district.fixed is district.stock is None
    assert district.settings.catchments.change == "free"
    assert len(district.fingerprints["units.geojson"]) == 64


def test_cohorts_in_order_of_stage_grade_and_category(tmp_path: Path) -> None:
    cells: list[tuple[Stage, str, str]] = [
        ("junior", "9", "migrant"),
        ("junior", "9", ""),
        ("junior", "7", ""),
        ("primary", "", ""),
    ]
    demand = [{"unit_id": "U2", "stage": s, "grade": g, "category": c, "students": 3} for s, g, c in cells]
    settings = {
        "instance": {"stages": ["primary", "junior"]},
        "categories": {"local": {"zoned": True}, "migrant": {"zoned": False}},
    }
    schools = [d.school_row("S1", 0.5, 1.5, "nine_year")]
    district = build(d.write_instance(tmp_path, settings=settings, demand=demand, schools=schools))
    held = [(cohort.stage, cohort.grade, cohort.category) for cohort in district.demand.cohorts]
    assert held == [
        ("primary", "", "local"),
        ("junior", "7", "local"),
        ("junior", "9", "local"),
        ("junior", "9", "migrant"),
    ]
    assert district.demand.students[1].tolist() == [3, 3, 3, 3]
    assert district.demand.of_stage("junior").sum() == 9


def test_rows_of_other_years_are_for_the_outlook(tmp_path: Path) -> None:
    demand = [
        {"unit_id": "U1", "stage": "primary", "students": n, "year": year}
        for n, year in ((1, ""), (2, 2027), (4, 2028))
    ]
    assert build(d.write_instance(tmp_path, demand=demand)).demand.students.sum() == 3


def test_school_unit_given_inside_or_nearest(tmp_path: Path) -> None:
    schools = [
        d.school_row("given", 0.5, 0.5, unit_id="U9"),
        d.school_row("inside", 1.5, 2.5),
        d.school_row("outside", 3.2, 0.5),
        d.school_row("border", 1.0, 0.5),
    ]
    assert build(d.write_instance(tmp_path, schools=schools)).schools.unit.tolist() == [8, 7, 2, 0]


def test_points_for_units(tmp_path: Path) -> None:
    """U1 to U3 in a row as x and y: no polygons, and a school belongs to the nearest point."""
    units = [{"unit_id": f"U{k}", "x": d.lon_lat(k, 0)[0], "y": d.lon_lat(k, 0)[1]} for k in (1, 2, 3)]
    schools = [d.school_row("S1", 2.4, 0.1)]
    district = build(d.write_instance(tmp_path, units=units, demand=d.demand_rows(3), schools=schools))
    assert district.units.geometry is None
    assert district.schools.unit.tolist() == [1]


def test_given_point_of_a_polygon_counts(tmp_path: Path) -> None:
    x, y = d.lon_lat(0.1, 0.2)
    units = [row | ({"x": x, "y": y} if row["unit_id"] == "U1" else {}) for row in d.unit_rows()]
    district = build(d.write_instance(tmp_path, units=units))
    assert (district.units.lon[0], district.units.lat[0]) == pytest.approx((x, y))
    assert (district.units.lon[1], district.units.lat[1]) == pytest.approx(d.lon_lat(1.5, 0.5), abs=1e-9)


def test_tables_by_row(tmp_path: Path) -> None:
    district = build(
        d.write_instance(
            tmp_path,
            settings={"catchments": {"change": "limited"}, "travel": {"method": "matrix"}},
            current=[{"unit_id": "U3", "stage": "primary", "school_id": "S2"}],
            fixed=[{"unit_id": "U2", "stage": "primary", "school_id": "S1", "rule": "never", "reason": "the river"}],
            travel=[{"unit_id": f"U{k}", "school_id": "S1", "metres": 100 * k} for k in range(1, 10)],
            adjacency=[{"unit_a": "U1", "unit_b": "U2"}],
            barriers=[{"kind": "river", "geometry": d.line((1, 0), (1, 3))}],
            crossings=[{"geometry": d.point(1, 0.5)}],
        )
    )
    assert district.current is not None and district.fixed is not None and district.given_travel is not None
    assert (district.current.unit.tolist(), district.current.school.tolist()) == ([2], [1])
    assert (district.fixed.unit.tolist(), district.fixed.must.tolist()) == ([1], [False])
    assert district.fixed.reason == ("the river",)
    assert district.given_travel.metres.tolist() == [100.0 * k for k in range(1, 10)]
    assert district.adjacency is not None and district.adjacency.tolist() == [[0, 1]]
    assert district.barriers is not None and len(district.barriers) == 1
    assert district.crossings is not None and district.crossings[0].x == pytest.approx(d.lon_lat(1, 0.5)[0])


def test_columns_no_rule_reads_are_kept(tmp_path: Path) -> None:
    schools = [row | {"protected_small": "是", "boarding_beds": 20} for row in d.school_rows()]
    extra = build(d.write_instance(tmp_path, schools=schools)).schools.extra
    assert extra.to_dict("list") == {"protected_small": ["是", "是"], "boarding_beds": ["20", "20"]}


def test_groups_legal_schools_and_resources(tmp_path: Path) -> None:
    """S1 is a site of the legal school L1; S2 says nothing of itself."""
    schools = d.school_rows()
    schools[0] |= {"legal_id": "L1", "教育集团": "G1", "strength": 4.5, "教学及辅助用房面积(m2)": 6000}
    held = build(d.write_instance(tmp_path, schools=schools)).schools
    assert held.legal == ("L1", "S2")
    assert held.group == ("G1", "")
    assert held.strength[0] == 4.5 and np.isnan(held.strength[1])
    assert held.resources.keys() == {"teaching_area"} and held.resources["teaching_area"][0] == 6000


def test_status_and_ownership(tmp_path: Path) -> None:
    schools = [*d.school_rows(), d.school_row("S3", 1.5, 1.5, status="closed"), d.school_row("S4", 1.5, 0.5, 民办="")]
    schools[3] |= {"ownership": "民办", "purchased_places": 5, "anchor": "否"}
    held = build(d.write_instance(tmp_path, schools=schools)).schools
    assert held.serves("primary").tolist() == [True, True, False, False]
    assert held.private.tolist() == [False, False, False, True]
    assert held.anchor.tolist() == [True, True, True, False]


def test_a_broken_source_is_no_district(tmp_path: Path) -> None:
    d.write_instance(tmp_path)
    (tmp_path / "instance.toml").unlink()
    with pytest.raises(ValueError, match="faults"):
        build_district(read_source(tmp_path))

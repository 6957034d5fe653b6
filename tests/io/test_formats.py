"""The same district in every format is the same district, and nothing a file holds raises."""

import sys
from collections.abc import Callable
from pathlib import Path

import districts as d
import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest

from models.district import District
from optimizer.checks import check_source
from optimizer.io import build_district, read_source


def build(folder: Path, scenario: str = "base") -> District:
    source = read_source(folder, scenario)
    report = check_source(source)
    assert report.faults == ()
    return build_district(source)


def codes(folder: Path) -> set[str]:
    report = check_source(read_source(folder))
    return {fault.code for fault in (*report.faults, *report.warnings)}


def test_of_an_empty_file_nothing_else_is_told(tmp_path: Path) -> None:
    (d.write_instance(tmp_path) / "demand.csv").write_text("", encoding="utf-8")
    assert codes(tmp_path) == {"T115"}


def frame(rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame.from_features(d.feature_collection(rows), crs="EPSG:4326")


def save_xlsx(path: Path, rows: list[dict[str, object]], sheet: str = "Sheet1") -> None:
    book = openpyxl.Workbook()
    book.active.title = sheet
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
    book.create_sheet("Notes")
    book.save(path)


def as_xlsx(folder: Path) -> None:
    save_xlsx(folder / "demand.xlsx", d.demand_rows())
    save_xlsx(folder / "schools.xlsx", d.school_rows())


def as_parquet(folder: Path) -> None:
    pd.DataFrame(d.demand_rows()).to_parquet(folder / "demand.parquet")
    pd.DataFrame(d.school_rows()).to_parquet(folder / "schools.parquet")


def as_csv(folder: Path) -> None:
    d.write_table(folder, "demand", d.demand_rows())
    d.write_table(folder, "schools", d.school_rows())


@pytest.mark.parametrize("save", [as_csv, as_xlsx, as_parquet])
def test_tables_in_every_format(tmp_path: Path, save: Callable[[Path], None]) -> None:
    d.write_instance(tmp_path, demand=None, schools=None)
    save(tmp_path)
    district = build(tmp_path)
    assert district.demand.students.tolist() == [[40]] * 9
    assert district.schools.ids == ("S1", "S2")
    assert district.schools.places.tolist() == [300.0, 300.0]
    assert district.schools.unit.tolist() == [3, 5]


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4549"])
@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp", "parquet"])
def test_units_in_every_format(tmp_path: Path, suffix: str, crs: str) -> None:
    d.write_instance(tmp_path, units=None)
    units = frame(d.unit_rows()).to_crs(crs)
    if suffix == "parquet":
        units.to_parquet(tmp_path / "units.parquet")
    else:
        units.to_file(tmp_path / f"units.{suffix}", encoding="UTF-8")
    district = build(tmp_path)
    assert district.units.ids == tuple(f"U{number}" for number in range(1, 10))
    middle = d.lon_lat(1.5, 1.5)
    assert (district.units.lon[4], district.units.lat[4]) == pytest.approx(middle, abs=1e-6)
    assert district.schools.unit.tolist() == [3, 5]


def test_whole_numbers_of_geojson_are_ids_as_written(tmp_path: Path) -> None:
    """A column of whole numbers with a gap is held as floats by the reader: 101 stays 101, not 101.0."""
    rows = [row | {"unit_id": 101 + k, "zone_id": None if k == 4 else 7} for k, row in enumerate(d.unit_rows())]
    demand = [{"unit_id": str(101 + k), "stage": "primary", "students": 1} for k in range(9)]
    district = build(d.write_instance(tmp_path, units=rows, demand=demand))
    assert district.units.ids[0] == "101"
    assert district.units.zone[3:5] == ("7", "")


def test_ids_keep_leading_zeros(tmp_path: Path) -> None:
    schools = [row | {"school_id": f"010{k}"} for k, row in enumerate(d.school_rows())]
    assert build(d.write_instance(tmp_path, schools=schools)).schools.ids == ("0100", "0101")


def test_layers_and_sheets_are_named_in_files(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    d.write_instance(
        folder, settings={"files": {"units": "../maps.gpkg#blocks", "demand": "all.xlsx#Need"}}, units=None
    )
    (folder / "demand.csv").unlink()
    frame(d.unit_rows()).to_file(tmp_path / "maps.gpkg", layer="blocks")
    frame(d.unit_rows()[:2]).to_file(tmp_path / "maps.gpkg", layer="others")
    save_xlsx(folder / "all.xlsx", d.demand_rows(), "Need")
    assert len(build(folder).units) == 9


def test_files_names_one_of_two(tmp_path: Path) -> None:
    d.write_instance(tmp_path, settings={"files": {"demand": "demand.csv"}})
    save_xlsx(tmp_path / "demand.xlsx", d.demand_rows(students=1))
    assert build(tmp_path).demand.students.sum() == 360


def test_chinese_headings_and_values(tmp_path: Path) -> None:
    folder = d.write_instance(tmp_path, demand=None, schools=None)
    rows = [f"S{k + 1},滨河{k + 1}小,小学,{row['x']},{row['y']},12,{300}" for k, row in enumerate(d.school_rows())]
    text = "学校标识码,学校名称,学校类型,经度,纬度,小学教室数,学位数（个）\n" + "\n".join(rows)
    (folder / "schools.csv").write_bytes(text.encode("gb18030"))
    demand = "小区编号,学段,年级,学生数\n" + "\n".join(f"U{k},小学,一年级,7" for k in range(1, 10))
    (folder / "demand.csv").write_text(demand, encoding="utf-8")
    district = build(folder)
    assert district.schools.names == ("滨河1小", "滨河2小")
    assert district.schools.classrooms_of_stage["primary"].tolist() == [12.0, 12.0]
    assert [(c.stage, c.grade, c.category) for c in district.demand.cohorts] == [("primary", "1", "local")]


@pytest.mark.parametrize("name", ["滨河小学", "𠮷田小学", "㐂多小学"])
def test_gb18030_beyond_gbk(tmp_path: Path, name: str) -> None:
    folder = d.write_instance(tmp_path)
    text = (folder / "schools.csv").read_text(encoding="utf-8-sig").replace("School S1", name)
    (folder / "schools.csv").write_bytes(text.encode("gb18030"))
    assert build(folder).schools.names[0] == name


def test_shapefile_without_code_page(tmp_path: Path) -> None:
    folder = d.write_instance(tmp_path, units=None)
    rows = [row | {"name": "江南里"} for row in d.unit_rows()]
    frame(rows).to_file(folder / "units.shp", encoding="GB18030")
    (folder / "units.cpg").unlink()
    assert build(folder).units.names[0] == "江南里"
    assert codes(folder) == {"F114"}


def test_layer_without_crs_is_read_as_stated(tmp_path: Path) -> None:
    folder = d.write_instance(tmp_path, units=None)
    frame(d.unit_rows()).to_file(folder / "units.shp")
    (folder / "units.prj").unlink()
    assert codes(folder) == {"G201"}
    d.write_instance(folder, settings={"crs": {"tables": "EPSG:4326", "units": "EPSG:4490"}}, units=None)
    assert build(folder).units.lon[0] == pytest.approx(d.lon_lat(0.5, 0.5)[0], abs=1e-6)


def test_datum_of_a_layer_that_lies(tmp_path: Path) -> None:
    """GCJ-02 near Hangzhou is some 500 m off: units said to be in it move, schools do not."""
    plain = build(d.write_instance(tmp_path / "a"))
    moved = build(d.write_instance(tmp_path / "b", settings={"crs": {"units": "gcj02"}}))
    east_m = (moved.units.lon - plain.units.lon) * d.KM_PER_DEGREE_EAST * 1000
    assert np.all((np.abs(east_m) > 300) & (np.abs(east_m) < 700))
    assert moved.schools.lon.tolist() == plain.schools.lon.tolist()


def test_heights_are_left_aside(tmp_path: Path) -> None:
    rows = d.school_rows()
    points = [{k: v for k, v in row.items() if k not in "xy"} | {"geometry": d.point(1.5, 1.5)} for row in rows]
    for row in points:
        row["geometry"]["coordinates"].append(12.5)
    district = build(d.write_instance(tmp_path, schools=points))
    assert district.schools.unit.tolist() == [4, 4]


def test_parquet_without_pyarrow_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    d.write_instance(tmp_path, demand=None)
    pd.DataFrame(d.demand_rows()).to_parquet(tmp_path / "demand.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert codes(tmp_path) == {"F113"}


def test_numbers_of_a_spreadsheet(tmp_path: Path) -> None:
    """101.0 in a cell is shown as 101; 1.01E+17 has lost digits and is a fault."""
    folder = d.write_instance(tmp_path, schools=None)
    save_xlsx(folder / "schools.xlsx", [row | {"legal_id": 101.0} for row in d.school_rows()])
    assert build(folder).schools.legal == ("101", "101")
    save_xlsx(folder / "schools.xlsx", [row | {"legal_id": 1.01e17} for row in d.school_rows()])
    assert codes(folder) == {"T110"}

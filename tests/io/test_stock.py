"""Last year's return and what it becomes: classes as they are, a grade higher, children times a rate."""

from pathlib import Path
from typing import Any

import districts as d
import pytest

from models.district import District
from models.stock import Stock
from optimizer.checks import check_source
from optimizer.io import build_district, read_source

ENTRY = {"instance": {"mode": "entry"}}


def build(folder: Path) -> District:
    source = read_source(folder)
    assert {fault.code for fault in check_source(source).faults} == set()
    return build_district(source)


def enrolled(school: str, grade: str, students: int, classes: int, stage: str = "primary") -> dict[str, Any]:
    return {"school_id": school, "stage": stage, "grade": grade, "students": students, "classes": classes}


def held(stock: Stock | None) -> list[tuple[int, str, str, int, int]]:
    assert stock is not None
    columns = (stock.school.tolist(), stock.stage, stock.grade, stock.students.tolist(), stock.classes.tolist())
    return list(zip(*columns, strict=True))


def test_the_return_is_read_as_it_stands_and_moves_up_a_grade(tmp_path: Path) -> None:
    rows = [enrolled("S2", "1", 90, 2), enrolled("S1", "5", 53, 1), enrolled("S1", "6", 40, 1)]
    district = build(d.write_instance(tmp_path, settings=ENTRY, enrolment=rows))
    assert district.enrolment is not None and district.stock is not None
    assert (district.enrolment.year, district.stock.year) == (2026, 2027)
    assert held(district.enrolment) == [
        (1, "primary", "1", 90, 2),
        (0, "primary", "5", 53, 1),
        (0, "primary", "6", 40, 1),
    ]
    assert held(district.stock) == [(1, "primary", "2", 90, 2), (0, "primary", "6", 53, 1)]


def test_rolling_twice_rounds_half_up_each_year(tmp_path: Path) -> None:
    """50 x 0.97 = 48.5, so 49; 49 x 0.90 = 44.1, so 44. 35 x 0.7 = 24.5, so 25, also in floating point."""
    rows = [enrolled("S1", "1", 50, 1), enrolled("S2", "3", 35, 1)]
    rates = [
        {"stage": "primary", "grade": grade, "rate": rate} for grade, rate in (("1", 0.97), ("2", 0.9), ("3", 0.7))
    ]
    settings = {"instance": {"mode": "entry", "enrolment_year": 2025}}
    district = build(d.write_instance(tmp_path, settings=settings, enrolment=rows, progression=rates))
    assert district.rates == {("primary", "1"): 0.97, ("primary", "2"): 0.9, ("primary", "3"): 0.7}
    assert held(district.stock) == [(0, "primary", "3", 44, 1), (1, "primary", "5", 25, 1)]


def test_a_nine_year_school_loses_its_grade_six_and_nine(tmp_path: Path) -> None:
    """Grade 6 does not become grade 7 of the stock: who enters junior school is demand."""
    rows = [enrolled("S1", grade, 45, 1) for grade in ("5", "6")]
    rows += [enrolled("S1", grade, 50, 1, "junior") for grade in ("7", "9")]
    settings = {"instance": {"mode": "entry", "stages": ["primary", "junior"]}}
    schools = [d.school_row("S1", 0.5, 1.5, "nine_year")]
    district = build(d.write_instance(tmp_path, settings=settings, schools=schools, enrolment=rows))
    assert held(district.stock) == [(0, "primary", "6", 45, 1), (0, "junior", "8", 50, 1)]
    assert district.feeders is not None
    assert (district.feeders.primary.tolist(), district.feeders.junior.tolist()) == ([0], [0])


def test_primary_school_of_five_years(tmp_path: Path) -> None:
    settings = {"instance": {"mode": "entry", "system": "5-4"}}
    rows = [enrolled("S1", "4", 30, 1), enrolled("S1", "5", 31, 1)]
    district = build(d.write_instance(tmp_path, settings=settings, enrolment=rows))
    assert held(district.stock) == [(0, "primary", "5", 30, 1)]


def test_stages_that_are_not_planned_stay_in_their_rooms(tmp_path: Path) -> None:
    schools = [d.school_row("S1", 0.5, 1.5, "nine_year")]
    rows = [enrolled("S1", "7", 50, 1, "junior")]
    district = build(d.write_instance(tmp_path, settings=ENTRY, schools=schools, enrolment=rows))
    assert held(district.stock) == [(0, "junior", "8", 50, 1)]


def test_without_a_return_there_is_no_stock_and_places_are_empty(tmp_path: Path) -> None:
    district = build(d.write_instance(tmp_path, settings=ENTRY))
    assert district.enrolment is None
    assert held(district.stock) == []


def test_in_mode_whole_the_return_is_read_and_nothing_continues(tmp_path: Path) -> None:
    district = build(d.write_instance(tmp_path, enrolment=[enrolled("S1", "1", 90, 2)]))
    assert held(district.enrolment) == [(0, "primary", "1", 90, 2)]
    assert district.stock is None


def test_chinese_headings_of_a_return(tmp_path: Path) -> None:
    row = {"学校标识码": "S1", "学段": "小学", "年级": "二年级", "在校生数": 88, "班数": 2}
    district = build(d.write_instance(tmp_path, settings=ENTRY, enrolment=[row]))
    assert held(district.stock) == [(0, "primary", "3", 88, 2)]


@pytest.mark.parametrize("back", [1, 2, 3])
def test_a_return_so_many_years_back_rolls_so_many_times(tmp_path: Path, back: int) -> None:
    settings = {"instance": {"mode": "entry", "enrolment_year": 2027 - back}}
    district = build(d.write_instance(tmp_path, settings=settings, enrolment=[enrolled("S1", "2", 40, 1)]))
    assert held(district.stock) == [(0, "primary", str(2 + back), 40, 1)]

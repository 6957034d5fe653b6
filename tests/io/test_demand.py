"""Who of the children counted is decided: mode, grade, year, capture and private share."""

from pathlib import Path
from typing import Any

import districts as d

from models.district import Demand, District
from optimizer.checks import check_source
from optimizer.io import build_district, read_source

KINDS = {"local": {"zoned": True}, "migrant": {"zoned": False}, "special": {"placed": True}}


def build(folder: Path) -> District:
    source = read_source(folder)
    assert {fault.code for fault in check_source(source).faults} == set()
    return build_district(source)


def entry(**sections: Any) -> dict[str, Any]:
    return {"instance": {"mode": "entry"}, **sections}


def counted(grade: str, students: int, unit: str = "U1", **cells: Any) -> dict[str, Any]:
    return {"unit_id": unit, "stage": "primary", "grade": grade, "students": students, **cells}


def held(demand: Demand) -> dict[tuple[str, str, str], int]:
    """Children of the first unit by stage, grade and category."""
    first = demand.students[0].tolist()
    return {(c.stage, c.grade, c.category): n for c, n in zip(demand.cohorts, first, strict=True)}


def test_entry_decides_the_entry_grade_and_counts_the_others(tmp_path: Path) -> None:
    rows = [counted("1", 30), counted("2", 29), counted("6", 28)]
    district = build(d.write_instance(tmp_path, settings=entry(), demand=rows))
    assert held(district.demand) == {("primary", "1", "local"): 30}
    assert held(district.counted[2027]) == {
        ("primary", "1", "local"): 30,
        ("primary", "2", "local"): 29,
        ("primary", "6", "local"): 28,
    }


def test_rows_without_a_grade_are_the_entry_grade(tmp_path: Path) -> None:
    district = build(d.write_instance(tmp_path, settings=entry(), demand=[counted("", 12), counted("1", 30)]))
    assert held(district.demand) == {("primary", "1", "local"): 42}


def test_whole_decides_every_grade(tmp_path: Path) -> None:
    district = build(d.write_instance(tmp_path, demand=[counted("", 12), counted("2", 30)]))
    assert held(district.demand) == {("primary", "", "local"): 12, ("primary", "2", "local"): 30}


def test_the_year_column(tmp_path: Path) -> None:
    """An empty year is the plan's; other years are kept for the outlook, each by itself."""
    rows = [counted("1", 1), counted("1", 2, year=2027), counted("1", 4, year=2028), counted("2", 8, year=2029)]
    district = build(d.write_instance(tmp_path, settings=entry(), demand=rows))
    assert held(district.demand) == {("primary", "1", "local"): 3}
    assert {year: held(demand) for year, demand in district.counted.items()} == {
        2027: {("primary", "1", "local"): 3},
        2028: {("primary", "1", "local"): 4},
        2029: {("primary", "2", "local"): 8},
    }


def test_younger_children_of_a_stage_that_is_not_planned_are_counted(tmp_path: Path) -> None:
    rows = [counted("1", 30), {"unit_id": "U1", "stage": "kindergarten", "grade": "K3", "students": 25}]
    district = build(d.write_instance(tmp_path, settings=entry(), demand=rows))
    assert held(district.demand) == {("primary", "1", "local"): 30}
    assert held(district.counted[2027]) == {("kindergarten", "K3", "local"): 25, ("primary", "1", "local"): 30}


def test_capture_times_private_share_rounded_half_up_row_by_row(tmp_path: Path) -> None:
    """100 x 0.97 x 0.92 = 89.24, so 89, and 11 are set aside; 50 x 0.97 x 0.92 = 44.62, so 45, and 5.

    25 x 0.5 x 1 = 12.5, so 13 by the shares of the row itself.
    """
    shares = {"capture": {"primary": 0.97}, "private_share": {"primary": 0.08}}
    rows = [
        counted("1", 100),
        counted("1", 50, category="migrant"),
        counted("1", 25, "U2", capture=0.5, private_share=0),
    ]
    district = build(d.write_instance(tmp_path, settings=entry(demand=shares, categories=KINDS), demand=rows))
    assert district.demand.students[:2].tolist() == [[89, 45], [13, 0]]
    assert district.demand.aside is not None
    assert district.demand.aside[:2].tolist() == [[11, 5], [12, 0]]


def test_shares_of_mode_whole_and_of_nobody(tmp_path: Path) -> None:
    """40 x 0.9 = 36 in each of nine units; without shares nobody is set aside."""
    some = build(d.write_instance(tmp_path / "some", settings={"demand": {"capture": {"primary": 0.9}}}))
    assert (some.demand.students.sum(), some.counted[2027].students.sum()) == (9 * 36, 9 * 36)
    assert build(d.write_instance(tmp_path / "all")).demand.aside is None


def test_placed_children_are_not_zoned_unless_said_so(tmp_path: Path) -> None:
    categories = build(d.write_instance(tmp_path, settings={"categories": KINDS})).settings.categories
    assert {name: (kind.zoned, kind.placed) for name, kind in categories.items()} == {
        "local": (True, False),
        "migrant": (False, False),
        "special": (False, True),
    }

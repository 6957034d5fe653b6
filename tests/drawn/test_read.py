"""Tables of drawn plans: what is read, and everything that is wrong with one, at once."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from builders import make_district, make_schools
from openpyxl import Workbook

from models.sentences import Language, find
from optimizer.checks.describe import describe, explain
from optimizer.checks.drawing import CODES
from optimizer.drawn import FaultyDrawing, NoSuchPlan, NothingDrawn, current_drawing, read_drawings, split_name

HEAD = "unit_id,stage,school_id"
AABB = [f"U{k},primary,{school}" for k, school in enumerate("AABB", start=1)]


def write(folder: Path, rows: Sequence[str], head: str = HEAD, name: str = "plan.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\r\n".join([head, *rows, ""]).encode(encoding))
    return path


def letters(drawing) -> list[str]:
    """Schools of each unit, one text a unit."""
    return ["".join("AB"[school] for school in row.nonzero()[0]) for row in drawing.held[:, :, 0]]


def codes(stop: pytest.ExceptionInfo[FaultyDrawing]) -> list[tuple[str, int]]:
    return [(fault.code, fault.row) for fault in stop.value.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_read_in_any_encoding_and_with_chinese_headings(tmp_path: Path, encoding: str) -> None:
    rows = [row.replace("primary", "小学") for row in AABB]
    path = write(tmp_path, rows, "小区编号,学段,学校编号", "划片.csv", encoding)
    (drawing,) = read_drawings(path, None, make_district())
    assert letters(drawing) == ["A", "A", "B", "B"]
    assert (drawing.name, drawing.title) == ("划片", "划片")
    assert [fault.code for fault in drawing.warnings] == (["F114"] if encoding == "gb18030" else [])


def test_a_workbook_is_read_too(tmp_path: Path) -> None:
    book = Workbook()
    for row in [HEAD, *AABB]:
        book.active.append(row.split(","))
    book.save(tmp_path / "plan.xlsx")
    (drawing,) = read_drawings(tmp_path / "plan.xlsx", None, make_district())
    assert letters(drawing) == ["A", "A", "B", "B"]


def test_a_file_may_hold_several_plans(tmp_path: Path) -> None:
    rows = [f"East,{row}" for row in AABB] + [f"West,{row.replace('B', 'A')}" for row in AABB]
    path = write(tmp_path, rows, f"plan,{HEAD}")
    east, west = read_drawings(path, None, make_district())
    assert (east.name, letters(east)) == ("East", ["A", "A", "B", "B"])
    assert (west.name, letters(west)) == ("West", ["A", "A", "A", "A"])
    assert [letters(each) for each in read_drawings(path, "West", make_district())] == [["A"] * 4]
    with pytest.raises(NoSuchPlan) as stop:
        read_drawings(path, "North", make_district())
    assert stop.value.known == ("East", "West")


def test_what_is_wrong_with_another_plan_of_the_file_is_not_told_of(tmp_path: Path) -> None:
    path = write(tmp_path, [*(f"East,{row}" for row in AABB), "West,U9,primary,A"], f"plan,{HEAD}")
    assert len(read_drawings(path, "East", make_district())) == 1
    with pytest.raises(FaultyDrawing):
        read_drawings(path, None, make_district())


def test_a_name_is_split_from_the_file_unless_the_file_is_called_so(tmp_path: Path) -> None:
    odd = write(tmp_path, AABB, name="a#b.csv")
    assert split_name(str(odd)) == (odd, None)
    assert split_name(f"{odd}#East") == (odd, "East")
    assert split_name("plans.csv") == (Path("plans.csv"), None)
    assert split_name("plans.csv#Opt 1") == (Path("plans.csv"), "Opt 1")


def test_every_finding_is_told_at_once(tmp_path: Path) -> None:
    """U1 twice, U2 at a private school, U3 at two schools, an unknown unit, school and stage; U4 has no row."""
    schools = make_schools({"A": 0, "B": 3, "0P1": 1}, private=[False, False, True])
    rows = [
        "U1,primary,A", "U1,primary,A", "U2,primary,0P1", "U3,primary,A", "U3,primary,B",
        "u 4,primary,B", "U2,primary,p1", "U2,primery,A",
    ]  # fmt: skip
    with pytest.raises(FaultyDrawing) as stop:
        read_drawings(write(tmp_path, rows), None, make_district(schools=schools))
    expected = [("D107", 3), ("D106", 4), ("D108", 6), ("D102", 7), ("D103", 8), ("D104", 9)]
    assert codes(stop) == [("D109", 0), *expected]
    meant = {fault.code: fault.facts.get("near") for fault in stop.value.faults}
    assert (meant["D102"], meant["D103"], meant["D104"]) == ("U4", "0P1", "primary")


def test_rows_that_say_the_same_are_told_of_once(tmp_path: Path) -> None:
    with pytest.raises(FaultyDrawing) as stop:
        read_drawings(write(tmp_path, [*AABB, *["U1,primary,A"] * 50]), None, make_district())
    assert codes(stop) == [("D107", 6)]
    assert stop.value.faults[0].facts["rows"] == 50


def test_units_without_children_may_be_left_out_and_shared_catchments_stay(tmp_path: Path) -> None:
    district = make_district(students=(30, 30, 0, 30), current={"U1": "A", "U2": "AB", "U3": "B", "U4": "B"})
    (drawing,) = read_drawings(
        write(tmp_path, ["U1,primary,A", "U2,primary,A", "U2,primary,B", "U4,primary,B"]), None, district
    )
    assert letters(drawing) == ["A", "AB", "", "B"]


def test_a_unit_may_be_divided_where_the_rules_let_it(tmp_path: Path) -> None:
    path = write(tmp_path, [*AABB, "U2,primary,B"])
    with pytest.raises(FaultyDrawing) as stop:
        read_drawings(path, None, make_district())
    assert codes(stop) == [("D108", 6)]
    (drawing,) = read_drawings(path, None, make_district(rules={"indivisible": "soft"}))
    assert letters(drawing)[1] == "AB"


def test_rows_of_other_stages_are_left_out_with_a_warning(tmp_path: Path) -> None:
    (drawing,) = read_drawings(write(tmp_path, [*AABB, "U1,junior,A", "U2,junior,A"]), None, make_district())
    (warning,) = drawing.warnings
    assert (warning.code, warning.row, warning.facts["rows"]) == ("D105", 6, 2)


def test_a_table_without_a_row_is_no_plan(tmp_path: Path) -> None:
    for rows in ([], ["U1,junior,A"]):
        with pytest.raises(FaultyDrawing) as stop:
            read_drawings(write(tmp_path, rows), None, make_district())
        assert [code for code, _ in codes(stop)] == ["D101"]


def test_a_missing_column_a_strange_format_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(FaultyDrawing) as stop:
        read_drawings(write(tmp_path, ["U1,A"], "unit_id,school_id"), None, make_district())
    assert [code for code, _ in codes(stop)] == ["T101"]
    with pytest.raises(FaultyDrawing) as stop:
        read_drawings(write(tmp_path, AABB, name="plan.docx"), None, make_district())
    assert [code for code, _ in codes(stop)] == ["F109"]
    with pytest.raises(FileNotFoundError):
        read_drawings(tmp_path / "nothing.csv", None, make_district())


def test_today_is_a_drawing_without_schools_that_are_shut() -> None:
    schools = make_schools({"A": 0, "B": 3, "C": 2}, status=("open", "open", "closed"))
    today = current_drawing(make_district(schools=schools, current={"U1": "A", "U2": "A", "U3": "C", "U4": "B"}))
    assert letters(today) == ["A", "A", "", "B"]
    assert (today.name, today.file) == ("current", "")
    with pytest.raises(NothingDrawn):
        current_drawing(make_district())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_finding_has_its_words(tmp_path: Path, language: Language) -> None:
    for code in CODES:
        assert explain(code, language)
        assert all(find(f"faults.{code}.{part}", language) for part in ("found", "expected", "remedy"))
    rows = ["U1,primary,C", "U2,primary,A", "U2,primary,A", "U3,primary,A", "U3,primary,B", "U9,x,A", "U4,junior,A"]
    schools = make_schools({"A": 0, "B": 3, "C": 2}, status=("open", "open", "closed"))
    with pytest.raises(FaultyDrawing) as stop:
        read_drawings(write(tmp_path, rows), None, make_district(schools=schools))
    for fault in stop.value.faults:
        told = describe(fault, language)
        assert "{" not in told.sentence + told.remedy


def test_a_table_of_another_district_is_one_fault(tmp_path: Path) -> None:
    rows = ["U1,primary,A", *(f"W{k},primary,X{k}" for k in range(9))]
    with pytest.raises(FaultyDrawing) as stop:
        read_drawings(write(tmp_path, rows), None, make_district())
    assert codes(stop) == [("D110", 0)]
    assert (stop.value.faults[0].facts["known"], stop.value.faults[0].facts["units"]) == ("1", "10")


def test_rows_of_stages_that_are_not_planned_are_told_of_beside_faults(tmp_path: Path) -> None:
    with pytest.raises(FaultyDrawing) as stop:
        read_drawings(write(tmp_path, [*AABB[:3], "U4,junior,B"]), None, make_district())
    assert codes(stop) == [("D109", 0), ("D105", 5)]

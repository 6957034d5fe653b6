"""`xuewei outlook`: what it prints, what it writes, how it ends."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from click.testing import CliRunner, Result
from districts import demand_rows, school_row, school_rows, unit_rows, write_instance

from cli import xuewei
from optimizer.export import fonts

FILES = {"outlook.csv", "outlook.gpkg", "outlook.png"}
UNITS = [f"U{number}" for number in range(1, 10)]


def run(*arguments: str | Path, language: str = "en") -> Result:
    return CliRunner().invoke(xuewei, ["--lang", language, "outlook", *map(str, arguments)])


@pytest.fixture
def no_chinese_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_candidates", lambda font: [])


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    """The grid of nine units with 40 children each, U1 to U5 at S1 and the others at S2, 300 places each."""
    return write_instance(tmp_path / "grid", current=current())


def current(**changed: str) -> list[dict[str, Any]]:
    schools = {unit: "S1" if unit <= "U5" else "S2" for unit in UNITS} | changed
    return [{"unit_id": unit, "stage": "primary", "school_id": school} for unit, school in schools.items()]


def test_the_district_then_the_schools_with_a_warning(grid: Path) -> None:
    result = run(grid, "--years", "2")
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.stdout.splitlines()]
    # 360 children in 600 places; S1 has 200 and S2 160 of 300, S2 with places to spare
    assert lines[3] == ["primary", "2027", "360", "61", "600", "-240", "60.0", "%", "to", "spare"]
    assert any(line[:1] == ["S2"] for line in lines)
    assert not any(line[:1] == ["S1"] for line in lines)
    assert "primary, short of places: none of 2 schools." in result.stdout
    # 61 entrants a year leave 140 places idle at S2 in 2027, more than in 2028
    assert "1 of 2 schools in some year, the first in 2027. Most in 2027: 140 places idle" in result.stdout
    assert "These are our own thresholds" in result.stdout


def test_that_places_are_unknown_is_said_once(tmp_path: Path) -> None:
    unknown = [row | {"places": "", "classrooms": 9} for row in school_rows()]
    folder = write_instance(tmp_path / "grid", current=current(), schools=unknown)
    # rooms alone say nothing of places where no policy caps a class
    assert run(folder).stdout.count("the places of no school are known") == 1


def test_as_json_it_is_one_document_with_every_year(grid: Path) -> None:
    document = json.loads(run(grid, "--years", "3", "--json").stdout)
    assert document["schema_version"] == 1
    assert document["years"] == [2027, 2028, 2029]
    assert len(document["schools"]) == 2 * 3
    assert document["district"][0]["children"] == 360
    assert document["thresholds"] == {"red": 1.0, "orange": 0.95, "yellow": 0.85, "surplus": 0.6}
    assert document["sources"] == {"primary": {"2027": "counted", "2028": "repeated", "2029": "repeated"}}
    assert [note["note"] for note in document["notes"]] == ["no_enrolment"]


def test_a_formula_in_a_name_stays_text_and_lines_end_as_in_other_tables(tmp_path: Path) -> None:
    named = [{**school_rows()[0], "name": "=1+1"}, school_rows()[1]]
    grid = write_instance(tmp_path / "grid", current=current(), schools=named)
    assert run(grid, "--out", tmp_path / "ahead").exit_code == 0
    written = (tmp_path / "ahead" / "outlook.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbfschool_id,name,stage,year,children,")
    assert written.count(b"\n") == written.count(b"\r\n") == 1 + 2 * 6
    assert b",'=1+1," in written


def test_it_writes_a_table_a_layer_and_a_picture(grid: Path, tmp_path: Path) -> None:
    result = run(grid, "--out", tmp_path / "ahead")
    assert result.exit_code == 0
    assert {file.name for file in (tmp_path / "ahead").iterdir()} == FILES
    layer = pyogrio.read_dataframe(tmp_path / "ahead" / "outlook.gpkg", layer="outlook")
    assert dict(zip(layer["school_id"], layer["level"], strict=True)) == {"S1": "", "S2": "surplus"}
    assert (tmp_path / "ahead" / "outlook.png").read_bytes().startswith(b"\x89PNG")
    assert "Written: " in result.stdout


def test_equal_outlooks_are_equal_byte_for_byte(grid: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run(grid, "--out", tmp_path / name).exit_code == 0
    for file in FILES:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_nothing_is_replaced_unasked_and_nothing_foreign_at_all(grid: Path, tmp_path: Path) -> None:
    out = tmp_path / "ahead"
    assert run(grid, "--out", out).exit_code == 0
    refused = run(grid, "--out", out, "--years", "1")
    assert (refused.exit_code, refused.stdout) == (6, "")
    assert run(grid, "--out", out, "--years", "1", "--force").exit_code == 0
    assert (out / "outlook.csv").read_bytes().count(b"\n") == 1 + 2
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me", encoding="utf-8")
    assert run(grid, "--out", tmp_path / "mine", "--force").exit_code == 6
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_what_cannot_be_written_leaves_nothing_behind(grid: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    before = set(tmp_path.iterdir())
    assert run(grid, "--out", tmp_path / "file" / "ahead").exit_code == 6
    assert set(tmp_path.iterdir()) == before


def test_faulty_input_is_3_as_in_check(tmp_path: Path) -> None:
    grid = write_instance(tmp_path / "grid", current=current(), demand=demand_rows(students=-4))
    result = run(grid, "--out", tmp_path / "ahead")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "T104" in result.stderr
    assert not (tmp_path / "ahead").exists()


def test_without_todays_catchments_there_is_no_outlook(tmp_path: Path) -> None:
    result = run(write_instance(tmp_path / "grid"), "--json")
    assert result.exit_code == 2
    assert "has no table current" in json.loads(result.stdout)["error"]


def test_a_path_or_scenario_that_is_not_there_is_2(grid: Path, tmp_path: Path) -> None:
    assert run(tmp_path / "nowhere").exit_code == 2
    (grid / "scenarios.toml").write_text("[scenarios]\nmore = []\n", encoding="utf-8")
    assert run(grid, "--scenario", "mor").exit_code == 2
    assert run(grid, "--scenario", "more").exit_code == 0


def test_no_more_than_twenty_schools_unless_all_are_asked_for(tmp_path: Path) -> None:
    schools = [school_row(f"S{number}", number - 0.5, 0.5, places=10) for number in range(1, 24)]
    lives = [{"unit_id": f"U{k}", "stage": "primary", "school_id": f"S{k}"} for k in range(1, 24)]
    folder = write_instance(
        tmp_path / "row", units=unit_rows(23, 1), demand=demand_rows(23), schools=schools, current=lives
    )
    short, every = run(folder).stdout, run(folder, "--all").stdout
    assert [sum(line[1:2].isdigit() for line in told.splitlines()) for told in (short, every)] == [20, 23]
    assert "... and 3 more" in short
    assert "more;" not in every


def test_it_speaks_chinese(grid: Path, tmp_path: Path, no_chinese_font: None) -> None:
    result = run(grid, "--out", tmp_path / "ahead", language="zh")
    assert result.exit_code == 0
    assert "学位" in result.stdout
    assert "free rooms" not in result.stdout


def test_the_solver_is_never_loaded(repository: Path, grid: Path) -> None:
    code = (
        "import sys, cli\n"
        f"try: cli.xuewei(['outlook', {str(grid)!r}])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('ortools', 'numba', 'matplotlib') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"


def test_binhe_has_schools_short_of_places_and_schools_with_places_to_spare(repository: Path) -> None:
    document = json.loads(run(repository / "instances" / "binhe", "--json").stdout)
    marked = {(row["stage"], row["level"]) for row in document["warnings"]}
    assert {("junior", "red"), ("primary", "surplus")} <= marked
    balance = {(row["stage"], row["kind"]): row for row in document["balance"]}
    for stage in ("primary", "junior"):
        gaps = [row["gap"] for row in document["schools"] if (row["stage"], row["year"]) == (stage, 2029)]
        assert balance[stage, "short"]["places"] >= sum(gap for gap in gaps if gap > 0)
    assert balance["junior", "short"]["worst_year"] == 2029
    assert balance["primary", "surplus"]["schools"] > balance["primary", "surplus"]["of"] / 2
    told = {(row["stage"], row["year"]): row["children"] for row in document["district"]}
    for (stage, year), children in told.items():
        rows = [row for row in document["schools"] if (row["stage"], row["year"]) == (stage, year)]
        assert sum(row["children"] for row in rows) == children
        assert all(row["children"] == row["continuing"] + row["entrants"] for row in rows)


def test_an_entry_district_read_from_its_folder(tmp_path: Path) -> None:
    """S1 returned 50 children in each grade of 2026; grade 1 loses a tenth; its five units count 8 a unit, then 4."""
    returned = [
        {"school_id": "S1", "stage": "primary", "grade": grade, "students": 50, "classes": 2} for grade in range(1, 7)
    ]
    counted = [
        row | {"grade": 1, "year": year} for year, size in ((2027, 8), (2028, 4)) for row in demand_rows(9, size)
    ]
    folder = write_instance(
        tmp_path / "grid",
        settings={"instance": {"mode": "entry", "enrolment_year": 2026}},
        current=current(),
        demand=counted,
        enrolment=returned,
        progression=[{"stage": "primary", "grade": 1, "rate": 0.9}],
    )
    document = json.loads(run(folder, "--years", "3", "--json").stdout)
    of_s1 = [row for row in document["schools"] if row["school_id"] == "S1"]
    # 45 + 4 x 50, then 36 + 45 + 3 x 50, then 4 x 5 x 0.9 = 18 + 36 + 45 + 2 x 50
    assert [row["continuing"] for row in of_s1] == [245, 231, 199]
    assert [row["entrants"] for row in of_s1] == [40, 20, 20]
    assert [row["source"] for row in of_s1] == ["counted", "counted", "repeated"]

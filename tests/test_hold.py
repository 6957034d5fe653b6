"""`xuewei solve --hold`: what it says, what it stores, what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from districts import demand_rows, school_rows, write_instance

from cli import xuewei

UNITS = [f"U{number}" for number in range(1, 10)]
LIMIT = ("--time-limit", "8")


def solve(folder: Path, out: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(xuewei, ["solve", str(folder), "--out", str(out), *LIMIT, *map(str, arguments)])


def instance(folder: Path, years: dict[int, int], **settings: Any) -> Path:
    """Nine units, U1 to U5 at S1 and the others at S2, two classes of 45 a grade at each; so many enter a unit."""
    current = [{"unit_id": unit, "stage": "primary", "school_id": "S1" if unit <= "U5" else "S2"} for unit in UNITS]
    schools = [row | {"places": "", "classrooms": 12} for row in school_rows()]
    stated = {"instance": {"mode": "entry"}, "policy": {"profile": "national"}} | settings
    demand = [row | {"grade": 1, "year": year} for year, size in years.items() for row in demand_rows(9, size)]
    return write_instance(folder, settings=stated, current=current, schools=schools, demand=demand)


def record(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "run.json").read_text(encoding="utf-8"))
    return found


def test_it_says_and_stores_the_years_and_who_is_beyond(tmp_path: Path) -> None:
    # five units of 18 fit the 90 places of a school in 2028; of 22 they are 110 in 2029, 20 too many
    folder = instance(tmp_path / "grid", {2027: 10, 2028: 18, 2029: 22})
    result = solve(folder, tmp_path / "runs", "--hold", "3")
    assert result.exit_code == 0, result.output
    assert "Catchments are drawn for the entrants of 2027-2029" in result.stdout
    assert "2028: everybody fits the schools of their catchments." in result.stdout
    run = record(tmp_path / "runs" / "base")
    assert run["hold"] == 3
    assert run["later"] == [{"year": year, "sources": {"primary": "counted"}} for year in (2028, 2029)]
    later = next(level for level in run["levels"] if level["name"] == "later")
    issues = json.loads((tmp_path / "runs" / "base" / "issues.json").read_text(encoding="utf-8"))
    beyond = [issue for issue in issues if issue["rule"] == "later"]
    assert later["value"] == sum(issue["breach"] for issue in beyond) == 20
    assert {(issue["detail"], issue["hardness"]) for issue in beyond} == {("2029", "soft")}
    assert "2029: 20 children beyond the places" in result.stdout
    shown = CliRunner().invoke(xuewei, ["show", str(tmp_path / "runs" / "base")])
    assert "2029: " in shown.stdout


def test_a_run_that_goes_on_from_another_holds_as_many_years_unless_told_otherwise(tmp_path: Path) -> None:
    folder = instance(tmp_path / "grid", {2027: 10, 2028: 18})
    assert solve(folder, tmp_path / "first", "--hold", "2").exit_code == 0
    start = tmp_path / "first" / "base"
    assert solve(folder, tmp_path / "second", "--from", start).exit_code == 0
    assert record(tmp_path / "second" / "base")["hold"] == 2
    assert solve(folder, tmp_path / "third", "--from", start, "--hold", "1").exit_code == 0
    assert record(tmp_path / "third" / "base")["hold"] == 1
    assert solve(folder, tmp_path / "alone").exit_code == 0
    assert (record(tmp_path / "alone" / "base")["hold"], record(tmp_path / "alone" / "base")["later"]) == (1, [])


@pytest.mark.parametrize(
    ("years", "settings", "hold", "said"),
    [
        ({2027: 10, 2028: 18}, {}, "3", "Nobody knows who enters in 2029"),
        ({2027: 10}, {}, "2", "Add rows to demand with year = 2028"),
        ({2027: 10, 2028: 18}, {"instance": {"mode": "whole"}}, "2", "mode whole is a study"),
        ({2027: 10, 2028: 18}, {}, "0", "0 is not in the range"),
    ],
)
def test_what_cannot_be_held_is_refused_in_words(
    tmp_path: Path, years: dict[int, int], settings: dict[str, Any], hold: str, said: str
) -> None:
    result = solve(instance(tmp_path / "grid", years, **settings), tmp_path / "runs", "--hold", hold)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert not (tmp_path / "runs").exists()

"""`xuewei explain` on instances/six, solved: answers that agree with the plan, and refusals that help."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from wording import banned_in

from cli import xuewei


def run(*arguments: str | Path, language: str = "en") -> Result:
    return CliRunner().invoke(xuewei, ["--lang", language, *map(str, arguments)])


@pytest.fixture(scope="module")
def place(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of instances/six and, in `runs`, its plan and a scenario without one."""
    folder = tmp_path_factory.mktemp("place")
    shutil.copytree(repository / "instances" / "six", folder / "six")
    for scenario, code in (("base", 0), ("wing_closed", 4)):
        call = ("--quiet", "solve", folder / "six", "--scenario", scenario, "--out", folder / "runs", "--workers", "1")
        assert run(*call).exit_code == code
    return folder


def test_distances_agree_with_the_plan(place: Path) -> None:
    plan = pd.read_csv(place / "runs" / "base" / "assignments.csv", encoding="utf-8-sig")
    assert len(plan) == 6
    for unit, school, students, metres in plan[["unit_id", "school_id", "students", "metres"]].itertuples(index=False):
        result = run("explain", place / "runs" / "base", "--unit", unit, "--json")
        assert result.exit_code == 0, result.output
        (stage,) = json.loads(result.stdout)["answer"]["stages"]
        assert (stage["schools"], [round(m) for m in stage["metres"]]) == ([school], [metres])
        assert [(seat["students"], seat["metres"]) for seat in stage["seats"]] == [(students, metres)]


def test_why_u2_goes_to_the_school_that_is_farther_away(place: Path) -> None:
    """instances/six/README.md: with U2 school B would have 55 children a grade, two classes in one room."""
    told = run("explain", place / "runs" / "base", "--unit", "U2").stdout
    assert "belongs to A Abbey Primary (707 m); 90 children" in told
    assert "B Brook Primary, 500 m: not allowed. B (all stages) runs 12 classes in 6 rooms." in told


@pytest.mark.parametrize("asked", [("--unit", "U2"), ("--unit", "U6"), ("--school", "A"), ("--school", "B")])
def test_chinese_is_written_for_a_bureau(place: Path, asked: tuple[str, str]) -> None:
    result = run("explain", place / "runs" / "base", *asked, language="zh")
    assert result.exit_code == 0, result.output
    assert banned_in(result.output) == []
    assert not {"None", "nan"} & set(result.output.split())


def test_an_id_that_is_not_known_is_2_and_the_nearest_are_named(place: Path) -> None:
    result = run("explain", place / "runs" / "base", "--unit", "U22")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Did you mean U2" in result.stderr


@pytest.mark.parametrize("asked", [("--unit", "U2"), ("--school", "A")])
def test_a_stage_that_is_not_planned_there_is_2(place: Path, asked: tuple[str, str]) -> None:
    result = run("explain", place / "runs" / "base", *asked, "--stage", "junior")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "plans nothing of the stage junior" in result.stderr


@pytest.mark.parametrize("asked", [(), ("--unit", "U1", "--school", "A"), ("--teacher", "T1", "--stage", "primary")])
def test_a_question_that_is_none_is_2(place: Path, asked: tuple[str, ...]) -> None:
    assert run("explain", place / "runs" / "base", *asked).exit_code == 2


def test_a_run_without_a_plan_leads_to_diagnose(place: Path) -> None:
    result = run("explain", place / "runs" / "wing_closed", "--unit", "U1")
    assert result.exit_code == 2
    assert f"xuewei diagnose {place / 'six'} --scenario wing_closed" in result.stderr


def test_a_run_without_posts_posts_no_teacher(place: Path) -> None:
    result = run("explain", place / "runs" / "base", "--teacher", "T1")
    assert result.exit_code == 2
    assert "decides no posts" in result.stderr


def test_an_instance_that_was_moved_is_named_by_hand(place: Path, tmp_path: Path) -> None:
    shutil.copytree(place, tmp_path / "copy")
    record = tmp_path / "copy" / "runs" / "base" / "run.json"
    text = record.read_text(encoding="utf-8")
    record.write_text(text.replace((place / "six").as_posix(), "nowhere"), encoding="utf-8")
    call = ("explain", record.parent, "--unit", "U2")
    gone = run(*call)
    assert gone.exit_code == 2
    assert "--instance" in gone.stderr
    found = run(*call, "--instance", tmp_path / "copy" / "six")
    assert found.stdout == run("explain", place / "runs" / "base", "--unit", "U2").stdout


def test_the_instance_is_found_from_above_the_run(place: Path, tmp_path: Path) -> None:
    shutil.copytree(place, tmp_path / "copy")
    record = tmp_path / "copy" / "runs" / "base" / "run.json"
    text = record.read_text(encoding="utf-8")
    record.write_text(text.replace((place / "six").as_posix(), "six"), encoding="utf-8")
    assert run("explain", record.parent, "--unit", "U2").exit_code == 0


def test_an_instance_that_changed_is_refused_with_its_files(place: Path, tmp_path: Path) -> None:
    shutil.copytree(place / "six", tmp_path / "six")
    demand = tmp_path / "six" / "demand.csv"
    demand.write_text(demand.read_text(encoding="utf-8").replace(",20", ",21", 1), encoding="utf-8")
    result = run("explain", place / "runs" / "base", "--unit", "U2", "--instance", tmp_path / "six")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "demand.csv" in result.stderr


def test_further_scenarios_and_teachers_do_not_matter(place: Path, tmp_path: Path) -> None:
    shutil.copytree(place / "six", tmp_path / "six")
    with (tmp_path / "six" / "scenarios.toml").open("a", encoding="utf-8") as file:
        file.write("\n# one more line\n")
    result = run("explain", place / "runs" / "base", "--unit", "U2", "--instance", tmp_path / "six")
    assert result.exit_code == 0, result.output
    assert "scenarios.toml" in result.stderr

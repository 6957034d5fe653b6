"""The command line: exit codes, what goes to stdout and what to stderr, JSON, and help in two languages."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from districts import demand_rows, school_row, write_instance

from cli import xuewei
from models.outcome import Status
from models.sentences import find

COMMANDS = sorted(xuewei.commands)


def run(*arguments: str | Path) -> Result:
    """Run the program in this process, in English."""
    return CliRunner().invoke(xuewei, ["--lang", "en", *map(str, arguments)])


@pytest.fixture(scope="module")
def six(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of instances/six."""
    out = tmp_path_factory.mktemp("runs")
    result = run("--quiet", "solve", repository / "instances" / "six", "--out", out, "--workers", "1", "--seed", "1")
    assert result.exit_code == 0, result.output
    return out / "base"


def one_document(result: Result) -> Any:
    """The one JSON document on stdout."""
    document = json.loads(result.stdout)
    assert document["schema_version"] == 1
    return document


# Help


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_command_helps_with_an_example(command: str, language: str) -> None:
    result = CliRunner().invoke(xuewei, ["--lang", language, command, "--help"])
    assert result.exit_code == 0
    example = find(f"cli.commands.{command}.example", "zh" if language == "zh" else "en")
    assert example and example.startswith(f"xuewei {command} ")
    assert "".join(example.split()) in "".join(result.output.split())


def test_the_language_may_stand_behind_the_command(repository: Path) -> None:
    six = str(repository / "instances" / "six")
    first, last = (
        CliRunner().invoke(xuewei, call) for call in (["--lang", "zh", "check", six], ["check", six, "--lang", "zh"])
    )
    assert first.stdout == last.stdout
    assert "没有错误" in last.stdout


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["--lang", "--quiet", "--verbose"])
def test_every_command_takes_the_ways_of_speaking(command: str, option: str) -> None:
    assert option in CliRunner().invoke(xuewei, [command, "--help"]).output


def test_what_is_said_before_the_command_holds_behind_it_too(repository: Path) -> None:
    """Options that stand behind a command are not there take nothing back."""
    result = CliRunner().invoke(xuewei, ["--lang", "zh", "--quiet", "check", str(repository / "instances" / "six")])
    assert "没有错误" in result.stdout


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (["solve"], ["用法：", "缺少 'INSTANCE'"]),
        (["solve", "--nonsense", "x"], ["没有选项 --nonsense"]),
        (["nonsense"], ["没有命令 nonsense"]),
        (["solve", "x", "--gap", "nan"], ["'--gap' 的值不对：nan 不是有限的数"]),
        (["check"], ["请给出数据文件夹"]),
        (["new", "x", "--units", "3"], ["8 所学校至少需要 32 个小区"]),
    ],
)
@pytest.mark.parametrize("behind", [True, False])
def test_a_wrong_call_is_told_in_the_language_asked_for(call: list[str], words: list[str], behind: bool) -> None:
    language = ["--lang=zh"]
    result = CliRunner().invoke(xuewei, [*call, *language] if behind else [*language, *call])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert [word for word in (*words, "错误", "查看用法") if word not in result.stderr] == []
    assert "Usage" not in result.stderr


def test_help_has_chinese_headings() -> None:
    told = CliRunner().invoke(xuewei, ["--lang", "zh", "--help"]).output
    assert [word for word in ("用法：", "选项", "命令", "显示帮助并退出") if word not in told] == []
    assert not {"Usage:", "Options:", "Commands:"} & set(told.split())


@pytest.mark.parametrize("command", [xuewei, *(xuewei.commands[name] for name in COMMANDS)], ids=lambda c: c.name)
def test_every_option_has_its_sentence(command: click.Command) -> None:
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    unsaid = [option.name for option in options if not find(f"cli.options.{option.name}") and not option.help]
    assert unsaid == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str, repository: Path) -> None:
    assert f"xuewei {command}" in (repository / "README.md").read_text(encoding="utf-8")


def test_help_imports_nothing_heavy(repository: Path) -> None:
    heavy = {"numpy", "pandas", "geopandas", "matplotlib", "ortools", "scipy"}
    code = "import sys, cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True)
    assert not heavy & set(loaded.stdout.split())


def test_checking_imports_no_solver(repository: Path) -> None:
    code = "import sys, optimizer.checks.instance; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True)
    assert not {"ortools", "numba", "matplotlib"} & set(loaded.stdout.split())


# Exit codes


def test_a_usage_error_is_2() -> None:
    assert run("solve").exit_code == 2
    assert run("nonsense").exit_code == 2
    assert run("check").exit_code == 2


@pytest.mark.parametrize(
    ("option", "number"), [("--gap", "nan"), ("--gap", "inf"), ("--time-limit", "nan"), ("--time-limit", "inf")]
)
def test_a_number_that_is_not_finite_is_2(option: str, number: str, repository: Path) -> None:
    result = run("solve", repository / "instances" / "six", option, number)
    assert result.exit_code == 2
    assert f"{number} is not a finite number" in result.stderr


def test_a_path_that_is_not_there_is_2(tmp_path: Path) -> None:
    for command in ("check", "solve", "show", "indices", "export"):
        result = run(command, tmp_path / "nowhere")
        assert (result.exit_code, result.stdout) == (2, ""), command
        assert "nowhere" in result.stderr


def test_an_unknown_scenario_is_2_and_the_known_are_named(repository: Path, tmp_path: Path) -> None:
    result = run("solve", repository / "instances" / "six", "--scenario", "new_ving", "--out", tmp_path)
    assert result.exit_code == 2
    assert "new_wing" in result.stderr
    assert not list(tmp_path.iterdir())


def test_faulty_input_is_3_and_writes_nothing(tmp_path: Path) -> None:
    write_instance(tmp_path / "in", demand=demand_rows(students=-4))
    result = run("solve", tmp_path / "in", "--out", tmp_path / "out")
    assert result.exit_code == 3
    assert result.stdout == ""
    assert "-4" in result.stderr
    assert "Nothing was solved" in result.stderr
    said = [line.strip() for line in result.stderr.splitlines()]
    remedy = find("faults.T104.remedy", "en")
    assert remedy in said
    assert not (tmp_path / "out").exists()


def test_a_plan_is_0(six: Path) -> None:
    assert json.loads((six / "run.json").read_text(encoding="utf-8"))["status"] == "optimal"


@pytest.mark.parametrize("name", ["..", "a/b"])
def test_a_scenario_that_cannot_be_a_folder_is_3(tmp_path: Path, name: str) -> None:
    folder = write_instance(tmp_path / "in")
    (folder / "scenarios.toml").write_text(f'[scenarios]\n"{name}" = []\n', encoding="utf-8")
    result = run("solve", folder, "--scenario", name, "--out", tmp_path / "out")
    assert result.exit_code == 3
    assert "C102" in result.stderr


def test_a_district_without_children_has_a_plan(tmp_path: Path) -> None:
    folder = write_instance(tmp_path / "in", demand=demand_rows(students=0))
    result = run("solve", folder, "--out", tmp_path / "out", "--workers", "1")
    assert result.exit_code == 0, result.output
    assert "Proved best." in result.stdout
    assert run("show", tmp_path / "out" / "base").exit_code == 0


def test_no_plan_possible_is_4_with_a_diagnosis(repository: Path, tmp_path: Path) -> None:
    result = run("solve", repository / "instances" / "six", "--scenario", "wing_closed", "--out", tmp_path)
    assert result.exit_code == 4
    assert "No plan keeps every hard rule" in result.stdout
    assert {file.name for file in (tmp_path / "wing_closed").iterdir()} == {"run.json", "diagnosis.json"}


def test_an_existing_run_is_6_and_stays(repository: Path, six: Path) -> None:
    before = (six / "run.json").read_bytes()
    result = run("solve", repository / "instances" / "six", "--out", six.parent)
    assert result.exit_code == 6
    assert "--force" in result.stderr
    assert (six / "run.json").read_bytes() == before


def solve_with(monkeypatch: pytest.MonkeyPatch, solve: Callable[..., Any], *arguments: str | Path) -> Result:
    monkeypatch.setattr("optimizer.pipeline.solve_instance", solve)
    return run("--quiet", "solve", *arguments)


def test_a_fault_of_ours_is_70_with_a_traceback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("not the planner's fault")

    write_instance(tmp_path)
    result = solve_with(monkeypatch, broken, tmp_path)
    assert result.exit_code == 70
    assert "Traceback" in result.stderr
    assert "not the planner's fault" in result.stderr


def test_a_full_disk_is_6(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "somewhere")

    write_instance(tmp_path)
    result = solve_with(monkeypatch, full, tmp_path)
    assert result.exit_code == 6
    assert "No space left on device" in result.stderr


def test_an_interruption_is_130_and_ends_the_row(monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    asked = []

    def interrupted(_folder: Path, scenario: str, *_: object, **__: object) -> None:
        asked.append(scenario)
        raise KeyboardInterrupt

    six = repository / "instances" / "six"
    result = solve_with(monkeypatch, interrupted, six, "--scenario", "base", "--scenario", "new_wing")
    assert result.exit_code == 130
    assert asked == ["base"]
    assert "new_wing" in result.stderr


def test_the_gravest_ending_of_several_is_given(monkeypatch: pytest.MonkeyPatch, repository: Path, six: Path) -> None:
    def solve(_folder: Path, scenario: str, *_: object, **__: object) -> Any:
        status = {"base": Status.INFEASIBLE, "new_wing": Status.NO_PLAN}.get(scenario, Status.OPTIMAL)
        outcome = SimpleNamespace(status=status, interrupted=False)
        return SimpleNamespace(folder=six, run=SimpleNamespace(outcome=outcome), warnings=())

    names = ["--scenario", "base", "--scenario", "new_wing", "--scenario", "wing_closed"]
    result = solve_with(monkeypatch, solve, repository / "instances" / "six", *names)
    assert result.exit_code == 5
    assert result.stdout.index("base:") < result.stdout.index("new_wing:") < result.stdout.index("wing_closed:")


def test_a_map_without_its_names_is_told_once(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optimizer.export.fonts._candidates", lambda font: [])
    folder = tmp_path / "six"
    shutil.copytree(repository / "instances" / "six", folder)
    text = (folder / "schools.csv").read_text(encoding="utf-8-sig")
    (folder / "schools.csv").write_text(text.replace("Abbey Primary", "古塔小学"), encoding="utf-8")
    result = run("solve", folder, "--scenario", "base", "--scenario", "new_wing", "--out", tmp_path / "out")
    assert (result.exit_code, result.stderr.count("xuewei export --font PATH")) == (0, 1)


# What is printed


def test_solve_says_what_was_proved_and_where_it_lies(six: Path) -> None:
    # instances/six/README.md works it out by hand: 258.6 student-km, 720 children, 359 m.
    result = run("show", six)
    assert result.exit_code == 0
    assert "Proved best: 359 m on average." in result.stdout
    assert "Children placed: primary 720." in result.stdout
    assert str(six) in result.stdout


def test_show_in_chinese(six: Path) -> None:
    result = CliRunner().invoke(xuewei, ["--lang", "zh", "show", str(six)])
    assert "已证明最优：平均就学距离 359 m。" in result.stdout
    assert "小学 720 人" in result.stdout


def test_show_as_json(six: Path) -> None:
    document = one_document(run("show", six, "--json"))
    assert document["run"]["status"] == "optimal"
    assert {row["school_id"]: row["students"] for row in document["schools"]} == {"A": 480, "B": 240}
    assert document["issues"] == []


def test_show_one_table(six: Path) -> None:
    lines = run("show", six, "--table", "classes").stdout.splitlines()
    assert lines[0].split() == ["school", "stage", "grade", "students", "classes", "largest", "class", "origin"]
    assert lines[1].split() == ["A", "primary", "grade", "1", "80", "2", "40", "formed"]
    document = one_document(run("show", six, "--table", "schools", "--json"))
    assert [row["students"] for row in document["rows"]] == [480, 240]
    assert run("show", six, "--table", "coordination").exit_code == 0


def test_indices_for_people_and_as_json(six: Path) -> None:
    told = run("indices", six)
    assert "Mean journey" in told.stdout
    rows = one_document(run("indices", six, "--json"))["indices"]
    mean = [row["value"] for row in rows if row["index"] == "mean_m" and row["scope"] == "district"]
    assert mean[0] == pytest.approx(359, abs=1)


def test_check_as_json_on_sound_and_faulty_input(repository: Path, tmp_path: Path) -> None:
    sound = run("check", repository / "instances" / "six", "--json")
    assert (sound.exit_code, one_document(sound)["faults"]) == (0, [])
    write_instance(tmp_path, demand=demand_rows(students=-4))
    faulty = run("check", tmp_path, "--json")
    assert faulty.exit_code == 3
    fault = one_document(faulty)["faults"][0]
    assert fault["file"] == "demand.csv"
    assert fault["expected"]


def test_a_refusal_as_json_is_one_document(tmp_path: Path) -> None:
    result = run("show", tmp_path / "nowhere", "--json")
    assert one_document(result)["exit_code"] == result.exit_code == 2


def test_check_explains_every_code_it_shows(tmp_path: Path) -> None:
    write_instance(tmp_path, demand=demand_rows(students=-4))
    code = one_document(run("check", tmp_path, "--json"))["faults"][0]["code"]
    assert run("check", "--explain", code).exit_code == 0
    assert run("check", "--explain", "X999").exit_code == 2


def test_show_suggests_the_run_inside_a_folder(six: Path) -> None:
    result = run("show", six.parent)
    assert result.exit_code == 2
    assert str(six) in result.stderr


@pytest.mark.parametrize("command", ["check", "solve", "show", "export"])
def test_a_file_is_not_told_of_as_missing(command: str, tmp_path: Path) -> None:
    (tmp_path / "plan").write_text("", encoding="utf-8")
    result = run(command, tmp_path / "plan")
    assert (result.exit_code, "is no folder" in result.stderr) == (2, True)


def test_a_damaged_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{", encoding="utf-8")
    result = run("show", tmp_path)
    assert (result.exit_code, "Traceback" in result.output) == (2, False)


# Writing


def test_export_draws_and_overwrites_nothing_unasked(six: Path, tmp_path: Path) -> None:
    picture = tmp_path / "map.png"
    assert run("export", six, "--out", picture).exit_code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert run("export", six, "--out", picture).exit_code == 6
    assert run("export", six, "--out", picture, "--force").exit_code == 0


@pytest.mark.parametrize("name", ["map.jpg", "map.png.txt"])
def test_export_refuses_endings_it_does_not_draw(six: Path, tmp_path: Path, name: str) -> None:
    result = run("export", six, "--out", tmp_path / name)
    assert (result.exit_code, ".png, .pdf, .svg" in result.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["file/map.png", "x" * 300 + ".png"])
def test_a_map_that_cannot_be_written_is_6(six: Path, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = run("export", six, "--out", tmp_path / place)
    assert (result.exit_code, "Traceback" in result.output) == (6, False)
    assert f"Cannot write {tmp_path / place}" in result.stderr
    assert ".partial" not in result.stderr


def test_a_district_that_cannot_be_written_is_6(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = run("new", tmp_path / "file" / "mine")
    assert (result.exit_code, f"Cannot write {tmp_path / 'file' / 'mine'}" in result.stderr) == (6, True)


def test_an_argument_cannot_steer_the_terminal(repository: Path, tmp_path: Path) -> None:
    result = run("check", repository / "instances" / "six", "--scenario", "\x1b[2J")
    assert (result.exit_code, "\x1b" in result.output) == (2, False)
    write_instance(tmp_path / "\x1b[2J")
    assert "\x1b" not in run("check", tmp_path / "\x1b[2J").output


def test_export_draws_a_pdf(six: Path, tmp_path: Path) -> None:
    assert run("export", six, "--out", tmp_path / "map.pdf").exit_code == 0
    assert (tmp_path / "map.pdf").read_bytes().startswith(b"%PDF")


def test_a_map_of_a_run_without_a_plan_is_2(repository: Path, tmp_path: Path) -> None:
    run("solve", repository / "instances" / "six", "--scenario", "wing_closed", "--out", tmp_path)
    result = run("export", tmp_path / "wing_closed", "--only", "map")
    assert result.exit_code == 2
    assert "infeasible" in result.stderr


def test_new_writes_a_district_that_checks(tmp_path: Path) -> None:
    assert run("new", tmp_path / "mine", "--units", "16", "--schools", "2").exit_code == 0
    assert run("check", tmp_path / "mine").exit_code == 0
    assert run("new", tmp_path / "mine").exit_code == 6
    assert run("new", tmp_path / "other", "--units", "5").exit_code == 2


def test_starting_from_a_run_keeps_its_plan(repository: Path, six: Path, tmp_path: Path) -> None:
    result = run("--quiet", "solve", repository / "instances" / "six", "--from", six, "--out", tmp_path)
    assert result.exit_code == 0
    assert (tmp_path / "base" / "catchments.csv").read_bytes() == (six / "catchments.csv").read_bytes()


def test_a_run_of_another_district_is_no_start(six: Path, tmp_path: Path) -> None:
    write_instance(tmp_path / "grid", schools=[school_row("S1", 0.5, 1.5), school_row("S2", 2.5, 1.5)])
    result = run("solve", tmp_path / "grid", "--from", six, "--out", tmp_path / "out")
    assert (result.exit_code, "a run of six" in result.stderr) == (2, True)
    assert not (tmp_path / "out").exists()


def test_a_run_that_fits_in_part_is_told_of(six: Path, tmp_path: Path) -> None:
    """The units U1 to U6 are in both; of the schools A is, B is not."""
    write_instance(tmp_path / "grid", schools=[school_row("A", 0.5, 1.5), school_row("S2", 2.5, 1.5)])
    result = run("solve", tmp_path / "grid", "--from", six, "--out", tmp_path / "out", "--workers", "1")
    assert result.exit_code == 0
    assert "a run of six, not of grid" in result.stderr
    assert "4 of 6 catchment rows" in result.stderr


# The program as a process


def test_the_program_answers_in_an_encoding_without_chinese(repository: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "XUEWEI_LANG": "zh", "PYTHONUTF8": "0"}
    program = [sys.executable, str(repository / "cli.py"), "check", str(repository / "instances" / "six")]
    result = subprocess.run(program, env=environment, capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
    assert b"base" in result.stdout


def test_the_installed_command_is_the_same_program() -> None:
    command = shutil.which("xuewei", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("needs the program installed beside this Python")
    result = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert result.stdout.startswith("xuewei ")

"""What the terminal and the lists say in Chinese: no English sentence, and no word that a bureau would not use."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from wording import banned_in

from cli import SHOWN_TABLES, xuewei

ENGLISH = re.compile(r"[A-Za-z]?[a-z']+(?:,? [a-z']{2,}){2,}")
"""Three words in a row: names of files, keys and options stand alone or in a call."""
CALL = re.compile(r"`[^`]*`|^ *xuewei .*$", re.MULTILINE)
KEPT = """
[scenarios]
kept = ["kept"]

[overrides.kept.catchments]
change = "none"

[overrides.kept.schools]
"P01" = { classrooms = 4 }
"""
"""Today's catchments stay, and P01 has too few classrooms for its own."""


def run(*arguments: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(xuewei, ["--lang", "zh", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.output


def judge(told: dict[str, str]) -> dict[str, list[str]]:
    """What is English or banned in each text, calls and the working folder aside."""
    found = {name: [*ENGLISH.findall(CALL.sub("", text)), *banned_in(text)] for name, text in told.items()}
    return {name: words for name, words in found.items() if words}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up district in `nd`, its plan in `runs/base`, and `runs/kept` without one."""
    folder = tmp_path_factory.mktemp("zh")
    run("new", folder / "nd", "--units", "32", "--schools", "4")
    (folder / "nd" / "scenarios.toml").write_text(KEPT, encoding="utf-8")
    told = run("-v", "solve", folder / "nd", "--out", folder / "runs", "--workers", "1")
    told += run("-v", "solve", folder / "nd", "--scenario", "kept", "--out", folder / "runs", "--workers", "1", code=4)
    (folder / "solve.txt").write_text(told, encoding="utf-8")
    return folder


def answers(place: Path) -> Iterator[tuple[str, str]]:
    """What every command prints, by the command."""
    instance, base, kept = place / "nd", place / "runs" / "base", place / "runs" / "kept"
    yield "solve", (place / "solve.txt").read_text(encoding="utf-8")
    yield "check", run("-v", "check", instance)
    yield "outlook", run("outlook", instance, "--all")
    yield "show kept", run("show", kept)
    yield "diagnose", run("diagnose", instance, "--scenario", "kept", "--students-only", "--workers", "1", code=4)
    yield "indices", run("indices", base)
    yield "explain school", run("explain", base, "--school", "N01")
    yield "explain unit", run("explain", base, "--unit", "U001")
    yield "explain teacher", run("explain", base, "--teacher", "T0001")
    yield "no such run", run("show", instance, code=2)
    for table in SHOWN_TABLES:
        yield f"show {table}", run("show", base, "--table", table)


def test_the_terminal_speaks_chinese(place: Path) -> None:
    told = dict(answers(place))
    assert len(told) > 20
    assert judge(told) == {}


def test_the_lists_and_the_files_of_a_new_district_speak_chinese(place: Path, tmp_path: Path) -> None:
    run("lists", place / "runs" / "base", "--out", tmp_path / "lists")
    told = {file.name: file.read_text(encoding="utf-8-sig") for file in (tmp_path / "lists").iterdir()}
    told |= {name: (place / "nd" / name).read_text(encoding="utf-8") for name in ("instance.toml", "README.md")}
    assert len(told) > 10
    assert judge(told) == {}


def test_the_tables_of_a_run_give_reasons_in_chinese(place: Path) -> None:
    told = {
        name: (place / "runs" / "base" / name).read_text(encoding="utf-8-sig")
        for name in ("changes.csv", "postings.csv")
    }
    assert judge(told) == {}


@pytest.mark.parametrize("command", sorted(xuewei.commands))
def test_the_help_speaks_chinese(command: str) -> None:
    assert judge({command: run(command, "--help")}) == {}

"""Calls of `xuewei lists`, and what they wrote."""

import csv

from click.testing import CliRunner

from cli import xuewei


def lists(folder, *options, language="en"):
    """Call `xuewei lists`."""
    return CliRunner().invoke(xuewei, ["--lang", language, "lists", str(folder), *map(str, options)])


def written(folder, *options, language="en"):
    """The folder of the lists that the call wrote."""
    result = lists(folder, *options, language=language)
    assert result.exit_code == 0, result.output
    return folder / "lists"


def rows(file):
    """Every row of a list, the heading first."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines, strict=True))

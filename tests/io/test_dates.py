"""Days in the spellings that bureaux use."""

from datetime import date
from pathlib import Path

import districts as d
import numpy as np
import openpyxl
import pytest

from optimizer.checks import check_source
from optimizer.io import read_source
from optimizer.io.dates import read_day


@pytest.mark.parametrize(
    "cell",
    [
        "2017-08-31",
        "2017/8/31",
        "2017.8.31",
        "2017.08.31",
        "2017年8月31日",
        "2017年08月31日",
        "20170831",
        "42978",
        "2017-08-31 00:00:00",
        "2017-08-31T00:00:00.000",
    ],
)
def test_every_spelling_names_the_same_day(cell: str) -> None:
    assert read_day(cell) == np.datetime64("2017-08-31")


def test_a_month_is_its_first_day() -> None:
    assert read_day("2017年8月") == np.datetime64("2017-08-01")


@pytest.mark.parametrize(
    "cell",
    [
        *("", "soon", "2017", "2017.8", "2017-8/31", "31.8.2017", "2017-02-29", "20171301", "0000-01-01"),
        *("２０１７-08-31", "2017-08-31 12:30", "4297", "429780"),
    ],
)
def test_what_names_no_day_is_none(cell: str) -> None:
    assert np.isnat(read_day(cell))


def test_dates_of_a_spreadsheet(tmp_path: Path) -> None:
    """A cell formatted as a date, the number a spreadsheet keeps for it, and one left empty."""
    folder = d.write_instance(tmp_path)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["teacher_id", "stage", "subject", "school_id", "joined_school"])
    for number, joined in enumerate((date(2017, 8, 31), 42978, None)):
        sheet.append([f"T{number}", "小学", "数学", "S1", joined])
    book.save(folder / "teachers.xlsx")
    source = read_source(folder)
    assert check_source(source).faults == ()
    days = source.tables["teachers"].days("joined_school")
    assert days[:2].tolist() == [date(2017, 8, 31)] * 2
    assert np.isnat(days[2])

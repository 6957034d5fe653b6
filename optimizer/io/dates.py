"""Days as people write them: 2017-08-31, 2017/8/31, 2017.8.31, 2017年8月31日, 2017年8月, 20170831, 42978."""

import re
from datetime import date
from functools import lru_cache

import numpy as np

NO_DAY = np.datetime64("NaT", "D")
SPREADSHEET_EPOCH = np.datetime64("1899-12-30", "D")
"""The day before the first of a spreadsheet, less one for the 29 February 1900 that spreadsheets count."""

_SHAPES = tuple(
    re.compile(shape, re.ASCII)
    for shape in (
        r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?",
        r"(\d{4})(年)(\d{1,2})月(?:(\d{1,2})日)?",
        r"(\d{4})()(\d{2})(\d{2})",
    )
)
_SERIAL = re.compile(r"\d{5}", re.ASCII)


@lru_cache(maxsize=100_000)
def read_day(cell: str) -> np.datetime64:
    """Return the day that a cell names, NaT where it is empty or names none.

    A month without a day is its first. Five digits are the serial number of a spreadsheet, a day from 1927 to 2173.
    """
    if _SERIAL.fullmatch(cell):
        return SPREADSHEET_EPOCH + np.timedelta64(int(cell), "D")
    for shape in _SHAPES:
        if (found := shape.fullmatch(cell)) is not None:
            return _day(int(found[1]), int(found[3]), int(found[4] or 1))
    return NO_DAY


def _day(year: int, month: int, day: int) -> np.datetime64:
    try:
        return np.datetime64(date(year, month, day), "D")
    except ValueError:
        return NO_DAY

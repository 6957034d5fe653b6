"""CSV as the contract wants it: UTF-8 with BOM, ids exact, and no text that a spreadsheet runs as a formula."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.io.formulas import SIGNS

_TEXT = ("name", "unit_name")
"""Columns of free text. Ids stand exactly as the instance has them: the checks refuse those that are formulas."""


def write_csv(table: pd.DataFrame, path: Path | BytesIO) -> None:
    """Write a table; free text that begins like a formula gets an apostrophe before it, which `read_csv` takes off.

    Lines end in CR LF (RFC 4180): the writer quotes the characters of its line end, so that names may hold either.
    """
    safe = table.copy()
    for column in safe.columns.intersection(list(_TEXT)):
        safe[column] = [guard(text) for text in safe[column]]
    safe.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def read_csv(path: Path | BytesIO) -> pd.DataFrame:
    """Read a table that `write_csv` wrote, as text; index 0 is the row below the headings.

    Rows and columns that a spreadsheet added and left empty are left out.
    """
    table = pd.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False)
    filled = table != ""
    table = table.loc[filled.any(axis=1), [*(filled.any() | ~table.columns.str.startswith("Unnamed: "))]]
    for column in table.columns.intersection(list(_TEXT)):
        table[column] = [unguard(text) for text in table[column]]
    return table


def guard(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula; an apostrophe of its own is doubled."""
    return f"'{text}" if text.startswith((*SIGNS, "'")) else text


def unguard(text: str) -> str:
    """Undo `guard`."""
    return text[1:] if text.startswith("'") else text


def whole(numbers: Any) -> "pd.Series[Any]":
    """Return numbers as whole ones, empty where they are NaN."""
    return pd.Series(numbers).round().astype("Int64")

"""`plan.xlsx` of a run: which sheets it has, and the workbook around them, equal bytes for equal runs."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path

from xlsxwriter import Workbook

from models.sentences import Language
from optimizer.lists.manner import Manner
from optimizer.runs import StoredRun
from optimizer.runs.folder import whole_file
from optimizer.workbook import children, findings, posts
from optimizer.workbook.cover import write_cover
from optimizer.workbook.layout import Desk, set_up
from optimizer.workbook.looks import Looks
from optimizer.workbook.page import write_sheet
from optimizer.workbook.sheet import Sheet

SHEETS: tuple[tuple[str, Callable[[Desk], Sheet]], ...] = (
    ("admission_plan", children.lay_out_plan),
    ("catchments", children.lay_out_catchments),
    ("changes", children.lay_out_changes),
    ("revisions", children.lay_out_revisions),
    ("coordination", children.lay_out_coordination),
    ("classes", children.lay_out_classes),
    ("schools", children.lay_out_schools),
    ("postings", posts.lay_out_postings),
    ("postings", posts.lay_out_in_out),
    ("posts", posts.lay_out_posts),
    ("hiring", posts.lay_out_hiring),
    ("surplus", posts.lay_out_surplus),
    ("postings", findings.lay_out_resources),
    ("indices", findings.lay_out_indices),
    ("indices", findings.lay_out_indices_of_schools),
    ("schools", findings.lay_out_issues),
)
"""Sheets in their order: the table without which a run has none of it, and what lays it out."""
_MADE = datetime(2000, 1, 1)
"""A workbook holds the time of writing; a fixed one keeps equal runs equal."""
_REFUSED = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_LONGEST_NAME = 31


def write_workbook(stored: StoredRun, path: Path, language: Language) -> None:
    """Write the tables of a run with a plan as a workbook; equal runs give equal bytes.

    Every name is text, and no cell holds a formula. Raises NotARun where the run lacks what the sheets are made of,
    OSError where the disk says no.
    """
    desk = set_up(stored, Manner(language, "posts" if stored.scope == "posts" else stored.record["mode"]))
    sheets = [lay_out(desk) for needed, lay_out in SHEETS if needed in stored.tables]
    with whole_file(path) as partial:
        partial.write_bytes(_encode(desk, sheets))


def _encode(desk: Desk, sheets: Sequence[Sheet]) -> bytes:
    content = BytesIO()
    text_is_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(content, {"in_memory": True} | text_is_text) as workbook:
        workbook.set_properties({"title": desk.title(), "comments": desk.say("draft"), "created": _MADE})
        looks = Looks(workbook, desk.manner.language)
        first, *tabs = legal_names([desk.say("sheets.cover.name"), *(sheet.name for sheet in sheets)])
        write_cover(workbook.add_worksheet(first), list(zip(tabs, sheets, strict=True)), desk, looks)
        for tab, sheet in zip(tabs, sheets, strict=True):
            write_sheet(workbook.add_worksheet(tab), sheet, desk, looks)
    return content.getvalue()


def legal_names(names: Sequence[str]) -> list[str]:
    """Return names that sheets may have: without what Excel refuses, at most 31 characters long, no two alike."""
    legal: list[str] = []
    for name in names:
        plain = _REFUSED.sub(" ", name).strip().strip("'")[:_LONGEST_NAME].strip() or "-"
        taken, number, named = {each.casefold() for each in legal}, 2, plain
        while named.casefold() in taken:
            named, number = f"{plain[: _LONGEST_NAME - 4]} {number}", number + 1
        legal.append(named)
    return legal

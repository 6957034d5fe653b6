"""All indices of the whole district: value, target and verdict, and below how each is computed, and its source."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from models.sentences import find
from optimizer.pages.report.blocks import Block, Cell, Section
from optimizer.pages.report.teller import Teller

_FAMILIES = (
    (re.compile(r"small_classes_\d+(_all_share|_decided_share|_share|_year)"), "small_classes"),
    (re.compile(r"lessons_short_\w+()"), "lessons_short"),
    (re.compile(r"staff_per_class_\d+()"), "staff_per_class"),
    (re.compile(r"posted_\w+()"), "posted"),
    (
        re.compile(r"(?:degree|backbone|pe_arts|teaching_area|sports_area|equipment|multimedia_rooms)_cv()"),
        "resource_cv",
    ),
)
"""Indices that are computed alike, and the key of what is said of them."""
_BEFORE = "_before"
"""Ends the code of an index of today."""


def family_of(code: str) -> str:
    """Return the key under which it is said how an index is computed; of today's value that of the planned one."""
    planned = code.removesuffix(_BEFORE)
    found = ((family, pattern.fullmatch(planned)) for pattern, family in _FAMILIES)
    return next((family + match[1] for family, match in found if match), planned)


def tell_indices(teller: Teller) -> Section | None:
    """Return the section with all indices; None where the run has none."""
    told = _of_district(teller)
    if told is None:
        return None
    rows = [_row(teller, row) for row in told.to_dict("records")]
    heads = ("index", "stage", "value", "unit", "target", "reached")
    missed, of = count_missed(teller)
    blocks: list[Block] = [
        teller.explain("indices.judged", passed=of - missed, of=of),
        teller.table("indices", heads, rows, right=(2, 4)),
    ]
    blocks.append(teller.table("formulas", ("index", "formula", "norm"), _formulas(teller, told)))
    return Section("indices", teller.say("sections.indices"), tuple(blocks))


def count_missed(teller: Teller) -> tuple[int, int]:
    """Return how many indices of the district miss their target, and how many have one; those of today aside."""
    told = _of_district(teller)
    if told is None:
        return 0, 0
    judged = told[(told["passes"] != "") & ~told["index"].str.endswith(_BEFORE)]
    return int((judged["passes"] == "false").sum()), len(judged)


def _of_district(teller: Teller) -> pd.DataFrame | None:
    """Indices of the whole district and of its pools of posts; where there is one stage, without those of all."""
    table = teller.exhibit.stored.tables.get("indices")
    if table is None:
        return None
    told = table[table["scope"].isin(["district", *_pools(teller, table)])]
    if len(teller.exhibit.stages) == 1:
        told = told[(told["stage"] != "") | ~told["index"].isin(told.loc[told["stage"] != "", "index"])]
    return told


def _pools(teller: Teller, table: pd.DataFrame) -> set[str]:
    """Names of pools of posts; every other scope beside the district is a school."""
    schools = set(teller.exhibit.school_names)
    return {str(scope) for scope in table["scope"].unique() if scope not in schools and scope != "district"}


def _row(teller: Teller, row: Mapping[Any, Any]) -> list[Cell]:
    title = teller.title(row["index"])
    pool = "" if row["scope"] == "district" else row["scope"]
    return [
        Cell(teller.say("words.named", name=title, id=pool) if pool else title),
        Cell(teller.stage(row["stage"])),
        teller.value_cell(row["value"], row["unit"]),
        Cell(teller.unit(row["unit"])),
        teller.value_cell(row["target"], row["unit"]),
        teller.verdict_cell(row["passes"]),
    ]


def _formulas(teller: Teller, told: pd.DataFrame) -> Iterator[list[Cell]]:
    """Yield how each index is computed, those that are computed alike under the first of them."""
    families: dict[str, list[str]] = {}
    for code in told["index"].unique():
        families.setdefault(family_of(code), []).append(code)
    for family, codes in families.items():
        formula = find(f"report.formulas.{family}", teller.language)
        if formula is not None:
            named = find(f"report.families.{family}", teller.language)
            planned = [teller.title(code) for code in codes if not code.endswith(_BEFORE)]
            titles = named or teller.join(dict.fromkeys(planned), "semicolon")
            yield [Cell(titles), Cell(formula), Cell(_source(teller, family))]


def _source(teller: Teller, family: str) -> str:
    """The norm that an index is taken from, where the run goes by norms; else what the program says of it itself."""
    topics = ["index_sources"] if teller.goes_by_no_norm else ["index_norms", "index_sources"]
    return next(filter(None, (find(f"report.{topic}.{family}", teller.language) for topic in topics)), "")

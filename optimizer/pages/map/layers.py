"""What the map can be coloured by: classes with a colour and a legend, and the class of every school or unit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd

from models.district import Floats
from models.stages import Stage
from optimizer.digest import Exhibit
from optimizer.digest.years import list_ahead
from optimizer.export.colours import LEVEL_FILLS
from optimizer.outlook.table import LEVELS
from optimizer.pages.map.rows import Rows, picture_of
from optimizer.pages.map.words import Words

SEQUENCE = ("#FFFCE6", "#FFDA66", "#F0AC36", "#D6821C", "#B45C0E", "#83390E")
"""From little to much; each is darker than the one before by as much, so that a print in grey says the same."""
STANDARD = ("#DD7B3A", "#FDD9B0", "#F1F1F1", "#B6D3EA", "#6E9FCB")
"""Below a standard to above it: orange to blue, which the colour-blind tell apart."""
NO_DATA = "#DDDDDD"
UTILISATION = (0.6, 0.85, 0.95, 1.0)
CLASS_SIZES = (30.0, 35.0, 40.0, 45.0, 50.0)
OF_STANDARD = (0.8, 1.0, 1.25, 1.5)
_NICE_M = (100, 200, 250, 500, 1000, 2000, 5000, 10_000)
INDICATORS = ("degree", "backbone", "pe_arts", "teaching_area", "sports_area", "equipment", "multimedia_rooms")
_NEARLY = 1e-9

Fill = Literal["school", "unit", "none"]


@dataclass(frozen=True)
class Layer:
    """A way to colour the map; `find` gives class and text of every school or unit of a run and stage, None for none.

    Classes count from 0, -1 where nothing is known. `lines` names the lines that are drawn over it.
    """

    key: str
    group: str
    title: str
    about: str
    fill: Fill
    legend: tuple[tuple[str, str], ...] = ()
    lines: str = ""
    find: Callable[[Exhibit, Stage, Rows], dict[str, Any] | None] = lambda *_: None

    def describe(self) -> dict[str, Any]:
        """Return what the script reads of it."""
        told = ("key", "group", "title", "about", "fill", "legend", "lines")
        return {name: getattr(self, name) for name in told}


def build_layers(exhibits: Sequence[Exhibit], words: Words) -> list[Layer]:
    """Return the layers that may be shown, catchments first; those of which no run has figures are sorted out later."""
    plan = words("groups.plan")
    return [
        Layer("catchments", plan, words("layers.catchments"), words("about.catchments"), "school"),
        _of_schools("utilisation", UTILISATION, words, words.share, share=True),
        _distance(exhibits, words),
        _of_schools("class_size", CLASS_SIZES, words, lambda value: words.number(value, 1)),
        Layer("flows", plan, words("layers.flows"), words("about.flows"), "none", lines="flows"),
        Layer("moves", plan, words("layers.moves"), words("about.moves"), "none", lines="moves"),
        *(_indicator(code, exhibits, words) for code in INDICATORS),
        *_outlooks(exhibits, words),
    ]


def classify(values: Floats, breaks: Sequence[float]) -> list[int]:
    """Return the class of each value: 0 up to the first break, one more beyond each; -1 for NaN."""
    classes = np.searchsorted(np.asarray(breaks) + _NEARLY, values, side="left")
    return [int(each) for each in np.where(np.isnan(values), -1, classes)]


def name_ranges(breaks: Sequence[float], words: Words, write: Callable[[float], str]) -> tuple[tuple[str, str], ...]:
    """Return the legend of classes between breaks."""
    told = [write(value) for value in breaks]
    middle = [words("range", **{"from": low, "to": high}) for low, high in pairwise(told)]
    named = [words("range_to", to=told[0]), *middle, words("range_from", **{"from": told[-1]})]
    last, apart = len(named) - 1, len(SEQUENCE) - 1
    return tuple((SEQUENCE[number * apart // last], text) for number, text in enumerate(named))


def _of_schools(
    key: str, breaks: Sequence[float], words: Words, write: Callable[[float], str], *, share: bool = False
) -> Layer:
    """A layer of an index that every school has, over all its stages (`share`) or for a stage."""

    def find(exhibit: Exhibit, stage: Stage, rows: Rows) -> dict[str, Any] | None:
        values = np.full(len(rows.schools), np.nan)
        if share:
            sites = picture_of(exhibit).schools
            for school, value in zip(sites["school_id"], sites[key], strict=True):
                values[rows.schools[school]] = value
        else:
            for school, row in rows.schools.items():
                values[row] = exhibit.index(f"school_{key}", stage, school)
        return _told(values, breaks, write)

    legend = name_ranges(breaks, words, (lambda value: f"{value:.0%}") if share else lambda value: f"{value:g}")
    return Layer(key, words("groups.plan"), words(f"layers.{key}"), words(f"about.{key}"), "school", legend, find=find)


def _distance(exhibits: Sequence[Exhibit], words: Words) -> Layer:
    """A layer of the metres from every unit to its school, in classes that fit the district."""
    longest = [
        float(np.nanquantile(exhibit.picture.units[f"metres_{stage}"].to_numpy(np.float64), 0.95))
        for exhibit in exhibits
        if exhibit.picture is not None
        for stage in exhibit.stages
        if exhibit.picture.units[f"metres_{stage}"].notna().any()
    ]
    step = next((nice for nice in _NICE_M if 5 * nice >= max(longest, default=0.0)), _NICE_M[-1])
    breaks = [float(step * number) for number in range(1, 6)]

    def find(exhibit: Exhibit, stage: Stage, rows: Rows) -> dict[str, Any] | None:
        told = _told(rows.metres(exhibit, stage), breaks, words.metres)
        today = _told(rows.metres_today(exhibit, stage), breaks, words.metres)
        if told is None or today is None:
            return told
        return told | {f"{name}_today": value for name, value in today.items()}

    legend = name_ranges(breaks, words, words.metres)
    title, about = words("layers.distance"), words("about.distance")
    return Layer("distance", words("groups.plan"), title, about, "unit", legend, find=find)


def _indicator(code: str, exhibits: Sequence[Exhibit], words: Words) -> Layer:
    """A layer of an indicator of balance against its standard, in the plan and before its postings."""
    table = exhibits[0].stored.tables.get("indices")
    rows_of = None if table is None else table[table["index"] == f"school_{code}"]
    unit = "" if rows_of is None or not len(rows_of) else words.unit_of(rows_of["unit"].iloc[0])

    def write(value: float) -> str:
        return words("value", value=words.number(value, 2 if value < 100 else 0), unit=unit).strip()

    def find(exhibit: Exhibit, stage: Stage, rows: Rows) -> dict[str, Any] | None:
        after, before = (
            np.array([exhibit.index(f"school_{code}{when}", stage, school) for school in rows.schools])
            for when in ("", "_before")
        )
        targets = np.array([exhibit.target(f"school_{code}", stage, school) for school in rows.schools])
        if np.isnan(targets).all():
            return None
        told = _of_standard(after, targets, write)
        today = {} if np.isnan(before).all() else _of_standard(before, targets, write)
        about = words("about.balance", target=words.number(float(np.nanmax(targets)), 2), unit=unit)
        return told | {f"{name}_today": value for name, value in today.items()} | {"about": about}

    names = ("far_below", "below", "met", "above", "far_above")
    legend = tuple(zip(STANDARD, (words(f"standard.{name}") for name in names), strict=True))
    title = words(f"indicators.{code}")
    return Layer(code, words("groups.balance"), title, "", "school", legend, find=find)


def class_of_standard(values: Floats, standards: Floats) -> list[int]:
    """Return the class of each value by its share of the standard, which OF_STANDARD parts; -1 for NaN."""
    share = values / standards
    classes = np.searchsorted(np.array(OF_STANDARD) - _NEARLY, share, side="right")
    return [int(each) for each in np.where(np.isnan(share), -1, classes)]


def _of_standard(values: Floats, standards: Floats, write: Callable[[float], str]) -> dict[str, Any]:
    texts = ["" if np.isnan(value) else write(value) for value in values]
    return {"classes": class_of_standard(values, standards), "texts": texts}


def _outlooks(exhibits: Sequence[Exhibit], words: Words) -> list[Layer]:
    """A layer for every year ahead."""
    ahead = next((exhibit.ahead for exhibit in exhibits if exhibit.ahead is not None), None)
    if ahead is None:
        return []
    thresholds = {name: f"{share:.0%}" for name, share in ahead.district.settings.policy.outlook.model_dump().items()}
    legend = tuple((LEVEL_FILLS[level], words(f"levels.{level or 'none'}", **thresholds)) for level in LEVELS)
    about = words("about.outlook")
    return [
        Layer(
            f"outlook_{year}", words("groups.outlook"), words("layers.outlook", year=year), about, "school", legend,
            find=_outlook_of(year, words),
        )
        for year in ahead.projection.years[1:]
    ]  # fmt: skip


def _outlook_of(year: int, words: Words) -> Callable[[Exhibit, Stage, Rows], dict[str, Any] | None]:
    def find(exhibit: Exhibit, stage: Stage, rows: Rows) -> dict[str, Any] | None:
        if exhibit.ahead is None:
            return None
        classes, texts = [-1] * len(rows.schools), [""] * len(rows.schools)
        overfull = set()
        table = list_ahead(exhibit)
        for row in table[(table["stage"] == stage) & (table["year"] == year)].to_dict("records"):
            for school in str(row["school_id"]).split("+"):
                if school in rows.schools and not pd.isna(row["places"]):
                    classes[rows.schools[school]] = LEVELS.index(row["level"])
                    texts[rows.schools[school]] = f"{words.number(row['children'])} / {words.number(row['places'])}"
                    overfull |= {rows.schools[school]} if row["gap"] > 0 else set()
        means = words("legend.overfull_then", year=year)
        return {"classes": classes, "texts": texts, "overfull": sorted(overfull), "overfull_means": means}

    return find


def _told(values: Floats, breaks: Sequence[float], write: Callable[[float], str]) -> dict[str, Any] | None:
    if np.isnan(values).all():
        return None
    texts = ["" if np.isnan(value) else write(float(value)) for value in values]
    return {"classes": classify(values, breaks), "texts": texts}

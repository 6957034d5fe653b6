"""What the panel of a school says: figures, classes by grade, teachers in and out, what binds, the years ahead."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from models.sentences import say
from models.stages import Stage
from optimizer.console.diagnosis import tell_binding
from optimizer.console.summary import tell_shortfall
from optimizer.console.voice import Voice
from optimizer.digest import Exhibit
from optimizer.digest.years import list_ahead
from optimizer.pages.map.rows import Rows, changes_of, picture_of
from optimizer.pages.map.words import Words
from optimizer.runs.exchange import count_in_out

Facts = list[tuple[str, str]]
Panel = dict[str, Any]
Row = dict[str, Any]
_TABLES = ("schools", "admission_plan", "catchments", "classes", "posts")
_CLASSES = {"grade": "grade", "class_count": "classes", "students": "students", "largest": "largest_class"}
_GRADES = ("K1", "K2", "K3", *map(str, range(1, 13)))


def build_panels(exhibit: Exhibit, rows: Rows, words: Words) -> dict[str, Panel]:
    """Return by school (position) `facts`, pairs of label and value; `tables`, each titled; and `notes`, sentences."""
    reader = _Reader(exhibit, words)
    return {str(rows.schools[school]): reader.build(school) for school in picture_of(exhibit).schools["school_id"]}


@dataclass(frozen=True)
class _Reader:
    """The tables of a run, cut by school."""

    exhibit: Exhibit
    words: Words

    def build(self, school: str) -> Panel:
        """Return what the panel of a school says."""
        tables = [self._grades(school), self._staff(school), self._years(school)]
        by_stage = [pair for stage in self.exhibit.stages for pair in self._of(school, stage)]
        return {
            "facts": [*self._whole(school), *by_stage],
            "tables": [table for table in tables if table is not None],
            "notes": self._notes(school),
        }

    @cached_property
    def _cut(self) -> Mapping[str, Mapping[str, list[Row]]]:
        """Rows of each table by school."""
        tables = {name: self.exhibit.stored.tables.get(name) for name in _TABLES}
        tables["sites"] = picture_of(self.exhibit).schools.drop(columns="geometry")
        if (postings := self.exhibit.stored.tables.get("postings")) is not None:
            tables["in_out"] = count_in_out(postings)
        years = list_ahead(self.exhibit)
        tables["years"] = years.assign(school_id=years["school_id"].str.split("+")).explode("school_id")
        return {name: _by_school(table) for name, table in tables.items() if table is not None}

    @cached_property
    def _joining(self) -> Counter[tuple[str, str, str]]:
        """Units that change, by stage, side (`gains`, `losses`) and school."""
        sides = {"gains": "to_school_id", "losses": "from_school_id"}
        return Counter(
            (stage, side, school)
            for stage in self.exhibit.stages
            for side, column in sides.items()
            for school in changes_of(self.exhibit, stage)[column]
        )

    def _rows(self, table: str, school: str, stage: str = "") -> list[Row]:
        held = self._cut.get(table, {}).get(school, [])
        return [row for row in held if not stage or row["stage"] == stage]

    def _whole(self, school: str) -> Facts:
        (site,) = self._rows("sites", school)
        overfull = [(self.words("school.overfull"), "▲")] if site["utilisation"] > 1 + 1e-9 else []
        return [
            (self.words("school.type"), self.words(f"types.{site['type']}")),
            (self.words("school.children"), self.words.number(site["students"])),
            (self.words("school.places"), self.words.number(site["places"])),
            (self.words("school.utilisation"), self.words.share(site["utilisation"])),
            *overfull,
        ]

    def _of(self, school: str, stage: Stage) -> Facts:
        taught = self._rows("schools", school, stage)
        if not taught:
            return []
        figures = {"stage_children": taught[0]["students"], "stage_classes": taught[0]["classes"] or None}
        admitted = self._rows("admission_plan", school, stage)
        if admitted and self.exhibit.entry_only:
            figures |= {name: admitted[0][name] for name in ("planned", "zoned", "coordinated", "balance")}
        figures["units"] = len(self._rows("catchments", school, stage))
        figures |= {side: self._joining[stage, side, school] or None for side in ("gains", "losses")}
        named = {"stage": self.words.stage(stage)}
        mean = self.exhibit.index("school_mean_m", stage, school)
        short = [row["first_short_year"] for row in self._rows("years", school, stage)[:1]]
        return [
            *(
                (self.words(f"school.{name}", **named), self.words.number(figure))
                for name, figure in figures.items()
                if figure is not None
            ),
            *((self.words("school.first_short", **named), f"{year:.0f}") for year in short if not math.isnan(year)),
            *([] if math.isnan(mean) else [(self.words("school.mean_m", **named), self.words.metres(mean))]),
        ]

    def _grades(self, school: str) -> Panel | None:
        rows = sorted(self._rows("classes", school), key=lambda row: _GRADES.index(row["grade"]))
        return self._table("classes", _CLASSES, [[row[column] for column in _CLASSES.values()] for row in rows])

    def _staff(self, school: str) -> Panel | None:
        cells = []
        for row in self._rows("in_out", school):
            vacant = sum(post["vacant"] for post in self._rows("posts", school, row["stage"]))
            numbers = [row[column] for column in ("before", "out", "in", "after")]
            cells.append([self.words.stage(row["stage"]), *numbers, self.words.number(vacant, 1)])
        return self._table("staff", ("staff_stage", "before", "out", "in", "after", "vacant"), cells)

    def _years(self, school: str) -> Panel | None:
        rows = self._rows("years", school)
        several = len({row["stage"] for row in rows}) > 1
        cells = []
        for row in rows:
            year = f"{row['year']} {self.words.stage(row['stage'])}" if several else str(row["year"])
            level = say(f"outlook.levels.{row['level'] or 'none'}", language=self.words.language)
            cells.append([year, row["children"], row["places"], level])
        return self._table("ahead", ("year", "students", "places", "level"), cells)

    def _notes(self, school: str) -> list[tuple[str, list[str]]]:
        """What falls short, what stood, and what binds; nothing where there is nothing to say."""
        voice, name = Voice(self.words.language), self.exhibit.school_names.get(school, school)
        binding = [each for each in self.exhibit.bindings if each.where == school]
        lacking = [each for each in self.exhibit.stored.shortfalls if each.where == school]
        told: dict[str, list[str]] = {"short": [], "stood": [], "binds": []}
        for each in lacking:
            told["stood" if each.inherited else "short"].append(tell_shortfall(replace(each, where=name), voice))
        told["binds"] = [tell_binding(replace(each, where=name), voice) for each in binding]
        return [(self.words(f"school.{title}"), sentences) for title, sentences in told.items() if sentences]

    def _table(self, title: str, columns: Iterable[str], cells: list[list[Any]]) -> Panel | None:
        if not cells:
            return None
        written = [[cell if isinstance(cell, str) else self.words.number(cell) for cell in row] for row in cells]
        heads = [self.words(f"school.{column}") for column in columns]
        return {"title": self.words(f"school.{title}"), "heads": heads, "rows": written}


def _by_school(table: pd.DataFrame) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {}
    for row in table.to_dict("records"):
        rows.setdefault(str(row["school_id"]), []).append({str(column): cell for column, cell in row.items()})
    return rows

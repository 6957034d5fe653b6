"""How the report speaks of one run: sentences of the topic `report`, names, figures, and cells of its tables."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from models.sentences import Language, find, say
from optimizer.console.tables import tell_title, tell_unit, tell_value
from optimizer.console.text import write_number, write_share
from optimizer.console.voice import Voice
from optimizer.digest import Exhibit
from optimizer.pages.report.blocks import Cell, Facts, Mark, Paragraph, Table, columns

DASH = "–"
_WITHIN_RADIUS = "within_radius_share"
_DECIMALS = {
    **{"ratio": 3, "posts a class": 2, "staff a class": 2, "per 100 students": 2, "m2 a student": 2},
    **{"students a class": 1, "student-km": 1, "posts": 1, "lessons": 1},
}
"""Decimals of an index by its unit: as many in every row, so that figures below one another can be compared."""


@dataclass(frozen=True)
class Teller:
    """A run, and the language in which it is told of."""

    exhibit: Exhibit
    language: Language

    @cached_property
    def voice(self) -> Voice:
        """Speaks as the terminal does."""
        return Voice(self.language)

    def say(self, key: str, **facts: object) -> str:
        """Return the sentence of `report.KEY`."""
        return say(f"report.{key}", facts, self.language)

    def word(self, topic: str, code: str) -> str:
        """Return what a code is called in the table `topic` of the catalogue; the code where it has no name there."""
        return find(f"{topic}.{code}", self.language) or code

    def stage(self, stage: str) -> str:
        """Return what a stage is called; "" is all of them together."""
        return self.word("cli.stages", stage or "all")

    def subject(self, subject: str) -> str:
        """Return what a subject is called."""
        return self.word("subjects", subject)

    def school(self, school: str) -> str:
        """Return the name of a school, of several that share a catchment theirs; the id where there is none."""
        return " + ".join(self.exhibit.school_names.get(each, each) for each in school.split("+"))

    def place(self, where: str) -> str:
        """Return a school or unit by name and id, a pool of posts by its name, whatever else as it stands."""
        name = self.exhibit.school_names.get(where) or self.exhibit.unit_names.get(where, where)
        return self.word("cli.pools", where) if name == where else self.say("words.named", name=name, id=where)

    def join(self, parts: Iterable[str], by: str = "comma") -> str:
        """Return parts of a sentence, a comma or a semicolon between them."""
        return self.say(f"words.{by}").join(parts)

    @property
    def goes_by_no_norm(self) -> bool:
        """Whether the run was made under the profile `none`, so that no norm is cited."""
        return bool(self.exhibit.record.get("policy", {}).get("profile") == "none")

    def title(self, code: str) -> str:
        """Return the title of an index, with the service radius where it speaks of that."""
        title = tell_title(code, self.voice)
        if code != _WITHIN_RADIUS:
            return title
        stages = self.exhibit.stages
        key = "words.radius_alone" if len(stages) == 1 else "words.radius"
        radii = ((stage, self.exhibit.radius_m(stage)) for stage in stages)
        told = [
            self.say(key, stage=self.stage(stage), metres=write_number(metres, 0))
            for stage, metres in radii
            if metres is not None
        ]
        return self.say("words.within", name=title, radius=self.join(told)) if told else title

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number, a dash where there is none."""
        return write_number(value, decimals) or DASH

    def share(self, value: float) -> str:
        """Return a share in per cent, a dash where there is none."""
        return DASH if math.isnan(value) else write_share(value)

    def metres(self, value: float) -> str:
        """Return metres, a dash where there are none."""
        return DASH if math.isnan(value) else self.say("words.metres", value=write_number(value, 0))

    def percent(self, share: float) -> str:
        """Return a share that somebody stated, in per cent without needless decimals."""
        return f"{write_number(100 * share, 2)} %"

    def cell(self, value: float, decimals: int = 0, mark: Mark = "") -> Cell:
        """Return a cell with a number, of always so many decimals."""
        return Cell(DASH if math.isnan(value) else f"{value:,.{decimals}f}", float(value), mark)

    def share_cell(self, value: float, mark: Mark = "") -> Cell:
        """Return a cell with a share in per cent."""
        return Cell(self.share(value), float(value), mark)

    def value_cell(self, value: float, unit: str) -> Cell:
        """Return a cell with the value of an index, or with its target; empty where there is none."""
        if unit in _DECIMALS and not math.isnan(value):
            return self.cell(value, _DECIMALS[unit])
        return Cell(tell_value(value, unit), float(value))

    def unit(self, unit: str) -> str:
        """Return what the unit of an index is called; a share is told in per cent."""
        return tell_unit(unit, self.voice)

    def verdict_cell(self, passes: str) -> Cell:
        """Return whether an index reaches its target, by a sign and a word."""
        if passes not in {"true", "false"}:
            return Cell("")
        return Cell(self.say(f"words.{passes}"), float(passes == "true"), "pass" if passes == "true" else "fail")

    def grade_cell(self, grade: str) -> Cell:
        """Return a cell with a grade, sorted by its place in school."""
        digits = "".join(character for character in grade if character.isdigit())
        return Cell(self.word("grades", grade), float(digits or 0) - (100.0 if grade.startswith("K") else 0.0))

    def explain(self, key: str, **facts: object) -> Paragraph:
        """Return a paragraph that explains, of the sentence `report.KEY`."""
        return Paragraph(self.say(key, **facts), quiet=True)

    def facts(self, topic: str, rows: Sequence[tuple[str, str]]) -> Facts:
        """Return facts, each under the sentence `report.TOPIC.NAME`; those without words are left out."""
        return Facts(tuple((self.say(f"{topic}.{name}"), text) for name, text in rows if text))

    def table(
        self,
        caption: str,
        heads: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        *,
        right: Sequence[int] = (),
        totals: Iterable[Sequence[Cell]] = (),
        sorts: bool = True,
    ) -> Table:
        """Return a table whose caption and heads are sentences `report.captions.*` and `report.heads.*`."""
        told = [self.say(f"heads.{head}") for head in heads]
        shown = columns(told, right)
        return Table(self.say(f"captions.{caption}"), shown, tuple(map(tuple, rows)), tuple(map(tuple, totals)), sorts)

    def stages_of(self, table: pd.DataFrame) -> list[str]:
        """Return the stages of a table in the order of the plan, others behind them."""
        present = dict.fromkeys(map(str, table["stage"]))
        decided: list[str] = [stage for stage in self.exhibit.stages if stage in present]
        return [*decided, *(stage for stage in present if stage not in decided)]

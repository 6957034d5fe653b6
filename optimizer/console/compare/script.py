"""What is said of plans side by side: what each is called, what schools are called, numbers as they are written."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from rich.cells import cell_len

from models.sentences import find, say
from optimizer.compare import Comparison, Summary
from optimizer.console.facts import name_rule
from optimizer.console.tables import tell_value
from optimizer.console.text import write_metres, write_number, write_share
from optimizer.console.voice import Voice

MOST_NAMED = 5
_LONGEST_SCHOOL = 26
_WHOLE_M = 1.0


@dataclass(frozen=True)
class Script:
    """The words for a comparison."""

    comparison: Comparison
    voice: Voice

    def say(self, key: str, /, **facts: object) -> str:
        """Return a sentence of the topic `compare`."""
        return say(f"compare.{key}", facts, self.voice.language)

    @cached_property
    def _labels(self) -> Mapping[Path, str]:
        """What each plan is called, by where it lies: its title, else the name of its folder, else the whole path.

        The first of these that no other plan has.
        """
        summaries = (self.comparison.baseline, *self.comparison.others)
        titles = {each.exhibit.stored.folder: each.exhibit.title(self.voice.language) for each in summaries}
        named = list(titles.values())
        alike = [folder.name for folder in titles]
        return {
            folder: title
            if named.count(title) == 1
            else folder.name
            if alike.count(folder.name) == 1 and folder.name not in named
            else str(folder)
            for folder, title in titles.items()
        }

    def label(self, summary: Summary) -> str:
        """Return what a plan is called."""
        return self._labels[summary.exhibit.stored.folder]

    def short_label(self, summary: Summary, longest: int) -> str:
        """Return what a plan is called in a column of so many characters, a Chinese one counting as two."""
        return cut(self.label(summary), longest)

    @cached_property
    def _schools(self) -> Mapping[str, str]:
        names: dict[str, str] = {}
        for summary in reversed((self.comparison.baseline, *self.comparison.others)):
            names |= summary.exhibit.school_names if summary.planned else {}
        return names

    def school(self, school_id: str) -> str:
        """Return the id and the name of a school, "no school" for none; several of a shared catchment one by one."""
        if not school_id:
            return self.say("who.no_school")
        if school_id not in self._schools and "+" in school_id:
            return " + ".join(self.school(each) for each in school_id.split("+"))
        name = self._schools.get(school_id, school_id)
        return cut(school_id if name == school_id else f"{school_id} {name}", _LONGEST_SCHOOL)

    def schools(self, ids: Sequence[str]) -> str:
        """Return the ids of some schools, the first few of many."""
        return self.some(list(ids))

    def some(self, names: Sequence[str], most: int = MOST_NAMED) -> str:
        """Return names after one another, and how many more there are."""
        told, left = self.join(names[:most], "list"), len(names) - most
        return self.say("many.more", names=told, count=left) if left > 0 else told

    def join(self, parts: Iterable[str], by: str = "comma") -> str:
        """Return parts of a sentence, a comma, a semicolon or what a list has between them."""
        return self.say(f"head.{by}").join(parts)

    def stage(self, stage: str) -> str:
        """Return a stage in words."""
        return self.voice.say(f"stages.{stage or 'all'}")

    def rule(self, rule: str) -> str:
        """Return a rule in a planner's words."""
        return name_rule(rule, self.voice)

    def category(self, category: str) -> str:
        """Return a kind of children in words."""
        return find(f"kinds.categories.{category}", self.voice.language) or category

    def span(self, values: Sequence[float], decimals: int = 0) -> str:
        """Return the least and the most of some numbers, one number where they are alike."""
        least, most = (write_number(round(edge, decimals), decimals) for edge in (min(values), max(values)))
        return least if least == most else self.say("head.span", least=least, most=most)


def first_of(lines: Sequence[str], most: int, key: str, script: Script) -> list[str]:
    """Return the first of many lines, and how many more there are; all of them where asked to be verbose."""
    shown = lines if script.voice.verbose else lines[:most]
    left = len(lines) - len(shown)
    return [*shown, *([f"  {script.say(key, count=f'{left:,}')}"] if left else [])]


def cut(text: str, longest: int) -> str:
    """Return `text` in at most so many columns, the end of a longer one cut off; a Chinese character takes two."""
    if cell_len(text) <= longest:
        return text
    kept = text
    while cell_len(kept) > longest - 1:
        kept = kept[:-1]
    return f"{kept}…"


def signed(value: float, decimals: int = 0) -> str:
    """Return a difference with its sign, "0" for none, "" where it is not known."""
    if math.isnan(value):
        return ""
    if value and abs(value) < 0.5 * 10**-decimals:
        return f"{value:+.{-math.floor(math.log10(abs(value)))}f}"
    written = write_number(round(value, decimals), decimals)
    return f"+{written}" if value > 0 else written


def apart(before: float, after: float, decimals: int = 0) -> str:
    """Return the difference of two numbers as both are written, with its sign, so that the three add up."""
    if math.isnan(after - before):
        return ""
    return signed(round(round(after, decimals) - round(before, decimals), decimals), decimals)


def tell_change(before: float, after: float, unit: str, points: str) -> str:
    """Return by how much an index differs, a share in points of per cent; "" where that is not known.

    It is the difference of the values as they are written, unless these are alike.
    """
    change = after - before
    if math.isnan(change) or math.isinf(change):
        return ""
    ends = [Decimal(tell_value(value, unit).removesuffix(" %").replace(",", "")) for value in (before, after)]
    if ends[0] != ends[1]:
        written = f"{ends[1] - ends[0]:+,f}"
        return f"{written} {points}" if unit == "share" else written
    if unit == "share":
        written = write_share(abs(change)).removesuffix(" %")
        return f"{'-' if change < 0 else '+'}{written} {points}"
    decimals = {"metres": 0 if abs(change) >= _WHOLE_M else 1, "student-km": 1, "year": 0}.get(unit, 3)
    return signed(change, decimals)


def tell_metres(metres: float) -> str:
    """Return metres, to a decimal below one metre."""
    return write_metres(metres) if metres >= _WHOLE_M else f"{metres:.1f} m"

"""How a picture is written: the font, the language of its words, and what it cannot write."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib import rc_context

from models.sentences import Language, find, say
from optimizer.console.text import write_share
from optimizer.export.fonts import Typeface, find_lacking, find_typeface
from optimizer.export.labels import shorten
from optimizer.export.picture import Picture
from optimizer.runs.read import district_of, scenario_of

NO_FONT, NO_WORDS = "export.map.no_font", "export.map.no_words"
_LONG = 90
"""Characters of a district or a scenario that are written in full."""
_SALT = "xuewei"
"""What names the parts of an SVG file; drawn at random otherwise."""
_SHOWN = 8
"""Characters that are named of those that a font lacks."""
_TELLING_GAP = 0.1
"""From here on a gap says no more than that the plan is not proved best."""


@dataclass(frozen=True)
class Lettering:
    """A font and the language that it can write; `lacks` is the key of the sentence on what it cannot, "" for nothing.

    `named` is whether it has the characters of every school's name.
    """

    typeface: Typeface
    language: Language
    named: bool
    lacks: str

    def say(self, key: str, **facts: object) -> str:
        """Return a sentence of the catalogue's topic `export`."""
        return say(f"export.{key}", facts, self.language)

    def name(self, school: Any) -> str:
        """Return the name of a school (a row of the layer), its id where the name cannot be drawn."""
        name = shorten(school.name)
        return name if name and self.typeface.has(name) else shorten(school.school_id)

    def district(self, record: Mapping[str, Any]) -> str:
        """Return what the district of a run is called, the name of its instance where that cannot be drawn."""
        return self._or(shorten(district_of(record, self.language), _LONG), record["instance"])

    def scenario(self, record: Mapping[str, Any]) -> str:
        """Return what the scenario of a run is called, its plain name where that cannot be drawn."""
        return self._or(shorten(scenario_of(record, self.language), _LONG), record["scenario"])

    def _or(self, text: str, otherwise: str) -> str:
        return text if self.typeface.has(text) else otherwise

    def applied(self) -> AbstractContextManager[None]:
        """Return the context within which a picture is drawn, and again that within which it is written."""
        return lettered(self.typeface)


def tell_status(record: Mapping[str, Any], language: Language) -> str:
    """Return what was shown of a plan, with the gap where that is small enough to say something."""
    gap = record["gap"]
    if gap is None:
        return say("export.status.no_bound", language=language)
    status = "open" if record["status"] == "feasible" and gap >= _TELLING_GAP else record["status"]
    return say(f"export.status.{status}", {"gap": write_share(gap)}, language)


def lettered(typeface: Typeface) -> AbstractContextManager[None]:
    """Return the context in which matplotlib writes with a typeface, and names the parts of equal drawings alike."""
    return rc_context({"font.family": list(typeface.families), "axes.unicode_minus": False, "svg.hashsalt": _SALT})


def choose_lettering(
    picture: Picture, keys: Sequence[str], language: Language, font: Path | None = None, more: Sequence[str] = ()
) -> Lettering:
    """Return the lettering for the names of a picture, the sentences `keys` of the topic `export`, and `more` texts.

    Where no font of this machine has the characters of the names, ids stand instead; where none has Chinese, the words
    are English.
    """
    names, words = _names(picture), _words(keys, language)
    typeface = find_typeface([*names, *_titles(picture, language), *more, words], font)
    named = all(typeface.has(name) for name in names)
    spoken: Language = language if typeface.has(words) else "en"
    lacks = NO_FONT if not named else NO_WORDS if spoken != language else ""
    return Lettering(typeface, spoken, named, lacks)


def tell_other_font(
    picture: Picture, keys: Sequence[str], language: Language, font: Path, more: Sequence[str] = ()
) -> str:
    """Return the sentence on what a font that was named lacks for a picture, and which one is taken; "" for nothing."""
    texts = [*_names(picture), *_titles(picture, language), *more, _words(keys, language)]
    lacking = find_lacking(texts, font)
    if not lacking:
        return ""
    facts = {"font": font, "count": len(lacking), "characters": lacking[:_SHOWN]}
    return say("export.map.other_font", facts | {"other": find_typeface(texts, font).families[-1]}, language)


def _names(picture: Picture) -> list[str]:
    return [shorten(name) for name in picture.schools["name"]]


def _titles(picture: Picture, language: Language) -> list[str]:
    return [shorten(told(picture.record, language), _LONG) for told in (district_of, scenario_of)]


def _words(keys: Sequence[str], language: Language) -> str:
    return " ".join(find(f"export.{key}", language) or "" for key in keys)

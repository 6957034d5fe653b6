"""How the brief speaks: sentences of its topic, and figures as a paper has them."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.sentences import Language, find, say
from optimizer.console.text import write_number
from optimizer.console.voice import Voice
from optimizer.export.labels import shorten

NONE = "–"
LONGEST_NAME = 40


@dataclass(frozen=True)
class Speech:
    """A language, and how names and figures are written in it."""

    language: Language

    @property
    def voice(self) -> Voice:
        """The same language for the sentences of the terminal."""
        return Voice(self.language)

    def say(self, key: str, **facts: object) -> str:
        """Return the sentence `brief.KEY`."""
        return say(f"brief.{key}", facts, self.language)

    def find(self, key: str) -> str | None:
        """Return the raw sentence `brief.KEY`, or None."""
        return find(f"brief.{key}", self.language)

    def word(self, key: str, name: str) -> str:
        """Return the word that another topic has for a name, the name itself where it has none."""
        return find(f"{key}.{name}", self.language) or name

    def stage(self, stage: str) -> str:
        """Return what a stage is called."""
        return self.word("cli.stages", stage)

    def headed(self, stage: str) -> str:
        """Return what a stage is called, at the head of a line."""
        return capital(self.stage(stage))

    def join(self, parts: Iterable[str], by: str = "comma") -> str:
        """Return parts of a sentence, a comma, semicolon or space between them."""
        return self.say(f"joins.{by}").join(part for part in parts if part)

    def sentence(self, clauses: Iterable[str]) -> str:
        """Return clauses as one sentence."""
        return capital(self.join(clauses, "semicolon")) + self.say("joins.stop")

    def number(self, value: float | None, decimals: int = 0) -> str:
        """Return a number with thousands separated, a dash where there is none."""
        if value is None or math.isnan(value):
            return NONE
        return write_number(0.0 if round(value, decimals) == 0 else value, decimals)

    def alike(self, values: Iterable[float | None], decimals: int = 0) -> tuple[str, ...]:
        """Return numbers that stand beside one another, each with as many decimals as the one that needs most."""
        told = [self.number(value, decimals) for value in values]
        places = max((len(text.partition(".")[2]) for text in told), default=0)
        return tuple(_fill(text, places) for text in told)

    def share(self, value: float | None) -> str:
        """Return a share of 0-1 in per cent, a dash where there is none."""
        return NONE if value is None or math.isnan(value) else f"{100 * value:.1f}%"

    def ratio(self, value: float) -> str:
        """Return a ratio with two decimals, so that those below one another align."""
        return NONE if math.isnan(value) else f"{value:.2f}"


def _fill(text: str, places: int) -> str:
    whole, _, part = text.partition(".")
    return f"{whole}.{part:0<{places}}" if places and whole[-1:].isdigit() else text


def capital(text: str) -> str:
    """Return a text with its first letter large."""
    return text[:1].upper() + text[1:]


def name_of(names: Mapping[str, str], key: str) -> str:
    """Return the name of a school or unit on one line, its id where it has none; of joined ids each name."""
    return "+".join(shorten(names.get(part, part) or part, LONGEST_NAME) for part in key.split("+"))


def width(text: str) -> float:
    """Return how wide a text is, in halves of a Chinese character; a Latin letter takes a little less."""
    return sum(2.0 if ord(character) > 0x2E7F else 0.86 for character in text)

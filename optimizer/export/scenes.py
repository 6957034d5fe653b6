"""What a picture that is no map says: its words in a language that some font of this machine can write."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from matplotlib.figure import Figure

from models.sentences import Language
from optimizer.export.fonts import Typeface, find_typeface
from optimizer.export.labels import shorten
from optimizer.export.lettering import NO_WORDS

Scene = TypeVar("Scene")
UNKNOWN = "?"
"""Stands for a character that no font of this machine has."""
_LONG = 200
_EDGE_INCHES = 0.25


def choose_words(
    build: Callable[[Language], Scene], texts: Callable[[Scene], Iterable[str]], language: Language, font: Path | None
) -> tuple[Scene, Typeface, str]:
    """Return a scene in a language, or in English where no font can write it; the font; and the key of the sentence
    that says so, "" where nothing is lacking."""
    scene = build(language)
    words = list(texts(scene))
    typeface = find_typeface(words, font)
    if language == "en" or all(map(typeface.has, words)):
        return scene, typeface, ""
    english = build("en")
    return english, find_typeface(texts(english), font), NO_WORDS


def legible(text: str, typeface: Typeface, longest: int = _LONG) -> str:
    """Return a text on one line, each character that the font lacks replaced."""
    line = shorten(text, longest)
    return "".join(character if typeface.has(character) else UNKNOWN for character in line)


def write_left(
    figure: Figure, high_inches: float, text: str, size: float, colour: str, left_inches: float = 0.0
) -> None:
    """Write a line from the left edge of a figure on, so many inches above its foot, smaller where it would not fit."""
    wide, high = figure.get_size_inches()
    left = _EDGE_INCHES + left_inches
    written = figure.text(
        left / wide, high_inches / high, text, fontsize=size, color=colour, ha="left", va="center", parse_math=False
    )
    taken = written.get_window_extent().width / figure.dpi / (wide - left - _EDGE_INCHES)
    written.set_fontsize(size / max(taken, 1.0))

"""What a picture that is no map says: its words in a language that some font of this machine can write."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from models.sentences import Language
from optimizer.export.fonts import Typeface, find_typeface
from optimizer.export.labels import shorten
from optimizer.export.lettering import NO_WORDS

Scene = TypeVar("Scene")
UNKNOWN = "?"
"""Stands for a character that no font of this machine has."""
_LONG = 100


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

"""Pictures that are no maps: drawn and written, their words in a language that some font of this machine can write."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol, TypeVar

from matplotlib.figure import Figure

from models.sentences import Language
from optimizer.export.fonts import Typeface, find_typeface
from optimizer.export.labels import shorten
from optimizer.export.lettering import NO_WORDS, lettered
from optimizer.export.maps import FORMATS, Drawn
from optimizer.export.vector import to_svg
from optimizer.runs.folder import whole_file


class Worded(Protocol):
    """What a picture says, in one language."""

    @property
    def texts(self) -> Iterable[str]:
        """Every text of the picture."""
        ...


Scene = TypeVar("Scene", bound=Worded)
UNKNOWN = "?"
"""Stands for a character that no font of this machine has."""
_LONG = 200
_EDGE_INCHES = 0.25


def draw_scene(
    build: Callable[[Language], Scene],
    compose: Callable[[Scene, Typeface], Figure],
    path: Path,
    *,
    language: Language,
    font: Path | None = None,
) -> Drawn:
    """Write what `compose` draws of a scene to a PNG or SVG file, equal bytes for equal scenes and fonts."""
    scene, typeface, note = _choose_words(build, language, font)
    with lettered(typeface):
        figure = compose(scene, typeface)
        with whole_file(path) as partial:
            if path.suffix == ".svg":
                partial.write_text(to_svg(figure), encoding="utf-8")
            else:
                figure.savefig(partial, format="png", metadata=FORMATS[".png"])
    return Drawn(path, note)


def _choose_words(
    build: Callable[[Language], Scene], language: Language, font: Path | None
) -> tuple[Scene, Typeface, str]:
    """A scene in a language, or in English where no font can write it; the font; and the key of the sentence that says
    so, "" where nothing is lacking."""
    scene = build(language)
    words = list(scene.texts)
    typeface = find_typeface(words, font)
    if language == "en" or all(map(typeface.has, words)):
        return scene, typeface, ""
    english = build("en")
    return english, find_typeface(english.texts, font), NO_WORDS


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

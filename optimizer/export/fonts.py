"""A font that has every character of a map, where this machine has one: no boxes, no warnings."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

BASE = "DejaVu Sans"
"""Comes with matplotlib; has Latin, Greek and Cyrillic, and no Chinese."""

_PREFERRED = (
    "Microsoft YaHei", "SimHei", "SimSun", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC",
    "Source Han Sans CN", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Sans CJK JP",
)  # fmt: skip
_CLAIMS_EVERYTHING = "Last Resort"


@dataclass(frozen=True)
class Typeface:
    """Font families in the order in which a character is looked for, and the characters they have."""

    families: tuple[str, ...]
    characters: frozenset[int]

    def has(self, text: str) -> bool:
        """Whether every character of `text` can be drawn."""
        return {ord(character) for character in text} <= self.characters


def find_typeface(texts: Iterable[str], font: Path | None = None) -> Typeface:
    """Return the base font, and before it the first font that has what the base font lacks of `texts`.

    `font` is tried first, then fonts known by name, then every font of the machine. A font file that cannot be read
    counts as one without characters.
    """
    base = font_manager.findfont(BASE)
    characters = _characters(base)
    missing = {ord(character) for text in texts for character in text} - characters
    for path in _candidates(font) if missing else ():
        own = _characters(path)
        if missing <= own:
            return Typeface((_register(path), BASE), characters | own)
    return Typeface((BASE,), characters)


def _candidates(font: Path | None) -> list[str]:
    known = [entry for entry in font_manager.fontManager.ttflist if not entry.name.startswith(_CLAIMS_EVERYTHING)]
    rank = {name: position for position, name in enumerate(_PREFERRED)}
    known.sort(
        key=lambda entry: (rank.get(entry.name, len(rank)), entry.style != "normal", entry.weight != 400, entry.fname)
    )
    named = [str(font)] if font is not None else []
    return list(dict.fromkeys([*named, *(entry.fname for entry in known)]))


def _register(path: str) -> str:
    """Make the font the one that its family's name stands for, whatever else bears that name, and return the name."""
    known = font_manager.fontManager.ttflist
    font_manager.fontManager.addfont(path)
    known.insert(0, known.pop())
    return known[0].name


@cache
def _characters(path: str) -> frozenset[int]:
    try:
        return frozenset(FT2Font(path).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()

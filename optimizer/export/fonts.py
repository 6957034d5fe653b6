"""A font that has every character of a map, where this machine has one: no boxes, no warnings."""

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

BASE = "DejaVu Sans"
"""Comes with matplotlib; has Latin, Greek and Cyrillic, and no Chinese."""

VARIABLE = "XUEWEI_FONT"
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
    """Return the base font, and after it the first font that has what the base font lacks of `texts`.

    `font` is tried first, then the file that the environment variable XUEWEI_FONT names, fonts known by name, and every
    font of the machine. A font file that cannot be read counts as one without characters.
    """
    base = font_manager.findfont(BASE)
    characters = _characters(base)
    missing = {ord(character) for text in texts for character in text} - characters
    for path in _candidates(font) if missing else ():
        own = _characters(path)
        if missing <= own:
            return Typeface((BASE, _register(path)), characters | own)
    return Typeface((BASE,), characters)


def find_lacking(texts: Iterable[str], font: Path) -> str:
    """Return the characters of `texts` that neither the base font nor a font file has, in their own order."""
    needed = {ord(character) for text in texts for character in text}
    return "".join(map(chr, sorted(needed - _characters(font_manager.findfont(BASE)) - _characters(str(font)))))


def _candidates(font: Path | None) -> list[str]:
    listed = [entry for entry in font_manager.fontManager.ttflist if not entry.name.startswith(_CLAIMS_EVERYTHING)]
    known = [*listed, *_newly_installed({entry.fname for entry in font_manager.fontManager.ttflist})]
    rank = {name: position for position, name in enumerate(_PREFERRED)}
    known.sort(
        key=lambda entry: (rank.get(entry.name, len(rank)), entry.style != "normal", entry.weight != 400, entry.fname)
    )
    named = [str(each) for each in (font, os.environ.get(VARIABLE)) if each]
    return list(dict.fromkeys([*named, *(entry.fname for entry in known)]))


def _newly_installed(listed: Collection[str]) -> Iterator[font_manager.FontEntry]:
    """Fonts that came to this machine after matplotlib made its list, which it keeps in a file and does not renew."""
    for path in sorted(set(font_manager.findSystemFonts()) - set(listed)):
        with suppress(OSError, RuntimeError, NotImplementedError):
            yield font_manager.ttfFontProperty(FT2Font(path))


def _register(path: str) -> str:
    """Make the font the one that its family's name stands for, whatever else bears that name, and return the name."""
    known = font_manager.fontManager.ttflist
    first = len(known)
    font_manager.fontManager.addfont(path)
    known.insert(0, known.pop(first))
    return known[0].name


@cache
def _characters(path: str) -> frozenset[int]:
    try:
        return frozenset(FT2Font(path).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()

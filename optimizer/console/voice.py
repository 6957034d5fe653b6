"""How the program speaks: in which language, how much, and whether in JSON."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.sentences import Language, say
from optimizer.console.text import printable

SCHEMA_VERSION = 1
"""Of every JSON document printed here; it grows when a key changes its meaning or goes."""


@dataclass(frozen=True)
class Voice:
    """What the global options ask for: results go to stdout, everything else to stderr."""

    language: Language
    quiet: bool = False
    verbose: bool = False
    as_json: bool = False
    said: set[str] = field(default_factory=set)
    """Notes of a run that were said already: those of the next scenario are not said again."""

    def say(self, key: str, **facts: object) -> str:
        """Return the sentence of `cli.KEY`."""
        return say(f"cli.{key}", facts, self.language)

    def note(self, *lines: str) -> None:
        """Write lines to stderr, unless quiet."""
        if not self.quiet:
            self.complain(*lines)

    def complain(self, *lines: str) -> None:
        """Write lines to stderr, quiet or not."""
        sys.stderr.writelines(_plain_lines(lines))

    def answer(self, document: Mapping[str, Any], lines: Sequence[str]) -> None:
        """Write the result to stdout: one JSON document where that was asked for, else lines for people."""
        if self.as_json:
            plain = (sys.stdout.encoding or "").lower().startswith("utf")
            versioned = {"schema_version": SCHEMA_VERSION} | dict(document)
            lines = [json.dumps(versioned, ensure_ascii=not plain, indent=2)]
        sys.stdout.writelines(_plain_lines(lines))


def _plain_lines(texts: Sequence[str]) -> Iterator[str]:
    """Yield the lines of some texts, each fit for a terminal: no path or argument can steer it."""
    for text in texts:
        yield from (f"{printable(line)}\n" for line in text.split("\n"))


def spoken_language(environment: Mapping[str, str]) -> Language:
    """Return the language of XUEWEI_LANG, else of the locale: Chinese where it begins with zh, else English."""
    named = (environment.get(name) for name in ("XUEWEI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, named), "").lower().startswith("zh") else "en"

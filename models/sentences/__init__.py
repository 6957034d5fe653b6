"""Every sentence a person reads: a key, and facts that fill its gaps.

The catalogue is the folders `en/` and `zh/`, one TOML file a topic; the key `faults.T104.found` is the entry
`found` of the table `T104` in `faults.toml`. English is complete; a sentence not yet in Chinese falls back to it.
Words that a district has its own for are replaced in every sentence (`models.sentences.terms`). A gap `{detail:grades}`
is filled with the word that the topic `grades` has for the fact.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

from models.sentences.terms import Language, localise

__all__ = ["Language", "find", "say"]

_BY_WORD = ":grades}"


@cache
def _topic(language: Language, topic: str) -> Mapping[str, Any]:
    entry = files("models").joinpath("sentences", language, f"{topic}.toml")
    return tomllib.loads(entry.read_text(encoding="utf-8")) if entry.is_file() else {}


def find(key: str, language: Language = "en") -> str | None:
    """Return the raw sentence of `key` in local words, in English where `language` does not have it, or None."""
    topic, *path = key.split(".")
    for tongue in dict.fromkeys((language, "en")):
        node: Any = _topic(tongue, topic)
        for part in path:
            node = node.get(part) if isinstance(node, Mapping) else None
        if isinstance(node, str):
            return localise(node, tongue)
    return None


def say(key: str, facts: Mapping[str, object] | None = None, language: Language = "en") -> str:
    """Return the sentence of `key` with `facts` filled in.

    Raises KeyError for a key or a fact that the catalogue needs and does not find: a sentence is never half said.
    """
    sentence = find(key, language)
    if sentence is None:
        raise KeyError(f"no sentence {key!r}")
    told = dict(facts or {})
    return _Grades(language).vformat(sentence, (), told) if _BY_WORD in sentence else sentence.format_map(told)


class _Grades(Formatter):
    """Fills a gap `{fact:grades}` with the word for a grade, with the fact itself where it is none."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> Any:
        """Return what stands in a gap."""
        if format_spec == "grades":
            return find(f"grades.{value}", self.language) or str(value)
        return super().format_field(value, format_spec)

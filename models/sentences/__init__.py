"""Every sentence a person reads: a key, and facts that fill its gaps.

The catalogue is the folders `en/` and `zh/`, one TOML file a topic; the key `faults.T104.found` is the entry
`found` of the table `T104` in `faults.toml`. English is complete; a sentence not yet in Chinese falls back to it.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Language = Literal["en", "zh"]


@cache
def _topic(language: Language, topic: str) -> Mapping[str, Any]:
    entry = files("models").joinpath("sentences", language, f"{topic}.toml")
    return tomllib.loads(entry.read_text(encoding="utf-8")) if entry.is_file() else {}


def find(key: str, language: Language = "en") -> str | None:
    """Return the raw sentence of `key`, in English where `language` does not have it, or None."""
    topic, *path = key.split(".")
    for tongue in dict.fromkeys((language, "en")):
        node: Any = _topic(tongue, topic)
        for part in path:
            node = node.get(part) if isinstance(node, Mapping) else None
        if isinstance(node, str):
            return node
    return None


def say(key: str, facts: Mapping[str, object] | None = None, language: Language = "en") -> str:
    """Return the sentence of `key` with `facts` filled in.

    Raises KeyError for a key or a fact that the catalogue needs and does not find: a sentence is never half said.
    """
    sentence = find(key, language)
    if sentence is None:
        raise KeyError(f"no sentence {key!r}")
    return sentence.format_map(dict(facts or {}))

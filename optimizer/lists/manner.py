"""How lists are written: in which language, as a draft or final, for the desk or for everybody."""

from dataclasses import dataclass
from typing import Literal

from models.sentences import Language, find, say

MASK = "*"
"""Stands for a count that is not published."""


@dataclass(frozen=True)
class Manner:
    """What was asked of the lists. A list that is not `final` says that it is a calculation (测算稿)."""

    language: Language
    mode: Literal["entry", "whole"]
    final: bool = False
    publish: bool = False
    """Whether counts below five are hidden."""

    def word(self, key: str, **facts: object) -> str:
        """Return the sentence of `lists.KEY`."""
        return say(f"lists.{key}", facts, self.language)

    def stage(self, stage: str) -> str:
        """Return what a stage is called."""
        return find(f"cli.stages.{stage}", self.language) or stage

    def join(self, words: list[str]) -> str:
        """Return words as they are listed in a sentence."""
        return self.word("words.comma").join(words)

    @property
    def standing(self) -> str:
        """What a list is not, "" for a final one."""
        return "" if self.final else self.word(f"standing.{self.mode}")

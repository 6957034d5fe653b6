"""How lists are written: in which language, as a draft or final, for the desk or for everybody."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from models.sentences import Language, find, say

Mode = Literal["entry", "whole", "posts"]
"""What lists are of: children who enter, a study of all grades, or postings, which are no matter of admission."""
MASK = "*"
"""Stands for a count that is not published."""


@dataclass(frozen=True)
class Manner:
    """What was asked of the lists. A list that is not `final` says that it is a calculation (测算稿)."""

    language: Language
    mode: Mode
    final: bool = False
    publish: bool = False
    """Whether everybody may read them: counts of children below five are hidden, teachers are counted, not named."""

    def word(self, key: str, **facts: object) -> str:
        """Return the sentence of `lists.KEY`."""
        return say(f"lists.{key}", facts, self.language)

    def stage(self, stage: str) -> str:
        """Return what a stage is called."""
        return find(f"cli.stages.{stage}", self.language) or stage

    def subject(self, subject: str) -> str:
        """Return what a subject is called."""
        return find(f"subjects.{subject}", self.language) or subject

    def way(self, way: str) -> str:
        """Return what a way to come to a post, or to go from one, is called."""
        return find(f"cli.forms.{way}", self.language) or way

    def pool(self, pool: str) -> str:
        """Return what a pool of posts is called."""
        return find(f"cli.pools.{pool}", self.language) or pool

    @property
    def coded(self) -> Mapping[str, Callable[[str], str]]:
        """Columns whose cells are codes, and what tells them in words."""
        return {"stage": self.stage, "subject": self.subject, "way": self.way, "pool": self.pool}

    def heading(self, column: str) -> str:
        """Return the heading of a column of a list; out_WAY and in_WAY name the way."""
        end, _, way = column.partition("_")
        if end in ("out", "in") and way:
            return self.word(f"columns.{end}_by", way=self.way(way))
        return self.word(f"columns.{column}")

    def join(self, words: list[str]) -> str:
        """Return words as they are listed in a sentence."""
        return self.word("words.comma").join(words)

    @property
    def standing(self) -> str:
        """What a list is not, "" for a final one."""
        return "" if self.final else self.word(f"standing.{self.mode}")

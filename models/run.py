"""A finished run: the plan, what was proved of it, what falls short, and where it all came from."""

from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from models.diagnosis import Diagnosis
from models.outcome import Outcome
from models.plan import Plan
from models.revision import Revision
from models.sentences import Language
from models.settings import Hardness

RunScope = Literal["children", "posts", "all"]
"""What a run decides: where children go, posts alone, for classes that are given, or both."""
INDEX_COLUMNS = ("index", "scope", "stage", "value", "unit", "target", "passes")


@dataclass(frozen=True)
class Shortfall:
    """A rule that a plan does not keep: where, and by how much in the rule's own unit (`metres`, `students`, ...)."""

    rule: str
    hardness: Hardness
    stage: str
    where: str
    """Id of the unit or school, or "" for the district."""
    value: float
    limit: float
    unit: str
    inherited: bool = False
    kind: str = ""
    """Which of the rule's sentences says it; "" for the plain one."""
    detail: str = ""
    """What within `where` is meant: a grade, a class size, another unit or school."""
    breach: float = 0.0
    """Children concerned or above the limit (above what stood, where it grew); classes for rooms. The level `shortage`
    counts it, but not where it is inherited."""
    before: float | None = None
    """What `value` was before this plan (last year's return, today's catchments), where that was above the limit."""

    @property
    def is_fault(self) -> bool:
        """Whether no plan may be stored with it: a hard rule is broken by the plan, not by what stood already."""
        return self.hardness == "hard" and not self.inherited


@dataclass(frozen=True)
class Run:
    """Everything a run folder holds, before it is written."""

    name: str
    """Of its folder: the scenario, or its variation."""
    seed: int
    outcome: Outcome
    plan: Plan | None = None
    indices: pd.DataFrame | None = None
    """Columns INDEX_COLUMNS; `scope` is `district` or a school id."""
    shortfalls: tuple[Shortfall, ...] = ()
    diagnosis: Diagnosis | None = None
    """For a run without a plan: why, and what would make one; None where nobody looked."""
    revision: Revision | None = None
    """The draft it goes on from; None where there is none, or one that answered another question."""
    language: Language = "en"
    """Of the words in its tables."""
    inputs: str = ""
    """What it calls the folder of its instance; "" that from which it was read."""
    scope: RunScope = "children"
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall seconds by step; empty where a work limit was asked for, so that equal runs are equal byte for byte."""

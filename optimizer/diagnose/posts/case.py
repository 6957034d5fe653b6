"""Posts that cannot be decided: the district, its classes, and what it is with other settings."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from models.district import District
from models.settings import Settings, merge
from optimizer.diagnose.attempt import Case
from optimizer.formulation.staffing.formulation import StaffFormulation, formulate_staffing
from optimizer.formulation.staffing.openings import Openings, with_classes

RULES = (
    "certificate",
    "no_return",
    "commute",
    "couples",
    "swaps",
    "budget",
    "continuity",
    "direction",
    "principal_terms",
    "balance_cv",
    "rotation_backbone",
    "rotation_share",
)
"""Rules of posts in the order in which they are tried for deletion: those that a planner names first come last. The
quota is none of them: where everybody stays nobody is beyond it, and no rule asks for anybody new."""


@dataclass(frozen=True)
class PostsCase:
    """Classes that have a plan, for which posts are to be decided."""

    district: District
    classes: pd.DataFrame
    """Columns `models.plan.CLASS_COLUMNS`; with `openings` the fewest."""
    openings: Openings | None
    patched: Callable[[Mapping[str, Any]], District | None]
    """The district read anew with a further override; None where the instance then has faults."""
    workers: int = 1

    @property
    def hard(self) -> tuple[str, ...]:
        """The rules of posts that must be kept, in the order of `RULES`."""
        return tuple(rule for rule in RULES if getattr(self.district.settings.rules, rule) == "hard")

    @classmethod
    def of(cls, case: Case, classes: pd.DataFrame, openings: Openings | None) -> "PostsCase":
        """Return the posts of a case whose children have a plan with these classes, of which `openings` are open."""

        def patched(patch: Mapping[str, Any]) -> District | None:
            other = case.patched(patch)
            return None if other is None else other.district

        fewest = classes if openings is None else with_classes(classes, case.district, openings)
        return cls(case.district, fewest, openings, patched, case.workers)

    def posed(self, settings: Mapping[str, Any]) -> "PostsCase":
        """Return the case with other settings, such as `{"rules": {"couples": "off"}}`."""
        merged = merge(self.district.settings.model_dump(), settings)
        return replace(self, district=replace(self.district, settings=Settings.model_validate(merged)))

    def keeping(self, rules: Iterable[str]) -> "PostsCase":
        """Return the case with these rules of posts alone."""
        kept = frozenset(rules)
        return self.posed({"rules": {rule: "hard" if rule in kept else "off" for rule in RULES}})

    def formulate(self) -> StaffFormulation:
        """Return the mathematics of its posts."""
        return formulate_staffing(self.district, self.classes, self.openings)

"""Why there is no plan, what would make one, and what binds in the one there is: in facts, before they are words.

Every fact has a key in `models/sentences/*/diagnose.toml`, so that one set of facts is said in every language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Count:
    """A sum that no plan can meet, such as children against the places within their reach."""

    key: str
    """Of its sentence: `diagnose.counts.KEY`."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """What the sentence says; `stage` is a stage by its name, or several joined by " + "."""
    rules: tuple[str, ...] = ()
    """Rules, by their names in `[rules]`, that the sum is made of; every child has a place (`assigned`) besides."""
    short: float = 0.0
    """Children, classes, posts or teachers missing."""
    units: tuple[str, ...] = ()
    """Ids of the units it speaks of; none where it is the whole district."""
    schools: tuple[str, ...] = ()
    proves: bool = True
    """Whether no plan exists because of it. Posts that nobody fills are vacant, and a plan tells of them."""


@dataclass(frozen=True)
class Conflict:
    """Rules that cannot hold together, whatever the other rules say."""

    rules: tuple[str, ...]
    """By their names in `[rules]`, or as `optimizer.diagnose.families` calls them."""
    minimal: bool
    """Whether each of them was shown to be needed: without it the others hold together."""


@dataclass(frozen=True)
class Repair:
    """A change of the instance with which a plan exists; it was solved again to be sure."""

    lever: str
    """What is changed, as a bureau would say: `extension`, `purchase`, `ceiling`, ...; `diagnose.repairs.LEVER`."""
    facts: Mapping[str, object]
    patch: Mapping[str, Any]
    """An override in the shape of the instance, as `scenarios.toml` holds it."""
    amount: float
    """How much, in the lever's own unit."""
    least: float
    """With less of this lever alone no plan exists; `amount` where that is proved minimal."""
    unit: str
    """`places`, `classes`, `classrooms`, `children`, `metres`, `teachers`, `share`, ..."""
    levels: Mapping[str, float] = field(default_factory=dict)
    """Value of every level in the plan that it makes."""
    mean_m: float | None = None
    """Metres of a child on average in that plan."""
    posts: Mapping[str, float] = field(default_factory=dict)
    """Of that plan, where posts were decided: `required`, `filled`, `vacant`."""
    posts_open: bool = False
    """Whether posts are to be decided as well, and could not be in time: the plan that was found is the children's."""
    parts: tuple["Repair", ...] = ()
    """What it is made of where no single change is enough; `patch` holds them all."""


@dataclass(frozen=True)
class Binding:
    """A rule that a plan leans on: without it the plan could be better."""

    rule: str
    where: str
    """Id of the school, or "" for the district."""
    stage: str
    value: float
    limit: float
    unit: str
    kind: str = ""
    """Which of the rule's sentences says it: `diagnose.bindings.RULE.KIND`; "" for the plain one."""
    detail: str = ""
    """What within `where` is meant: a grade, a class size, an indicator."""
    inherited: bool = False
    """It stood above the limit of the rule before the plan; `limit` is what stood, and it may not grow."""


@dataclass(frozen=True)
class Price:
    """What one more class, place or teacher would be worth to the plan at hand: it was solved with it, to be sure."""

    lever: str
    """`class`, `places` or `teacher`; `diagnose.prices.LEVER`."""
    where: str
    facts: Mapping[str, object]
    """`children` whose way changes, `before_m` and `after_m` on average, and levels that change."""
    student_km: float
    """Saved."""
    patch: Mapping[str, Any] = field(default_factory=dict)
    """The change as an override in the shape of the instance; of a teacher none, for there is nobody yet."""


@dataclass(frozen=True)
class Diagnosis:
    """All that was found out about one scenario."""

    possible: bool | None
    """Whether a plan exists; None where neither a plan nor a proof was found in time."""
    counts: tuple[Count, ...] = ()
    """Shortest first."""
    conflict: Conflict | None = None
    repairs: tuple[Repair, ...] = ()
    """In the order in which a bureau would try them."""
    bindings: tuple[Binding, ...] = ()
    prices: tuple[Price, ...] = ()
    complete: bool = True
    """Whether all was looked for; not so where time was over."""

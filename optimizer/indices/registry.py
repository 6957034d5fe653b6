"""The list of indices: every function that computes one enters itself here with its unit, direction and source."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

from models.district import Floats
from models.placement import Placement
from models.staffed import Staffed
from models.stages import Stage

Better = Literal["lower", "higher", "neither"]
Scope = Literal["district", "overall", "school", "pool"]
"""`district`: one value a stage; `overall`: one for all stages together as well; `school`: one a school and stage;
`pool`: one for each pool of posts (区管校聘), all stages together."""


@dataclass(frozen=True)
class View:
    """What an index looks at: a plan, and the stages that are meant. `stage` is "" for all of them together."""

    placement: Placement
    stages: tuple[Stage, ...]
    stage: Stage | Literal[""]

    @property
    def staffed(self) -> Staffed:
        """The posts of the plan: indices of posts are computed for a plan that has some."""
        staffed = self.placement.staffed
        assert staffed is not None
        return staffed


Compute = Callable[[View], float] | Callable[[View], Floats]
Entered = TypeVar("Entered", bound=Compute)
Target = Callable[[View], float | Floats | None]
"""One for all that an index is computed for, or one for each; None and NaN where there is none."""


@dataclass(frozen=True)
class Index:
    """An index; its title is in `models.sentences`. NaN means that the district does not ask this question.

    `compute` returns one number, or for the scopes `school` and `pool` an array with a number for each.
    """

    code: str
    scope: Scope
    unit: str
    better: Better
    compute: Compute
    target: Target
    source: str

    @property
    def formula(self) -> str:
        """The formula in words: the first line of the function's docstring."""
        return (self.compute.__doc__ or "").strip().splitlines()[0]

    def passes(self, value: float, target: float | None) -> bool | None:
        """Whether `value` reaches the target; None where there is none. The unrounded value is compared."""
        if target is None or self.better == "neither":
            return None
        slack = 1e-9 * max(abs(target), 1.0)
        return bool(value <= target + slack if self.better == "lower" else value >= target - slack)


INDICES: dict[str, Index] = {}


def no_target(_: View) -> float | None:
    """No target: the number is for comparison."""
    return None


def zero(_: View) -> float | None:
    """A target of none at all."""
    return 0.0


def index(
    code: str, unit: str, better: Better, *, scope: Scope = "district", target: Target = no_target, source: str = ""
) -> Callable[[Entered], Entered]:
    """Enter a function as the index `code`. `source` names where the definition or the target comes from."""

    def enter(compute: Entered) -> Entered:
        INDICES[code] = Index(code, scope, unit, better, compute, target, source)
        return compute

    return enter


def divide(top: float, bottom: float) -> float:
    """Return top / bottom, NaN where there is nothing to divide by."""
    return float(top / bottom) if bottom else float(np.nan)

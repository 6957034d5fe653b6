"""A plan that goes on from an earlier one: the draft, what was edited in it, and what may change for that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from models.district import Bools
from models.plan import Plan

Cause = Literal["edited", "fixed", "gone", "opened", "counted", "new"]
"""Why a unit of the draft cannot simply stay: its catchment was edited by hand, a decision says otherwise, its school
takes nobody any more, a school opens in it, its children were counted anew, or the draft does not know it."""
Scope = Literal["", "near", "all"]
"""What was open: everything, since nothing was edited; the neighbourhood of the edits; everything, the edits held."""


@dataclass(frozen=True)
class Earlier:
    """An earlier run as tables. `plan.catchments` may have been edited by hand since."""

    plan: Plan
    drawn: pd.DataFrame
    """Catchments as the program drew them; columns as in `plan.catchments`."""
    schools: frozenset[tuple[str, str]]
    """School ids and stages that the run knew."""
    same_question: bool
    """Whether it is of this district, year and mode, so that what differs was edited."""
    hold: int = 1
    """Admission years that its catchments were drawn for."""


@dataclass(frozen=True)
class Revision:
    """A draft in positions of the district; `held` and `drawn` have the shape (units, schools, stages)."""

    table: pd.DataFrame
    """Catchments as the program drew them, ids as text."""
    held: Bools
    """Which school has which unit in the draft, as edited."""
    known: Bools
    """Units that the draft gives to a school that still receives, shape (units, stages)."""
    causes: Mapping[Cause, Bools]
    """Units that cannot simply stay, by the reason; shapes (units, stages)."""
    opened: Bools
    """Units that may change for that, shape (units, stages)."""
    scope: Scope = ""

    @property
    def edited(self) -> Bools:
        """Units whose catchment was edited by hand: they are held as edited, shape (units, stages)."""
        return self.causes["edited"]

    @property
    def touched(self) -> Bools:
        """Units with any cause, shape (units, stages)."""
        return np.asarray(np.logical_or.reduce(list(self.causes.values())), dtype=np.bool_)

"""The years after that of a plan whose entrants its catchments are drawn for (`solve --hold`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.stages import Stage
from models.stock import Stock

Source = Literal["counted", "feeders", "younger", "leavers", "repeated"]
"""Where entrants come from: counted for that year; the last primary grade by feeders; children counted today in younger
grades; the last primary grade by catchments; nothing known, so that the year before repeats."""


@dataclass(frozen=True)
class LaterYear:
    """Who enters in a later year, by the unit they live in; arrays of shape (units, stages), zoned children alone."""

    year: int
    sources: Mapping[Stage, Source]
    """Where the entrants of a stage are known from; a stage that is not named is not looked at in this year."""
    entrants: NDArray[np.int64]
    joined: NDArray[np.int64]
    """Entrants of the years from the plan's to this one who are at school then."""
    stock: Stock | None
    """Classes that the plan does not decide and that stand then; those of stages not planned as last year's return has
    them."""

    def students(self, schools: int, stages: tuple[Stage, ...]) -> NDArray[np.int64]:
        """Children of `stages` in classes that stand at each school, shape (schools,)."""
        none = np.zeros(schools, dtype=np.int64)
        return none if self.stock is None else self.stock.students_by_school(schools, stages)

    def classes(self, schools: int, stages: tuple[Stage, ...]) -> NDArray[np.int64]:
        """Classes of `stages` that stand at each school, shape (schools,)."""
        none = np.zeros(schools, dtype=np.int64)
        return none if self.stock is None else self.stock.classes_by_school(schools, stages)

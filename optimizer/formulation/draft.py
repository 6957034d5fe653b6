"""A formulation in the making: what the rule functions add to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from models.district import Bools, District, Floats, Ints, Travel
from models.settings import Hardness, LevelName
from models.stages import Stage
from models.stock import Stock, roll
from optimizer.formulation.formulation import Blocks, Budget, ClassRules, Column, Contiguity, LaterLimit, Limit


@dataclass(frozen=True)
class Standing:
    """Today's catchments that a plan of mode `entry` keeps whatever else is redrawn."""

    units: Bools
    """Units that keep today's schools, shape (units, stages)."""
    shared: Bools
    """Those among them that several schools share, shape (units, stages)."""
    schools: Bools
    """Schools whose catchment stands, so that contiguity does not ask for it, shape (schools, stages)."""


Eased = Mapping[str, Collection[int]]
"""Rules with the rows of the schools at which alone they are soft: at all others they are hard."""


@dataclass
class Draft:
    """A formulation in the making: every rule function adds to it."""

    district: District
    travel: Travel
    standing: Standing
    everybody: int
    """All children there are, also those who follow no catchment: no school has more."""
    stages: tuple[Stage, ...]
    columns: tuple[Column, ...]
    divisible: bool
    """Units may be divided: `indivisible` is not hard, and nobody may sit outside the catchment."""
    blocks: Blocks
    block: Ints
    school: Ints
    farthest_m: Floats
    """Metres from the farthest unit with children (or any unit, where none has) to the school, one a pair."""
    allowed: Bools
    price: dict[LevelName, Floats]
    limits: list[Limit] = field(default_factory=list)
    budgets: list[Budget] = field(default_factory=list)
    later: list[LaterLimit] = field(default_factory=list)
    classes: ClassRules | None = None
    contiguity: Contiguity | None = None
    eased: Eased = field(default_factory=dict)

    @cached_property
    def stock_ahead(self) -> tuple[Stock, ...]:
        """Continuing classes of the year of the plan and of the next ones within the horizon of `tracks`."""
        district = self.district
        if district.stock is None:
            return ()
        years = [district.stock]
        for _ in range(1, district.settings.policy.tracks.horizon):
            years.append(roll(years[-1], district.rates, district.settings.instance.system))
        return tuple(years)

    @property
    def entry(self) -> bool:
        """Whether the plan decides the entry grades alone."""
        return self.district.settings.instance.mode == "entry"

    @property
    def overflows(self) -> bool:
        """Whether children of a catchment may sit elsewhere: limits do not bind who belongs to it."""
        return self.entry and self.district.settings.rules.overflow != "hard"

    def hardness(self, rule: str, school: int) -> Hardness:
        """Return how a rule binds at a school; what `[rules]` does not name is hard unless it is eased there."""
        if rule in self.eased:
            return "soft" if school in self.eased[rule] else "hard"
        stated: Hardness = getattr(self.district.settings.rules, rule, "hard")
        return stated

    def forbid(self, broken: Bools | Ints, hardness: str) -> None:
        """Take out the pairs of units and schools that are `broken`, shape (units, schools, stages).

        Soft: the children of those units count in `shortage`, as often as a number in `broken` says.
        """
        if hardness == "hard":
            self.allowed &= self.count(broken, np.ones_like(broken[:, 0], dtype=np.int64)) == 0
        elif hardness == "soft":
            children = np.stack([self.district.demand.of_stage(stage) for stage in self.stages], axis=1)
            self.add_price("shortage", self.count(broken, children).astype(float))

    def add_price(self, level: LevelName, price: Floats) -> None:
        """Add to what the pairs cost in a level."""
        self.price[level] = self.price[level] + price if level in self.price else price

    def count(self, broken: Bools | Ints, children: Ints) -> Ints:
        """Sum `children`, shape (units, stages), over the units of each pair that are `broken` at its school."""
        lengths = np.diff(self.blocks.start)[self.block]
        pair = np.repeat(np.arange(len(self.block)), lengths)
        unit = self.blocks.units[expand(self.blocks.start[self.block], lengths)]
        stage = self.blocks.stage[self.block][pair]
        counted = broken[unit, self.school[pair], stage] * children[unit, stage]
        return np.bincount(pair, weights=counted, minlength=len(self.block)).astype(np.int64)

    def columns_of(self, stages: Sequence[Stage]) -> Bools:
        """Columns whose children belong to `stages`."""
        return np.array([column.stage in stages for column in self.columns], dtype=bool)

    def counted(self, level: LevelName) -> Bools:
        """Columns whose children a level counts: those that may hold zoned ones in `stability`, all in the others."""
        if level != "stability":
            return np.ones(len(self.columns), dtype=bool)
        categories = self.district.settings.categories
        return np.array([not column.category or categories[column.category].zoned for column in self.columns])


def expand(start: Ints, lengths: Ints) -> Ints:
    """Return start[0], start[0] + 1, ... for each range of the given length, one after the other."""
    total = int(lengths.sum())
    ends = np.cumsum(lengths)
    return np.repeat(start - ends + lengths, lengths) + np.arange(total)

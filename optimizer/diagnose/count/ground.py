"""What every sum starts from: children in groups that keep to the same schools, and which rule bars the others."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.district import Bools, District, Ints, Travel
from optimizer.formulation.formulate import Barring, find_barring
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.reach import beyond_borders, beyond_ceiling
from optimizer.formulation.sitting import are_zoned, may_sit, stage_of_columns, who_sits

CAPACITY = ("places", "school_size", "classrooms", "class_size")
"""Rules that say how many children a school takes, whatever the mode."""
OUT_OF_TOUCH = "forbid_out_of_touch"
"""The step of the formulation that bars schools to which no way leads that a catchment could take."""
DEDUCED = (OUT_OF_TOUCH, "seat_indispensable_schools", "forbid_ways_too_full")
"""Steps of the formulation that bar what follows from several rules together."""
MEANT = {"contiguity": ("contiguous",), OUT_OF_TOUCH: ("contiguous",), "assigned": ()}
"""Names in `[rules]` of what bars a pair, where it is called otherwise."""


@dataclass(frozen=True)
class Groups:
    """Children who need a seat; in mode `entry` also those who follow no catchment."""

    block: Ints
    """Their block, shape (groups,); of a child that follows none that of its unit."""
    stage: Ints
    students: Ints
    """Shape (groups, columns)."""
    may: Bools
    """Schools at which they may sit in some plan, shape (groups, schools)."""
    unit: Ints
    """Their unit; -1 where they are all of a block."""
    bound: Bools
    """Whether they sit where they belong: all of mode `whole`, and zoned children where overflow is hard."""

    def __len__(self) -> int:
        return len(self.block)

    @cached_property
    def size(self) -> Ints:
        """Children of each group; none of one that no school is left to, which is counted as such."""
        return np.where(np.any(self.may, axis=1), self.students.sum(axis=1), 0)


@dataclass(frozen=True)
class Ground:
    """A district with its formulation, and what is worked out once for all sums."""

    f: Formulation
    district: District
    travel: Travel

    @cached_property
    def stage_of(self) -> Ints:
        """Position of the stage of every column."""
        return stage_of_columns(self.f)

    @cached_property
    def groups(self) -> Groups:
        """Everybody who needs a seat."""
        f = self.f
        if f.pool is None:
            block = np.flatnonzero(f.blocks.size)
            every, nowhere = np.ones(len(block), dtype=bool), np.full(len(block), -1)
            return Groups(block, f.blocks.stage[block], f.blocks.students[block], self.open_to[block], nowhere, every)
        parties, _ = who_sits(f, self.district)
        students = np.zeros((len(parties), len(f.columns)), dtype=np.int64)
        students[np.arange(len(parties)), parties.column] = parties.students
        stage = self.stage_of[parties.column]
        bound = are_zoned(self.district, parties) & (f.pool.overflow == "hard")
        block = f.blocks.of_unit[parties.unit, stage]
        may = may_sit(f, self.district, self.travel, parties)
        if bound.any():
            may |= bound[:, None] & self.open_to[block]
        return Groups(block, stage, students, may, parties.unit, bound)

    @cached_property
    def open_to(self) -> Bools:
        """Schools of every block that no rule bars by itself: what follows from several is for the sums to find."""
        f = self.f
        allowed: Bools = np.asarray(f.pair_table >= 0)
        if f.contiguity is None or not f.contiguity.hard:
            return allowed
        implied = [self.barring.rules.index(step) for step in DEDUCED]
        left = np.asarray(allowed | np.isin(self.barring.first, implied))
        return np.where(np.any(allowed, axis=1)[:, None], left, allowed)

    @cached_property
    def taken(self) -> Ints:
        """Children whose seats are decided, shape (schools, columns)."""
        shape = (len(self.f.school_ids), len(self.f.columns))
        return np.zeros(shape, dtype=np.int64) if self.f.pool is None else self.f.pool.taken

    @cached_property
    def barring(self) -> Barring:
        """Which rule bars which block from which school first."""
        return find_barring(self.district, self.travel)

    @cached_property
    def barred(self) -> Ints:
        """Rule that bars each group from each school, as in `barring.first`, shape (groups, schools)."""
        groups, f = self.groups, self.f
        first = self.barring.first[groups.block]
        if f.pool is None:
            return first
        names, unit, stage = self.barring.rules, groups.unit, groups.stage
        metres = self.travel.metres[unit]
        column = groups.students.argmax(axis=1)
        hosts = f.pool.hosts[:, column].T
        reach = np.full(metres.shape, len(names))
        reach[beyond_borders(self.district)[unit]] = names.index("region")
        reach[beyond_ceiling(self.district, self.travel, f.stages)[unit, :, stage]] = names.index("max_travel")
        reach[~np.isfinite(metres)] = names.index("assigned")
        reach[~hosts] = -1
        return np.asarray(np.where(groups.bound[:, None], first, reach))

    def barred_by(self, groups: Ints, schools: Bools) -> tuple[str, ...]:
        """Rules that leave some groups no school but `schools`."""
        outside = self.barred[groups][:, ~schools]
        names = [self.barring.rules[k] for k in np.unique(outside) if 0 <= k < len(self.barring.rules)]
        several = len(names) > 0 and (np.diff(self.f.blocks.start)[self.groups.block[groups]] > 1).any()
        bound = self.at_home if self.groups.bound[groups].any() else ()
        meant = [rule for name in names for rule in self.meant(name)]
        return tuple(dict.fromkeys([*meant, *["indivisible"] * bool(several), *bound]))

    @property
    def sits_where_drawn(self) -> bool:
        """Whether zoned children sit at the school that they belong to."""
        return self.f.pool is None or self.f.pool.overflow == "hard"

    @property
    def at_home(self) -> tuple[str, ...]:
        """The rule that says so, in mode `entry`."""
        return () if self.f.pool is None or not self.sits_where_drawn else ("overflow",)

    def meant(self, name: str) -> tuple[str, ...]:
        """Names in `[rules]` behind a step of the formulation that bars pairs."""
        if name in MEANT or name not in DEDUCED:
            return MEANT.get(name, (name,))
        rules = self.district.settings.rules
        return ("contiguous", "indivisible", *(rule for rule in CAPACITY if getattr(rules, rule) == "hard"))

    def units_of(self, groups: Ints) -> tuple[str, ...]:
        """Ids of the units of some groups, in the order of the instance."""
        alone = self.groups.unit[groups]
        rows = [unit for unit in alone.tolist() if unit >= 0]
        for block in self.groups.block[groups[alone < 0]].tolist():
            rows += self.f.blocks.members(block).tolist()
        return tuple(self.f.unit_ids[unit] for unit in sorted(set(rows)))

    def schools_of(self, schools: Bools) -> tuple[str, ...]:
        """Ids of the schools marked."""
        return tuple(self.f.school_ids[school] for school in np.flatnonzero(schools))

    def name_stages(self, stages: Ints) -> str:
        """Stages by their names, joined by " + "."""
        return " + ".join(self.f.stages[s] for s in np.unique(stages))

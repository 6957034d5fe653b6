"""Which schools the children of a unit belong to, as `current` has it, and how a shared catchment is divided."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from models.district import District, Floats, Ints
from models.rounding import divide_whole
from models.stages import Stage
from optimizer.outlook.rooms import compute_size


@dataclass(frozen=True)
class Homes:
    """Schools that share units, and the units they share, for the children of one stage and category.

    Schools are columns 0 to n - 1; column n is no school. Every unit is in one group.
    """

    groups: tuple[tuple[Ints, Ints], ...]
    """Pairs of columns and rows of `Units`."""
    size: Floats
    """Children each column has room for, shape (n + 1,): a shared catchment is divided in this proportion."""

    def gather(self, students: Ints) -> Ints:
        """Return children by column, shape (n + 1,), of children by unit."""
        held = np.zeros(len(self.size), dtype=np.int64)
        for columns, units in self.groups:
            held[columns] += divide_whole(int(students[units].sum()), proportions(self.size[columns]))
        return held

    def shares(self, weight: Floats, units: Ints) -> Floats:
        """Return the part of `units` that belongs to each column, units counted by `weight`, shape (n + 1,)."""
        counted = np.zeros(len(weight))
        counted[units] = weight[units] if weight[units].any() else 1.0
        part = np.zeros(len(self.size))
        for columns, shared in self.groups:
            part[columns] += counted[shared].sum() * proportions(self.size[columns])
        return np.asarray(part / max(part.sum(), 1e-12), dtype=np.float64)

    def units_of(self, column: int) -> Ints:
        """Return the units that belong to a column, alone or with others."""
        found = [units for columns, units in self.groups if column in columns]
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def find_homes(district: District, stage: Stage, category: str) -> Homes:
    """Return where the children of a stage and category belong.

    Schools that are closed, private or do not teach the stage have no catchment. Where `fixed` says that children must
    belong to a school, they do: a unit to its school, placed children to their seat, at a school of whatever type.
    """
    count = len(district.schools)
    schools_of = _schools_of_units(district, stage, category)
    groups: dict[tuple[int, ...], list[int]] = {}
    for unit in range(len(district.units)):
        groups.setdefault(tuple(sorted(schools_of.get(unit, {count}))), []).append(unit)
    return Homes(
        groups=tuple((np.array(columns), np.array(units)) for columns, units in groups.items()),
        size=np.append(compute_size(district, stage), 0.0),
    )


def find_pools(homes: Homes, columns: Iterable[int]) -> tuple[tuple[int, ...], ...]:
    """Return `columns` in pools: two schools are in one where they share a catchment, also by way of a third."""
    label = np.arange(len(homes.size))
    for shared, _ in homes.groups:
        label[np.isin(label, label[shared])] = label[shared].min()
    pools: dict[int, list[int]] = {}
    for column in columns:
        pools.setdefault(int(label[column]), []).append(column)
    return tuple(tuple(pool) for pool in pools.values())


def proportions(size: Floats) -> Floats:
    """Return `size` as shares of its sum; equal ones where a size is unknown or all are 0."""
    if np.isnan(size).any() or not size.sum():
        return np.full(len(size), 1.0 / len(size))
    return np.asarray(size / size.sum(), dtype=np.float64)


def _schools_of_units(district: District, stage: Stage, category: str) -> dict[int, set[int]]:
    teaches, current = district.schools.serves(stage), district.current
    held: dict[int, set[int]] = {}
    if current is not None:
        for unit, of, school in zip(current.unit, current.stage, current.school, strict=True):
            if of == stage and teaches[school]:
                held.setdefault(int(unit), set()).add(int(school))
    return held | _seats(district, stage, category)


def _seats(district: District, stage: Stage, category: str) -> dict[int, set[int]]:
    """Return the schools that units must belong to; rows that name no category mean zoned children."""
    seats: dict[int, set[int]] = {}
    if district.fixed is None:
        return seats
    fixed = district.fixed
    meant = {category, ""} if not category or district.settings.kind_of(category) == "zoned" else {category}
    for unit, of, school, must, named in zip(
        fixed.unit, fixed.stage, fixed.school, fixed.must, fixed.category, strict=True
    ):
        if must and of == stage and named in meant:
            seats.setdefault(int(unit), set()).add(int(school))
    return seats

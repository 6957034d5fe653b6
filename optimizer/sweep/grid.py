"""The grid of a sweep: every combination of the values, in the order given, and which plan each begins from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from typing import Any, get_args

import numpy as np

from models.sentences import Language
from models.settings import merge
from models.variation import Variation
from optimizer.sweep.axes import Axis, UnclearAxis
from optimizer.sweep.words import name_key, name_value

SHORTEST = 2
"""Parts of a key that its short form has at least: `cap.primary`, `S07.classrooms`."""
DIGITS = 3
"""Of the folder of a run, at least."""


@dataclass(frozen=True)
class Point:
    """One plan of a grid; `position` is that of its value on every axis."""

    name: str
    position: tuple[int, ...]
    scenario: str
    variation: Variation
    after: str
    """Name of the point whose plan this one begins from; "" for the first."""


@dataclass(frozen=True)
class Grid:
    """What varies, over which scenario."""

    axes: tuple[Axis, ...]
    scenario: str

    @property
    def shape(self) -> tuple[int, ...]:
        """Values of every axis."""
        return tuple(len(axis.values) for axis in self.axes)

    @property
    def varies_scenario(self) -> bool:
        """Whether the scenario is one of the keys."""
        return any(axis.is_scenario for axis in self.axes)

    @property
    def labels_of_axes(self) -> tuple[tuple[str, ...], ...]:
        """The values of every axis as tables show them."""
        return tuple(axis.labels for axis in self.axes)

    def __len__(self) -> int:
        return int(np.prod(self.shape))

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """Every combination, the last key varying fastest."""
        return tuple(self.point(position) for position in product(*map(range, self.shape)))

    @cached_property
    def short_keys(self) -> tuple[str, ...]:
        """The end of each key by which it is told from the others."""
        return tuple(_shorten([axis.path for axis in self.axes], axis) for axis in self.axes)

    def point(self, position: tuple[int, ...]) -> Point:
        """Return the point at a position."""
        name = self._name(position)
        patch: dict[str, Any] = {}
        for axis, at in zip(self.axes, position, strict=True):
            patch = _lay(patch, axis.patch(at))
        title = {language: self.title(position, language) for language in get_args(Language)}
        variation = Variation(name=name, title=title, patch=patch)
        return Point(name, position, self._scenario(position), variation, self._name(_neighbour(position)))

    def keys(self, language: Language) -> tuple[str, ...]:
        """Return what each key is called."""
        named = zip(self.axes, self.short_keys, strict=True)
        return tuple(name_key(axis, short, language) for axis, short in named)

    def values(self, axis: int, language: Language) -> tuple[str, ...]:
        """Return what the values of an axis are called."""
        return tuple(name_value(self.axes[axis], at, language) for at in range(self.shape[axis]))

    def title(self, position: Sequence[int], language: Language, beside: int | None = None) -> str:
        """Return what a point is called, `S07.classrooms = 24, cap.primary = 40`, without the key `beside`."""
        named = zip(self.keys(language), self.axes, position, strict=True)
        told = [f"{key} = {name_value(axis, at, language)}" for key, axis, at in named]
        return ", ".join(text for k, text in enumerate(told) if k != beside)

    def labels(self, position: Sequence[int]) -> tuple[str, ...]:
        """Return the values of a point as tables show them."""
        return tuple(axis.labels[at] for axis, at in zip(self.axes, position, strict=True))

    def star(self) -> Iterator[Point]:
        """Yield the points that hold every value once or more: the first of all, and those that differ in one key."""
        first = (0,) * len(self.axes)
        yield self.point(first)
        for axis, count in enumerate(self.shape):
            yield from (self.point((*first[:axis], at, *first[axis + 1 :])) for at in range(1, count))

    def _scenario(self, position: tuple[int, ...]) -> str:
        varied = [axis.values[at] for axis, at in zip(self.axes, position, strict=True) if axis.is_scenario]
        return str(varied[0]) if varied else self.scenario

    def _name(self, position: tuple[int, ...] | None) -> str:
        """Folder of the run of a point: its number, from 1 on."""
        if position is None:
            return ""
        number = int(np.ravel_multi_index(position, self.shape)) + 1
        return f"{number:0{max(DIGITS, len(str(len(self))))}d}"


def make_grid(axes: Sequence[Axis], scenario: str) -> Grid:
    """Return the grid of some axes. Raises UnclearAxis where two of them speak of the same."""
    for first, second in combinations(axes, 2):
        shorter, longer = sorted((first.path, second.path), key=len)
        if longer[: len(shorter)] == shorter and first.rows == second.rows:
            raise UnclearAxis("same_key", first=first.key, second=second.key)
        if {first.path[0], second.path[0]} == {"demand"} and first.changes_demand != second.changes_demand:
            raise UnclearAxis("two_demands", first=first.key, second=second.key)
    return Grid(tuple(axes), scenario)


def _neighbour(position: tuple[int, ...]) -> tuple[int, ...] | None:
    """One step lower in the last key that is not at its first value."""
    moved = [axis for axis, at in enumerate(position) if at]
    if not moved:
        return None
    last = moved[-1]
    return (*position[:last], position[last] - 1, *position[last + 1 :])


def _lay(below: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """One override over another; changes of demand follow each other."""
    merged = merge(below, patch)
    changes = [each["demand"] for each in (below, patch) if isinstance(each.get("demand"), list)]
    return {**merged, "demand": [change for listed in changes for change in listed]} if changes else merged


def _shorten(paths: Sequence[tuple[str, ...]], axis: Axis) -> str:
    """The shortest end of a key that no other key has; the key as stated where it names rows of children."""
    if axis.rows:
        return axis.key
    for length in range(SHORTEST, len(axis.path) + 1):
        end = axis.path[-length:]
        if sum(path[-length:] == end for path in paths) == 1:
            return ".".join(end)
    return ".".join(axis.path)

"""What a school can take, and how many of the children who belong to it find no place there."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.district import Bools, District, Ints, Travel
from models.stages import Stage
from optimizer.formulation.assigned import start_draft
from optimizer.formulation.classes import add_classes
from optimizer.formulation.formulation import ClassRules, Column, Formulation, Limit, Rooms
from optimizer.formulation.kinds import drawn_district
from optimizer.formulation.places import add_places, add_purchased
from optimizer.formulation.school_size import add_school_size
from optimizer.formulation.standing import find_standing

OF_ROOM = (add_places, add_purchased, add_school_size, add_classes)


@dataclass(frozen=True)
class Room:
    """The rules by which a school is full: places, purchased places, school size, and rooms times class cap."""

    stages: tuple[Stage, ...]
    columns: tuple[Column, ...]
    limits: tuple[Limit, ...]
    classes: ClassRules | None

    def full(self, load: Ints) -> Bools:
        """Return which schools do not hold all their children, shape (..., schools); `load` as in `beyond`."""
        return np.asarray(self.beyond(load).any(axis=-1))

    def beyond(self, load: Ints) -> Ints:
        """Return how many children of each stage must leave a school at least, so that it holds the others.

        `load` are the children at every school by column, shape (..., schools, columns); what is returned has shape
        (..., schools, stages). Where stages share places each gives in proportion; where they share rooms, the class of
        the fewest children does not open. Children who are spread over the grades of a stage count as if each kept its
        grade, so that more may have to leave a school that is short of several rooms.
        """
        sizes = self._sizes(load)
        left = sizes.copy()
        for rule in self._rules:
            cells, here = self._cells_of(rule), left[..., rule.school, :]
            if isinstance(rule, Limit):
                here[..., cells] -= share_out(here[..., cells], here[..., cells].sum(axis=-1) - rule.bound)
            else:
                here[..., cells] = _close_classes(here[..., cells], self._caps[cells], rule.weight[cells], rule.rooms)
        gone = sizes - left
        return np.stack([gone[..., self._stage == s].sum(axis=-1) for s in range(len(self.stages))], axis=-1)

    @cached_property
    def _rules(self) -> list[Limit | Rooms]:
        """All rules, those of few stages before those of many, rooms before limits: then nobody leaves in vain."""
        rules: list[Limit | Rooms] = [*(self.classes.rooms if self.classes else ()), *self.limits]
        stages = {rule.name: len({*self._stage[self._cells_of(rule)].tolist()}) for rule in rules}
        return sorted((rule for rule in rules if stages[rule.name]), key=lambda rule: stages[rule.name])

    @cached_property
    def _without_grades(self) -> list[Stage]:
        """Stages that no class rule speaks of."""
        ruled = {grade.stage for grade in self.classes.grades} if self.classes else set()
        return [stage for stage in self.stages if stage not in ruled]

    @cached_property
    def _stage(self) -> Ints:
        """Stage of every cell: the grades of the class rules, then stages without any."""
        grades = [grade.stage for grade in self.classes.grades] if self.classes else []
        return np.array([self.stages.index(stage) for stage in (*grades, *self._without_grades)], dtype=np.int64)

    @cached_property
    def _caps(self) -> Ints:
        return np.array([grade.cap for grade in self.classes.grades] if self.classes else [], dtype=np.int64)

    def _cells_of(self, rule: Limit | Rooms) -> Ints:
        if isinstance(rule, Rooms):
            return np.flatnonzero(rule.weight)
        held = {column.stage for column, counts in zip(self.columns, rule.columns, strict=True) if counts}
        return np.flatnonzero([self.stages[s] in held for s in self._stage])

    def _sizes(self, load: Ints) -> Ints:
        """Children of every cell at every school, shape (..., schools, cells)."""
        of_grades = [self.classes.sizes(load)] if self.classes else []
        whole = [
            load[..., [column.stage == stage for column in self.columns]].sum(axis=-1, keepdims=True)
            for stage in self._without_grades
        ]
        return np.concatenate([*of_grades, *whole], axis=-1)


def find_room(district: District, travel: Travel) -> Room:
    """Return what the schools of a district can take of the children that its plan decides."""
    entry = district.settings.instance.mode == "entry"
    standing = find_standing(district, travel)
    drawn = drawn_district(district, standing.shared) if entry else district
    draft = start_draft(drawn, travel, standing, int(district.demand.students.sum()))
    for add in OF_ROOM:
        add(draft)
    return Room(draft.stages, draft.columns, tuple(draft.limits), draft.classes)


def room_of(f: Formulation) -> Room:
    """Return what the schools of a formulation can take."""
    return Room(f.stages, f.columns, f.limits, f.classes)


def share_out(counts: Ints, number: Ints) -> Ints:
    """Return whole parts of `counts`, shape (..., n), that sum to `number`, shape (...), in proportion to the counts.

    Nothing of a number below 0, and all of the counts where the number is greater than their sum.
    """
    upto = np.cumsum(counts, axis=-1)
    total = upto[..., -1:]
    taken = np.clip(number, 0, total[..., 0])[..., None] * upto // np.maximum(total, 1)
    return np.diff(taken, axis=-1, prepend=0)


def _close_classes(sizes: Ints, caps: Ints, weight: Ints, rooms: int) -> Ints:
    """Return the children of cells, shape (..., cells), whose classes fit the rooms: the smallest do not open."""
    left = sizes.copy()
    while True:
        classes = -(-left // caps)
        short = (classes @ weight > rooms) & classes.any(axis=-1)
        if not short.any():
            return left
        smallest = np.where(classes > 0, (left - caps * (classes - 1)) / weight, np.inf).argmin(axis=-1)
        closing = short[..., None] & (np.arange(len(caps)) == smallest[..., None])
        left = np.where(closing, caps * (classes - 1), left)

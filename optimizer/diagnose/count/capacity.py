"""How many children, and how many classes, a school takes at most, and which rule says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from models.district import Bools, Floats
from optimizer.diagnose.count.ground import Ground
from optimizer.formulation.formulation import ClassRules, Rooms


@dataclass(frozen=True)
class Most:
    """The most that schools take, and the rules that say so."""

    number: Floats
    """Shape (schools,); inf where no hard rule says anything."""
    rules: tuple[tuple[str, ...], ...]
    """Of each school those of the least limit, as named in `[rules]`."""

    def at(self, schools: Bools) -> tuple[str, ...]:
        """Rules that bind at some schools, each once."""
        return tuple(dict.fromkeys(rule for school in np.flatnonzero(schools) for rule in self.rules[school]))


@dataclass(frozen=True)
class Capacity:
    """What the hard limits of all schools come to, besides children whose seats are decided."""

    ground: Ground

    @cached_property
    def of_stage(self) -> tuple[Most, ...]:
        """Children of each stage that each school takes."""
        return tuple(self._most_children(self.ground.stage_of == s) for s in range(len(self.ground.f.stages)))

    @cached_property
    def in_all(self) -> Most:
        """Children of all stages together."""
        return self._most_children(np.ones(len(self.ground.f.columns), dtype=bool))

    @cached_property
    def classes(self) -> Mapping[tuple[int, ...], Most]:
        """Classes of some stages that each school has rooms or tracks for, by these stages."""
        rules, stages = self.ground.f.classes, range(len(self.ground.f.stages))
        assert rules is not None
        some = [chosen for size in stages for chosen in combinations(stages, size + 1)]
        return {chosen: self._most_classes(rules, self._grades_of(rules, chosen)) for chosen in some}

    def _most_children(self, asked: Bools) -> Most:
        """A limit on other columns as well holds for these alone; columns of which nobody comes do not count."""
        f, taken = self.ground.f, self.ground.taken
        most, rules = _unlimited(len(f.school_ids))
        for limit in f.limits:
            if limit.hard and limit.columns[asked & self._coming[limit.school]].all():
                free = limit.bound - int(taken[limit.school, limit.columns].sum())
                _lower(most, rules, limit.school, free, self._named(limit.rule))
        for group in f.classes.rooms if f.classes is not None else ():
            assert f.classes is not None
            left = self._most_in_rooms(f.classes, group, asked)
            if left is not None:
                _lower(most, rules, group.school, left, self._named(group.name.partition("[")[0], "class_size"))
        return Most(np.maximum(most, 0.0), tuple(rules))

    def _most_in_rooms(self, rules: ClassRules, group: Rooms, asked: Bools) -> int | None:
        """Children in the classes that rooms hold; None where their grades are not all in these rooms, or unlimited.

        Children spread evenly over the grades of their stage fill no class before its like: with 13 rooms for 6 grades
        and a cap of 45 there are 6 · 2 · 45 of them, and one more in the grade with a third room.
        """
        f, school = self.ground.f, group.school
        coming = asked & self._coming[school]
        stages = {f.columns[c].stage for c in np.flatnonzero(coming)}
        grades = np.array([grade.stage in stages for grade in rules.grades], dtype=bool)
        if not group.hard or rules.cap == "off" or not stages <= {grade.stage for grade in rules.grades}:
            return None
        if not stages or (group.weight[grades] == 0).any():
            return None
        rooms = max(0, group.rooms) // int(group.weight[grades].min())
        most = rooms * max(grade.ceiling for grade, held in zip(rules.grades, grades, strict=True) if held)
        counted = f.blocks.students.sum(axis=0) + (0 if f.pool is None else f.pool.students)
        alone = next(grade for grade, held in zip(rules.grades, grades, strict=True) if held)
        if len(stages) == 1 and not counted[[c for c in np.flatnonzero(coming) if c not in alone.spread]].any():
            most = alone.of * alone.ceiling * (rooms // alone.of) + rooms % alone.of
        return most - int(self.ground.taken[school, coming].sum())

    def _most_classes(self, rules: ClassRules, grades: Bools) -> Most:
        """Classes of these grades in the rooms for all of them, and in those for each of them."""
        most, named = _unlimited(len(self.ground.f.school_ids))
        single: dict[int, dict[int, tuple[int, tuple[str, ...]]]] = {}
        for group in rules.rooms:
            taught = grades & rules.taught[group.school]
            if not group.hard or not taught.any():
                continue
            held = np.flatnonzero(taught & (group.weight > 0))
            rule = self._named(group.name.partition("[")[0])
            if len(held) == taught.sum():
                _lower(most, named, group.school, max(0, group.rooms) // int(group.weight[held].min()), rule)
            for grade in held.tolist():
                of_school = single.setdefault(group.school, {})
                found = max(0, group.rooms) // int(group.weight[grade]), rule
                of_school[grade] = min(of_school.get(grade, found), found)
        for school, of_grade in single.items():
            if len(of_grade) == (grades & rules.taught[school]).sum():
                names = tuple(dict.fromkeys(rule for _, named_rules in of_grade.values() for rule in named_rules))
                _lower(most, named, school, sum(rooms for rooms, _ in of_grade.values()), names)
        return Most(most, tuple(named))

    def _grades_of(self, rules: ClassRules, stages: tuple[int, ...]) -> Bools:
        wanted = [self.ground.f.stages[s] for s in stages]
        return np.array([grade.stage in wanted for grade in rules.grades], dtype=bool)

    @cached_property
    def _coming(self) -> Bools:
        """Columns of the stages whose children may sit, or sit already, at each school, shape (schools, columns)."""
        groups, coming = self.ground.groups, self.ground.taken > 0
        for s in range(len(self.ground.f.stages)):
            here = np.any(groups.may[groups.stage == s], axis=0)
            coming = coming | (here[:, None] & (self.ground.stage_of == s))
        return coming

    def _named(self, *rules: str) -> tuple[str, ...]:
        """Rules, and the reserve for late arrivals where it lowers their limits."""
        kept = self.ground.f.pool is not None and self.ground.district.settings.policy.reserve_share > 0
        return (*rules, *(["reserve"] if kept and {"places", "class_size"} & set(rules) else []))


def _unlimited(schools: int) -> tuple[Floats, list[tuple[str, ...]]]:
    return np.full(schools, np.inf), [()] * schools


def _lower(most: Floats, rules: list[tuple[str, ...]], school: int, limit: int, named: tuple[str, ...]) -> None:
    if limit < most[school]:
        most[school], rules[school] = limit, named

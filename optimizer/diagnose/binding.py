"""What binds in a finished plan: the hard limits without which it could be better."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.diagnosis import Binding
from models.district import Bools, District, Floats, Ints, Travel
from models.placement import Placement
from models.plan import Plan
from models.stages import COMPULSORY, STAGES, Stage
from optimizer.diagnose.families import without
from optimizer.formulation import Formulation, formulate
from optimizer.formulation.formulation import Limit
from optimizer.recheck.catchments import count_moved
from optimizer.recheck.classes import count_needed, count_small, find_judged_by_targets, judge_classrooms
from optimizer.recheck.places import judge_places, judge_school_size

ROOM = ("places", "classrooms", "tracks", "school_size")
"""Rules that say how many children and classes a school has room for."""
NEAR = 0.01
"""A share of a limit: a way to school has reached its ceiling where it comes so near."""
_NOBODY = np.iinfo(np.int64).max
_INHERITED = (("places", judge_places), ("school_size", judge_school_size), ("classrooms", judge_classrooms))


@dataclass(frozen=True)
class Standing:
    """A finished plan beside the mathematics that it had to keep."""

    f: Formulation
    roomy: Formulation
    """The same with room for everybody everywhere: which school a block might belong to if it were not full."""
    placement: Placement

    @cached_property
    def decided(self) -> Ints:
        """Children whose school the plan decides, shape (schools, stages of the formulation)."""
        each = [self.placement.students_by_school(s) - self.placement.stock_by_school(s) for s in self.f.stages]
        return np.stack(each, axis=1)

    @cached_property
    def classes(self) -> tuple[Ints, Ints]:
        """Children and classes of every grade that the plan decides, each of shape (schools, grades)."""
        grades = [] if self.f.classes is None else [(g.stage, g.grade) for g in self.f.classes.grades]
        table = self.placement.classes[self.placement.classes["origin"] != "continuing"]
        students = np.zeros((len(self.f.school_ids), len(grades)), dtype=np.int64)
        classes = np.zeros_like(students)
        for school, stage, grade, n, k in table[["school", "stage", "grade", "students", "classes"]].to_numpy(object):
            if (stage, grade) in grades:
                students[school, grades.index((stage, grade))] += n
                classes[school, grades.index((stage, grade))] += k
        return students, classes

    @cached_property
    def inherited(self) -> frozenset[tuple[str, str, str]]:
        """Rule, school and stage ("" for the whole school) of what stood above a limit already."""
        return frozenset(
            (name, breach.where, breach.stage)
            for name, judge in _INHERITED
            for breach in judge(self.placement)
            if breach.inherited
        )

    @cached_property
    def wishes(self) -> "tuple[Wishes, ...]":
        """Who would rather be elsewhere, by stage of the formulation."""
        return tuple(_find_wishes(self, stage) for stage in self.f.stages)

    @cached_property
    def comers(self) -> Ints:
        """Children of the smallest unit that would rather be at a school, shape (schools, stages); 0: there is none."""
        return np.stack([wishes.smallest for wishes in self.wishes], axis=1)

    @cached_property
    def opened(self) -> Ints:
        """Classes that would open for them, shape (schools, grades)."""
        assert self.f.classes is not None
        students, classes = self.classes
        opened = np.zeros_like(classes)
        for g, grade in enumerate(self.f.classes.grades):
            many = self.comers[:, self.f.stages.index(grade.stage)]
            part = many // grade.of + (grade.position < many % grade.of) if len(grade.spread) else many
            opened[:, g] = np.maximum(0, -(-(students[:, g] + part) // grade.cap) - classes[:, g]) * (many > 0)
        return opened


@dataclass(frozen=True)
class Wishes:
    """Children of one stage who would rather be at another school: one entry a group of children and school."""

    school: Ints
    children: Ints
    metres: Floats
    """By how much nearer it is than where they are."""
    back: Bools
    """They are of its catchment and were placed elsewhere, or were of it until this plan."""
    smallest: Ints
    """Children of the smallest unit, or estate, that wishes for each school, 1 where they come one by one; 0: none."""

    def promise(self, school: int, size: int) -> tuple[float, float]:
        """Return children who come back to their catchment, and kilometres, if so many who gain most came."""
        at = np.flatnonzero(self.school == school)
        at = at[np.lexsort((-self.metres[at], ~self.back[at]))]
        before = np.cumsum(self.children[at]) - self.children[at]
        come = np.clip(size - before, 0, self.children[at])
        return float((come * self.back[at]).sum()), float((come * self.metres[at]).sum() / 1000.0)


def stand(district: District, travel: Travel, plan: Plan) -> Standing:
    """Return a plan beside what it had to keep."""
    roomy = formulate(without(district, ROOM), travel)
    return Standing(formulate(district, travel), roomy, Placement(district, travel, plan))


def find_bindings(standing: Standing) -> tuple[Binding, ...]:
    """Return the hard limits that keep the children of a plan from a better one, rule by rule.

    A limit of a school binds where the smallest unit that has it nearer, or a child of its catchment who was placed
    elsewhere, no longer fits below it. What stood above the limit before the plan is `inherited`: it may not grow, and
    `limit` is then what stood.
    """
    found = [
        *_of_places(standing),
        *_of_rooms(standing),
        *_of_shares(standing.placement),
        *_of_stability(standing),
        *_of_journeys(standing.placement),
    ]
    return tuple(dict.fromkeys(found))


def _find_wishes(standing: Standing, stage: Stage) -> Wishes:
    """Who follows a catchment and sits in it comes with the whole unit; anyone else one by one.

    Of a catchment that changes, the children would rather stay only where the objective counts them.
    """
    f, placement = standing.f, standing.placement
    metres, serves = placement.travel.metres, placement.district.schools.serves(stage)
    seats = placement.seats
    seats = seats[(seats["stage"] == stage) & (seats["students"] > 0) & ~seats["placed"]]
    unit, own, children = (seats[name].to_numpy(np.int64) for name in ("unit", "own", "students"))
    outside = seats["outside"].to_numpy(bool)
    alone = outside | (placement.entry_only & ~seats["zoned"].to_numpy(bool))
    block = f.blocks.of_unit[unit, f.stages.index(stage)]
    may = (
        np.where(alone[:, None], metres[unit] <= _ceiling(placement, stage), standing.roomy.pair_table[block] >= 0)
        & serves
    )
    nearer = seats["metres"].to_numpy(np.float64)[:, None] - metres[unit]
    each, today = np.arange(len(serves)), placement.school_of_unit_today(stage)[unit]
    moved = (own != today) & ~alone & ("stability" in f.order)
    back = (outside[:, None] & (own[:, None] == each) | moved[:, None] & (today[:, None] == each)) & serves
    back &= outside[:, None] | may
    row, school = np.nonzero(may & (nearer > 1.0) | back)
    smallest = np.full(len(serves), _NOBODY)
    np.minimum.at(smallest, school, np.where(alone, 1, f.blocks.size[block])[row])
    return Wishes(
        school, children[row], nearer[row, school], back[row, school], np.where(smallest == _NOBODY, 0, smallest)
    )


def _ceiling(placement: Placement, stage: Stage) -> float:
    settings = placement.district.settings
    hard = settings.rules.max_travel == "hard"
    return settings.policy.travel.max_m.get(stage, math.inf) if hard else math.inf


def _of_places(standing: Standing) -> Iterator[Binding]:
    for limit in standing.f.limits:
        school, held = limit.school, _stages_in(standing.f, limit)
        comers = standing.comers[school, held]
        left = limit.bound - int(standing.decided[school, held].sum())
        if limit.hard and (comers > 0).any() and comers[comers > 0].min() > left:
            yield _in_places(standing, limit, left)


def _in_places(standing: Standing, limit: Limit, left: int) -> Binding:
    named, where = _stage_of(standing.f, limit.name, limit.school), standing.f.school_ids[limit.school]
    stages = (named,) if named is not None else COMPULSORY if limit.rule == "school_size" else STAGES
    value = sum(int(standing.placement.students_by_school(stage)[limit.school]) for stage in stages)
    inherited = (limit.rule, where, named or "") in standing.inherited
    kind = _kind(named, inherited)
    return Binding(limit.rule, where, named or "", value, value + left, "children", kind, inherited=inherited)


def _kind(named: Stage | None, inherited: bool) -> str:
    return "inherited" if inherited else "stage" if named is not None else ""


def _of_rooms(standing: Standing) -> Iterator[Binding]:
    """Rooms and tracks that further classes would need, and beside them the classes that are full."""
    rules = standing.f.classes
    if rules is None:
        return
    full: dict[tuple[int, Stage], None] = {}
    this_year: set[tuple[int, Stage]] = set()
    lasting: dict[tuple[int, Stage], Binding] = {}
    for group in rules.rooms:
        school, weight = group.school, group.weight * rules.taught[group.school]
        classes, left = standing.classes[1][school], group.rooms - int(weight @ standing.classes[1][school])
        wanted = weight * standing.opened[school]
        for stage in dict.fromkeys(grade.stage for grade in rules.grades):
            of_stage = np.array([grade.stage == stage for grade in rules.grades])
            if not group.hard or not wanted[of_stage].any() or int(wanted[of_stage].sum()) <= left:
                continue
            full[school, stage] = None
            rule, where, named = (
                group.name.partition("[")[0],
                standing.f.school_ids[school],
                _stage_of(standing.f, group.name, school),
            )
            if rule == "classrooms":
                this_year.add((school, stage))
                yield _in_rooms(standing, school, named, left)
                continue
            value = int(classes[of_stage & (weight > 0)].sum())
            most = value + left // int(weight[of_stage].max())
            if named is not None:
                this_year.add((school, stage))
                yield Binding(rule, where, stage, value, most, "classes")
                continue
            later = Binding(rule, where, stage, value, most, "classes", "horizon")
            lasting[school, stage] = min(lasting.get((school, stage), later), later, key=lambda each: each.limit)
    yield from (later for key, later in lasting.items() if key not in this_year)
    yield from _of_full_classes(standing, full)


def _in_rooms(standing: Standing, school: int, named: Stage | None, left: int) -> Binding:
    stages = STAGES if named is None else (named,)
    value, where = (
        sum(int(standing.placement.classes_by_school(stage)[school]) for stage in stages),
        standing.f.school_ids[school],
    )
    inherited = ("classrooms", where, named or "") in standing.inherited
    kind = _kind(named, inherited)
    return Binding("classrooms", where, named or "", value, value + left, "classes", kind, inherited=inherited)


def _of_full_classes(standing: Standing, full: Iterable[tuple[int, Stage]]) -> Iterator[Binding]:
    """Stages some of whose classes hold as many as they may, where no further one can open."""
    rules, (students, classes) = standing.f.classes, standing.classes
    if rules is None or rules.cap != "hard":
        return
    largest = -(-students // np.maximum(1, classes))
    for school, stage in full:
        of_stage = [g for g, grade in enumerate(rules.grades) if grade.stage == stage]
        cap = rules.grades[of_stage[0]].cap
        if largest[school, of_stage].max() >= cap:
            yield Binding("class_size", standing.f.school_ids[school], stage, cap, cap, "children")


def _stages_in(f: Formulation, limit: Limit) -> list[int]:
    """Stages whose children a limit counts; it counts whole stages."""
    counted = {column.stage for column, counts in zip(f.columns, limit.columns, strict=True) if counts}
    return [s for s, stage in enumerate(f.stages) if stage in counted]


def _stage_of(f: Formulation, name: str, school: int) -> Stage | None:
    """The stage in a name such as `places[S03,primary]`, None where it is of the whole school."""
    inner = name.partition("[")[2].removesuffix("]").removeprefix(f.school_ids[school])
    return next((stage for stage in STAGES if inner == f",{stage}"), None)


def _of_shares(placement: Placement) -> Iterator[Binding]:
    settings = placement.district.settings
    table = find_judged_by_targets(placement)
    total = int(table["classes"].sum())
    for target in settings.policy.class_size.targets if settings.rules.small_classes == "hard" and total else ():
        small, needed = count_small(table, target.max_size), count_needed(target, total)
        if 0 < small <= needed:
            yield Binding("small_classes", "", "", small, needed, "classes", detail=str(target.max_size))


def _of_stability(standing: Standing) -> Iterator[Binding]:
    """Reached where the smallest unit that would rather be elsewhere may not go any more."""
    placement = standing.placement
    settings, share = placement.district.settings, placement.district.settings.policy.stability.max_share
    if settings.rules.stability != "hard" or share is None or placement.district.current is None:
        return
    moved, known = count_moved(placement, settings.instance.stages)
    limit, comers = math.floor(share * known + 1e-9), standing.comers[standing.comers > 0]
    if len(comers) and moved + int(comers.min()) > limit:
        yield Binding("stability", "", "", moved, limit, "children")


def _of_journeys(placement: Placement) -> Iterator[Binding]:
    """The longest way of a child, where it comes near the ceiling; a longer one stood before the plan."""
    settings = placement.district.settings
    for stage, ceiling in settings.policy.travel.max_m.items() if settings.rules.max_travel == "hard" else ():
        children, metres = placement.journeys(stage)
        kept = metres[(children > 0) & (metres <= ceiling)]
        if len(kept) and kept.max() >= (1.0 - NEAR) * ceiling:
            yield Binding("max_travel", "", stage, float(np.round(kept.max())), ceiling, "metres")

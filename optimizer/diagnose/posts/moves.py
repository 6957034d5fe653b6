"""Who must move against who may: sums of rotation and evenness that no plan of the posts can meet."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from models.diagnosis import Count
from models.district import Bools, Floats, Ints
from models.staffing import Teachers
from models.stages import STAGES
from optimizer.formulation.staffing.balance import coefficient_of_variation
from optimizer.formulation.staffing.formulation import Balanced, StaffFormulation, carries
from optimizer.formulation.staffing.groups import COORDINATED, CROSS_SCHOOL, ROTATION
from optimizer.formulation.staffing.standing import years_served

EXACT = 1e-9
NEARLY = 1e-6
"""How far a coefficient of variation must be beyond its limit to be told."""
ABOUT_ONE = ("direction", "certificate", "no_return", "commute")
"""Rules that leave out single postings."""


def count_moves(f: StaffFormulation) -> tuple[Count, ...]:
    """Return what proves that posts cannot be decided: too few who may move, nowhere to go, no way to be even."""
    staff = _Movable(f)
    return (*_count_share(staff), *_count_budget(staff), *_count_backbone(staff), *_count_terms(f), *_count_balance(f))


@dataclass(frozen=True)
class _Movable:
    """Whom some posting elsewhere is open to, and how many of a school may go."""

    f: StaffFormulation

    @property
    def teachers(self) -> Teachers:
        assert self.f.district.teachers is not None
        return self.f.district.teachers

    @cached_property
    def legal(self) -> Ints:
        """Legal school of each teacher by number, -1 for recruits."""
        _, number = np.unique(np.array(self.f.district.schools.legal, dtype=object).astype(str), return_inverse=True)
        school = self.teachers.school
        return np.where(school >= 0, number[school], -1)

    @cached_property
    def swaps(self) -> bool:
        return self.f.district.settings.rules.swaps == "hard"

    @cached_property
    def ways(self) -> Bools:
        """Options that lead elsewhere and may be in a plan: where rotation is by exchange, those on some circle."""
        f, options = self.f, self.f.options
        rotation = options.form == ROTATION
        if not self.swaps:
            return self.f.options.moved
        _, number = np.unique(np.array(f.district.schools.legal, dtype=object).astype(str), return_inverse=True)
        out = self.legal[f.groups.first][options.group[rotation]]
        into = number[f.need.faculties.school[options.faculty[rotation]]]
        size = int(number.max()) + 1
        edges = csr_matrix((np.ones(len(out)), (out, into)), shape=(size, size))
        _, circle = connected_components(edges, directed=True, connection="strong")
        ways = options.moved.copy()
        ways[rotation] = circle[out] == circle[into]
        return ways

    def people(self, options: Bools) -> Bools:
        """Of whom a share must move, those who have one of some options, by teacher."""
        found = np.zeros(len(self.teachers), dtype=bool)
        for group in np.unique(self.f.options.group[options]).tolist():
            found[self.f.groups.members[group]] = True
        return found & self.f.counted_eligible

    def by_school(self, people: Bools) -> Ints:
        """Return how many of some people may leave each legal school, as `continuity` has it where it is hard."""
        f, schools = self.f, int(self.legal.max(initial=-1)) + 1
        able = np.bincount(self.legal[people], minlength=schools)
        if f.district.settings.rules.continuity != "hard":
            return able
        working = (self.legal >= 0) & ~f.standing.leaves & ~self.teachers.is_one_of("role", "support")
        going_home = f.standing.returns & f.roster.stays & (self.legal >= 0)
        staff, home = (np.bincount(self.legal[held], minlength=schools) for held in (working, going_home))
        share = f.district.settings.policy.rotation.max_leaving_share
        most = np.maximum(0, np.floor(share * staff + EXACT).astype(np.int64) - home)
        return np.asarray(np.minimum(able - self._last_of_subject(people), most))

    def _last_of_subject(self, people: Bools) -> Ints:
        """How many stay at each legal school so that somebody experienced is left in every stage and subject."""
        roster, schools = self.f.roster, int(self.legal.max(initial=-1)) + 1
        here = (
            (self.legal >= 0) & (roster.faculty >= 0) & roster.experienced & self.teachers.is_one_of("role", "teacher")
        )
        stages = np.array([STAGES.index(stage) for stage in self.teachers.stage], dtype=np.int64)
        kept = np.zeros(schools, dtype=np.int64)
        desks = np.stack([self.legal, stages, roster.subject])
        for desk in np.unique(desks[:, here], axis=1).T:
            there = here & (desks == desk[:, None]).all(axis=0)
            kept[desk[0]] += bool((people[there]).all())
        return kept


def _count_share(staff: _Movable) -> Iterator[Count]:
    """Movable eligible teachers < min_share · eligible   in the district, or at a school that sends some."""
    f, policy = staff.f, staff.f.district.settings.policy.rotation
    if f.district.settings.rules.rotation_share != "hard":
        return
    eligible, able = f.counted_eligible, staff.people(staff.ways)
    most, unbound = (
        staff.by_school(able),
        np.bincount(staff.legal[able], minlength=int(staff.legal.max(initial=-1)) + 1),
    )
    facts: dict[str, object] = {"share": policy.min_share}
    if policy.scope == "district":
        least = math.ceil(policy.min_share * eligible.sum() - EXACT)
        if most.sum() < least:
            rules = _rules(staff, continuity=int(unbound.sum()) >= least)
            yield _short("posts_share", facts, int(eligible.sum()), least, int(most.sum()), rules)
        return
    rotating = staff.people(f.options.form == ROTATION)
    for school in np.unique(staff.legal[rotating]).tolist():
        here = eligible & (staff.legal == school)
        least = math.ceil(policy.min_share * here.sum() - EXACT)
        if most[school] < least:
            rules = _rules(staff, continuity=int(unbound[school]) >= least)
            where = f.district.schools.legal[int(staff.teachers.school[np.flatnonzero(here)[0]])]
            counted = _short("posts_share_of_school", facts | {"where": where}, int(here.sum()), least,
                             int(most[school]), rules, (where,))  # fmt: skip
            yield counted


def _count_budget(staff: _Movable) -> Iterator[Count]:
    """⌊budget / subsidy⌋ + those who may move without rotating < min_share · eligible."""
    f, settings = staff.f, staff.f.district.settings
    policy, rules = settings.policy.rotation, settings.rules
    each, budget = policy.subsidy.total_yuan, policy.budget_yuan
    if rules.rotation_share != "hard" or rules.budget != "hard" or budget is None or not each:
        return
    least = math.ceil(policy.min_share * f.counted_eligible.sum() - EXACT)
    if policy.scope != "district":
        return
    paid, crossing = math.floor(budget / each + EXACT), staff.people(f.options.form == CROSS_SCHOOL)
    sent = staff.people(f.options.form == COORDINATED) & ~crossing
    cells = np.zeros(f.surplus.shape, dtype=np.int64)
    np.add.at(cells, (f.roster.faculty[sent], f.roster.subject[sent]), 1)
    others = int(crossing.sum() + np.minimum(cells, f.surplus).sum())
    if paid + others < least:
        facts = {"least": least, "paid": paid, "others": others, "each": each, "budget": budget}
        facts["short"] = least - paid - others
        yield Count("posts_budget", facts, ("rotation_share", "budget", *_about_one(f)), float(facts["short"]))


def _count_backbone(staff: _Movable) -> Iterator[Count]:
    """Movable eligible backbone teachers < backbone_share · eligible, or · the fewest who must move."""
    f, settings = staff.f, staff.f.district.settings
    policy, rules = settings.policy.rotation, settings.rules
    if rules.rotation_backbone != "hard":
        return
    eligible, named = int(f.counted_eligible.sum()), ["rotation_backbone"]
    of = eligible
    if policy.backbone_of == "moved":
        if rules.rotation_share != "hard" or policy.scope != "district":
            return
        of = math.ceil(policy.min_share * eligible - EXACT)
        named.append("rotation_share")
    least = math.ceil(policy.backbone_share * of - EXACT)
    backbone = staff.people(staff.ways) & staff.teachers.backbone
    most = int(staff.by_school(backbone).sum())
    if most < least:
        rest = _rules(staff, continuity=int(backbone.sum()) >= least)[1:]
        facts: dict[str, object] = {
            "share": policy.backbone_share,
            "of": of,
            "backbone": int((f.counted_eligible & staff.teachers.backbone).sum()),
        }
        yield _short("posts_backbone", facts, eligible, least, most, (*named, *rest))


def _count_terms(f: StaffFormulation) -> Iterator[Count]:
    """Principals who must go and have nowhere to go to."""
    teachers, settings = f.district.teachers, f.district.settings
    assert teachers is not None
    if settings.rules.principal_terms != "hard":
        return
    long = years_served(f.district) >= settings.policy.rotation.principal_most_years
    due = teachers.is_one_of("role", "principal") & f.roster.open & (teachers.school >= 0) & long
    groups = np.setdiff1d(np.flatnonzero(due[f.groups.first]), np.unique(f.options.group[f.options.moved]))
    stuck = [int(row) for group in groups.tolist() for row in f.groups.members[group]]
    if stuck:
        schools = tuple(f.district.schools.ids[int(teachers.school[row])] for row in stuck)
        facts = {"count": len(stuck), "schools": schools, "years": settings.policy.rotation.principal_most_years}
        yield Count("posts_principals", facts, ("principal_terms", *_about_one(f)), float(len(stuck)), schools=schools)


def _count_balance(f: StaffFormulation) -> Iterator[Count]:
    """S > limit · X even where all who may move are spread as evenly over the schools as those who stay allow.

    With T_j ≥ settled_j and Σ T_j as large as can be, S / X is least where T_j = max(settled_j, λ P_j).
    """
    if f.district.settings.rules.balance_cv != "hard":
        return
    for held in f.balanced:
        counts = carries(f.district, f.roster, held.indicator, held.stage)
        groups = np.unique(f.options.group[np.isin(f.options.faculty, held.faculties)])
        groups = groups[counts[f.groups.first[groups]]]
        spread = _level(held, float(f.groups.size[groups].sum()))
        value = coefficient_of_variation(spread, held.students) if spread.any() else 0.0
        if value > held.limit + NEARLY:
            facts = {"stage": held.stage, "value": round(float(value), 3), "limit": held.limit}
            rules = ("balance_cv", *_about_one(f))
            yield Count(f"posts_balance.{held.indicator}", facts, rules, float(value) - held.limit)


def _level(held: Balanced, free: float) -> Floats:
    """max(settled, λ · students) with λ such that `free` teachers are added."""
    ratio = np.sort(held.settled / held.students)
    order = np.argsort(held.settled / held.students, kind="stable")
    students, settled = np.cumsum(held.students[order]), np.cumsum(held.settled[order])
    level = (settled + free) / students
    last = int(np.flatnonzero(level >= ratio)[-1]) if (level >= ratio).any() else 0
    return np.asarray(np.maximum(held.settled, level[last] * held.students), dtype=np.float64)


def _short(
    key: str,
    facts: dict[str, object],
    eligible: int,
    least: int,
    able: int,
    rules: tuple[str, ...],
    schools: tuple[str, ...] = (),
) -> Count:
    told = facts | {"eligible": eligible, "least": least, "able": able, "short": least - able}
    return Count(key, told, rules, float(least - able), schools=schools)


def _rules(staff: _Movable, *, continuity: bool) -> tuple[str, ...]:
    """What a sum of the share is made of."""
    bound = ("continuity",) if continuity and staff.f.district.settings.rules.continuity == "hard" else ()
    return ("rotation_share", *bound, *(("swaps",) if staff.swaps else ()), *_about_one(staff.f))


def _about_one(f: StaffFormulation) -> tuple[str, ...]:
    rules = f.district.settings.rules
    return tuple(rule for rule in ABOUT_ONE if getattr(rules, rule) == "hard")

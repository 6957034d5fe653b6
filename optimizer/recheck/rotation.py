"""Rotation (交流轮岗): who may be moved and where to, and what no school and no couple may lose by it."""

import math
from collections.abc import Iterator

import numpy as np

from models.district import Bools, Ints
from models.staffed import Staffed
from models.stages import STAGES
from optimizer.recheck.destinations import (
    ROTATING,
    can_rotate,
    goes_back,
    goes_too_far,
    goes_up,
    lacks_certificate,
)
from optimizer.recheck.registry import Breach, count_by_school, staff_rule
from optimizer.recheck.standing import goes_home, is_eligible, is_free, keeps_class, kept_back, leaves_staff, served

_EXACT = 1e-9


@staff_rule("rotation_eligible")
def judge_kept(staffed: Staffed) -> Iterator[Breach]:
    """Nobody is moved whom something keeps; whose term is over goes home, and nobody else."""
    home, back = goes_home(staffed), staffed.form == "return"
    sent = staffed.moved & ~home
    for kind, kept in kept_back(staffed).items():
        yield from count_by_school(staffed, sent & kept, kind)
        sent &= ~kept
    there = back & (staffed.legal[staffed.after] == staffed.legal[staffed.teachers.home_school])
    yield from count_by_school(staffed, home & ~there, "home")
    yield from count_by_school(staffed, back & ~home, "return")


@staff_rule("class_heads", never_hard=True)
def judge_class_heads(staffed: Staffed) -> Iterator[Breach]:
    """Whoever heads a class that goes on is moved last, where `class_heads` says so: none of them is best."""
    last = staffed.district.settings.policy.rotation.class_heads == "last"
    yield from count_by_school(staffed, last & keeps_class(staffed) & staffed.moved & ~goes_home(staffed))


@staff_rule("rotation_eligible")
def judge_ways(staffed: Staffed) -> Iterator[Breach]:
    """The eligible rotate, as support into another region; volunteers cross; who is spare at a school is sent."""
    region = np.array([*staffed.district.schools.region, ""], dtype=object)
    left, joined = region[staffed.before], region[staffed.after]
    known, rotating = (left != "") & (joined != ""), np.isin(staffed.form, ROTATING)
    misnamed = rotating & known & ((left != joined) != (staffed.form == "support"))
    yield from count_by_school(staffed, rotating & ~is_eligible(staffed), "ineligible")
    yield from count_by_school(staffed, misnamed, "region")
    yield from count_by_school(staffed, (staffed.form == "cross_school") & ~staffed.teachers.volunteer, "unasked")
    yield from _judge_coordinated(staffed)


@staff_rule("certificate")
def judge_certificate(staffed: Staffed) -> Iterator[Breach]:
    """A new post is in a stage at or below the certificate, and for its subject; going home is no new post."""
    new = (staffed.after != staffed.before) | (staffed.stage_after != staffed.stage_before)
    people = np.flatnonzero(new & (staffed.after >= 0) & ~goes_home(staffed))
    yield from _count(staffed, people, lacks_certificate(staffed, people, staffed.stage_after[people]))


@staff_rule("direction")
def judge_direction(staffed: Staffed) -> Iterator[Breach]:
    """strength[to] < strength[from]   for everyone who rotates, where both are known; principals excepted."""
    people = np.flatnonzero(np.isin(staffed.form, ROTATING))
    yield from _count(staffed, people, goes_up(staffed, people, staffed.after[people]))


@staff_rule("no_return")
def judge_no_return(staffed: Staffed) -> Iterator[Breach]:
    """Nobody is posted to the legal school that he left less than `no_return_years` ago, but for going home."""
    people = _newly_posted(staffed)
    yield from _count(staffed, people, goes_back(staffed, people, staffed.after[people]))


@staff_rule("commute")
def judge_commute(staffed: Staffed) -> Iterator[Breach]:
    """metres[home, to] ≤ max_commute_m   for everyone who is posted anew and does not go home, on the ellipsoid."""
    people = _newly_posted(staffed)
    yield from _count(staffed, people, goes_too_far(staffed, people, staffed.after[people]))


@staff_rule("rotation_share")
def judge_share(staffed: Staffed) -> Iterator[Breach]:
    """Eligible teachers moved ≥ min_share · eligible teachers; by school at those from which somebody can rotate."""
    policy, counted = staffed.district.settings.policy.rotation, count_among(staffed)
    moved, sender = counted & staffed.moved, staffed.legal[staffed.before]
    senders = [""] if policy.scope == "district" else dict.fromkeys(sender[counted & can_rotate(staffed)])
    for school in senders:
        here = (sender == school) | (school == "")
        least, found = math.ceil(policy.min_share * (counted & here).sum() - _EXACT), int((moved & here).sum())
        if found < least:
            yield Breach("", str(school), found, least, "teachers", least - found, "school" if school else "")


@staff_rule("rotation_backbone")
def judge_backbone(staffed: Staffed) -> Iterator[Breach]:
    """Backbone teachers among the eligible moved ≥ backbone_share · those moved, or · the eligible."""
    policy, counted = staffed.district.settings.policy.rotation, count_among(staffed)
    moved = counted & staffed.moved
    of = counted if policy.backbone_of == "eligible" else moved
    least = math.ceil(policy.backbone_share * of.sum() - _EXACT)
    found = int((moved & staffed.teachers.backbone).sum())
    if found < least:
        yield Breach("", "", found, least, "teachers", least - found)


@staff_rule("continuity")
def judge_leaving(staffed: Staffed) -> Iterator[Breach]:
    """Teachers who leave j for another legal school ≤ max(those who go home, max_leaving_share · teachers of j)."""
    share, legal = staffed.district.settings.policy.rotation.max_leaving_share, staffed.legal[staffed.before]
    working = (staffed.before >= 0) & ~leaves_staff(staffed) & ~staffed.teachers.is_one_of("role", "support")
    home = goes_home(staffed)
    for school in dict.fromkeys(legal[staffed.moved]):
        here = legal == school
        most = max(math.floor(share * (working & here).sum() + _EXACT), int((home & here).sum()))
        leaving = int((staffed.moved & here).sum())
        if leaving > most:
            yield Breach("", str(school), leaving, most, "teachers", leaving - most)


@staff_rule("continuity")
def judge_experience(staffed: Staffed) -> Iterator[Breach]:
    """Of the teachers with `experienced_years` in a subject at a legal school and stage, one teaches on there."""
    teachers = staffed.teachers
    years = staffed.district.settings.policy.rotation.experienced_years
    there = (staffed.before >= 0) & ~leaves_staff(staffed) & ~goes_home(staffed) & teachers.is_one_of("role", "teacher")
    experienced = there & served(staffed, years)
    stays = (staffed.after >= 0) & ~staffed.moved & (staffed.stage_after == staffed.stage_before)
    kept = set(_desks(staffed, experienced & stays))
    for school, stage, subject in dict.fromkeys(_desks(staffed, experienced)):
        if (school, stage, subject) not in kept:
            yield Breach(STAGES[stage], school, 0, 1, "teachers", 1, "subject", subject)


@staff_rule("couples")
def judge_couples(staffed: Staffed) -> Iterator[Breach]:
    """to[a] = to[b]   for every couple of whom both are moved, by legal school; whoever goes home goes alone."""
    moved, spouse = staffed.moved & ~goes_home(staffed), staffed.teachers.spouse
    people = np.flatnonzero(moved & (spouse > np.arange(len(spouse))))
    people = people[moved[spouse[people]] & (spouse[spouse[people]] == people)]
    to = staffed.legal[staffed.after]
    yield from _count(staffed, people, to[people] != to[spouse[people]])


@staff_rule("principal_terms")
def judge_terms(staffed: Staffed) -> Iterator[Breach]:
    """A principal whom nothing keeps is moved after `principal_most_years` at a school."""
    long = served(staffed, staffed.district.settings.policy.rotation.principal_most_years)
    due = staffed.teachers.is_one_of("role", "principal") & is_free(staffed) & long
    yield from count_by_school(staffed, due & ~staffed.moved)


@staff_rule("swaps")
def judge_swaps(staffed: Staffed) -> Iterator[Breach]:
    """Teachers who rotate into j = teachers who rotate out of j   for every legal school j."""
    rotating = np.isin(staffed.form, ROTATING)
    out, into = (staffed.legal[place[rotating]] for place in (staffed.before, staffed.after))
    for school in dict.fromkeys([*out, *into]):
        sent, received = int((out == school).sum()), int((into == school).sum())
        if sent != received:
            yield Breach("", str(school), received, sent, "teachers", abs(sent - received))


@staff_rule("budget")
def judge_budget(staffed: Staffed) -> Iterator[Breach]:
    """Subsidy · teachers who rotate ≤ budget_yuan."""
    policy = staffed.district.settings.policy.rotation
    rotating = int(np.isin(staffed.form, ROTATING).sum())
    cost, most = rotating * policy.subsidy.total_yuan, policy.budget_yuan
    if most is not None and cost > most * (1.0 + _EXACT):
        each = policy.subsidy.total_yuan
        yield Breach("", "", cost, most, "yuan", rotating - math.floor(most / each + _EXACT))


def count_among(staffed: Staffed) -> Bools:
    """Return of whom a share must move: the eligible, principals apart, who follow their terms."""
    return is_eligible(staffed) & ~staffed.teachers.is_one_of("role", "principal")


def _judge_coordinated(staffed: Staffed) -> Iterator[Breach]:
    """Teachers of a subject sent from j and s ≤ posts of those who teach it there today - posts needed, whole ones."""
    home, teachers = goes_home(staffed), staffed.teachers
    school = np.where(home, teachers.home_school, staffed.before)
    posts = staffed.posts_at(staffed.stage_before)
    subject = np.array([staffed.subjects.index(name) for name in teachers.subject], dtype=np.int64)
    there = (school >= 0) & (staffed.stage_before >= 0) & ~leaves_staff(staffed)
    spare = -staffed.required
    np.add.at(spare, (school[there], staffed.stage_before[there], subject[there]), posts[there])
    sent = np.zeros(spare.shape, dtype=np.int64)
    away = (staffed.form == "coordinated") & there
    np.add.at(sent, (school[away], staffed.stage_before[away], subject[away]), 1)
    most = np.maximum(0, np.floor(spare + _EXACT))
    for j, s, q in np.argwhere(sent > most):
        yield Breach(STAGES[s], staffed.district.schools.ids[j], int(sent[j, s, q]), most[j, s, q], "teachers",
                     sent[j, s, q] - most[j, s, q], "needed", staffed.subjects[q])  # fmt: skip


def _newly_posted(staffed: Staffed) -> Ints:
    recruited = (staffed.before < 0) & (staffed.after >= 0)
    return np.flatnonzero((staffed.moved | recruited) & ~goes_home(staffed))


def _count(staffed: Staffed, people: Ints, wrong: Bools) -> Iterator[Breach]:
    """Those of some teachers who are wrong, by school."""
    marked = np.zeros(len(staffed.teachers), dtype=bool)
    marked[people[wrong]] = True
    yield from count_by_school(staffed, marked)


def _desks(staffed: Staffed, people: Bools) -> Iterator[tuple[str, int, str]]:
    """Legal school, stage and subject of some teachers today."""
    for row in np.flatnonzero(people).tolist():
        school = str(staffed.legal[staffed.before[row]])
        yield school, int(staffed.stage_before[row]), staffed.teachers.subject[row]

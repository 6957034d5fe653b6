"""Rotation (交流轮岗): how many move, who among them, and what no school may lose by it.

Every rule is hard, or soft: then what it is short by is priced in the level `rotation`, in teachers.
"""

import math

import numpy as np

from models.district import Bools, Ints
from models.settings import Hardness
from models.staffing import Teachers
from optimizer.formulation.program.writer import Terms, Writer
from optimizer.formulation.staffing.formulation import StaffFormulation
from optimizer.formulation.staffing.groups import COORDINATED, ROTATION, STAY
from optimizer.formulation.staffing.standing import years_served

EXACT = 1e-9


def add_prices(w: Writer, f: StaffFormulation, take: Ints) -> None:
    """Every move costs one in the level `moves`; every soft rule that a posting breaks one in `rotation`."""
    for column in take[f.options.moved].tolist():
        w.price("moves", column, 1.0)
    for column, breaches in zip(take.tolist(), f.options.breaches.tolist(), strict=True):
        if breaches:
            w.price("rotation", column, float(breaches))


def add_surplus(w: Writer, f: StaffFormulation, take: Ints) -> None:
    """Those whom a school does not need and who are sent elsewhere ≤ its surplus   for every faculty and subject."""
    sent = np.flatnonzero(f.options.form == COORDINATED)
    first = f.groups.first[f.options.group[sent]]
    faculty, subject = f.roster.faculty[first], f.roster.subject[first]
    (at, of), row = np.unique(np.stack([faculty, subject]), axis=1, return_inverse=True)
    names = [f"surplus[{h},{f.need.subjects[q]}]" for h, q in zip(at.tolist(), of.tolist(), strict=True)]
    most = f.surplus[at, of].astype(float)
    w.sums(names, row.ravel(), take[sent], np.ones(len(sent)), (np.full(len(most), -np.inf), most))


def add_share(w: Writer, f: StaffFormulation, take: Ints) -> None:
    """Eligible teachers moved ≥ min_share · eligible   in the district, or at each school that may send some."""
    policy, hardness = f.district.settings.policy.rotation, f.district.settings.rules.rotation_share
    moving = f.options.moved & _counted(f)
    legal, eligible = _legal_of_teachers(f), f.counted_eligible
    if policy.scope == "district":
        _at_least(w, hardness, "rotation_share", take[moving], _whole(policy.min_share * eligible.sum()))
        return
    sender = legal[f.groups.first][f.options.group]
    for school in dict.fromkeys(sender[moving & (f.options.form == ROTATION)].tolist()):
        least = _whole(policy.min_share * (eligible & (legal == school)).sum())
        _at_least(w, hardness, f"rotation_share[{school}]", take[moving & (sender == school)], least)


def add_backbone(w: Writer, f: StaffFormulation, take: Ints) -> None:
    """Backbone teachers among the eligible moved ≥ backbone_share · those moved, or · all eligible."""
    policy, hardness = f.district.settings.policy.rotation, f.district.settings.rules.rotation_backbone
    moving = f.options.moved & _counted(f)
    backbone = _teachers(f).backbone[f.groups.first][f.options.group]
    if policy.backbone_of == "eligible":
        least = _whole(policy.backbone_share * f.counted_eligible.sum())
        _at_least(w, hardness, "rotation_backbone", take[moving & backbone], least)
        return
    weight = np.where(backbone[moving], 1.0, 0.0) - policy.backbone_share
    terms: Terms = list(zip(take[moving].tolist(), weight.tolist(), strict=True))
    if hardness != "off" and terms:
        w.row("rotation_backbone", [*terms, *_slack(w, hardness, 1.0)], -EXACT, np.inf)


def add_continuity(w: Writer, f: StaffFormulation, take: Ints) -> None:
    """Those who leave a school ≤ max_leaving_share · its staff; of the experienced in a subject one at least stays.

    Those whose term is over leave whatever is decided: they come first.
    """
    rules, policy = f.district.settings.rules, f.district.settings.policy.rotation
    if rules.continuity == "off" or not len(f.options):
        return
    teachers, legal = _teachers(f), _legal_of_teachers(f)
    sender = np.where(f.options.moved, legal[f.groups.first][f.options.group], "")
    back = f.standing.returns & f.roster.stays
    working = (teachers.school >= 0) & ~f.standing.leaves & ~teachers.is_one_of("role", "support")
    for school in dict.fromkeys(sender[sender != ""].tolist()):
        returning = int((back & (legal == school)).sum())
        most = max(returning, math.floor(policy.max_leaving_share * (working & (legal == school)).sum() + EXACT))
        terms = [(int(at), 1.0) for at in take[sender == school]]
        w.row(f"continuity[{school}]", [*terms, *_slack(w, rules.continuity, -1.0)], -np.inf, float(most - returning))
    _add_experience(w, f, take)


def _add_experience(w: Writer, f: StaffFormulation, take: Ints) -> None:
    """Σ experienced teachers who stay ≥ 1   for every legal school, stage and subject that has some, none settled."""
    roster, stages = f.roster, np.array(f.need.faculties.stage, dtype=object)
    here = (_teachers(f).school >= 0) & roster.experienced & _is(f, "role", "teacher")
    kept = set(_desks(f, np.flatnonzero(here & roster.stays & ~f.standing.returns)))
    first = f.groups.first[f.options.group]
    same_stage = stages[f.options.faculty] == stages[roster.faculty[first]]
    staying = np.flatnonzero(here[first] & same_stage & (f.options.form == STAY))
    columns: dict[tuple[str, str, int], list[int]] = {}
    for at, desk in zip(staying.tolist(), _desks(f, first[staying]), strict=True):
        columns.setdefault(desk, []).append(int(take[at]))
    for (school, stage, subject), held in columns.items():
        if (school, stage, subject) not in kept:
            slack = _slack(w, f.district.settings.rules.continuity, 1.0)
            name = f"continuity[{school},{stage},{f.need.subjects[subject]}]"
            w.row(name, [*((column, 1.0) for column in held), *slack], 1.0, np.inf)


def add_couples(w: Writer, f: StaffFormulation, take: Ints) -> None:
    """move[a,j] + Σ_{k≠j} move[b,k] ≤ 1   for a couple a, b and every school j: both move together or one stays."""
    hardness, teachers = f.district.settings.rules.couples, _teachers(f)
    if hardness == "off":
        return
    legal = np.array(f.district.schools.legal, dtype=object)[f.need.faculties.school]
    moves: dict[int, list[tuple[int, str]]] = {}
    for at in np.flatnonzero(f.options.moved).tolist():
        person = int(f.groups.first[f.options.group[at]])
        if teachers.spouse[person] >= 0:
            moves.setdefault(person, []).append((int(take[at]), str(legal[f.options.faculty[at]])))
    for person, held in moves.items():
        spouse = int(teachers.spouse[person])
        if spouse not in moves or spouse < person:
            continue
        for school in dict.fromkeys(to for _, to in held):
            terms = [(column, 1.0) for column, to in held if to == school]
            apart = [(column, 1.0) for column, to in moves[spouse] if to != school]
            if apart:
                w.row("couples", [*terms, *apart, *_slack(w, hardness, -1.0)], -np.inf, 1.0)


def add_principals(w: Writer, f: StaffFormulation, take: Ints) -> None:
    """A school keeps as many principals as it has, and gets no further one but the first; those who come home come.

    Who served principal_most_years must go to another school.
    """
    principal, teachers = _is(f, "role", "principal"), _teachers(f)
    if not len(f.options) or not principal[f.groups.first].any():
        return
    legal = np.array(f.district.schools.legal, dtype=object)
    today = np.where(principal & (teachers.school >= 0), legal[teachers.school], "")
    options = np.flatnonzero(principal[f.groups.first][f.options.group])
    to = legal[f.need.faculties.school[f.options.faculty[options]]]
    settled = principal & f.roster.stays
    at = legal[f.need.faculties.school[f.roster.faculty]]
    for school in dict.fromkeys(to.tolist()):
        held = int((settled & (at == school)).sum())
        present = int((principal & ~f.standing.leaves & ~f.standing.returns & (today == school)).sum())
        terms = [(int(column), 1.0) for column in take[options[to == school]]]
        open_here = int((principal & f.roster.open & (today == school)).sum())
        most = max(1, int((today == school).sum()), held + open_here)
        w.row(f"principals[{school}]", terms, float(max(0, present - held)), float(most - held))
    hardness, long = f.district.settings.rules.principal_terms, f.district.settings.policy.rotation.principal_most_years
    due = principal & f.roster.open & (teachers.school >= 0) & (years_served(f.district) >= long)
    for group in np.flatnonzero(due[f.groups.first]).tolist():
        away = f.options.moved & (f.options.group == group)
        _at_least(w, hardness, f"principal_terms[{group}]", take[away], len(f.groups.members[group]))


def add_swaps(w: Writer, f: StaffFormulation, take: Ints) -> None:
    """Σ rotated in = Σ rotated out   at every school: rotation by exchange alone."""
    hardness = f.district.settings.rules.swaps
    if hardness == "off":
        return
    legal = np.array(f.district.schools.legal, dtype=object)
    rotated = np.flatnonzero(f.options.form == ROTATION)
    out = _legal_of_teachers(f)[f.groups.first][f.options.group[rotated]]
    into = legal[f.need.faculties.school[f.options.faculty[rotated]]]
    for school in dict.fromkeys([*out.tolist(), *into.tolist()]):
        terms: Terms = [(int(at), 1.0) for at in take[rotated[into == school]]]
        terms += [(int(at), -1.0) for at in take[rotated[out == school]]]
        slack = [*_slack(w, hardness, 1.0), *_slack(w, hardness, -1.0)]
        w.row(f"swaps[{school}]", [*terms, *slack], 0.0, 0.0)


def add_budget(w: Writer, f: StaffFormulation, take: Ints) -> None:
    """Σ subsidy of those who rotate ≤ budget_yuan."""
    policy, hardness = f.district.settings.policy.rotation, f.district.settings.rules.budget
    each = policy.subsidy.total_yuan
    if hardness == "off" or policy.budget_yuan is None or not each:
        return
    terms = [(int(at), 1.0) for at in take[f.options.form == ROTATION]]
    w.row("budget", [*terms, *_slack(w, hardness, -1.0)], -np.inf, math.floor(policy.budget_yuan / each + EXACT))


def _teachers(f: StaffFormulation) -> Teachers:
    assert f.district.teachers is not None
    return f.district.teachers


def _desks(f: StaffFormulation, people: Ints) -> list[tuple[str, str, int]]:
    """Legal school, stage and subject of some teachers today."""
    faculties, at = f.need.faculties, f.roster.faculty[people]
    school = _legal_of_teachers(f)[people].tolist()
    return list(zip(school, [faculties.stage[row] for row in at], f.roster.subject[people].tolist(), strict=True))


def _is(f: StaffFormulation, attribute: str, *values: str) -> Bools:
    return _teachers(f).is_one_of(attribute, *values)


def _counted(f: StaffFormulation) -> Bools:
    """Options of groups of whom a share must move."""
    return np.asarray(f.counted_eligible[f.groups.first][f.options.group], dtype=bool)


def _legal_of_teachers(f: StaffFormulation) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Legal school where each teacher works, "" for recruits."""
    legal, school = np.array(f.district.schools.legal, dtype=object), _teachers(f).school
    return np.where(school >= 0, legal[school], "")


def _whole(least: float) -> int:
    return math.ceil(least - EXACT)


def _at_least(w: Writer, hardness: Hardness, name: str, columns: Ints, least: int) -> None:
    if hardness != "off" and least > 0:
        w.row(name, [*((int(at), 1.0) for at in columns), *_slack(w, hardness, 1.0)], float(least), np.inf)


def _slack(w: Writer, hardness: Hardness, sign: float) -> Terms:
    """What a soft rule may be short by, in whole teachers, priced; nothing for a hard one."""
    if hardness != "soft":
        return []
    short = w.column(w.beyond)
    w.price("rotation", short, 1.0)
    return [(short, sign)]

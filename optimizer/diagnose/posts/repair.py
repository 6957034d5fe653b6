"""Repairs of posts: the least figure that makes a plan, or a rule made soft; the patched instance is solved again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from models.diagnosis import Repair
from models.outcome import Status
from models.plan import ASSIGNMENT_COLUMNS, CATCHMENT_COLUMNS, Plan
from models.run import Shortfall
from models.settings import merge
from optimizer.diagnose.posts.case import PostsCase
from optimizer.diagnose.posts.decide import decide_posts
from optimizer.diagnose.posts.levers import EASED, LEVERS, SOFT, soften
from optimizer.formulation.staffing.formulation import StaffFormulation, formulate_staffing
from optimizer.formulation.staffing.openings import need_with, with_classes
from optimizer.formulation.staffing.plan import draw_staff_plan
from optimizer.recheck import recheck_staff
from optimizer.solve.effort import Effort
from optimizer.solve.naming import name_postings
from optimizer.solve.opened import settle_weeks
from optimizer.solve.staffing import StaffOutcome, solve_staffing

MOST = 4
"""Repairs that are looked for."""
FAIR = 0.05
"""Relative gap with which the figures of a plan are told."""
SHORTEST_S, LONGEST_S = 2.0, 12.0
"""For one answer, and for one plan."""
PATIENCE = 4.0
"""Times as long as finding any plan took, a better one is looked for, so that its figures are fair."""
SLICES = 8
"""Parts of the effort that one answer may take."""


@dataclass(frozen=True)
class _Eased:
    """One rule eased: what is said of it, and how."""

    lever: str
    rule: str
    unit: str
    patch: Mapping[str, Any]
    facts: Mapping[str, object]
    amount: float = 0.0
    least: float = 0.0
    """0 where the amount counts what the plan breaks."""


def repair_posts(case: PostsCase, effort: Effort, rules: Sequence[str] = ()) -> tuple[Repair, ...]:
    """Return what makes posts possible, in the order in which a bureau would try it, each solved again to be sure.

    `rules` are those of a conflict: others are not eased alone, and without one nothing is claimed of easing less.
    Where no rule alone suffices several are eased together.
    """
    repairs = list[Repair]()
    for eased in _ways(case, effort, rules):
        repair = _verify(case, eased, effort)
        if repair is not None:
            repairs.append(repair if rules else replace(repair, least=0.0))
        if len(repairs) == MOST or effort.over:
            break
    return tuple(repairs)


def slice_of(effort: Effort) -> Effort:
    """Return what one answer may take of an effort."""
    seconds = min(LONGEST_S, max(SHORTEST_S, effort.left_s / SLICES))
    return Effort(min(seconds, max(0.5, effort.left_s)), None, effort.stopped)


def _ways(case: PostsCase, effort: Effort, rules: Sequence[str]) -> Iterator[list[_Eased]]:
    hard = case.hard
    candidates = [rule for rule in EASED if rule in hard and (not rules or rule in rules)]
    found = False
    for rule in candidates:
        if not effort.over and _possible(case.keeping(set(hard) - {rule}), effort):
            eased = _ease_all(case, [rule], effort)
            found |= eased is not None
            yield from [eased] if eased else []
    if not found and not effort.over:
        together = _fewest(case, [rule for rule in EASED if rule in hard], effort)
        eased = _ease_all(case, together, effort) if together else None
        yield from [eased] if eased else []


def _fewest(case: PostsCase, rules: list[str], effort: Effort) -> list[str]:
    """Rules without which there is a plan, every one of them needed; none where all of them do not suffice.

    What a bureau would ease last is kept first.
    """
    hard = set(case.hard)
    if not _possible(case.keeping(hard - set(rules)), effort):
        return []
    for rule in tuple(reversed(rules)):
        fewer = [other for other in rules if other != rule]
        if not effort.over and _possible(case.keeping(hard - set(fewer)), effort):
            rules = fewer
    return rules


def _ease_all(case: PostsCase, rules: Sequence[str], effort: Effort) -> list[_Eased] | None:
    """Ease some rules one after the other, those to come being off; None where one of them cannot be."""
    done = list[_Eased]()
    for position, rule in enumerate(rules):
        off = {"rules": dict.fromkeys(rules[position + 1 :], "off")}
        at_hand = case.posed(merge(_together(done), off))
        eased = _turn(at_hand, rule, effort) or _soften(at_hand, rule, effort)
        if eased is None:
            return None
        done.append(eased)
    return done


def _turn(case: PostsCase, rule: str, effort: Effort) -> _Eased | None:
    """The least step of one of a rule's levers with which there is a plan."""
    for lever in LEVERS.get(rule, ()):
        steps = lever.steps(case.formulate())
        if steps and _possible(case.posed(steps[-1].patch), effort):
            at, shown = _halve(case, [step.patch for step in steps], effort)
            step, least = steps[at], 0.0 if shown is None else steps[shown].amount
            facts: dict[str, object] = {"before": _plain(step.before), "after": _plain(step.after)}
            facts |= {"stage": step.stage} if step.stage else {}
            return _Eased(lever.key, rule, lever.unit, step.patch, facts, step.amount, least)
    return None


def _halve(case: PostsCase, patches: Sequence[Mapping[str, Any]], effort: Effort) -> tuple[int, int | None]:
    """Return the first patch with a plan, the last having one, and the first that was not shown to be too little.

    That is None where nothing was shown. Each patch eases more than the one before.
    """
    least, last, shown = 0, len(patches) - 1, None
    while least < last:
        middle = (least + last) // 2
        answer = _possible(case.posed(patches[middle]), effort)
        if answer:
            last = middle
        else:
            least = middle + 1
            shown = least if answer is False else shown
    return last, 0 if last == 0 else shown


def _soften(case: PostsCase, rule: str, effort: Effort) -> _Eased | None:
    patch = soften(rule)
    if rule not in SOFT or not _possible(case.posed(patch), effort):
        return None
    return _Eased(SOFT[rule], rule, "teachers", patch, {})


def _possible(case: PostsCase, effort: Effort) -> bool | None:
    return decide_posts(case.formulate(), slice_of(effort), case.workers).possible


def _verify(case: PostsCase, eased: Sequence[_Eased], effort: Effort) -> Repair | None:
    """Read the instance with the patch laid over it, decide its posts from scratch, and judge them from the tables."""
    patch = _together(eased)
    district = case.patched(patch)
    if district is None:
        return None
    f = formulate_staffing(district, case.classes, case.openings)
    began = effort.seconds
    taken = decide_posts(f, slice_of(effort), case.workers).taken
    if taken is None:
        return None
    patience = min(LONGEST_S, max(SHORTEST_S, PATIENCE * (effort.seconds - began)), max(0.5, effort.left_s))
    part = Effort(patience, None, effort.stopped)
    outcome = solve_staffing(f, part, gap=FAIR, workers=case.workers, report=lambda *_: None)
    if outcome.taken is None:
        outcome = StaffOutcome(Status.FEASIBLE, taken=taken)
    plan = _draw(case, f, settle_weeks(f, outcome, patience))
    if plan is None or plan.staff is None:
        return None
    shortfalls = recheck_staff(district, plan)
    if any(found.is_fault for found in shortfalls):
        return None
    posts = plan.staff.posts[["required", "filled", "vacant"]].sum()
    levels = {level.name: float(level.value) for level in outcome.levels}
    return _as_repair(eased, patch, shortfalls, levels, {str(name): float(value) for name, value in posts.items()})


def _draw(case: PostsCase, f: StaffFormulation, settled: StaffOutcome) -> Plan | None:
    if settled.taken is None or settled.vacant is None:
        return None
    classes, need = case.classes, f.need
    if case.openings is not None and settled.classes is not None:
        classes = with_classes(classes, f.district, case.openings, settled.classes)
        need = need_with(need, case.openings, settled.classes)
    staff = draw_staff_plan(f, need, name_postings(f, settled.taken), settled.vacant)
    catchments, assignments = (pd.DataFrame(columns=list(names)) for names in (CATCHMENT_COLUMNS, ASSIGNMENT_COLUMNS))
    return Plan(catchments, assignments, classes, student_km=0.0, staff=staff)


def _as_repair(
    eased: Sequence[_Eased],
    patch: Mapping[str, Any],
    shortfalls: Sequence[Shortfall],
    levels: Mapping[str, float],
    posts: Mapping[str, float],
) -> Repair:
    if len(eased) > 1:
        several = {"rules": [each.rule for each in eased], "figures": _figures(patch)}
        return Repair("posts_several", several, patch, float(len(eased)), 1.0, "rules", levels, posts=posts)
    one = eased[0]
    broken = sum(found.breach for found in shortfalls if found.rule == one.rule and not found.inherited)
    amount, least = (one.amount, one.least) if one.amount else (float(broken), 1.0)
    facts = one.facts or {"count": int(broken)}
    return Repair(one.lever, facts, patch, amount, least, one.unit, levels, posts=posts)


def _figures(patch: Mapping[str, Any], path: str = "") -> list[str]:
    """Every setting of a patch, as `policy.rotation.min_share = 0.05`."""
    found = []
    for key, value in patch.items():
        at = f"{path}.{key}" if path else key
        found += _figures(value, at) if isinstance(value, Mapping) else [f"{at} = {value}"]
    return found


def _together(eased: Sequence[_Eased]) -> dict[str, Any]:
    patch = dict[str, Any]()
    for each in eased:
        patch = merge(patch, each.patch)
    return patch


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value

"""Repairs of posts: the least figure that makes a plan, or a rule made soft; the patched instance is solved again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
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
"""Times as long as finding any plan took, a better one is looked for, so that its figures are fair, where that is not
long."""
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
            repairs.append(repair)
        if len(repairs) == MOST or effort.over:
            break
    if not repairs and not effort.over and (several := _several(case, effort)):
        repair = _verify(case, several, effort)
        repairs += [] if repair is None else [repair]
    return tuple(repair if rules else replace(repair, least=0.0) for repair in repairs)


def slice_of(effort: Effort) -> Effort:
    """Return what one answer may take of an effort."""
    seconds = min(LONGEST_S, max(SHORTEST_S, effort.left_s / SLICES))
    return Effort(min(seconds, max(0.5, effort.left_s)), None, effort.stopped)


def _ways(case: PostsCase, effort: Effort, rules: Sequence[str]) -> Iterator[list[_Eased]]:
    """Yield each rule of the conflict eased, or each rule where no conflict is known."""
    hard = case.hard
    for rule in (rule for rule in EASED if rule in (rules or hard)):
        eased = None if effort.over else _ease(case, case.keeping(rules or hard), rule, effort)
        yield from [[eased]] if eased is not None else []


def _several(case: PostsCase, effort: Effort) -> list[_Eased]:
    """Ease the fewest rules without which there is a plan, one after the other, those to come being off.

    None of them where one cannot be eased.
    """
    done, rules = list[_Eased](), _fewest(case, [rule for rule in EASED if rule in case.hard], effort)
    for position, rule in enumerate(rules):
        off = {"rules": dict.fromkeys(rules[position + 1 :], "off")}
        at_hand = case.posed(merge(_together(done), off))
        eased = _ease(at_hand, at_hand, rule, effort)
        if eased is None:
            return []
        done.append(eased)
    return done


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


def _ease(case: PostsCase, light: PostsCase, rule: str, effort: Effort) -> _Eased | None:
    """Ease a rule by the least step of one of its levers with which there is a plan, or make it a wish.

    `light` is the case with the rules of the conflict alone: what is too little there is too little, and what suffices
    there mostly does.
    """
    for lever in LEVERS.get(rule, ()):
        steps = lever.steps(case.formulate())
        patches = [step.patch for step in steps]
        if not steps or not _possible(light.posed(patches[-1]), effort):
            continue
        at, shown = _halve(light, patches, effort)
        if light is not case and not _possible(case.posed(patches[at]), effort):
            if at == len(steps) - 1 or not _possible(case.posed(patches[-1]), effort):
                continue
            further, more = _halve(case, patches[at + 1 :], effort)
            at, shown = at + 1 + further, shown if more is None else at + 1 + more
        step, least = steps[at], 0.0 if shown is None else steps[shown].amount
        facts: dict[str, object] = {"before": _plain(step.before), "after": _plain(step.after)}
        facts |= {"stage": step.stage} if step.stage else {}
        return _Eased(lever.key, rule, lever.unit, step.patch, facts, step.amount, least)
    patch = soften(rule)
    if rule not in SOFT or not _possible(case.posed(patch), effort):
        return None
    return _Eased(SOFT[rule], rule, "teachers", patch, {})


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


def _possible(case: PostsCase, effort: Effort) -> bool | None:
    return decide_posts(case.formulate(), slice_of(effort), case.workers).possible


def _verify(case: PostsCase, eased: Sequence[_Eased], effort: Effort) -> Repair | None:
    """Read the instance with the patch laid over it, decide its posts from scratch, and judge them from the tables.

    Figures are told of a plan that was improved: any plan at all would leave more posts vacant than need be.
    """
    patch = _together(eased)
    district = case.patched(patch)
    if district is None:
        return None
    f = formulate_staffing(district, case.classes, case.openings)
    began = effort.seconds
    taken = decide_posts(f, slice_of(effort), case.workers).taken
    if taken is None:
        return None
    patience = max(SHORTEST_S, PATIENCE * (effort.seconds - began))
    outcome = StaffOutcome(Status.FEASIBLE, taken=taken)
    if patience <= min(LONGEST_S, effort.left_s):
        part = Effort(patience, None, effort.stopped)
        better = solve_staffing(f, part, gap=FAIR, workers=case.workers, report=lambda *_: None)
        outcome = outcome if better.taken is None else better
    plan = _draw(case, f, settle_weeks(f, outcome, max(SHORTEST_S, min(LONGEST_S, effort.left_s))))
    if plan is None or plan.staff is None:
        return None
    shortfalls = recheck_staff(district, plan)
    if any(found.is_fault for found in shortfalls):
        return None
    levels = {level.name: float(level.value) for level in outcome.levels}
    told = plan.staff.posts[["required", "filled", "vacant"]].sum() if levels else pd.Series(dtype=np.float64)
    return _as_repair(eased, patch, shortfalls, levels, {str(name): float(value) for name, value in told.items()})


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

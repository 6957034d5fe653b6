"""Repairs: each lever is tried, what it takes is written as an override, and that instance is solved again."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from models.diagnosis import Count, Repair
from models.plan import Plan
from optimizer.diagnose.attempt import FAIR, Attempt, Case, attempt
from optimizer.diagnose.draft import ROOM_RULES, Draft, Scene
from optimizer.diagnose.families import in_force
from optimizer.diagnose.levers import LEVERS
from optimizer.diagnose.posts.case import PostsCase
from optimizer.diagnose.posts.decide import decide_posts
from optimizer.diagnose.spread import find_lack
from optimizer.formulation.staffing.openings import find_openings
from optimizer.recheck import recheck_plan
from optimizer.solve import Effort

MOST = 6
"""Repairs that are looked for."""
MOST_ALIKE = 3
"""Of them, of one lever."""
LEVER_SHARE = 0.5
"""Of the time that is left, that one lever may take; but always that of an attempt."""
HALVINGS = 2
"""Of the way from what is too little to what is ample; one less once that is known to take long."""
PATIENCE, PATIENT_SHARE = 2.0, 0.1
"""Times an attempt that the least of a lever is given, as long as that is no more than this share of the time left."""
FOR_FIGURES = 0.25
"""Part of the time of an attempt in which the plan of a repair is made better."""


def find_repairs(case: Case, counts: tuple[Count, ...], effort: Effort) -> Iterator[Repair]:
    """Yield repairs in the order in which a bureau would try them, each solved again to be sure."""
    scene = _set_scene(case, counts, effort)
    found, tried = 0, list[Mapping[str, Any]]()
    for lever in LEVERS:
        alike, tight = 0, case.is_large
        share = max(LEVER_SHARE, min(1.0, 1.5 * case.slice_s / max(effort.left_s, 1.0)))
        allotted = replace(scene, effort=effort.rest(share))
        for draft in lever(allotted) if not effort.over else ():
            if draft.last_resort and alike:
                break
            if draft.patch in tried:
                continue
            tried.append(draft.patch)
            repair, tight = _verify(allotted, draft, tight=tight)
            if repair is not None:
                yield repair
                found, alike = found + 1, alike + 1
            if found == MOST or alike == MOST_ALIKE or allotted.over:
                break
        if found == MOST or effort.over:
            return


def _set_scene(case: Case, counts: tuple[Count, ...], effort: Effort) -> Scene:
    """Say where something is short: what a relaxation misses, then the schools that sums name, nearest first."""
    rules, schools = frozenset(in_force(case.district)), case.district.schools
    lack = find_lack(case, dict.fromkeys(rules & set(ROOM_RULES), range(len(schools))))
    missed = Counter(
        {schools.row[school]: sum(of_school.values()) for school, of_school in (lack.least if lack else {}).items()}
    )
    rows = [row for row, _ in missed.most_common()]
    scene = Scene(case, rules, counts, lack, tuple(rows), effort)
    named = dict.fromkeys(schools.row[school] for count in counts for school in count.schools)
    near = scene.near(np.array(list(named), dtype=np.int64))
    receiving = [row for row in near if schools.status[row] == "open" and not schools.private[row]]
    return replace(scene, wanted=tuple(dict.fromkeys([*rows, *receiving])))


def _verify(scene: Scene, draft: Draft, *, tight: bool) -> tuple[Repair | None, bool]:
    """Solve the instance with the override laid over it, from scratch; return whether the least was too tight as well.

    Where it is not enough for whole classes and catchments, or no plan with it is found in time, part of the way to
    what is ample is tried. Once it was too tight for one school it is not tried for the next.
    """
    patient = max(1.0, min(PATIENCE, PATIENT_SHARE * scene.effort.left_s / scene.case.slice_s))
    made = None if tight and draft.sized is not None else _solve_with(scene, draft, patient)
    if made is not None:
        return _as_repair(scene, draft, made), tight
    ample = draft.sized(1.0) if draft.sized is not None else None
    made = None if ample is None else _solve_with(scene, ample)
    if ample is None or made is None or draft.sized is None:
        return None, True
    low, high = 0.0, 1.0
    for _ in range(HALVINGS - tight):
        middle = (low + high) / 2.0
        found = _solve_with(scene, draft.sized(middle))
        low, high, made = (low, middle, found) if found is not None else (middle, high, made)
    return _as_repair(scene, draft.sized(high), made), True


def _solve_with(scene: Scene, draft: Draft, patience: float = 1.0) -> Attempt | None:
    """Solve the instance as it would be, from scratch, or take the plan that was found so; None without any soon."""
    patched = scene.case.patched(draft.patch)
    if patched is None:
        return None
    if draft.made is not None and draft.made.case.district.settings == patched.district.settings:
        made: Attempt | None = replace(draft.made, case=patched)
    else:
        made = None if scene.over else attempt(patched, scene.slice(patience))
    if made is None or not made.possible:
        return None
    staffed = _decide_posts(scene, made)
    return None if staffed is False else replace(made, staffed=staffed)


def _decide_posts(scene: Scene, made: Attempt) -> bool | None:
    """Return whether posts go with a plan for the children, where they are to be decided; None if not found out."""
    plan = made.plan if made.case.posted else None
    if plan is None or plan.classes.empty:
        return True
    openings = find_openings(made.formulation, made.case.district, made.outcome)
    posts = PostsCase.of(made.case, plan.classes, openings)
    return decide_posts(posts.formulate(), scene.slice(), made.case.workers).possible


def _as_repair(scene: Scene, draft: Draft, made: Attempt) -> Repair | None:
    """Look for a better plan for a moment, for fair figures; None where the re-check finds a fault in it."""
    better = None if scene.over else attempt(made.case, scene.slice(FOR_FIGURES), gap=FAIR, start=made.plan)
    told = better if better is not None and better.possible else made
    plan = told.plan
    if plan is None or any(found.is_fault for found in recheck_plan(told.case.district, told.case.travel, plan)):
        return None
    amount, facts = (draft.amount, draft.facts) if draft.tell is None else draft.tell(told, plan)
    return Repair(
        lever=draft.lever,
        facts=facts,
        patch=draft.patch,
        amount=amount,
        least=draft.least,
        unit=draft.unit,
        levels=levels_of(told),
        mean_m=mean_m_of(plan),
        posts_open=made.staffed is None,
    )


def levels_of(made: Attempt) -> dict[str, float]:
    """Return what every level of a plan came to."""
    return {level.name: level.value for level in made.outcome.levels}


def mean_m_of(plan: Plan) -> float | None:
    """Return metres of a child on average; None without children."""
    children = int(plan.assignments["students"].sum())
    return 1000.0 * plan.student_km / children if children else None

"""What binds the postings of a finished plan, and what one more teacher of a subject would fill."""

import math
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.diagnosis import Binding, Price
from models.district import District
from models.placement import parts_of
from models.plan import Plan
from models.staffed import Staffed
from models.staffing import ANY, Teachers
from models.stages import STAGES
from optimizer.recheck.balance import compute_variation, find_compared
from optimizer.recheck.destinations import ROTATING
from optimizer.recheck.pools import holds_post, pool_of_school, pools_of, posts_approved, staff_planned
from optimizer.recheck.rotation import count_among
from optimizer.recheck.weeks import fill_posts

NEAR = 0.01
"""A share of a limit: a coefficient of variation has reached it where it comes so near."""
MOST = 3
"""Stages and subjects that a teacher is priced for: those with the most posts vacant."""
LEAST_POSTS = 0.05
"""What fills less of a post is worth no teacher."""
_EXACT = 1e-9


def find_staff_bindings(district: District, plan: Plan) -> tuple[Binding, ...]:
    """Return the hard limits that the postings of a plan stand at: quotas, shares that must move, evenness."""
    if plan.staff is None:
        return ()
    staffed = Staffed(district, plan.classes, plan.staff)
    return (*_of_quota(staffed), *_of_rotation(staffed), *_of_budget(staffed), *_of_balance(staffed))


def price_teachers(district: District, plan: Plan) -> tuple[Price, ...]:
    """Return how many posts one more teacher of a subject would fill at the school most short of it, most first.

    Everybody else stays where the plan posts them, and only the weeks are divided anew. Nobody is offered to a pool
    whose quota is taken, nor for lessons that any teacher may give.
    """
    if plan.staff is None:
        return ()
    staffed = Staffed(district, plan.classes, plan.staff)
    pool, free = np.array(pool_of_school(district), dtype=object), _pools_with_free_posts(staffed)
    vacant = plan.staff.posts[plan.staff.posts["subject"] != ANY]
    vacant = vacant[vacant["school_id"].map(dict(zip(district.schools.ids, pool, strict=True))).isin(free)]
    short = sorted(parts_of(vacant, ["stage", "subject"]), key=lambda part: -part[1]["vacant"].sum())
    found = []
    for (stage, subject), rows in short[:MOST]:
        posts, where = float(rows["vacant"].sum()), str(rows["school_id"].iloc[int(rows["vacant"].to_numpy().argmax())])
        filled = _fills(staffed, district.schools.row[where], STAGES.index(stage), subject)
        if filled >= LEAST_POSTS:
            facts = {"stage": stage, "subject": subject, "posts": round(filled, 2), "vacant": round(posts, 2)}
            found.append(Price("teacher", where, facts, 0.0))
    return tuple(sorted(found, key=lambda price: -float(str(price.facts["posts"]))))


def _pools_with_free_posts(staffed: Staffed) -> set[str]:
    held, quota = staff_planned(staffed, holds_post(staffed)), posts_approved(staffed)
    return {pool for pool, staff, most in zip(pools_of(staffed.district), held, quota, strict=True) if staff < most}


def _fills(staffed: Staffed, school: int, stage: int, subject: str) -> float:
    """Posts of a stage that can be filled with a further teacher at a school, less those without."""
    asked = np.zeros_like(staffed.required)
    asked[:, stage] = staffed.required[:, stage]
    larger = replace(staffed, district=replace(staffed.district, teachers=_with_one(staffed.teachers, stage, subject)))
    before = fill_posts(staffed, staffed.after, staffed.stage_after, asked)
    after = fill_posts(larger, np.append(staffed.after, school), np.append(staffed.stage_after, stage), asked)
    return sum(cluster.most for cluster in after) - sum(cluster.most for cluster in before)


def _with_one(teachers: Teachers, stage: int, subject: str) -> Teachers:
    """The staff and a teacher of one subject, of whom nothing else is known."""
    known = {"ids": "", "stage": STAGES[stage], "subject": subject, "school": -1, "role": "teacher"}
    longer: dict[str, Any] = {}
    for field in fields(Teachers):
        column = getattr(teachers, field.name)
        if isinstance(column, tuple):
            longer[field.name] = (*column, known.get(field.name, () if field.name == "preferences" else ""))
        else:
            longer[field.name] = np.append(column, np.array([_unknown(column)], dtype=column.dtype))
    return Teachers(**longer)


def _unknown(column: NDArray[Any]) -> object:
    return {"M": np.datetime64("NaT"), "f": np.nan, "b": False}.get(column.dtype.kind, -1)


def _of_quota(staffed: Staffed) -> Iterator[Binding]:
    """Posts approved that are all taken, while posts are vacant."""
    if staffed.district.settings.rules.staff_quota != "hard" or not (staffed.staff.posts["vacant"] > LEAST_POSTS).any():
        return
    held, quota = staff_planned(staffed, holds_post(staffed)), posts_approved(staffed)
    for pool, staff, most in zip(pools_of(staffed.district), held.tolist(), quota.tolist(), strict=True):
        if staff >= most:
            inherited = staff > most
            yield Binding("staff_quota", pool, "", staff, staff if inherited else most, "teachers",
                          "inherited" if inherited else "", inherited=inherited)  # fmt: skip


def _of_rotation(staffed: Staffed) -> Iterator[Binding]:
    """Shares that no more than the fewest teachers who must move are moved for."""
    rules, policy = staffed.district.settings.rules, staffed.district.settings.policy.rotation
    counted = count_among(staffed)
    moved = counted & staffed.moved
    least = math.ceil(policy.min_share * counted.sum() - _EXACT)
    if rules.rotation_share == "hard" and policy.scope == "district" and 0 < int(moved.sum()) <= least:
        yield Binding("rotation_share", "", "", int(moved.sum()), least, "teachers")
    of = counted if policy.backbone_of == "eligible" else moved
    backbone, fewest = (
        int((moved & staffed.teachers.backbone).sum()),
        math.ceil(policy.backbone_share * of.sum() - _EXACT),
    )
    if rules.rotation_backbone == "hard" and 0 < backbone <= fewest:
        yield Binding("rotation_backbone", "", "", backbone, fewest, "teachers")


def _of_budget(staffed: Staffed) -> Iterator[Binding]:
    """A budget that does not suffice for one teacher more."""
    policy = staffed.district.settings.policy.rotation
    each, most = policy.subsidy.total_yuan, policy.budget_yuan
    if staffed.district.settings.rules.budget != "hard" or most is None or each <= 0:
        return
    cost = each * int(np.isin(staffed.form, ROTATING).sum())
    if cost + each > most * (1.0 + _EXACT):
        yield Binding("budget", "", "", cost, most, "yuan")


def _of_balance(staffed: Staffed) -> Iterator[Binding]:
    """Coefficients of variation near their limit; `kind` is the indicator."""
    settings = staffed.district.settings
    for stage, limit in settings.policy.balance.cv_max.items() if settings.rules.balance_cv == "hard" else ():
        held, column = find_compared(staffed, stage), STAGES.index(stage)
        students = staffed.students[held, column].astype(np.float64)
        for indicator in settings.policy.balance.indicators if len(students) else ():
            carried = staffed.carried(indicator)[held, column].astype(np.float64)
            value = compute_variation(carried, students)
            if value >= (1.0 - NEAR) * limit:
                yield Binding("balance_cv", "", stage, round(value, 4), limit, "ratio", indicator)

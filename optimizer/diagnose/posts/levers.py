"""What a bureau can change so that posts can be decided: a number of the policy step by step, or a rule made soft.

Never offered are exempt teachers, certificates and the quota. Nor is hiring: nobody is hired by an override, and
without teachers a post stays vacant, which keeps no plan from being made.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from models.district import District
from models.stages import STAGES, Stage
from optimizer.formulation.staffing.formulation import StaffFormulation
from optimizer.formulation.staffing.groups import commute_m
from optimizer.formulation.staffing.standing import years_served

SHARE_STEP, PERCENT = 0.005, 0.01
"""A share that must move is written in halves of a per cent, any other in whole ones."""
STEP_M = 100.0
STEP_YUAN = 1000.0
MOST_UNEVEN = 20.0
"""Largest coefficient of variation that is offered."""
EXACT = 1e-9


@dataclass(frozen=True)
class Step:
    """One figure that a number may have instead."""

    patch: Mapping[str, Any]
    before: float
    after: float
    stage: str = ""
    """The stage that it is for; "" for all."""

    @property
    def amount(self) -> float:
        """By how much it differs."""
        return abs(self.after - self.before)


@dataclass(frozen=True)
class Lever:
    """What eases one rule."""

    key: str
    """Of its sentence: `diagnose.repairs.KEY`."""
    unit: str
    steps: Callable[[StaffFormulation], Sequence[Step]]
    """Figures from the nearest to the one of today on: each eases more than the one before."""


def _lower_share(f: StaffFormulation) -> list[Step]:
    return [_rotation("min_share", f.district, after) for after in _down(f, "min_share", SHARE_STEP)]


def _lower_backbone(f: StaffFormulation) -> list[Step]:
    return [_rotation("backbone_share", f.district, after) for after in _down(f, "backbone_share", PERCENT)]


def _raise_leaving(f: StaffFormulation) -> list[Step]:
    now = f.district.settings.policy.rotation.max_leaving_share
    figures = np.arange(math.floor(now / PERCENT + EXACT) + 1, round(1.0 / PERCENT) + 1)
    return [_rotation("max_leaving_share", f.district, round(k * PERCENT, 4)) for k in figures.tolist()]


def _raise_commute(f: StaffFormulation) -> list[Step]:
    now = f.district.settings.policy.rotation.max_commute_m
    metres = commute_m(f.district, np.flatnonzero(f.roster.open), f.need.faculties.school)
    farthest = np.nanmax(metres, initial=0.0, where=np.isfinite(metres))
    if now is None or farthest <= now:
        return []
    figures = np.arange(math.floor(now / STEP_M) + 1, math.ceil(farthest / STEP_M) + 1)
    return [_rotation("max_commute_m", f.district, STEP_M * k) for k in figures.tolist()]


def _shorten_return(f: StaffFormulation) -> list[Step]:
    now = f.district.settings.policy.rotation.no_return_years
    return [_rotation("no_return_years", f.district, years) for years in range(now - 1, -1, -1)]


def _lengthen_terms(f: StaffFormulation) -> list[Step]:
    teachers, now = f.district.teachers, f.district.settings.policy.rotation.principal_most_years
    assert teachers is not None
    principals = teachers.is_one_of("role", "principal")
    longest = int(years_served(f.district)[principals].max(initial=0)) + 1
    return [_rotation("principal_most_years", f.district, years) for years in range(now + 1, min(longest, 100) + 1)]


def _raise_budget(f: StaffFormulation) -> list[Step]:
    policy = f.district.settings.policy.rotation
    each, now = policy.subsidy.total_yuan, policy.budget_yuan
    if now is None or not each:
        return []
    first, last = math.floor(now / each + EXACT) + 1, int(f.roster.open.sum())
    figures = [STEP_YUAN * math.ceil(k * each / STEP_YUAN - EXACT) for k in range(first, last + 1)]
    return [_rotation("budget_yuan", f.district, yuan) for yuan in dict.fromkeys(figures)]


def _raise_variation(of: Stage | None, f: StaffFormulation) -> list[Step]:
    """The limit of one stage, or all limits by the same steps: the figure is then the largest of them."""
    stated = f.district.settings.policy.balance.cv_max
    limits = {stage: limit for stage, limit in stated.items() if of in (None, stage)}
    steps, now = [], max(limits.values(), default=MOST_UNEVEN)
    for k in range(1, math.ceil((MOST_UNEVEN - now) / PERCENT) + 1):
        raised = {stage: round(limit + k * PERCENT, 4) for stage, limit in limits.items()}
        steps.append(Step({"policy": {"balance": {"cv_max": raised}}}, now, max(raised.values()), of or ""))
    return steps


LEVERS: Mapping[str, tuple[Lever, ...]] = {
    "budget": (Lever("posts_budget", "yuan", _raise_budget),),
    "rotation_share": (Lever("posts_share", "share", _lower_share),),
    "rotation_backbone": (Lever("posts_backbone", "share", _lower_backbone),),
    "continuity": (Lever("posts_leaving", "share", _raise_leaving),),
    "principal_terms": (Lever("posts_terms", "years", _lengthen_terms),),
    "commute": (Lever("posts_commute", "metres", _raise_commute),),
    "no_return": (Lever("posts_return", "years", _shorten_return),),
    "balance_cv": (
        *(Lever("posts_variation_of_stage", "ratio", partial(_raise_variation, stage)) for stage in STAGES),
        Lever("posts_variation", "ratio", partial(_raise_variation, None)),
    ),
}
"""By the rule that they ease, in the order in which a bureau would try them."""
SOFT: Mapping[str, str] = {
    "swaps": "posts_swaps",
    "couples": "posts_couples",
    "continuity": "posts_experience",
    "direction": "posts_direction",
}
"""Rules that no figure eases, or not enough, with the key of what is said where they are made soft."""
EASED: tuple[str, ...] = tuple(dict.fromkeys([*LEVERS, *SOFT]))
"""Rules that may be eased, in the order in which a bureau would."""


def soften(rule: str) -> Mapping[str, Any]:
    """Return the patch that makes a rule a wish."""
    return {"rules": {rule: "soft"}}


def _down(f: StaffFormulation, name: str, step: float) -> list[float]:
    """Multiples of a step below a share of `policy.rotation`, down to 0."""
    now = float(getattr(f.district.settings.policy.rotation, name))
    return [round(k * step, 4) for k in range(math.ceil(now / step - EXACT) - 1, -1, -1)]


def _rotation(name: str, district: District, after: float) -> Step:
    before = getattr(district.settings.policy.rotation, name)
    return Step({"policy": {"rotation": {name: after}}}, float(before), float(after))

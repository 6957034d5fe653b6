"""Why there is no plan and what would make one; where there is one, what binds in it and what one more would bring."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from models.diagnosis import Count, Diagnosis
from models.plan import Plan
from models.watch import Watch
from optimizer.diagnose.attempt import FAIR, NOTHING, Case, attempt
from optimizer.diagnose.conflict import find_conflict
from optimizer.diagnose.families import in_force
from optimizer.diagnose.posts import PostsCase, count_posts_of_fewest, diagnose_posts
from optimizer.diagnose.repair import find_repairs
from optimizer.diagnose.several import repair_together
from optimizer.diagnose.worth import weigh_plan
from optimizer.formulation.staffing.openings import Openings, find_openings
from optimizer.solve import Effort

POSTS_SHARE = 0.6
"""Of what is left of the effort once the children have a plan."""
REPAIR_SHARE = 0.7
"""Of the effort that is left then, for changes each of which is enough."""
CONFLICT_SHARE = 0.35
"""Of the effort, that the rules which cannot hold together are looked for at most."""


@dataclass(frozen=True)
class Terms:
    """How long, with what, and what is diagnosed: see `xuewei diagnose --help`."""

    time_limit_s: float = 80.0
    seed: int = 1
    workers: int = 1
    students_only: bool = False
    teachers_only: bool = False


class Unposted(Exception):
    """Posts alone are asked about and cannot be, or they alone can: `key` names the sentence that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def diagnose_instance(
    folder: Path,
    scenario: str,
    terms: Terms,
    *,
    watch: Watch,
    plan: Plan | None = None,
    patch: Mapping[str, Any] = NOTHING,
) -> Diagnosis:
    """Diagnose an instance under a scenario; of a `plan` for it, or of one that is found, say what it leans on.

    `patch` is what a variation laid over the scenario; repairs come on top of it.

    Raises FaultyInput, what reading raises, and Unposted where the instance is about posts alone, or not about posts.
    """
    effort = Effort(terms.time_limit_s, None, watch.stopped)
    counts: tuple[Count, ...] = ()
    watch.step("read")
    students_only = terms.students_only
    case = Case.read(folder, scenario, seed=terms.seed, workers=terms.workers, students_only=students_only, patch=patch)
    if terms.teachers_only:
        found = _diagnose_posts(case, _given_classes(case, plan), None, effort, watch)
        if not found.possible or plan is None:
            return found
        counts = found.counts
    elif not len(case.district.units):
        raise Unposted("posts_alone")
    if plan is None:
        watch.step("solve")
        made = attempt(case, effort.half(), gap=FAIR)
        counts, plan = made.counts, made.plan
        if made.possible is False:
            further = count_posts_of_fewest(case.district) if case.posted else ()
            return diagnose_children(case, (*counts, *further), effort, watch)
        if plan is not None and case.posted and not plan.classes.empty:
            openings = find_openings(made.formulation, case.district, made.outcome)
            found = _diagnose_posts(case, plan.classes, openings, effort.rest(POSTS_SHARE), watch)
            counts = (*counts, *found.counts)
            if not found.possible:
                return replace(found, counts=counts)
    if plan is None:
        return Diagnosis(None, counts, complete=False)
    watch.step("prices")
    bindings, prices = weigh_plan(case, plan, effort.rest())
    return Diagnosis(True, counts, bindings=bindings, prices=prices, complete=not effort.over)


def _diagnose_posts(
    case: Case, classes: pd.DataFrame, openings: Openings | None, effort: Effort, watch: Watch
) -> Diagnosis:
    """Why posts cannot be decided for classes, of which `openings` are still open."""
    watch.step("posts")
    return diagnose_posts(PostsCase.of(case, classes, openings), effort)


def _given_classes(case: Case, plan: Plan | None) -> pd.DataFrame:
    """Classes of the plan, else of the instance. Raises Unposted."""
    classes = case.district.classes if plan is None else plan.classes
    if case.district.teachers is None or classes is None:
        raise Unposted("no_teachers" if case.district.teachers is None else "no_classes")
    return classes


def diagnose_children(case: Case, counts: tuple[Count, ...], effort: Effort, watch: Watch) -> Diagnosis:
    """Return why the children of a case, which was proved to have no plan, find none, and what would make one.

    `counts` are what sums have shown of it.
    """
    watch.step("conflict")
    conflict = find_conflict(
        in_force(case.district), _Oracle(case, effort.rest(CONFLICT_SHARE)), _rules_of_first(counts)
    )
    watch.step("repairs")
    repairs = tuple(find_repairs(case, counts, effort.rest(REPAIR_SHARE)))
    if not repairs:
        several = repair_together(case, effort.rest())
        repairs = () if several is None else (several,)
    return Diagnosis(False, counts, conflict, repairs, complete=not effort.over)


@dataclass(frozen=True)
class _Oracle:
    """Whether a plan keeps some rules, the others being off."""

    case: Case
    effort: Effort

    def __call__(self, kept: frozenset[str]) -> bool | None:
        if self.effort.over:
            return None
        left_out = [rule for rule in in_force(self.case.district) if rule not in kept]
        slice_of = Effort(min(self.case.slice_s, self.effort.left_s), None, self.effort.stopped)
        return attempt(self.case.leaving_out(left_out), slice_of).possible


def _rules_of_first(counts: tuple[Count, ...]) -> tuple[str, ...]:
    return next((count.rules for count in counts if count.proves), ())

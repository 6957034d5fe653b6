"""Why there is no plan and what would make one; where there is one, what binds in it and what one more would bring."""

from dataclasses import dataclass, replace
from pathlib import Path

from models.diagnosis import Count, Diagnosis
from models.plan import Plan
from models.watch import Watch
from optimizer.diagnose.attempt import FAIR, Case, attempt
from optimizer.diagnose.conflict import find_conflict
from optimizer.diagnose.families import in_force, without
from optimizer.diagnose.repair import find_repairs
from optimizer.diagnose.worth import weigh_plan
from optimizer.solve import Effort

CONFLICT_SHARE = 0.35
"""Of the effort, that the rules which cannot hold together are looked for at most."""
SLICES = 12
"""Attempts that this part of the effort is divided among."""
SHORTEST_S, LONGEST_S = 2.0, 8.0


@dataclass(frozen=True)
class Terms:
    """How long, with what, and what is diagnosed: see `xuewei diagnose --help`."""

    time_limit_s: float = 90.0
    seed: int = 1
    workers: int = 1
    students_only: bool = False
    teachers_only: bool = False


def diagnose_instance(
    folder: Path, scenario: str, terms: Terms, *, watch: Watch, plan: Plan | None = None
) -> Diagnosis:
    """Diagnose an instance under a scenario; of a `plan` for it, or of one that is found, say what it leans on.

    Raises FaultyInput, and what reading raises.
    """
    effort = Effort(terms.time_limit_s, None, watch.stopped)
    counts: tuple[Count, ...] = ()
    watch.step("read")
    case = Case.read(folder, scenario, seed=terms.seed, workers=terms.workers)
    if plan is None:
        watch.step("solve")
        made = attempt(case, effort.half(), gap=FAIR)
        if made.possible is False:
            return diagnose_children(case, made.counts, effort, watch)
        counts, plan = made.counts, made.plan
    if plan is None:
        return Diagnosis(None, counts, complete=False)
    watch.step("prices")
    bindings, prices = weigh_plan(case, plan, effort.rest())
    return Diagnosis(True, counts, bindings=bindings, prices=prices, complete=not effort.over)


def diagnose_children(case: Case, counts: tuple[Count, ...], effort: Effort, watch: Watch) -> Diagnosis:
    """Return why the children of a case, which was proved to have no plan, find none, and what would make one.

    `counts` are what sums have shown of it.
    """
    watch.step("conflict")
    conflict = find_conflict(
        in_force(case.district), _Oracle(case, effort.rest(CONFLICT_SHARE)), _rules_of_first(counts)
    )
    watch.step("repairs")
    repairs = tuple(find_repairs(case, counts, effort.rest()))
    return Diagnosis(False, counts, conflict, repairs, complete=not effort.over)


@dataclass(frozen=True)
class _Oracle:
    """Whether a plan keeps some rules, the others being off."""

    case: Case
    effort: Effort

    def __call__(self, kept: frozenset[str]) -> bool | None:
        if self.effort.over:
            return None
        district = self.case.district
        posed = without(district, [rule for rule in in_force(district) if rule not in kept])
        seconds = max(SHORTEST_S, min(LONGEST_S, self.effort.left_s / 2.0))
        slice_of = Effort(min(seconds, self.effort.left_s), None, self.effort.stopped)
        return attempt(replace(self.case, district=posed), slice_of).possible


def _rules_of_first(counts: tuple[Count, ...]) -> tuple[str, ...]:
    return next((count.rules for count in counts if count.proves), ())

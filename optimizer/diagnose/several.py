"""Where no single change is enough, since several things are wrong: changes that make a plan together.

Rules are left out until there is a plan, the fewest that a bureau would rather not bend; then they are taken in again
one after the other, each with the change that it asks for.
"""

from dataclasses import replace

from models.diagnosis import Repair
from models.settings import merge
from optimizer.diagnose.attempt import FAIR, Attempt, Case, attempt
from optimizer.diagnose.families import in_force
from optimizer.diagnose.repair import find_repairs, levels_of, mean_m_of
from optimizer.solve import Effort

FIRM = (
    *("fixed", "contiguous", "indivisible", "region", "max_travel", "school_size", "stability", "class_size"),
    *("small_classes", "reserve", "tracks", "classrooms", "places", "purchased", "overflow", "change", "strict"),
)
"""Rules, from those that a bureau bends last to those that it bends first."""


def repair_together(case: Case, effort: Effort) -> Repair | None:
    """Return changes that together make a plan; None where none were found in time, or one of them is enough."""
    bent = _find_bent(case, effort)
    if len(bent) < 2:
        return None
    parts: list[Repair] = []
    at = case
    for turn in range(1, len(bent) + 1):
        posed = replace(at, off=frozenset(bent[turn:])).patched({})
        if posed is None or effort.over:
            return None
        made = attempt(posed, _slice(posed, effort))
        if made.possible:
            continue
        found = next(find_repairs(posed, made.counts, effort.rest(1.0 / (len(bent) - turn + 1))), None)
        if found is None:
            return None
        parts.append(found)
        at = replace(at, laid=merge(at.laid, found.patch))
    whole = at.patched({})
    judged = None if whole is None else attempt(whole, _slice(whole, effort), gap=FAIR)
    return _join(parts, at, judged) if judged is not None and judged.possible else None


def _find_bent(case: Case, effort: Effort) -> tuple[str, ...]:
    """Rules without which there is a plan, and with any one of which there is none, as far as was found."""
    force = in_force(case.district)
    bent = [rule for rule in FIRM if rule in force]
    for rule in tuple(bent):
        others = [other for other in bent if other != rule]
        if effort.over:
            return ()
        if attempt(case.leaving_out(others), _slice(case, effort)).possible:
            bent = others
    return tuple(bent)


def _slice(case: Case, effort: Effort) -> Effort:
    return Effort(min(case.slice_s, effort.left_s), None, effort.stopped)


def _join(parts: list[Repair], at: Case, made: Attempt) -> Repair | None:
    """The changes as one, with the figures of the plan that keeps every rule; one change is all there is."""
    plan = made.plan
    if plan is None or not parts:
        return None
    levels, mean_m = levels_of(made), mean_m_of(plan)
    if len(parts) == 1:
        return replace(parts[0], levels=levels, mean_m=mean_m)
    return Repair(
        lever="together",
        facts={"repairs": len(parts)},
        patch=at.laid,
        amount=float(len(parts)),
        least=0.0,
        unit="changes",
        levels=levels,
        mean_m=mean_m,
        parts=tuple(parts),
    )

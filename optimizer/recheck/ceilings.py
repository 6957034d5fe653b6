"""Ceilings of levels, `objective.at_most`, counted from the tables of a plan."""

from collections.abc import Iterator

from models.placement import Placement
from optimizer.recheck.catchments import count_moved
from optimizer.recheck.registry import Breach, rule

SLACK_KM = 1e-3
"""A metre for one child, as little as a solver may be off; and as small a share of a large ceiling."""
SLACK_SHARE = 1e-6


@rule("at_most")
def judge_at_most(placement: Placement) -> Iterator[Breach]:
    """level ≤ at_most[level]   for `stability`, and in mode `whole` for `travel`.

    A search keeps the ceilings of the other levels, and in mode `entry` that of `travel`, before anybody is seated: no
    table of a plan tells what they came to there.
    """
    at_most, stages = placement.district.settings.objective.at_most, placement.district.settings.instance.stages
    if "stability" in at_most:
        moved, _ = count_moved(placement, stages)
        if moved > at_most["stability"]:
            yield Breach("", "", moved, at_most["stability"], "students", moved - at_most["stability"], "stability")
    if "travel" in at_most and not placement.entry_only:
        spent, most = placement.plan.student_km, at_most["travel"]
        if spent > most * (1 + SLACK_SHARE) + SLACK_KM:
            yield Breach("", "", spent, most, "student_km", spent - most, "travel")

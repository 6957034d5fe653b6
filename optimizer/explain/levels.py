"""The levels of the objective counted from the tables of a plan, as a reader of them would."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from models.placement import Placement
from models.plan import Plan
from models.run import Shortfall
from optimizer.recheck.catchments import count_moved

_APART = ("small_classes", "later")
"""Rules whose soft breaches are levels of their own."""


def count_levels(
    placement: Placement,
    shortfalls: Sequence[Shortfall],
    names: Sequence[str],
    revisions: pd.DataFrame | None,
    drawn: Plan,
) -> dict[str, float]:
    """Return the value of each level of `names` that speaks of children, in their order.

    `revisions` lists what differs from the draft that the plan `drawn` goes on from; None where there was none.
    """
    soft = [each for each in shortfalls if each.hardness == "soft" and not each.inherited]
    fullest = max(placement.district.settings.policy.class_size.cap.values(), default=0)
    seats, stages = placement.seats, placement.district.settings.instance.stages
    outside = seats["zoned"] & seats["outside"]
    values: Mapping[str, float] = {
        "shortage": sum(
            each.breach * (fullest if each.rule == "classrooms" else 1) for each in soft if each.rule not in _APART
        ),
        "overflow": float(seats.loc[outside, "students"].sum()),
        "later": sum(each.breach for each in soft if each.rule == "later"),
        "small_classes": sum(each.breach for each in soft if each.rule == "small_classes"),
        "revisions": _count_revised(placement, revisions, drawn),
        "stability": count_moved(placement, stages)[0],
        "travel": placement.plan.student_km,
    }
    return {name: float(values[name]) for name in names if name in values}


def _count_revised(placement: Placement, revisions: pd.DataFrame | None, drawn: Plan) -> float:
    """Children whose school is not the draft's as it was edited; a unit without children counts as one."""
    if revisions is None:
        return 0.0
    key = ["unit_id", "stage"]
    draft = drawn.catchments.drop_duplicates(key).set_index(key)["school_id"].astype(object)
    drawn_so = revisions[revisions["reason_code"] != "edited"]
    earlier = drawn_so.drop_duplicates(key).set_index(key)["from_school_id"]
    draft.update(earlier[earlier.index.isin(draft.index)])
    now = placement.plan.catchments.drop_duplicates(key).set_index(key)["school_id"]
    changed = draft.index[(now.reindex(draft.index) != draft).to_numpy(bool)]
    children = {stage: placement.children_of_catchments(stage) for stage in placement.district.settings.instance.stages}
    units = placement.district.units.row
    return float(np.sum([max(1, int(children[stage][units[unit]])) for unit, stage in changed]))

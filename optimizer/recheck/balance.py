"""How unequal schools may be in what teachers carry to them (校际差异系数, 优质均衡)."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from models.district import Bools, Floats
from models.staffed import Staffed
from models.stages import STAGES, Stage
from optimizer.recheck.registry import Breach, staff_rule

SMALL_POINT = 50
"""A teaching point of fewer children is no school to be compared. Source: 教督〔2017〕6号, statistical calibre."""
_EXACT = 1e-6


@staff_rule("balance_cv")
def judge_balance(staffed: Staffed) -> Iterator[Breach]:
    """CV of each of `balance.indicators` between schools ≤ cv_max[s]   for every stage s; today's is no excuse."""
    policy = staffed.district.settings.policy.balance
    for stage, limit in policy.cv_max.items():
        held, column = find_compared(staffed, stage), STAGES.index(stage)
        students = staffed.students[held, column].astype(np.float64)
        for indicator in policy.indicators:
            before, value = (
                compute_variation(staffed.carried(indicator, today=today)[held, column].astype(np.float64), students)
                for today in (True, False)
            )
            if value > limit + _EXACT:
                breach = Breach(stage, "", value, limit, "ratio", value - limit, indicator)
                yield replace(breach, before=before if before > limit else None)


def find_compared(staffed: Staffed, stage: Stage) -> Bools:
    """Return the schools that are compared: public ones with children of the stage, special schools and teaching points
    of fewer than 50 children left out.
    """
    schools, students = staffed.district.schools, staffed.students
    types = np.array(schools.types, dtype=object)
    small = (types == "teaching_point") & (students.sum(axis=1) < SMALL_POINT)
    taught = students[:, STAGES.index(stage)] > 0
    return np.asarray(taught & ~schools.private & (types != "special") & ~small, dtype=bool)


def compute_variation(resource: Floats, students: Floats) -> float:
    """Return S / X with X = Σ resource / ΣP, x_i = resource_i / P_i and S² = Σ P_i / ΣP · (x_i - X)².

    P are the children of each school, all above 0; 0 where there is nothing to compare. Source: 教督〔2017〕6号.
    """
    if not resource.any():
        return 0.0
    mean = resource.sum() / students.sum()
    variance = (students * (resource / students - mean) ** 2).sum() / students.sum()
    return float(np.sqrt(variance) / mean)

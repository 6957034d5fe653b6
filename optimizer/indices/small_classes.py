"""Small classes (小班化): their shares, and the year in which the whole reaches a target."""

from dataclasses import replace

import numpy as np
import pandas as pd

from models.district import Bools
from models.settings import Policy
from models.stages import COMPULSORY
from models.stock import Stock, roll
from optimizer.indices.classes import table_of_classes
from optimizer.indices.registry import Index, View, divide, no_target
from optimizer.recheck.classes import count_small

_SMALL = (40, 35)
"""Sizes whose shares are always shown; the policy's targets add theirs."""
_YEARS = 9
"""Grades of compulsory school: after so many years every class has entered under the plan."""


def small_class_indices(policy: Policy) -> list[Index]:
    """Return the indices `small_classes_M_share`, for 40, 35 and every size that the policy has a target for.

    They count public schools' classes of grades 1-9; the target is one for all stages together. Those which the policy
    does not judge, all classes or only the decided ones, are `small_classes_M_all_share` or `_decided_share`;
    `small_classes_M_year` says when the whole reaches a target.
    """
    targets = {target.max_size: target.share for target in policy.class_size.targets}
    decided = policy.class_size.targets_apply == "decided"
    other = "all" if decided else "decided"
    listed = []
    for size in sorted({*_SMALL, *targets}, reverse=True):
        listed.append(_small_class_index(f"small_classes_{size}_share", size, decided, targets.get(size)))
        listed.append(_small_class_index(f"small_classes_{size}_{other}_share", size, not decided, None))
    listed += [_year_index(size, share) for size, share in sorted(targets.items(), reverse=True)]
    return listed


def _small_class_index(code: str, size: int, decided: bool, share: float | None) -> Index:
    """`decided`: without the classes that continue. An index that the policy does not judge is one of mode `entry`."""
    judged = code == f"small_classes_{size}_share"

    def compute(view: View) -> float:
        if not (judged or view.placement.entry_only):
            return float(np.nan)
        table = table_of_classes(view)
        counted = _counted(view, table) & ~(decided & (table["origin"] == "continuing"))
        return divide(count_small(table[counted], size), float(table.loc[counted, "classes"].sum()))

    def target(view: View) -> float | None:
        return None if view.stage else share

    compute.__doc__ = f"Classes of at most {size} children / classes, of public schools, grades 1-9."
    return Index(code, "overall", "share", "higher", compute, target, "policy.class_size.targets")


def _year_index(size: int, share: float) -> Index:
    def compute(view: View) -> float:
        if not view.placement.entry_only or view.stage:
            return float(np.nan)
        table = table_of_classes(view)
        table = table[_counted(view, table)]
        entering, standing = (_stand(view, table[table["origin"] == origin]) for origin in ("entry", "continuing"))
        district, whole = view.placement.district, standing
        for _ in range(_YEARS):
            whole = _join(whole, entering)
            small = count_small(pd.DataFrame({"classes": whole.classes, "students": whole.students}), size)
            if small and small >= share * int(whole.classes.sum()) - 1e-9:
                return float(whole.year)
            whole = roll(whole, district.rates, district.settings.instance.system)
        return float(np.nan)

    compute.__doc__ = (
        f"First year in which {share:.0%} of all classes have at most {size} children, if the entry classes of this"
        " plan are opened anew every year; none if that never is."
    )
    return Index(f"small_classes_{size}_year", "overall", "year", "neither", compute, no_target, "our own")


def _counted(view: View, table: pd.DataFrame) -> Bools:
    private = view.placement.district.schools.private[table["school"].to_numpy(np.int64)]
    return np.asarray(~private & table["stage"].isin(COMPULSORY), dtype=bool)


def _stand(view: View, table: pd.DataFrame) -> Stock:
    return Stock(
        year=view.placement.district.settings.instance.year,
        school=table["school"].to_numpy(np.int64),
        stage=tuple(table["stage"]),
        grade=tuple(table["grade"].astype(str)),
        students=table["students"].to_numpy(np.int64),
        classes=table["classes"].to_numpy(np.int64),
    )


def _join(standing: Stock, entering: Stock) -> Stock:
    return replace(
        standing,
        school=np.concatenate([standing.school, entering.school]),
        stage=standing.stage + entering.stage,
        grade=standing.grade + entering.grade,
        students=np.concatenate([standing.students, entering.students]),
        classes=np.concatenate([standing.classes, entering.classes]),
    )

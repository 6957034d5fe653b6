"""Class sizes: small classes, large ones (大班额), and how even they are between schools."""

import numpy as np
import pandas as pd

from models.district import Floats
from models.settings import Policy
from models.stages import COMPULSORY
from optimizer.indices.places import cv_max
from optimizer.indices.registry import Index, View, divide, index, zero
from optimizer.indices.spread import compute_cv, compute_gini, compute_theil
from optimizer.recheck.classes import count_small

_SMALL = (40, 35)
"""Sizes whose shares are always shown; the policy's targets add theirs."""


@index("classes", "classes", "neither", scope="school")
def compute_school_classes(view: View) -> Floats:
    """Classes of the stage at the school."""
    classes = view.placement.classes_by_school(view.stages[0])
    return np.where(classes > 0, classes, np.nan)


@index("school_class_size", "students a class", "lower", scope="school")
def compute_school_class_size(view: View) -> Floats:
    """Children / classes of the school."""
    return _class_sizes(view)[0]


@index("mean_class_size", "students a class", "lower", scope="overall")
def compute_mean_class_size(view: View) -> float:
    """Σ children / Σ classes."""
    table = _table(view)
    return divide(float(table["students"].sum()), float(table["classes"].sum()))


@index("largest_class", "students", "lower", scope="overall")
def compute_largest_class(view: View) -> float:
    """Children in the largest class; a grade's children are split evenly over its classes."""
    return float(_table(view)["largest_class"].max()) if len(_table(view)) else float(np.nan)


@index(
    "large_classes", "classes", "lower", scope="overall", target=zero, source="大班额: 国发〔2016〕40号, 56 and more"
)
def compute_large_classes(view: View) -> float:
    """Classes of 56 children and more."""
    return _count_at_least(view, 56)


@index(
    "very_large_classes",
    "classes",
    "lower",
    scope="overall",
    target=zero,
    source="超大班额: 国发〔2016〕40号, 66 and more",
)
def compute_very_large_classes(view: View) -> float:
    """Classes of 66 children and more."""
    return _count_at_least(view, 66)


@index(
    "class_size_cv", "ratio", "lower", target=cv_max, source="差异系数, weighted by enrolment; policy.balance.cv_max"
)
def compute_class_size_cv(view: View) -> float:
    """Enrolment-weighted coefficient of variation of children / classes between schools."""
    return compute_cv(*_known(view))


@index("class_size_gini", "ratio", "lower")
def compute_class_size_gini(view: View) -> float:
    """Enrolment-weighted Gini coefficient of children / classes between schools."""
    return compute_gini(*_known(view))


@index("class_size_theil", "ratio", "lower")
def compute_class_size_theil(view: View) -> float:
    """Enrolment-weighted Theil index of children / classes between schools."""
    return compute_theil(*_known(view))


def small_class_indices(policy: Policy) -> list[Index]:
    """Return the indices `small_classes_M_share`, for 40, 35 and every size that the policy has a target for.

    They count public schools' classes of grades 1-9; the target is one for all stages together. Those which the policy
    does not judge, all classes or only the decided ones, are `small_classes_M_all_share` or `_decided_share`.
    """
    targets = {target.max_size: target.share for target in policy.class_size.targets}
    decided = policy.class_size.targets_apply == "decided"
    other = "all" if decided else "decided"
    listed = []
    for size in sorted({*_SMALL, *targets}, reverse=True):
        listed.append(_small_class_index(f"small_classes_{size}_share", size, decided, targets.get(size)))
        listed.append(_small_class_index(f"small_classes_{size}_{other}_share", size, not decided, None))
    return listed


def _small_class_index(code: str, size: int, decided: bool, share: float | None) -> Index:
    """`decided`: without the classes that continue. An index that the policy does not judge is one of mode `entry`."""
    judged = code == f"small_classes_{size}_share"

    def compute(view: View) -> float:
        if not (judged or view.placement.entry_only):
            return float(np.nan)
        table = _table(view)
        counted = ~view.placement.district.schools.private[table["school"].to_numpy(np.int64)]
        counted &= table["stage"].isin(COMPULSORY) & ~(decided & (table["origin"] == "continuing"))
        return divide(count_small(table[counted], size), float(table.loc[counted, "classes"].sum()))

    def target(view: View) -> float | None:
        return None if view.stage else share

    compute.__doc__ = f"Classes of at most {size} children / classes, of public schools, grades 1-9."
    return Index(code, "overall", "share", "higher", compute, target, "policy.class_size.targets")


def _table(view: View) -> pd.DataFrame:
    classes = view.placement.classes
    return pd.DataFrame(classes[classes["stage"].isin(view.stages) & (classes["classes"] > 0)])


def _count_at_least(view: View, size: int) -> float:
    table = _table(view)
    return float(table["classes"].sum() - count_small(table, size - 1)) if len(table) else float(np.nan)


def _class_sizes(view: View) -> tuple[Floats, Floats]:
    """Children a class by school (NaN without classes), and children."""
    students = view.placement.students_by_school(view.stages[0]).astype(np.float64)
    classes = view.placement.classes_by_school(view.stages[0]).astype(np.float64)
    return np.divide(students, classes, out=np.full(len(students), np.nan), where=classes > 0), students


def _known(view: View) -> tuple[Floats, Floats]:
    sizes, students = _class_sizes(view)
    return sizes[~np.isnan(sizes)], students[~np.isnan(sizes)]

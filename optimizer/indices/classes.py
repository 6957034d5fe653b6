"""Class sizes: how large classes are, large ones (大班额), and how even they are between schools."""

import numpy as np
import pandas as pd

from models.district import Floats
from optimizer.indices.places import cv_max
from optimizer.indices.registry import View, divide, index, zero
from optimizer.indices.spread import compute_cv, compute_gini, compute_theil
from optimizer.recheck.classes import count_small


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
    table = table_of_classes(view)
    return divide(float(table["students"].sum()), float(table["classes"].sum()))


@index("largest_class", "students", "lower", scope="overall")
def compute_largest_class(view: View) -> float:
    """Children in the largest class; a grade's children are split evenly over its classes."""
    return float(table_of_classes(view)["largest_class"].max()) if len(table_of_classes(view)) else float(np.nan)


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


def table_of_classes(view: View) -> pd.DataFrame:
    """Rows of the plan's classes of the stages that are meant, those without a class left out."""
    classes = view.placement.classes
    return pd.DataFrame(classes[classes["stage"].isin(view.stages) & (classes["classes"] > 0)])


def _count_at_least(view: View, size: int) -> float:
    table = table_of_classes(view)
    return float(table["classes"].sum() - count_small(table, size - 1)) if len(table) else float(np.nan)


def _class_sizes(view: View) -> tuple[Floats, Floats]:
    """Children a class by school (NaN without classes), and children."""
    students = view.placement.students_by_school(view.stages[0]).astype(np.float64)
    classes = view.placement.classes_by_school(view.stages[0]).astype(np.float64)
    return np.divide(students, classes, out=np.full(len(students), np.nan), where=classes > 0), students


def _known(view: View) -> tuple[Floats, Floats]:
    sizes, students = _class_sizes(view)
    return sizes[~np.isnan(sizes)], students[~np.isnan(sizes)]

"""A plan as its tables: exactly what is stored, so that what is checked is what is kept."""

from dataclasses import dataclass

import pandas as pd

CATCHMENT_COLUMNS = ("unit_id", "stage", "school_id")
ASSIGNMENT_COLUMNS = ("unit_id", "stage", "category", "school_id", "students", "metres")
CLASS_COLUMNS = ("school_id", "stage", "grade", "students", "classes", "largest_class", "origin")


@dataclass(frozen=True)
class Plan:
    """Tables of one plan; columns as named above, ids as text, rows in the order of the instance.

    `catchments` covers every unit and stage, also those without children. `metres` are whole metres.
    `classes` has a row for every school, stage and grade that holds children; `origin` is `entry`, `continuing`
    or `whole`.
    """

    catchments: pd.DataFrame
    assignments: pd.DataFrame
    classes: pd.DataFrame
    student_km: float
    """Sum of children times exact kilometres (not the rounded metres of `assignments`)."""

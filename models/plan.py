"""A plan as its tables: exactly what is stored, so that what is checked is what is kept."""

from dataclasses import dataclass, field

import pandas as pd

from models.staffing import StaffPlan

CATCHMENT_COLUMNS = ("unit_id", "stage", "school_id")
ASSIGNMENT_COLUMNS = ("unit_id", "stage", "category", "school_id", "students", "metres")
CLASS_COLUMNS = ("school_id", "stage", "grade", "students", "classes", "largest_class", "origin")
COORDINATION_COLUMNS = ("catchment_school_id", "unit_id", "stage", "category", "to_school_id", "students", "metres")


def no_coordination() -> pd.DataFrame:
    """Return the table of a plan that places nobody outside their catchment."""
    return pd.DataFrame(columns=list(COORDINATION_COLUMNS))


@dataclass(frozen=True)
class Plan:
    """Tables of one plan; columns as named above, ids as text, rows in the order of the instance.

    `catchments` covers every unit and stage, also those without children. `metres` are whole metres.
    `classes` has a row for every school, stage and grade that holds children; `origin` is `entry`, `continuing`
    or `whole`. `coordination` (统筹调剂) repeats the rows of `assignments` whose school is none of the unit's catchment
    schools, `placed` children excepted; its first column is the unit's catchment school, of a shared one the nearest.
    """

    catchments: pd.DataFrame
    assignments: pd.DataFrame
    classes: pd.DataFrame
    student_km: float
    """Sum of children times exact kilometres (not the rounded metres of `assignments`)."""
    coordination: pd.DataFrame = field(default_factory=no_coordination)
    staff: StaffPlan | None = None
    """Posts and postings, where the instance has teachers."""

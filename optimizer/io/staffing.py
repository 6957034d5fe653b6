"""Teachers, what is taught, and the classes of an instance that is about posts alone."""

import numpy as np
import pandas as pd

from models.curriculum import default_curriculum
from models.district import Schools
from models.plan import CLASS_COLUMNS
from models.staffing import Curriculum, Teachers
from models.stages import System
from optimizer.io.source import Table, Texts


def build_teachers(table: Table | None, schools: Schools) -> Teachers | None:
    """Return the staff, in the order of the table; None where there is none.

    Who is not said to be anything else is a teacher with an established post.
    """
    if table is None or not len(table):
        return None
    ids = tuple(table.text("teacher_id"))
    lon, lat = table.points
    return Teachers(
        ids=ids,
        stage=tuple(table.text("stage")),
        subject=tuple(table.text("subject")),
        second_subject=tuple(table.text("second_subject")),
        school=table.positions("school_id", schools.row),
        home_school=table.positions("home_school_id", schools.row),
        certificate_stage=tuple(table.text("certificate_stage")),
        certificate_subject=tuple(table.text("certificate_subject")),
        birth=table.days("birth_date"),
        sex=tuple(table.text("sex")),
        joined=table.days("joined_school"),
        rotation_until=table.days("rotation_until"),
        leave=tuple(table.text("leave")),
        title=tuple(table.text("title")),
        backbone=table.flags("backbone", default=False),
        degree=tuple(table.text("degree")),
        staff_type=tuple(_filled(table, "staff_type", "established")),
        role=tuple(_filled(table, "role", "teacher")),
        class_head_grade=tuple(table.text("class_head_grade")),
        exempt=tuple(table.text("exempt")),
        volunteer=table.flags("volunteer", default=False),
        spouse=table.positions("spouse_id", {teacher: row for row, teacher in enumerate(ids)}),
        previous_school=table.positions("previous_school_id", schools.row),
        left_previous=table.days("left_previous"),
        preferences=tuple(tuple(schools.row[school] for school in wanted) for wanted in table.ids("preferences")),
        lon=lon,
        lat=lat,
    )


def build_curriculum(table: Table | None, system: System) -> Curriculum:
    """Return the weekly lessons of the table, or the default for grades 1-9 where there is none."""
    if table is None or not len(table):
        return default_curriculum(system)
    return Curriculum(
        stage=tuple(table.text("stage")),
        grade=tuple(table.text("grade")),
        subject=tuple(table.text("subject")),
        weekly_lessons=table.numbers("weekly_lessons"),
        by_any=np.asarray(table.text("taught_by") == "any", dtype=bool),
    )


def build_classes(table: Table | None) -> pd.DataFrame | None:
    """Return the classes as a plan has them, their origin `given`; None where there is no table.

    A largest class that is not stated is that of children divided evenly.
    """
    if table is None or not len(table):
        return None
    students, classes = table.numbers("students"), table.numbers("classes")
    even = np.ceil(np.divide(students, classes, out=np.zeros(len(table)), where=classes > 0))
    stated = table.numbers("largest_class")
    return pd.DataFrame(
        {
            "school_id": table.text("school_id"),
            "stage": table.text("stage"),
            "grade": table.text("grade"),
            "students": students.astype(np.int64),
            "classes": classes.astype(np.int64),
            "largest_class": np.where(np.isnan(stated), even, stated).astype(np.int64),
            "origin": "given",
        },
        columns=list(CLASS_COLUMNS),
    )


def _filled(table: Table, column: str, default: str) -> Texts:
    return np.where(table.filled(column), table.text(column), default)

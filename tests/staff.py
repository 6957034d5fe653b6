"""Districts with teachers, made by hand: every teacher is a mapping of what matters, the rest is ordinary.

    make_staffed([{}, {"subject": "pe", "school": "B", "joined": "2025-09-01"}], rotation={"tenure_years": 3})

Schools A and B of `builders`, primary and open, in 2027; the profile is `national`. An ordinary teacher teaches Chinese
at A since 1 September 2015, is a woman born on 15 May 1985, and holds an established post. Schools, spouses and
preferences are written as ids, dates as text; teachers are T1, T2, ... where no id is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from builders import make_district, make_schools

from models.district import District, Schools
from models.staffing import Teachers

ORDINARY: Mapping[str, Any] = {
    "stage": "primary",
    "subject": "chinese",
    "second_subject": "",
    "school": "A",
    "home_school": "",
    "certificate_stage": "",
    "certificate_subject": "",
    "birth": "1985-05-15",
    "sex": "female",
    "joined": "2015-09-01",
    "rotation_until": "NaT",
    "leave": "",
    "title": "",
    "backbone": False,
    "degree": "bachelor",
    "staff_type": "established",
    "role": "teacher",
    "class_head_grade": "",
    "exempt": "",
    "volunteer": False,
    "spouse": "",
    "previous_school": "",
    "left_previous": "NaT",
    "preferences": (),
    "lon": np.nan,
    "lat": np.nan,
}
SCHOOLS = ("school", "home_school", "previous_school")
DAYS = ("birth", "joined", "rotation_until", "left_previous")
NUMBERS = {"backbone": bool, "volunteer": bool, "lon": float, "lat": float}


def make_teachers(schools: Schools, rows: Sequence[Mapping[str, Any]]) -> Teachers:
    """Teachers of which each row names what is not ordinary."""
    people = [{"ids": f"T{k + 1}"} | dict(ORDINARY) | dict(row) for k, row in enumerate(rows)]
    columns: dict[str, Any] = {field.name: tuple(person[field.name] for person in people) for field in fields(Teachers)}
    for name in SCHOOLS:
        columns[name] = np.array([schools.row.get(school, -1) for school in columns[name]], dtype=np.int64)
    for name in DAYS:
        columns[name] = np.array(columns[name], dtype="datetime64[D]")
    for name, kind in NUMBERS.items():
        columns[name] = np.array(columns[name], dtype=kind)
    row_of = {teacher_id: row for row, teacher_id in enumerate(columns["ids"])}
    columns["spouse"] = np.array([row_of.get(spouse, -1) for spouse in columns["spouse"]], dtype=np.int64)
    columns["preferences"] = tuple(tuple(schools.row[school] for school in wanted) for wanted in columns["preferences"])
    return Teachers(**columns)


def make_staffed(
    rows: Sequence[Mapping[str, Any]],
    *,
    schools: Schools | None = None,
    policy: Mapping[str, Any] | None = None,
    **more: Any,
) -> District:
    """A district with those teachers; `policy` is laid over the national profile, `more` goes to `make_district`."""
    schools = schools or make_schools()
    district = make_district(schools=schools, policy={"profile": "national"} | dict(policy or {}), **more)
    return replace(district, teachers=make_teachers(schools, rows))

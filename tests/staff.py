"""Districts with teachers, made by hand: every teacher is a mapping of what matters, the rest is ordinary.

    make_staffed([{}, {"subject": "pe", "school": "B", "joined": "2025-09-01"}], rotation={"tenure_years": 3})

Schools A and B of `builders`, primary and open, in 2027; the profile is `national`. An ordinary teacher teaches Chinese
at A since 1 September 2015, is a woman born on 15 May 1985, and holds an established post. Schools, spouses and
preferences are written as ids, dates as text; teachers are T1, T2, ... where no id is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd
from builders import make_district, make_schools

from models.district import District, Schools
from models.outcome import Status
from models.plan import ASSIGNMENT_COLUMNS, CATCHMENT_COLUMNS, CLASS_COLUMNS, Plan
from models.run import Shortfall
from models.staffing import Teachers
from optimizer.formulation.staffing.formulation import formulate_staffing
from optimizer.formulation.staffing.openings import Openings, need_with, with_classes
from optimizer.formulation.staffing.plan import draw_staff_plan
from optimizer.recheck import recheck_staff
from optimizer.solve.effort import Effort
from optimizer.solve.naming import name_postings
from optimizer.solve.opened import settle_weeks
from optimizer.solve.staffing import solve_staffing

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


@dataclass(frozen=True)
class Posted:
    """What came of the posts of a district."""

    status: Status
    levels: Mapping[str, float]
    """Value of every level that was solved."""
    bounds: Mapping[str, float]
    plan: Plan | None = None
    shortfalls: tuple[Shortfall, ...] = ()

    @property
    def vacancies(self) -> float:
        assert self.plan is not None and self.plan.staff is not None
        return float(self.plan.staff.posts["vacant"].sum())

    @property
    def moves(self) -> dict[str, str]:
        """School to which each teacher who moves goes."""
        assert self.plan is not None and self.plan.staff is not None
        moved = self.plan.staff.postings.query("moved")
        return dict(zip(moved["teacher_id"], moved["to_school_id"], strict=True))

    def posting(self, teacher: str) -> tuple[str, str, str]:
        """School, stage and form of somebody's posting."""
        assert self.plan is not None and self.plan.staff is not None
        row = self.plan.staff.postings.set_index("teacher_id").loc[teacher]
        return row["to_school_id"], row["stage"], row["form"]


def solve_posts(
    district: District, classes: Sequence[tuple[str, str, str, int, int]], openings: Openings | None = None
) -> Posted:
    """Solve the posts of a district and judge them anew: the re-check finds nothing but what is inherited or soft.

    With `openings` further classes may open beside `classes`.
    """
    table = pd.DataFrame(
        [(*row, -(-row[3] // row[4]) if row[4] else 0, "given") for row in classes], columns=list(CLASS_COLUMNS)
    )
    f = formulate_staffing(district, table, openings)
    effort = Effort(20.0, None, lambda: False)
    outcome = settle_weeks(f, solve_staffing(f, effort, gap=1e-4, workers=1, report=lambda *_: None), 10.0)
    levels = {level.name: float(level.value) for level in outcome.levels}
    bounds = {level.name: float(level.bound) for level in outcome.levels}
    if outcome.taken is None or outcome.vacant is None:
        return Posted(outcome.status, levels, bounds)
    need = f.need
    if openings is not None and outcome.classes is not None:
        table = with_classes(table, district, openings, outcome.classes)
        need = need_with(need, openings, outcome.classes)
    staff = draw_staff_plan(f, need, name_postings(f, outcome.taken), outcome.vacant)
    nothing = (pd.DataFrame(columns=list(names)) for names in (CATCHMENT_COLUMNS, ASSIGNMENT_COLUMNS))
    plan = Plan(*nothing, classes=table, student_km=0.0, staff=staff)
    shortfalls = recheck_staff(district, plan)
    assert [each for each in shortfalls if each.is_fault] == []
    assert abs(staff.posts["vacant"].sum() - levels["vacancies"]) <= 0.01 * len(staff.posts)
    assert staff.postings["moved"].sum() == levels.get("moves", 0.0) + (staff.postings["form"] == "return").sum()
    return Posted(outcome.status, levels, bounds, plan, shortfalls)

"""The row of four units in an admission year: last year's return, a plan of the entry grades written by hand.

    U1  U2  U3  U4      one kilometre each, in a row; A stands in U1, B in U4.

In 2026 A and B each had one class of 20 in every grade 1-5 and one of 30 in grade 6, so 100 children continue at
each in 2027, in five classes. Today U1 and U2 belong to A, U3 and U4 to B. Children who enter are `local` (zoned),
`migrant` (neither) or `special` (placed).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from builders import make_district, make_schools

from models.district import Cohort, Demand, District, Fixed, Schools, Travel
from models.plan import ASSIGNMENT_COLUMNS, CATCHMENT_COLUMNS, CLASS_COLUMNS, COORDINATION_COLUMNS, Plan
from models.settings import merge
from models.stages import SchoolType
from models.stock import Stock, roll_to

CATEGORIES = {"local": {"zoned": True}, "migrant": {"zoned": False}, "special": {"placed": True}}
TODAY = {"U1": "A", "U2": "A", "U3": "B", "U4": "B"}
LAST_YEAR = [(school, "primary", str(g), 30 if g == 6 else 20, 1) for school in "AB" for g in range(1, 7)]

Enrolled = tuple[str, str, str, int, int]
Seat = tuple[str, str, str, int]


def make_entry_district(
    *,
    students: Mapping[str, Sequence[int]] | None = None,
    schools: Schools | None = None,
    current: Mapping[str, str] | None = None,
    enrolled: Sequence[Enrolled] = tuple(LAST_YEAR),
    decided: Sequence[tuple[str, str, str]] = (),
    **sections: Any,
) -> District:
    """`students` are children who enter by category; `enrolled` is the return; `decided` unit, school, must or never
    of special children. A and B have 200 places unless `schools` says otherwise; overflow is soft."""
    schools = schools or make_schools(places=np.full(2, 200.0))
    counts = {"local": (10, 10, 10, 10)} if students is None else students
    stated = merge(
        {
            "instance": {"mode": "entry", "enrolment_year": 2026},
            "categories": CATEGORIES,
            "rules": {"overflow": "soft"},
            "catchments": {"change": "limited"},
        },
        sections,
    )
    district = make_district(
        schools=schools,
        students={Cohort("primary", "1", category): numbers for category, numbers in counts.items()},
        current=TODAY if current is None else current,
        **stated,
    )
    returned = make_stock(schools, enrolled)
    return replace(
        district,
        enrolment=returned,
        stock=roll_to(returned, 2027, {}, "6-3"),
        fixed=_decided(district, decided) if decided else None,
    )


def make_stock(schools: Schools, rows: Sequence[Enrolled], year: int = 2026) -> Stock:
    school, stage, grade, students, classes = zip(*rows, strict=True)
    return Stock(
        year=year,
        school=np.array([schools.row[letter] for letter in school], dtype=np.int64),
        stage=stage,
        grade=grade,
        students=np.array(students, dtype=np.int64),
        classes=np.array(classes, dtype=np.int64),
    )


def make_entry_plan(
    district: District,
    travel: Travel,
    seats: Sequence[Seat],
    *,
    catchments: Mapping[str, str] | None = None,
    coordination: Sequence[tuple[str, str, str, str, int]] = (),
    classes: Sequence[tuple[str, int]] = (("A", 1), ("B", 1)),
) -> Plan:
    """`seats` are unit, category, school, children; `coordination` from, unit, category, to, children; `classes` the
    entry classes of each school, which hold whoever sits there. `catchments` are today's unless given."""
    units, schools = district.units.row, district.schools.row
    metres = [travel.metres[units[unit], schools[school]] for unit, _, school, _ in seats]
    return Plan(
        catchments=pd.DataFrame(
            [(u, "primary", letter) for u, letters in (catchments or TODAY).items() for letter in letters],
            columns=list(CATCHMENT_COLUMNS),
        ),
        assignments=pd.DataFrame(
            [(u, "primary", kind, s, n, round(m)) for (u, kind, s, n), m in zip(seats, metres, strict=True)],
            columns=list(ASSIGNMENT_COLUMNS),
        ),
        classes=_classes(district, seats, classes),
        student_km=sum(seat[3] * m for seat, m in zip(seats, metres, strict=True)) / 1000,
        coordination=pd.DataFrame(
            [(a, u, "primary", kind, b, n, round(travel.metres[units[u], schools[b]]))
             for a, u, kind, b, n in coordination],
            columns=list(COORDINATION_COLUMNS),
        ),
    )  # fmt: skip


def at_home(district: District, catchments: Mapping[str, str] | None = None) -> list[Seat]:
    """Seats of everybody at the first school of their unit's catchment."""
    return [
        (unit, cohort.category, (catchments or TODAY)[unit][0], int(n))
        for k, cohort in enumerate(district.demand.cohorts)
        for unit, n in zip(district.units.ids, district.demand.students[:, k], strict=True)
        if n
    ]


def _classes(district: District, seats: Sequence[Seat], entry: Sequence[tuple[str, int]]) -> pd.DataFrame:
    seated = {school: sum(n for _, _, seat, n in seats if seat == school) for school, _ in entry}
    rows: list[tuple[Any, ...]] = [
        (school, "primary", "1", seated[school], k, -(-seated[school] // k), "entry") for school, k in entry
    ]
    stock = district.stock
    for k in range(len(stock) if stock else 0):
        n, count = int(stock.students[k]), int(stock.classes[k])
        school = district.schools.ids[stock.school[k]]
        rows.append((school, stock.stage[k], stock.grade[k], n, count, -(-n // count), "continuing"))
    return pd.DataFrame(rows, columns=list(CLASS_COLUMNS))


def _decided(district: District, rows: Sequence[tuple[str, str, str]]) -> Fixed:
    return Fixed(
        unit=np.array([district.units.row[unit] for unit, _, _ in rows], dtype=np.int64),
        stage=("primary",) * len(rows),
        school=np.array([district.schools.row[school] for _, school, _ in rows], dtype=np.int64),
        must=np.array([kind == "must" for _, _, kind in rows], dtype=bool),
        category=("special",) * len(rows),
        reason=("",) * len(rows),
    )


def make_private_district(kind: SchoolType, cap: Mapping[str, int], purchased: int = 20) -> District:
    """P, private, of a `kind` with `purchased` places, in a district of both stages that migrant children of U2 enter:
    6 grade 1, 8 grade 7."""
    schools = make_schools(
        {"A": 0, "B": 3, "P": 1},
        types=("primary", "primary", kind),
        places=np.array([200.0, 200.0, 500.0]),
        private=np.array([False, False, True]),
        purchased_places=np.array([np.nan, np.nan, purchased]),
    )
    policy = {"class_size": {"cap": cap}, "reserve_share": 0.1}
    instance = {"stages": ["primary", "junior"]}
    district = make_entry_district(
        schools=schools, students={"migrant": (0, 6, 0, 0)}, policy=policy, instance=instance
    )
    junior = Cohort("junior", "7", "migrant")
    demand = Demand((*district.demand.cohorts, junior), np.array([[0, 6, 0, 0], [0, 8, 0, 0]]).T)
    return replace(district, demand=demand)


def make_private_plan(
    district: District, travel: Travel, primary: str = "P", grade_1: int = 6, grade_7: int = 8
) -> Plan:
    """Children of U2: grade 1 sits at the school `primary`, grade 7 at P, one class each."""
    plan = make_entry_plan(district, travel, [("U2", "migrant", primary, grade_1)], classes=[(primary, 1)])
    seats = plan.assignments.assign(stage="junior", school_id="P", students=grade_7)
    classes = plan.classes[plan.classes["school_id"] == primary]
    classes = classes.assign(school_id="P", stage="junior", grade="7", students=grade_7, largest_class=grade_7)
    return replace(
        plan,
        assignments=pd.concat([plan.assignments, seats]),
        classes=pd.concat([plan.classes, classes]),
    )

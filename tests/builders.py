"""Districts, distances and plans made by hand: at most a few units, everything replaceable.

    U1  U2  U3  U4      one kilometre each, in a row; A stands in U1, B in U4; both have the units' own point.

A unit u and a school that stands in unit v are |u - v| kilometres apart. Each unit has 30 primary children without
a grade; A and B have 60 places each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

from models.district import Catchments, Cohort, Demand, District, Fixed, Schools, Travel, Units
from models.plan import ASSIGNMENT_COLUMNS, CATCHMENT_COLUMNS, CLASS_COLUMNS, Plan
from models.settings import resolve
from models.stages import grades_of

WEST, SOUTH, STEP = 120.2, 30.2, 0.01


def make_units(count: int = 4, **more: Any) -> Units:
    lon = WEST + STEP * (np.arange(count) + 0.5)
    squares = [box(WEST + STEP * k, SOUTH, WEST + STEP * (k + 1), SOUTH + STEP) for k in range(count)]
    units = Units(
        ids=tuple(f"U{k + 1}" for k in range(count)),
        names=tuple(f"Unit {k + 1}" for k in range(count)),
        lon=lon,
        lat=np.full(count, SOUTH + STEP / 2),
        geometry=gpd.GeoSeries(squares, crs="EPSG:4326"),
        estate=("",) * count,
        zone=("",) * count,
        region=("",) * count,
        households=np.full(count, np.nan),
    )
    return replace(units, **more)


def make_schools(homes: Mapping[str, int] | None = None, **more: Any) -> Schools:
    homes = {"A": 0, "B": 3} if homes is None else homes
    count = len(homes)
    unit = np.array(list(homes.values()), dtype=np.int64)
    schools = Schools(
        ids=tuple(homes),
        names=tuple(f"School {school}" for school in homes),
        types=("primary",) * count,
        lon=WEST + STEP * (unit + 0.5),
        lat=np.full(count, SOUTH + STEP / 2),
        unit=unit,
        anchor=np.ones(count, dtype=bool),
        places=np.full(count, 60.0),
        places_of_stage={},
        classrooms=np.full(count, np.nan),
        classrooms_of_stage={},
        classes_per_grade={},
        status=("open",) * count,
        is_new=np.zeros(count, dtype=bool),
        private=np.zeros(count, dtype=bool),
        purchased_places=np.full(count, np.nan),
        zone=("",) * count,
        region=("",) * count,
        group=("",) * count,
        legal=tuple(homes),
        strength=np.full(count, np.nan),
        resources={},
        extra=pd.DataFrame(index=range(count)),
    )
    return replace(schools, **more)


def make_district(
    *,
    units: Units | None = None,
    schools: Schools | None = None,
    students: Sequence[int] | Mapping[Cohort, Sequence[int]] = (30, 30, 30, 30),
    current: Mapping[str, str] | None = None,
    fixed: Sequence[tuple[str, str, str]] = (),
    **sections: Any,
) -> District:
    units, schools = units or make_units(), schools or make_schools()
    by_cohort = students if isinstance(students, Mapping) else {Cohort("primary", "", "local"): students}
    stated = {
        "instance": {"name": "row", "year": 2027, "stages": ["primary"], "mode": "whole"}
        | sections.pop("instance", {}),
        "policy": {"profile": "none"} | sections.pop("policy", {}),
        "catchments": {"change": "free"} | sections.pop("catchments", {}),
        **sections,
    }
    return District(
        folder=Path("row"),
        scenario="base",
        settings=resolve(stated, has_current=current is not None),
        units=units,
        schools=schools,
        demand=Demand(tuple(by_cohort), np.array(list(by_cohort.values()), dtype=np.int64).T),
        current=None if current is None else _catchments(units, schools, current),
        fixed=_fixed(units, schools, fixed) if fixed else None,
        fingerprints={"units.csv": "0" * 64},
    )


def make_travel(district: District, neighbours: Sequence[tuple[int, int]] | None = None) -> Travel:
    apart = np.abs(np.arange(len(district.units))[:, None] - district.schools.unit[None, :])
    row = [(k, k + 1) for k in range(len(district.units) - 1)]
    pairs = np.array(row if neighbours is None else neighbours, dtype=np.int64).reshape(-1, 2)
    return Travel(1000.0 * apart, pairs)


def make_plan(
    district: District,
    travel: Travel,
    schools: str | Mapping[str, Sequence[str]],
    classes: Sequence[tuple[str, str, str, int, int]] | None = None,
) -> Plan:
    """`schools` is a letter a unit ("AABB") for every stage, or one such text a stage.

    `classes` are rows of school, stage, grade, students, classes; left out, each grade with children gets one class.
    """
    by_stage = schools if isinstance(schools, Mapping) else dict.fromkeys(district.settings.instance.stages, schools)
    catchments = [
        (unit, stage, letter)
        for stage, letters in by_stage.items()
        for unit, letter in zip(district.units.ids, letters, strict=True)
    ]
    school_of = {(unit, stage): school for unit, stage, school in catchments}
    cells: dict[tuple[str, str, str, str], int] = {}
    for k, cohort in enumerate(district.demand.cohorts):
        for unit, count in zip(district.units.ids, district.demand.students[:, k], strict=True):
            if count:
                key = (unit, cohort.stage, cohort.category, school_of[unit, cohort.stage])
                cells[key] = cells.get(key, 0) + int(count)
    metres = {
        (unit, stage, category, school): travel.metres[district.units.row[unit], district.schools.row[school]]
        for unit, stage, category, school in cells
    }
    rows = [(*key, count, round(metres[key]) if np.isfinite(metres[key]) else 0) for key, count in cells.items()]
    given = one_class_a_grade(district, rows) if classes is None else classes
    return Plan(
        catchments=pd.DataFrame(catchments, columns=list(CATCHMENT_COLUMNS)),
        assignments=pd.DataFrame(rows, columns=list(ASSIGNMENT_COLUMNS)),
        classes=pd.DataFrame(
            [(*row, -(-row[3] // row[4]) if row[4] else 0, "whole") for row in given], columns=list(CLASS_COLUMNS)
        ),
        student_km=sum(count * metres[key] for key, count in cells.items()) / 1000,
    )


def one_class_a_grade(district: District, rows: Sequence[tuple[Any, ...]]) -> list[tuple[str, str, str, int, int]]:
    """Children without a grade, spread evenly, one class each."""
    totals: dict[tuple[str, str], int] = {}
    for _, stage, _, school, count, _ in rows:
        totals[school, stage] = totals.get((school, stage), 0) + count
    classes = []
    for (school, stage), total in totals.items():
        grades = grades_of(stage, district.settings.instance.system)
        low, more = divmod(total, len(grades))
        sizes = [low + (position < more) for position in range(len(grades))]
        classes += [(school, stage, grade, size, 1) for grade, size in zip(grades, sizes, strict=True) if size]
    return classes


def _catchments(units: Units, schools: Schools, current: Mapping[str, str]) -> Catchments:
    rows = [
        (units.row[unit], "primary", schools.row[letter]) for unit, letters in current.items() for letter in letters
    ]
    unit, stage, school = zip(*rows, strict=True)
    return Catchments(np.array(unit, dtype=np.int64), stage, np.array(school, dtype=np.int64))


def _fixed(units: Units, schools: Schools, rows: Sequence[tuple[str, str, str]]) -> Fixed:
    return Fixed(
        unit=np.array([units.row[unit] for unit, _, _ in rows], dtype=np.int64),
        stage=("primary",) * len(rows),
        school=np.array([schools.row[school] for _, school, _ in rows], dtype=np.int64),
        must=np.array([kind == "must" for _, _, kind in rows], dtype=bool),
        category=("",) * len(rows),
        reason=("",) * len(rows),
    )

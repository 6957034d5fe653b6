"""Small districts to start from: binhe's proportions at another size, with a staff for the classes of today."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from instances.design import BINHE, COHORT_WEIGHTS, Bank, BankDesign, Design
from instances.drawing import Drawing, draw, ground_tables, list_schools
from instances.pool import BINHE_STAFF, Pool
from instances.renown import Ground, draw_strength
from instances.returned import Returned
from instances.spring import CAPS
from instances.staff import draw_staff, list_teachers
from instances.tables import csv_bytes, current_csv, demand_csv, school_ids, unit_ids
from models.settings import Settings
from models.stages import Stage


def design_small(seed: int, units: int, schools: int) -> Design:
    """Return binhe's proportions at another size."""
    scale = schools / _schools(BINHE)
    old_units, old_schools = round(0.43 * units), max(1, round(0.4 * schools))
    banks: dict[Bank, BankDesign] = {
        "old": replace(BINHE.banks["old"], units=old_units, schools=_mix(old_schools), towns=1, zones=1),
        "new": replace(
            BINHE.banks["new"], units=units - old_units, schools=_mix(schools - old_schools), towns=1, zones=1
        ),
    }
    return replace(
        BINHE,
        name="district",
        seed=seed,
        children={stage: round(count * scale) for stage, count in BINHE.children.items()},
        rooms=round(BINHE.rooms * scale),
        banks=banks,
        estates=max(1, units // 20),
    )


def draw_small_tables(design: Design, settings: Settings) -> dict[str, bytes]:
    """Return the tables of a district by file name; its staff has what the policy of `settings` asks of teachers."""
    drawing, rng = draw(design), np.random.default_rng(design.seed + 3)
    returned = [*_list_classes(drawing)]
    ground, pool = _survey(drawing, returned), _scale(BINHE_STAFF, _schools(design) / _schools(BINHE))
    strength = draw_strength(pool, ground, rng)
    year, policy = settings.instance.year, settings.policy
    staff = draw_staff(drawing, returned, year, ground, strength, pool, policy, rng)
    units, schools = unit_ids(len(drawing.land.units)), school_ids(drawing.sites)
    rows = zip(list_schools(drawing), strength.tolist(), strict=True)
    stage_of: dict[str, Stage] = {grade: stage for stage, grades in COHORT_WEIGHTS.items() for grade in grades}
    return ground_tables(drawing) | {
        "demand.csv": demand_csv(units, drawing.people, stage_of),
        "schools.csv": csv_bytes([row | {"strength": strong} for row, strong in rows]),
        "current.csv": current_csv(units, schools, drawing.current),
        "teachers.csv": csv_bytes(list_teachers(staff, schools)),
    }


def _schools(design: Design) -> int:
    return sum(sum(bank.schools.values()) for bank in design.banks.values())


def _mix(schools: int) -> dict[str, int]:
    """One nine-year school at least, so that both banks teach every grade."""
    nine_year = max(1, round(schools / 6))
    junior = min(schools - nine_year, round(schools / 4))
    return {"primary": schools - nine_year - junior, "junior": junior, "nine_year": nine_year}


def _list_classes(drawing: Drawing) -> Iterator[Returned]:
    """The classes of today's catchments, as few as the caps allow."""
    for stage, school_of in drawing.current.items():
        for grade in COHORT_WEIGHTS[stage]:
            children = drawing.people.children[:, drawing.people.grades.index(grade)]
            students = np.bincount(school_of, children, len(drawing.rooms)).astype(np.int64)
            for school in np.flatnonzero(students).tolist():
                held = int(students[school])
                yield Returned(school, stage, grade, held, -(-held // CAPS[stage]))


def _survey(drawing: Drawing, returned: list[Returned]) -> Ground:
    """What is known of the schools: each is a legal school by itself, and none is sought after."""
    sites, rows = drawing.sites, list_schools(drawing)
    students = {stage: np.zeros(len(rows), dtype=np.int64) for stage in COHORT_WEIGHTS}
    for row in returned:
        students[row.stage][row.school] += row.students
    return Ground(
        bank=drawing.land.bank[sites.unit],
        legal=np.arange(len(rows)),
        sought=np.zeros(len(rows), dtype=bool),
        newest=np.array([row["is_new"] == "true" for row in rows]),
        students=students,
        rooms=drawing.rooms,
        apart_m=np.hypot(*np.moveaxis(sites.points[:, None] - sites.points[None, :], -1, 0)),
    )


def _scale(pool: Pool, scale: float) -> Pool:
    """As many people as fit a smaller district, without ties that it may have nobody for: terms, couples, pasts."""
    return replace(
        pool,
        faculties={
            stage: replace(held, recruits={subject: round(scale * n) for subject, n in held.recruits.items()})
            for stage, held in pool.faculties.items()
        },
        support=round(scale * pool.support),
        reengaged=0.0,
        terms={},
        couples=0,
        known_previous=0.0,
    )

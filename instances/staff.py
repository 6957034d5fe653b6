"""The staff (教职工) of a district, and how binhe's schools stand: rows of teachers.csv, columns of schools.csv."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from instances import careers, duties, homes
from instances.design import COHORT_WEIGHTS
from instances.drawing import Drawing, list_schools
from instances.land import Generator
from instances.pool import Pool
from instances.posts import add_recruits, add_support, count_posts, fill_posts
from instances.renown import Ground, draw_groups, draw_resources, draw_strength
from instances.returned import Returned
from instances.scene import Scene
from instances.spring import CAPS, ENTRY
from instances.tables import Row, lon_lat
from models.curriculum import default_curriculum
from models.district import Ints
from models.settings import Policy

_DECIMALS = 5
"""Of a degree: a metre, as nobody's home need be known better."""


@dataclass(frozen=True)
class Standing:
    """How schools stand, one entry a school."""

    ground: Ground
    strength: Ints
    group: list[str]
    resources: dict[str, Ints]


def draw_standing(scene: Scene, pool: Pool, policy: Policy, rng: Generator) -> Standing:
    """Draw strength, groups and resources of the public schools."""
    ground = _survey(scene)
    strength = draw_strength(pool, ground, rng)
    group = draw_groups(pool, ground, strength, rng)
    return Standing(ground, strength, group, draw_resources(pool, policy.balance, ground, rng))


def _survey(scene: Scene) -> Ground:
    spring, school = scene.spring, scene.today.school
    students = {stage: np.zeros(len(school), dtype=np.int64) for stage in COHORT_WEIGHTS}
    for row in scene.returned:
        students[row.stage][row.school] += row.students
    opening = school[spring.opening]
    for stage in ENTRY:
        students[stage][opening] = scene.tracks[stage][opening] * CAPS[stage]
    legal = np.arange(len(school))
    legal[school[spring.campuses[1]]] = school[spring.campuses[0]]
    newest = np.array([row["is_new"] == "true" for row in list_schools(scene.now)])
    newest[opening] = True
    return Ground(
        bank=scene.now.land.bank[scene.now.sites.unit],
        legal=legal,
        sought=np.isin([*school], [*spring.reach]),
        newest=newest,
        students=students,
        rooms=scene.now.rooms,
        apart_m=scene.today.apart_m,
    )


def draw_staff(
    now: Drawing,
    returned: Sequence[Returned],
    year: int,
    ground: Ground,
    strength: Ints,
    pool: Pool,
    policy: Policy,
    rng: Generator,
) -> pd.DataFrame:
    """Return the staff of the school year that ends with its classes, and the recruits, in the order of their ids.

    Schools, spouses and wishes are rows.
    """
    posts = count_posts(policy.staffing, default_curriculum("6-3"), returned, len(ground.bank))
    open_today = np.isin(np.arange(len(ground.bank)), [row.school for row in returned])
    taught = {stage: np.where(open_today, count, 0) for stage, count in ground.students.items()}
    staff = pd.concat(
        [fill_posts(pool, posts, ground.bank), add_support(pool, taught), add_recruits(pool)], ignore_index=True
    )
    staff = staff.iloc[rng.permutation(len(staff))].reset_index(drop=True)
    school = staff["school"].to_numpy()
    bank = np.where(school < 0, "new", ground.bank[school])
    staff = staff.assign(bank=bank, strength=np.where(school < 0, 0, strength[school]))
    staff = careers.draw_origins(pool, staff, year, rng)
    staff = careers.draw_degrees(pool, staff, year, rng)
    staff = careers.draw_years(pool, staff, ground.newest, year, rng)
    staff = careers.draw_titles(staff, year, rng)
    staff = careers.name_principals(staff, ground.legal, year, rng)
    staff = careers.name_backbone(pool, staff, taught, strength, year, rng)
    staff = duties.draw_leave(pool, staff, year, rng)
    staff = duties.draw_terms(pool, staff, now.sites.kind, ground, strength, year, rng)
    staff = duties.name_class_heads(staff, returned, year, rng)
    staff = duties.draw_certificates(pool, staff, rng)
    land, sites = now.land, now.sites
    staff = homes.draw_homes(staff, land, now.people.households, sites.points, rng)
    staff = homes.draw_couples(pool, staff, rng)
    teaches = {stage: sites.serving(stage) for stage in ENTRY}
    return homes.draw_wishes(pool, staff, sites.points, teaches, ground.legal, rng)


def list_teachers(staff: pd.DataFrame, names: Sequence[str]) -> list[Row]:
    """Return the rows of teachers.csv; `names` are the ids of the schools."""
    schools, ids = np.array([*names, ""]), np.array([*(f"T{number:04d}" for number in range(1, len(staff) + 1)), ""])
    joined, home, previous = (staff[column].to_numpy() for column in ("joined", "home", "previous"))
    lon, lat = lon_lat(staff[["east", "north"]].to_numpy())
    table = pd.DataFrame(
        {
            "teacher_id": ids[:-1],
            "school_id": schools[staff["school"]],
            **{name: staff[name] for name in ("stage", "subject", "second_subject", "role", "staff_type")},
            "birth_date": np.datetime_as_string(staff["birth_date"].to_numpy(), unit="D"),
            "sex": staff["sex"],
            "joined_school": np.where(staff["school"] >= 0, _on(joined, "09-01"), ""),
            **{name: staff[name] for name in ("degree", "title")},
            "backbone": _flags(staff["backbone"]),
            **{name: staff[name] for name in ("certificate_stage", "class_head_grade", "leave", "exempt")},
            "home_school_id": schools[home],
            "rotation_until": np.where(home >= 0, _on(staff["rotation_until"].to_numpy(), "08-31"), ""),
            "previous_school_id": schools[previous],
            "left_previous": np.where(previous >= 0, _on(joined, "08-31"), ""),
            "volunteer": _flags(staff["volunteer"]),
            "preferences": [";".join(names[school] for school in wishes) for wishes in staff["wishes"]],
            "spouse_id": ids[staff["spouse"]],
            "x": [f"{degrees:.{_DECIMALS}f}" for degrees in lon],
            "y": [f"{degrees:.{_DECIMALS}f}" for degrees in lat],
        }
    )
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _on(years: Ints, day: str) -> NDArray[np.str_]:
    return np.array([f"{year}-{day}" for year in years])


def _flags(held: "pd.Series[bool]") -> NDArray[np.str_]:
    return np.where(held, "true", "")

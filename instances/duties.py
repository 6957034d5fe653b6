"""What binds teachers to where they are, or takes them elsewhere: leave, classes to head, terms, certificates."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from instances.careers import CATEGORY, pick
from instances.land import Generator
from instances.pool import Pool
from instances.renown import Ground
from instances.returned import Returned
from models.district import Ints
from models.retirement import retirement_date
from models.stages import SERVES, SchoolType

_MOTHERS = (25, 38)
_WEARY = (6, 0.3)
"""Years at a school from which on fewer head a class, and how many fewer."""
_SENT = 9
"""Years of work before anybody is on a term of rotation."""
_RECEIVING = 3
"""Strength up to which a school has teachers on a term."""
_HEADS = {"chinese": 4.0, "mathematics": 2.5, "english": 2.0}
"""How much more often a teacher of a subject heads a class than one of another."""
_NEAR_M = 3_000.0


def draw_leave(pool: Pool, staff: pd.DataFrame, year: int, rng: Generator) -> pd.DataFrame:
    """Add `leave` and `exempt`; who reaches the age of retirement by this summer is on the way out."""
    eve = np.datetime64(f"{year}-08-31", "D")
    age = (eve - staff["birth_date"].to_numpy().astype("datetime64[D]")).astype(np.int64) // 365
    woman = (staff["sex"] == "female").to_numpy()
    mother = woman & (age >= _MOTHERS[0]) & (age <= _MOTHERS[1])
    regular = ((staff["school"] >= 0) & (staff["role"] == "teacher") & (staff["staff_type"] != "reengaged")).to_numpy()
    among = {"maternity": mother, "pregnant": mother, "nursing": mother, "sick": age > 40, "illness": age > 35}
    leave, exempt = np.full(len(staff), "", dtype="<U9"), np.full(len(staff), "", dtype="<U12")
    for sex, category in CATEGORY.items():
        date = retirement_date(staff["birth_date"].to_numpy().astype("datetime64[D]"), category)
        leave[(date <= eve) & (staff["sex"] == sex) & (staff["staff_type"] != "reengaged")] = "retiring"
    present = int(regular.sum())
    for reasons, column in ((pool.leave, leave), (pool.exempt, exempt)):
        for reason, share in reasons.items():
            free = regular & (leave == "") & (exempt == "") & among.get(reason, age > 30)
            column[pick(round(share * present), free, rng)] = reason
    return staff.assign(leave=leave, exempt=exempt)


def name_class_heads(staff: pd.DataFrame, returned: Iterable[Returned], year: int, rng: Generator) -> pd.DataFrame:
    """Add `class_head_grade`: one of the teachers of its school and stage for every class of the school year."""
    grade = np.full(len(staff), "", dtype="<U2")
    able = ((staff["role"] == "teacher") & (staff["leave"] == "") & (staff["staff_type"] != "reengaged")).to_numpy()
    odds = np.array([_HEADS.get(subject, 1.0) for subject in staff["subject"]])
    odds = odds * np.where(year - staff["joined"].to_numpy() >= _WEARY[0], _WEARY[1], 1.0)
    school, stage = staff["school"].to_numpy(), staff["stage"].to_numpy()
    for row in returned:
        free = able & (grade == "") & (school == row.school) & (stage == row.stage)
        grade[pick(row.classes, free, rng, odds)] = row.grade
    return staff.assign(class_head_grade=grade)


def draw_terms(
    pool: Pool,
    staff: pd.DataFrame,
    kinds: Sequence[SchoolType],
    ground: Ground,
    strength: Ints,
    year: int,
    rng: Generator,
) -> pd.DataFrame:
    """Add `home`, `rotation_until`, `previous` and `left`: who is on a term, sent by a stronger school near by.

    Of those who once worked at another school, it is on file for some.
    """
    home, until = np.full((2, len(staff)), -1, dtype=np.int64)
    joined = staff["joined"].to_numpy().copy()
    school = staff["school"].to_numpy()
    teaches = {stage: np.array([stage in SERVES[kind] for kind in kinds]) for stage in pool.faculties}
    alike = [
        teaches[stage] & (ground.legal != ground.legal[at]) for stage, at in zip(staff["stage"], school, strict=True)
    ]
    near = np.exp(-ground.apart_m / _NEAR_M)
    settled = (staff["role"] == "teacher") & (staff["staff_type"] == "established") & (staff["school"] >= 0)
    free = (
        settled & (staff["leave"] == "") & (staff["begun"] < year - _SENT) & (staff["strength"] <= _RECEIVING)
    ).to_numpy()
    for end, share in pool.terms.items():
        for person in pick(round(share * len(staff)), free & (home < 0), rng).tolist():
            at = school[person]
            home[person] = pick(1, alike[person] & (strength > strength[at]), rng, near[at])[0]
            until[person], joined[person] = end, end - 3
    previous = home.copy()
    came = settled.to_numpy() & (joined > staff["begun"].to_numpy()) & (home < 0)
    for person in np.flatnonzero(came & (rng.random(len(staff)) < pool.known_previous)).tolist():
        previous[person] = pick(1, alike[person] & ~ground.newest, rng, near[school[person]])[0]
    return staff.assign(home=home, rotation_until=until, previous=previous, joined=joined)


def draw_certificates(pool: Pool, staff: pd.DataFrame, rng: Generator) -> pd.DataFrame:
    """Add `certificate_stage` and `second_subject`."""
    certificate, second = np.full(len(staff), "", dtype="<U7"), np.full(len(staff), "", dtype="<U12")
    teaches = (staff["role"] != "support").to_numpy()
    willing = rng.random(len(staff)) < pool.second_share
    for stage, faculty in pool.faculties.items():
        here = teaches & (staff["stage"] == stage).to_numpy()
        certificate[here] = rng.choice([*faculty.certificates], int(here.sum()), p=[*faculty.certificates.values()])
        for subject, others in faculty.second.items():
            rows = np.flatnonzero(here & willing & (staff["subject"] == subject).to_numpy())
            second[rows] = rng.choice(others, len(rows))
    return staff.assign(certificate_stage=certificate, second_subject=second)

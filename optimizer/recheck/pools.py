"""Pools of posts (区管校聘), counted anew: who shares posts, how many are approved, and who holds them."""

import math
from fractions import Fraction

import numpy as np

from models.district import Bools, District, Floats, Ints
from models.staffed import Staffed
from models.stages import STAGES
from optimizer.recheck.standing import goes_home, leaves_staff


def pool_of_school(district: District) -> tuple[str, ...]:
    """Return the pool of each school by name, "" for a private one; without zone or group a school is its own pool."""
    schools, level = district.schools, district.settings.policy.staffing.pool_level
    shared = {"district": ("district",) * len(schools), "zone": schools.zone, "group": schools.group}[level]
    each = zip(shared, schools.ids, schools.private, strict=True)
    return tuple("" if private else name or own for name, own, private in each)


def pools_of(district: District) -> tuple[str, ...]:
    """Return the names of the pools in the order of the schools."""
    return tuple(dict.fromkeys(name for name in pool_of_school(district) if name))


def sum_by_pool(district: District, by_school: Ints) -> Ints:
    """Return the sums over the schools of every pool, shape (pools, ...) from (schools, ...)."""
    names = np.array(pool_of_school(district))
    sums = [by_school[names == pool].sum(axis=0) for pool in pools_of(district)]
    return np.array(sums, dtype=np.int64).reshape(-1, *by_school.shape[1:])


def posts_approved(staffed: Staffed) -> Floats:
    """Return the approved posts of each pool: as `staffing.quota` states, else children / ratio, rounded half up once.

    inf where children of a stage without a ratio are taught. Source: 中央编办发〔2014〕72号.
    """
    stated = staffed.district.settings.policy.staffing.quota
    by_stage = zip(pools_of(staffed.district), posts_by_ratio(staffed), strict=True)
    return np.array([stated.get(pool, _round_half_up(posts)) for pool, posts in by_stage], dtype=np.float64)


def posts_by_ratio(staffed: Staffed) -> list[list[Fraction | None]]:
    """Return children / ratio by pool and stage, exactly; None where a stage with children has no ratio."""
    ratio = staffed.district.settings.policy.staffing.ratio
    return [
        [_divide(students, ratio.get(stage)) for stage, students in zip(STAGES, row, strict=True)]
        for row in sum_by_pool(staffed.district, staffed.students).tolist()
    ]


def holds_post(staffed: Staffed) -> Bools:
    """Return who holds an approved post: established (编制) and contract staff (员额), not the re-engaged (银龄)."""
    return ~staffed.teachers.is_one_of("staff_type", "reengaged")


def staff_today(staffed: Staffed, counted: Bools) -> Ints:
    """Return those `counted` of each pool if nobody were moved: without who retires, at home whose term is over."""
    school = np.where(goes_home(staffed), staffed.teachers.home_school, staffed.before)
    return _sum_at(staffed, school, counted & ~leaves_staff(staffed))


def staff_planned(staffed: Staffed, counted: Bools) -> Ints:
    """Return those `counted` of each pool where the plan posts them."""
    return _sum_at(staffed, staffed.after, counted)


def _sum_at(staffed: Staffed, school: Ints, counted: Bools) -> Ints:
    held = school[counted & (school >= 0)]
    return sum_by_pool(staffed.district, np.bincount(held, minlength=len(staffed.district.schools)))


def _divide(students: int, ratio: float | None) -> Fraction | None:
    if not students:
        return Fraction(0)
    return None if ratio is None else students / Fraction(str(ratio))


def _round_half_up(posts: list[Fraction | None]) -> float:
    known = [part for part in posts if part is not None]
    return math.floor(sum(known, Fraction(1, 2))) if len(known) == len(posts) else math.inf

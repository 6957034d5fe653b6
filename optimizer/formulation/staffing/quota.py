"""Posts approved (编制) for a pool: the district, a zone or a group, which its schools share (区管校聘)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from models.district import District, Ints
from models.rounding import scale_half_up
from models.settings import LARGEST_COUNT
from models.staffing import Standing
from models.stages import Stage


@dataclass(frozen=True)
class Pools:
    """Schools that share posts."""

    names: tuple[str, ...]
    of_school: Ints
    """Pool of each school, shape (schools,); -1 for private schools, whose staff the district does not pay."""

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def counts(self) -> Ints:
        """Schools in each pool."""
        return self.add_up(np.ones(len(self.of_school), dtype=np.int64))

    def add_up(self, by_school: Ints) -> Ints:
        """Return the sums over the schools of each pool; shape (pools, ...) from (schools, ...)."""
        total = np.zeros((len(self), *by_school.shape[1:]), dtype=np.int64)
        shared = self.of_school >= 0
        np.add.at(total, self.of_school[shared], by_school[shared])
        return total


def find_pools(district: District) -> Pools:
    """Return the pools of `staffing.pool_level` in the order of the schools.

    A school without zone or group shares its posts with nobody: it is a pool by itself, named by its id.
    """
    schools, level = district.schools, district.settings.policy.staffing.pool_level
    if level == "district":
        labels = ["district"] * len(schools)
    else:
        shared = schools.zone if level == "zone" else schools.group
        labels = [label or school_id for label, school_id in zip(shared, schools.ids, strict=True)]
    public = [label for label, private in zip(labels, schools.private, strict=True) if not private]
    names = tuple(dict.fromkeys(public))
    pool = [-1 if private else names.index(label) for label, private in zip(labels, schools.private, strict=True)]
    return Pools(names, np.array(pool, dtype=np.int64))


def staff_of_pools(district: District, standing: Standing, pools: Pools) -> Ints:
    """Return who of today's staff holds the posts of each pool if nobody is moved, shape (pools,).

    Established and contract posts (编制, 员额) count where their holders work, and at home where a term of rotation is
    over; those of support staff and of teachers on leave count too. Recruits, those who retire and those engaged again
    after it (银龄) hold none.
    """
    teachers = district.teachers
    assert teachers is not None
    school = np.where(standing.returns, teachers.home_school, teachers.school)
    held = (school >= 0) & ~standing.leaves & ~teachers.is_one_of("staff_type", "reengaged")
    return pools.add_up(np.bincount(school[held], minlength=len(district.schools)))


def quota_of_pools(district: District, pools: Pools, students: Ints) -> Ints:
    """quota[p] = `staffing.quota` of the pool, else Σ_stage students[p, stage] / ratio[stage], rounded half up once.

    `students` has the shape (schools, stages), stages as in `settings.instance`. LARGEST_COUNT, which limits nobody,
    where neither is given: a stage with children has no ratio. Source: 中央编办发〔2014〕72号.
    """
    by_pool = zip(pools.names, pools.add_up(students), strict=True)
    return np.array([_quota(district, name, _posts(district, count)) for name, count in by_pool], dtype=np.int64)


def most_nonteaching(district: District, pools: Pools, students: Ints) -> Ints:
    """most[p] = quota[p] · Σ_stage share[stage] · posts[p, stage] / Σ_stage posts[p, stage], rounded down.

    How many of a pool's staff may give no lessons; posts = students / ratio weigh the stages, and a stage without
    `nonteaching_share` counts in full. `students` and LARGEST_COUNT as in `quota_of_pools`. Source: 国办发〔2001〕74号.
    """
    share, most = district.settings.policy.staffing.nonteaching_share, []
    for name, count in zip(pools.names, pools.add_up(students), strict=True):
        posts = _posts(district, count)
        if posts is None:
            most.append(LARGEST_COUNT)
            continue
        allowed = sum((Fraction(str(share.get(stage, 1.0))) * held for stage, held in posts.items()), Fraction())
        most.append(math.floor(_quota(district, name, posts) * allowed / (sum(posts.values()) or 1)))
    return np.array(most, dtype=np.int64)


def staff_per_class(ratio: float, class_size: float) -> float:
    """Return the staff that a ratio of children to staff leaves a class: the smaller the classes, the fewer."""
    return class_size / ratio


def _quota(district: District, name: str, posts: Mapping[Stage, Fraction] | None) -> int:
    given = district.settings.policy.staffing.quota
    if name in given:
        return given[name]
    return LARGEST_COUNT if posts is None else scale_half_up(1, sum(posts.values(), Fraction()))


def _posts(district: District, students: Ints) -> Mapping[Stage, Fraction] | None:
    """students / ratio, exactly, for the stages that have children; None where one of them has no ratio."""
    ratio = district.settings.policy.staffing.ratio
    held = {stage: n for stage, n in zip(district.settings.instance.stages, students.tolist(), strict=True) if n}
    return (
        {stage: n / Fraction(str(ratio[stage])) for stage, n in held.items()} if held.keys() <= ratio.keys() else None
    )

"""Sums about posts: what proves that they cannot be decided, and what is short and yet keeps no plan away."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from models.diagnosis import Count
from models.district import Bools
from models.settings import LARGEST_COUNT
from models.stages import STAGES
from optimizer.diagnose.posts.moves import count_moves
from optimizer.diagnose.posts.vacant import LEAST, Staff, count_vacant
from optimizer.formulation.staffing.formulation import StaffFormulation
from optimizer.formulation.staffing.groups import Roster


def count_posts(f: StaffFormulation) -> tuple[Count, ...]:
    """Return sums about posts: those that prove that there is no plan come first."""
    return (*count_moves(f), *_count_quota(f), *_count_teachers(f))


def _count_teachers(f: StaffFormulation) -> tuple[Count, ...]:
    """Posts that stay vacant wherever teachers go."""
    posts = np.zeros((len(f.pools), len(STAGES), len(f.need.subjects)))
    faculties = f.need.faculties
    pool = f.pools.of_school[faculties.school]
    stages = np.array([STAGES.index(stage) for stage in faculties.stage], dtype=np.int64)
    np.add.at(posts, (pool, stages), f.need.posts)
    return count_vacant(Staff(f.district, f.standing, f.need, f.roster, f.pools), posts)


def _count_quota(f: StaffFormulation) -> Iterator[Count]:
    if f.district.settings.rules.staff_quota != "hard":
        return
    here = (f.roster.faculty >= 0) & (f.roster.open | f.roster.stays)
    pool_of = f.pools.of_school[f.need.faculties.school]
    for pool, name in enumerate(f.pools.names):
        there = here & (pool_of[f.roster.faculty] == pool)
        found = count_quota(float(f.need.posts[pool_of == pool].sum()), int(f.quota[pool]), f.roster, there)
        if found is not None and len(f.pools) > 1:
            found = replace(found, key="posts_quota_of_pool", facts={"where": name, **found.facts})
        yield from [found] if found is not None else []


def count_quota(needed: float, quota: int, roster: Roster, there: Bools) -> Count | None:
    """Posts needed > quota - what those on it do not teach + posts of the re-engaged (银龄).

    `there` are the teachers of the pool today; None where the quota suffices, or is none.
    """
    idle, beside = (1.0 - roster.posts[there & roster.quota]).sum(), roster.posts[there & ~roster.quota].sum()
    most = quota - float(idle) + float(beside)
    if quota >= LARGEST_COUNT or needed - most <= LEAST:
        return None
    facts = {"posts": round(needed, 1), "quota": quota, "filled": round(most, 1), "short": round(needed - most, 1)}
    return Count("posts_quota", facts, short=needed - most, proves=False)

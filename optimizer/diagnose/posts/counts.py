"""Sums about posts: what proves that they cannot be decided, and what is short and yet keeps no plan away."""

import numpy as np

from models.diagnosis import Count
from models.settings import LARGEST_COUNT
from models.stages import STAGES
from optimizer.diagnose.posts.moves import count_moves
from optimizer.diagnose.posts.vacant import LEAST, Staff, count_vacant
from optimizer.formulation.staffing.formulation import StaffFormulation


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


def _count_quota(f: StaffFormulation) -> tuple[Count, ...]:
    """Posts needed in a pool > quota - what those on it do not teach + posts of the re-engaged (银龄)."""
    if f.district.settings.rules.staff_quota != "hard":
        return ()
    roster, found = f.roster, []
    here = (roster.faculty >= 0) & (roster.open | roster.stays)
    pool_of = f.pools.of_school[f.need.faculties.school]
    for pool, name in enumerate(f.pools.names):
        there = here & (pool_of[roster.faculty] == pool)
        idle = float((1.0 - roster.posts[there & roster.quota]).sum())
        beside = float(roster.posts[there & ~roster.quota].sum())
        needed, quota = float(f.need.posts[pool_of == pool].sum()), int(f.quota[pool])
        most = quota - idle + beside
        short = needed - most
        if quota < LARGEST_COUNT and short > LEAST:
            told: dict[str, object] = {
                "where": name,
                "posts": round(needed, 1),
                "quota": quota,
                "filled": round(most, 1),
                "short": round(short, 1),
            }
            key = "posts_quota" if len(f.pools) == 1 else "posts_quota_of_pool"
            found.append(Count(key, told, short=short, proves=False))
    return tuple(found)

"""Posts of the fewest classes that the caps require: what is known of teachers before the children have a plan."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from models.diagnosis import Count
from models.district import District
from models.plan import CLASS_COLUMNS
from models.stages import STAGES, Stage, grades_of
from optimizer.diagnose.posts.counts import count_quota
from optimizer.diagnose.posts.vacant import LEAST, Staff, count_vacant
from optimizer.formulation.staffing.groups import make_roster
from optimizer.formulation.staffing.need import count_need
from optimizer.formulation.staffing.quota import Pools, find_pools, quota_of_pools, staff_of_pools
from optimizer.formulation.staffing.standing import judge_teachers


def count_posts_of_fewest(district: District) -> tuple[Count, ...]:
    """Return what is short of teachers in any plan of mode `whole`: in all, then by stage and subject.

    Classes ≥ Σ ⌈children / cap⌉ by stage and grade; a stage without a cap needs none. None in mode `entry`, or where
    there are no teachers. The whole district counts as one pool.
    """
    if district.teachers is None or district.curriculum is None or district.settings.instance.mode == "entry":
        return ()
    standing, classes = judge_teachers(district), fewest_classes(district)
    need = count_need(district, pd.DataFrame(columns=list(CLASS_COLUMNS)))
    pools = Pools(("",), np.where(district.schools.private, -1, 0))
    staff = Staff(district, standing, need, make_roster(district, standing, need), pools)
    posts = np.zeros((1, len(STAGES), len(need.subjects)))
    for (stage, grade), count in classes.items():
        posts[0, STAGES.index(stage)] += count * need.a_class.get((stage, grade), 0.0)
    found = count_vacant(staff, posts)
    short = sum(count.short for count in found)
    if short < LEAST:
        return ()
    facts = {
        "classes": sum(classes.values()),
        "posts": round(float(posts.sum()), 1),
        "filled": round(float(posts.sum()) - short, 1),
        "short": round(short, 1),
    }
    return (Count("posts_fewest", facts, short=short, proves=False), *_of_quota(staff, float(posts.sum())), *found)


def _of_quota(staff: Staff, needed: float) -> Iterator[Count]:
    """Against the quota, where the whole district is one pool; it is the same wherever the children go."""
    district, pools, stages = staff.district, find_pools(staff.district), staff.district.settings.instance.stages
    if len(pools) != 1 or district.settings.rules.staff_quota != "hard":
        return
    students = np.zeros((len(district.schools), len(stages)), dtype=np.int64)
    students[np.flatnonzero(pools.of_school == 0)[0]] = [district.demand.of_stage(stage).sum() for stage in stages]
    quota = max(quota_of_pools(district, pools, students)[0], staff_of_pools(district, staff.standing, pools)[0])
    here = (staff.roster.faculty >= 0) & (staff.roster.open | staff.roster.stays)
    found = count_quota(needed, int(quota), staff.roster, here)
    yield from [found] if found is not None else []


def fewest_classes(district: District) -> Mapping[tuple[Stage, str], int]:
    """Return the fewest classes by stage and grade in which the caps let the children of the district sit."""
    settings, demand = district.settings, district.demand
    policy, classes = settings.policy.class_size, dict[tuple[Stage, str], int]()
    caps = policy.cap if settings.rules.class_size == "hard" else {}
    for stage in settings.instance.stages:
        cap, grades = caps.get(stage, policy.ceiling), grades_of(stage, settings.instance.system)
        if cap is None or settings.rules.class_size == "off":
            continue
        for grade in grades:
            children = 0
            for column, cohort in enumerate(demand.cohorts):
                held = int(demand.students[:, column].sum())
                if cohort.stage == stage and cohort.grade in ("", grade):
                    children += held if cohort.grade else held // len(grades)
            classes[stage, grade] = -(-children // cap)
    return classes

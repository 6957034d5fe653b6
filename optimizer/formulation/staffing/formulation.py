"""The mathematics of posts: what classes need, who may go where, and which rules bind."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.district import Bools, District, Floats, Ints
from models.settings import STAFF_LEVELS, Indicator, LevelName
from models.staffing import PE_AND_ARTS, Standing
from models.stages import STAGES, Stage
from optimizer.formulation.staffing.groups import (
    Groups,
    Options,
    Roster,
    count_surplus,
    make_groups,
    make_roster,
)
from optimizer.formulation.staffing.need import Need, count_need
from optimizer.formulation.staffing.openings import Openings
from optimizer.formulation.staffing.quota import Pools, find_pools, quota_of_pools, staff_of_pools
from optimizer.formulation.staffing.standing import judge_teachers

SMALL_POINT = 50
"""Children below which a teaching point is left out of every coefficient. Source: rules of Hebei (norms, part 3)."""


@dataclass(frozen=True)
class Balanced:
    """A resource that teachers carry, at the schools of one stage: counted per 100 students."""

    indicator: Indicator
    stage: Stage
    faculties: Ints
    students: Floats
    """Children of each of these faculties, all above 0."""
    limit: float
    """Largest coefficient of variation."""
    settled: Floats
    """Teachers who count and whose post is settled, at each of these faculties."""
    today: Floats
    """Teachers who count, if everybody stays."""


@dataclass(frozen=True)
class StaffFormulation:
    """Everything the program of posts is written from."""

    district: District
    standing: Standing
    need: Need
    """Of the classes at hand: where there are `openings`, of the fewest."""
    roster: Roster
    groups: Groups
    options: Options
    surplus: Ints
    pools: Pools
    quota: Ints
    """Most members of staff of each pool: what is approved, or what there are where that is more."""
    openings: Openings | None
    """Further classes that the plan may open beside those at hand."""
    balanced: tuple[Balanced, ...]
    order: tuple[LevelName, ...]

    @property
    def counted_eligible(self) -> Bools:
        """Of whom a share must move, by row of `district.teachers`: the eligible on the staff, principals apart."""
        teachers = self.district.teachers
        assert teachers is not None
        here = (self.roster.faculty >= 0) & (self.roster.open | self.roster.stays)
        return self.standing.eligible & here & ~teachers.is_one_of("role", "principal")


def formulate_staffing(district: District, classes: pd.DataFrame, openings: Openings | None = None) -> StaffFormulation:
    """Return the mathematics of posts for the classes of a plan, columns `models.plan.CLASS_COLUMNS`.

    With `openings` these are the fewest, and the plan of posts may open further ones.
    """
    standing = judge_teachers(district)
    need = count_need(district, classes)
    roster = make_roster(district, standing, need)
    pools = find_pools(district)
    surplus = count_surplus(need, roster)
    groups, options = make_groups(district, standing, need, roster, pools, surplus)
    return StaffFormulation(
        district=district,
        standing=standing,
        need=need,
        roster=roster,
        groups=groups,
        options=options,
        surplus=surplus,
        pools=pools,
        quota=np.maximum(_quota(district, need, pools), staff_of_pools(district, standing, pools)),
        openings=openings,
        balanced=tuple(_balanced(district, need, roster)),
        order=_order(district, openings),
    )


def carries(district: District, roster: Roster, indicator: Indicator, stage: Stage) -> Bools:
    """Which teachers count for an indicator when they work at a stage, by row; support staff count for none."""
    teachers = district.teachers
    assert teachers is not None
    counts: Mapping[Indicator, Bools] = {
        "degree": roster.higher_degree[:, STAGES.index(stage)],
        "backbone": teachers.backbone,
        "pe_arts": teachers.is_one_of("subject", *PE_AND_ARTS),
    }
    return counts[indicator] & ~teachers.is_one_of("role", "support")


def _quota(district: District, need: Need, pools: Pools) -> Ints:
    stages = district.settings.instance.stages
    students = np.zeros((len(district.schools), len(stages)), dtype=np.int64)
    for row, stage in enumerate(need.faculties.stage):
        students[need.faculties.school[row], stages.index(stage)] += need.students[row]
    return quota_of_pools(district, pools, students)


def _balanced(district: District, need: Need, roster: Roster) -> list[Balanced]:
    """Indicators with a limit, at the faculties that have children; special schools and small points are apart."""
    policy, types = district.settings.policy.balance, np.array(district.schools.types, dtype=object)
    found = []
    for stage, limit in policy.cv_max.items():
        rows = need.faculties.of_stage(stage)
        kinds, students = types[need.faculties.school[rows]], need.students[rows]
        rows = rows[(students > 0) & (kinds != "special") & ((kinds != "teaching_point") | (students >= SMALL_POINT))]
        if len(rows) < 2:
            continue
        for indicator in policy.indicators:
            counts = carries(district, roster, indicator, stage) & (roster.faculty >= 0)
            settled, today = (
                np.bincount(roster.faculty[held], minlength=len(need.faculties))[rows].astype(float)
                for held in (counts & roster.stays, counts & (roster.stays | roster.open))
            )
            students = need.students[rows].astype(float)
            found.append(Balanced(indicator, stage, rows, students, limit, settled, today))
    return found


def _order(district: District, openings: Openings | None) -> tuple[LevelName, ...]:
    """The levels that posts decide, as `objective.order` has them; those it does not name come last.

    Where classes may still open, the level `small_classes` is decided here as well. `balance` is a level where the
    order names it or `balance_cv` is soft; a hard limit is kept by every plan, and no moves are spent on more.
    """
    settings = district.settings
    asked = list(settings.objective.order)
    decided = [*(["small_classes"] if openings is not None else []), *STAFF_LEVELS]
    held: list[LevelName] = [level for level in asked if level in decided]
    unasked = () if settings.rules.balance_cv == "soft" else ("balance",)
    return (*held, *(level for level in STAFF_LEVELS if level not in (*held, *unasked)))

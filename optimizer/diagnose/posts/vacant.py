"""Posts against teachers: what stays vacant wherever the teachers of a pool go, as a flow from teachers to lessons.

A teacher gives lessons of the own subject, of the second one, those that any teacher may give, and all of these in a
lower stage that the certificate reaches. Who works where within the pool is left open: more may stay vacant.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from models.diagnosis import Count
from models.district import District, Floats, Ints
from models.staffing import ANY, Standing
from models.stages import STAGES, Stage
from optimizer.formulation.staffing.groups import Roster
from optimizer.formulation.staffing.need import Need
from optimizer.formulation.staffing.quota import Pools

Kind = tuple[tuple[int, ...], tuple[Stage, ...], int, int]
"""Pools and stages that a teacher may work in, the own first, the subject and the second subject."""
PARTS = 1000
"""Parts of a post that the flow counts in."""
LEAST = 0.05
"""A smaller part of a post is not told: figures have one decimal."""
VACANT, VACANT_ANY, SECOND, STAGE = 1000, 999, 1, 2
"""What a vacancy costs, less where any teacher will do, and what it costs that a teacher leaves the subject, or the
stage: only where that fills a post."""


@dataclass(frozen=True)
class Staff:
    """Who gives lessons in the year of the plan, and among which schools: the teachers of a roster."""

    district: District
    standing: Standing
    need: Need
    """Its faculties and subjects are those of the roster."""
    roster: Roster
    pools: Pools

    def teachers_by_kind(self) -> Mapping[Kind, int]:
        """Return parts of posts by kind of teacher."""
        teachers, roster = self.district.teachers, self.roster
        assert teachers is not None
        kinds, everywhere = defaultdict[Kind, int](int), tuple(range(len(self.pools)))
        moves = roster.open & ~teachers.is_one_of("role", "principal")
        for row in np.flatnonzero((roster.open | roster.stays) & (roster.posts > 0)).tolist():
            at, own = int(roster.faculty[row]), teachers.stage[row]
            pools = everywhere if at < 0 else self._pools_of(int(self.need.faculties.school[at]), moves=moves[row])
            certified = teachers.certificate_stage[row]
            below = STAGES[: STAGES.index(certified) + 1] if moves[row] and certified in STAGES else ()
            stages = (own, *(stage for stage in below if stage != own))
            kinds[pools, stages, int(roster.subject[row]), int(roster.second[row])] += round(roster.posts[row] * PARTS)
        return dict(kinds)

    def _pools_of(self, school: int, *, moves: bool) -> tuple[int, ...]:
        """The pool of a school, and those of other sites of the same legal school, which need no posting."""
        legal, own = self.district.schools.legal, int(self.pools.of_school[school])
        sites = [site for site, held in enumerate(legal) if moves and held == legal[school]]
        return (own, *sorted({int(self.pools.of_school[site]) for site in sites} - {own, -1}))


def count_vacant(staff: Staff, posts: Floats) -> tuple[Count, ...]:
    """Return posts that stay vacant, most first, by pool, stage and subject; no plan is impossible for it.

    `posts` are needed, shape (pools, STAGES, subjects).
    """
    kinds, subjects = staff.teachers_by_kind(), staff.need.subjects
    vacant = _fewest_vacant(kinds, posts, subjects.index(ANY))
    brought = np.zeros(posts.shape)
    for (pools, stages, subject, _), parts in kinds.items():
        brought[list(pools), STAGES.index(stages[0]), subject] += parts / PARTS
    found = []
    for pool, stage, subject in np.argwhere(vacant > LEAST * PARTS).tolist():
        needed, short = float(posts[pool, stage, subject]), float(vacant[pool, stage, subject]) / PARTS
        own = needed if subjects[subject] == ANY else float(brought[pool, stage, subject])
        teachers = min(own, max(0.0, needed - short))
        facts = {
            "where": staff.pools.names[pool],
            "stage": STAGES[stage],
            "subject": subjects[subject],
            "posts": round(needed, 1),
            "teachers": round(teachers, 1),
            "others": round(max(0.0, needed - short - teachers), 1),
            "short": round(short, 1),
        }
        key = "posts_any" if subjects[subject] == ANY else "posts_subject"
        among = "" if len(staff.pools) == 1 else "_of_pool"
        found.append(Count(f"{key}{among}", facts, short=short, proves=False))
    return tuple(sorted(found, key=lambda count: -count.short))


def _fewest_vacant(kinds: Mapping[Kind, int], posts: Floats, any_at: int) -> Ints:
    """Return parts of posts vacant in a cheapest flow, shape of `posts`: altogether no fewer can be."""
    needed = np.floor(posts * PARTS + 0.5).astype(np.int64)
    flow, source, sink = SimpleMinCostFlow(), 0, 1
    node = np.arange(2, 2 + posts.size).reshape(posts.shape)
    for cell in np.argwhere(needed).tolist():
        at = tuple(cell)
        flow.add_arc_with_capacity_and_unit_cost(int(node[at]), sink, int(needed[at]), 0)
    vacancies = {
        tuple(cell): flow.add_arc_with_capacity_and_unit_cost(
            source, int(node[tuple(cell)]), int(needed[tuple(cell)]), VACANT_ANY if cell[2] == any_at else VACANT
        )
        for cell in np.argwhere(needed).tolist()
    }
    for k, ((pools, stages, subject, second), parts) in enumerate(kinds.items()):
        teacher = 2 + posts.size + k
        flow.add_arc_with_capacity_and_unit_cost(source, teacher, parts, 0)
        uses = {any_at: 0, second: SECOND, subject: 0}
        for pool in pools:
            for stage in stages:
                for taught, cost in uses.items():
                    at = pool, STAGES.index(stage), taught
                    if taught >= 0 and needed[at]:
                        away = 0 if stage == stages[0] else STAGE
                        flow.add_arc_with_capacity_and_unit_cost(teacher, int(node[at]), parts, cost + away)
    total = int(needed.sum())
    flow.set_node_supply(source, total)
    flow.set_node_supply(sink, -total)
    status = flow.solve()
    assert status == flow.OPTIMAL, status
    vacant = np.zeros(posts.shape, dtype=np.int64)
    for at, arc in vacancies.items():
        vacant[at] = flow.flow(arc)
    return vacant

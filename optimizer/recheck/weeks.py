"""Whether posts can be filled by those who are there: the weeks of teachers divided over what is asked, as a flow.

A teacher gives the week to the own subject, the second subject or what anybody may teach (`any`), of the stage and at
the school where he is posted; among schools that share posts (走教) parts of a week go to the own subject elsewhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np

from models.district import Floats, Ints
from models.staffed import Staffed
from models.staffing import ANY
from models.stages import STAGES

_GRAIN = 10_000
"""Flows are whole: ten thousandths of a post. What is there is rounded up, what is asked for rounded down."""


@dataclass(frozen=True)
class Filled:
    """Schools of one stage that divide the weeks of their teachers among each other, most often one alone."""

    schools: tuple[int, ...]
    stage: int
    """Column of `STAGES`."""
    asked: float
    """Posts that are to be filled."""
    parts: int
    """In how many schools and subjects."""
    most: float
    """Of these, as many as can be filled at once."""


def fill_posts(staffed: Staffed, school: Ints, stage: Ints, asked: Floats) -> Iterator[Filled]:
    """Yield how far the teachers at some schools and stages fill the posts asked for, cluster by cluster.

    `asked` has the shape (schools, stages, subjects); -1 in `school` or `stage` is somebody who is not there.
    """
    brought = _bring(staffed, school, stage)
    whole = np.floor(asked * _GRAIN).astype(np.int64)
    for column in range(len(STAGES)):
        there = [j for j in range(len(asked)) if (j, column) in brought or whole[j, column].any()]
        for cluster in _clusters(staffed, there):
            held = whole[list(cluster), column]
            if held.any():
                graph = _draw(staffed, cluster, column, brought, whole)
                most = nx.maximum_flow_value(graph, "staff", "classes")
                yield Filled(cluster, column, held.sum() / _GRAIN, int((held > 0).sum()), most / _GRAIN)


def _bring(staffed: Staffed, school: Ints, stage: Ints) -> dict[tuple[int, int], dict[tuple[str, str], float]]:
    """Posts that teachers bring to each school and stage, by first and second subject."""
    brought: dict[tuple[int, int], dict[tuple[str, str], float]] = {}
    posts, teachers = staffed.posts_at(stage), staffed.teachers
    for row in np.flatnonzero((school >= 0) & (stage >= 0) & (posts > 0)).tolist():
        held = brought.setdefault((int(school[row]), int(stage[row])), {})
        subjects = teachers.subject[row], teachers.second_subject[row]
        held[subjects] = held.get(subjects, 0.0) + float(posts[row])
    return brought


def _clusters(staffed: Staffed, schools: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Those of some schools that share posts with each other."""
    level, held = staffed.district.settings.policy.staffing.shared_posts, staffed.district.schools
    labels = {"none": ("",) * len(held), "group": held.group, "zone": held.zone}[level]
    shared: dict[str, list[int]] = {}
    for school in schools:
        shared.setdefault(f"shared {labels[school]}" if labels[school] else f"alone {school}", []).append(school)
    yield from map(tuple, shared.values())


def _draw(
    staffed: Staffed,
    cluster: tuple[int, ...],
    stage: int,
    brought: dict[tuple[int, int], dict[tuple[str, str], float]],
    asked: Ints,
) -> nx.DiGraph:
    """The weeks of a cluster as a network from `staff` to `classes`; of a subject less than a post is borrowed."""
    graph = nx.DiGraph()
    graph.add_nodes_from(("staff", "classes"))
    for school in cluster:
        for (own, second), posts in brought.get((school, stage), {}).items():
            week = ("week", school, own, second)
            graph.add_edge("staff", week, capacity=int(np.ceil(posts * _GRAIN)))
            graph.add_edges_from((week, ("post", school, subject)) for subject in {own, second, ANY} - {""})
            if own != ANY:
                graph.add_edge(week, ("lent", own))
        for column, subject in enumerate(staffed.subjects):
            graph.add_edge(("post", school, subject), "classes", capacity=int(asked[school, stage, column]))
            graph.add_edge(("lent", subject), ("post", school, subject), capacity=_GRAIN if len(cluster) > 1 else 0)
    return graph

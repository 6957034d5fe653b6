"""Why there is no plan, where sums alone show it: a key of the catalogue and the figures a planner can redo."""

from dataclasses import dataclass, field

import numpy as np

from models.district import Bools, Ints
from optimizer.formulation.formulation import Formulation

PLACES = ("places", "purchased")
"""Rules whose limits say how many children a school has places for."""


@dataclass(frozen=True)
class Count:
    """One sentence: its key in `solve.toml`, and its facts."""

    key: str
    facts: dict[str, object] = field(default_factory=dict)


def count_shortage(f: Formulation) -> Count | None:
    """Return the first sum that no plan can meet: what stands, who is out of reach, places, rooms.

    None where none shows it.
    """
    return _unmendable(f) or _stranded(f) or _places(f) or _rooms(f)


def _unmendable(f: Formulation) -> Count | None:
    """Hard rules that what stands breaks."""
    if not f.unmendable:
        return None
    return Count("solve.unmendable", {"count": len(f.unmendable), "rules": ", ".join(f.unmendable[:5])})


def _stranded(f: Formulation) -> Count | None:
    """Units with no school at all that the rules leave them."""
    blocks = np.setdiff1d(np.arange(len(f.blocks)), f.pairs.block)
    if not len(blocks):
        return None
    units = [f.unit_ids[unit] for block in blocks for unit in f.blocks.members(int(block))]
    students = int(f.blocks.size[blocks].sum())
    stage = f.stages[f.blocks.stage[blocks[0]]]
    facts = {"units": len(units), "first": ", ".join(units[:5]), "students": students, "stage": stage}
    return Count("solve.stranded", facts)


def _places(f: Formulation) -> Count | None:
    """Children of one stage, and of all, against the hard limits on places."""
    for stages in (*((stage,) for stage in f.stages), f.stages):
        columns = np.array([column.stage in stages for column in f.columns])
        students = int(_everybody(f)[columns].sum())
        places = _most_places(f, stages)
        if places is not None and students > places:
            facts = {"students": students, "places": places, "short": students - places, "stage": " + ".join(stages)}
            return Count("solve.places", facts)
    return None


def _most_places(f: Formulation, stages: tuple[str, ...]) -> int | None:
    """Most children of `stages` that the limits on places let in beside placed ones; None where a school has none."""
    total = 0
    for school in _receiving(f, stages):
        bounds = [
            limit.bound - (0 if f.pool is None else int(f.pool.taken[school, limit.columns].sum()))
            for limit in f.limits
            if limit.school == school and limit.hard and limit.rule in PLACES and _covers(f, limit.columns, stages)
        ]
        if not bounds:
            return None
        total += max(0, min(bounds))
    return total


def _everybody(f: Formulation) -> Ints:
    """Children of every column who need a seat: those of blocks, and in mode `entry` those in the pool."""
    students = f.blocks.students.sum(axis=0)
    return np.asarray(students if f.pool is None else students + f.pool.students, dtype=np.int64)


def _receiving(f: Formulation, stages: tuple[str, ...]) -> list[int]:
    """Schools where children of `stages` may belong, or in mode `entry` sit."""
    wanted = np.isin(f.blocks.stage[f.pairs.block], [f.stages.index(stage) for stage in stages])
    schools = set(f.pairs.school[wanted].tolist())
    if f.pool is not None:
        of_stages = [c for c, column in enumerate(f.columns) if column.stage in stages]
        schools |= set(np.flatnonzero(f.pool.hosts[:, of_stages].any(axis=1)).tolist())
    return sorted(schools)


def _covers(f: Formulation, columns: Bools, stages: tuple[str, ...]) -> bool:
    return all(columns[c] for c, column in enumerate(f.columns) if column.stage in stages)


def _rooms(f: Formulation) -> Count | None:
    """Classes that the caps ask for at least, grade by grade over the whole district, against all rooms."""
    rules = f.classes
    if rules is None or rules.cap != "hard":
        return None
    covered = {g.school: g.rooms for g in rules.rooms if g.hard and (g.weight == rules.taught[g.school]).all()}
    schools, students = _receiving(f, f.stages), _everybody(f)
    if not set(schools) <= set(covered):
        return None
    rooms = sum(covered[school] for school in schools)
    needed = 0
    for stage, cap in {grade.stage: grade.cap for grade in rules.grades}.items():
        grades = [grade for grade in rules.grades if grade.stage == stage]
        parts = [int(students[list(grade.counted)].sum()) for grade in grades]
        spread = int(students[list(grades[0].spread)].sum())
        parts = [sum(parts) + spread] if spread else parts
        needed += sum(-(-part // cap) for part in parts)
    facts: dict[str, object] = {
        "students": int(students.sum()),
        "classes": needed,
        "rooms": rooms,
        "short": needed - rooms,
    }
    return Count("solve.rooms", facts) if needed > rooms else None

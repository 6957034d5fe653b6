"""What no plan can mend: what stands, and units that no school is left to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from models.diagnosis import Count
from models.district import Floats, Ints
from optimizer.diagnose.count.ground import Ground
from optimizer.diagnose.count.walls import find_walls
from optimizer.formulation.contiguity import find_components


def count_unmendable(ground: Ground) -> Iterator[Count]:
    """Yield the hard rules that what stands breaks, each with where."""
    by_rule: dict[str, list[str]] = {}
    for name in ground.f.unmendable:
        rule, _, where = name.partition("[")
        by_rule.setdefault(rule, []).append(where.rstrip("]"))
    strict = ("strict",) if ground.district.settings.rules.strict else ()
    for rule, places in by_rule.items():
        ids = [place.rpartition(",")[0] or place for place in places]
        schools = tuple(dict.fromkeys(name for name in ids if name in ground.district.schools.row))
        units = tuple(dict.fromkeys(name for name in ids if rule == "fixed" and name in ground.district.units.row))
        facts: dict[str, object] = {"count": len(places), "where": places}
        rules = (rule, "change") if rule in ("fixed", "contiguous") else (rule,)
        yield Count(f"unmendable.{rule}", facts, (*rules, *strict), float(len(places)), units, schools)


def count_stranded(ground: Ground) -> Iterator[Count]:
    """Yield units that no school is left to, by stage and by the rule that takes the last one.

    Those that no catchment in one piece reaches also by the schools that they may go to, unless all of these are told
    to be cut off themselves.
    """
    f, groups = ground.f, ground.groups
    blocks = np.setdiff1d(np.arange(len(f.blocks)), f.pairs.block)
    nowhere = np.flatnonzero(~np.any(groups.may, axis=1) & ~np.isin(groups.block, blocks))
    if not len(blocks) and not len(nowhere):
        return
    lost: dict[tuple[int, str, tuple[str, ...]], list[_Lost]] = {}
    for stage, found in (*_lost_blocks(ground, blocks), *_lost_groups(ground, nowhere)):
        cut_off = {f"contiguous[{school},{f.stages[stage]}]" for school in found.schools}
        if not cut_off or not cut_off <= set(f.unmendable):
            lost.setdefault((stage, found.key, found.schools), []).append(found)
    for (stage, key, _), alike in sorted(lost.items(), key=lambda item: -sum(found.students for found in item[1])):
        yield _tell(ground, stage, key, alike)


@dataclass(frozen=True)
class _Lost:
    """Units that keep together, and what leaves them no school."""

    units: Ints
    students: int
    key: str
    rules: tuple[str, ...]
    nearest_m: float
    """Metres from the farthest of them to the nearest school beyond the ceiling; inf where there is none."""
    schools: tuple[str, ...] = ()
    """Ids of those that they may go to, and whose catchments cannot reach them in one piece."""


def _lost_blocks(ground: Ground, blocks: Ints) -> Iterator[tuple[int, _Lost]]:
    f = ground.f
    for block, (schools, between) in zip(blocks.tolist(), find_walls(ground, blocks), strict=True):
        units, stage = f.blocks.members(block), int(f.blocks.stage[block])
        first, metres = ground.barring.first[block], ground.barring.metres[block]
        found = _find_loss(ground, stage, units, int(f.blocks.size[block]), first, metres)
        rules, ids = tuple(dict.fromkeys([*found.rules, *between])), tuple(f.school_ids[school] for school in schools)
        yield stage, replace(found, rules=rules, schools=ids)


def _lost_groups(ground: Ground, nowhere: Ints) -> Iterator[tuple[int, _Lost]]:
    groups = ground.groups
    for group in nowhere.tolist():
        unit, stage, students = groups.unit[[group]], int(groups.stage[group]), int(groups.students[group].sum())
        yield stage, _find_loss(ground, stage, unit, students, ground.barred[group], ground.travel.metres[unit[0]])


def _find_loss(ground: Ground, stage: int, units: Ints, students: int, first: Ints, metres: Floats) -> _Lost:
    names, teaching = ground.barring.rules, first >= 0
    barring = [names[k] for k in np.unique(first[teaching]) if k < len(names)]
    rules = [rule for name in barring for rule in ground.meant(name)]
    last = barring[-1] if barring else "nobody"
    key = (ground.meant(last) or (last,))[0]
    if last == "assigned" and _is_island(ground, stage, units):
        key = "island"
    beyond = metres[first == names.index("max_travel")]
    together = ["indivisible"] if len(units) > 1 and rules else []
    return _Lost(units, students, key, tuple(dict.fromkeys([*rules, *together])), float(beyond.min(initial=np.inf)))


def _is_island(ground: Ground, stage: int, units: Ints) -> bool:
    """Whether units lie in parts of the district that border on no unit with a school of the stage."""
    if ground.travel.neighbours is None:
        return False
    schools = ground.district.schools
    component = find_components(ground.travel.neighbours, len(ground.f.unit_ids))
    sited = schools.unit[schools.serves(ground.f.stages[stage]) & (schools.unit >= 0)]
    return not np.isin(component[units], component[sited]).any()


def _tell(ground: Ground, stage: int, key: str, lost: list[_Lost]) -> Count:
    rows = sorted({int(unit) for found in lost for unit in found.units})
    units, students = tuple(ground.f.unit_ids[unit] for unit in rows), sum(found.students for found in lost)
    facts: dict[str, object] = {
        "students": students,
        "stage": ground.f.stages[stage],
        "count": len(units),
        "units": list(units),
        "schools": list(lost[0].schools),
    }
    if key == "max_travel":
        facts["ceiling"] = ground.district.settings.policy.travel.max_m[ground.f.stages[stage]]
        facts["nearest"] = int(np.ceil(max(found.nearest_m for found in lost)))
    rules = dict.fromkeys(rule for found in lost for rule in found.rules)
    return Count(f"stranded.{key}", facts, tuple(rules), float(students), units, lost[0].schools)

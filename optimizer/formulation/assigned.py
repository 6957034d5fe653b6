"""`assigned` and `indivisible`: what is assigned, and to whom it may go at all."""

import numpy as np

from models.district import Bools, District, Floats, Ints, Travel
from models.stages import Stage
from optimizer.formulation.catchments import open_units, receiving_today
from optimizer.formulation.draft import Draft, Standing, expand
from optimizer.formulation.formulation import Blocks, Column, find_columns


def start_draft(district: District, travel: Travel, standing: Standing, everybody: int) -> Draft:
    """Σ_j assign[b,j] = 1 for every block b: one school a block, among the schools that teach its stage.

    Units of one estate make one block (they keep together), unless none of them may change: then each stands as it is.
    Where children may sit outside their catchment no unit is divided, whatever `indivisible` says: overflow is the one
    way in which its children part. Pairs out of reach do not exist; a block without children that nobody reaches may go
    anywhere, so that the map has no holes.
    """
    stages = tuple(district.settings.instance.stages)
    asked, rules = district.settings.catchments.indivisible, district.settings.rules
    entry = district.settings.instance.mode == "entry"
    divisible = not (asked and rules.indivisible == "hard") and not (entry and rules.overflow != "hard")
    columns = _columns(district, stages, apart=divisible and not entry and _has_kinds_apart(district))
    blocks = _build_blocks(district, stages, columns)
    block, school = _serving_pairs(district, stages, blocks)
    of_stage = np.stack([district.demand.of_stage(stage) for stage in stages], axis=1)
    student_km, farthest_m = _measure_pairs(travel, blocks, of_stage, block, school)
    reachable = np.isfinite(farthest_m)
    stranded = ~_any_by_block(reachable, block, len(blocks)) & (blocks.size == 0)
    allowed = reachable | stranded[block]
    student_km = np.where(reachable, student_km, 0.0)
    return Draft(
        district=district,
        travel=travel,
        standing=standing,
        everybody=everybody,
        stages=stages,
        columns=columns,
        divisible=divisible,
        blocks=blocks,
        block=block,
        school=school,
        farthest_m=farthest_m,
        allowed=allowed,
        price={"travel": student_km},
    )


def _has_kinds_apart(district: District) -> bool:
    """Whether it matters which children of a unit go where: `stability` counts zoned ones alone."""
    zoned = {district.settings.categories[cohort.category].zoned for cohort in district.demand.cohorts}
    return district.current is not None and len(zoned) > 1


def _columns(district: District, stages: tuple[Stage, ...], *, apart: bool) -> tuple[Column, ...]:
    """One column a stage, grade and, where kinds are told `apart`, category; one at least a stage."""
    cohorts = [cohort for cohort in district.demand.cohorts if cohort.stage in stages]
    found = {Column(cohort.stage, cohort.grade, cohort.category if apart else "") for cohort in cohorts}
    empty = {Column(stage, "", "") for stage in stages if not any(column.stage == stage for column in found)}
    return tuple(sorted(found | empty, key=lambda column: (stages.index(column.stage), *_grade_order(column))))


def _grade_order(column: Column) -> tuple[int, str, str]:
    digits = "".join(filter(str.isdigit, column.grade))
    return (int(digits) if digits else 0, column.grade, column.category)


def _build_blocks(district: District, stages: tuple[Stage, ...], columns: tuple[Column, ...]) -> Blocks:
    asked = district.settings.catchments.indivisible
    whole = asked and district.settings.rules.indivisible == "hard"
    group = _number_estates(district, np.full(len(district.units), whole) & ~_standing_estates(district))
    estate = _number_estates(district, np.full(len(district.units), asked))
    groups = int(group.max()) + 1
    order = np.argsort(group, kind="stable")
    lengths = np.bincount(group, minlength=groups)
    count = len(stages)
    students = np.zeros((groups * count, len(columns)), dtype=np.int64)
    children = np.zeros((len(group), count), dtype=np.int64)
    for k, column in enumerate(find_columns(columns, district.demand.cohorts)):
        if column >= 0:
            by_group = np.bincount(group, weights=district.demand.students[:, k], minlength=groups).astype(np.int64)
            rows = np.arange(groups) * count + stages.index(columns[column].stage)
            students[rows, column] += by_group
            children[:, stages.index(columns[column].stage)] += district.demand.students[:, k]
    return Blocks(
        stage=np.tile(np.arange(count), groups),
        students=students,
        start=np.concatenate([[0], np.cumsum(np.repeat(lengths, count))]),
        units=order[expand(np.repeat(np.cumsum(lengths) - lengths, count), np.repeat(lengths, count))],
        estate=(estate[np.unique(group, return_index=True)[1], None] * count + np.arange(count)).ravel(),
        of_unit=group[:, None] * count + np.arange(count),
        children=children,
    )


def _number_estates(district: District, together: Bools) -> Ints:
    """Number the units in the order of their first unit, those of one estate alike where they keep `together`."""
    first: dict[str, int] = {}
    estates = enumerate(district.units.estate)
    keys = [f"estate {estate}" if estate and together[row] else f"unit {row}" for row, estate in estates]
    return np.array([first.setdefault(key, len(first)) for key in keys], dtype=np.int64)


def _standing_estates(district: District) -> Bools:
    """Units of estates all of whose units keep today's catchments: one that is divided today is inherited so."""
    settings, current = district.settings, district.current
    estates = np.array(district.units.estate)
    stays = np.full(len(estates), settings.instance.mode == "entry" and not settings.rules.strict)
    if current is None or settings.catchments.change == "free":
        return np.zeros_like(stays)
    for stage in settings.instance.stages:
        held = receiving_today(district, current, stage)
        stays &= held.any(axis=1) & ~open_units(district, held)
    return np.asarray(stays & ~np.isin(estates, estates[~stays]))


def _serving_pairs(district: District, stages: tuple[Stage, ...], blocks: Blocks) -> tuple[Ints, Ints]:
    serving = np.stack([district.schools.serves(stage) for stage in stages])
    block, school = np.nonzero(serving[blocks.stage])
    return block.astype(np.int64), school.astype(np.int64)


def _measure_pairs(travel: Travel, blocks: Blocks, of_stage: Ints, block: Ints, school: Ints) -> tuple[Floats, Floats]:
    """Student-kilometres of each pair, and metres from its farthest unit that has children."""
    lengths = np.diff(blocks.start)[block]
    pair_of_row = np.repeat(np.arange(len(block)), lengths)
    unit = blocks.units[expand(blocks.start[block], lengths)]
    metres = travel.metres[unit, school[pair_of_row]]
    children = of_stage[unit, blocks.stage[block][pair_of_row]]
    counts = (children > 0) | (blocks.size[block] == 0)[pair_of_row]
    farthest = np.zeros(len(block))
    np.maximum.at(farthest, pair_of_row[counts], metres[counts])
    with_children = children > 0
    student_m = np.bincount(
        pair_of_row[with_children], weights=metres[with_children] * children[with_children], minlength=len(block)
    )
    return student_m / 1000.0, farthest


def _any_by_block(mask: Bools, block: Ints, count: int) -> Bools:
    return np.asarray(np.bincount(block[mask], minlength=count) > 0)

"""`class_size`, `classrooms` and `small_classes`: children decide classes, rooms bound them.

A grade of n children in k classes is split evenly: sizes differ by at most one, so that
min(k, max(0, (m + 1) k - n)) classes have at most m children. Children counted by stage alone are spread over its
grades at the school, the first grades taking one more.
"""

from collections.abc import Iterator

import numpy as np

from models.district import Bools
from models.settings import Target
from models.stages import COMPULSORY, SERVES, Stage, grades_of
from optimizer.formulation.draft import Draft
from optimizer.formulation.formulation import ClassRules, Grade, Rooms, ShareTarget
from optimizer.formulation.stock import keep_reserve, rooms_left, rooms_that_last, tracks


def add_classes(draft: Draft) -> None:
    """Collect what bounds the classes of every school.

    class_size:    n[j,g] ≤ cap · k[j,g]            (soft: children above the cap; never above the ceiling; off:
                                                     the caps still say how many classes open while rooms last;
                                                     mode `entry` without a cap: one class for whoever enters)
    classrooms:    Σ_g k[j,g] ≤ rooms[j]            (also by stage where `classrooms_STAGE` is given)
    tracks:        k[j,g] ≤ tracks[j], and as many classes in each of the next years fit the rooms   (mode `entry`):
                   Σ_g min(h + 1, grades of the stage) · k[j,g] + continuing classes h years on ≤ rooms[j]
    small_classes: Σ small[j,g,m] ≥ share_m · Σ k   (public schools, grades 1-9; soft: the level `small_classes`)
    """
    settings = draft.district.settings
    grades = _grades(draft)
    if not grades:
        return
    targets = settings.policy.class_size.targets if settings.rules.small_classes != "off" else []
    draft.classes = ClassRules(
        grades=grades,
        taught=_taught(draft, grades),
        cap=settings.rules.class_size,
        rooms=(*_rooms(draft, grades), *_tracks(draft, grades)),
        targets=tuple(_target(draft, target) for target in targets if target.share > 0),
        targets_hard=settings.rules.small_classes == "hard",
        public=~draft.district.schools.private,
    )


def _target(draft: Draft, target: Target) -> ShareTarget:
    """A share of the classes the plan decides, or with `targets_apply = "all"` of the continuing ones as well."""
    district, stock = draft.district, draft.district.stock
    if stock is None or district.settings.policy.class_size.targets_apply == "decided":
        return ShareTarget(target.max_size, target.share)
    counts = (
        np.array([stage in COMPULSORY for stage in stock.stage], dtype=bool) & ~district.schools.private[stock.school]
    )
    small = np.clip((target.max_size + 1) * stock.classes - stock.students, 0, stock.classes)
    return ShareTarget(target.max_size, target.share, int(stock.classes[counts].sum()), int(small[counts].sum()))


def _grades(draft: Draft) -> tuple[Grade, ...]:
    settings = draft.district.settings
    policy, hardness = settings.policy.class_size, settings.rules.class_size
    most = max(1, draft.everybody)
    found = []
    for stage in draft.stages:
        if stage not in policy.cap and not draft.entry:
            continue
        names = grades_of(stage, settings.instance.system)[: 1 if draft.entry else None]
        cap = policy.cap.get(stage, most)
        cap = min(cap, policy.ceiling or most) if hardness != "off" else cap
        cap = max(1, keep_reserve(draft, cap)) if draft.entry and stage in policy.cap else cap
        ceiling = {"hard": cap, "soft": policy.ceiling or most, "off": max(cap, most)}[hardness]
        for position, grade in enumerate(names):
            found.append(
                Grade(
                    stage=stage,
                    grade=grade,
                    position=position,
                    of=len(names),
                    counted=_columns_of(draft, stage, grade),
                    spread=_columns_of(draft, stage, ""),
                    cap=cap,
                    ceiling=ceiling,
                    compulsory=stage in COMPULSORY,
                )
            )
    return tuple(found)


def _columns_of(draft: Draft, stage: Stage, grade: str) -> tuple[int, ...]:
    """Columns of every kind of children that are counted by one grade, or by stage alone ("")."""
    return tuple(k for k, column in enumerate(draft.columns) if (column.stage, column.grade) == (stage, grade))


def _taught(draft: Draft, grades: tuple[Grade, ...]) -> Bools:
    return np.array([[grade.stage in SERVES[kind] for grade in grades] for kind in draft.district.schools.types])


def _rooms(draft: Draft, grades: tuple[Grade, ...]) -> tuple[Rooms, ...]:
    schools = draft.district.schools
    if draft.district.settings.rules.classrooms == "off":
        return ()
    found = []
    for row in range(len(schools)):
        hard = draft.hardness("classrooms", row) == "hard"
        for name, stages, rooms in _given_rooms(draft, row):
            mask = np.array([grade.stage in stages for grade in grades], dtype=bool)
            if np.isfinite(rooms) and mask.any():
                free = rooms_left(draft, row, stages, rooms) if draft.entry else int(rooms)
                full = _full_class(grades, mask)
                found.append(Rooms(f"classrooms[{name}]", row, 1 * mask, free, hard, full))
    return tuple(found)


def _tracks(draft: Draft, grades: tuple[Grade, ...]) -> Iterator[Rooms]:
    """Rooms for the entry grades: tracks of each, and of all what lasts over the horizon."""
    settings, schools = draft.district.settings, draft.district.schools
    system = settings.instance.system
    if settings.rules.tracks == "off" or not draft.entry:
        return
    for row, school_id in enumerate(schools.ids):
        hard = draft.hardness("tracks", row) == "hard"
        for stage in _planned(draft, row):
            mask = np.array([grade.stage == stage for grade in grades], dtype=bool)
            most = tracks(draft, row, stage)
            if np.isfinite(most) and mask.any():
                yield Rooms(f"tracks[{school_id},{stage}]", row, 1 * mask, int(most), hard, _full_class(grades, mask))
        for name, stages, rooms in _given_rooms(draft, row):
            mask = np.array([grade.stage in stages for grade in grades], dtype=bool)
            for years in range(1, settings.policy.tracks.horizon if mask.any() and np.isfinite(rooms) else 1):
                left = rooms_that_last(draft, row, stages, rooms, years)
                alike = np.array([min(years + 1, len(grades_of(grade.stage, system))) for grade in grades]) * mask
                common = int(np.gcd.reduce(alike))
                named = f"tracks[{name},+{years}]"
                yield Rooms(named, row, alike // common, left // common, hard, _full_class(grades, mask))


def _planned(draft: Draft, school: int) -> list[Stage]:
    return [stage for stage in SERVES[draft.district.schools.types[school]] if stage in draft.stages]


def _given_rooms(draft: Draft, school: int) -> list[tuple[str, list[Stage], float]]:
    """Rooms of a whole school, and of each planned stage for which they are given: a name, the stages, the rooms."""
    schools = draft.district.schools
    of_stage = schools.classrooms_of_stage
    name = schools.ids[school]
    given = [(name, list(SERVES[schools.types[school]]), float(schools.classrooms[school]))]
    stages = [stage for stage in _planned(draft, school) if stage in of_stage]
    return [*given, *((f"{name},{stage}", [stage], float(of_stage[stage][school])) for stage in stages)]


def _full_class(grades: tuple[Grade, ...], mask: Bools) -> int:
    return max(grade.cap for grade, held in zip(grades, mask, strict=True) if held)

"""Classes that the caps and the shares of small classes ask for, against rooms and tracks."""

from collections.abc import Iterator

import numpy as np

from models.diagnosis import Count
from models.district import Bools, Ints
from models.stages import COMPULSORY
from optimizer.diagnose.count.capacity import Capacity, Most
from optimizer.diagnose.count.ground import Ground
from optimizer.formulation.formulation import ClassRules, Formulation, ShareTarget

ROOM_RULES = frozenset({"classrooms", "tracks", "class_size", "reserve"})
"""Rules by which classes are what is short."""
EXACT = 1e-9


def count_rooms(ground: Ground, capacity: Capacity) -> Iterator[Count]:
    """Yield sets of children whose classes find no rooms at their schools: of the district, and of corners of it."""
    if ground.f.classes is None or ground.f.classes.cap == "off":
        return
    every: Bools = np.any(ground.groups.may, axis=0)
    found = [*_corners_short(ground, capacity), count_rooms_of(ground, capacity, every)]
    counted = sorted(filter(None, found), key=lambda count: (-count.short, len(count.schools)))
    told: set[str] = set()
    for count in counted:
        if not count.units or not told & set(count.schools):
            told |= set(count.schools)
            yield count


def count_rooms_of(ground: Ground, capacity: Capacity, schools: Bools) -> Count | None:
    """Return the classes of those who can go to `schools` alone against the rooms there; None where they suffice.

    Stage by stage, and all stages together where that finds more rooms missing.
    """
    rules, groups = ground.f.classes, ground.groups
    if rules is None or rules.cap == "off":
        return None
    inside = ~np.any(groups.may[:, ~schools], axis=1) & (groups.size > 0)
    stages = np.unique(groups.stage[inside])
    asked = [stages[k : k + 1] for k in range(len(stages))] + ([stages] if len(stages) > 1 else [])
    worst: Count | None = None
    for some in asked:
        of_stages = inside & np.isin(groups.stage, some)
        count = _compare(ground, capacity, rules, np.flatnonzero(of_stages), schools, some)
        if count is not None and (worst is None or count.short > worst.short):
            worst = count
    return worst


def _corners_short(ground: Ground, capacity: Capacity) -> Iterator[Count | None]:
    """Of every set of schools that some children may go to, those that are short of rooms for whoever has no other."""
    for schools in np.unique(ground.groups.may, axis=0):
        yield count_rooms_of(ground, capacity, schools)


def _compare(
    ground: Ground, capacity: Capacity, rules: ClassRules, groups: Ints, schools: Bools, stages: Ints
) -> Count | None:
    """The classes that some children need against those for which the schools have rooms."""
    most = capacity.classes[tuple(stages.tolist())]
    students = ground.groups.students[groups].sum(axis=0)
    teaching = schools & ground.groups.may[groups].any(axis=0)
    rooms, needed = float(most.number[teaching].sum()), _least_classes(ground, rules, students, stages)
    if needed is None or needed <= rooms:
        return None
    of_stages = np.isin(ground.groups.stage, stages) & (ground.groups.size > 0)
    serving = np.any([ground.district.schools.serves(ground.f.stages[s]) for s in stages], axis=0)
    left_out = bool((serving & (most.number > 0) & ~teaching).any())
    whole = len(groups) == int(of_stages.sum()) and not left_out
    return _tell(ground, most, (groups, whole), teaching, (int(students.sum()), needed, int(rooms)), stages)


def _least_classes(ground: Ground, rules: ClassRules, students: Ints, stages: Ints) -> int | None:
    """Classes that children need at the least, grade by grade, as if they all sat together; None without a cap."""
    needed = 0
    for s in stages:
        grades = [grade for grade in rules.grades if grade.stage == ground.f.stages[s]]
        if not grades:
            return None
        parts = [int(students[list(grade.counted)].sum()) for grade in grades]
        spread = int(students[list(grades[0].spread)].sum())
        parts = [sum(parts) + spread] if spread else parts
        needed += sum(-(-part // grades[0].ceiling) for part in parts)
    return needed


def _tell(
    ground: Ground, most: Most, who: tuple[Ints, bool], schools: Bools, figures: tuple[int, int, int], stages: Ints
) -> Count:
    groups, whole = who
    students, needed, rooms = figures
    units = () if whole else ground.units_of(groups)
    by, named = most.at(schools), ground.schools_of(schools)
    kind = "tracks" if "tracks" in by else "rooms"
    barring = () if whole else ground.barred_by(groups, schools)
    facts: dict[str, object] = {
        "students": students,
        "classes": needed,
        "rooms": rooms,
        "short": needed - rooms,
        "caps": _caps_of(ground.f, stages),
        "stage": ground.name_stages(stages),
        "count": len(units),
        "units": list(units),
        "schools": list(named),
        "rules": list(barring),
    }
    kept = ground.f.pool is not None and ground.district.settings.policy.reserve_share > 0
    rules = dict.fromkeys([*barring, *by, "class_size", *(["reserve"] if kept else [])])
    return Count(kind if whole else f"{kind}_confined", facts, tuple(rules), float(needed - rooms), units, named)


def _caps_of(f: Formulation, stages: Ints) -> dict[str, int]:
    """Children that a class may hold, by stage."""
    named = {f.stages[s] for s in stages}
    grades = f.classes.grades if f.classes is not None else ()
    return {grade.stage: grade.ceiling for grade in grades if grade.stage in named}


def count_shares(ground: Ground, capacity: Capacity) -> Iterator[Count]:
    """Yield the rooms that the shares of small classes lack, where the caps alone would leave enough.

    Of K classes at least share · K have at most m children; that bounds the children whom K rooms hold. Only public
    schools count, so whoever may sit on purchased places is left out. Where nobody sits but children whose seats are
    decided, as at a special school, they open no more classes than they are.
    """
    rules = ground.f.classes
    if rules is None or not rules.targets or not rules.targets_hard or rules.cap == "off":
        return
    stages = np.array([s for s, stage in enumerate(ground.f.stages) if stage in COMPULSORY], dtype=np.int64)
    by_stage = _children_of_public_schools(ground, capacity, rules, stages)
    if not by_stage:
        return
    most = capacity.classes[tuple(stages.tolist())]
    open_to = ground.groups.may[np.isin(ground.groups.stage, stages)].any(axis=0)
    decided = ground.taken[:, np.isin(ground.stage_of, stages)].sum(axis=1)
    teaching = rules.public & (open_to | (decided > 0))
    classes = np.where(open_to, most.number, np.minimum(most.number, decided))
    rooms, students = float(classes[teaching].sum()), sum(n for n, _ in by_stage)
    if not np.isfinite(rooms):
        return
    caps = sum(-(-n // ceiling) for n, ceiling in by_stage)
    holds = _most_children(rules.targets, by_stage, int(rooms))
    if students <= holds or caps > rooms:
        return
    needed = int(rooms) + 1
    while _most_children(rules.targets, by_stage, needed) < students:
        needed += 1
    named = ground.schools_of(teaching)
    facts: dict[str, object] = {
        "students": students,
        "most": holds,
        "classes": needed,
        "rooms": int(rooms),
        "short": needed - int(rooms),
        "caps": _caps_of(ground.f, stages),
        "stage": ground.name_stages(stages),
        "targets": [f"≤ {target.max_size}: {100 * target.share:g} %" for target in rules.targets],
    }
    found = ("small_classes", *most.at(teaching), "class_size")
    yield Count("shares", facts, tuple(dict.fromkeys(found)), float(needed - int(rooms)), (), named)


def _children_of_public_schools(
    ground: Ground, capacity: Capacity, rules: ClassRules, stages: Ints
) -> list[tuple[int, int]]:
    """Children of each stage, at least, who sit at public schools, and the largest class they may sit in.

    Nothing where a stage has no cap, or private schools have places without limit.
    """
    found, private = [], ~rules.public
    everybody, decided = ground.groups.size, ground.taken[rules.public].sum(axis=0)
    for s in stages:
        ceilings = [grade.ceiling for grade in rules.grades if grade.stage == ground.f.stages[s]]
        of_stage = ground.groups.stage == s
        going = private & ground.groups.may[of_stage].any(axis=0)
        purchased = float(capacity.of_stage[s].number[going].sum())
        if not ceilings or not np.isfinite(purchased):
            return []
        seated = int(decided[ground.stage_of == s].sum())
        found.append((max(0, int(everybody[of_stage].sum()) - int(purchased)) + seated, ceilings[0]))
    return found


def _most_children(targets: tuple[ShareTarget, ...], by_stage: list[tuple[int, int]], classes: int) -> int:
    """Children of all stages in so many classes, as many of them small as the shares ask for."""
    small: list[tuple[int, int]] = []
    largest = max(ceiling for _, ceiling in by_stage)
    for target in sorted(targets, key=lambda target: target.max_size):
        asked = target.share * (classes + target.standing) - target.standing_small
        small.append((min(target.max_size, largest), int(np.ceil(asked - EXACT))))
    total, counted = 0, 0
    for size, least in small:
        more = max(0, min(least, classes) - counted)
        total, counted = total + size * more, counted + more
    left = classes - counted
    for students, ceiling in sorted(by_stage, key=lambda stage: -stage[1]):
        full = min(left, -(-students // ceiling))
        total, left = total + ceiling * full, left - full
    return total + left * largest

"""`staff_need` and `staff_quota`: the weeks of those who teach against the lessons of the classes."""

import math
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from models.district import Floats, Ints
from models.staffing import ANY
from optimizer.formulation.program.writer import Terms, Writer
from optimizer.formulation.staffing.formulation import StaffFormulation
from optimizer.formulation.staffing.groups import COORDINATED, count_spare

Cell = tuple[int, int]
"""Position of a faculty and of a subject."""
LEAST_FRACTION = 1e-3
EXACT = 1e-9
PART = 1.0
"""Of a post, at most, that a school borrows in a subject: more would be a posting."""


@dataclass(frozen=True)
class Week:
    """Columns that divide the weeks of a faculty's teachers; shape (faculties, subjects), -1 where there is none."""

    own: Ints
    """Posts given to the own subject."""
    any: Ints
    """Posts of teachers of a subject given to lessons that any teacher may give."""
    second: dict[tuple[int, int, int], int]
    """Posts of teachers of one subject given to their second one, by faculty and the two subjects."""
    lent: Ints
    borrowed: Ints
    """Posts lent to, and borrowed from, schools of the same group or zone (走教)."""
    vacant: Ints
    brought: "dict[Cell, Brought]"
    """Who brings the posts of each faculty and subject."""


def add_week(w: Writer, f: StaffFormulation, take: Ints, classes: Ints) -> Week:
    """own + any + Σ second + lent ≤ Σ posts of those who teach the subject there   for every faculty and subject.

    Vacant posts are priced in the level `vacancies`, whatever the subject; no more are vacant than classes can need.
    """
    faculties, subjects = len(f.need.faculties), len(f.need.subjects)
    any_at = f.need.column[ANY]
    supply, seconds = _supply(f, take)
    table = {name: np.full((faculties, subjects), -1, dtype=np.int64) for name in ("own", "any", "lent", "borrowed")}
    vacant = w.columns(_most_needed(w, f, classes).ravel(), whole=False).reshape(faculties, subjects)
    w.prices("vacancies", int(vacant[0, 0]) if faculties else 0, np.ones(faculties * subjects))
    second: dict[tuple[int, int, int], int] = {}
    clusters = _clusters(f)
    for faculty in range(faculties):
        for subject in range(subjects):
            brought = supply.get((faculty, subject))
            if brought is None:
                continue
            most = brought.most(w)
            uses = [w.column(most, whole=False)]
            table["any"][faculty, subject] = uses[0]
            if subject != any_at:
                uses.append(w.column(most, whole=False))
                table["own"][faculty, subject] = uses[-1]
                if clusters[faculty] is not None:
                    uses.append(w.column(most, whole=False))
                    table["lent"][faculty, subject] = uses[-1]
            for other, also in seconds.get((faculty, subject), {}).items():
                uses.append(w.column(also.most(w), whole=False))
                second[faculty, subject, other] = uses[-1]
                spent = [(uses[-1], 1.0), *((column, -value) for column, value in also.terms)]
                w.row(f"second[{faculty},{subject},{other}]", spent, -np.inf, also.settled)
            given = [(column, 1.0) for column in uses] + [(column, -value) for column, value in brought.terms]
            w.row(f"week[{faculty},{f.need.subjects[subject]}]", given, -np.inf, brought.settled)
    _add_sharing(w, f, table["lent"], table["borrowed"], clusters)
    return Week(table["own"], table["any"], second, table["lent"], table["borrowed"], vacant, supply)


def add_cover(w: Writer, f: StaffFormulation, week: Week, classes: Ints) -> None:
    """own + Σ second + borrowed + vacant ≥ need + Σ_g posts_a_class[g] · further[g]   for every faculty and subject."""
    any_at = f.need.column[ANY]
    taught = _class_terms(f, classes)
    into: dict[tuple[int, int], list[int]] = {}
    for (faculty, _, other), column in week.second.items():
        into.setdefault((faculty, other), []).append(column)
    for faculty in range(len(f.need.faculties)):
        for subject, name in enumerate(f.need.subjects):
            need = float(f.need.posts[faculty, subject])
            opened = [(column, -posts[subject]) for column, posts in taught.get(faculty, []) if posts[subject]]
            given = [int(week.own[faculty, subject]), int(week.borrowed[faculty, subject])]
            if subject == any_at:
                given = week.any[faculty].tolist()
            given = [column for column in (*given, *into.get((faculty, subject), [])) if column >= 0]
            if need or opened:
                terms = [(column, 1.0) for column in (*given, int(week.vacant[faculty, subject]))]
                w.row(f"staff_need[{faculty},{name}]", [*terms, *opened], need, np.inf)
            if need and subject != any_at:
                _add_rounding(w, f"rounded[{faculty},{name}]", need, week, (faculty, subject), given)


def _add_rounding(w: Writer, name: str, need: float, week: Week, cell: Cell, given: list[int]) -> None:
    """others + f · Σ take ≥ f · ⌈n⌉   where n are the posts left when the settled are in place, f its fraction.

    Whole teachers leave a fraction of a post to others: vacancies, second subjects, parts borrowed (a rounding cut).
    """
    brought = week.brought.get(cell, Brought())
    left = need - brought.settled
    fraction = left - math.floor(left)
    whole = [(column, fraction) for column, posts in brought.terms if posts == 1.0]
    if left <= 0 or not whole or min(fraction, 1.0 - fraction) < LEAST_FRACTION:
        return
    parts = [(column, posts) for column, posts in brought.terms if posts != 1.0]
    others = [(column, 1.0) for column in (int(week.vacant[cell]), *given) if column != week.own[cell]]
    w.row(name, [*others, *parts, *whole], fraction * math.ceil(left), np.inf)


def add_quota(w: Writer, f: StaffFormulation, take: Ints) -> None:
    """Staff of a pool who hold its posts ≤ what is approved for it, or what there are where that is more."""
    hardness = f.district.settings.rules.staff_quota
    if hardness == "off" or not len(f.options):
        return
    pool_of = f.pools.of_school[f.need.faculties.school]
    settled = f.roster.stays & f.roster.quota
    counts = f.roster.quota[f.groups.first][f.options.group]
    for pool, name in enumerate(f.pools.names):
        held = int((pool_of[f.roster.faculty[settled]] == pool).sum())
        kept = np.flatnonzero(counts & (pool_of[f.options.faculty] == pool))
        if len(kept):
            terms: Terms = [(int(column), 1.0) for column in take[kept]]
            if hardness == "soft":
                beyond = w.column(w.beyond)
                w.price("rotation", beyond, 1.0)
                terms.append((beyond, -1.0))
            w.row(f"staff_quota[{name}]", terms, -np.inf, float(f.quota[pool] - held))


def add_spare(w: Writer, f: StaffFormulation, take: Ints, classes: Ints) -> None:
    """Σ sent + Σ posts_a_class · further ≤ posts of those there - need, or nobody is sent: where classes may open.

    Those sent are not needed by their school; a class that opens needs them.
    """
    taught, spare = _class_terms(f, classes), count_spare(f.need, f.roster)
    sent = defaultdict[Cell, Terms](list)
    for at in np.flatnonzero(f.options.form == COORDINATED).tolist():
        teacher = int(f.groups.first[f.options.group[at]])
        sent[int(f.roster.faculty[teacher]), int(f.roster.subject[teacher])].append((int(take[at]), 1.0))
    for (faculty, subject), terms in sent.items():
        opened = [(column, posts[subject]) for column, posts in taught.get(faculty, []) if posts[subject]]
        if not opened:
            continue
        left, some = float(spare[faculty, subject]), w.column(1.0)
        beyond = max(0.0, sum(w.upper[column] * posts for column, posts in opened) - left)
        name = f"spare[{faculty},{f.need.subjects[subject]}]"
        w.row(name, [*terms, (some, -float(f.surplus[faculty, subject]))], -np.inf, 0.0)
        w.row(name, [*terms, *opened, (some, beyond)], -np.inf, left + beyond + EXACT)


@dataclass
class Brought:
    """Posts that teachers bring: columns of those who may come with the posts each brings, and what is settled."""

    terms: Terms = field(default_factory=list)
    settled: float = 0.0

    def most(self, w: Writer) -> float:
        """Return the posts that can come together."""
        return self.settled + sum(value * w.upper[column] for column, value in self.terms)


def _supply(f: StaffFormulation, take: Ints) -> tuple[dict[Cell, Brought], dict[Cell, dict[int, Brought]]]:
    """Posts that teachers bring by faculty and subject; of these the ones with a second subject, by that subject."""
    roster = f.roster
    supply = defaultdict[Cell, Brought](Brought)
    seconds = defaultdict[Cell, dict[int, Brought]](dict)

    def places(faculty: int, teacher: int) -> list[Brought]:
        """Where the posts of a teacher are booked."""
        subject, other = int(roster.subject[teacher]), int(roster.second[teacher])
        held = [supply[faculty, subject]]
        if other >= 0 and other != subject:
            held.append(seconds[faculty, subject].setdefault(other, Brought()))
        return held

    for teacher in np.flatnonzero(roster.stays & (roster.posts > 0)).tolist():
        for brought in places(int(roster.faculty[teacher]), teacher):
            brought.settled += float(roster.posts[teacher])
    for column, group, faculty in zip(take.tolist(), f.options.group, f.options.faculty.tolist(), strict=True):
        teacher = int(f.groups.first[group])
        if roster.posts[teacher] > 0:
            for brought in places(faculty, teacher):
                brought.terms.append((column, float(roster.posts[teacher])))
    return supply, seconds


def _clusters(f: StaffFormulation) -> list[tuple[str, str] | None]:
    """Among which faculties a week may be divided: the group or zone of the school and the stage; None for nobody."""
    level, schools = f.district.settings.policy.staffing.shared_posts, f.district.schools
    labels = {"none": ("",) * len(schools), "group": schools.group, "zone": schools.zone}[level]
    found = [
        (labels[school], stage) if labels[school] else None
        for school, stage in zip(f.need.faculties.school.tolist(), f.need.faculties.stage, strict=True)
    ]
    return [key if key is not None and found.count(key) > 1 else None for key in found]


def _add_sharing(
    w: Writer, f: StaffFormulation, lent: Ints, borrowed: Ints, clusters: list[tuple[str, str] | None]
) -> None:
    """Σ borrowed = Σ lent   for every cluster and subject."""
    for cluster in dict.fromkeys(key for key in clusters if key is not None):
        held = np.array([row for row, key in enumerate(clusters) if key == cluster])
        for subject, name in enumerate(f.need.subjects):
            lending = lent[held, subject][lent[held, subject] >= 0]
            if not len(lending):
                continue
            borrowed[held, subject] = w.columns(np.full(len(held), PART), whole=False)
            terms = [(int(at), 1.0) for at in borrowed[held, subject]] + [(int(at), -1.0) for at in lending]
            w.row(f"shared[{cluster[0]},{cluster[1]},{name}]", terms, 0.0, 0.0)


def _class_terms(f: StaffFormulation, classes: Ints) -> dict[int, list[tuple[int, list[float]]]]:
    """By faculty, columns of further classes, with the posts that one of them needs by subject."""
    found: dict[int, list[tuple[int, list[float]]]] = {}
    if f.openings is None:
        return found
    for school, g in np.argwhere(classes >= 0).tolist():
        grade = f.openings.rules.grades[g]
        at, posts = f.need.faculties.row.get((school, grade.stage)), f.need.a_class.get((grade.stage, grade.grade))
        if at is not None and posts is not None:
            found.setdefault(at, []).append((int(classes[school, g]), posts.tolist()))
    return found


def _most_needed(w: Writer, f: StaffFormulation, classes: Ints) -> Floats:
    """Posts of all classes that there are and that may open, shape (faculties, subjects)."""
    most = f.need.posts.copy()
    for faculty, opened in _class_terms(f, classes).items():
        most[faculty] += sum(w.upper[column] * np.array(posts) for column, posts in opened)
    return most

"""Who may go where: teachers as groups of alike ones, and the posts that no rule forbids to each group.

Rotation stays within a stage; volunteers, and those whom their school does not need, may also go to another that their
certificate reaches (小学转初中).

Teachers are alike who work at one school and stage, teach the same, count alike in every rule and may go to the same
schools: the model decides how many of them go where, and names are given afterwards.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from pyproj import Geod

from models.district import Bools, District, Floats, Ints
from models.retirement import add_months
from models.settings import Hardness
from models.staffing import ANY, HIGHER_DEGREE, Standing, Teachers
from models.stages import SERVES, STAGES
from optimizer.formulation.staffing.need import Need, load_of
from optimizer.formulation.staffing.quota import Pools
from optimizer.formulation.staffing.standing import goes_on_with_class, years_served

Form = Literal["stay", "rotation", "cross_school", "coordinated", "recruit"]
FORMS: tuple[Form, ...] = get_args(Form)
STAY, ROTATION, CROSS_SCHOOL, COORDINATED, RECRUIT = range(len(FORMS))


@dataclass(frozen=True)
class Roster:
    """Everybody who is on the staff in the year of the plan, one entry a teacher; rows as in `district.teachers`."""

    subject: Ints
    """Column of `Need.subjects`."""
    second: Ints
    """Likewise, -1 where there is none."""
    posts: Floats
    """Share of a full post that goes into lessons at the stage where the teacher works."""
    faculty: Ints
    """Where the teacher works, -1 for recruits; for those who return, where they return to."""
    stays: Bools
    """On the staff and decided: whatever the plan says, the post is `faculty`."""
    open: Bools
    """Where the plan decides the post."""
    quota: Bools
    """Holds one of the posts that the quota counts (编制、员额); re-engaged teachers do not."""
    experienced: Bools
    higher_degree: Bools
    """Shape (teachers, stages in the order of `STAGES`)."""


@dataclass(frozen=True)
class Groups:
    """Groups of alike teachers whose posts the plan decides; arrays have one entry a group."""

    members: tuple[Ints, ...]
    """Rows of the teachers of each group."""
    first: Ints
    """One teacher of each group: stands for all of them."""

    def __len__(self) -> int:
        return len(self.members)

    @property
    def size(self) -> Ints:
        """Teachers of each group."""
        return np.array([len(held) for held in self.members], dtype=np.int64)


@dataclass(frozen=True)
class Options:
    """Posts that no hard rule forbids, in long form, sorted by group; staying is the first of each that has a post."""

    group: Ints
    faculty: Ints
    form: Ints
    """Position in `FORMS`."""
    breaches: Ints
    """Soft rules that the posting breaks, and the wish that a class head goes last."""

    def __len__(self) -> int:
        return len(self.group)

    @property
    def moved(self) -> Bools:
        """Whether the posting is at another legal school."""
        return np.isin(self.form, (ROTATION, CROSS_SCHOOL, COORDINATED))


def make_roster(district: District, standing: Standing, need: Need) -> Roster:
    """Return the staff of the coming year with what the rules count of each."""
    teachers = _teachers(district)
    faculties, subjects = need.faculties, need.column
    here = np.array(
        [
            faculties.row.get((int(school), stage), -1)
            for school, stage in zip(teachers.school, teachers.stage, strict=True)
        ],
        dtype=np.int64,
    )
    home = np.array(
        [
            faculties.row.get((int(school), stage), -1)
            for school, stage in zip(teachers.home_school, teachers.stage, strict=True)
        ],
        dtype=np.int64,
    )
    here = np.where(standing.returns, home, here)
    on_staff = ~standing.leaves & (here >= 0)
    principal = teachers.is_one_of("role", "principal")
    settled = on_staff & (~standing.free | standing.returns)
    recruit = ~standing.leaves & (teachers.school < 0)
    idle = standing.absent | ~teachers.is_one_of("leave", "") | teachers.is_one_of("role", "support")
    return Roster(
        subject=np.array([subjects.get(subject, subjects[ANY]) for subject in teachers.subject], dtype=np.int64),
        second=np.array([subjects.get(second, -1) if second else -1 for second in teachers.second_subject]),
        posts=np.where(idle, 0.0, _posts(district, principal)),
        faculty=here,
        stays=settled,
        open=(on_staff & ~settled) | recruit,
        quota=~teachers.is_one_of("staff_type", "reengaged"),
        experienced=years_served(district) >= district.settings.policy.rotation.experienced_years,
        higher_degree=np.stack(
            [teachers.is_one_of("degree", *HIGHER_DEGREE.get(stage, ())) for stage in STAGES], axis=1
        ),
    )


def make_groups(
    district: District, standing: Standing, need: Need, roster: Roster, pools: Pools, surplus: Ints
) -> tuple[Groups, Options]:
    """Return the groups of open teachers, and the posts that each may take.

    `surplus`, shape (faculties, subjects), says how many teachers of a subject a faculty does not need.
    """
    teachers = _teachers(district)
    people = np.flatnonzero(roster.open)
    form, breaches = _ways(district, standing, need, roster, pools, surplus, people)
    alike = np.column_stack(
        [
            roster.faculty[people],
            roster.subject[people],
            roster.second[people],
            roster.quota[people],
            roster.experienced[people],
            roster.higher_degree[people],
            (roster.posts[people] * 1e6).astype(np.int64),
            teachers.backbone[people],
            teachers.is_one_of("role", "principal")[people],
            standing.eligible[people],
            np.where(teachers.spouse[people] >= 0, people, -1),
            form,
            breaches,
        ]
    )
    _, first, group = np.unique(alike, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    ends = np.cumsum(np.bincount(group.ravel(), minlength=len(first)))
    members = tuple(people[held] for held in np.split(order, ends[:-1])) if len(first) else ()
    held, faculty = np.nonzero(form[first] >= 0)
    at = form[first][held, faculty]
    by_group = np.lexsort((faculty, at, held))
    options = Options(
        group=held[by_group],
        faculty=faculty[by_group],
        form=at[by_group],
        breaches=breaches[first][held, faculty][by_group],
    )
    return Groups(members, people[first]), options


def _teachers(district: District) -> Teachers:
    assert district.teachers is not None
    return district.teachers


def _posts(district: District, principal: Bools) -> Floats:
    settings, teachers = district.settings, _teachers(district)
    lessons = settings.policy.staffing.principal_lessons
    load = np.array(
        [load_of(settings, stage, subject) for stage, subject in zip(teachers.stage, teachers.subject, strict=True)]
    )
    return np.where(principal, np.minimum(1.0, lessons / load), 1.0)


def _ways(
    district: District, standing: Standing, need: Need, roster: Roster, pools: Pools, surplus: Ints, people: Ints
) -> tuple[Ints, Ints]:
    """Return how each of some teachers may come to each faculty (position in `FORMS`, -1: not), and soft breaches.

    Both have shape (people, faculties).
    """
    teachers, rules, faculties = _teachers(district), district.settings.rules, need.faculties
    here, recruit = roster.faculty[people], teachers.school[people] < 0
    school = np.where(recruit, -1, teachers.school[people])
    legal = np.array(district.schools.legal, dtype=object)
    target = faculties.school
    elsewhere = (school[:, None] < 0) | (legal[school][:, None] != legal[target][None, :])
    fits, uncertified = _fits(district, need, roster, people), _lacks_certificate(district, need, people)
    fits &= _receives(district, need)
    if rules.certificate == "hard":
        fits &= ~uncertified
    possible = fits & _same_pool(pools, school, target)
    volunteer = teachers.volunteer[people][:, None] | recruit[:, None]
    spare = np.where(recruit, 0, surplus[here, roster.subject[people]])[:, None] > 0
    principal = teachers.is_one_of("role", "principal")[people][:, None]
    weaker = _weaker(district, school, target) | principal
    eligible = standing.eligible[people][:, None]
    breaches = np.zeros(possible.shape, dtype=np.int64)
    for hardness, broken in (
        (rules.no_return, _comes_from(district, people, target)),
        (rules.commute, _too_far(district, people, target)),
    ):
        possible, breaches = _apply(hardness, broken, possible, breaches)
    turned = ~weaker if rules.direction != "off" else np.zeros_like(weaker)
    own = np.array([teachers.stage[row] for row in people], dtype=object)
    same_stage = own[:, None] == np.array(faculties.stage, dtype=object)[None, :]
    as_rotation = eligible & same_stage & ~(turned if rules.direction == "hard" else np.zeros_like(turned))
    form = np.select(
        [np.broadcast_to(recruit[:, None], possible.shape), as_rotation, volunteer, spare & ~principal],
        [RECRUIT, ROTATION, CROSS_SCHOOL, COORDINATED],
        -1,
    )
    breaches = breaches + (turned & (form == ROTATION))
    if district.settings.policy.rotation.class_heads == "last":
        breaches = breaches + goes_on_with_class(district)[people][:, None]
    form = np.where(possible & elsewhere, form, -1)
    form = np.where(~elsewhere & fits, STAY, form)
    row = np.flatnonzero(~recruit)
    form[row, here[row]] = STAY
    breaches = np.where(form > STAY, breaches, 0)
    if rules.certificate == "soft":
        uncertified[row, here[row]] = False
        breaches += uncertified & (form >= STAY)
    return form, breaches


def _apply(hardness: Hardness, broken: Bools, possible: Bools, breaches: Ints) -> tuple[Bools, Ints]:
    if hardness == "hard":
        return possible & ~broken, breaches
    return possible, breaches + (broken if hardness == "soft" else 0)


def _receives(district: District, need: Need) -> Bools:
    """Which faculties may take somebody: the school is open, and teaches the stage or has classes of it."""
    schools, faculties = district.schools, need.faculties
    faculty = list(zip(faculties.school.tolist(), faculties.stage, strict=True))
    serves = np.array([stage in SERVES[schools.types[school]] for school, stage in faculty], dtype=bool)
    is_open = np.array([schools.status[school] == "open" for school, _ in faculty], dtype=bool)
    return np.asarray(is_open & (serves | (need.posts > 0).any(axis=1)))


def _fits(district: District, need: Need, roster: Roster, people: Ints) -> Bools:
    """Whether a teacher may teach at a faculty: in the own stage or one that the certificate reaches, what is taught.

    A higher certificate teaches lower stages; where none is given, it is the own stage alone.
    """
    own, held, rank = _ranks(district, need, people)
    same = rank[None, :] == own[:, None]
    principal = _teachers(district).is_one_of("role", "principal")[people][:, None]
    taught = need.posts[:, roster.subject[people]].T > 0
    reached = same | (rank[None, :] <= held[:, None])
    return np.asarray(reached & (taught | principal) & (same | ~principal))


def _lacks_certificate(district: District, need: Need, people: Ints) -> Bools:
    """Whether a teacher's certificate is for another subject, or for a stage below that of a faculty."""
    _, held, rank = _ranks(district, need, people)
    pairs = zip(_teachers(district).certificate_subject, _teachers(district).subject, strict=True)
    foreign = np.array([certified not in ("", subject, ANY) for certified, subject in pairs], dtype=bool)
    low = (held >= 0)[:, None] & (held[:, None] < rank[None, :])
    return np.asarray(foreign[people][:, None] | low)


def _ranks(district: District, need: Need, people: Ints) -> tuple[Ints, Ints, Ints]:
    """Position in STAGES of the own stage and of the certificate (-1: none) of some teachers, and of each faculty."""
    ranks: dict[str, int] = {stage: rank for rank, stage in enumerate(STAGES)}
    teachers = _teachers(district)
    own, held = (
        np.array([ranks.get(stage, -1) for stage in stages], dtype=np.int64)[people]
        for stages in (teachers.stage, teachers.certificate_stage)
    )
    return own, held, np.array([ranks[stage] for stage in need.faculties.stage], dtype=np.int64)


def _same_pool(pools: Pools, school: Ints, target: Ints) -> Bools:
    pool = pools.of_school
    return np.asarray((school[:, None] < 0) | (pool[school][:, None] == pool[target][None, :]))


def _weaker(district: District, school: Ints, target: Ints) -> Bools:
    """Whether the target is weaker than the school; True where the strength of either is not known."""
    strength = district.schools.strength
    own = np.where(school >= 0, strength[school], np.nan)
    return ~(strength[target][None, :] >= own[:, None])


def _comes_from(district: District, people: Ints, target: Ints) -> Bools:
    teachers, years = _teachers(district), district.settings.policy.rotation.no_return_years
    start = np.datetime64(f"{district.settings.instance.year}-09-01")
    free_from = add_months(teachers.left_previous[people], 12 * years)
    before, legal = teachers.previous_school[people], np.array(district.schools.legal, dtype=object)
    recent = (before >= 0) & (free_from > start)
    return np.asarray(recent[:, None] & (legal[before][:, None] == legal[target][None, :]))


def _too_far(district: District, people: Ints, target: Ints) -> Bools:
    most = district.settings.policy.rotation.max_commute_m
    if most is None:
        return np.zeros((len(people), len(target)), dtype=bool)
    return commute_m(district, people, target) > most


def commute_m(district: District, people: Ints, target: Ints) -> Floats:
    """Metres from the homes of some teachers to schools, as the crow flies; NaN where not known.

    Shape (people, schools).
    """
    teachers, schools = _teachers(district), district.schools
    home_lon, home_lat = (
        np.repeat(held[people][:, None], len(target), axis=1) for held in (teachers.lon, teachers.lat)
    )
    to_lon, to_lat = (np.repeat(held[target][None, :], len(people), axis=0) for held in (schools.lon, schools.lat))
    known = np.isfinite(home_lon + home_lat + to_lon + to_lat)
    metres = np.full(known.shape, np.nan)
    ends = (home_lon[known], home_lat[known], to_lon[known], to_lat[known])
    metres[known] = Geod(ellps="WGS84").inv(*ends)[2]
    return metres


def count_spare(need: Need, roster: Roster) -> Floats:
    """Return the posts of those who are there beyond what is needed, shape (faculties, subjects)."""
    spare = -need.posts
    there = (roster.stays | roster.open) & (roster.faculty >= 0)
    np.add.at(spare, (roster.faculty[there], roster.subject[there]), roster.posts[there])
    return spare


def count_surplus(need: Need, roster: Roster) -> Ints:
    """Return how many whole teachers of a subject each faculty does not need, shape (faculties, subjects)."""
    return np.maximum(0, np.floor(count_spare(need, roster) + 1e-9)).astype(np.int64)

"""Where teachers may be posted: rules about one teacher and one school. Rows of both broadcast against each other."""

import numpy as np
from pyproj import Geod

from models.district import Bools, Ints
from models.retirement import add_months
from models.staffed import Staffed
from models.staffing import ANY
from models.stages import STAGES
from optimizer.recheck.pools import pool_of_school
from optimizer.recheck.standing import last_day

ROTATING = ("rotation", "support")


def goes_up(staffed: Staffed, people: Ints, to: Ints) -> Bools:
    """strength[to] ≥ strength[from]. What is not given is not compared; principals follow their terms, up or down."""
    strength = np.append(staffed.district.schools.strength, np.nan)
    principal = staffed.teachers.is_one_of("role", "principal")[people]
    return np.asarray((strength[to] >= strength[staffed.before[people]]) & ~principal, dtype=bool)


def goes_back(staffed: Staffed, people: Ints, to: Ints) -> Bools:
    """Whether it is the legal school that somebody left less than `no_return_years` before 1 September."""
    teachers, years = staffed.teachers, staffed.district.settings.policy.rotation.no_return_years
    recent = (teachers.previous_school >= 0) & (add_months(teachers.left_previous, 12 * years) > last_day(staffed) + 1)
    left = staffed.legal[teachers.previous_school[people]]
    return np.asarray(recent[people] & (left == staffed.legal[to]), dtype=bool)


def goes_too_far(staffed: Staffed, people: Ints, to: Ints) -> Bools:
    """Whether it is farther from home than `max_commute_m`, as the crow flies; nobody goes too far from nowhere."""
    most, teachers = staffed.district.settings.policy.rotation.max_commute_m, staffed.teachers
    schools = staffed.district.schools
    ends = np.broadcast_arrays(teachers.lon[people], teachers.lat[people], schools.lon[to], schools.lat[to])
    known = np.isfinite(ends).all(axis=0)
    metres = np.zeros(known.shape)
    lon, lat, to_lon, to_lat = (end[known] for end in ends)
    metres[known] = Geod(ellps="WGS84").inv(lon, lat, to_lon, to_lat)[2]
    return np.asarray(metres > (np.inf if most is None else most), dtype=bool)


def lacks_certificate(staffed: Staffed, people: Ints, stage: Ints) -> Bools:
    """Whether somebody's certificate is for a lower stage or another subject.

    A higher certificate teaches lower stages; where none is given the own stage counts and no other.
    """
    teachers = staffed.teachers
    rank: dict[str, int] = {held: column for column, held in enumerate(STAGES)}
    pairs = zip(teachers.certificate_stage, teachers.stage, strict=True)
    reach = np.array([rank.get(certified or own, -1) for certified, own in pairs], dtype=np.int64)
    own, named = np.array(teachers.subject, dtype=object), np.array(teachers.certificate_subject, dtype=object)
    foreign = (named != "") & (named != ANY) & (named != own)
    lower = (stage < staffed.stage_before[people]) & (np.array(teachers.certificate_stage, dtype=object)[people] == "")
    return np.asarray(foreign[people] | lower | (stage > reach[people]), dtype=bool)


def can_rotate(staffed: Staffed) -> Bools:
    """Return who works where some other school may be reached by rotation: where a hard rule does not stand against it.

    The school teaches the subject in the stage that is taught today, is another legal school of the pool, and weaker.
    """
    rules, people = staffed.district.settings.rules, np.flatnonzero(staffed.before >= 0)[:, None]
    schools = np.arange(len(staffed.district.schools))[None, :]
    pool = np.array([*pool_of_school(staffed.district), ""], dtype=object)
    home = staffed.before[people]
    elsewhere = (staffed.legal[home] != staffed.legal[schools]) & (pool[home] == pool[schools])
    subject = np.array([staffed.subjects.index(name) for name in staffed.teachers.subject], dtype=np.int64)
    possible = elsewhere & (staffed.required[schools, staffed.stage_before[people], subject[people]] > 0)
    if rules.certificate == "hard":
        possible &= ~lacks_certificate(staffed, people, staffed.stage_before[people])
    for hardness, broken in (
        (rules.direction, goes_up),
        (rules.no_return, goes_back),
        (rules.commute, goes_too_far),
    ):
        if hardness == "hard":
            possible &= ~broken(staffed, people, schools)
    able = np.zeros(len(staffed.teachers), dtype=bool)
    able[people.ravel()] = possible.any(axis=1)
    return able

"""Feeders (对口直升): who leaves the primary schools, where they live, and which junior school binds their units."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from models.district import Catchments, Cohort, Demand, District, Feeders, Fixed, Floats, Ints, Schools
from models.rounding import divide_whole
from models.settings import Settings
from models.stages import SERVES, Stage, grades_of
from models.stock import Rates, Stock, roll_to
from optimizer.io.demand import DEFAULT_CATEGORY, aside_of, choose_demand, cohort_order, make_demand, registered
from optimizer.io.source import Table

JUNIOR: Stage = "junior"
WHOLE = 1.0 - 1e-9
"""A share from here on leaves nobody of the grade."""


def feeders_decide(settings: Settings) -> bool:
    """Whether those who enter junior school are those who leave the primary schools, and not rows of `demand`."""
    instance = settings.instance
    return settings.demand.junior == "feeders" and instance.mode == "entry" and "junior" in instance.stages


def build_feeders(table: Table | None, schools: Schools) -> Feeders | None:
    """Return the rows of `feeders`, and each school with both stages that they do not name as its own feeder."""
    primary, junior = np.zeros((2, 0), dtype=np.int64)
    share = np.zeros(0)
    if table is not None and len(table):
        primary = table.positions("primary_school_id", schools.row)
        junior = table.positions("junior_school_id", schools.row)
        share = _filled_shares(primary, table.numbers("share"))
    both = [row for row, kind in enumerate(schools.types) if {"primary", "junior"} <= {*SERVES[kind]}]
    own = np.array([row for row in both if row not in primary], dtype=np.int64)
    if not len(primary) and not len(own):
        return None
    return Feeders(np.append(primary, own), np.append(junior, own), np.append(share, np.ones(len(own))))


def _filled_shares(primary: Ints, share: Floats) -> Floats:
    """Shares with what the rows of a primary school leave divided in equal parts among those that state none."""
    filled = share.copy()
    for school in np.unique(primary):
        rows = np.flatnonzero(primary == school)
        blank = rows[np.isnan(share[rows])]
        if len(blank):
            filled[blank] = max(0.0, 1.0 - np.nansum(share[rows])) / len(blank)
    return filled


def lead_to_junior(district: District, homes: Catchments) -> District:
    """Return a district whose junior entry grade holds those who leave the primary schools, by where they live.

    `homes` are today's catchments of the primary schools. A school's leavers are spread over its units in proportion
    to the primary children of zoned categories who live there. Rows of `demand` for that grade give way to them,
    whatever their category, for the roll of a school holds all of its children; placed children alone keep their rows.
    Units whose primary schools all send everyone to one junior school are bound to it.
    """
    settings = district.settings
    if district.enrolment is None:
        return district
    year = settings.instance.year
    here = district.counted.get(year, choose_demand({}, settings, len(district.units)))
    students, aside = (
        spread_leavers(leavers, homes, primary_weights(here, settings))
        for leavers in count_leavers(district.enrolment, district.rates, settings, len(district.schools), year)
    )
    counted = {**district.counted, year: _with_leavers(here, students, aside, settings)}
    return replace(
        district,
        counted=counted,
        demand=choose_demand(counted, settings, len(district.units)),
        fixed=_join(district.fixed, bind_units(district, homes)),
    )


def count_leavers(enrolment: Stock, rates: Rates, settings: Settings, schools: int, year: int) -> tuple[Ints, Ints]:
    """Return who leaves the last primary grade of each school for the autumn of `year`: those who register, the rest.

    They register for a public junior school. The rate of that grade, capture and private share of junior school are
    applied to the school's roll, rounded half up once. Both have the shape (schools,).
    """
    system = settings.instance.system
    last = grades_of("primary", system)[-1]
    rate = rates.get(("primary", last), 1.0)
    capture = settings.demand.capture.get("junior", 1.0)
    private = settings.demand.private_share.get("junior", 0.0)
    leaving = roll_to(enrolment, year - 1, rates, system)
    students, rest = np.zeros((2, schools), dtype=np.int64)
    for k in np.flatnonzero(np.array(leaving.grade, dtype=object) == last):
        school, held = leaving.school[k], int(leaving.students[k])
        come = registered(held, capture, private, rate)
        students[school] += come
        rest[school] += registered(held, 1.0, 0.0, rate) - come
    return students, rest


def primary_weights(demand: Demand, settings: Settings) -> Ints:
    """Return the primary children of zoned categories in each unit."""
    zoned = [
        k
        for k, cohort in enumerate(demand.cohorts)
        if cohort.stage == "primary" and settings.categories[cohort.category].zoned
    ]
    return np.asarray(demand.students[:, zoned].sum(axis=1), dtype=np.int64)


def spread_leavers(leavers: Ints, homes: Catchments, weights: Ints) -> Ints:
    """Return the leavers of all schools by unit, shape (units,); a school without units leads nobody on.

    Each school's leavers go by largest remainder in proportion to the weights of its units, a unit of several schools
    counting to each of them in part; in equal parts where its units have no weight.
    """
    spread = np.zeros(len(weights), dtype=np.int64)
    schools_of = np.bincount(homes.unit, minlength=len(weights))
    for school in np.flatnonzero(leavers):
        units = np.unique(homes.unit[homes.school == school])
        if len(units):
            weight = weights[units] / schools_of[units]
            spread[units] += divide_whole(int(leavers[school]), weight if weight.any() else np.ones(len(units)))
    return spread


def _with_leavers(demand: Demand, students: Ints, aside: Ints, settings: Settings) -> Demand:
    """The children of a year with the leavers in place of those counted in the junior entry grade."""
    entry = grades_of("junior", settings.instance.system)[0]
    kept = [k for k, cohort in enumerate(demand.cohorts) if not replaced(cohort, settings)]
    cohorts = [*(demand.cohorts[k] for k in kept), Cohort("junior", entry, leavers_category(settings))]
    order = sorted(range(len(cohorts)), key=lambda k: cohort_order(cohorts[k], settings))
    return make_demand(
        [cohorts[k] for k in order],
        np.column_stack([demand.students[:, kept], students])[:, order],
        np.column_stack([aside_of(demand)[:, kept], aside])[:, order],
    )


def replaced(cohort: Cohort, settings: Settings) -> bool:
    """Whether children of a cohort of the plan's year are counted by the leavers of the primary schools instead."""
    entry = grades_of("junior", settings.instance.system)[0]
    return cohort.stage == "junior" and cohort.grade == entry and not settings.categories[cohort.category].placed


def leavers_category(settings: Settings) -> str:
    """Return the kind of children that leavers are: `local`, else the first zoned category."""
    zoned = [name for name, category in settings.categories.items() if category.zoned]
    return DEFAULT_CATEGORY if DEFAULT_CATEGORY in zoned else zoned[0]


def bind_units(district: District, homes: Catchments) -> Fixed:
    """Return the units that must go to one junior school, since their primary schools send everyone there.

    Left out are estates that `fixed` speaks of or whose units would part, and junior schools that are not open.
    """
    bound = {unit: school for unit, school in _destinations(district, homes) if school >= 0}
    together = [estate or unit for estate, unit in zip(district.units.estate, district.units.ids, strict=True)]
    wanted = defaultdict(set)
    for unit, school in bound.items():
        wanted[together[unit]].add(school)
    serving, spoken_for = district.schools.serves("junior"), {together[unit] for unit in _spoken_for(district)}
    free = {whole for whole, schools in wanted.items() if len(schools) == 1} - spoken_for
    kept = sorted((unit, school) for unit, school in bound.items() if together[unit] in free and serving[school])
    rows = np.array(kept, dtype=np.int64).reshape(-1, 2)
    return Fixed(
        unit=rows[:, 0],
        stage=tuple(JUNIOR for _ in kept),
        school=rows[:, 1],
        must=np.ones(len(kept), dtype=bool),
        category=(leavers_category(district.settings),) * len(kept),
        reason=("",) * len(kept),
    )


def _destinations(district: District, homes: Catchments) -> Iterator[tuple[int, int]]:
    """The junior school that takes all leavers of each unit of `homes`, -1 where there are several."""
    feeders = district.feeders
    if feeders is None:
        return
    whole = feeders.share >= WHOLE
    junior_of = dict(zip(feeders.primary[whole].tolist(), feeders.junior[whole].tolist(), strict=True))
    reached = defaultdict(set)
    for unit, primary in zip(homes.unit.tolist(), homes.school.tolist(), strict=True):
        reached[unit].add(junior_of.get(primary, -1))
    for unit, schools in reached.items():
        yield unit, schools.pop() if len(schools) == 1 else -1


def _spoken_for(district: District) -> set[int]:
    """Units whose junior school `fixed` speaks of already."""
    fixed = district.fixed
    if fixed is None:
        return set()
    categories = district.settings.categories
    return {
        int(unit)
        for unit, stage, category in zip(fixed.unit, fixed.stage, fixed.category, strict=True)
        if stage == "junior" and (not category or categories[category].zoned)
    }


def _join(fixed: Fixed | None, more: Fixed) -> Fixed | None:
    if fixed is None:
        return more if len(more) else None
    return Fixed(
        unit=np.append(fixed.unit, more.unit),
        stage=fixed.stage + more.stage,
        school=np.append(fixed.school, more.school),
        must=np.append(fixed.must, more.must),
        category=fixed.category + more.category,
        reason=fixed.reason + more.reason,
    )

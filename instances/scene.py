"""Binhe in the spring of its admission year: the district as it was built, grown old."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from instances.design import COHORT_WEIGHTS, Design
from instances.drawing import Drawing, draw
from instances.history import draw_estates
from instances.land import Land
from instances.lived import Kinds, draw_kinds, move_families
from instances.returned import Returned, draw_return
from instances.spring import Spring
from instances.today import Today, divide_rooms, draw_today
from models.district import Floats, Ints
from models.stages import Stage


@dataclass(frozen=True)
class Scene:
    """The district in the spring: the drawing as it stands now, and what only this year knows."""

    spring: Spring
    now: Drawing
    today: Today
    kinds: Kinds
    tracks: Mapping[Stage, Ints]
    seats: Mapping[tuple[int, Stage], str]
    """School that a committee gave to the children with special needs of a unit and stage."""
    returned: Sequence[Returned]
    """Classes of the school year that ends, at the public schools."""


def draw_scene(design: Design, spring: Spring) -> Scene:
    """Draw the district as it was built, and let it grow old until the spring."""
    built = draw(design)
    rng = np.random.default_rng(design.seed + 2)
    today = draw_today(built, spring)
    lift = {stage: _lift(today, spring, school_of) for stage, school_of in today.catchment.items()}
    estates = {today.unit[estate.unit]: estate for estate in (spring.large, spring.coming)}
    lived = move_families(built.people, built.land.bank, lift, estates)
    sought = np.any([by_unit > 1.0 for by_unit in lift.values()], axis=0)
    tilt = np.where(sought, spring.settled_share, 1.0)
    kinds = draw_kinds(lived, spring.migrant_share, spring.special_share, tilt, rng)
    estate = draw_estates(built.land, built.sites, dict(today.catchment), design.estates, rng)
    now = replace(built, people=lived, sites=today.sites, rooms=today.rooms, current=today.catchment, estate=estate)
    tracks = divide_rooms(built, today.rooms, lived)
    seats = _draw_seats(now, today, kinds, spring, rng)
    return Scene(spring, now, today, kinds, tracks, seats, _draw_returned(spring, today, kinds, tracks, seats))


def _lift(today: Today, spring: Spring, school_of: Ints) -> Floats:
    by_school = np.ones(len(today.school))
    by_school[[today.school[name] for name in spring.drawn]] = [*spring.drawn.values()]
    return by_school[school_of]


def _draw_seats(
    now: Drawing, today: Today, kinds: Kinds, spring: Spring, rng: np.random.Generator
) -> dict[tuple[int, Stage], str]:
    """Children of one estate and stage sit together: at the school of their catchment, or at the special one."""
    special = next(school for school in spring.outside if school.kind == "special")
    within = _metres_to(now.land, today.unit[special.unit]) <= spring.special_reach_m
    beyond = {str(now.estate[unit]) or str(unit) for unit in np.flatnonzero(~within)}
    names = [*today.school]
    drawn: dict[tuple[str, Stage], bool] = {}
    seats = {}
    for stage, school_of in today.catchment.items():
        columns = [kinds.column(grade) for grade in COHORT_WEIGHTS[stage]]
        for unit in np.flatnonzero(kinds.special[:, columns].sum(axis=1)):
            home = str(now.estate[unit]) or str(unit)
            away = drawn.setdefault((home, stage), bool(rng.random() < spring.special_school_share))
            seats[int(unit), stage] = special.school if away and home not in beyond else names[school_of[unit]]
    return seats


def _metres_to(land: Land, unit: int) -> Floats:
    """From every unit to one of them, over the nearer bridge where it lies on the other bank."""
    points, here = land.points, land.points[unit]
    bridges = shapely.get_coordinates(land.bridges)
    over = np.min([np.hypot(*(points - bridge).T) + np.hypot(*(bridge - here)) for bridge in bridges], axis=0)
    return np.asarray(np.where(land.bank == land.bank[unit], np.hypot(*(points - here).T), over))


def _draw_returned(
    spring: Spring, today: Today, kinds: Kinds, tracks: Mapping[Stage, Ints], seats: Mapping[tuple[int, Stage], str]
) -> list[Returned]:
    swollen = {(today.school[row.school], row.grade): row for row in spring.swollen}
    away = _at_special_school(today, kinds, seats)
    return draw_return(kinds, away, today.catchment, tracks, today.apart_m, swollen)


def _at_special_school(today: Today, kinds: Kinds, seats: Mapping[tuple[int, Stage], str]) -> Ints:
    """Children with special needs who sit in the special school, by unit and grade."""
    away = np.zeros_like(kinds.special)
    for (unit, stage), school in seats.items():
        if school not in today.school:
            columns = [kinds.column(grade) for grade in COHORT_WEIGHTS[stage]]
            away[unit, columns] = kinds.special[unit, columns]
    return away

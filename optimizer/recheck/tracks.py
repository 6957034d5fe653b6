"""Entry classes fit the tracks (轨数) of a school, this year and in the years in which like ones follow."""

from collections.abc import Iterator

import numpy as np

from models.district import Floats, Ints
from models.placement import Placement
from models.stages import SERVES, STAGES, Stage, grades_of
from models.stock import Stock, roll
from optimizer.recheck.inherited import classes_before
from optimizer.recheck.registry import Breach, rule


@rule("tracks")
def judge_tracks(placement: Placement) -> Iterator[Breach]:
    """entry classes[j,s] ≤ tracks[j,s]   for every school j and planned stage s; mode `entry`."""
    for stage in placement.district.settings.instance.stages if placement.entry_only else ():
        classes, tracks = _entering(placement, stage), find_tracks(placement, stage)
        for school in np.flatnonzero(classes > tracks):
            beyond = classes[school] - tracks[school]
            yield Breach(stage, placement.district.schools.ids[school], classes[school], tracks[school],
                         "classes", beyond)  # fmt: skip


@rule("tracks")
def judge_horizon(placement: Placement) -> Iterator[Breach]:
    """Σ_s continuing[j,s,h] + min(h + 1, grades of s) · entry classes[j,s] ≤ max(rooms[j], classes last year[j]).

    For h = 1 .. horizon - 1 years on, and by stage where `classrooms_STAGE` is given; the worst year is told. A special
    school has no stage of its own to be full of: who enters it is decided child by child.
    """
    if not placement.entry_only:
        return
    schools = placement.district.schools
    yield from _outgrown(placement, STAGES, schools.classrooms)
    for stage, rooms in schools.classrooms_of_stage.items():
        yield from _outgrown(placement, (stage,), rooms)


def _outgrown(placement: Placement, stages: tuple[Stage, ...], rooms: Floats) -> Iterator[Breach]:
    district = placement.district
    ahead = np.array(list(_classes_ahead(placement, stages))).reshape(-1, len(rooms))
    if not len(ahead):
        return
    worst, limit = ahead.max(axis=0), np.fmax(rooms, classes_before(placement, stages))
    teaching = np.array([bool(SERVES[kind]) for kind in district.schools.types])
    for school in np.flatnonzero((worst > limit) & ~np.isnan(rooms) & teaching):
        year = district.settings.instance.year + 1 + int(ahead[:, school].argmax())
        named = stages[0] if len(stages) == 1 else ""
        yield Breach(named, district.schools.ids[school], worst[school], limit[school], "classes",
                     worst[school] - limit[school], kind="horizon", detail=str(year))  # fmt: skip


def _classes_ahead(placement: Placement, stages: tuple[Stage, ...]) -> Iterator[Ints]:
    """Classes of `stages` at each school one year on, two years on, ... if like classes follow those that enter."""
    district, stock = placement.district, placement.district.stock
    system = district.settings.instance.system
    for years in range(1, district.settings.policy.tracks.horizon):
        stock = None if stock is None else roll(stock, district.rates, system)
        entered = [min(years + 1, len(grades_of(stage, system))) * _entering(placement, stage) for stage in stages]
        yield np.sum([_held(stock, len(district.schools), stages), *entered], axis=0)


def _held(stock: Stock | None, schools: int, stages: tuple[Stage, ...]) -> Ints:
    return np.zeros(schools, dtype=np.int64) if stock is None else stock.classes_by_school(schools, stages)


def _entering(placement: Placement, stage: Stage) -> Ints:
    table = placement.classes[(placement.classes["stage"] == stage) & (placement.classes["origin"] != "continuing")]
    classes = np.zeros(len(placement.district.schools), dtype=np.int64)
    np.add.at(classes, table["school"].to_numpy(np.int64), table["classes"].to_numpy(np.int64))
    return classes


def find_tracks(placement: Placement, stage: Stage) -> Floats:
    """Return the tracks of a stage at every school, NaN where nothing says.

    As stated, else rooms of the stage / its grades, else rooms of the school / all its grades, rounded down.
    """
    schools, system = placement.district.schools, placement.district.settings.instance.system
    unknown = np.full(len(schools), np.nan)
    taught = [sum(len(grades_of(other, system)) for other in SERVES[kind]) for kind in schools.types]
    whole = schools.classrooms / np.where(np.array(taught) > 0, taught, np.nan)
    of_stage = schools.classrooms_of_stage.get(stage, unknown) / len(grades_of(stage, system))
    stated = schools.classes_per_grade.get(stage, unknown)
    by_rooms = np.floor(np.where(np.isnan(of_stage), whole, of_stage) + 1e-9)
    return np.where(np.isnan(stated), by_rooms, stated)

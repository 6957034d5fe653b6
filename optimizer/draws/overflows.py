"""How often schools overflow under a fixed plan: its catchments stay, the children differ from draw to draw."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.district import Bools, District, Floats, Ints, Travel
from models.plan import Plan
from optimizer.drawn.drawing import hold
from optimizer.draws.demand import Draws
from optimizer.formulation.formulation import find_columns
from optimizer.formulation.kinds import count_seats, decided_seats
from optimizer.formulation.room import Room, find_room, share_out

TAIL = 0.1
"""Share of the draws that are called the worst."""
SURE = 1.959963984540054
"""Standard normal quantile of a 95 % interval."""
COLUMNS = ("school_id", "name", "stage", "children", "times", "frequency", "low", "high", "mean", "when", "worst")


@dataclass(frozen=True)
class Overflows:
    """What a fixed plan comes to over the draws. Children beyond are those without a place in their catchment."""

    draws: Draws
    schools: pd.DataFrame
    """A row a school and stage with a catchment (COLUMNS): children who belong to it as stated; in how many draws it
    overflows, as a share with its 95 % interval (Wilson); children beyond on the mean of all draws, of those in which
    it overflows (NaN: none), and of the worst tail. In the order of the instance."""
    beyond: Ints
    """Children beyond in the whole district, one number a draw."""
    student_km: Floats
    """Kilometres of all children who follow a catchment to the school of theirs, one number a draw."""
    tail: float

    @property
    def mean(self) -> float:
        """Children beyond on the mean of the draws."""
        return float(self.beyond.mean())

    @property
    def worst(self) -> float:
        """Children beyond on the mean of the worst tail."""
        return mean_of_worst(self.beyond, self.tail)

    @property
    def mean_km(self) -> float:
        """Kilometres on the mean of the draws."""
        return float(self.student_km.mean())

    @property
    def worst_km(self) -> float:
        """Kilometres on the mean of those draws that are the worst tail by kilometres."""
        return mean_of_worst(self.student_km, self.tail)


def count_overflows(district: District, travel: Travel, plan: Plan, draws: Draws, tail: float = TAIL) -> Overflows:
    """Return how often and by how much the catchments of a plan hold more children than their schools can take.

    The room of a school is what the plan is bound by: places, school size, tracks and rooms times class cap. Those who
    follow a catchment are zoned children in mode `entry`, placed ones having their seats first, and all in `whole`.
    Where several schools have a unit, its children fill the nearest first and go on where it has no room left.
    """
    held = hold(district, plan.catchments)
    return judge_catchments(district, travel, held, find_room(district, travel), draws, tail)


def judge_catchments(
    district: District, travel: Travel, held: Bools, room: Room, draws: Draws, tail: float = TAIL
) -> Overflows:
    """As `count_overflows`, of catchments `held`, shape (units, schools, stages), in the `room` of the district."""
    children = followers(district, room, draws.students)
    none = np.zeros((len(district.schools), len(room.columns)), dtype=np.int64)
    taken = count_seats(district, room.columns, decided_seats(district)) if _entry(district) else none
    load, student_km = _load(travel, room, held, children, taken)
    beyond = np.minimum(room.beyond(load + taken), by_stage(room, load))
    stated = followers(district, room, district.demand.students[None])
    belong = by_stage(room, _load(travel, room, held, stated, taken)[0])[0]
    rows = list(_rows(district, held, beyond, belong, tail))
    return Overflows(draws, pd.DataFrame(rows, columns=list(COLUMNS)), beyond.sum(axis=(1, 2)), student_km, tail)


def mean_of_worst(values: Ints | Floats, tail: float) -> float:
    """Return the mean of the highest values, as many as the tail is of all, one at least (CVaR)."""
    count = max(1, math.ceil(tail * len(values) - 1e-9))
    return float(np.sort(values)[-count:].mean())


def find_interval(times: int, draws: int) -> tuple[float, float]:
    """Return the 95 % interval of a share that was seen so many times in so many draws.

    E. B. Wilson: Probable inference, the law of succession, and statistical inference. JASA 22 (1927).
    """
    share, extra = times / draws, SURE**2 / draws
    middle = (share + extra / 2) / (1 + extra)
    half = SURE / (1 + extra) * math.sqrt(share * (1 - share) / draws + extra / (4 * draws))
    return middle - half if times else 0.0, middle + half if times < draws else 1.0


def _entry(district: District) -> bool:
    return district.settings.instance.mode == "entry"


def followers(district: District, room: Room, students: Ints) -> Ints:
    """Return those of `students`, shape (draws, units, cohorts), who follow a catchment, by column, not by cohort."""
    out = np.zeros((*students.shape[:2], len(room.columns)), dtype=np.int64)
    cohorts = district.demand.cohorts
    for k, column in enumerate(find_columns(room.columns, cohorts)):
        if column >= 0 and (not _entry(district) or district.settings.kind_of(cohorts[k].category) == "zoned"):
            out[..., column] += students[..., k]
    return out


def by_stage(room: Room, load: Ints) -> Ints:
    """Return children of each stage from children of each column, shape (..., columns)."""
    of = [[column.stage == stage for column in room.columns] for stage in room.stages]
    return np.stack([load[..., columns].sum(axis=-1) for columns in of], axis=-1)


def _load(travel: Travel, room: Room, held: Bools, children: Ints, taken: Ints) -> tuple[Ints, Floats]:
    """Children at the schools of their catchments, shape (draws, schools, columns), and their kilometres by draw."""
    metres = np.where(np.isfinite(travel.metres), travel.metres, 0.0)
    ways = np.where(held, metres[:, :, None], np.inf)
    first = ways.argmin(axis=1)
    load = np.zeros((len(children), held.shape[1], len(room.columns)), dtype=np.int64)
    student_m = np.zeros(len(children))
    for c, column in enumerate(room.columns):
        s = room.stages.index(column.stage)
        unit = np.flatnonzero(held[:, :, s].any(axis=1))
        of_school = np.zeros((len(unit), held.shape[1]))
        of_school[np.arange(len(unit)), first[unit, s]] = 1.0
        load[..., c] = np.round(children[:, unit, c] @ of_school).astype(np.int64)
        student_m += children[:, unit, c] @ metres[unit, first[unit, s]]
    student_m += _pass_on(room, ways, children, load, taken)
    return load, student_m / 1000.0


def _pass_on(room: Room, ways: Floats, children: Ints, load: Ints, taken: Ints) -> Floats:
    """Let children of shared units go on from a school without room to their next; return the metres it adds, by draw.

    `load` is changed. Where none has room they stay at the last.
    """
    held = np.isfinite(ways)
    shared = np.argwhere(held.sum(axis=1) > 1)
    columns = [np.flatnonzero([column.stage == stage for column in room.columns]) for stage in room.stages]
    there = {(unit, s): children[:, unit, columns[s]] for unit, s in shared.tolist()}
    added = np.zeros(len(children))
    for turn in range(int(held.sum(axis=1).max(initial=1)) - 1):
        beyond = room.beyond(load + taken)
        for unit, s in shared.tolist():
            schools = np.argsort(ways[unit, :, s], kind="stable")[: held[unit, :, s].sum()]
            if turn + 1 == len(schools):
                there.pop((unit, s))
            if (unit, s) not in there:
                continue
            here, following = schools[turn], schools[turn + 1]
            leaving = share_out(there[unit, s], beyond[:, here, s])
            beyond[:, here, s] -= leaving.sum(axis=-1)
            load[:, here, columns[s]] -= leaving
            load[:, following, columns[s]] += leaving
            added += leaving.sum(axis=-1) * (ways[unit, following, s] - ways[unit, here, s])
            there[unit, s] = leaving
    return added


def _rows(district: District, held: Bools, beyond: Ints, belong: Ints, tail: float) -> Iterator[tuple[object, ...]]:
    """Rows of `Overflows.schools`."""
    schools, draws = district.schools, len(beyond)
    for school, s in np.argwhere(held.any(axis=0)).tolist():
        of = beyond[:, school, s]
        times = int((of > 0).sum())
        yield (
            *(schools.ids[school], schools.names[school], district.settings.instance.stages[s]),
            *(int(belong[school, s]), times, times / draws, *find_interval(times, draws)),
            *(float(of.mean()), float(of[of > 0].mean()) if times else float("nan"), mean_of_worst(of, tail)),
        )

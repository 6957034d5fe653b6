"""Seats after catchments: who fits where he belongs, who is placed elsewhere (统筹调剂), and in which classes."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from models.district import Bools, District, Floats, Ints, Travel
from models.outcome import Level, Outcome, Seating, Seats, Status
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.kinds import count_seats, decided_seats, without_seats
from optimizer.formulation.program.program import Program
from optimizer.formulation.program.seats import Options, Parties, find_parties, write_seats
from optimizer.formulation.reach import beyond_borders, within_reach
from optimizer.formulation.room import room_of
from optimizer.formulation.seated import drawn_catchments, drawn_children
from optimizer.solve.backends import Relaxation, solve_integral, solve_relaxation
from optimizer.solve.nearest import rank_by_owner
from optimizer.solve.unseated import prove_unseated

GAP = 1e-6
NEAREST = 12
"""Schools a party is offered before prices are known."""
SECONDS = 60.0
"""More than any district needs: a seat is a flow, and a class a whole number."""


def seat_children(f: Formulation, district: District, travel: Travel, outcome: Outcome) -> Outcome:
    """Return the outcome with every child seated in its catchments; without a plan where the children do not fit.

    The levels then speak of the seats: catchments are settled first, and the seats are the best in these catchments.
    Where children find no seat whatever the catchments, it is proved infeasible.
    """
    if outcome.pairs is None:
        return outcome
    catchments, drawn = drawn_catchments(f, district, outcome), drawn_children(f, outcome)
    seating = take_seats(f, district, travel, catchments, drawn)
    if seating is None:
        shown = prove_unseated(f, district, travel)
        status, reason = (Status.INFEASIBLE, "solve.weighed") if shown else (Status.NO_PLAN, "")
        without = replace(outcome, levels=(), pairs=None, students=None, classes=None)
        return replace(without, status=status, reason=reason)
    return replace(outcome, seating=seating, levels=tuple(_with_seats(level, seating) for level in outcome.levels))


def _with_seats(level: Level, seating: Seating) -> Level:
    """A level of the catchments, once everybody sits: overflow as it is, kilometres with all detours."""
    if level.name == "overflow":
        return replace(level, value=float(seating.overflow))
    if level.name == "travel":
        bound = seating.bound_km - (level.value - level.bound)
        return replace(level, value=seating.student_km, bound=min(bound, seating.student_km))
    return level


def take_seats(f: Formulation, district: District, travel: Travel, catchments: Bools, drawn: Floats) -> Seating | None:
    """Seat everybody: placed children where it was decided, zoned ones in their catchment while there are places.

    Kinds of children are seated in their order, each as near as the places left allow: first the fewest zoned children
    outside their catchment, with the fewest kilometres among them; then the other kinds, one after the other. Those who
    wait must still fit within their reach, and displace nobody.
    `catchments` has shape (units, schools, stages), and so has `drawn`: children of divided units by school, for whom
    the rules that count children by catchment were kept. None where the children do not fit.
    """
    seating = seat_everybody(f, district, travel, catchments, drawn)
    displaced = seating is not None and _displaces(f, district, catchments, seating.seats)
    return None if displaced else seating


def seat_everybody(
    f: Formulation, district: District, travel: Travel, catchments: Bools, drawn: Floats
) -> Seating | None:
    """As `take_seats`, also where somebody is displaced, as catchments that were drawn by hand may not help."""
    seats = decided_seats(district)
    spent_km = bound_km = _km(travel, seats)
    overflow = 0
    queue, left = _queue(district), without_seats(district, seats)
    for turn, cohorts in enumerate(queue):
        party = find_parties(f, district, left, cohorts)
        zoned = turn == 0 and bool(cohorts) and district.settings.kind_of(_category(district, cohorts[0])) == "zoned"
        options = _options(f, district, travel, catchments, party, zoned=zoned)
        if zoned:
            options = options.of(~options.outside | _may_leave(f, district, seats, party, options))
            options = _as_divided(f, drawn, party, options)
        waiting = [cohort for later in queue[turn + 1 :] for cohort in later]
        crowd = _crowd(f, district, travel, left, waiting)
        turn_of = _Turn(f, party, options, zoned, crowd, count_seats(district, f.columns, seats))
        solved = turn_of.solve()
        if solved is None:
            return None
        outside = int(solved.students[options.outside].sum()) if zoned else 0
        overflow += outside
        spent_km += float((solved.students * options.km).sum())
        bound_km += solved.bound - (turn_of.detour * outside if zoned else 0.0)
        seats = _joined(seats, party, options, solved.students)
    classes = open_classes(f, count_seats(district, f.columns, seats))
    if classes is None:
        return None
    return Seating(catchments, seats, classes, overflow, spent_km, bound_km)


def _displaces(f: Formulation, district: District, catchments: Bools, seats: Seats) -> bool:
    """Whether an unzoned child sits where a zoned one of that catchment finds no place: else not all could fit."""
    cohorts = district.demand.cohorts
    kind = np.array([district.settings.kind_of(cohort.category) for cohort in cohorts])[seats.cohort]
    stage = np.array([f.stages.index(cohort.stage) for cohort in cohorts])[seats.cohort]
    outside = (kind == "zoned") & ~catchments[seats.unit, seats.school, stage]
    lacking = np.zeros((len(f.stages), len(f.school_ids)), dtype=bool)
    np.logical_or.at(lacking, stage[outside], catchments[seats.unit[outside], :, stage[outside]])
    guests = kind == "unzoned"
    return bool(lacking[stage[guests], seats.school[guests]].any())


@dataclass(frozen=True)
class _Solved:
    students: Ints
    """Children of every option."""
    bound: float


@dataclass(frozen=True)
class _Crowd:
    parties: Parties
    may: Bools
    """Schools where each may sit."""


@dataclass
class _Turn:
    """Seats of one kind of children, while those who wait must still fit."""

    f: Formulation
    parties: Parties
    options: Options
    zoned: bool
    """Whether sitting outside the catchment counts as overflow."""
    crowd: _Crowd
    """Those who wait: here they only have to fit."""
    taken: Ints

    @cached_property
    def detour(self) -> float:
        """Kilometres that no chain of children giving way to each other, school by school, can save."""
        return 1.0 + float(self.options.km.max(initial=0.0)) * (len(self.f.school_ids) + 1)

    def solve(self) -> _Solved | None:
        """Take the nearest options first, add what the prices of the places call for, then settle classes and seats."""
        price = self.options.km + (self.detour * self.options.outside if self.zoned else 0.0)
        kept = self._nearest()
        while True:
            program, at = self._write(kept)
            cost = np.zeros(len(program.lower))
            cost[: len(at)] = price[at]
            cost += self.detour**2 * program.cost.get("shortage", np.zeros(len(cost)))
            relaxation = solve_relaxation(program, cost, SECONDS)
            missing = self._called_for(program, relaxation, price, kept)
            if not missing.any():
                break
            kept |= missing
        students = _whole(program, cost, len(at))
        if students is None:
            return None
        out = np.zeros(len(self.options), dtype=np.int64)
        out[at] = students
        return _Solved(out, relaxation.value)

    def _nearest(self) -> Bools:
        """The nearest options of every party, and its own schools."""
        rank = rank_by_owner(self.options.party, self.options.km)
        return np.asarray((rank < NEAREST) | ~self.options.outside)

    def _write(self, kept: Bools) -> tuple[Program, Ints]:
        at, crowd = np.flatnonzero(kept), self.crowd.parties
        school, party = np.nonzero(self.crowd.may.T)
        zero = np.zeros(len(party))
        parties = Parties(*(np.concatenate(pair) for pair in zip(self.parties.arrays, crowd.arrays, strict=True)))
        own = self.options.of(kept)
        options = Options(
            np.concatenate([own.party, party + len(self.parties)]),
            np.concatenate([own.school, school]),
            np.concatenate([own.km, zero]),
            np.concatenate([own.outside, zero > 0]),
            np.concatenate([own.drawn, zero + np.inf]),
        )
        return write_seats(self.f, parties, options, self.taken), at

    def _called_for(self, program: Program, relaxation: Relaxation, price: Floats, kept: Bools) -> Bools:
        """Options left out whose place costs less than their party would pay; all where the nearest do not suffice."""
        if not np.isfinite(relaxation.value):
            return ~kept
        rows = dict(zip(relaxation.names, relaxation.duals.tolist(), strict=True))
        pays = np.array([rows[f"seated[{p}]"] for p in range(len(self.parties))])
        cell = program.enrolment[self.options.school, self.parties.column[self.options.party]]
        first = len(self.parties) + len(self.crowd.parties)
        worth = relaxation.duals[first : first + program.enrolment.size][cell - program.enrolment[0, 0]]
        return np.asarray(~kept & (price - pays[self.options.party] - worth < -1e-7))


def _queue(district: District) -> list[list[int]]:
    """Cohorts by turn: all zoned ones together, then every other kind in the order of `[categories]`.

    Placed children without a seat that was decided wait with the others.
    """
    settings = district.settings
    names = list(settings.categories)
    kinds = [settings.kind_of(cohort.category) for cohort in district.demand.cohorts]
    turns: dict[int, list[int]] = {}
    for k, (cohort, kind) in enumerate(zip(district.demand.cohorts, kinds, strict=True)):
        turns.setdefault(-1 if kind == "zoned" else names.index(cohort.category), []).append(k)
    return [turns[turn] for turn in sorted(turns)]


def _category(district: District, cohort: int) -> str:
    return district.demand.cohorts[cohort].category


def _crowd(f: Formulation, district: District, travel: Travel, left: Ints, cohorts: list[int]) -> _Crowd:
    """Children who wait for a later turn: one party a column and set of schools where they may sit, of no unit."""
    assert f.pool is not None
    waiting = find_parties(f, district, left, cohorts)
    stage = np.array([f.stages.index(column.stage) for column in f.columns])[waiting.column]
    may = f.pool.hosts[:, waiting.column].T & within_reach(district, travel, f.stages)[waiting.unit, :, stage]
    sets, of_set = np.unique(np.column_stack([waiting.column, may]), axis=0, return_inverse=True)
    students = np.bincount(of_set.ravel(), weights=waiting.students, minlength=len(sets)).astype(np.int64)
    nobody = np.full(len(sets), -1)
    return _Crowd(Parties(nobody, nobody, sets[:, 0], students), sets[:, 1:] > 0)


def _options(
    f: Formulation, district: District, travel: Travel, catchments: Bools, parties: Parties, *, zoned: bool
) -> Options:
    """Every host within reach, and the own schools; where overflow is forbidden, zoned children have these alone."""
    assert f.pool is not None
    stage = np.array([f.stages.index(column.stage) for column in f.columns])[parties.column]
    hosts = f.pool.hosts[:, parties.column].T & within_reach(district, travel, f.stages)[parties.unit, :, stage]
    own = catchments[parties.unit, :, stage] & ~beyond_borders(district)[parties.unit]
    if zoned and f.pool.overflow == "hard":
        hosts = np.zeros_like(hosts)
    party, school = np.nonzero(hosts | (own if zoned else False))
    km = travel.metres[parties.unit[party], school] / 1000.0
    return Options(party, school, km, ~own[party, school], np.full(len(party), np.inf))


def _as_divided(f: Formulation, drawn: Floats, parties: Parties, options: Options) -> Options:
    """Options of zoned children, of a divided unit no more at each of its schools than were drawn to it."""
    stage = np.array([f.stages.index(column.stage) for column in f.columns])[parties.column]
    return replace(options, drawn=drawn[parties.unit[options.party], options.school, stage[options.party]])


def _may_leave(f: Formulation, district: District, seats: Seats, parties: Parties, options: Options) -> Bools:
    """Options of parties one of whose own schools may not hold all who belong to it.

    Whoever belongs to a school with places for all its children sits there; only hard shares of small classes might
    ask for more.
    """
    load = count_seats(district, f.columns, seats)
    own = np.flatnonzero(~options.outside)
    np.add.at(load, (options.school[own], parties.column[options.party[own]]), parties.students[options.party[own]])
    full = room_of(f).full(load)
    if f.classes is not None:
        full |= bool(f.classes.targets) and f.classes.targets_hard
    leaving = np.zeros(len(parties), dtype=bool)
    leaving[options.party[own[full[options.school[own]]]]] = True
    return np.asarray(leaving[options.party])


def _whole(program: Program, cost: Floats, seats: int) -> Ints | None:
    """Return whole children a seat. With classes settled the rest is a flow: its vertices are whole."""
    result = solve_integral(program, cost, SECONDS, GAP)
    if result.solution is None:
        return None
    settled = np.round(result.solution)
    lower = np.where(program.whole, settled, program.lower)
    upper = np.where(program.whole, settled, program.upper)
    vertex = solve_relaxation(program.with_bounds(lower, upper), cost, SECONDS)
    return np.round(vertex.solution[:seats]).astype(np.int64) if np.isfinite(vertex.value) else None


def _joined(seats: Seats, parties: Parties, options: Options, students: Ints) -> Seats:
    used = np.flatnonzero(students)
    party = options.party[used]
    return Seats(
        unit=np.concatenate([seats.unit, parties.unit[party]]),
        cohort=np.concatenate([seats.cohort, parties.cohort[party]]),
        school=np.concatenate([seats.school, options.school[used]]),
        students=np.concatenate([seats.students, students[used]]),
    )


def open_classes(f: Formulation, taken: Ints) -> Ints | None:
    """Return the fewest classes missing to soft targets, then the fewest classes, for the children who sit everywhere.

    Shape (schools, grades); None where the rooms do not hold them. `taken` has shape (schools, columns).
    """
    if f.classes is None:
        return np.zeros((len(f.school_ids), 0), dtype=np.int64)
    none = np.zeros(0, dtype=np.int64)
    parties, options = Parties(none, none, none, none), Options(none, none, np.zeros(0), none > 0, np.zeros(0))
    program = write_seats(f, parties, options, taken)
    cost = 1e2 * program.cost.get("small_classes", np.zeros(len(program.lower)))
    cost[program.classes[program.classes >= 0]] += 1.0
    cost[program.crowded] += 2.0
    result = solve_integral(program, cost, SECONDS, GAP)
    if result.solution is None:
        return None
    return np.where(program.classes >= 0, np.round(result.solution)[program.classes], 0).astype(np.int64)


def _km(travel: Travel, seats: Seats) -> float:
    metres = travel.metres[seats.unit, seats.school]
    return float((np.where(np.isfinite(metres), metres, 0.0) * seats.students).sum() / 1000.0)

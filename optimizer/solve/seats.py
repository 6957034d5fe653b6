"""Seats after catchments: who fits where he belongs, who is placed elsewhere (统筹调剂), and in which classes."""

from dataclasses import replace

import numpy as np

from models.district import Bools, District, Floats, Ints, Travel
from models.outcome import Level, Outcome, Seating, Seats, Status
from optimizer.formulation.formulation import Formulation, find_columns
from optimizer.formulation.kinds import count_seats, decided_seats
from optimizer.formulation.program.program import Program
from optimizer.formulation.program.seats import Options, Parties, write_seats
from optimizer.formulation.seated import drawn_catchments
from optimizer.solve.backends import solve_integral, solve_relaxation

GAP = 1e-6
SECONDS = 60.0
"""More than any district needs: a seat is a flow, and a class a whole number."""


def seat_children(f: Formulation, district: District, travel: Travel, outcome: Outcome) -> Outcome:
    """Return the outcome with every child seated in its catchments; without a plan where the children do not fit.

    The levels then speak of the seats: catchments are settled first, and the seats are the best in these catchments.
    """
    if outcome.pairs is None:
        return outcome
    seating = take_seats(f, district, travel, drawn_catchments(f, district, outcome))
    if seating is None:
        return replace(outcome, status=Status.NO_PLAN, levels=(), pairs=None, students=None, classes=None)
    return replace(outcome, seating=seating, levels=tuple(_with_seats(level, seating) for level in outcome.levels))


def _with_seats(level: Level, seating: Seating) -> Level:
    """A level of the catchments, once everybody sits: overflow as it is, kilometres with all detours."""
    if level.name == "overflow":
        return replace(level, value=float(seating.overflow))
    if level.name == "travel":
        bound = seating.bound_km - (level.value - level.bound)
        return replace(level, value=seating.student_km, bound=min(bound, seating.student_km))
    return level


def take_seats(f: Formulation, district: District, travel: Travel, catchments: Bools) -> Seating | None:
    """Seat everybody: placed children where it was decided, zoned ones in their catchment while there are places.

    Kinds of children are seated in their order, each as near as the places left allow: first the fewest zoned children
    outside their catchment, with the fewest kilometres among them; then the other kinds, one after the other.
    `catchments` has shape (units, schools, stages). None where the children do not fit.
    """
    seats = decided_seats(district)
    spent_km = bound_km = _km(travel, seats)
    overflow = 0
    queue = _queue(district)
    for turn in range(len(queue)):
        parties = _parties(f, district, [k for group in queue[turn:] for k in group])
        if not len(parties):
            continue
        options = _options(f, district, travel, catchments, parties)
        program = write_seats(f, parties, options, count_seats(district, f.columns, seats))
        first = np.isin(parties.cohort[options.party], queue[turn])
        outside = first & options.outside & _zoned(district, parties)[options.party]
        cost = np.zeros(len(program.lower))
        cost[: len(options)] = first * options.km + _dearer_than_any_detour(f, options) * outside
        solved = _solve(program, cost, len(options))
        if solved is None:
            return None
        students, bound = solved
        overflow += int(students[outside].sum())
        penalty = _dearer_than_any_detour(f, options) * students[outside].sum()
        spent_km += float((students * options.km)[first].sum())
        bound_km += bound - penalty
        seats = _joined(seats, parties, options, np.where(first, students, 0))
    classes = _classes(f, count_seats(district, f.columns, seats))
    return None if classes is None else Seating(catchments, seats, classes, overflow, spent_km, bound_km)


def _queue(district: District) -> list[list[int]]:
    """Cohorts by turn: all zoned ones together, then every other kind in the order of `[categories]`."""
    settings = district.settings
    names = list(settings.categories)
    kinds = [settings.kind_of(cohort.category) for cohort in district.demand.cohorts]
    turns: dict[int, list[int]] = {}
    for k, (cohort, kind) in enumerate(zip(district.demand.cohorts, kinds, strict=True)):
        if kind != "placed":
            turns.setdefault(-1 if kind == "zoned" else names.index(cohort.category), []).append(k)
    return [turns[turn] for turn in sorted(turns)]


def _parties(f: Formulation, district: District, cohorts: list[int]) -> Parties:
    unit, k = np.nonzero(district.demand.students[:, cohorts])
    cohort = np.array(cohorts, dtype=np.int64)[k]
    column_of = np.array(find_columns(f.columns, district.demand.cohorts), dtype=np.int64)
    return Parties(unit, cohort, column_of[cohort], district.demand.students[unit, cohort])


def _zoned(district: District, parties: Parties) -> Bools:
    zoned = [district.settings.kind_of(cohort.category) == "zoned" for cohort in district.demand.cohorts]
    return np.asarray(np.array(zoned, dtype=bool)[parties.cohort])


def _options(f: Formulation, district: District, travel: Travel, catchments: Bools, parties: Parties) -> Options:
    """Every host within reach, and the own schools; zoned children go outside only where overflow may be."""
    assert f.pool is not None
    hosts = f.pool.hosts[:, parties.column].T
    stage = np.array([f.stages.index(column.stage) for column in f.columns])[parties.column]
    own = catchments[parties.unit, :, stage]
    if f.pool.overflow == "hard":
        hosts = np.where(_zoned(district, parties)[:, None], False, hosts)
    party, school = np.nonzero((hosts & np.isfinite(travel.metres[parties.unit])) | own)
    return Options(party, school, travel.metres[parties.unit[party], school] / 1000.0, ~own[party, school])


def _dearer_than_any_detour(f: Formulation, options: Options) -> float:
    """Kilometres that no chain of children giving way to each other, school by school, can save."""
    return 1.0 + float(options.km.max(initial=0.0)) * (len(f.school_ids) + 1)


def _solve(program: Program, cost: Floats, seats: int) -> tuple[Ints, float] | None:
    """Return whole children a seat and the bound. With classes settled the rest is a flow: its vertices are whole."""
    result = solve_integral(program, cost, SECONDS, GAP)
    if result.solution is None:
        return None
    settled = np.round(result.solution)
    lower = np.where(program.whole, settled, program.lower)
    upper = np.where(program.whole, settled, program.upper)
    vertex = solve_relaxation(program.with_bounds(lower, upper), cost, SECONDS)
    if not np.isfinite(vertex.value):
        return None
    return np.round(vertex.solution[:seats]).astype(np.int64), result.bound


def _joined(seats: Seats, parties: Parties, options: Options, students: Ints) -> Seats:
    used = np.flatnonzero(students)
    party = options.party[used]
    return Seats(
        unit=np.concatenate([seats.unit, parties.unit[party]]),
        cohort=np.concatenate([seats.cohort, parties.cohort[party]]),
        school=np.concatenate([seats.school, options.school[used]]),
        students=np.concatenate([seats.students, students[used]]),
    )


def _classes(f: Formulation, taken: Ints) -> Ints | None:
    """Fewest classes missing to soft targets, then fewest classes, for the children who sit everywhere."""
    if f.classes is None:
        return np.zeros((len(f.school_ids), 0), dtype=np.int64)
    none = np.zeros(0, dtype=np.int64)
    parties, options = Parties(none, none, none, none), Options(none, none, np.zeros(0), np.zeros(0, dtype=bool))
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

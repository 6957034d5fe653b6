"""Who enters in the years after that of a plan, by the unit they live in: what `solve --hold` draws catchments for."""

from collections.abc import Mapping, Sequence

import numpy as np

from models.district import Catchments, Demand, District, Ints
from models.later import LaterYear, Source
from models.stages import Stage, grades_of
from models.stock import Stock, roll_to
from optimizer.io.feeders import count_leavers, primary_weights, spread_leavers
from optimizer.outlook.entrants import Intake, Step
from optimizer.outlook.standing import chain, take

Known = tuple[Source, Ints]
"""Where the entrants of a stage are known from, and how many live in each unit."""


class NothingAhead(Exception):
    """Catchments cannot be held for so many years: `key` names the sentence below `cli.hold`, and `facts` fill it."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(f"{key}: {facts}")
        self.key = key
        self.facts = facts


def look_later(district: District, years: int) -> tuple[LaterYear, ...]:
    """Return who enters in each of the `years - 1` years that follow the plan's, none for `years` = 1.

    Sources come in the order of the outlook, but for the last: that a year is like the one before is no knowledge, so
    such a stage is not looked at. Rates, capture and private shares are applied unit by unit, rounded half up.
    Raises NothingAhead in mode `whole`, where units may be divided, and for a year in which nothing is known.
    """
    if years == 1:
        return ()
    settings = district.settings
    if settings.instance.mode != "entry":
        raise NothingAhead("whole")
    if not settings.catchments.indivisible or settings.rules.indivisible != "hard":
        raise NothingAhead("divisible")
    intake, stages, first = Intake(district), settings.instance.stages, settings.instance.year
    cohorts: dict[Stage, dict[int, Ints]] = {stage: {} for stage in stages}
    for stage in stages:
        cohorts[stage][first] = zoned_children(intake, district.demand, (stage, grades_of(stage, intake.system)[0]))
    later = []
    for year in range(first + 1, first + years):
        known = {stage: found for stage in stages if (found := find_entrants(intake, stage, year)) is not None}
        if not known:
            key = "next_unknown" if year == first + 1 else "unknown"
            raise NothingAhead(key, year=year, until=year - 1, most=year - first)
        for stage, (_, children) in known.items():
            cohorts[stage][year] = children
        later.append(_gather_year(intake, year, known, cohorts))
    return tuple(later)


def find_entrants(intake: Intake, stage: Stage, year: int) -> Known | None:
    """Return the zoned children who enter a stage in a later year by unit; None where nobody knows."""
    demand, step = intake.demand_of(year), (stage, grades_of(stage, intake.system)[0])
    if demand is not None and any(intake.select(demand, step)):
        return "counted", zoned_children(intake, demand, step)
    sent = _sent(intake, stage, year)
    return (sent if intake.fed else None) or _younger(intake, stage, year) or sent


def zoned_children(intake: Intake, demand: Demand, step: Step) -> Ints:
    """Return the zoned children of a grade in each unit."""
    exact, bare = intake.select(demand, step)
    kind_of = intake.district.settings.kind_of
    zoned = [k for k in (*exact, *bare) if kind_of(demand.cohorts[k].category) == "zoned"]
    return np.asarray(demand.students[:, zoned].sum(axis=1), dtype=np.int64)


def _younger(intake: Intake, stage: Stage, year: int) -> Known | None:
    for demand, path in intake.counts_below(stage, year):
        if any(intake.select(demand, path[-1])):
            children = zoned_children(intake, demand, path[-1])
            return "younger", intake.register(intake.move_up(children, path), stage)
    return None


def _sent(intake: Intake, stage: Stage, year: int) -> Known | None:
    """Return the last primary grade of the return, rolled to the year before, by the units of its schools."""
    district = intake.district
    homes = _primary_homes(district)
    if stage != "junior" or district.enrolment is None or not len(homes):
        return None
    coming, _ = count_leavers(district.enrolment, district.rates, district.settings, len(district.schools), year)
    weights = primary_weights(intake.demand_of(intake.first) or district.demand, district.settings)
    found: Source = "feeders" if intake.fed else "leavers"
    return (found, spread_leavers(coming, homes, weights)) if coming.any() else None


def _primary_homes(district: District) -> Catchments:
    """Return today's catchments of the primary schools; empty where `current` has none."""
    current = district.current or Catchments(np.zeros(0, dtype=np.int64), (), np.zeros(0, dtype=np.int64))
    rows = np.flatnonzero(np.array([stage == "primary" for stage in current.stage], dtype=bool))
    return Catchments(current.unit[rows], tuple(current.stage[k] for k in rows), current.school[rows])


def _gather_year(
    intake: Intake, year: int, known: Mapping[Stage, Known], cohorts: Mapping[Stage, Mapping[int, Ints]]
) -> LaterYear:
    stages, units = intake.district.settings.instance.stages, len(intake.district.units)
    entrants, joined = np.zeros((2, units, len(stages)), dtype=np.int64)
    for s, stage in enumerate(stages):
        if stage in known:
            entrants[:, s] = known[stage][1]
            joined[:, s] = np.sum(
                [_survivors(intake, stage, children, year - entered) for entered, children in cohorts[stage].items()],
                axis=0,
            )
    sources = {stage: source for stage, (source, _) in known.items()}
    return LaterYear(year, sources, entrants, joined, _standing(intake.district, year))


def _survivors(intake: Intake, stage: Stage, children: Ints, years: int) -> Ints:
    """Return who is left of a cohort so many years after it entered: times the rates, nobody after the last grade."""
    ladder = grades_of(stage, intake.system)
    if years >= len(ladder):
        return np.zeros_like(children)
    return intake.move_up(children, [(stage, grade) for grade in reversed(ladder[:years])])


def _standing(district: District, year: int) -> Stock | None:
    """Return the continuing classes rolled to a year; stages that are not planned stay as last year's return."""
    enrolment, stock, instance = district.enrolment, district.stock, district.settings.instance
    if enrolment is None or stock is None:
        return None
    rolled = roll_to(stock, year, district.rates, instance.system)
    planned, others = (_rows(of, instance.stages, inside) for of, inside in ((rolled, True), (enrolment, False)))
    return chain(year, [take(rolled, rolled.school, planned), take(enrolment, enrolment.school, others)])


def _rows(stock: Stock, stages: Sequence[Stage], inside: bool) -> Ints:
    return np.flatnonzero(np.array([(stage in stages) == inside for stage in stock.stage], dtype=bool))

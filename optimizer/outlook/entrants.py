"""Who enters a stage in a year, by school: as counted, from the primary schools, from younger grades, or as before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from models.district import Demand, District, Floats, Ints
from models.later import Source
from models.rounding import scale_half_up
from models.stages import STAGES, Stage, System, grades_of
from models.stock import Stock
from optimizer.io.demand import registered
from optimizer.io.feeders import feeders_decide, primary_weights
from optimizer.outlook.feeding import compute_transfer, send
from optimizer.outlook.homes import Homes, find_homes

Step = tuple[Stage, str]
"""A stage and one of its grades."""


@dataclass(frozen=True)
class Entrants:
    """Children who enter a stage, by column (schools, and none)."""

    source: Source
    students: Ints
    unzoned: Floats
    """Those of them who are not zoned; NaN where the source does not tell."""
    units: int = 0
    """Units of which children were counted; 0 where no units were."""


@dataclass(frozen=True)
class Count:
    """Children counted in a grade, the unzoned ones among them, by column, and how many units have any."""

    students: Ints
    unzoned: Ints
    units: int


class Intake:
    """Entrants of every stage and year of a district whose catchments stay as they are."""

    def __init__(self, district: District) -> None:
        self.district = district
        self.first = district.settings.instance.year
        self.system: System = district.settings.instance.system
        self._homes: dict[tuple[Stage, str], Homes] = {}

    def enter(self, stage: Stage, year: int, standing: Stock, before: Entrants | None) -> Entrants:
        """Return who enters `stage` in `year`, by the first source that knows.

        Rows of `demand` for that year; where feeders are kept, the last primary grade of `standing`, last year's stock;
        children counted in younger grades, the latest count first; where there is a return, again the last primary
        grade, by catchments; those who entered `before`, once more.
        """
        found = self._counted(stage, year)
        if found is None and year > self.first:
            sent = self._sent(stage, standing)
            found = (sent if self.fed else None) or self._younger(stage, year) or sent
        if found is not None:
            return found
        none = np.zeros(len(self.district.schools) + 1, dtype=np.int64)
        return replace(before, source="repeated") if before else Entrants("repeated", none, none.astype(np.float64))

    def count(self, demand: Demand, step: Step, entering: Stage) -> Count | None:
        """Return the children counted in a grade by column of the stage they enter; None without a count.

        Children counted without a grade are spread over the grades at the school.
        """
        ladder = grades_of(step[0], self.system)
        exact, bare = self.select(demand, step)
        if not exact and not bare:
            return None
        place, kind_of = ladder.index(step[1]), self.district.settings.kind_of
        unzoned = {k for k, cohort in enumerate(demand.cohorts) if kind_of(cohort.category) != "zoned"}
        everyone, others = (
            self._gather(demand, [k for k in exact if k in kept], entering)
            + _spread(self._gather(demand, [k for k in bare if k in kept], entering), place, len(ladder))
            for kept in ({*exact, *bare}, unzoned)
        )
        return Count(everyone, others, int(np.count_nonzero(demand.students[:, exact + bare].any(axis=1))))

    def select(self, demand: Demand, step: Step) -> tuple[list[int], list[int]]:
        """Return the cohorts of a grade: those counted by it, and those counted by stage alone, whom it has a part of.

        In mode `entry` children counted without a grade are in the entry grade.
        """
        exact, bare = _columns(demand, step), _columns(demand, (step[0], ""))
        if self.district.settings.instance.mode == "entry":
            return exact + (bare if step[1] == grades_of(step[0], self.system)[0] else []), []
        return exact, bare

    def homes(self, stage: Stage, category: str = "") -> Homes:
        """Return where the children of a stage and category belong."""
        key = (stage, category)
        if key not in self._homes:
            self._homes[key] = find_homes(self.district, stage, category)
        return self._homes[key]

    def demand_of(self, year: int) -> Demand | None:
        """Return every grade that was counted for a year."""
        return self.district.counted.get(year, self.district.demand if year == self.first else None)

    def counts_below(self, stage: Stage, year: int) -> Iterator[tuple[Demand, list[Step]]]:
        """Yield the counts of those who come of age for a stage in `year`, the latest first.

        With each the grades from below the stage down to the one they were in then. Everybody counted is in it:
        whether a child of a younger grade registers is asked of the stage it will enter.
        """
        path = _steps_before(stage, self.system)
        for back in range(1, len(path) + 1):
            demand = self.demand_of(year - back)
            if demand is not None:
                yield _with_those_aside(demand), path[:back]

    def _counted(self, stage: Stage, year: int) -> Entrants | None:
        demand = self.district.demand if year == self.first else self.demand_of(year)
        found = self.count(demand, (stage, grades_of(stage, self.system)[0]), stage) if demand is not None else None
        if found is None:
            return None
        settings = self.district.settings
        led = (
            year == self.first
            and stage == "junior"
            and feeders_decide(settings)
            and self.district.enrolment is not None
        )
        return Entrants("feeders" if led else "counted", found.students, found.unzoned.astype(np.float64), found.units)

    def _younger(self, stage: Stage, year: int) -> Entrants | None:
        for demand, path in self.counts_below(stage, year):
            found = self.count(demand, path[-1], stage)
            if found is not None:
                students, unzoned = (
                    self.register(self.move_up(each, path), stage) for each in (found.students, found.unzoned)
                )
                return Entrants("younger", students, unzoned.astype(np.float64), found.units)
        return None

    def move_up(self, students: Ints, path: Sequence[Step]) -> Ints:
        """Return a cohort after the steps of `path`, the last one first: times the rate, rounded half up."""
        for step in reversed(path):
            rate = self.district.rates.get(step, 1.0)
            students = np.array([scale_half_up(int(count), rate) for count in students], dtype=np.int64)
        return students

    def register(self, students: Ints, stage: Stage, rate: float = 1.0) -> Ints:
        """Return those who register for a public school of `stage`, times a rate."""
        demand = self.district.settings.demand
        capture, private = demand.capture.get(stage, 1.0), demand.private_share.get(stage, 0.0)
        return np.array([registered(int(count), capture, private, rate) for count in students], dtype=np.int64)

    def _sent(self, stage: Stage, standing: Stock) -> Entrants | None:
        """Return the last primary grade of `standing` where it enters junior school; of a return or by feeders only."""
        last: Step = ("primary", grades_of("primary", self.system)[-1])
        leaving = [k for k, step in enumerate(zip(standing.stage, standing.grade, strict=True)) if step == last]
        known = self.fed or self.district.enrolment is not None
        if stage != "junior" or not known or not leaving:
            return None
        leavers = np.zeros(len(self.district.schools) + 1, dtype=np.int64)
        np.add.at(leavers, standing.school[leaving], standing.students[leaving])
        coming = self.register(leavers, stage, self.district.rates.get(last, 1.0))
        students = send(coming, self._transfer)
        return Entrants("feeders" if self.fed else "leavers", students, np.full(len(students), np.nan))

    @property
    def fed(self) -> bool:
        """Whether primary schools lead to junior schools; that a nine-year school feeds itself goes without saying."""
        feeders = self.district.feeders
        named = feeders is not None and bool((feeders.primary != feeders.junior).any())
        return named or self.district.settings.demand.junior == "feeders"

    @cached_property
    def _transfer(self) -> Floats:
        demand, settings = self.demand_of(self.first) or self.district.demand, self.district.settings
        weight = primary_weights(demand, settings).astype(np.float64)
        return compute_transfer(self.district, self.homes("primary"), self.homes("junior"), weight)

    def _gather(self, demand: Demand, columns: Sequence[int], entering: Stage) -> Ints:
        held = np.zeros(len(self.district.schools) + 1, dtype=np.int64)
        for k in columns:
            held += self.homes(entering, demand.cohorts[k].category).gather(demand.students[:, k])
        return held


def _with_those_aside(demand: Demand) -> Demand:
    return demand if demand.aside is None else replace(demand, students=demand.students + demand.aside)


def _columns(demand: Demand, step: Step) -> list[int]:
    return [k for k, cohort in enumerate(demand.cohorts) if (cohort.stage, cohort.grade) == step]


def _spread(students: Ints, place: int, grades: int) -> Ints:
    """Return the part of a stage that is in one grade: an even spread, the first grades one more."""
    return students // grades + (place < students % grades)


def _steps_before(stage: Stage, system: System) -> list[Step]:
    """Return the grades below the entry grade of a stage, the nearest first."""
    below = STAGES[: STAGES.index(stage)]
    return [(of, grade) for of in reversed(below) for grade in reversed(grades_of(of, system))]

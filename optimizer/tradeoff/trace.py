"""The curve traced: the ends first, then below ceilings, a few at a time."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from models.settings import LevelName, Name
from models.variation import Variation
from optimizer.pipeline import Options
from optimizer.runs.form import PLANNED
from optimizer.runs.read import read_record
from optimizer.tasks import Result, Task
from optimizer.tradeoff.ceilings import next_ceilings
from optimizer.tradeoff.curve import Curve, Spot, find_beginning
from optimizer.tradeoff.question import Question

SPENT_SHARE = 0.9
"""Of the time, given to the plans; the rest goes into starting workers and telling."""
TELLING_SHARE = 0.02
"""Of the time, after which no plan is to be under way any more."""
DIGITS = 3
ROUND, ROUNDS = 4, 3
"""Ceilings that are asked in one round at least, and rounds at most."""
MOST_TIMES = 2
"""An end is asked so often, the second time from a plan that is better in the levels before."""
Asked = tuple[LevelName | None, dict[LevelName, float]]
"""The level that goes first, or the ceilings of the others."""
Entitle = Callable[[LevelName | None, dict[LevelName, float]], Name]
"""What a run is called in each language, by the level that goes first or by its ceilings."""
CarryOut = Callable[[Sequence[Task]], tuple[Sequence[Result], bool]]
"""Makes runs; whether somebody stopped it comes with the results."""


@dataclass(frozen=True)
class Terms:
    """What is asked, of whom, and how far it may go."""

    question: Question
    instance: Path
    scenario: str
    options: Options
    """Of each plan but for its time."""
    points: int
    time_limit_s: float | None
    """Of the whole; None where work is counted."""
    jobs: int
    """Plans that are made at the same time."""
    start: Path | None = None
    """Of posts: the run whose classes they are for."""

    @property
    def rounds(self) -> tuple[int, ...]:
        """Plans of every round: the ends, then ceilings a few at a time. The same however many are made at once, so
        that the same plans are asked for everywhere."""
        ends = len(self.question.levels)
        others = max(0, self.points - ends)
        return (ends, *(min(self.size, others - begun) for begun in range(0, others, self.size)))

    @property
    def size(self) -> int:
        """Ceilings that are asked in one round at most."""
        return max(ROUND, ceil((self.points - len(self.question.levels)) / ROUNDS))

    @property
    def share_s(self) -> float | None:
        """Seconds for each plan: the same for all, so that a second start asks the same."""
        if self.time_limit_s is None:
            return None
        return round(SPENT_SHARE * self.time_limit_s / sum(ceil(size / self.jobs) for size in self.rounds), 1)

    def left_s(self, seconds: float) -> float:
        """Return the time that is left for plans after so many seconds; some is kept back for telling."""
        return np.inf if self.time_limit_s is None else max(0.0, (1.0 - TELLING_SHARE) * self.time_limit_s - seconds)

    def may_begin(self, seconds: float, slowest_s: float) -> int:
        """Return how many plans may be begun after so many seconds and be there in time, if they take as long as the
        slowest until now."""
        if self.share_s is None:
            return self.points
        return self.jobs * int(self.left_s(seconds) / max(self.share_s, slowest_s))


@dataclass(frozen=True)
class Trace:
    """What came of it."""

    curve: Curve
    results: tuple[Result, ...]
    interrupted: bool
    late: bool
    """Whether the time was over before all plans were made that were asked for."""
    needed_s: float = 0.0
    """Of the next plan, and `left_s` of the time, where it was late."""
    left_s: float = 0.0


def trace(terms: Terms, carry_out: CarryOut, entitle: Entitle) -> Trace:
    """Trace the curve of a question by the runs that `carry_out` makes: `001` and on, as they are asked for."""
    began = time.monotonic()
    results: list[Result] = []
    curve = Curve(terms.question, ())
    interrupted = late = False
    needed_s = left_s = 0.0
    asked: list[Asked] = [(level, {}) for level in terms.question.levels]
    times = Counter(terms.question.levels)
    while asked and not interrupted:
        tasks = [_task(terms, curve, len(results) + k, *each, entitle) for k, each in enumerate(asked, start=1)]
        made, interrupted = carry_out(tasks)
        results += made
        stored = [(result, each) for result, each in zip(made, asked, strict=True) if result.is_stored]
        spots = [_read(result.folder, *each) for result, each in stored]
        curve = Curve(terms.question, (*curve.spots, *spots))
        size = min(terms.size, terms.points - len(results))
        again = [level for level in curve.open_ends if times[level] < MOST_TIMES][:size]
        times.update(again)
        ceilings = next_ceilings(curve, size - len(again), terms.points)
        wanted: list[Asked] = [*((level, {}) for level in again), *((None, each) for each in ceilings)]
        slowest_s = max((result.seconds for result in results if result.ending == "solved"), default=0.0)
        seconds = time.monotonic() - began
        in_time = terms.may_begin(seconds, slowest_s)
        if len(wanted) > in_time and not late:
            late, needed_s, left_s = True, max(terms.share_s or 0.0, slowest_s), terms.left_s(seconds)
        asked = wanted[:in_time]
    return Trace(curve, tuple(results), interrupted, late, needed_s, left_s)


def _task(
    terms: Terms, curve: Curve, number: int, leads: LevelName | None, ceilings: dict[LevelName, float], entitle: Entitle
) -> Task:
    question = terms.question
    patch: dict[str, Any] = question.below(ceilings) if leads is None else question.first(leads)
    return Task(
        name=f"{number:0{DIGITS}d}",
        instance=terms.instance,
        scenario=terms.scenario,
        options=replace(terms.options, time_limit_s=terms.share_s, students_only=not question.posts, diagnose=False),
        variation=Variation(name=f"{number:0{DIGITS}d}", title=entitle(leads, ceilings), patch=patch),
        posts=question.posts,
        start=terms.start,
        after="" if question.posts else find_beginning(curve, leads, ceilings),
    )


def _read(folder: Path, leads: LevelName | None, ceilings: dict[LevelName, float]) -> Spot:
    """What a run came to."""
    record = read_record(folder)
    spot = Spot(folder.name, record["status"], ceilings, leads)
    if record["status"] not in PLANNED:
        return spot
    known = {level["name"]: level for level in record["levels"]}
    return replace(
        spot,
        values={level: known[level]["value"] for level in known},
        bounds={level: known[level]["bound"] for level in known if known[level]["bound"] is not None},
        gap=float("nan") if record["gap"] is None else record["gap"],
        mean_m=float("nan") if record["mean_m"] is None else record["mean_m"],
    )

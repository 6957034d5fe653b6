"""The plan that is best on the mean of many draws, and the one that is best in the worst of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.district import Bools, District, Ints, Travel
from models.placement import Placement
from optimizer.drawn.seat import seat_drawing
from optimizer.draws.candidates import STATED, TODAY, Candidate
from optimizer.draws.demand import Draws
from optimizer.draws.overflows import SURE, Overflows, by_stage, followers, judge_catchments
from optimizer.formulation.room import Room, find_room
from optimizer.recheck import recheck_placement

OF_ROOM = ("places", "purchased", "school_size", "classrooms", "tracks", "class_size")
"""Rules that say how many children a school takes: by how much a plan breaks them is what is counted."""


@dataclass(frozen=True)
class Judged:
    """A candidate, and what it comes to over the draws."""

    candidate: Candidate
    overflows: Overflows
    stated: int
    """Children beyond where the demand is as stated."""
    from_today: int | None
    """Children, as stated, whose school is not today's; None where today's catchments are not known."""
    from_stated: int | None
    """Those whose school is not that of the plan for the stated demand; None where there is no such plan."""

    @property
    def name(self) -> str:
        """Name of the candidate."""
        return self.candidate.name


@dataclass(frozen=True)
class Bound:
    """What no catchments can undercut that keep every rule in each of the draws that plans were made for.

    The mean of what is best for each draw is at most the mean of any one plan (wait and see: Madansky, Inequalities for
    stochastic linear programming problems, Management Science 6, 1960).
    """

    draws: int
    best: float
    """Children who sit outside their catchment on the mean of these draws, where each has catchments of its own: as
    proved."""
    average: float
    """Children beyond under the plan that is best on average, on the same draws: so many sit outside at least."""


@dataclass(frozen=True)
class Robust:
    """Candidates side by side."""

    district: District
    draws: Draws
    tail: float
    judged: tuple[Judged, ...]
    average: str
    """Name of the candidate that is best on average; children beyond come first, then kilometres."""
    worst: str
    """That of the candidate that is best in the worst tail."""
    barred: tuple[str, ...] = ()
    """Candidates that would have been better, but break a hard rule other than those of room."""
    lawful: bool = True
    """Whether the two keep every such rule; False where no candidate does."""
    bound: Bound | None = None

    def find(self, name: str) -> Judged | None:
        """Return a candidate by its name."""
        return next((judged for judged in self.judged if judged.name == name), None)

    @property
    def named(self) -> tuple[Judged, ...]:
        """The plan for the stated demand, the two that are best, and today's: each once, where it is there."""
        found = map(self.find, dict.fromkeys((STATED, self.average, self.worst, TODAY)))
        return tuple(judged for judged in found if judged is not None)


def find_robust(
    district: District, travel: Travel, candidates: Sequence[Candidate], draws: Draws, tail: float
) -> Robust:
    """Judge candidates on draws that none of them was made for, and name the best on average and in the worst tail.

    Those that break a hard rule under the stated demand are not named, but for rules of room, which say how many
    children a school takes: children beyond are what is counted.
    """
    room = find_room(district, travel)
    children = by_stage(room, followers(district, room, district.demand.students[None]))[0]
    by_name = {candidate.name: candidate.held for candidate in candidates}
    judged = tuple(
        Judged(
            candidate,
            judge_catchments(district, travel, candidate.held, room, draws, tail),
            _beyond_as_stated(district, travel, candidate.held, room, draws),
            _count_moved(children, candidate.held, by_name.get(TODAY)),
            _count_moved(children, candidate.held, by_name.get(STATED)),
        )
        for candidate in candidates
    )
    laws = _Laws(district, travel)
    average, barred = laws.first(judged, lambda of: (of.overflows.mean, of.overflows.mean_km))
    worst, also = laws.first(judged, lambda of: (of.overflows.worst, of.overflows.worst_km))
    lawful = laws.keeps(average.candidate) and laws.keeps(worst.candidate)
    return Robust(
        district, draws, tail, judged, average.name, worst.name, tuple(dict.fromkeys((*barred, *also))), lawful
    )


def find_bound(robust: Robust, travel: Travel, plans: Draws, bounds: Sequence[float | None]) -> Bound | None:
    """Return what was proved of the draws that plans were made for, beside the plan that is best on average there.

    None where it would not hold: in mode `whole`, and where nobody may sit outside the catchment, the level `overflow`
    counts nothing; where children are set aside, the draws of the plans are rounded anew; where the proof of a draw is
    missing; and where the plan breaks a rule in one of the draws, so that it undercuts them.
    """
    settings, best = robust.district.settings, robust.find(robust.average)
    counted = settings.instance.mode == "entry" and settings.rules.overflow != "hard"
    proved = [bound for bound in bounds if bound is not None]
    if (
        not counted
        or robust.district.demand.aside is not None
        or best is None
        or not proved
        or len(proved) < len(plans)
    ):
        return None
    room = find_room(robust.district, travel)
    reached = judge_catchments(robust.district, travel, best.candidate.held, room, plans, robust.tail).mean
    least = float(np.mean(proved))
    return Bound(len(plans), least, reached) if reached >= least else None


def compare_means(one: Overflows, other: Overflows) -> tuple[float, float, float]:
    """Return how many more children are beyond in `one` than in `other`, draw by draw: mean, 95 % interval."""
    differences = one.beyond - other.beyond
    half = SURE * float(differences.std(ddof=1)) / np.sqrt(len(differences)) if len(differences) > 1 else np.inf
    return float(differences.mean()), float(differences.mean() - half), float(differences.mean() + half)


def _beyond_as_stated(district: District, travel: Travel, held: Bools, room: Room, draws: Draws) -> int:
    stated = Draws(district.demand.students[None], draws.seed, draws.spread)
    return int(judge_catchments(district, travel, held, room, stated).beyond[0])


def _count_moved(children: Ints, held: Bools, before: Bools | None) -> int | None:
    """How many of the children, shape (units, stages), live in a unit that has none of the schools it had."""
    if before is None:
        return None
    moved = np.any(before, axis=1) & ~np.any(held & before, axis=1)
    return int((children * moved).sum())


@dataclass
class _Laws:
    """Whether candidates keep the hard rules, each looked at once, and only if it comes to that."""

    district: District
    travel: Travel
    found: dict[str, bool] = field(default_factory=dict)

    def first(
        self, judged: Sequence[Judged], measure: Callable[[Judged], tuple[float, float]]
    ) -> tuple[Judged, list[str]]:
        """Return the best that keeps the rules, and those before it that do not; the very best where none does."""
        ranked = sorted(judged, key=measure)
        for place, candidate in enumerate(ranked):
            if self.keeps(candidate.candidate):
                return candidate, [before.name for before in ranked[:place]]
        return ranked[0], []

    def keeps(self, candidate: Candidate) -> bool:
        """Whether a candidate keeps every hard rule, those of room aside."""
        if candidate.name not in self.found:
            plan = seat_drawing(self.district, self.travel, candidate.held)
            shortfalls = recheck_placement(Placement(self.district, self.travel, plan))
            self.found[candidate.name] = not any(s.is_fault and s.rule not in OF_ROOM for s in shortfalls)
        return self.found[candidate.name]

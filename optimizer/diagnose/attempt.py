"""One attempt at a plan for the children of a case: formulated, counted, solved, seated; nothing is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.diagnosis import Count
from models.district import District, Travel
from models.faults import FaultyInput
from models.outcome import Outcome, Status
from models.plan import Plan
from models.settings import Settings, merge
from optimizer.checks import check_source
from optimizer.diagnose.count import count_children
from optimizer.diagnose.families import without
from optimizer.formulation import Formulation, formulate
from optimizer.formulation.plan import draw_plan
from optimizer.formulation.start import starting_plan
from optimizer.geo.travel import measure_travel
from optimizer.io import build_district, read_source
from optimizer.solve import Effort, solve
from optimizer.solve.seats import seat_children

NOTHING: Mapping[str, Any] = {}
"""Laid over a scenario that is asked as it stands."""
ANY = 1e9
"""Relative gap with which any plan is good enough."""
CHOICES_A_SECOND = 500
SHORTEST_S, LONGEST_S, LONGEST_OF_LARGE_S = 1.0, 8.0, 20.0
"""Of one attempt."""
LARGE = 10_000
FAIR = 0.05
"""Relative gap with which the figures of a plan are told: a longer search would find it a little better."""


@dataclass(frozen=True)
class Case:
    """An instance under a scenario, and how it is solved."""

    folder: Path
    scenario: str
    district: District
    travel: Travel
    seed: int = 1
    workers: int = 1
    posted: bool = False
    """Whether posts are decided as well, once the children have a plan."""
    laid: Mapping[str, Any] = field(default_factory=dict)
    """An override that is laid over the scenario already."""
    off: frozenset[str] = frozenset()
    """Rules that are left out for the time being."""

    @property
    def choices(self) -> int:
        """Units times schools that serve them."""
        schools, stages = self.district.schools, self.district.settings.instance.stages
        return len(self.district.units) * sum(int(schools.serves(stage).sum()) for stage in stages)

    @property
    def is_large(self) -> bool:
        """Whether a plan takes a while: every grade of a whole district with class caps."""
        settings = self.district.settings
        return settings.instance.mode == "whole" and bool(settings.policy.class_size.cap) and self.choices > LARGE

    @property
    def slice_s(self) -> float:
        """Seconds in which a plan is found where there is one, mostly: the more choices, the longer."""
        longest = LONGEST_OF_LARGE_S if self.is_large else LONGEST_S
        return float(np.clip(self.choices / CHOICES_A_SECOND, SHORTEST_S, longest))

    @classmethod
    def read(
        cls,
        folder: Path,
        scenario: str,
        *,
        seed: int,
        workers: int,
        students_only: bool = False,
        patch: Mapping[str, Any] = NOTHING,
    ) -> "Case":
        """Return an instance under a scenario with a patch laid over it. Raises FaultyInput and what reading raises."""
        source = read_source(folder, scenario, patch)
        report = check_source(source)
        if report.faults:
            raise FaultyInput(report.faults, report.checks)
        district = build_district(source)
        posted = district.teachers is not None and not students_only
        return cls(folder, scenario, district, measure_travel(district), seed, workers, posted, patch)

    def posed(self, settings: Mapping[str, Any]) -> "Case":
        """Return the case with other settings, such as `{"rules": {"places": "off"}}`."""
        merged = merge(self.district.settings.model_dump(), settings)
        return replace(self, district=replace(self.district, settings=Settings.model_validate(merged)))

    def patched(self, patch: Mapping[str, Any]) -> "Case | None":
        """Return the case read anew with a further override; None where the instance then has faults."""
        laid = merge(self.laid, patch)
        source = read_source(self.folder, self.scenario, laid)
        if check_source(source).faults:
            return None
        district = without(replace(build_district(source), later=self.district.later), self.off)
        moved = any(name in laid for name in ("schools", "units"))
        travel = measure_travel(district) if moved else self.travel
        return replace(self, district=district, travel=travel, laid=laid)

    def leaving_out(self, rules: Iterable[str]) -> "Case":
        """Return the case without some rules."""
        off = frozenset(rules)
        return replace(self, district=without(self.district, off), off=self.off | off)


@dataclass(frozen=True)
class Attempt:
    """What came of it. `outcome.pairs` is None where there is no plan."""

    case: Case
    formulation: Formulation
    outcome: Outcome
    counts: tuple[Count, ...] = ()
    """Sums that no plan can meet; with one, nothing was searched."""
    staffed: bool | None = True
    """Whether posts go with it; None where that was not found out in time."""

    @property
    def possible(self) -> bool | None:
        """Whether a plan exists; None where neither a plan nor a proof was found in time."""
        if self.outcome.pairs is not None:
            return True
        return False if self.outcome.status == Status.INFEASIBLE else None

    @property
    def plan(self) -> Plan | None:
        """The plan as tables."""
        return draw_plan(self.formulation, self.case.district, self.case.travel, self.outcome)


def attempt(case: Case, effort: Effort, *, gap: float = ANY, start: Plan | None = None) -> Attempt:
    """Look for a plan within an effort: any at all, or one whose levels are solved to a gap, from `start` on."""
    f = formulate(case.district, case.travel)
    counts = count_children(f, case.district, case.travel)
    if any(count.proves for count in counts):
        return Attempt(case, f, Outcome(Status.INFEASIBLE), counts)
    outcome = _search(case, f, effort, gap, start)
    if f.pool is not None and gap > FAIR and outcome.pairs is None and outcome.status == Status.NO_PLAN:
        outcome = _search(case, f, effort, FAIR, start)
    return Attempt(case, f, outcome, counts)


def _search(case: Case, f: Formulation, effort: Effort, gap: float, earlier: Plan | None) -> Outcome:
    """Solve and seat. Catchments that any plan may have can leave children whom no school within reach could seat."""
    start = starting_plan(f, case.district, None if earlier is None else earlier.catchments)
    outcome = solve(f, effort, gap=gap, seed=case.seed, workers=case.workers, start=start)
    return outcome if f.pool is None else seat_children(f, case.district, case.travel, outcome)

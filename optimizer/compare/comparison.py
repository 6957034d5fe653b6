"""Plans beside a baseline: what each comes to, and what differs from plan to plan. Figures, without words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.diagnosis import Binding
from models.outcome import Status
from optimizer.compare.figures import (
    LevelPair,
    ShortfallPair,
    compare_bindings,
    compare_indices,
    compare_levels,
    compare_shortfalls,
)
from optimizer.compare.inputs import Inputs, compare_inputs
from optimizer.compare.people import People, compare_people
from optimizer.digest import Exhibit
from optimizer.digest.options import Option, compare_options
from optimizer.digest.places import Intake, count_intakes


class CannotCompare(Exception):
    """A plan that cannot stand beside the baseline; `reason` is `units`, `stages` or `scope`."""

    def __init__(self, other: Exhibit, baseline: Exhibit, reason: str) -> None:
        super().__init__(f"{other.stored.folder} beside {baseline.stored.folder}: {reason}")
        self.other = other
        self.baseline = baseline
        self.reason = reason


@dataclass(frozen=True)
class Summary:
    """The chief figures of one plan; NaN where its run does not tell, and nothing else than the status without one."""

    exhibit: Exhibit
    planned: bool
    intakes: tuple[Intake, ...] = ()
    option: Option | None = None
    pieces: tuple[str, ...] = ()
    """Schools whose catchment lies in several pieces although the rule forbids it."""
    broken: int = 0
    """Hard rules broken by the plan, place by place."""
    soft: int = 0
    """Soft rules that are not kept, place by place; what stood before aside."""
    missed: int = 0
    """Indices of the district that miss their target."""

    @property
    def status(self) -> Status:
        """What was shown about the plan."""
        return self.exhibit.stored.status

    @property
    def short(self) -> int:
        """Children beyond the places of the schools where they sit."""
        return sum(intake.short for intake in self.intakes)

    @property
    def outside(self) -> int:
        """Children of a catchment who are placed outside it."""
        return sum(intake.outside for intake in self.intakes)

    @property
    def mean_m(self) -> float:
        """Metres of a child on average."""
        mean = self.exhibit.record["mean_m"]
        return np.nan if mean is None else float(mean)


@dataclass(frozen=True)
class Difference:
    """What differs from the baseline to another plan."""

    baseline: Summary
    other: Summary
    inputs: Inputs
    people: People
    indices: pd.DataFrame
    """Columns `figures.INDEX_COLUMNS`."""
    levels: tuple[LevelPair, ...]
    comparable: bool
    """Whether both minimise the same levels in one order, so that a level of one may be held against the other's."""
    binds: tuple[Binding, ...]
    """Rules that bind now and did not."""
    frees: tuple[Binding, ...]
    """Rules that bound and do not any more."""
    bindings_known: bool
    """Whether both instances are there, without which nobody knows what binds."""
    shortfalls: tuple[ShortfallPair, ...]


@dataclass(frozen=True)
class Comparison:
    """A baseline, the plans beside it, and what differs; a run without a plan has a summary and no difference."""

    baseline: Summary
    others: tuple[Summary, ...]
    differences: tuple[Difference | None, ...]

    @property
    def pairs(self) -> tuple[Difference, ...]:
        """The differences of those that have a plan."""
        return tuple(difference for difference in self.differences if difference is not None)


def compare_exhibits(baseline: Exhibit, others: Sequence[Exhibit]) -> Comparison:
    """Return how each of `others` differs from `baseline`, which has a plan.

    Raises CannotCompare for one of other units or stages, and for posts alone beside children.
    """
    for other in others:
        _refuse_unfit(other, baseline)
    exhibits = (baseline, *others)
    planned = [exhibit for exhibit in exhibits if is_planned(exhibit)]
    options = iter(compare_options(planned, most=len(planned)))
    first, *rest = (_summarise(each, next(options) if is_planned(each) else None) for each in exhibits)
    return Comparison(first, tuple(rest), tuple(_compare(first, each) if each.planned else None for each in rest))


def _summarise(exhibit: Exhibit, option: Option | None) -> Summary:
    if option is None:
        return Summary(exhibit, planned=False)
    faults = [each for each in exhibit.stored.shortfalls if each.is_fault]
    soft = [each for each in exhibit.stored.shortfalls if not each.is_fault and not each.inherited]
    pieces = dict.fromkeys(each.where for each in faults if (each.rule, each.kind) == ("contiguous", "pieces"))
    indices = exhibit.stored.tables.get("indices")
    missed = 0 if indices is None else int(((indices["scope"] == "district") & _fails(indices["passes"])).sum())
    return Summary(
        exhibit,
        planned=True,
        intakes=count_intakes(exhibit),
        option=option,
        pieces=tuple(pieces),
        broken=len(faults),
        soft=len(soft),
        missed=missed,
    )


def is_planned(exhibit: Exhibit) -> bool:
    """Return whether there is a plan: a run that found one, or one that somebody drew."""
    return exhibit.stored.plan is not None


def _fails(passes: "pd.Series[str]") -> "pd.Series[bool]":
    return passes.astype(str).str.lower() == "false"


def _compare(baseline: Summary, other: Summary) -> Difference:
    first, second = baseline.exhibit, other.exhibit
    levels, comparable = compare_levels(first, second)
    known = first.basis is not None and second.basis is not None
    binds, frees = compare_bindings(first, second) if known else ((), ())
    return Difference(
        baseline,
        other,
        inputs=compare_inputs(first, second),
        people=compare_people(first, second),
        indices=compare_indices(first, second),
        levels=levels,
        comparable=comparable,
        binds=binds,
        frees=frees,
        bindings_known=known,
        shortfalls=compare_shortfalls(first, second),
    )


def _refuse_unfit(other: Exhibit, baseline: Exhibit) -> None:
    if not is_planned(other):
        return
    if (other.stored.scope == "posts") != (baseline.stored.scope == "posts"):
        raise CannotCompare(other, baseline, "scope")
    if other.stages != baseline.stages:
        raise CannotCompare(other, baseline, "stages")
    if _units_of(other) != _units_of(baseline):
        raise CannotCompare(other, baseline, "units")


def _units_of(exhibit: Exhibit) -> set[str]:
    """Ids of the units; of posts alone the instance stands for them."""
    tables = exhibit.stored.tables
    table = tables.get("drawn", tables.get("catchments"))
    return {str(exhibit.record["instance"])} if table is None else set(table["unit_id"])

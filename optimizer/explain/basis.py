"""A stored plan beside the instance it was made from: the same bytes, or none that could matter to the question."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from models.district import District, Travel
from models.faults import FaultyInput
from models.placement import Placement
from models.plan import Plan
from models.run import Shortfall
from optimizer.explain.levels import count_levels
from optimizer.geo.travel import measure_travel
from optimizer.indices import compute_judged
from optimizer.io import build_district, read_source
from optimizer.io.scenarios import FILE as SCENARIOS
from optimizer.outlook.later import look_later
from optimizer.recheck import recheck_placement
from optimizer.runs import NotARun, StoredRun

_OF_STAFF = ("teachers", "curriculum", "classes")
"""Tables by stem that no question about children asks."""


class InputsGone(Exception):
    """The instance of a run is not where the run says (`named`, "" where it says nothing)."""

    def __init__(self, folder: Path, named: str) -> None:
        super().__init__(f"{folder}: {named}")
        self.folder = folder
        self.named = named


class InputsChanged(Exception):
    """Files of the instance are not as they were when the plan was made."""

    def __init__(self, folder: Path, instance: Path, files: tuple[str, ...]) -> None:
        super().__init__(f"{instance}: {', '.join(files)}")
        self.folder = folder
        self.instance = instance
        self.files = files


@dataclass(frozen=True)
class Basis:
    """A run, its district, and the plan as the program drew it: what was edited by hand since is not in it."""

    stored: StoredRun
    district: District
    plan: Plan
    changed: tuple[str, ...] = ()
    """Files that are not as they were, and do not matter."""
    measured: Travel | None = None
    """Metres and neighbours, where they were measured already."""

    @cached_property
    def travel(self) -> Travel:
        """Metres and neighbours."""
        return self.measured or measure_travel(self.district)

    @cached_property
    def placement(self) -> Placement:
        """The plan in positions, without its posts."""
        return Placement(self.district, self.travel, replace(self.plan, staff=None))

    @cached_property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """What the plan falls short of, judged anew, without its posts."""
        return recheck_placement(self.placement)

    @cached_property
    def levels(self) -> Mapping[str, float]:
        """Value of every level that speaks of children, in the order of the run."""
        return self.count(self.placement, self.shortfalls)

    @cached_property
    def indices(self) -> pd.DataFrame:
        """Indices that have a target."""
        return compute_judged(self.placement)

    def count(self, placement: Placement, shortfalls: tuple[Shortfall, ...]) -> dict[str, float]:
        """Return the levels of a plan for this district, as `levels`."""
        names = [level["name"] for level in self.stored.record["levels"]]
        return count_levels(placement, shortfalls, names, self.stored.tables.get("revisions"), self.plan)


def read_basis(stored: StoredRun, instance: Path | None = None) -> Basis:
    """Return a run with a plan beside its instance, which lies where the run says unless `instance` names a folder.

    Raises InputsGone where it is not there, InputsChanged where it is not as it was, FaultyInput where it cannot be
    read, and ScenarioNotFound where the scenario is gone.
    """
    plan = stored.plan
    assert plan is not None
    folder = instance or _find_inputs(stored)
    source = read_source(folder, stored.record["scenario"], stored.variation)
    if "fingerprint" not in stored.record:
        raise NotARun(stored.folder, "no_entry", file="run.json", entry="fingerprint")
    changed = stored.find_changed(source.fingerprints)
    serious = [file for file in changed if not is_apart(stored, file)]
    if serious:
        raise InputsChanged(stored.folder, folder, tuple(changed))
    if source.faults:
        raise FaultyInput(source.faults, 0)
    district = build_district(source)
    if stored.scope != "posts":
        district = replace(district, later=look_later(district, stored.record.get("hold", 1)))
        plan = replace(plan, catchments=stored.tables.get("drawn", plan.catchments))
    return Basis(stored, district, plan, tuple(changed))


def _find_inputs(stored: StoredRun) -> Path:
    """The instance's folder, looked for from the working folder and from every folder above the run."""
    named: str = stored.record.get("inputs", "")
    for start in (Path(), *stored.folder.resolve().parents) if named else ():
        if (start / named / "instance.toml").is_file():
            return start / named
    raise InputsGone(stored.folder, named)


def is_apart(stored: StoredRun, file: str) -> bool:
    """Return whether a file cannot matter: of the scenarios what this one is made of has a fingerprint of its own."""
    return file == SCENARIOS or (stored.scope == "children" and Path(file).stem in _OF_STAFF)

"""A finished run as pages show it: tables, shapes and, where the instance lies beside it, what that adds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from models.diagnosis import Binding
from models.district import Catchments, District
from models.faults import FaultyInput
from models.sentences import Language
from models.stages import Stage
from optimizer.diagnose.binding import find_bindings, stand
from optimizer.diagnose.teachers import find_staff_bindings
from optimizer.explain import Basis, InputsChanged, InputsGone, read_basis
from optimizer.export.picture import Picture, read_picture
from optimizer.indices.journeys import RADIUS_M
from optimizer.io import BASE, ScenarioNotFound, build_district, read_source
from optimizer.outlook.look import Ahead, look_from
from optimizer.runs import StoredRun, read_run

Lacking = Literal["", "gone", "changed"]
"""What became of the instance of a run: it is there, it is not where the run says, it is not as it was."""
YEARS_AHEAD = 6
"""The year of the plan and the five after it."""


class OtherDistrict(Exception):
    """A run that cannot stand beside the first one: other units, or other stages."""

    def __init__(self, folder: Path, first: Path) -> None:
        super().__init__(f"{folder} beside {first}")
        self.folder = folder
        self.first = first


@dataclass(frozen=True)
class Exhibit:
    """A run. What needs the instance is None, or empty, where that is gone or is not as it was, or without a plan."""

    stored: StoredRun
    picture: Picture | None
    """None for a run of posts alone, and for one without a plan."""
    basis: Basis | None = None
    lacking: Lacking = ""
    """Why there is no `basis`, where that is not for want of a plan."""

    @property
    def record(self) -> Mapping[str, Any]:
        """`run.json`."""
        return self.stored.record

    @property
    def scenario(self) -> str:
        """Name of the scenario."""
        return str(self.record["scenario"])

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Stages that the plan decides."""
        return tuple(self.record["decided"] or ())

    @property
    def entry_only(self) -> bool:
        """Whether the plan is of the entry grades alone."""
        return bool(self.record["mode"] == "entry")

    def district(self, language: Language) -> str:
        """Return what the district is called."""
        return self.stored.district(language)

    def title(self, language: Language) -> str:
        """Return what the scenario is called: by its title, else by its name."""
        return self.stored.title(language)

    def radius_m(self, stage: Stage) -> float | None:
        """Return the metres that a school of a stage serves, as the indices measure by; None where no norm says."""
        stated = self.record.get("policy", {}).get("travel", {}).get("target_m", {})
        radius: float | None = stated.get(stage, RADIUS_M.get(stage))
        return radius

    @cached_property
    def school_names(self) -> Mapping[str, str]:
        """Name of each school by its id; the id where it has none."""
        tables = (self.stored.tables.get("schools"), None if self.picture is None else self.picture.schools)
        named: dict[str, str] = {}
        for table in tables:
            if table is not None:
                named |= dict(zip(table["school_id"], table["name"], strict=True))
        if self.basis is not None:
            named |= dict(zip(self.basis.district.schools.ids, self.basis.district.schools.names, strict=True))
        return {school: name or school for school, name in named.items()}

    @cached_property
    def unit_names(self) -> Mapping[str, str]:
        """Name of each unit by its id; the id where it has none."""
        if self.picture is None:
            return {}
        units = self.picture.units
        return {unit: name or unit for unit, name in zip(units["unit_id"], units["name"].fillna(""), strict=True)}

    @cached_property
    def as_it_stands(self) -> District | None:
        """The district of the instance without a scenario; None where that cannot be read."""
        if self.basis is None:
            return None
        source = read_source(self.basis.district.folder, BASE)
        return None if source.faults else build_district(source)

    @cached_property
    def ahead(self) -> Ahead | None:
        """The years under the catchments of the plan; None without last year's return too."""
        if self.basis is None or self.stored.scope == "posts" or self.basis.district.enrolment is None:
            return None
        drawn = self.basis.placement.catchments
        unit, school = (drawn[column].to_numpy(np.int64) for column in ("unit", "school"))
        catchments = Catchments(unit=unit, stage=tuple(drawn["stage"]), school=school)
        return look_from(replace(self.basis.district, current=catchments, later=()), YEARS_AHEAD)

    @cached_property
    def bindings(self) -> tuple[Binding, ...]:
        """Rules that the plan leans on."""
        if self.basis is None:
            return ()
        district, plan = self.basis.district, self.basis.plan
        of_posts = find_staff_bindings(district, plan) if plan.staff is not None else ()
        if self.stored.scope == "posts":
            return of_posts
        return (*find_bindings(stand(district, self.basis.travel, replace(plan, staff=None))), *of_posts)

    def index(self, code: str, stage: str = "", scope: str = "district") -> float:
        """Return the value of an index, NaN where the run has none."""
        return self._indices.get((code, scope, stage), (float("nan"), float("nan")))[0]

    def target(self, code: str, stage: str = "", scope: str = "district") -> float:
        """Return the target of an index, NaN where it has none."""
        return self._indices.get((code, scope, stage), (float("nan"), float("nan")))[1]

    @cached_property
    def _indices(self) -> Mapping[tuple[str, str, str], tuple[float, float]]:
        table = self.stored.tables.get("indices")
        if table is None:
            return {}
        keys = zip(table["index"], table["scope"], table["stage"], strict=True)
        return dict(zip(keys, zip(table["value"], table["target"], strict=True), strict=True))


def read_exhibits(folders: Sequence[Path], instance: Path | None = None) -> tuple[Exhibit, ...]:
    """Return the runs in `folders`, the first one's units and stages being those of all.

    The instance lies where the runs say unless it is named. Raises NotARun for a folder that cannot be read,
    OtherDistrict for a run that does not fit beside the first.
    """
    exhibits = tuple(_read(folder, instance) for folder in folders)
    first = exhibits[0]
    for exhibit in exhibits[1:]:
        if not _fits(exhibit, first):
            raise OtherDistrict(exhibit.stored.folder, first.stored.folder)
    return exhibits


def _read(folder: Path, instance: Path | None) -> Exhibit:
    stored = read_run(folder)
    if stored.plan is None:
        return Exhibit(stored, None)
    picture = None if stored.scope == "posts" else read_picture(folder)
    try:
        basis = read_basis(stored, instance)
    except InputsGone:
        return Exhibit(stored, picture, lacking="gone")
    except (InputsChanged, FaultyInput, ScenarioNotFound):
        return Exhibit(stored, picture, lacking="changed")
    return Exhibit(stored, picture, basis)


def _fits(exhibit: Exhibit, first: Exhibit) -> bool:
    if exhibit.stages != first.stages or (exhibit.picture is None) != (first.picture is None):
        return False
    if exhibit.picture is None or first.picture is None:
        return True
    ids = (exhibit.picture.units["unit_id"].to_numpy(), first.picture.units["unit_id"].to_numpy())
    return bool(len(ids[0]) == len(ids[1]) and np.all(ids[0] == ids[1]))

"""A district as arrays: what every later step reads and none changes.

Positions, not ids, link the tables: `Current.unit[k]` is a row of `Units`, `Current.school[k]` a row of `Schools`.
-1 means "none". Coordinates are WGS84 degrees; every other datum was undone on the way in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.later import LaterYear
from models.settings import Name, ResourceIndicator, Settings
from models.staffing import Curriculum, Teachers
from models.stages import SERVES, SchoolType, Stage
from models.stock import Rates, Stock

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Units:
    """Demand units (小区, residential units): all arrays have one entry a unit."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    lon: Floats
    lat: Floats
    geometry: gpd.GeoSeries | None
    """Polygons in EPSG:4326, row by row, or None where the units are points."""
    estate: tuple[str, ...]
    """Units of one estate keep together; "" for a unit on its own."""
    zone: tuple[str, ...]
    region: tuple[str, ...]
    households: Floats
    """NaN where not given."""

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def row(self) -> dict[str, int]:
        """Row of each unit id."""
        return {unit_id: row for row, unit_id in enumerate(self.ids)}


@dataclass(frozen=True)
class Schools:
    """School sites: all arrays have one entry a school; a number that is not given is NaN."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    types: tuple[SchoolType, ...]
    lon: Floats
    lat: Floats
    unit: Ints
    """Row of the unit the school stands in, -1 where none is known."""
    anchor: Bools
    """False: a borrowed site outside its own area, which need not hold its own unit."""
    places: Floats
    places_of_stage: dict[Stage, Floats]
    classrooms: Floats
    classrooms_of_stage: dict[Stage, Floats]
    classes_per_grade: dict[Stage, Floats]
    """Tracks (轨数) by stage."""
    status: tuple[str, ...]
    """`open`, `candidate` or `closed`; only open schools receive anybody."""
    is_new: Bools
    private: Bools
    purchased_places: Floats
    zone: tuple[str, ...]
    region: tuple[str, ...]
    group: tuple[str, ...]
    """School group (集团); "" for a school in none."""
    legal: tuple[str, ...]
    """Legal school (法人) the site belongs to; its own id where none is given."""
    strength: Floats
    """On any scale: rotation leads from the stronger to the weaker."""
    resources: dict[ResourceIndicator, Floats]
    """What the school has, whole: m2 of teaching and of sports area, yuan of equipment, multimedia rooms."""
    extra: pd.DataFrame
    """Further columns of the contract that no rule reads yet, as given."""

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def row(self) -> dict[str, int]:
        """Row of each school id."""
        return {school_id: row for row, school_id in enumerate(self.ids)}

    def serves(self, stage: Stage) -> Bools:
        """Schools that teach `stage` and are open to children assigned by catchment."""
        return np.array(
            [
                stage in SERVES[kind] and status == "open" and not private
                for kind, status, private in zip(self.types, self.status, self.private, strict=True)
            ],
            dtype=bool,
        )


@dataclass(frozen=True)
class Cohort:
    """Children counted together. `grade` is "" where a whole stage was counted without grades."""

    stage: Stage
    grade: str
    category: str


@dataclass(frozen=True)
class Demand:
    """Children by unit and cohort: `students[unit, cohort]`, whole numbers, scenario and year applied."""

    cohorts: tuple[Cohort, ...]
    students: Ints
    aside: Ints | None = None
    """Children who were counted and are not decided, for they do not register or go to private schools; as `students`.
    None where everyone counted is decided."""

    def of_stage(self, stage: Stage) -> Ints:
        """Children of `stage` in each unit."""
        columns = [k for k, cohort in enumerate(self.cohorts) if cohort.stage == stage]
        return np.asarray(self.students[:, columns].sum(axis=1), dtype=np.int64)


@dataclass(frozen=True)
class Catchments:
    """Who belongs where, in long form; several rows for one unit and stage are a shared catchment (共享学区)."""

    unit: Ints
    stage: tuple[Stage, ...]
    school: Ints

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True)
class Fixed:
    """Units that `must` or must `never` belong to a school, in long form."""

    unit: Ints
    stage: tuple[Stage, ...]
    school: Ints
    must: Bools
    category: tuple[str, ...]
    reason: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True)
class Feeders:
    """Primary schools that send their last grade to junior schools (对口直升), in long form."""

    primary: Ints
    """Rows of `Schools`."""
    junior: Ints
    share: Floats
    """Share of the primary school's last grade; the shares of one primary sum to 1 at most."""

    def __len__(self) -> int:
        return len(self.primary)


@dataclass(frozen=True)
class GivenTravel:
    """Rows of `travel.*`: metres between a unit and a school, in long form."""

    unit: Ints
    school: Ints
    metres: Floats


@dataclass(frozen=True)
class District:
    """One instance under one scenario, checked and typed: everything a plan is made from."""

    folder: Path
    scenario: str
    settings: Settings
    units: Units
    schools: Schools
    demand: Demand
    current: Catchments | None = None
    fixed: Fixed | None = None
    enrolment: Stock | None = None
    """Last year's return, as given (mode `entry`)."""
    stock: Stock | None = None
    """The return rolled to the year of the plan: the continuing classes. None in `whole`."""
    rates: Rates = field(default_factory=dict)
    """`progression`: who stays when a grade moves up."""
    feeders: Feeders | None = None
    counted: Mapping[int, Demand] = field(default_factory=dict)
    """Children as counted, every grade, by the year they were given for: what the outlook reads."""
    later: tuple[LaterYear, ...] = ()
    """Years after the plan's whose entrants the catchments are drawn for as well, in order; none unless asked for."""
    teachers: Teachers | None = None
    curriculum: Curriculum | None = None
    classes: pd.DataFrame | None = None
    """Classes as a plan would give them (`models.plan.CLASS_COLUMNS`), for posts without children."""
    given_travel: GivenTravel | None = None
    adjacency: Ints | None = None
    """Pairs of unit rows, shape (n, 2); replaces what polygons say."""
    barriers: gpd.GeoSeries | None = None
    """Lines in EPSG:4326 that nobody crosses but at a crossing."""
    crossings: gpd.GeoSeries | None = None
    fingerprints: dict[str, str] = field(default_factory=dict)
    """SHA-256 of every file read, by file name; RUN/FILE where it is of a stored run."""
    scenario_title: Name = ""
    """What pages call the scenario; "" where it has no title."""
    patch: Mapping[str, Any] = field(default_factory=dict)
    """What is laid over the scenario and stands in no file."""


@dataclass(frozen=True)
class Travel:
    """How far it is, and who is whose neighbour.

    `metres[unit, school]` is on the ground, in metres; inf is out of reach. `neighbours` are pairs of unit rows
    (a < b), shape (n, 2), or None where contiguity cannot be judged (no polygons and no `adjacency`).
    """

    metres: Floats
    neighbours: Ints | None

"""An instance as it was found: settings, and every table as text with the place each row came from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.district import Bools, Floats, Ints
from models.faults import Fault
from models.settings import Name, Settings
from models.staffing import Days
from optimizer.geo.crs import geometry_to_wgs84, points_to_wgs84
from optimizer.io.columns import TableSpec, choices, is_about_posts, split_ids
from optimizer.io.dates import NO_DAY, read_day
from optimizer.io.findings import Finding

Texts = NDArray[np.object_]

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
"""Plain digits: no thousands separators, no full-width digits, no nan or inf."""


def keep(shapes: Texts, where: Bools) -> Texts:
    """Return the shapes with None in every row but those."""
    kept = shapes.copy()
    kept[~where] = None
    return kept


@dataclass(frozen=True, eq=False)
class Table:
    """One table as text. `frame` holds canonical columns of stripped text, "" where a cell is empty.

    `rows[k]` is row k as a person counts it in `file`. `geometry` is as in the file, in `crs`; x and y columns are in
    `points_crs`. `patched` names the override a changed cell came from.
    """

    spec: TableSpec
    file: str
    frame: pd.DataFrame
    rows: Ints
    geometry: Texts | None = None
    crs: str | None = None
    points_crs: str | None = None
    """Of geometry and of points: None where nothing states it, "" where what is stated cannot be undone."""
    patched: Mapping[tuple[int, str], str] = field(default_factory=dict)
    slips: Mapping[str, str] = field(default_factory=dict)
    """Known columns that the file lacks, each with a heading that nobody knows and that was probably meant."""
    _numbers: dict[str, Floats] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    def has(self, column: str) -> bool:
        """True where the table has the column."""
        return column in self.frame.columns

    def text(self, column: str) -> Texts:
        """Return the cells of a column as text; "" in every row where the column is absent."""
        if not self.has(column):
            return np.full(len(self), "", dtype=object)
        return self.frame[column].to_numpy(dtype=object)

    def filled(self, column: str) -> Bools:
        """Return where a column has an entry."""
        return np.asarray(self.text(column) != "", dtype=bool)

    def numbers(self, column: str) -> Floats:
        """Return a column as numbers, NaN where a cell is empty or no number; read once and not to be written to."""
        if column not in self._numbers:
            plain = (float(cell) if cell and NUMBER.fullmatch(cell) else np.nan for cell in self.text(column))
            self._numbers[column] = np.fromiter(plain, dtype=np.float64, count=len(self))
            self._numbers[column].flags.writeable = False
        return self._numbers[column]

    def days(self, column: str) -> Days:
        """Return a column of dates as days, NaT where a cell is empty or names no day."""
        days = (read_day(cell) if cell else NO_DAY for cell in self.text(column))
        return np.fromiter(days, dtype="datetime64[D]", count=len(self))

    def ids(self, column: str) -> tuple[tuple[str, ...], ...]:
        """Return the ids in each cell of a column that holds several."""
        return tuple(map(split_ids, self.text(column)))

    def positions(self, column: str, row: Mapping[str, int]) -> Ints:
        """Return the row of another table that each id of a column names, -1 where it is empty or not known."""
        return np.fromiter((row.get(found, -1) for found in self.text(column)), dtype=np.int64, count=len(self))

    def flags(self, column: str, default: bool) -> Bools:
        """Return a yes-or-no column, `default` where a cell is empty."""
        spelt = choices("flag")
        said = [spelt.get(cell.casefold()) if cell else None for cell in self.text(column)]
        return np.array([default if word is None else word == "true" for word in said], dtype=bool)

    def at(self, row: int, column: str = "", found: str = "", **facts: object) -> Finding:
        """Return the place of a cell, for a fault: the file, or the override that changed the cell."""
        patch = self.patched.get((row, column))
        facts["who"] = self.name_of(row)
        if patch is not None:
            return Finding("scenarios.toml", 0, patch, found, {**facts, "cell": column})
        return Finding(self.file, int(self.rows[row]), column, found, {**facts, "cell": column})

    def whole(self, column: str = "", found: str = "", **facts: object) -> Finding:
        """Return the table as a place, for a fault that no single row has."""
        return Finding(self.file, 0, column, found, facts)

    def slip(self, *columns: str) -> tuple[str, str]:
        """Return the first of some columns that was probably misspelt, and its heading; the first and "" where none."""
        return next(((column, self.slips[column]) for column in columns if column in self.slips), (columns[0], ""))

    def name_of(self, row: int) -> str:
        """Return the id of a row, or its number where it has none."""
        first = self.spec.key[0] if self.spec.key else ""
        return str(self.text(first)[row]) or f"#{self.rows[row]}"

    @cached_property
    def shapes(self) -> Texts | None:
        """Geometry in WGS84, flat; None where there is none or its coordinate system is not known."""
        if self.geometry is None or not self.crs:
            return None
        return np.asarray(geometry_to_wgs84(gpd.GeoSeries(self.geometry), self.crs).to_numpy(), dtype=object)

    @cached_property
    def points(self) -> tuple[Floats, Floats]:
        """Longitude and latitude of every row: x and y where given, else a point inside its geometry; else NaN."""
        lon, lat = np.full(len(self), np.nan), np.full(len(self), np.nan)
        if self.points_crs:
            lon, lat = points_to_wgs84(self.numbers("x"), self.numbers("y"), self.points_crs)
        if self.shapes is not None:
            sound = shapely.is_valid(self.shapes) & ~shapely.is_empty(self.shapes)
            inside = shapely.point_on_surface(keep(self.shapes, sound))
            blank = ~np.isfinite(lon) | ~np.isfinite(lat)
            lon, lat = np.where(blank, shapely.get_x(inside), lon), np.where(blank, shapely.get_y(inside), lat)
        return lon, lat


@dataclass(frozen=True, eq=False)
class Source:
    """An instance under one scenario, read but not yet judged.

    `faults` are those that reading met. `settings` is None where instance.toml is too broken to be understood; where
    it is only faulty, the faulty keys stand at their defaults so that everything else can be checked as well.
    """

    folder: Path
    scenario: str
    settings: Settings | None
    tables: Mapping[str, Table]
    stated: Mapping[str, Any]
    faults: tuple[Fault, ...]
    fingerprints: Mapping[str, str]
    scenario_title: Name = ""
    patch: Mapping[str, Any] = field(default_factory=dict)
    """What is laid over the scenario and stands in no file."""

    @property
    def about_posts(self) -> bool:
        """True where the instance asks for posts alone, and no unit or school needs a place on the map."""
        return is_about_posts(self.tables)

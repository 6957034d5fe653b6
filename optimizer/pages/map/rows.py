"""Units and schools by position, the same for every run of a page, and what a run says of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.district import Floats, Ints
from models.stages import Stage
from optimizer.digest import Exhibit
from optimizer.export.picture import Picture

_OF_CHANGES = ("unit_id", "from_school_id", "to_school_id", "metres_before", "reason", "reason_code")


@dataclass(frozen=True)
class Rows:
    """Positions by id."""

    units: Mapping[str, int]
    schools: Mapping[str, int]

    def of_schools(self, ids: Iterable[str]) -> Ints:
        """Return the positions of schools, -1 for none."""
        return np.array([self.schools.get(school, -1) for school in ids], dtype=np.int64)

    def planned(self, exhibit: Exhibit, stage: Stage) -> Ints:
        """Return the school of every unit in the plan, the first of a shared catchment."""
        return self.of_schools(picture_of(exhibit).units[f"school_{stage}"])

    def today(self, exhibit: Exhibit, stage: Stage) -> Ints | None:
        """Return the school of every unit today; None where no catchments of today are known."""
        if not (picture_of(exhibit).units[f"current_{stage}"] != "").any():
            return None
        schools, changes = self.planned(exhibit, stage), changes_of(exhibit, stage)
        schools[[self.units[unit] for unit in changes["unit_id"]]] = self.of_schools(changes["from_school_id"])
        return schools

    def metres(self, exhibit: Exhibit, stage: Stage) -> Floats:
        """Return metres from every unit to its school in the plan, NaN where unknown."""
        return np.array(picture_of(exhibit).units[f"metres_{stage}"], dtype=np.float64)

    def metres_today(self, exhibit: Exhibit, stage: Stage) -> Floats:
        """Return metres from every unit to its school of today, NaN where unknown."""
        metres, changes = self.metres(exhibit, stage), changes_of(exhibit, stage)
        metres[[self.units[unit] for unit in changes["unit_id"]]] = changes["metres_before"]
        return metres


def changes_of(exhibit: Exhibit, stage: Stage) -> pd.DataFrame:
    """Return the rows of changes.csv of a stage; units that the layers do not have are left out."""
    table = exhibit.stored.tables.get("changes")
    if table is None:
        return pd.DataFrame({column: [] for column in _OF_CHANGES})
    return table[(table["stage"] == stage) & table["unit_id"].isin(picture_of(exhibit).units["unit_id"])]


def picture_of(exhibit: Exhibit) -> Picture:
    """Return the shapes of a run; a map is drawn of runs that have them."""
    assert exhibit.picture is not None
    return exhibit.picture


def build_rows(exhibits: Sequence[Exhibit], schools: Sequence[str]) -> Rows:
    """Return the positions of units and schools."""
    units = picture_of(exhibits[0]).units["unit_id"]
    return Rows({unit: row for row, unit in enumerate(units)}, {school: row for row, school in enumerate(schools)})

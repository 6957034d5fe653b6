"""The years ahead under the catchments of the plan: children, places, and schools that will be short."""

from dataclasses import dataclass

import pandas as pd

from models.placement import parts_of
from models.stages import Stage
from optimizer.digest.exhibit import Exhibit
from optimizer.outlook.look import Ahead


@dataclass(frozen=True)
class YearAhead:
    """One stage in one year; NaN where a term is unknown."""

    stage: Stage
    year: int
    children: float
    entrants: float
    places: float
    schools_short: int
    """Schools, or groups that share a catchment, whose catchment holds more children than they have places."""
    beyond: float
    """Those children."""

    @property
    def balance(self) -> float:
        """Places left in the stage, below 0 where they are short."""
        return self.places - self.children


def count_years(exhibit: Exhibit) -> tuple[YearAhead, ...]:
    """Return the years after that of the plan, stage by stage; none where nothing tells."""
    if exhibit.ahead is None:
        return ()
    totals = exhibit.ahead.totals.set_index(["stage", "year"])
    found = []
    for (stage, year), rows in parts_of(count_beyond(exhibit.ahead), ["stage", "year"]):
        if year > exhibit.record["year"]:
            total, short = totals.loc[(stage, year)], rows[rows["beyond"] > 0]
            counts = (float(total["children"]), float(total["entrants"]), float(total["places"]))
            found.append(YearAhead(stage, int(year), *counts, len(short), float(short["beyond"].sum())))
    place = {stage: position for position, stage in enumerate(exhibit.stages)}
    return tuple(sorted(found, key=lambda each: (place.get(each.stage, len(place)), each.year)))


def count_beyond(ahead: Ahead) -> pd.DataFrame:
    """Return the rows of schools of the outlook with `beyond`: children of the catchment beyond the places.

    Entrants who follow no catchment are not among them: they are placed where places are left.
    """
    table = ahead.schools
    return table.assign(beyond=table["gap"] - table["unzoned"].fillna(0.0))

"""The years ahead under the catchments of the plan: children, places, and schools that will be short."""

from dataclasses import dataclass

import pandas as pd

from models.placement import parts_of
from models.stages import Stage
from optimizer.digest.exhibit import Exhibit


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
    for (stage, year), rows in parts_of(list_ahead(exhibit), ["stage", "year"]):
        total, short = totals.loc[(stage, year)], rows[rows["gap"] > 0]
        counts = (float(total["children"]), float(total["entrants"]), float(total["places"]))
        found.append(YearAhead(stage, int(year), *counts, len(short), float(short["gap"].sum())))
    place = {stage: position for position, stage in enumerate(exhibit.stages)}
    return tuple(sorted(found, key=lambda each: (place.get(each.stage, len(place)), each.year)))


def list_ahead(exhibit: Exhibit) -> pd.DataFrame:
    """Return the rows of schools of the outlook after the year of the plan, for which the plan itself speaks.

    `first_short_year` is the first of these years with more children in the catchment than places. Entrants who follow
    no catchment count where they live, as in `xuewei outlook`; no rows where nothing tells.
    """
    if exhibit.ahead is None:
        return pd.DataFrame(columns=["school_id", "stage", "year", "gap", "first_short_year"])
    table: pd.DataFrame = exhibit.ahead.schools
    table = table[table["year"] > exhibit.record["year"]].reset_index(drop=True)
    firsts = table["year"].where(table["gap"] > 0).groupby([table["school_id"], table["stage"]]).transform("min")
    return table.assign(first_short_year=firsts)

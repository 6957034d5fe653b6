"""Where teachers live, whom they married, and where they would like to go."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

from instances.careers import pick
from instances.land import Generator, Land
from instances.pool import Pool
from models.district import Floats, Ints
from models.stages import Stage

_KERNEL_M = 1_400.0
"""Homes thin out over this distance from the school."""
_APART_DAYS = 5 * 365
"""Between the birth dates of a couple."""
_MOST_WISHES = 3


def draw_homes(staff: pd.DataFrame, land: Land, households: Ints, sites: Floats, rng: Generator) -> pd.DataFrame:
    """Add `east` and `north`, metres in the plane: in a unit near the school, where many live; recruits anywhere."""
    points = land.points
    unit = rng.choice(len(points), len(staff), p=households / households.sum())
    school = staff["school"].to_numpy()
    for row, site in enumerate(sites):
        here = np.flatnonzero(school == row)
        odds = households * np.exp(-np.hypot(*(points - site).T) / _KERNEL_M)
        unit[here] = rng.choice(len(points), len(here), p=odds / odds.sum())
    room = shapely.distance(shapely.points(points), shapely.boundary(land.units))[unit]
    angle, reach = rng.uniform(0.0, 2.0 * np.pi, len(staff)), 0.8 * room * np.sqrt(rng.random(len(staff)))
    return staff.assign(
        east=points[unit, 0] + reach * np.cos(angle),
        north=points[unit, 1] + reach * np.sin(angle),
    )


def draw_couples(pool: Pool, staff: pd.DataFrame, rng: Generator) -> pd.DataFrame:
    """Add `spouse`, a row or -1: couples of about one age, at one school or at two, in one home."""
    spouse = np.full(len(staff), -1, dtype=np.int64)
    east, north = staff["east"].to_numpy().copy(), staff["north"].to_numpy().copy()
    born = staff["birth_date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    working = ((staff["school"] >= 0) & (staff["role"] != "support")).to_numpy()
    women = working & (staff["sex"] == "female").to_numpy()
    for man in pick(pool.couples, working & (staff["sex"] == "male").to_numpy(), rng).tolist():
        near = np.exp(-np.hypot(east - east[man], north - north[man]) / _KERNEL_M)
        fits = women & (spouse < 0) & (np.abs(born - born[man]) < _APART_DAYS)
        wife = pick(1, fits, rng, near)[0]
        spouse[man], spouse[wife] = wife, man
        east[wife], north[wife] = east[man], north[man]
    return staff.assign(spouse=spouse, east=east, north=north)


def draw_wishes(
    pool: Pool, staff: pd.DataFrame, sites: Floats, teaches: Mapping[Stage, Ints], legal: Ints, rng: Generator
) -> pd.DataFrame:
    """Add `volunteer` and `wishes`, the schools that a volunteer would go to: the nearest to the home.

    `teaches` names the schools of each stage.
    """
    bound = (
        (staff["leave"] != "") | (staff["exempt"] != "") | (staff["home"] >= 0) | (staff["staff_type"] == "reengaged")
    )
    free = ((staff["role"] == "teacher") & (staff["school"] >= 0) & ~bound).to_numpy()
    volunteer = np.zeros(len(staff), dtype=bool)
    volunteer[pick(round(pool.volunteers * len(staff)), free, rng)] = True
    wishes: list[list[int]] = [[] for _ in range(len(staff))]
    for person in np.flatnonzero(volunteer).tolist():
        row = staff.iloc[person]
        others = [school for school in teaches[row["stage"]] if legal[school] != legal[row["school"]]]
        away = np.hypot(*(sites[others] - (row["east"], row["north"])).T)
        nearest = np.argsort(away, kind="stable")[: rng.integers(1, _MOST_WISHES + 1)]
        wishes[person] = [others[at] for at in nearest]
    return staff.assign(volunteer=volunteer, wishes=pd.Series(wishes))

"""Whose catchment a unit is in: one school's, or that of several which share it (共享学区)."""

from collections.abc import Iterable

import pandas as pd


def units_by_schools(catchments: pd.DataFrame, stage: str) -> dict[tuple[str, ...], list[str]]:
    """Return the units of a stage by the schools they belong to, in the order of the table; schools by their ids."""
    rows = catchments[catchments["stage"] == stage]
    units: dict[tuple[str, ...], list[str]] = {}
    for unit, schools in rows.groupby("unit_id", sort=False)["school_id"].agg(sorted).items():
        units.setdefault(tuple(schools), []).append(str(unit))
    return units


def partners(school: str, shares: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the other schools of every share that `school` is in, each once."""
    return list(dict.fromkeys(other for schools in shares if school in schools for other in schools if other != school))


def holders(taught: pd.DataFrame, catchments: pd.DataFrame, stage: str) -> list[str]:
    """Return the schools that have a catchment of a stage: those of the table `taught` first, in its order."""
    order = dict.fromkeys([*taught.loc[taught["stage"] == stage, "school_id"], *catchments["school_id"]])
    held = set(catchments.loc[catchments["stage"] == stage, "school_id"])
    return [school for school in order if school in held]

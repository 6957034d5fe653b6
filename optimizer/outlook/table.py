"""The outlook as tables: a row a school, stage and year; the district; the schools that call for a warning."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd

from models.district import District, Floats
from models.outlook import Projection, StageYears
from models.settings import Outlook

Level = Literal["red", "orange", "yellow", "surplus", ""]
LEVELS: tuple[Level, ...] = get_args(Level)
"""From the gravest to nothing to say."""
SHORT_LEVELS = ("red", "orange", "yellow")
COLUMNS = (
    *("school_id", "name", "stage", "year", "children", "continuing", "entrants", "unzoned", "places", "gap"),
    *("utilisation", "level", "first_short_year", "classes", "entry_classes", "tracks", "free_rooms", "source"),
)
_SUMMED = ("children", "continuing", "entrants", "unzoned", "places", "classes", "entry_classes", "free_rooms")


def build_rows(projection: Projection, district: District) -> pd.DataFrame:
    """Return COLUMNS, a row a school, stage and year; schools that share a catchment are one row.

    gap = children - places, above 0 where places are short. A row without a school holds the children who have none.
    An empty cell (NaN) is unknown.
    """
    parts = [
        _rows(projection.years, stage, pool, (join_ids(district, pool), join_names(district, pool)))
        for stage in projection.stages
        for pool in _pools(stage)
    ]
    table = pd.concat(parts, ignore_index=True)
    table["gap"] = table["children"] - table["places"]
    table["utilisation"] = _utilisation(table)
    table["level"] = find_levels(table["children"], table["places"], district.settings.policy.outlook)
    short = table[table["gap"] > 0].groupby(["school_id", "stage"])["year"].min().rename("first_short_year")
    return table.join(short, on=["school_id", "stage"])[list(COLUMNS)]


def build_totals(schools: pd.DataFrame, thresholds: Outlook) -> pd.DataFrame:
    """Return a row a stage and year with the sums over `schools`; NaN where a term is unknown."""
    keys = ["stage", "year"]
    table = schools.groupby(keys, sort=False)[list(_SUMMED)].sum(min_count=0)
    unknown = schools[list(_SUMMED)].isna().groupby([schools[key] for key in keys], sort=False).any()
    table = table.mask(unknown).reset_index()
    table["gap"] = table["children"] - table["places"]
    table["utilisation"] = _utilisation(table)
    table["level"] = find_levels(table["children"], table["places"], thresholds)
    return table.merge(schools[[*keys, "source"]].drop_duplicates(), on=keys)


def build_warnings(schools: pd.DataFrame) -> pd.DataFrame:
    """Return a row a school and stage that is marked or short of rooms in some year, the gravest first.

    `level` is the gravest of the years, `year` the one with the largest gap (with places to spare: the smallest), whose
    counts are given; `free_rooms` are the fewest of all years.
    """
    real = schools[schools["school_id"] != ""].copy()
    real["grave"] = [LEVELS.index(level) for level in real["level"]]
    keys = ["school_id", "stage"]
    graves, rooms = (real.groupby(keys)[column].transform("min") for column in ("grave", "free_rooms"))
    real = real.assign(grave=graves, free_rooms=rooms, level=[LEVELS[int(grave)] for grave in graves])
    marked = real[(real["level"] != "") | (real["free_rooms"] < 0)].copy()
    marked["weight"] = marked["gap"].where(marked["level"] != "surplus", -marked["gap"])
    worst = marked.sort_values("weight", ascending=False, kind="stable", na_position="last").drop_duplicates(keys)
    ranked = worst.sort_values(["grave", "weight"], ascending=[True, False], kind="stable")
    return ranked[list(COLUMNS)].reset_index(drop=True)


def write_whole(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its counts as whole numbers, empty where unknown."""
    counts = table.columns.intersection([*_SUMMED, "gap", "tracks", "first_short_year"])
    return table.assign(**{column: table[column].round().astype("Int64") for column in counts})


def find_levels(students: "pd.Series[int]", places: "pd.Series[float]", thresholds: Outlook) -> list[Level]:
    """Return the level of each row: by children as a share of places; children without any place are red."""
    share = _share(students, places)
    conditions = [share >= thresholds.red, share >= thresholds.orange, share >= thresholds.yellow]
    chosen = np.select([*conditions, share <= thresholds.surplus], LEVELS[:-1], default="")
    return [LEVELS[LEVELS.index(str(level))] for level in chosen]


def join_ids(district: District, pool: Sequence[int]) -> str:
    """Return the ids of the schools of a pool as one; "" for children without a school."""
    return "+".join(district.schools.ids[column] for column in pool if column < len(district.schools))


def join_names(district: District, pool: Sequence[int]) -> str:
    """Return the names of the schools of a pool as one."""
    return "+".join(district.schools.names[column] for column in pool if column < len(district.schools))


def _pools(stage: StageYears) -> list[tuple[int, ...]]:
    nobody = len(stage.tracks) - 1
    return [*stage.pools, *([(nobody,)] if stage.children[:, nobody].any() else [])]


def _rows(years: Sequence[int], stage: StageYears, pool: Sequence[int], named: tuple[str, str]) -> pd.DataFrame:
    def total(counts: Floats) -> Floats:
        return np.asarray(counts[:, list(pool)].sum(axis=1), dtype=counts.dtype)

    return pd.DataFrame({
        "school_id": named[0],
        "name": named[1],
        "stage": stage.stage,
        "year": years,
        **{column: total(getattr(stage, column)) for column in _SUMMED},
        "tracks": stage.tracks[list(pool)].sum(),
        "source": stage.sources,
    })  # fmt: skip


def _utilisation(table: pd.DataFrame) -> Floats:
    share = _share(table["children"], table["places"])
    return np.asarray(np.round(np.where(np.isfinite(share), share, np.nan), 4), dtype=np.float64)


def _share(students: "pd.Series[int]", places: "pd.Series[float]") -> Floats:
    """Return children / places: inf where there are children and no place, NaN where neither, or places unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(students.to_numpy(np.float64) / places.to_numpy(np.float64), dtype=np.float64)

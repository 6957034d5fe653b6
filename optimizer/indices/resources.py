"""The seven resource indicators of 优质均衡 in one table: what they are before the postings and after."""

from typing import get_args

import numpy as np
import pandas as pd

from models.settings import ResourceIndicator
from models.stages import STAGES

STANDARD = "standard"
"""Stands for the seven together: six thresholds reached, and 85 % of the remaining one."""
RESOURCE_COLUMNS = (
    *("stage", "indicator", "unit", "threshold", "mean_before", "mean_after"),
    *("reached_before", "reached_after", "compared", "cv_before", "cv_after", "cv_max"),
)


def compare_resources(indices: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """Return a row a stage and indicator, and one for the seven together; columns RESOURCE_COLUMNS.

    From the tables of a run: the mean over the children of the schools compared, how many of these schools reach the
    threshold, and the coefficient of variation with its limit. NaN is not known, or not asked. What postings do not
    change is the same before and after.
    """
    children = classes.groupby(["stage", "school_id"])["students"].sum()
    rows = []
    for stage in (stage for stage in STAGES if stage in set(indices["stage"])):
        here = indices[indices["stage"] == stage]
        weight = children.get(stage, pd.Series(dtype=float))
        rows += [_row(here, stage, indicator, weight) for indicator in get_args(ResourceIndicator)]
        rows += [_standard(here, stage)]
    return pd.DataFrame([row for row in rows if row], columns=list(RESOURCE_COLUMNS))


def _row(here: pd.DataFrame, stage: str, indicator: str, weight: "pd.Series[float]") -> dict[str, object]:
    """One indicator at one stage; nothing where no school has it."""
    after, before = (_of(here, f"school_{indicator}", today=today) for today in (False, True))
    if after.empty:
        return {}
    row: dict[str, object] = {
        "stage": stage,
        "indicator": indicator,
        "unit": after["unit"].iloc[0],
        "threshold": after["target"].iloc[0],
        "compared": len(after),
    }
    for name, at in (("before", before), ("after", after)):
        row[f"mean_{name}"] = _mean(at["value"], at["scope"].map(weight).fillna(0.0).astype(float))
        row[f"reached_{name}"] = np.nan if np.isnan(at["target"]).all() else (at["value"] >= at["target"] - 1e-9).sum()
        cv = _of(here, f"{indicator}_cv", today=name == "before")
        row[f"cv_{name}"], row["cv_max"] = (cv["value"].iloc[0], cv["target"].iloc[0]) if len(cv) else (np.nan, np.nan)
    return row


def _standard(here: pd.DataFrame, stage: str) -> dict[str, object]:
    after, before = (_of(here, "schools_meeting_standard", today=today) for today in (False, True))
    if after.empty:
        return {}
    return {
        "stage": stage,
        "indicator": STANDARD,
        "unit": "",
        "reached_before": before["value"].iloc[0],
        "reached_after": after["value"].iloc[0],
        "compared": after["target"].iloc[0],
    }


def _of(here: pd.DataFrame, code: str, *, today: bool) -> pd.DataFrame:
    """The rows of an index, as everybody works today where there are such, else as planned."""
    rows = here[here["index"] == f"{code}_before"] if today else here[:0]
    return rows if len(rows) else here[here["index"] == code]


def _mean(values: "pd.Series[float]", weight: "pd.Series[float]") -> float:
    return float((values * weight).sum() / weight.sum()) if weight.sum() else np.nan

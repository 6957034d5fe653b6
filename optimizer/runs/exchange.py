"""Who comes to each school and goes from it (各校人员进出), from the postings of a run."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from models.stages import STAGES

FORMS = ("rotation", "support", "cross_school", "coordinated", "return", "inside", "leaves", "recruit")
"""Ways to come or go: the forms of postings, `inside` one legal school (another site or stage), and `leaves`."""
SCHOOL_AND_STAGE = ("school_id", "stage")
_FROM = {"school_id": "from_school_id", "stage": "from_stage", "subject": "subject"}
_TO = {"school_id": "to_school_id", "stage": "stage", "subject": "subject"}


def count_in_out(postings: pd.DataFrame, by: Sequence[str] = SCHOOL_AND_STAGE) -> pd.DataFrame:
    """Return a row a school and stage (with `subject` in `by`, and subject): who is there now, goes, comes, is there.

    Columns `by`, before, out, in, after; then out_FORM and in_FORM for each of FORMS that anybody takes.
    before - out + in = after. Who goes counts at the stage taught until now, who comes at the stage to be taught; a
    recruit without a post counts nowhere.
    """
    way = find_ways(postings)
    parts = {
        "before": (postings["from_school_id"] != "", _FROM),
        "out": ((postings["from_school_id"] != "") & (way != "stay"), _FROM),
        "in": ((postings["to_school_id"] != "") & (way != "stay"), _TO),
        "after": (postings["to_school_id"] != "", _TO),
    }
    counts = {name: _count(postings[rows], ends, by) for name, (rows, ends) in parts.items()}
    for end in ("out", "in"):
        rows, ends = parts[end]
        each = {f"{end}_{form}": _count(postings[rows & (way == form)], ends, by) for form in FORMS}
        counts |= {name: count for name, count in each.items() if len(count)}
    table = pd.DataFrame(counts).fillna(0).astype(np.int64).rename_axis(list(by)).reset_index()
    place = table["stage"].map({stage: place for place, stage in enumerate(STAGES)})
    others = [column for column in by if column != "stage"]
    table = table.assign(place=place).sort_values([others[0], "place", *others[1:]], kind="stable")
    return table.drop(columns="place").reset_index(drop=True)


def find_ways(postings: pd.DataFrame) -> "pd.Series[str]":
    """Return how each comes or goes: one of FORMS, or `stay` at the same site and stage."""
    same = (
        postings["from_school_id"] + "\n" + postings["from_stage"]
        == postings["to_school_id"] + "\n" + postings["stage"]
    )
    stays = postings["form"] == "stay"
    way = postings["form"].where(~stays | same, "inside")
    return way.where(~stays | (postings["to_school_id"] != ""), "leaves")


def count_net(postings: pd.DataFrame) -> "pd.Series[int]":
    """Return by school who comes from another legal school less who goes to one; the most first."""
    moved = postings[postings["moved"] == "true"]
    comes, goes = (moved[f"{end}_school_id"].value_counts() for end in ("to", "from"))
    net = comes.sub(goes, fill_value=0).astype(np.int64)
    return net.sort_index().sort_values(ascending=False, kind="stable")


def _count(rows: pd.DataFrame, ends: dict[str, str], by: Sequence[str]) -> "pd.Series[int]":
    keys = pd.DataFrame({column: rows[ends[column]] for column in by})
    return keys.groupby(list(by)).size()

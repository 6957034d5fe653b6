"""Counts of children that are not published: one to four of them, and what would give such a count away.

0 counts nobody and is shown. Places, classes, households and metres are no children and are shown, unless a count
could be worked out from them.
"""

from collections.abc import Collection, Iterator, Mapping

import pandas as pd

from models.placement import parts_of

FEWEST = 5
"""Children a published cell counts at least."""
_COUNTS = ["zoned", "coordinated", "class_size"]
_TELLING = [*_COUNTS, "balance"]
_OFFERED = ["planned", "reserve"]


def is_small(counts: "pd.Series[float]") -> "pd.Series[bool]":
    """Which counts are of one to four children."""
    return (counts > 0) & (counts < FEWEST)


def hide_in_plan(plan: pd.DataFrame, caps: Mapping[str, int], special: Collection[str]) -> pd.DataFrame:
    """Return which cells of the admission plan are hidden: zoned, coordinated, class_size, balance, planned, reserve.

    planned = zoned + coordinated + reserve + balance, and `classes` classes of at most `class_size` hold the first two:
    one hidden cell of a row would follow from its others. So a row with a small count hides the first four columns.

    Where `planned` is not classes times the cap of the stage in `caps`, it may follow from who is seated: at a special
    school; at a private one, whose stages share the places purchased; where the stages of a school share its places. A
    school with a small count and such a row hides all six columns in all of its stages, for one tells of another; those
    of a `special` school stand alone.

    A total, which is a row without a school, hides what any row of its stage hides: the rows that are shown leave the
    others.
    """
    school, small = plan["school_id"], plan[_COUNTS].apply(is_small).any(axis=1)
    follows = plan["planned"].notna() & (plan["planned"] != plan["classes"] * plan["stage"].map(dict(caps)))
    tied = [school, plan["stage"].where(school.isin(special), "")]
    told = (school != "") & small.groupby(tied).transform("any") & follows.groupby(tied).transform("any")
    hidden = pd.DataFrame(dict.fromkeys(_TELLING, small | told) | dict.fromkeys(_OFFERED, told))
    return hidden.where(school != "", hidden.groupby(plan["stage"]).transform("any"))


def hide_in_changes(changes: pd.DataFrame, catchments: pd.DataFrame) -> "pd.Series[bool]":
    """Return in which rows of the changes the children are hidden.

    `zoned` of the admission plan counts a school's whole catchment. Where every unit of it is on the list, a single
    hidden row would be what the others leave of it, and so would rows of one child each, or of four each, since no
    other counts add up to theirs: the next smallest is hidden as well, with all of its size, for which of them was
    taken would tell too.
    """
    students, hidden = changes["students"], is_small(changes["students"])
    for rows in _whole_catchments(changes, catchments):
        small, shown = rows[hidden[rows]], rows[~hidden[rows] & (students[rows] > 0)]
        if len(shown) and (len(small) == 1 or set(students[small]) in ({1}, {FEWEST - 1})):
            hidden[shown[students[shown] == students[shown].min()]] = True
    return hidden


def _whole_catchments(changes: pd.DataFrame, catchments: pd.DataFrame) -> Iterator["pd.Index[int]"]:
    """Yield the rows of each school and stage whose catchment has no unit that is not among them."""
    units = catchments.groupby(["stage", "school_id"])["unit_id"].agg(frozenset)
    for key, part in parts_of(changes, ["stage", "to_school_id"]):
        if units.get(key, frozenset()) <= set(part["unit_id"]):
            yield part.index

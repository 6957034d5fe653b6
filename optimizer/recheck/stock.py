"""The classes of an admission year: those that enter hold who is seated, those that continue are last year's."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from models.placement import Placement, rows_of
from models.stages import grades_of
from optimizer.recheck.classes import decides_classes
from optimizer.recheck.registry import Breach, rule

_KEYS = ["school", "stage", "grade"]


@rule("spread")
def judge_entry_classes(placement: Placement) -> Iterator[Breach]:
    """classes[j,s,entry grade].students = Σ_i,k assigned[i,s,k,j], and no other class enters; mode `entry`."""
    if not placement.entry_only:
        return
    system = placement.district.settings.instance.system
    seated = placement.assignments[["school", "stage", "students"]].copy()
    seated["grade"] = [grades_of(stage, system)[0] for stage in seated["stage"]]
    seated = seated[np.array([decides_classes(placement, stage) for stage in seated["stage"]], dtype=bool)]
    entering = placement.classes[placement.classes["origin"] != "continuing"]
    for row in rows_of(_beside(entering, seated, "students")):
        yield _breach(placement, row, "students", "")


@rule("continuing")
def judge_continuing(placement: Placement) -> Iterator[Breach]:
    """Continuing classes are those of last year, a grade higher: children and classes, row by row."""
    stock = placement.district.stock
    if stock is None or not any(decides_classes(placement, stage) for stage in stock.stage):
        return
    columns = {name: getattr(stock, name) for name in (*_KEYS, "students", "classes")}
    continuing = placement.classes[placement.classes["origin"] == "continuing"]
    for counted in ("students", "classes"):
        for row in rows_of(_beside(continuing, pd.DataFrame(columns), counted)):
            yield _breach(placement, row, counted, counted)


def _beside(found: pd.DataFrame, wanted: pd.DataFrame, counted: str) -> pd.DataFrame:
    """Return the keys at which two tables do not count the same, with columns found and wanted."""
    sums = {"found": found.groupby(_KEYS)[counted].sum(), "wanted": wanted.groupby(_KEYS)[counted].sum()}
    both = pd.concat(sums, axis=1).fillna(0)
    return both[both["found"] != both["wanted"]].reset_index()


def _breach(placement: Placement, row: "pd.Series[int]", unit: str, kind: str) -> Breach:
    short = abs(row.found - row.wanted) if unit == "students" else 0
    school = placement.district.schools.ids[int(row.school)]
    return Breach(str(row.stage), school, row.found, row.wanted, unit, short, kind, str(row.grade))

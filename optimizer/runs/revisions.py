"""What differs from the draft that a plan goes on from: the edits, and what follows from them."""

import numpy as np
import pandas as pd

from models.placement import Placement, schools_by_unit
from models.revision import Revision
from models.sentences import Language
from models.stages import Stage
from optimizer.runs.tables import in_words, list_moves


def build_revisions(placement: Placement, revision: Revision, language: Language = "en") -> pd.DataFrame:
    """One row a unit and stage whose schools are not those that the draft drew, in the form of `changes`.

    `reason_code` is the unit's own cause: `edited`, `fixed`, `gone`, `opened` or `counted`; else `follows` (from what
    was edited), and `improved` where nothing was.
    """
    parts = [_of_stage(placement, revision, s) for s in range(revision.known.shape[1])]
    return in_words(pd.concat(parts, ignore_index=True), language)


def _of_stage(placement: Placement, revision: Revision, s: int) -> pd.DataFrame:
    stage = placement.district.settings.instance.stages[s]
    then, now = _ids_drawn(placement, revision, stage), schools_by_unit(placement.catchments)
    ids = placement.district.schools.ids
    differs = [row for row, drawn in then.items() if drawn != {ids[school] for school in now.get((row, stage), ())}]
    unit = np.array(sorted(differs), dtype=np.int64)
    left = np.array([_nearest(placement, row, then[row]) for row in unit.tolist()], dtype=np.int64)
    causes = {cause: units[unit, s] for cause, units in revision.causes.items()}
    rest = "follows" if revision.scope else "improved"
    reasons = [str(cause) for cause in np.select(list(causes.values()), list(causes), default=rest)]
    return list_moves(placement, stage, unit, (left, placement.school_of_unit(stage)[unit]), reasons)


def _ids_drawn(placement: Placement, revision: Revision, stage: Stage) -> dict[int, set[str]]:
    """Ids of the schools that the draft drew for each unit (row)."""
    held: dict[int, set[str]] = {}
    rows = revision.table[revision.table["stage"] == stage]
    for unit_id, school_id in zip(rows["unit_id"], rows["school_id"], strict=True):
        if unit_id in placement.district.units.row:
            held.setdefault(placement.district.units.row[unit_id], set()).add(school_id)
    return held


def _nearest(placement: Placement, unit: int, school_ids: set[str]) -> int:
    """Row of the nearest of some schools to a unit, -1 where none of them is in the district."""
    rows = sorted(placement.district.schools.row[one] for one in school_ids if one in placement.district.schools.row)
    return min(rows, key=lambda school: float(placement.travel.metres[unit, school]), default=-1)

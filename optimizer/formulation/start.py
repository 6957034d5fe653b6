"""Where a solve begins: an earlier plan, or in mode `entry` the catchments of today."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from models.district import District, Ints
from models.plan import CATCHMENT_COLUMNS
from optimizer.formulation.formulation import Formulation


def starting_plan(f: Formulation, district: District, earlier: pd.DataFrame | None) -> Ints | None:
    """Return the school of every block in earlier catchments (CATCHMENT_COLUMNS), or today.

    -1 where it is not known or not allowed any more.

    None where there is nothing to begin from: in mode `whole` a study owes nothing to today's catchments.
    """
    if earlier is not None:
        return _block_plan(f, _rows_of_plan(f, earlier))
    if f.pool is None or district.current is None:
        return None
    current = district.current
    rows = zip(current.unit.tolist(), current.stage, current.school.tolist(), strict=True)
    return _block_plan(f, ((unit, f.stages.index(stage), school) for unit, stage, school in rows if stage in f.stages))


def _rows_of_plan(f: Formulation, catchments: pd.DataFrame) -> Iterable[tuple[int, int, int]]:
    unit_row = {unit_id: row for row, unit_id in enumerate(f.unit_ids)}
    school_row = {school_id: row for row, school_id in enumerate(f.school_ids)}
    for unit_id, stage, school_id in catchments[list(CATCHMENT_COLUMNS)].itertuples(index=False):
        if unit_id in unit_row and school_id in school_row and stage in f.stages:
            yield unit_row[unit_id], f.stages.index(stage), school_row[school_id]


def _block_plan(f: Formulation, rows: Iterable[tuple[int, int, int]]) -> Ints:
    """School of every block; of a shared catchment the first."""
    start = np.full(len(f.blocks), -1, dtype=np.int64)
    for unit, stage, school in rows:
        block = f.blocks.of_unit[unit, stage]
        if start[block] < 0 and f.pair_table[block, school] >= 0:
            start[block] = school
    return start

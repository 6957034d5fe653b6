"""`contiguous`, where it is soft: who is excused from it. The rows themselves are found by `separate`."""

import numpy as np

from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program.writer import Writer


def add_cut_off(w: Writer, f: Formulation) -> dict[tuple[int, int], int]:
    """Where contiguity is soft: a column a unit and stage that excuses it, at the price of its children."""
    if f.contiguity is None or f.contiguity.hard:
        return {}
    columns = {}
    for unit, stage in np.argwhere(f.contiguity.judged).tolist():
        columns[unit, stage] = w.column(1.0)
        w.price("shortage", columns[unit, stage], float(f.blocks.children[unit, stage]))
    return columns

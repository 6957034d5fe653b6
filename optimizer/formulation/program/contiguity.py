"""`contiguous`, where it is soft: who is excused from it. The rows themselves are found by `separate`."""

from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program.writer import Writer


def add_cut_off(w: Writer, f: Formulation) -> dict[int, int]:
    """Where contiguity is soft: a column that excuses a block from it, at the price of its children."""
    if f.contiguity is None or f.contiguity.hard:
        return {}
    columns = {}
    for block in range(len(f.blocks)):
        columns[block] = w.column(1.0)
        w.price("shortage", columns[block], float(f.blocks.size[block]))
    return columns

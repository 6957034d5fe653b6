"""`overflow`: who does not fit his school sits where places are left, with those who follow no catchment."""

from dataclasses import dataclass

import numpy as np

from models.district import Floats, Ints
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program.writer import Writer


@dataclass(frozen=True)
class Moving:
    """Columns of children who leave, or come to, the cells (school, student column) of a plan."""

    cell: Ints
    """school · student columns + student column."""
    column: Ints
    most: Floats
    """Most children, shape (schools, student columns)."""

    def __len__(self) -> int:
        return len(self.cell)

    @property
    def table(self) -> Ints:
        """Column of every cell, -1 where nobody may move, shape (schools, student columns)."""
        table = np.full(self.most.size, -1, dtype=np.int64)
        table[self.cell] = self.column
        return table.reshape(self.most.shape)


def add_pool(w: Writer, f: Formulation) -> tuple[Moving, Moving]:
    """Σ_j guests[j,c] = Σ_j away[j,c] + children who follow no catchment; away costs a child each in `overflow`.

    How far the pool goes is left to the seats, which are taken once the catchments stand; here it has to fit.
    """
    most = most_children(f)
    none = Moving(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(most.shape))
    if f.pool is None:
        return none, none
    away = _columns(w, np.zeros_like(most) if f.pool.overflow == "hard" else most)
    everybody = f.pool.students + (0 if f.pool.overflow == "hard" else f.blocks.students.sum(axis=0))
    guests = _columns(w, f.pool.hosts * everybody.astype(float))
    if f.pool.overflow == "soft":
        for column in away.column.tolist():
            w.price("overflow", column, 1.0)
    columns = most.shape[1]
    row = np.concatenate([guests.cell, away.cell]) % columns
    value = np.concatenate([np.ones(len(guests)), np.full(len(away), -1.0)])
    pool = f.pool.students.astype(float)
    names = [f"pool[{column.stage}]" for column in f.columns]
    w.sums(names, row, np.concatenate([guests.column, away.column]), value, (pool, pool))
    return away, guests


def most_children(f: Formulation) -> Floats:
    """Return the children of all blocks that could be a school's, shape (schools, columns)."""
    most = np.zeros((len(f.school_ids), len(f.columns)))
    np.add.at(most, f.pairs.school, f.blocks.students[f.pairs.block].astype(float))
    return most


def _columns(w: Writer, most: Floats) -> Moving:
    cell = np.flatnonzero(most)
    return Moving(cell, w.columns(most.ravel()[cell], whole=False), most)

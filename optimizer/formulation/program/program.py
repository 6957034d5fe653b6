"""A mixed-integer program in arrays: what solvers read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.sparse import csr_matrix, vstack

from models.district import Bools, Floats, Ints
from models.settings import LevelName

HELD = 1e-6
"""What arithmetic may add to a level that is held."""


@dataclass(frozen=True)
class LinearProgram:
    """min cost · x  subject to  row_lower ≤ A x ≤ row_upper,  lower ≤ x ≤ upper,  some x whole."""

    matrix: csr_matrix
    row_lower: Floats
    row_upper: Floats
    row_names: tuple[str, ...]
    lower: Floats
    upper: Floats
    whole: Bools
    cost: dict[LevelName, Floats]

    def with_rows(self, rows: Sequence["Row"]) -> Self:
        """Return the program with further rows."""
        if not rows:
            return self
        return replace(
            self,
            matrix=vstack([self.matrix, rows_to_csr(rows, self.matrix.shape[1])], format="csr"),
            row_lower=np.concatenate([self.row_lower, [row.lower for row in rows]]),
            row_upper=np.concatenate([self.row_upper, [row.upper for row in rows]]),
            row_names=self.row_names + tuple(row.name for row in rows),
        )

    def hold(self, level: LevelName, value: float, tolerance: float) -> "Row":
        """cost · x ≤ what a level was solved to, plus its tolerance, a share of it."""
        return self._below(f"held[{level}]", level, value * (1.0 + tolerance))

    def ceiling(self, level: LevelName, most: float) -> "Row":
        """cost · x ≤ at_most of a level."""
        return self._below(f"at_most[{level}]", level, most)

    def _below(self, name: str, level: LevelName, most: float) -> "Row":
        cost = self.cost[level]
        priced = np.flatnonzero(cost)
        return Row(name, tuple(priced.tolist()), tuple(cost[priced].tolist()), -np.inf, most + HELD)

    def with_only_rows(self, kept: Ints) -> Self:
        """Return the program with `kept` rows alone."""
        return replace(
            self,
            matrix=self.matrix[kept],
            row_lower=self.row_lower[kept],
            row_upper=self.row_upper[kept],
            row_names=tuple(self.row_names[k] for k in kept),
        )

    def with_bounds(self, lower: Floats, upper: Floats) -> Self:
        """Return the program with other bounds of its columns."""
        return replace(self, lower=lower, upper=upper)

    def with_columns(self, kept: Ints) -> Self:
        """Return the rows over `kept` columns alone, for a solver: what a subclass maps still speaks of all columns."""
        return replace(
            self,
            matrix=self.matrix[:, kept],
            lower=self.lower[kept],
            upper=self.upper[kept],
            whole=self.whole[kept],
        )


@dataclass(frozen=True)
class Program(LinearProgram):
    """The program of catchments and children, and which of its columns say what."""

    pairs: int
    """Columns 0 .. pairs - 1 say whether a pair is used."""
    enrolment: Ints
    """Column of the children of a school and student column, shape (schools, columns)."""
    children: "Children"
    """Where units may be split: how many children of a pair use it."""
    crowded: Ints
    """Columns of the children above a class cap, where that is soft or no rule."""
    classes: Ints
    """Column of the classes of a school and grade, -1 where there are none, shape (schools, grades)."""
    cut_off: dict[tuple[int, int], int]
    """Where contiguity is soft: column that lets a unit of a stage be cut off."""
    away: Ints
    """Column of the children of a catchment who sit elsewhere, -1 where none may, shape (schools, columns)."""
    later: Ints
    """Columns of the children of later years beyond the places of a school, -1 where there are none, shape (schools,
    most of them)."""

    @property
    def free_pairs(self) -> Ints:
        """Pairs that may be used or not."""
        return np.flatnonzero(self.upper[: self.pairs] > self.lower[: self.pairs])


@dataclass(frozen=True)
class Row:
    """One row: Σ coefficients · columns between two bounds."""

    name: str
    columns: tuple[int, ...]
    coefficients: tuple[float, ...]
    lower: float
    upper: float


@dataclass(frozen=True)
class Children:
    """Columns from `start` on: children of student column `column` who use `pair`. Empty where units stay whole."""

    start: int
    pair: Ints
    column: Ints


def rows_to_csr(rows: Sequence[Row], columns: int) -> csr_matrix:
    """Return rows as a matrix of so many columns."""
    lengths = [len(row.columns) for row in rows]
    start = np.concatenate([[0], np.cumsum(lengths)])
    flat = np.fromiter((c for row in rows for c in row.columns), dtype=np.int64, count=int(start[-1]))
    values = np.fromiter((v for row in rows for v in row.coefficients), dtype=float, count=int(start[-1]))
    return csr_matrix((values, flat, start), shape=(len(rows), columns))

"""Columns and rows in the making, and the program they make."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.district import Floats, Ints
from models.settings import LevelName
from optimizer.formulation.program.program import Children, LinearProgram, Program, Row, rows_to_csr

Terms = list[tuple[int, float]]
"""Columns with their coefficients."""


@dataclass
class Writer:
    """Columns and rows in the making. `beyond` bounds every slack: more than all children there are."""

    beyond: float
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    cost: dict[LevelName, dict[int, float]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    crowded: list[int] = field(default_factory=list)

    def column(self, upper: float, *, whole: bool = True) -> int:
        """Add a column between 0 and `upper`; return its position."""
        self.lower.append(0.0)
        self.upper.append(upper)
        self.whole.append(whole)
        return len(self.lower) - 1

    def columns(self, upper: Floats, *, whole: bool = True) -> Ints:
        """Add one column an entry of `upper`; return their positions."""
        first = len(self.lower)
        self.lower.extend([0.0] * len(upper))
        self.upper.extend(upper.tolist())
        self.whole.extend([whole] * len(upper))
        return np.arange(first, first + len(upper))

    def price(self, level: LevelName, column: int, price: float) -> None:
        """Add to what a column costs in a level."""
        at = self.cost.setdefault(level, {})
        at[column] = at.get(column, 0.0) + price

    def prices(self, level: LevelName, start: int, prices: Floats) -> None:
        """Add to what the columns from `start` on cost in a level."""
        for k in np.flatnonzero(prices).tolist():
            self.price(level, start + k, float(prices[k]))

    def row(self, name: str, terms: Iterable[tuple[int, float]], lower: float, upper: float) -> None:
        """Add a row; terms of one column are summed, those that come to 0 are left out."""
        merged: dict[int, float] = {}
        for column, value in terms:
            merged[column] = merged.get(column, 0.0) + value
        kept = {column: value for column, value in merged.items() if value}
        self.rows.append(Row(name, tuple(kept), tuple(kept.values()), lower, upper))

    def sums(self, names: Sequence[str], row: Ints, column: Ints, value: Floats, bounds: tuple[Floats, Floats]) -> None:
        """Add many rows at once, given by their entries."""
        if not len(names):
            return
        order = np.argsort(row, kind="stable")
        ends = np.cumsum(np.bincount(row, minlength=len(names)))
        for name, columns, values, lower, upper in zip(
            names, np.split(column[order], ends[:-1]), np.split(value[order], ends[:-1]), *bounds, strict=True
        ):
            self.rows.append(Row(name, tuple(columns.tolist()), tuple(values.tolist()), lower, upper))

    def linear(self, order: Iterable[LevelName]) -> LinearProgram:
        """Return the program of all columns and rows, with a cost for every level of `order`."""
        cost = {level: np.zeros(len(self.lower)) for level in order}
        for level, prices in self.cost.items():
            if level in cost:
                cost[level][list(prices)] = list(prices.values())
        return LinearProgram(
            matrix=rows_to_csr(self.rows, len(self.lower)),
            row_lower=np.array([row.lower for row in self.rows]),
            row_upper=np.array([row.upper for row in self.rows]),
            row_names=tuple(row.name for row in self.rows),
            lower=np.array(self.lower),
            upper=np.array(self.upper),
            whole=np.array(self.whole, dtype=bool),
            cost=cost,
        )

    def finish(
        self,
        order: Sequence[LevelName],
        *,
        pairs: int,
        enrolment: Ints,
        children: Children,
        classes: Ints,
        cut_off: dict[tuple[int, int], int],
        away: Ints,
        later: Ints,
    ) -> Program:
        """Return the program of catchments and children: as `linear`, with which columns say what."""
        return Program(
            **vars(self.linear(order)),
            pairs=pairs,
            enrolment=enrolment,
            children=children,
            crowded=np.array(self.crowded, dtype=np.int64),
            classes=classes,
            cut_off=cut_off,
            away=away,
            later=later,
        )

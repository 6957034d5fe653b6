"""`balance_cv`: how unequal schools may be in what teachers carry to them (优质均衡, 校际差异系数).

With T_j teachers who count and P_j children at each school of a stage, x_j = 100 T_j / P_j and X = 100 Σ T / Σ P,

    S² = Σ_j P_j / ΣP · (x_j - X)² = Σ_j P_j / ΣP · x_j² - X²,    S ≤ limit · X

Weights are children, no n - 1. Source: 教督〔2017〕6号. Teachers are whole, so that a square needs no cone: for every
whole number k, T² ≥ (2k + 1) T - k (k + 1), with equality at k and k + 1. These secants are rows, added where a
solution falls below them. X moves little, and its square is bounded by the chord over all that it can be:

    limit:    Σ_j w_j square[j] ≤ (1 + limit²) · chord(X)
    balance:  Σ_j w_j square[j] ≤ chord(X) + e · limit² · highest X²     e: the square of the largest S / (limit · X)
"""

from dataclasses import dataclass

import numpy as np

from models.district import Bools, Floats, Ints
from optimizer.formulation.program.program import Row
from optimizer.formulation.program.writer import Writer
from optimizer.formulation.staffing.formulation import Balanced, StaffFormulation, carries
from optimizer.formulation.staffing.groups import COORDINATED

PER = 100.0
"""Students for whom resources are counted."""
MOST_UNEVEN = 1e6
TIGHT = 0.75
"""From which share of its limit on a coefficient of today is taken to matter."""
USUAL = 2.0
"""Up to so many times its share of the teachers who count every secant of a school is then written beforehand."""
FIRST_SECANTS = 4
"""Of every school, spread over all numbers of teachers that it can have."""


@dataclass(frozen=True)
class Spread:
    """One coefficient of variation: its columns, by faculty of `held`."""

    held: Balanced
    counted: Ints
    """Columns of the teachers who count."""
    squares: Ints
    """Columns of their squares."""
    hard: bool
    """Whether the limit is a rule."""
    unevenness: int
    """Column of the square of the largest S / (limit · X) of all coefficients."""

    @property
    def label(self) -> str:
        """Names the indicator and the stage."""
        return f"[{self.held.indicator},{self.held.stage}]"

    def mean(self, solution: Floats) -> float:
        """Return X of a solution."""
        return float(PER * solution[self.counted].sum() / self.held.students.sum())

    def value(self, solution: Floats) -> float:
        """Return the coefficient of variation of a solution over its limit."""
        return coefficient_of_variation(solution[self.counted], self.held.students) / self.held.limit

    @property
    def terms(self) -> list[tuple[int, float]]:
        """Σ_j w_j square[j], the mean of x_j²."""
        weights = PER**2 / self.held.students / self.held.students.sum()
        return [(int(at), float(weight)) for at, weight in zip(self.squares, weights, strict=True)]

    def near(self, solution: Floats, *, part: float = 1.0) -> list[Row]:
        """Return limit and level with the tangent of X² at a solution in place of its chord, for `part` of the limit.

        A plan that keeps this limit keeps the true one; one far from the solution may keep the true one and not this.
        """
        mean, share = self.mean(solution), PER / float(self.held.students.sum())
        slope = [(int(at), -2.0 * mean * share) for at in self.counted]
        reach = (self.unevenness, -((self.held.limit * mean) ** 2))
        rows = [_row(f"evenness{self.label}", [*self.terms, *slope, reach], -(mean**2))]
        wide = 1.0 + (part * self.held.limit) ** 2
        if self.hard:
            tangent = [(at, value * wide) for at, value in slope]
            rows.append(_row(f"balance_cv{self.label}", [*self.terms, *tangent], -(mean**2) * wide))
        return rows

    def between(self, fewest: float, most: float) -> list[Row]:
        """Return limit and level with the chord of X² over the means that so few and so many teachers make."""
        share = PER / float(self.held.students.sum())
        low, high = fewest * share, most * share
        chord = [(int(at), -(low + high) * share) for at in self.counted]
        reach = (self.unevenness, -((self.held.limit * max(high, 1e-6)) ** 2))
        rows = [_row(f"evenness{self.label}", [*self.terms, *chord, reach], -low * high)]
        wide = 1.0 + self.held.limit**2
        if self.hard:
            bent = [(at, value * wide) for at, value in chord]
            rows.append(_row(f"balance_cv{self.label}", [*self.terms, *bent], -low * high * wide))
        return rows

    @property
    def tight(self) -> bool:
        """Whether the coefficient of today is near its limit or beyond."""
        return coefficient_of_variation(self.held.today, self.held.students) > TIGHT * self.held.limit

    def secants(self, solution: Floats, least: float) -> list[Row]:
        """Return the secants that a solution falls below by more than `least`, as a share of the number itself."""
        counted = solution[self.counted]
        at = np.floor(counted + 1e-9)
        short = (2 * at + 1) * counted - at * (at + 1) - solution[self.squares]
        return [self.secant(int(j), int(at[j])) for j in np.flatnonzero(short > least * np.maximum(1.0, counted))]

    def secant(self, school: int, at: int) -> Row:
        """square[j] ≥ (2k + 1) counted[j] - k (k + 1)"""
        columns = (int(self.squares[school]), int(self.counted[school]))
        return Row(f"square{self.label}", columns, (1.0, -(2.0 * at + 1.0)), -float(at * (at + 1)), np.inf)


def coefficient_of_variation(counted: Floats, students: Floats) -> float:
    """Return S / X of resources at schools, weighted by their children; 0 where there are none at all.

    Source: 教督〔2017〕6号; the weighted form, not the simple one.
    """
    mean = PER * counted.sum() / students.sum()
    each = PER * counted / students
    spread = float(np.sqrt((students / students.sum() * (each - mean) ** 2).sum()))
    return spread / mean if mean > 0 else 0.0


def add_balance(w: Writer, f: StaffFormulation, take: Ints) -> tuple[tuple[Spread, ...], int]:
    """Add what balance is judged by; return the coefficients, and the column of the square of the largest."""
    unevenness = w.column(MOST_UNEVEN, whole=False)
    if f.balanced:
        w.price("balance", unevenness, 1.0)
    return tuple(_add_spread(w, f, held, take, unevenness) for held in f.balanced), unevenness


def _add_spread(w: Writer, f: StaffFormulation, held: Balanced, take: Ints, unevenness: int) -> Spread:
    counted, (fewest, most) = _add_counted(w, f, held, take)
    students, total = held.students, float(held.students.sum())
    highest = np.array([w.upper[column] for column in counted])
    squares = w.columns(highest * (highest + 1), whole=False)
    hard = f.district.settings.rules.balance_cv == "hard"
    spread = Spread(held, counted, squares, hard, unevenness)
    for j, top in enumerate(highest.tolist()):
        usual = np.arange(held.settled[j], min(top, USUAL * most * students[j] / total)) if spread.tight else ()
        for at in sorted({int(k) for k in (*usual, *np.linspace(held.settled[j], top, FIRST_SECANTS))}):
            w.rows.append(spread.secant(j, at))
    w.rows.extend(spread.between(fewest, most))
    return spread


def _row(name: str, terms: list[tuple[int, float]], most: float) -> Row:
    columns, values = zip(*terms, strict=True)
    return Row(name, tuple(columns), tuple(values), -np.inf, most)


def _add_counted(w: Writer, f: StaffFormulation, held: Balanced, take: Ints) -> tuple[Ints, tuple[float, float]]:
    """counted[j] = settled[j] + Σ those of the groups who count and are posted to j.

    Returns the columns, and how few and how many teachers can count at all schools together.
    """
    size, options = f.groups.size, f.options
    counts = carries(f.district, f.roster, held.indicator, held.stage)[f.groups.first]
    at = {int(faculty): row for row, faculty in enumerate(held.faculties)}
    inside = np.flatnonzero(counts[options.group] & np.isin(options.faculty, held.faculties))
    row = np.array([at[int(faculty)] for faculty in options.faculty[inside]], dtype=np.int64)
    most = held.settled + np.bincount(row, weights=size[options.group[inside]], minlength=len(at))
    counted = w.columns(most, whole=False)
    w.sums(
        [f"counted[{held.indicator},{held.stage},{faculty}]" for faculty in held.faculties],
        np.concatenate([row, np.arange(len(at))]),
        np.concatenate([take[inside], counted]),
        np.concatenate([np.ones(len(row)), -np.ones(len(at))]),
        (-held.settled, -held.settled),
    )
    return counted, _range(f, held, counts, np.isin(options.faculty, held.faculties))


def _range(f: StaffFormulation, held: Balanced, counts: Bools, inside: Bools) -> tuple[float, float]:
    """How few and how many teachers can count at all schools of a stage together.

    A group that may leave the stage or come into it does so as a whole at most, and of those sent away because they
    are spare no more than a school can spare.
    """
    size, options = f.groups.size, f.options
    home = np.isin(f.roster.faculty[f.groups.first], held.faculties)
    free = np.unique(options.group[(inside != home[options.group]) & (options.form != COORDINATED)])
    sent = np.setdiff1d(np.unique(options.group[(inside != home[options.group]) & (options.form == COORDINATED)]), free)
    free, sent = free[counts[free]], sent[counts[sent]]
    first = f.groups.first[sent]
    cell, row = np.unique(np.stack([f.roster.faculty[first], f.roster.subject[first]]), axis=1, return_inverse=True)
    spare = np.minimum(
        f.surplus[cell[0], cell[1]], np.bincount(row.ravel(), weights=size[sent], minlength=cell.shape[1])
    )
    out = np.isin(cell[0], held.faculties)
    today = held.settled.sum() + size[counts & home].sum()
    fewest = today - size[free[home[free]]].sum() - spare[out].sum()
    return float(fewest), float(today + size[free[~home[free]]].sum() + spare[~out].sum())

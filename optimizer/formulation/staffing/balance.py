"""`balance_cv`: how unequal schools may be in what teachers carry to them (优质均衡, 校际差异系数).

With T_j teachers who count and P_j children at each school of a stage, N = Σ T_j and P = Σ P_j, the resources a school
has for 100 students are x_j = 100 T_j / P_j, their mean X = 100 N / P, and

    S² = Σ_j P_j / P · (x_j - X)²        S ≤ limit · X   ⇔   Σ_j P / P_j · T_j² / N ≤ (1 + limit²) · N

Weights are children, no n - 1. Source: 教督〔2017〕6号. T² / N, for which the
column ratio[j] stands, is convex in both: for every share ρ of the teachers a tangent through 0 is a row.

    ratio[j] ≥ 2 ρ T_j - ρ² N
    ratio[j] ≥ ((2k + 1) T_j - k (k + 1)) / highest N        T_j is whole: nothing lies between k and k + 1
    limit:    Σ_j P / P_j · ratio[j] ≤ (1 + limit²) · N
    balance:  Σ_j P / P_j · ratio[j] ≤ (1 + e₀ · limit²) · N + (e - e₀) · limit² · highest N

e is the square of the largest S / (limit · X), and e₀ any number known to be no higher: the nearer, the more exact.
Tangents are written where whole numbers of teachers lie; they and the secants of whole numbers are added where a
solution falls below.
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
TIGHT = 0.75
"""From which share of its limit on a coefficient of today is taken to matter."""
USUAL = 2.0
"""Up to so many times its share of the teachers who count a tangent for every number is then written beforehand."""
FIRST_TANGENTS = 4
"""Of every school, spread over all numbers of teachers that it can have."""


@dataclass(frozen=True)
class Spread:
    """One coefficient of variation: its columns, by faculty of `held`."""

    held: Balanced
    counted: Ints
    """Columns of the teachers who count."""
    total: int
    """Column of all who count."""
    ratios: Ints
    """Columns of their squares over the total."""
    hard: bool
    """Whether the limit is a rule."""
    most: float
    """Teachers who can count at all schools together, at most."""
    unevenness: int
    """Column of the square of the largest S / (limit · X) of all coefficients."""

    @property
    def label(self) -> str:
        """Names the indicator and the stage."""
        return f"[{self.held.indicator},{self.held.stage}]"

    def value(self, solution: Floats) -> float:
        """Return the coefficient of variation of a solution over its limit."""
        return coefficient_of_variation(solution[self.counted], self.held.students) / self.held.limit

    def limited(self, limit: float) -> Row:
        """Return the row that keeps the coefficient within a limit."""
        return self._row(f"balance_cv{self.label}", [(self.total, -1.0 - limit**2)], 0.0)

    def measured(self, least: float) -> Row:
        """Return the row that measures the coefficient by `unevenness`, which is known to be `least` or more."""
        square, reach = self.held.limit**2, self.held.limit**2 * max(1.0, self.most)
        terms = [(self.total, -1.0 - least * square), (self.unevenness, -reach)]
        return self._row(f"evenness{self.label}", terms, -least * reach)

    def tangents(self, solution: Floats, exact: float) -> list[Row]:
        """Return the tangents and secants that a solution falls below by more than `exact`, as a share of the ratio."""
        counted, ratios, total = solution[self.counted], solution[self.ratios], float(solution[self.total])
        if total <= 0:
            return []
        truth, least = counted**2 / total, np.floor(counted + 1e-9)
        whole = ((2 * least + 1) * counted - least * (least + 1)) / max(1.0, self.most)
        slack = exact * np.maximum(1.0 / total, truth)
        return [
            *(self.tangent(int(j), counted[j] / total) for j in np.flatnonzero(truth - ratios > slack)),
            *(self.secant(int(j), int(least[j])) for j in np.flatnonzero(whole - np.maximum(truth, ratios) > slack)),
        ]

    def tangent(self, school: int, share: float) -> Row:
        """ratio[j] - 2 ρ counted[j] + ρ² total ≥ 0"""
        columns = (int(self.ratios[school]), int(self.counted[school]), self.total)
        return Row(f"ratio{self.label}", columns, (1.0, -2.0 * share, share**2), 0.0, np.inf)

    def secant(self, school: int, at: int) -> Row:
        """highest N · ratio[j] - (2k + 1) counted[j] ≥ - k (k + 1)"""
        columns = (int(self.ratios[school]), int(self.counted[school]))
        return Row(
            f"whole{self.label}", columns, (max(1.0, self.most), -(2.0 * at + 1.0)), -float(at * (at + 1)), np.inf
        )

    def _row(self, name: str, terms: list[tuple[int, float]], most: float) -> Row:
        students = self.held.students
        weights = students.sum() / students
        columns = (*self.ratios.tolist(), *(at for at, _ in terms))
        return Row(name, columns, (*weights.tolist(), *(value for _, value in terms)), -np.inf, most)


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
    unevenness = w.column(max(map(_most_uneven, f.balanced), default=1.0), whole=False)
    if f.balanced:
        w.price("balance", unevenness, 1.0)
    return tuple(_add_spread(w, f, held, take, unevenness) for held in f.balanced), unevenness


def _add_spread(w: Writer, f: StaffFormulation, held: Balanced, take: Ints, unevenness: int) -> Spread:
    counted, most = _add_counted(w, f, held, take)
    highest = np.array([w.upper[column] for column in counted])
    total = w.column(most, whole=False)
    w.row(f"total[{held.indicator},{held.stage}]", [*((int(at), 1.0) for at in counted), (total, -1.0)], 0.0, 0.0)
    ratios = w.columns(highest, whole=False)
    hard = f.district.settings.rules.balance_cv == "hard"
    spread = Spread(held, counted, total, ratios, hard, most, unevenness)
    today, share = max(1.0, float(held.today.sum())), held.students / held.students.sum()
    tight = coefficient_of_variation(held.today, held.students) > TIGHT * held.limit
    for j, top in enumerate(highest.tolist()):
        usual = np.arange(held.settled[j], min(top, USUAL * today * share[j])) if tight else ()
        for at in sorted({int(k) for k in (*usual, *np.linspace(held.settled[j], top, FIRST_TANGENTS))}):
            w.rows.append(spread.tangent(j, min(1.0, at / today)))
    w.rows.append(spread.measured(0.0))
    if hard:
        w.rows.append(spread.limited(held.limit))
    return spread


def _most_uneven(held: Balanced) -> float:
    """(S / (limit · X))² where all who count are at the smallest school: no plan comes to more."""
    return float((held.students.sum() / held.students.min() - 1.0) / held.limit**2)


def _add_counted(w: Writer, f: StaffFormulation, held: Balanced, take: Ints) -> tuple[Ints, float]:
    """counted[j] = settled[j] + Σ those of the groups who count and are posted to j.

    Returns the columns, and how many teachers can count at all schools together, at most.
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
    return counted, _most(f, held, counts, np.isin(options.faculty, held.faculties))


def _most(f: StaffFormulation, held: Balanced, counts: Bools, inside: Bools) -> float:
    """How many teachers can count at all schools of a stage together.

    A group that may come into the stage does so as a whole at most, and of those sent because they are spare no more
    than their school can spare.
    """
    size, options = f.groups.size, f.options
    home = np.isin(f.roster.faculty[f.groups.first], held.faculties)
    enters = inside & ~home[options.group] & counts[options.group]
    free = np.unique(options.group[enters & (options.form != COORDINATED)])
    sent = np.setdiff1d(np.unique(options.group[enters & (options.form == COORDINATED)]), free)
    first = f.groups.first[sent]
    cell, row = np.unique(np.stack([f.roster.faculty[first], f.roster.subject[first]]), axis=1, return_inverse=True)
    coming = np.bincount(row.ravel(), weights=size[sent], minlength=cell.shape[1])
    spare = np.minimum(f.surplus[cell[0], cell[1]], coming)
    return float(held.settled.sum() + size[counts & home].sum() + size[free].sum() + spare.sum())

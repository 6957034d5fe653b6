"""Whether posts can be decided at all: any plan is enough, no level is improved.

Weeks are left out, for vacancies satisfy them; postings that no row tells apart are one column; a coefficient of
variation is written only once a plan goes beyond its limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.district import Bools, Floats, Ints
from optimizer.formulation.program.program import LinearProgram, Row
from optimizer.formulation.program.writer import Writer
from optimizer.formulation.staffing.balance import Spread, add_balance, coefficient_of_variation
from optimizer.formulation.staffing.formulation import Balanced, StaffFormulation, carries
from optimizer.formulation.staffing.groups import RECRUIT, count_spare
from optimizer.formulation.staffing.openings import add_openings
from optimizer.formulation.staffing.posts import add_quota, add_spare
from optimizer.formulation.staffing.program import add_postings, add_rotation
from optimizer.solve.backends import WarmRelaxation, solve_integral
from optimizer.solve.effort import Effort
from optimizer.solve.prove import prove_by_search, prove_by_sums

EXACT = 1e-6
"""How nearly a coefficient of variation keeps its limit."""
MOST_S = 15.0
"""For one answer of one solver."""
ROUNDS = 30
"""Of tangents to a relaxation."""
NEARLY = 0.01
"""Part of a limit that a relaxation may be beyond it, before whole plans are sought."""
ROOMY = 0.999
"""Part of a limit that whole plans are sought within: the tangents lie a little below the truth."""
TRACE = 0.25
"""Of a move: what it weighs that it leaves a post vacant, or fills one."""
FEW = 0.1
"""Relative gap to the fewest moves with which a plan is good enough: fewer moves leave schools as even as they are."""
BALANCE = ("counted", "total", "ratio", "whole", "evenness", "balance_cv")
"""Names of the rows that coefficients of variation are written in."""


@dataclass(frozen=True)
class Decided:
    """Whether a plan exists: None where neither a plan nor a proof was found; with a plan, who goes where."""

    possible: bool | None
    taken: Ints | None = None
    """Teachers of each option of the formulation."""


def decide_posts(f: StaffFormulation, effort: Effort, workers: int = 1) -> Decided:
    """Look for any plan of the posts. `possible` is False only where a sum is exact, or two solvers agree."""
    linear, hard = _write(f)
    watched: list[Spread] = []
    while not effort.over:
        possible, solution = _decide(_Part.of(linear, watched), watched, effort, workers)
        if solution is None:
            return Decided(possible)
        taken = np.round(solution[: len(f.options)]).astype(np.int64)
        beyond = [spread for spread in hard if _variation(f, spread.held, taken) > 1.0 + EXACT]
        if not beyond:
            return Decided(True, taken)
        fresh = [spread for spread in beyond if spread not in watched]
        if not fresh:
            break
        watched += fresh
    return Decided(None)


def _decide(
    part: "_Part", watched: Sequence[Spread], effort: Effort, workers: int
) -> tuple[bool | None, Floats | None]:
    """Decide a part: its relaxation until that is near every limit, then whole plans, of the postings used at first.

    Returns whether there is a plan, and a solution of the whole program.
    """
    warm, used = WarmRelaxation(part.linear, part.moves), part.stays
    for _ in range(ROUNDS):
        relaxed = warm.solve(_seconds(effort))
        effort.spend("relaxation")
        if relaxed.value == np.inf:
            proved = prove_by_sums(part.linear, _seconds(effort)) or _searched(part.linear, effort, workers)
            return (False if proved else None), None
        if not np.isfinite(relaxed.value):
            break
        used = used | (relaxed.solution > EXACT)
        rows = _tangents(watched, part.spread_out(relaxed.solution), NEARLY)
        if not rows or effort.over:
            break
        part = part.with_rows(rows)
        warm.follow(part.linear)
    part = part.with_rows([spread.limited(ROOMY * spread.held.limit) for spread in watched])
    for among in (used | ~part.linear.whole, np.ones(len(used), dtype=bool)):
        while not effort.over:
            columns = np.flatnonzero(among)
            found = solve_integral(part.linear.with_columns(columns), part.moves[columns], _seconds(effort), FEW)
            effort.spend("nodes", max(10, found.nodes))
            if found.solution is None:
                if among.all() and not watched and found.infeasible and _searched(part.linear, effort, workers):
                    return False, None
                break
            whole = np.zeros(len(used))
            whole[columns] = found.solution
            solution = part.spread_out(whole)
            rows = _tangents(watched, solution, EXACT)
            if not rows:
                return True, solution
            part = part.with_rows(rows)
    return None, None


def _write(f: StaffFormulation) -> tuple[LinearProgram, tuple[Spread, ...]]:
    """The program of postings without weeks and vacancies, and the coefficients of variation that have a limit."""
    w = Writer(beyond=float(max(1, len(f.roster.subject))))
    take = add_postings(w, f)
    classes = add_openings(w, f.openings, len(f.district.schools))
    add_quota(w, f, take)
    add_spare(w, f, take, classes)
    add_rotation(w, f, take)
    spreads = add_balance(w, f, take)[0] if f.district.settings.rules.balance_cv == "hard" else ()
    linear = w.linear(("moves",))
    return replace(
        linear, cost={"moves": linear.cost["moves"] - np.pad(_bonus(f), (0, len(w.upper) - len(take)))}
    ), spreads


def _bonus(f: StaffFormulation) -> Floats:
    """What is taken off a posting that fills a post, and put on one that leaves a post vacant."""
    spare, options = count_spare(f.need, f.roster), f.options
    first = f.groups.first[options.group]
    subject, left = f.roster.subject[first], f.roster.faculty[first]
    fills, leaves = spare[options.faculty, subject] < 0.0, (left >= 0) & (spare[left, subject] < 1.0)
    posted = options.moved | (options.form == RECRUIT)
    return np.where(posted, TRACE * (fills.astype(np.float64) - leaves), 0.0)


@dataclass(frozen=True)
class _Part:
    """What is asked of a program: some of its rows, and columns that these do not tell apart as one."""

    linear: LinearProgram
    moves: Floats
    columns: Ints
    """Columns of the program that stand in some row, those alike one after the other."""
    at: Ints
    """The column of `linear` that stands for each of them."""
    upper: Floats
    """Of all columns of the program."""

    @property
    def stays(self) -> Bools:
        """Columns that move nobody."""
        return np.equal(self.moves, 0.0)

    def with_rows(self, rows: Sequence[Row]) -> "_Part":
        """Return the part with further rows of the program."""
        where = np.full(len(self.upper), -1, dtype=np.int64)
        where[self.columns] = self.at
        told = [replace(row, columns=tuple(where[list(row.columns)].tolist())) for row in rows]
        return replace(self, linear=self.linear.with_rows(told))

    @staticmethod
    def of(linear: LinearProgram, watched: Sequence[Spread]) -> "_Part":
        asked = tuple(f"{name}{spread.label[:-1]}" for spread in watched for name in BALANCE if name != "evenness")
        left_out = tuple(f"{name}[" for name in BALANCE)
        names = linear.row_names
        kept = [row for row, name in enumerate(names) if name.startswith(asked) or not name.startswith(left_out)]
        rows = linear.with_only_rows(np.array(kept, dtype=np.int64))
        matrix, cost = rows.matrix.tocsc().sorted_indices(), rows.cost["moves"]
        alike: dict[tuple[bytes, bytes, bool, float], list[int]] = {}
        for column in np.flatnonzero(np.diff(matrix.indptr)).tolist():
            span = slice(matrix.indptr[column], matrix.indptr[column + 1])
            entries = matrix.indices[span].tobytes(), matrix.data[span].tobytes()
            alike.setdefault((*entries, bool(rows.whole[column]), float(cost[column])), []).append(column)
        first = np.array([held[0] for held in alike.values()], dtype=np.int64)
        columns = np.array([column for held in alike.values() for column in held], dtype=np.int64)
        at = np.repeat(np.arange(len(first)), [len(held) for held in alike.values()])
        merged = replace(rows.with_columns(first), cost={})
        total = np.bincount(at, weights=rows.upper[columns], minlength=len(first)).astype(np.float64)
        return _Part(replace(merged, upper=total), cost[first], columns, at, rows.upper)

    def spread_out(self, solution: Floats) -> Floats:
        """Return a solution of the whole program: of columns alike the first are filled first."""
        most = self.upper[self.columns]
        filled = np.cumsum(most) - most
        begun = filled - filled[np.searchsorted(self.at, self.at)]
        whole = np.zeros(len(self.upper))
        whole[self.columns] = np.clip(solution[self.at] - begun, 0.0, most)
        return whole


def _searched(linear: LinearProgram, effort: Effort, workers: int) -> bool:
    """Whether CP-SAT, to which every column is whole, finds that there is no plan."""
    return bool(linear.whole.all()) and prove_by_search(linear, _seconds(effort), workers)


def _seconds(effort: Effort) -> float:
    return max(0.5, min(MOST_S, effort.left_s))


def _variation(f: StaffFormulation, held: Balanced, taken: Ints) -> float:
    """The coefficient of variation of postings over its limit."""
    counts = carries(f.district, f.roster, held.indicator, held.stage)[f.groups.first][f.options.group]
    posted = np.bincount(f.options.faculty[counts], weights=taken[counts], minlength=len(f.need.faculties))
    return coefficient_of_variation(held.settled + posted[held.faculties], held.students) / held.limit


def _tangents(watched: Sequence[Spread], solution: Floats, slack: float) -> list[Row]:
    """Rows that a solution falls below, of the coefficients that are beyond their limits with it by that share."""
    beyond = [spread for spread in watched if spread.value(solution) > 1.0 + slack]
    return [row for spread in beyond for row in spread.tangents(solution, EXACT)]

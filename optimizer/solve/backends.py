"""OR-Tools behind two functions: a linear relaxation with its duals, and a mixed-integer program with its bound."""

import datetime
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

from models.district import Bools, Floats, Ints
from optimizer.formulation.program.program import LinearProgram
from optimizer.solve.hush import hushed


@dataclass(frozen=True)
class Relaxation:
    """A solved linear relaxation. `value` is -inf where nothing was proved, +inf where it has no solution."""

    value: float
    solution: Floats
    duals: Floats
    reduced: Floats
    names: tuple[str, ...]
    """Rows the duals belong to."""


@dataclass(frozen=True)
class Integral:
    """A mixed-integer solve: best solution (None: none found), its value, and what was proved."""

    value: float
    bound: float
    solution: Floats | None
    infeasible: bool
    nodes: int


ASTRAY = (
    mathopt.TerminationReason.IMPRECISE,
    mathopt.TerminationReason.NUMERICAL_ERROR,
    mathopt.TerminationReason.OTHER_ERROR,
    mathopt.TerminationReason.UNBOUNDED,
)
"""How a solver ends that lost its way in rounding."""


class SolverFailure(RuntimeError):
    """A solver ended in an error of its own; the text is the solver's."""


def solve_relaxation(program: LinearProgram, cost: Floats, seconds: float) -> Relaxation:
    """Solve min cost · x without wholeness, by dual simplex (GLOP)."""
    return WarmRelaxation(program, cost).solve(seconds)


class WarmRelaxation:
    """The relaxation of a program that gains rows: each solve goes on from the basis where the last one ended.

    Columns that are 0 from the beginning are left out. The reduced cost of a closed column is inf.
    """

    def __init__(self, program: LinearProgram, cost: Floats, columns: Bools | None = None) -> None:
        kept = (program.upper > 0) | (program.lower < 0)
        self._program = program
        self._kept = np.flatnonzero(kept if columns is None else kept & columns)
        self._model = _model(program.with_columns(self._kept), cost[self._kept], relaxed=True)
        self._columns = dict(zip(self._kept.tolist(), self._model.variables(), strict=True))
        self._rows = list(self._model.linear_constraints())
        self._solver = mathopt.IncrementalSolver(self._model, mathopt.SolverType.GLOP)

    def follow(self, program: LinearProgram) -> None:
        """Take over the rows that `program` has gained and all bounds; everything else is as it was."""
        matrix, before = program.matrix, self._program
        held = len(before.row_lower)
        shifted = (program.row_lower[:held] != before.row_lower) | (program.row_upper[:held] != before.row_upper)
        for row in np.flatnonzero(shifted).tolist():
            self._rows[row].lower_bound = program.row_lower[row]
            self._rows[row].upper_bound = program.row_upper[row]
        moved = (program.lower != before.lower) | (program.upper != before.upper)
        for column in self._kept[moved[self._kept]].tolist():
            self._columns[column].lower_bound = program.lower[column]
            self._columns[column].upper_bound = program.upper[column]
        for row in range(len(self._program.row_lower), len(program.row_lower)):
            added = self._model.add_linear_constraint(lb=program.row_lower[row], ub=program.row_upper[row])
            span = slice(matrix.indptr[row], matrix.indptr[row + 1])
            for column, value in zip(matrix.indices[span].tolist(), matrix.data[span].tolist(), strict=True):
                if column in self._columns:
                    added.set_coefficient(self._columns[column], value)
            self._rows.append(added)
        self._program = program

    def solve(self, seconds: float) -> Relaxation:
        """Solve it as it stands, by dual simplex."""
        return self._read(self._run(mathopt.LPAlgorithm.DUAL_SIMPLEX, seconds, None))

    def _run(self, algorithm: mathopt.LPAlgorithm, seconds: float, basis: mathopt.Basis | None) -> mathopt.SolveResult:
        parameters = mathopt.SolveParameters(time_limit=_limit(seconds), threads=1, lp_algorithm=algorithm)
        started = mathopt.ModelSolveParameters(initial_basis=basis)
        with _errors_told():
            return self._solver.solve(params=parameters, model_params=started)

    def _read(self, result: mathopt.SolveResult) -> Relaxation:
        reason = result.termination.reason
        empty = np.zeros(0)
        if reason in (mathopt.TerminationReason.INFEASIBLE, mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED):
            return Relaxation(np.inf, empty, empty, empty, ())
        if reason != mathopt.TerminationReason.OPTIMAL:
            return Relaxation(-np.inf, empty, empty, empty, ())
        solution = result.solutions[0]
        duals = solution.dual_solution
        assert solution.primal_solution is not None and duals is not None
        values, reduced = np.zeros(len(self._program.lower)), np.full(len(self._program.lower), np.inf)
        values[self._kept] = _values(solution.primal_solution.variable_values, len(self._kept))
        reduced[self._kept] = _values(duals.reduced_costs, len(self._kept))
        reduced[(self._program.upper <= 0) & (self._program.lower >= 0)] = np.inf
        return Relaxation(
            value=float(solution.primal_solution.objective_value),
            solution=values,
            duals=_values(duals.dual_values, len(self._program.row_lower)),
            reduced=reduced,
            names=self._program.row_names,
        )


class PricedRelaxation(WarmRelaxation):
    """A relaxation that also gains columns and changes its prices; a basis goes with it, which GLOP does not keep."""

    def __init__(self, program: LinearProgram, cost: Floats, columns: Bools) -> None:
        super().__init__(program, cost, columns)
        self._cost = cost
        self._basis: mathopt.Basis | None = None

    @property
    def at_hand(self) -> Bools:
        """Columns that the relaxation has."""
        held = np.zeros(len(self._program.lower), dtype=bool)
        held[self._kept] = True
        return held

    def admit(self, columns: Ints) -> None:
        """Take further columns of the program in."""
        program, matrix = self._program, self._program.matrix[:, columns].tocsc()
        for turn, column in enumerate(columns.tolist()):
            added = self._model.add_variable(lb=program.lower[column], ub=program.upper[column])
            self._model.objective.set_linear_coefficient(added, self._cost[column])
            span = slice(matrix.indptr[turn], matrix.indptr[turn + 1])
            for row, value in zip(matrix.indices[span].tolist(), matrix.data[span].tolist(), strict=True):
                self._rows[row].set_coefficient(added, value)
            self._columns[column] = added
        self._kept = np.concatenate([self._kept, columns])

    def price(self, cost: Floats) -> None:
        """Change the prices."""
        for column in self._kept[(cost != self._cost)[self._kept]].tolist():
            self._model.objective.set_linear_coefficient(self._columns[column], cost[column])
        self._cost = cost

    def solve(self, seconds: float) -> Relaxation:
        """Solve it as it stands, by primal simplex: a solution is mostly at hand, but far from the best.

        Where arithmetic leads GLOP astray from that basis it starts anew.
        """
        if self._basis is not None:
            for variable in self._model.variables():
                self._basis.variable_status.setdefault(variable, mathopt.BasisStatus.AT_LOWER_BOUND)
            for row in self._rows:
                self._basis.constraint_status.setdefault(row, mathopt.BasisStatus.BASIC)
        began = time.monotonic()
        try:
            result = self._run(mathopt.LPAlgorithm.PRIMAL_SIMPLEX, seconds, self._basis)
            astray = result.termination.reason in ASTRAY
        except SolverFailure:
            astray = True
        if astray:
            self._basis = None
            self._solver = mathopt.IncrementalSolver(self._model, mathopt.SolverType.GLOP)
            left = seconds - (time.monotonic() - began)
            result = self._run(mathopt.LPAlgorithm.DUAL_SIMPLEX, left, None)
        if result.solutions and result.solutions[0].basis is not None:
            self._basis = result.solutions[0].basis
        return self._read(result)


def solve_integral(
    program: LinearProgram,
    cost: Floats,
    seconds: float,
    gap: float,
    *,
    hint: Floats | None = None,
    nodes: int | None = None,
) -> Integral:
    """Solve min cost · x by branch and bound (HiGHS), to a relative gap or until the time or the nodes run out.

    Where the solver itself breaks off with an error, which is rare, nothing is found and nothing is claimed.
    """
    model = _model(program, cost, relaxed=False)
    parameters = mathopt.SolveParameters(
        time_limit=_limit(seconds), relative_gap_tolerance=gap, absolute_gap_tolerance=0.0, node_limit=nodes
    )
    try:
        result = _solve(model, mathopt.SolverType.HIGHS, parameters, hint)
    except SolverFailure:
        return Integral(np.inf, -np.inf, None, infeasible=False, nodes=0)
    reason = result.termination.reason
    if reason == mathopt.TerminationReason.INFEASIBLE:
        return Integral(np.inf, np.inf, None, infeasible=True, nodes=_nodes(result))
    bounds = result.termination.objective_bounds
    if not result.has_primal_feasible_solution():
        return Integral(np.inf, bounds.dual_bound, None, infeasible=False, nodes=_nodes(result))
    values = _values(result.variable_values(), len(program.lower))
    return Integral(float(result.objective_value()), bounds.dual_bound, values, infeasible=False, nodes=_nodes(result))


def _nodes(result: mathopt.SolveResult) -> int:
    return int(result.solve_stats.node_count)


def _limit(seconds: float) -> datetime.timedelta:
    return datetime.timedelta(seconds=max(0.01, min(seconds, 1e7)))


def _values(by_variable: object, count: int) -> Floats:
    values = np.zeros(count)
    for key, value in by_variable.items():  # type: ignore[attr-defined]
        values[key.id] = value
    return values


def _solve(
    model: mathopt.Model, solver: mathopt.SolverType, parameters: mathopt.SolveParameters, hint: Floats | None
) -> mathopt.SolveResult:
    hints = []
    if hint is not None:
        hints = [mathopt.SolutionHint(variable_values=dict(zip(model.variables(), hint.tolist(), strict=True)))]
    with _errors_told(), hushed():
        return mathopt.solve(
            model, solver, params=parameters, model_params=mathopt.ModelSolveParameters(solution_hints=hints)
        )


@contextmanager
def _errors_told() -> Iterator[None]:
    """Errors of MathOpt reach Python as an AttributeError that hides the text (or-tools #4606)."""
    try:
        yield
    except AttributeError as error:
        raise SolverFailure(str(error.__context__ or error)) from error


def _model(program: LinearProgram, cost: Floats, *, relaxed: bool) -> mathopt.Model:
    columns, rows = len(program.lower), len(program.row_lower)
    proto = model_pb2.ModelProto(name="plan")
    _fill(proto.variables, np.arange(columns), program.lower, program.upper)
    proto.variables.integers.extend((np.zeros(columns, dtype=bool) if relaxed else program.whole).tolist())
    _fill(proto.linear_constraints, np.arange(rows), program.row_lower, program.row_upper)
    matrix = program.matrix.sorted_indices()
    entries = proto.linear_constraint_matrix
    entries.row_ids.extend(np.repeat(np.arange(rows), np.diff(matrix.indptr)).tolist())
    entries.column_ids.extend(matrix.indices.tolist())
    entries.coefficients.extend(matrix.data.tolist())
    priced = np.flatnonzero(cost)
    proto.objective.linear_coefficients.ids.extend(priced.tolist())
    proto.objective.linear_coefficients.values.extend(cost[priced].tolist())
    return mathopt.Model.from_model_proto(proto)


def _fill(target: object, ids: Ints, lower: Floats, upper: Floats) -> None:
    target.ids.extend(ids.tolist())  # type: ignore[attr-defined]
    target.lower_bounds.extend(lower.tolist())  # type: ignore[attr-defined]
    target.upper_bounds.extend(upper.tolist())  # type: ignore[attr-defined]

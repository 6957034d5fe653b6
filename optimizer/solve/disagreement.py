"""Large neighbourhoods where the plan and the relaxation disagree: who differs is freed and decided anew by CP-SAT."""

from dataclasses import dataclass, field

import numpy as np
from ortools.sat.python import cp_model

from models.district import Bools, Floats, Ints
from models.settings import LevelName
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program import Program
from optimizer.formulation.separate import separate
from optimizer.solve.backends import Relaxation
from optimizer.solve.complete import Candidate, plan_of, settle
from optimizer.solve.ranks import add_ranks
from optimizer.solve.reduce import take_out_dear_pairs
from optimizer.solve.whole import fix_rest, minimize, write_whole

AGREED = 0.99
"""A block agrees where the relaxation uses the plan's pair at least this much."""
LARGEST_DISC = 60
"""Units freed around one that disagrees, at most."""
SHARES_OF_SLACK = (0.1, 0.25, 0.5)
"""How dear a pair may be to be among the choices, as a share of plan minus relaxation."""
ROUNDS_OF_ROWS = 3


@dataclass
class Disagreement:
    """Decides anew, time after time, the blocks on which plan and relaxation differ, and some around them."""

    formulation: Formulation
    name: LevelName
    seed: int
    _random: np.random.Generator = field(init=False)
    _turn: int = 0

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)

    def improve(
        self, program: Program, relaxation: Relaxation, best: Candidate, solver: cp_model.CpSolver
    ) -> Candidate | None:
        """Return a better plan that differs on the freed blocks alone, or None."""
        share = SHARES_OF_SLACK[self._turn % len(SHARES_OF_SLACK)]
        slack = best.values[self.name] - relaxation.value
        part = take_out_dear_pairs(self.formulation, program, relaxation, share * slack)
        free = self._choose(relaxation, best)
        self._turn += 1
        columns = self._free_columns(part, best, free)
        found = self._solve(program, columns, free, best, solver)
        return found if found and found.values[self.name] < best.values[self.name] - 1e-6 else None

    def _choose(self, relaxation: Relaxation, best: Candidate) -> Bools:
        """Blocks that disagree, and after the first turn those of a disc of units around one of them."""
        f = self.formulation
        used = np.flatnonzero(best.columns[: len(f.pairs)] > 0.5)
        free = np.ones(len(f.blocks), dtype=bool)
        free[f.pairs.block[used[relaxation.solution[used] >= AGREED]]] = False
        if self._turn >= len(SHARES_OF_SLACK) and free.any():
            middle = int(self._random.choice(np.flatnonzero(free)))
            free[self._disc(middle, int(self._random.integers(1, LARGEST_DISC)))] = True
        return free

    def _disc(self, block: int, size: int) -> Ints:
        """Blocks of the units nearest to a block, border by border."""
        f, c = self.formulation, self.formulation.contiguity
        units = f.blocks.members(block).tolist()
        seen = set(units)
        while c is not None and units and len(seen) < size:
            unit = units.pop(0)
            further = [u for u in c.around(unit).tolist() if u not in seen]
            seen.update(further)
            units += further
        return f.blocks.of_unit[sorted(seen), f.blocks.stage[block]]

    def _free_columns(self, part: Program, best: Candidate, free: Bools) -> Bools:
        """Pairs of free blocks that are not too dear, those of the plan at hand, and all that is counted from them."""
        columns = np.ones(len(part.lower), dtype=bool)
        open_pairs = (part.upper[: part.pairs] > 0) | (best.columns[: part.pairs] > 0.5)
        columns[: part.pairs] = free[self.formulation.pairs.block] & open_pairs
        return columns

    def _solve(
        self, program: Program, columns: Bools, free: Bools, best: Candidate, solver: cp_model.CpSolver
    ) -> Candidate | None:
        """Solve the freed part; where ranks do not state contiguity, add the rows that its solution breaks."""
        for _ in range(ROUNDS_OF_ROWS):
            solution = self._decide(program, columns, free, best, solver)
            if solution is None:
                return None
            rows = separate(self.formulation, program, solution[: program.pairs])
            if not rows or program.cut_off:
                return settle(self.formulation, program, solution)
            program = program.with_rows(rows)
        return None

    def _decide(
        self, program: Program, columns: Bools, free: Bools, best: Candidate, solver: cp_model.CpSolver
    ) -> Floats | None:
        at = np.flatnonzero(columns)
        smaller = fix_rest(program, columns, np.round(best.columns))
        model, variables, _ = write_whole(smaller)
        minimize(model, variables, program.cost[self.name][at])
        for variable, value in zip(variables, np.round(best.columns[at]).astype(int).tolist(), strict=True):
            model.add_hint(variable, value)
        literals = {pair: variables[k] for k, pair in enumerate(at.tolist()) if pair < program.pairs}
        add_ranks(self.formulation, model, plan_of(self.formulation, best), free, literals)
        status = solver.solve(model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        solution = best.columns.copy()
        solution[at] = [solver.value(variable) for variable in variables]
        return solution

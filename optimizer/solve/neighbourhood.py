"""Large-neighbourhood search: free the catchments of a few neighbouring schools, and solve them exactly."""

import time
from dataclasses import dataclass, field

import numpy as np

from models.district import Bools, Floats, Ints
from models.settings import LevelName
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program import Program
from optimizer.formulation.separate import neighbour_rows, separate
from optimizer.solve.backends import solve_integral
from optimizer.solve.complete import Candidate, settle
from optimizer.solve.nearest import rank_by_owner

ROUNDS_OF_ROWS = 6
SUB_GAP = 1e-4
NEAREST_OF_GROUP = 3


@dataclass
class Neighbourhood:
    """Frees one group of schools after the other. Deterministic by its seed."""

    formulation: Formulation
    name: LevelName
    seed: int
    size: int = 4
    """Schools freed at a time: one more where a group was solved at once, one less where it was not."""
    _random: np.random.Generator = field(init=False)
    _stale: set[tuple[int, ...]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)

    def improve(self, program: Program, best: Candidate, seconds: float, nodes: int | None) -> Candidate | None:
        """Return a better plan that differs at a few neighbouring schools, or None."""
        schools = self._choose(program, best)
        free = self._freed(program, best, schools)
        lower = np.where(free, program.lower, best.columns)
        upper = np.where(free, program.upper, best.columns)
        part = program.with_bounds(lower, upper)
        pairs = np.flatnonzero(free[: program.pairs])
        part = part.with_rows(neighbour_rows(self.formulation, program, pairs))
        found = self._solve(part, best, seconds, nodes)
        if found is None or found.values[self.name] > best.values[self.name] - 1e-6:
            self._stale.add(tuple(sorted(schools.tolist())))
            return None
        self._stale.clear()
        return found

    def _solve(self, part: Program, best: Candidate, seconds: float, nodes: int | None) -> Candidate | None:
        """Solve the freed part, adding the contiguity rows its solutions break."""
        kept = np.flatnonzero(part.upper > 0)
        cost = part.cost[self.name][kept]
        began = time.monotonic()
        for _ in range(ROUNDS_OF_ROWS):
            left = seconds - (time.monotonic() - began) if nodes is None else np.inf
            if left <= 0:
                self._resize(hard=True)
                return None
            result = solve_integral(part.with_columns(kept), cost, left, SUB_GAP, hint=best.columns[kept], nodes=nodes)
            self._resize(hard=result.bound < result.value - 1e-3 * abs(result.value))
            if result.solution is None or result.value > best.values[self.name] - 1e-6:
                return None
            solution = np.zeros(len(part.lower))
            solution[kept] = result.solution
            rows = separate(self.formulation, part, solution[: part.pairs])
            if not rows or part.cut_off:
                return settle(self.formulation, part, solution)
            part = part.with_rows(rows)
        return None

    def _resize(self, *, hard: bool) -> None:
        schools = len(self.formulation.school_ids)
        self.size = max(2, self.size - 1) if hard else min(schools, 9, self.size + int(self._random.random() < 0.3))

    def _choose(self, program: Program, best: Candidate) -> Ints:
        """A school at random and those nearest to it in what a swap would cost, one group not tried in vain before.

        Where children do not fit, this year or later, the first is one whose children they are.
        """
        closeness = self._closeness(program, best)
        schools = np.flatnonzero(closeness.any(axis=1))
        moving = {"overflow": program.away, "later": program.later}.get(self.name, program.away[:, :0])
        lacking = np.where(moving >= 0, best.columns[moving], 0.0).sum(axis=1) > 0.5
        if lacking[schools].any():
            schools = schools[lacking[schools]]
        for _ in range(20):
            first = int(self._random.choice(schools))
            noise = self._random.uniform(0.5, 1.0, closeness.shape[1])
            order = np.argsort(-closeness[first] * noise, kind="stable")
            others = [int(j) for j in order[: self.size - 1] if closeness[first, j] > 0 and j != first]
            group = np.array([first, *others], dtype=np.int64)
            if tuple(sorted(group.tolist())) not in self._stale:
                break
        return group

    def _closeness(self, program: Program, best: Candidate) -> Floats:
        """How many children of one school would rather, or almost as well, go to another, shape (schools, schools)."""
        f = self.formulation
        used = np.flatnonzero(best.columns[: program.pairs] > 0.5)
        school, dear = np.zeros(len(f.blocks), dtype=np.int64), np.zeros(len(f.blocks))
        school[f.pairs.block[used]] = f.pairs.school[used]
        travel = f.pairs.price["travel"]
        dear[f.pairs.block[used]] = travel[used]
        near = travel <= 1.5 * dear[f.pairs.block] + 1e-9
        size = f.blocks.size[f.pairs.block] + 1.0
        out = np.zeros((len(f.school_ids),) * 2)
        np.add.at(out, (school[f.pairs.block[near]], f.pairs.school[near]), size[near])
        return out + out.T

    def _near(self, inside: Bools) -> Bools:
        """Pairs with the few schools of the group that suit a block best; the rest are left to other steps."""
        f = self.formulation
        price = np.where(inside, f.pairs.price.get(self.name, np.zeros(len(f.pairs))), np.inf)
        price = price + 1e-9 * np.where(inside, f.pairs.price["travel"], 0.0)
        return np.asarray(rank_by_owner(f.pairs.block, price) < NEAREST_OF_GROUP)

    def _freed(self, program: Program, best: Candidate, schools: Ints) -> Bools:
        """Columns that may change: pairs of the group's blocks with the group, and what is counted at its schools."""
        f = self.formulation
        free = np.ones(len(program.lower), dtype=bool)
        inside = np.isin(f.pairs.school, schools)
        used = best.columns[: program.pairs] > 0.5
        block = np.zeros(len(f.blocks), dtype=bool)
        block[f.pairs.block[used & inside]] = True
        free[: program.pairs] = inside & block[f.pairs.block] & (self._near(inside) | used)
        others = np.setdiff1d(np.arange(len(f.school_ids)), schools)
        held = program.classes[others]
        free[held[held >= 0]] = False
        free[program.enrolment[others]] = False
        return free

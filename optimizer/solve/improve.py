"""Better plans from the plan at hand: searches that take turns, each strong where the others are weak."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from ortools.sat.python import cp_model

from models.district import Floats, Ints
from optimizer.solve.complete import Candidate, plan_of
from optimizer.solve.disagreement import SHARES_OF_SLACK, Disagreement
from optimizer.solve.neighbourhood import Neighbourhood
from optimizer.solve.relieve import relieve
from optimizer.solve.search import CYCLE_ROUNDS, MENDING_ROUNDS

if TYPE_CHECKING:
    from optimizer.solve.level import LevelSolver

NODES_A_STEP = 30
SECONDS_A_STEP = 3.0
SECONDS_OF_DISAGREEMENT = 8.0
SECONDS_OF_RELIEF = 12.0
WORK_OF_DISAGREEMENT = 1.0
"""CP-SAT's own deterministic time: about as long as a second or two."""
FIRST_SHARE = 0.25
"""Share of the effort left that may go into it before anything is branched on."""
FIRST_TRIES = len(SHARES_OF_SLACK)
TRIES_IN_VAIN = 8
FEW_SCHOOLS = 8


class Improver:
    """Improves the plan of one level; which search is next depends on what the last ones found."""

    def __init__(self, level: "LevelSolver") -> None:
        tools = level.tools
        self._level = level
        self._neighbourhood = Neighbourhood(tools.formulation, level.name, tools.seed)
        self._disagreement = Disagreement(tools.formulation, level.name, tools.seed)
        self._in_vain = 0
        self._turn = 0
        self.mended: Ints | None = None
        """The latest integral solution that fell apart, its pieces given to neighbours."""
        self._relieved: Candidate | None = None
        """The plan that was the best when it had last been relieved."""
        self.apart: Floats | None = None
        """That solution as it was: until it helps no more, what differs from it is decided anew."""

    def run_until(self, ended: Callable[[], bool], workers: int) -> None:
        """Search for a first plan; then free parts of it in turn, and search again when that finds nothing."""
        while not (ended() or self._level.tools.effort.over):
            if self._may_relieve:
                self.relieve(ended)
            elif self.mended is not None and self._search_knows:
                self._mend()
            elif self._level.best is None or (self._search_knows and self._search_is_due):
                self.search_cycle(ended)
            elif self._may_disagree and self._turn % 2 == 0:
                self._turn += 1
                self.settle_disagreement(workers)
            else:
                self._turn += 1
                self._free_neighbours()

    @property
    def _search_knows(self) -> bool:
        """Whether the local search knows every rule: it does not know of children who sit elsewhere."""
        return self._level.tools.formulation.pool is None

    @property
    def _search_is_due(self) -> bool:
        """Whether the others found nothing of late, or freeing a few schools would free nearly all of them."""
        few = len(np.unique(self._level.tools.formulation.pairs.school)) < FEW_SCHOOLS
        return few or self._in_vain >= TRIES_IN_VAIN

    @property
    def _may_disagree(self) -> bool:
        """Whether there is a relaxation to differ from, of blocks that stay whole and are all there is to decide."""
        f = self._level.tools.formulation
        return self._level.relaxation is not None and not f.divisible and f.pool is None

    @property
    def _may_relieve(self) -> bool:
        """Whether there is a plan of an admission year that has not been relieved yet."""
        best = self._level.best
        return not self._search_knows and best is not None and best is not self._relieved

    def relieve(self, ended: Callable[[], bool]) -> None:
        """Change today's catchments where that helps: the plan of an admission year is near them."""
        level, effort = self._level, self._level.tools.effort
        if not self._may_relieve or level.best is None:
            return
        seconds = min(level.left_s, SECONDS_OF_RELIEF) if effort.work_limit is None else effort.left_s
        for plan in relieve(level.tools.formulation, level.program, level.name, level.best, seconds):
            effort.spend("relief")
            level.consider(plan)
            if ended() or level.done:
                break
        self._relieved = level.best

    def search_cycle(self, ended: Callable[[], bool]) -> None:
        """One cycle of annealing from the plan at hand, or from the relaxation where there is none."""
        level, search, effort = self._level, self._level.tools.search, self._level.tools.effort
        if search.rounds == 0 and level.first is not None:
            search.learn_prices(dict(zip(level.first.names, np.abs(level.first.duals).tolist(), strict=True)))
            search.load(level.grown(level.first.solution))
        if level.best is not None and not level.tools.formulation.divisible:
            search.load(plan_of(level.tools.formulation, level.best))
        for _ in range(CYCLE_ROUNDS):
            if ended() or effort.over:
                break
            before = search.best_value
            search.run_round()
            effort.spend("search")
            if search.best_value < before and search.best is not None:
                level.consider(search.best)
        self._in_vain = 0

    def _mend(self) -> None:
        """Let the search bring an integral solution that fell apart back to one that is allowed."""
        search, plan = self._level.tools.search, self.mended
        assert plan is not None
        self.mended = None
        search.suggest(plan)
        for _ in range(MENDING_ROUNDS):
            search.run_round()
            self._level.tools.effort.spend("search")
        if search.best is not None:
            self._level.consider(search.best)

    def settle_first(self, workers: int) -> None:
        """Decide anew where plan and relaxation differ as long as that makes the plan better, for a while."""
        effort, tries = self._level.tools.effort, 0
        least_left = effort.left_share * (1.0 - FIRST_SHARE)
        while self._may_disagree and self._level.best is not None and tries < FIRST_TRIES and not self._level.done:
            tries = 0 if self.settle_disagreement(workers) else tries + 1
            if effort.left_share <= least_left:
                return

    def settle_disagreement(self, workers: int) -> bool:
        """Decide anew where plan and relaxation differ; return whether that made the plan better."""
        level, effort = self._level, self._level.tools.effort
        assert level.best is not None and level.relaxation is not None
        solver = cp_model.CpSolver()
        solver.parameters.catch_sigint_signal = False
        solver.parameters.random_seed = level.tools.seed
        solver.parameters.num_workers = 1 if effort.work_limit is not None else workers
        if effort.work_limit is not None:
            solver.parameters.max_deterministic_time = WORK_OF_DISAGREEMENT
        else:
            solver.parameters.max_time_in_seconds = min(SECONDS_OF_DISAGREEMENT, max(0.1, effort.left_s))
        other, self.apart = self.apart, None
        relaxation = level.relaxation if other is None else replace(level.relaxation, solution=other)
        found = self._disagreement.improve(level.program, relaxation, level.best, solver)
        effort.spend("disagreement")
        if found and self.apart is None:
            self.apart = other
        self._in_vain = 0 if found else self._in_vain + 1
        level.keep(found)
        return found is not None

    def _free_neighbours(self) -> None:
        """One step of the large-neighbourhood search."""
        level, effort = self._level, self._level.tools.effort
        assert level.best is not None
        nodes = NODES_A_STEP if effort.work_limit is not None else None
        seconds = min(SECONDS_A_STEP, level.left_s)
        found = self._neighbourhood.improve(level.program, level.best, seconds, nodes)
        effort.spend("neighbourhood")
        self._in_vain = 0 if found else self._in_vain + 1
        level.keep(found)

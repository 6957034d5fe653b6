"""Local search: annealing over whole blocks, in rounds, with prices that rise where a hard rule stays broken."""

from dataclasses import dataclass

import numpy as np

from models.district import Bools, Floats, Ints
from models.settings import LevelName
from optimizer.formulation.formulation import Formulation

MOVES_A_ROUND = 20_000
CYCLE_ROUNDS = 80
CYCLE_HEAT = 0.7
"""Where a cycle begins between cold (0) and hot (1)."""
MENDING_ROUNDS = 10
MENDING_HEAT = 0.15
SCHOOL_LEVELS: tuple[LevelName, ...] = ("shortage", "small_classes")
"""Levels that schools cost, not pairs."""
LOWEST, HIGHEST = 0.3, 100.0
"""Prices of hard rules stay within these multiples of where they began."""


def level_weights(f: Formulation) -> dict[LevelName, float]:
    """Weights that make one sum of all levels: each outweighs all that the later ones could gain."""
    weights: dict[LevelName, float] = {}
    weight = 1.0
    for level in reversed([level for level in f.order if level in f.pairs.price or level in SCHOOL_LEVELS]):
        weights[level] = weight
        price = f.pairs.price.get(level)
        most = float(f.blocks.size.sum()) if price is None else _spread(f, price)
        weight *= max(1.0, most)
    return weights


def _spread(f: Formulation, price: Floats) -> float:
    """Most that a level can change: dearest minus cheapest pair, summed over the blocks."""
    count = len(f.blocks)
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, f.pairs.block, price)
    np.maximum.at(high, f.pairs.block, price)
    known = np.isfinite(low)
    return float((high[known] - low[known]).sum())


@dataclass
class Search:
    """A local search on one formulation. `best` is the best allowed plan found, None until there is one."""

    formulation: Formulation
    seed: int

    def __post_init__(self) -> None:
        # The compiler is slow to import, and a district may be proved without any search.
        from optimizer.solve.kernel import anneal
        from optimizer.solve.layout import in_order, lay_out, nowhere

        self._anneal = anneal
        self.board, self.scale = lay_out(self.formulation, level_weights(self.formulation))
        self.state = nowhere(self.board)
        rules, budgets = self.board.rules, self.board.budgets
        self._base = [part.price.copy() for part in (rules.limits, rules.rooms, rules.targets, budgets)]
        classes = self.formulation.classes
        self._names = (
            [limit.name for limit in in_order(self.formulation.limits)],
            [group.name for group in in_order(classes.rooms if classes else ())],
        )
        self.rounds = 0
        self._position, self._length, self._warm = 0, CYCLE_ROUNDS, CYCLE_HEAT
        self._suggested: Ints | None = None
        self._best = np.full(len(self.formulation.blocks), -1, dtype=np.int64)
        self._best_value = np.array([np.inf])

    @property
    def best(self) -> Ints | None:
        """The best allowed plan: school of every block."""
        return self._best.copy() if np.isfinite(self._best_value[0]) else None

    @property
    def best_value(self) -> float:
        """Weighted levels of the best plan; inf where there is none."""
        return float(self._best_value[0])

    def load(self, plan: Ints) -> None:
        """Go on from `plan` (-1 nowhere), and keep it as the best where it is allowed and better."""
        self._go_on(plan.astype(np.int64), 0, 0.0)

    def learn_prices(self, price_of_row: dict[str, float]) -> None:
        """Begin with what the relaxation says a place or a room is worth, a little above it."""
        rules = self.board.rules
        for names, rows, base in zip(self._names, (rules.limits, rules.rooms), self._base, strict=False):
            worth = 1.2 * np.array([price_of_row.get(name, 0.0) for name in names], dtype=float)
            rows.price[:] = np.where(rows.hard, np.maximum(worth, LOWEST * base), rows.price)
            base[:] = np.where(rows.hard, np.maximum(worth, base), base)

    def suggest(self, plan: Ints) -> None:
        """Begin a short, cold cycle from `plan` at the next round: it is nearly right."""
        self._suggested = plan

    def run_round(self) -> None:
        """Anneal for one round of a cycle that begins warm and ends cold; then the next cycle begins."""
        if self._suggested is not None:
            self.load(self._suggested)
            self._suggested, self._position, self._length, self._warm = None, 0, MENDING_ROUNDS, MENDING_HEAT
        elif self._position >= self._length:
            self._position, self._length, self._warm = 0, CYCLE_ROUNDS, CYCLE_HEAT
            if self.best is not None:
                self.load(self.best)
        heat = self._warm * (1.0 - self._position / self._length)
        self._position += 1
        self.rounds += 1
        hot, cold = 0.3 * self.scale, 0.003 * self.scale
        self._go_on(self.state.school, MOVES_A_ROUND, cold * (hot / cold) ** heat)
        self._steer_prices()

    def _go_on(self, plan: Ints, moves: int, temperature: float) -> None:
        seed = (self.seed * 1_000_003 + self.rounds) % 2**31
        self._anneal(self.board, self.state, plan, self._best, self._best_value, moves, temperature, seed)

    def _steer_prices(self) -> None:
        """Raise the price of what is broken at the end of a round, lower that of what is kept."""
        rules, budgets, state = self.board.rules, self.board.budgets, self.state
        limits, rooms, targets, spending = self._base
        _steer(rules.limits.price, rules.limits.left < 0, rules.limits.hard, limits)
        _steer(rules.rooms.price, rules.rooms.left < 0, rules.rooms.hard, rooms)
        _steer(rules.targets.price, state.total[3:] < -1e-7, rules.targets.hard, targets)
        _steer(budgets.price, state.spent > budgets.bound + 1e-7, budgets.hard, spending)


def _steer(price: Floats, broken: Bools, hard: Bools, base: Floats) -> None:
    """Multiply the prices of hard rules up where broken and down where kept, within a range around their start."""
    steered = np.clip(price * np.where(broken, 1.15, 0.99), LOWEST * base, HIGHEST * base)
    price[:] = np.where(hard, steered, price)

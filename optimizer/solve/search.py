"""Local search: annealing over whole blocks, in rounds, with prices that rise where a hard rule stays broken."""

from dataclasses import dataclass

import numpy as np

from models.district import Bools, Floats, Ints
from models.settings import LevelName
from optimizer.formulation.formulation import Formulation
from optimizer.solve import kernel

MOVES_A_ROUND = 20_000
CYCLE_ROUNDS = 80
MENDING_ROUNDS = 10


def level_weights(f: Formulation) -> dict[LevelName, float]:
    """Weights that make one sum of all levels: each outweighs all that the later ones could gain."""
    weights: dict[LevelName, float] = {}
    weight = 1.0
    for level in reversed(f.order):
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
        self.weights = level_weights(self.formulation)
        self.board = build_board(self.formulation, self.weights)
        self.scale = self._scale()
        self.prices = self._start_prices()
        self._base = self._start_prices()
        self._children = np.zeros(len(self.board.limit_bound), dtype=np.int64)
        self._classes = np.zeros(len(self.board.rooms), dtype=np.int64)
        self.state = empty_state(self.board)
        self.rounds = 0
        self._position, self._length, self._warm = 0, CYCLE_ROUNDS, 0.7
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

    @property
    def at_hand(self) -> Ints:
        """The plan at hand, allowed or not."""
        return np.asarray(self.state.school.copy())

    def load(self, plan: Ints) -> None:
        """Go on from `plan`, and keep it as the best where it is allowed and better."""
        kernel.load(self.board, self.prices, self.state, plan.astype(np.int64))
        if kernel.is_allowed(self.board, self.state):
            value = kernel.merit(self.board, self.prices, self.state)
            if value < self._best_value[0] - 1e-9:
                self._best_value[0] = value
                self._best[:] = plan

    def learn_prices(self, price_of_row: dict[str, float]) -> None:
        """Begin with what the relaxation says a place or a room is worth, a little above it."""
        f = self.formulation
        limits = sorted(f.limits, key=lambda limit: limit.school)
        rooms = sorted(f.classes.rooms, key=lambda group: group.school) if f.classes else []
        for names, prices, base, hard in (
            ([limit.name for limit in limits], self.prices.child, self._base.child, self.board.limit_hard),
            ([group.name for group in rooms], self.prices.room, self._base.room, self.board.room_hard),
        ):
            worth = 1.2 * np.array([price_of_row.get(name, 0.0) for name in names], dtype=float)
            prices[:] = np.where(hard, np.maximum(worth, 0.3 * base), prices)
            base[:] = np.where(hard, np.maximum(worth, base), base)

    def suggest(self, plan: Ints) -> None:
        """Begin a short, cold cycle from `plan` at the next round: it is nearly right."""
        self._suggested = plan

    def run_round(self) -> None:
        """Anneal for one round of a cycle that begins warm and ends cold; then the next cycle begins."""
        if self._suggested is not None:
            self.load(self._suggested)
            self._suggested, self._position, self._length, self._warm = None, 0, MENDING_ROUNDS, 0.15
        elif self._position >= self._length:
            self._position, self._length, self._warm = 0, CYCLE_ROUNDS, 0.7
            if self.best is not None:
                self.load(self.best)
        heat = self._warm * (1.0 - self._position / self._length)
        self._position += 1
        self.rounds += 1
        hot, cold = 0.3 * self.scale, 0.003 * self.scale
        temperature = cold * (hot / cold) ** heat
        seed = (self.seed * 1_000_003 + self.rounds) % 2**31
        best, value = self._best, self._best_value
        kernel.anneal(self.board, self.prices, self.state, best, value, MOVES_A_ROUND, temperature, seed)
        self._adapt()

    def _adapt(self) -> None:
        """Raise the price of what is broken at the end of a round, lower that of what is kept."""
        state, prices, board = self.state, self.prices, self.board
        kernel.breaches(board, prices, state, self._children, self._classes)
        _steer(prices.child, self._children > 0, board.limit_hard, self._base.child)
        _steer(prices.room, self._classes > 0, board.room_hard, self._base.room)
        _steer(prices.share, state.total < -1e-7, board.target_hard, self._base.share)
        _steer(prices.budget, state.spent > board.budget_bound + 1e-7, board.budget_hard, self._base.budget)
        kernel.breaches(board, prices, state, self._children, self._classes)

    def _scale(self) -> float:
        """A typical step: how much dearer the second nearest school is than the nearest, for a typical block."""
        steps = []
        cost, start, near, pair = self.board.cost, self.board.near_start, self.board.near, self.board.pair
        for block in range(len(start) - 1):
            if start[block + 1] - start[block] > 1:
                first, second = near[start[block]], near[start[block] + 1]
                steps.append(cost[pair[block, second]] - cost[pair[block, first]])
        known = np.array([step for step in steps if step > 0])
        return float(np.median(known)) if len(known) else 1.0

    def _start_prices(self) -> kernel.Prices:
        """A child above a limit costs a few typical steps; soft breaches cost what their level weighs."""
        sizes = self.formulation.blocks.size
        child = 2.0 * self.scale / max(1.0, float(np.median(sizes[sizes > 0]))) if (sizes > 0).any() else 1.0
        shortage = self.weights.get("shortage", 1e6)
        small = self.weights.get("small_classes", 1e6)
        board, rules = self.board, self.formulation.classes
        rooms = sorted(rules.rooms, key=lambda group: group.school) if rules else []
        full = np.array([group.price for group in rooms], dtype=float)
        return kernel.Prices(
            child=np.where(board.limit_hard, child, shortage),
            room=np.where(board.room_hard, 20 * child, shortage * full),
            share=np.where(board.target_hard, 20 * child, small),
            budget=np.where(board.budget_hard, child, shortage),
            nowhere=np.array([50.0 * (self.scale + float(board.cost.max(initial=0.0)))]),
        )


def _steer(price: Floats, broken: Bools, hard: Bools, base: Floats) -> None:
    """Multiply the prices of hard rules up where broken and down where kept, within a range around their start."""
    steered = np.clip(price * np.where(broken, 1.15, 0.99), 0.3 * base, 100.0 * base)
    price[:] = np.where(hard, steered, price)


def build_board(f: Formulation, weights: dict[LevelName, float]) -> kernel.Board:
    """Lay a formulation out as the arrays of the kernel, its levels as one weighted cost."""
    cost = np.zeros(len(f.pairs))
    for level, price in f.pairs.price.items():
        cost += weights.get(level, 0.0) * price
    order = np.lexsort((f.pairs.school, cost, f.pairs.block))
    count, schools, stages = len(f.blocks), len(f.school_ids), len(f.stages)
    per_school = np.zeros((schools, stages), dtype=np.int64)
    np.add.at(per_school, (f.pairs.school, f.blocks.stage[f.pairs.block]), 1)
    member_start = (np.cumsum(per_school.ravel()) - per_school.ravel()).reshape(schools, stages)
    return kernel.Board(
        stage=f.blocks.stage.astype(np.int64),
        students=f.blocks.students,
        pair=f.pair_table(),
        cost=cost,
        budget=np.array([b.weight for b in f.budgets]).reshape(len(f.budgets), len(f.pairs)),
        budget_bound=np.array([b.bound for b in f.budgets], dtype=float),
        near_start=np.concatenate([[0], np.cumsum(np.bincount(f.pairs.block, minlength=count))]).astype(np.int64),
        near=f.pairs.school[order],
        unit_start=f.blocks.start.astype(np.int64),
        units=f.blocks.units.astype(np.int64),
        block_of=f.blocks.of_unit.astype(np.int64),
        **_graph(f),
        **_limits(f),
        **_classes(f),
        budget_hard=np.array([b.hard for b in f.budgets], dtype=bool),
        member_start=member_start,
    )


def _graph(f: Formulation) -> dict[str, np.ndarray]:
    units, stages, schools = len(f.unit_ids), len(f.stages), len(f.school_ids)
    c = f.contiguity
    if c is None:
        return {
            "graph_start": np.zeros(units + 1, dtype=np.int64),
            "graph": np.zeros(0, dtype=np.int64),
            "judged": np.zeros((units, stages), dtype=bool),
            "home": np.full((schools, stages), -1, dtype=np.int64),
            "shared_home": np.zeros((schools, stages), dtype=bool),
        }
    return {
        "graph_start": c.start,
        "graph": c.neighbours,
        "judged": c.judged,
        "home": c.home,
        "shared_home": c.shared_home,
    }


def _limits(f: Formulation) -> dict[str, np.ndarray]:
    limits = sorted(f.limits, key=lambda limit: limit.school)
    schools = len(f.school_ids)
    of_school = np.bincount([limit.school for limit in limits], minlength=schools)
    return {
        "limit_start": np.concatenate([[0], np.cumsum(of_school)]).astype(np.int64),
        "limit_columns": np.array([limit.columns for limit in limits], dtype=np.int64).reshape(
            len(limits), len(f.columns)
        ),
        "limit_bound": np.array([limit.bound for limit in limits], dtype=np.int64),
        "limit_hard": np.array([limit.hard for limit in limits], dtype=bool),
    }


def _classes(f: Formulation) -> dict[str, np.ndarray]:
    schools = len(f.school_ids)
    rules = f.classes
    grades = rules.grades if rules else ()
    rooms = sorted(rules.rooms, key=lambda rooms: rooms.school) if rules else []
    targets = rules.targets if rules else ()
    of_school = np.bincount([group.school for group in rooms], minlength=schools)
    compulsory = np.array([grade.compulsory for grade in grades], dtype=bool)
    taught = rules.taught if rules else np.zeros((schools, 0), dtype=bool)
    public = rules.public if rules else np.zeros(schools, dtype=bool)
    return {
        "counted": np.array([grade.counted for grade in grades], dtype=np.int64),
        "spread": np.array([grade.spread for grade in grades], dtype=np.int64),
        "position": np.array([grade.position for grade in grades], dtype=np.int64),
        "grades_of": np.array([grade.of for grade in grades], dtype=np.int64),
        "cap": np.array([grade.cap for grade in grades], dtype=np.int64),
        "taught": taught,
        "counts": taught & public[:, None] & compulsory[None, :],
        "room_start": np.concatenate([[0], np.cumsum(of_school)]).astype(np.int64),
        "room_grades": np.array([group.grades for group in rooms], dtype=bool).reshape(len(rooms), len(grades)),
        "rooms": np.array([group.rooms for group in rooms], dtype=np.int64),
        "room_hard": np.array([group.hard for group in rooms], dtype=bool),
        "target_size": np.array([target.max_size for target in targets], dtype=np.int64),
        "target_share": np.array([target.share for target in targets], dtype=float),
        "target_hard": np.full(len(targets), rules.targets_hard if rules else True, dtype=bool),
    }


def empty_state(board: kernel.Board) -> kernel.State:
    """Return a state in which every block is nowhere."""
    blocks, columns = board.students.shape
    schools, stages = board.home.shape
    units, targets = board.judged.shape[0], board.target_size.size
    return kernel.State(
        school=np.full(blocks, -1, dtype=np.int64),
        unit_school=np.full((units, stages), -1, dtype=np.int64),
        enrolment=np.zeros((schools, columns), dtype=np.int64),
        soft=np.zeros(schools),
        over=np.zeros((schools, 2)),
        margin=np.zeros((schools, targets)),
        total=np.zeros(targets),
        spent=np.zeros(board.budget_bound.size),
        held=np.zeros((schools, stages), dtype=np.int64),
        members=np.zeros(board.cost.size, dtype=np.int64),
        member_count=np.zeros((schools, stages), dtype=np.int64),
        place=np.zeros(blocks, dtype=np.int64),
        sums=np.array([0.0, 0.0, 0.0, float(blocks)]),
        mark=np.zeros(units + 1, dtype=np.int64),
        queue=np.zeros(units, dtype=np.int64),
        classes=np.zeros(board.cap.size, dtype=np.int64),
        gain=np.zeros(board.cap.size),
        step=np.zeros(board.cap.size, dtype=np.int64),
        free=np.zeros(board.rooms.size, dtype=np.int64),
        row=np.zeros(board.target_size.size + 3),
    )

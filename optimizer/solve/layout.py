"""Lay a formulation out as the arrays of the search's compiled core.

They are copies of one kind, row by row in memory and writable: for every other kind the core would be compiled anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from models.district import Bools, Floats, Ints
from models.settings import LevelName
from optimizer.formulation.formulation import Formulation, Limit, Rooms
from optimizer.solve.kernel import Blocks, Board, Budgets, Columns, Grades, Graph, Rows, Rules, State, Targets

OfSchool = TypeVar("OfSchool", Limit, Rooms)


def lay_out(f: Formulation, weights: Mapping[LevelName, float]) -> tuple[Board, float]:
    """Return the board of a formulation, its levels as one weighted cost, and the typical step of that cost.

    A child above a hard limit costs a few typical steps at first; soft breaches cost what their level weighs.
    """
    cost = np.zeros(len(f.pairs))
    for level, price in f.pairs.price.items():
        cost += weights.get(level, 0.0) * price
    near = np.lexsort((f.pairs.school, cost, f.pairs.block))
    near_start = _starts(f.pairs.block, len(f.blocks))
    step = _typical_step(cost[near], near_start)
    sizes = f.blocks.size[f.blocks.size > 0]
    child = 2.0 * step / max(1.0, float(np.median(sizes))) if len(sizes) else 1.0
    shortage, missing = weights.get("shortage", 1e6), weights.get("small_classes", 1e6)
    graph = _lay_graph(f)
    blocks = Blocks(
        stage=_ints(f.blocks.stage),
        students=_ints(f.blocks.students),
        judged=f.contiguity.judges(f.blocks) if f.contiguity else np.zeros(len(f.blocks), dtype=bool),
        pair=f.pair_table,
        cost=cost,
        nowhere=50.0 * (step + float(cost.max(initial=0.0))),
        near_start=near_start,
        near=_ints(f.pairs.school[near]),
        unit_start=_ints(f.blocks.start),
        units=_ints(f.blocks.units),
    )
    return Board(blocks, graph, _lay_rules(f, child, shortage, missing), _lay_budgets(f, child, shortage)), step


def nowhere(board: Board) -> State:
    """Return a state in which every block is nowhere."""
    blocks, columns = board.blocks.students.shape
    schools, stages = board.graph.home.shape
    units, verdict = len(board.graph.block_of), 3 + len(board.rules.targets.size)
    block, school = np.nonzero(board.blocks.pair >= 0)
    member_start = _starts(school * stages + board.blocks.stage[block], schools * stages)
    return State(
        school=np.full(blocks, -1, dtype=np.int64),
        unit_school=np.full((units, stages), -1, dtype=np.int64),
        held=np.zeros((schools, stages), dtype=np.int64),
        members=np.zeros(len(board.blocks.cost), dtype=np.int64),
        member_start=member_start[:-1].reshape(schools, stages),
        member_count=np.zeros((schools, stages), dtype=np.int64),
        place=np.zeros(blocks, dtype=np.int64),
        sums=np.array([0.0, float(blocks)]),
        spent=np.zeros(len(board.budgets.bound)),
        enrolment=np.zeros((schools, columns), dtype=np.int64),
        verdict=np.zeros((schools, verdict)),
        total=np.zeros(verdict),
        row=np.zeros(verdict),
    )


def in_order(rules: Iterable[OfSchool]) -> list[OfSchool]:
    """The order of the board's rows: by school, then as given."""
    return sorted(rules, key=lambda rule: rule.school)


def _starts(owner: Ints, count: int) -> Ints:
    """Where the entries of every owner begin in a list sorted by owner, and where the last ones end."""
    return np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=count))]).astype(np.int64)


def _typical_step(cost: Floats, start: Ints) -> float:
    """How much dearer the second nearest school is than the nearest, for a typical block; `cost` from cheap to dear."""
    first = start[:-1][np.diff(start) > 1]
    steps = cost[first + 1] - cost[first]
    return float(np.median(steps[steps > 0])) if (steps > 0).any() else 1.0


def _lay_graph(f: Formulation) -> Graph:
    units, stages, schools, c = len(f.unit_ids), len(f.stages), len(f.school_ids), f.contiguity
    return Graph(
        start=_ints(c.start) if c else np.zeros(units + 1, dtype=np.int64),
        neighbours=_ints(c.neighbours) if c else np.zeros(0, dtype=np.int64),
        block_of=_ints(f.blocks.of_unit),
        judged=_flags(c.judged) if c else np.zeros((units, stages), dtype=bool),
        home=_ints(c.home) if c else np.full((schools, stages), -1, dtype=np.int64),
        shared_home=_flags(c.shared_home) if c else np.zeros((schools, stages), dtype=bool),
        mark=np.zeros(units + 1, dtype=np.int64),
        queue=np.zeros(units, dtype=np.int64),
    )


def _lay_rules(f: Formulation, child: float, shortage: float, missing: float) -> Rules:
    schools, rules = len(f.school_ids), f.classes
    limits, rooms = in_order(f.limits), in_order(rules.rooms if rules else ())
    grades, targets = (rules.grades, rules.targets) if rules else ((), ())
    limit_hard = _flags([limit.hard for limit in limits])
    room_hard = _flags([group.hard for group in rooms])
    full_class = _floats([group.price for group in rooms])
    target_hard = np.full(len(targets), rules.targets_hard if rules else True)
    return Rules(
        limits=Rows(
            start=_starts(_ints([limit.school for limit in limits]), schools),
            columns=_ints([limit.columns for limit in limits]).reshape(len(limits), len(f.columns)),
            bound=_ints([limit.bound for limit in limits]),
            hard=limit_hard,
            price=np.where(limit_hard, child, shortage),
            left=np.zeros(len(limits), dtype=np.int64),
        ),
        rooms=Rows(
            start=_starts(_ints([group.school for group in rooms]), schools),
            columns=_ints([group.weight for group in rooms]).reshape(len(rooms), len(grades)),
            bound=_ints([group.rooms for group in rooms]),
            hard=room_hard,
            price=np.where(room_hard, 20.0 * child, shortage * full_class),
            left=np.zeros(len(rooms), dtype=np.int64),
        ),
        grades=_lay_grades(f),
        targets=Targets(
            size=_ints([target.max_size for target in targets]),
            share=_floats([target.share for target in targets]),
            hard=target_hard,
            price=np.where(target_hard, 20.0 * child, missing),
        ),
    )


def _lay_grades(f: Formulation) -> Grades:
    schools, rules = len(f.school_ids), f.classes
    grades = rules.grades if rules else ()
    taught = _flags(rules.taught) if rules else np.zeros((schools, 0), dtype=bool)
    public = rules.public if rules else np.zeros(schools, dtype=bool)
    compulsory = _flags([grade.compulsory for grade in grades])
    return Grades(
        counted=_lay_columns([grade.counted for grade in grades]),
        spread=_lay_columns([grade.spread for grade in grades]),
        position=_ints([grade.position for grade in grades]),
        of=_ints([grade.of for grade in grades]),
        cap=_ints([grade.cap for grade in grades]),
        taught=taught,
        counts=taught & public[:, None] & compulsory[None, :],
        students=np.zeros(len(grades), dtype=np.int64),
        classes=np.zeros(len(grades), dtype=np.int64),
        gain=np.zeros(len(grades)),
        step=np.zeros(len(grades), dtype=np.int64),
    )


def _lay_columns(of_grade: Sequence[tuple[int, ...]]) -> Columns:
    ends = np.cumsum([0, *(len(columns) for columns in of_grade)])
    return Columns(start=_ints(ends), column=_ints([column for columns in of_grade for column in columns]))


def _lay_budgets(f: Formulation, child: float, shortage: float) -> Budgets:
    hard = _flags([budget.hard for budget in f.budgets])
    return Budgets(
        weight=_floats([budget.weight for budget in f.budgets]).reshape(len(f.budgets), len(f.pairs)),
        bound=_floats([budget.bound for budget in f.budgets]),
        hard=hard,
        price=np.where(hard, child, shortage),
    )


def _ints(values: ArrayLike) -> Ints:
    return np.array(values, dtype=np.int64, order="C")


def _floats(values: ArrayLike) -> Floats:
    return np.array(values, dtype=np.float64, order="C")


def _flags(values: ArrayLike) -> Bools:
    return np.array(values, dtype=bool, order="C")

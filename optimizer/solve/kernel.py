"""The compiled core of the local search: one move at a time on plain arrays.

Nothing here knows a rule by name. A school has rows that bound its children and its classes, and grades whose classes
are split evenly; a district has share targets and budgets; a graph says which catchments hold together. What a move
would break is priced, so that the search may walk through plans that are not allowed and comes back to those that are.

Compiling is dear where many arrays are handed on, so every function takes the group of arrays it needs. `anneal` is
the one door from Python. It is kept on disk with all that it calls, and told to be out of date by the change of this
file alone: whatever is compiled, and the groups themselves, stand here.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

Function = TypeVar("Function", bound=Callable[..., Any])
WITHOUT_WRAPPERS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
MOST_EXTRA_CLASSES = 3
"""Extra classes of one grade that are weighed together."""


def compiled(function: Function) -> Function:
    """Compile a function that only compiled functions call: without what a call from Python needs."""
    return cast(Function, njit(**WITHOUT_WRAPPERS)(function))


def compiled_door(function: Function) -> Function:
    """Compile a function that Python calls; it releases the interpreter lock, and is kept on disk where that can be."""
    try:
        return cast(Function, njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba finds no folder that it may write to
        return cast(Function, njit(nogil=True)(function))


class Blocks(NamedTuple):
    """What is assigned as a whole, and where it may go. B blocks, J schools, S stages, C columns, P pairs."""

    stage: NDArray[Any]
    """int64[B]"""
    students: NDArray[Any]
    """int64[B, C]"""
    judged: NDArray[Any]
    """bool[B]: whether it counts for the contiguity of a catchment."""
    pair: NDArray[Any]
    """int64[B, J]: position of the pair, -1 where forbidden."""
    cost: NDArray[Any]
    """float64[P]: weighted levels of a pair."""
    nowhere: float
    """Price of a block without a school."""
    near_start: NDArray[Any]
    near: NDArray[Any]
    """Schools of block b from cheap to dear: near[near_start[b]:near_start[b + 1]]."""
    unit_start: NDArray[Any]
    units: NDArray[Any]
    """Units of block b: units[unit_start[b]:unit_start[b + 1]]."""


class Graph(NamedTuple):
    """Which units touch, and what a catchment must hold. U units."""

    start: NDArray[Any]
    neighbours: NDArray[Any]
    """Neighbours of unit u: neighbours[start[u]:start[u + 1]]."""
    block_of: NDArray[Any]
    """int64[U, S]"""
    judged: NDArray[Any]
    """bool[U, S]; all False where contiguity is no rule."""
    home: NDArray[Any]
    """int64[J, S]: own unit a catchment must hold, -1 where none is asked for."""
    shared_home: NDArray[Any]
    """bool[J, S]: one of several schools holds it."""
    mark: NDArray[Any]
    """int64[U + 1]: scratch: stamp of a visited unit; the last entry counts."""
    queue: NDArray[Any]
    """int64[U]: scratch."""


class Rows(NamedTuple):
    """Σ counts[c] · columns[k, c] ≤ bound[k] for the rows k of a school: of its children, or of its classes. K rows."""

    start: NDArray[Any]
    """int64[J + 1]: rows of school j: start[j]:start[j + 1]."""
    columns: NDArray[Any]
    """int64[K, C], 0 or 1"""
    bound: NDArray[Any]
    """int64[K]"""
    hard: NDArray[Any]
    """bool[K]"""
    price: NDArray[Any]
    """float64[K]: of one child or class above the bound; changed between rounds."""
    left: NDArray[Any]
    """int64[K]: bound minus the sum in the plan at hand; below 0 where broken."""


class Columns(NamedTuple):
    """Columns whose children sit in grade g: column[start[g]:start[g + 1]]."""

    start: NDArray[Any]
    column: NDArray[Any]


class Grades(NamedTuple):
    """How children make classes. G grades."""

    counted: Columns
    """Of children counted by grade."""
    spread: Columns
    """Of children counted by stage alone."""
    position: NDArray[Any]
    of: NDArray[Any]
    """The grade is number `position` of `of` in its stage."""
    cap: NDArray[Any]
    taught: NDArray[Any]
    """bool[J, G]"""
    counts: NDArray[Any]
    """bool[J, G]: classes that count for the shares."""
    students: NDArray[Any]
    classes: NDArray[Any]
    """int64[G]: scratch: the grades of the school that is judged."""
    gain: NDArray[Any]
    step: NDArray[Any]
    """float64[G], int64[G]: scratch: what the best extra classes of a grade bring, and how many they are."""


class Targets(NamedTuple):
    """At least `share` of the classes that count have at most `size` children. T targets."""

    size: NDArray[Any]
    share: NDArray[Any]
    hard: NDArray[Any]
    price: NDArray[Any]
    """float64[T]: of a class missing; changed between rounds."""


class Rules(NamedTuple):
    """What a school is judged by."""

    limits: Rows
    rooms: Rows
    grades: Grades
    targets: Targets


class Budgets(NamedTuple):
    """Σ weight · used pairs ≤ bound over the district. N budgets."""

    weight: NDArray[Any]
    """float64[N, P]"""
    bound: NDArray[Any]
    hard: NDArray[Any]
    price: NDArray[Any]
    """float64[N]: of one unit above the bound; changed between rounds."""


class Board(NamedTuple):
    """What the search moves on; only prices and scratch change."""

    blocks: Blocks
    graph: Graph
    rules: Rules
    budgets: Budgets


class State(NamedTuple):
    """A plan, and the sums that make a move cheap to judge."""

    school: NDArray[Any]
    """int64[B], -1 nowhere"""
    unit_school: NDArray[Any]
    """int64[U, S]"""
    held: NDArray[Any]
    """int64[J, S]: judged blocks of a catchment."""
    members: NDArray[Any]
    """int64[P]: blocks of a school and stage: members[member_start[j, s]:][:member_count[j, s]]."""
    member_start: NDArray[Any]
    member_count: NDArray[Any]
    place: NDArray[Any]
    """int64[B]: place of a block among the members of its school."""
    sums: NDArray[Any]
    """float64[2]: weighted pair costs, blocks nowhere."""
    spent: NDArray[Any]
    """float64[N]: budgets used."""
    enrolment: NDArray[Any]
    """int64[J, C]"""
    verdict: NDArray[Any]
    """float64[J, 3 + T]: cost of soft breaches, children and classes above hard bounds, what these cost, and small
    classes beyond the share of every target."""
    total: NDArray[Any]
    """float64[3 + T]: sum of `verdict` over the schools."""
    row: NDArray[Any]
    """float64[3 + T]: scratch: the verdict on one school."""


@compiled
def small(size: int, classes: int, students: int) -> int:
    """Classes of at most `size` children in an even split."""
    return min(classes, max(0, (size + 1) * classes - students))


@compiled
def worth(targets: Targets, classes: int, students: int) -> float:
    """Priced margin of a grade over all targets."""
    value = 0.0
    for t in range(targets.size.size):
        value += targets.price[t] * (small(targets.size[t], classes, students) - targets.share[t] * classes)
    return value


@compiled
def count_rows(rows: Rows, school: int, counts: Any, row: Any) -> None:
    """Fill in what the rows of a school leave, and add what is broken to `row`."""
    for k in range(rows.start[school], rows.start[school + 1]):
        left = rows.bound[k]
        for c in range(counts.size):
            left -= counts[c] * rows.columns[k, c]
        rows.left[k] = left
        if left < 0 and rows.hard[k]:
            row[1] -= left
            row[2] -= left * rows.price[k]
        elif left < 0:
            row[0] -= left * rows.price[k]


@compiled
def sum_columns(columns: Columns, grade: int, enrolment: Any) -> int:
    """Children of the columns of a grade."""
    n = 0
    for k in range(columns.start[grade], columns.start[grade + 1]):
        n += enrolment[columns.column[k]]
    return n


@compiled
def form_classes(grades: Grades, school: int, enrolment: Any) -> None:
    """Fill in the children of every grade and as few classes as the cap allows.

    A grade has the children counted by grade and its share of an even spread, whose first grades take one more.
    """
    for g in range(grades.classes.size):
        spread, of = sum_columns(grades.spread, g, enrolment), grades.of[g]
        n = sum_columns(grades.counted, g, enrolment) + spread // of + (grades.position[g] < spread % of)
        grades.students[g] = n
        grades.classes[g] = -(-n // grades.cap[g]) if grades.taught[school, g] else 0


@compiled
def free_rooms(rooms: Rows, school: int, grade: int) -> int:
    """Rooms left for extra classes of a grade, as many as are weighed together at most."""
    free = MOST_EXTRA_CLASSES
    for k in range(rooms.start[school], rooms.start[school + 1]):
        if rooms.columns[k, grade]:
            free = min(free, rooms.left[k])
    return free


@compiled
def find_step(rules: Rules, school: int, grade: int) -> None:
    """Fill in how many extra classes of a grade bring the most margin a room, and how much."""
    grades, targets = rules.grades, rules.targets
    classes, students = grades.classes[grade], grades.students[grade]
    grades.gain[grade] = 0.0
    now = worth(targets, classes, students)
    for step in range(1, min(free_rooms(rules.rooms, school, grade), students - classes) + 1):
        gain = (worth(targets, classes + step, students) - now) / step
        if gain > grades.gain[grade] + 1e-9:
            grades.gain[grade] = gain
            grades.step[grade] = step


@compiled
def open_extra(rules: Rules, school: int) -> None:
    """Open the extra classes that bring the most margin a room, while rooms are free and they bring any."""
    grades, rooms = rules.grades, rules.rooms
    for g in range(grades.gain.size):
        grades.gain[g] = 0.0
        if grades.counts[school, g] and grades.classes[g] > 0:
            find_step(rules, school, g)
    while True:
        g = 0
        for other in range(1, grades.gain.size):
            if grades.gain[other] > grades.gain[g]:
                g = other
        if grades.gain[g] <= 0.0:
            return
        if grades.step[g] <= free_rooms(rooms, school, g):
            grades.classes[g] += grades.step[g]
            for k in range(rooms.start[school], rooms.start[school + 1]):
                rooms.left[k] -= grades.step[g] * rooms.columns[k, g]
        find_step(rules, school, g)


@compiled
def judge_school(rules: Rules, state: State, school: int) -> None:
    """Judge a school anew and carry the difference into the totals."""
    grades, targets = rules.grades, rules.targets
    row, verdict = state.row, state.verdict[school]
    for c in range(row.size):
        row[c] = 0.0
    count_rows(rules.limits, school, state.enrolment[school], row)
    if grades.classes.size > 0:
        form_classes(grades, school, state.enrolment[school])
        count_rows(rules.rooms, school, grades.classes, row)
    if grades.classes.size > 0 and targets.size.size > 0:
        open_extra(rules, school)
        for g in range(grades.classes.size):
            classes = grades.classes[g]
            if grades.counts[school, g] and classes > 0:
                for t in range(targets.size.size):
                    row[3 + t] += small(targets.size[t], classes, grades.students[g]) - targets.share[t] * classes
    for c in range(row.size):
        state.total[c] += row[c] - verdict[c]
        verdict[c] = row[c]


@compiled
def price_breaches(targets: Targets, budgets: Budgets, state: State, old: int, new: int) -> float:
    """Priced breaches of the district and of two schools (-1: none): all that a move between them may change."""
    value = 0.0
    for t in range(targets.size.size):
        value += targets.price[t] * max(0.0, -state.total[3 + t])
    for n in range(state.spent.size):
        value += budgets.price[n] * max(0.0, state.spent[n] - budgets.bound[n])
    for school in (new, old):
        if school >= 0:
            value += state.verdict[school, 0] + state.verdict[school, 2]
    return value


@compiled
def merit(targets: Targets, budgets: Budgets, state: State) -> float:
    """Weighted levels of the plan at hand, soft breaches included; inf where a hard rule is broken."""
    if state.sums[1] > 0.5 or state.total[1] > 1e-9:
        return np.inf
    value: float = state.sums[0] + state.total[0]
    for t in range(targets.size.size):
        if targets.hard[t] and state.total[3 + t] < -1e-7:
            return np.inf
        if not targets.hard[t]:
            value += targets.price[t] * max(0.0, -state.total[3 + t])
    for n in range(state.spent.size):
        if budgets.hard[n] and state.spent[n] > budgets.bound[n] + 1e-7:
            return np.inf
        if not budgets.hard[n]:
            value += budgets.price[n] * max(0.0, state.spent[n] - budgets.bound[n])
    return value


@compiled
def pair_cost(blocks: Blocks, block: int, school: int) -> float:
    """Weighted levels of a pair; the price of having no school for -1."""
    return blocks.nowhere if school < 0 else blocks.cost[blocks.pair[block, school]]


@compiled
def enrol(blocks: Blocks, weight: Any, state: State, block: int, school: int, sign: int) -> None:
    """Count a block in at a school (`sign` 1) or out (-1); having no school (-1) is counted too."""
    if school < 0:
        state.sums[1] += sign
        return
    pair, stage = blocks.pair[block, school], blocks.stage[block]
    for c in range(blocks.students.shape[1]):
        state.enrolment[school, c] += sign * blocks.students[block, c]
    for n in range(state.spent.size):
        state.spent[n] += sign * weight[n, pair]
    state.sums[0] += sign * blocks.cost[pair]
    state.held[school, stage] += sign * blocks.judged[block]
    if sign > 0:
        last = state.member_count[school, stage]
        state.members[state.member_start[school, stage] + last] = block
        state.place[block] = last
    else:
        first, last = state.member_start[school, stage], state.member_count[school, stage] - 1
        moved = state.members[first + last]
        state.members[first + state.place[block]] = moved
        state.place[moved] = state.place[block]
    state.member_count[school, stage] += sign


@compiled
def put(blocks: Blocks, weight: Any, state: State, block: int, school: int) -> None:
    """Move a block to a school, or nowhere (-1), without judging it."""
    for k in range(blocks.unit_start[block], blocks.unit_start[block + 1]):
        state.unit_school[blocks.units[k], blocks.stage[block]] = school
    enrol(blocks, weight, state, block, state.school[block], -1)
    enrol(blocks, weight, state, block, school, 1)
    state.school[block] = school


@compiled
def change(board: Board, state: State, block: int, school: int) -> float:
    """Move a block and return what that changes in the priced value."""
    blocks, rules, budgets = board.blocks, board.rules, board.budgets
    old = state.school[block]
    before = price_breaches(rules.targets, budgets, state, old, school) + pair_cost(blocks, block, old)
    put(blocks, budgets.weight, state, block, school)
    for moved in (school, old):
        if moved >= 0:
            judge_school(rules, state, moved)
    return price_breaches(rules.targets, budgets, state, old, school) + pair_cost(blocks, block, school) - before


@compiled
def hangs_together(
    graph: Graph, unit_school: Any, school: int, block: int, stage: int, joins: bool, seed: int, wanted: int
) -> bool:
    """Whether a walk from the unit `seed` through a catchment meets all `wanted` units that were just marked.

    The walk goes through the block where it `joins` the catchment, and around it where it leaves.
    """
    stamp = graph.mark[-1]
    seen = stamp + 1
    graph.queue[0] = seed
    graph.mark[seed] = seen
    head, tail, met = 0, 1, 1
    while head < tail and met < wanted:
        unit = graph.queue[head]
        head += 1
        for e in range(graph.start[unit], graph.start[unit + 1]):
            v = graph.neighbours[e]
            if graph.mark[v] == seen:
                continue
            if joins if graph.block_of[v, stage] == block else unit_school[v, stage] == school:
                met += graph.mark[v] == stamp
                graph.mark[v] = seen
                graph.queue[tail] = v
                tail += 1
    return met >= wanted


@compiled
def may_leave(blocks: Blocks, graph: Graph, state: State, block: int, target: int) -> bool:
    """Whether the rest of a block's catchment stays in one piece, its school's own unit in it."""
    school, stage = state.school[block], blocks.stage[block]
    if school < 0:
        return True
    home = graph.home[school, stage]
    if home >= 0 and graph.block_of[home, stage] == block:
        if graph.shared_home[school, stage]:
            return target >= 0 and graph.home[target, stage] == home
        if state.member_count[school, stage] > 1:
            return False
    graph.mark[-1] += 2
    around, seed = 0, -1
    for k in range(blocks.unit_start[block], blocks.unit_start[block + 1]):
        unit = blocks.units[k]
        if not graph.judged[unit, stage]:
            continue
        for e in range(graph.start[unit], graph.start[unit + 1]):
            v = graph.neighbours[e]
            inside = state.unit_school[v, stage] == school and graph.block_of[v, stage] != block
            if inside and graph.mark[v] != graph.mark[-1]:
                graph.mark[v] = graph.mark[-1]
                around += 1
                seed = v
    return around <= 1 or hangs_together(graph, state.unit_school, school, block, stage, False, seed, around)


@compiled
def may_join(blocks: Blocks, graph: Graph, state: State, block: int, school: int) -> bool:
    """Whether a block would touch the catchment of a school, or begin it with the school's own unit."""
    stage, home = blocks.stage[block], graph.home[school, blocks.stage[block]]
    if not blocks.judged[block]:
        return bool(home < 0 or graph.shared_home[school, stage] or state.unit_school[home, stage] == school)
    touches = False
    if state.held[school, stage] == 0:
        touches = home < 0 or graph.shared_home[school, stage] or graph.block_of[home, stage] == block
        if not touches:
            return False
    graph.mark[-1] += 2
    own, seed = 0, -1
    for k in range(blocks.unit_start[block], blocks.unit_start[block + 1]):
        unit = blocks.units[k]
        if not graph.judged[unit, stage]:
            continue
        graph.mark[unit] = graph.mark[-1]
        own += 1
        seed = unit
        for e in range(graph.start[unit], graph.start[unit + 1]):
            touches = touches or state.unit_school[graph.neighbours[e], stage] == school
    return touches and (own == 1 or hangs_together(graph, state.unit_school, school, block, stage, True, seed, own))


@compiled
def may_move(blocks: Blocks, graph: Graph, state: State, block: int, school: int) -> bool:
    """Whether every catchment stays in one piece when a block goes to a school."""
    return may_join(blocks, graph, state, block, school) and may_leave(blocks, graph, state, block, school)


@compiled
def propose(blocks: Blocks, graph: Graph, state: State, block: int) -> int:
    """A school that a block might go to: that of a neighbour, or one of the nearest."""
    first, last = blocks.unit_start[block], blocks.unit_start[block + 1]
    unit = blocks.units[first + np.random.randint(last - first)]
    degree = graph.start[unit + 1] - graph.start[unit]
    if degree > 0 and np.random.random() < 0.9:
        neighbour = graph.neighbours[graph.start[unit] + np.random.randint(degree)]
        target: int = state.unit_school[neighbour, blocks.stage[block]]
        if target >= 0 and target != state.school[block]:
            return target
    near = blocks.near_start[block + 1] - blocks.near_start[block]
    if near == 0:
        return -1
    place = min(near - 1, int(-2.5 * np.log(1.0 - np.random.random())))
    return int(blocks.near[blocks.near_start[block] + place])


@compiled
def follow(blocks: Blocks, graph: Graph, state: State, freed: int, entered: int, stage: int) -> tuple[int, int]:
    """A block that might leave the school just entered, for the school just left or for one of its own neighbours."""
    count = state.member_count[entered, stage]
    if count < 2:
        return -1, -1
    block = state.members[state.member_start[entered, stage] + np.random.randint(count)]
    if freed >= 0 and np.random.random() < 0.5:
        return block, freed
    return block, propose(blocks, graph, state, block)


@compiled
def step(board: Board, state: State, threshold: float) -> bool:
    """Try one move: a block to another school, and where that does not pay, a second block on from there.

    A move is made where it changes the priced value by at most `threshold`. What it can gain at most is known from
    the breaches at hand, so that most moves are refused before anything is counted.
    """
    blocks, graph = board.blocks, board.graph
    block = np.random.randint(state.school.size)
    old, target = state.school[block], propose(blocks, graph, state, block)
    if target < 0 or target == old or blocks.pair[block, target] < 0:
        return False
    first = pair_cost(blocks, block, target) - pair_cost(blocks, block, old)
    most = price_breaches(board.rules.targets, board.budgets, state, old, target)
    delta, moved = 0.0, False
    if first - most <= threshold:
        if not may_move(blocks, graph, state, block, target):
            return False
        delta, moved = change(board, state, block, target), True
        if delta <= threshold:
            return True
    second, to = follow(blocks, graph, state, old, target, blocks.stage[block])
    if second >= 0 and second != block and to >= 0 and to != target and blocks.pair[second, to] >= 0:
        further = pair_cost(blocks, second, to) - pair_cost(blocks, second, target)
        if first + further - most - state.verdict[to, 0] - state.verdict[to, 2] <= threshold:
            if not moved and may_move(blocks, graph, state, block, target):
                delta, moved = change(board, state, block, target), True
            if moved and may_move(blocks, graph, state, second, to):
                delta += change(board, state, second, to)
                if delta <= threshold:
                    return True
                change(board, state, second, target)
    if moved:
        change(board, state, block, old)
    return False


@compiled_door
def anneal(
    board: Board, state: State, plan: Any, best: Any, value: Any, moves: int, temperature: float, seed: int
) -> None:
    """Go on from `plan` (school of every block, -1 nowhere) and try `moves` moves by Metropolis' rule.

    The best allowed plan that is met, `plan` among them, is kept in `best`, its merit in `value[0]`.
    """
    np.random.seed(seed)
    blocks, rules, budgets = board.blocks, board.rules, board.budgets
    for block in range(plan.size):
        if state.school[block] != plan[block]:
            put(blocks, budgets.weight, state, block, plan[block])
    for school in range(state.enrolment.shape[0]):
        judge_school(rules, state, school)
    for move in range(moves + 1):
        if move == 0 or step(board, state, -temperature * np.log(1.0 - np.random.random())):
            reached = merit(rules.targets, budgets, state)
            if reached < value[0] - 1e-9:
                value[0] = reached
                for block in range(best.size):
                    best[block] = state.school[block]

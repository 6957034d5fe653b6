"""The compiled core of the local search: one move at a time on plain arrays.

Nothing here knows a rule by name. A school has limits on columns, rooms, and grades whose classes are split evenly; a
district has share targets and budgets; a graph says which catchments hold together. What a move would break is
priced, so that the search may walk through plans that are not allowed and comes back to those that are.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a function to machine code, kept on disk between runs; it releases the interpreter lock."""
    return cast(Function, njit(cache=True, nogil=True)(function))


class Board(NamedTuple):
    """What does not change while the search runs. B blocks, J schools, S stages, C columns, G grades, T targets."""

    stage: NDArray[Any]
    """int64[B]"""
    students: NDArray[Any]
    """int64[B, C]"""
    pair: NDArray[Any]
    """int64[B, J]: position of the pair, -1 where forbidden."""
    cost: NDArray[Any]
    """float64[P]: weighted levels of a pair."""
    budget: NDArray[Any]
    """float64[N, P]: weight of a pair in each budget."""
    budget_bound: NDArray[Any]
    near_start: NDArray[Any]
    near: NDArray[Any]
    """Schools of block b from cheap to dear: near[near_start[b]:near_start[b + 1]]."""
    unit_start: NDArray[Any]
    units: NDArray[Any]
    block_of: NDArray[Any]
    """int64[U, S]"""
    graph_start: NDArray[Any]
    graph: NDArray[Any]
    judged: NDArray[Any]
    """bool[U, S]; all False where contiguity is no rule."""
    home: NDArray[Any]
    """int64[J, S]: own unit a catchment must hold, -1 where none is asked for."""
    shared_home: NDArray[Any]
    limit_start: NDArray[Any]
    limit_columns: NDArray[Any]
    """int64[L, C], 0 or 1"""
    limit_bound: NDArray[Any]
    limit_hard: NDArray[Any]
    counted: NDArray[Any]
    spread: NDArray[Any]
    position: NDArray[Any]
    grades_of: NDArray[Any]
    cap: NDArray[Any]
    taught: NDArray[Any]
    """bool[J, G]"""
    counts: NDArray[Any]
    """bool[J, G]: classes that count for the shares."""
    room_start: NDArray[Any]
    room_grades: NDArray[Any]
    """bool[R, G]"""
    rooms: NDArray[Any]
    room_hard: NDArray[Any]
    target_size: NDArray[Any]
    target_share: NDArray[Any]
    target_hard: NDArray[Any]
    """bool[T]"""
    budget_hard: NDArray[Any]
    """bool[N]"""
    member_start: NDArray[Any]
    """int64[J, S]: where the blocks of a school begin in `State.members`."""


class Prices(NamedTuple):
    """What breaking a rule costs in the search, in the weighted unit of `Board.cost`; changed between rounds."""

    child: NDArray[Any]
    """float64[L]: a child above a limit."""
    room: NDArray[Any]
    """float64[R]: a class beyond rooms."""
    share: NDArray[Any]
    """float64[T]: a class missing to a target."""
    budget: NDArray[Any]
    """float64[N]"""
    nowhere: NDArray[Any]
    """float64[1]: a block without a school."""


class State(NamedTuple):
    """A plan and the sums that make a move cheap to judge."""

    school: NDArray[Any]
    """int64[B], -1 nowhere"""
    unit_school: NDArray[Any]
    """int64[U, S]"""
    enrolment: NDArray[Any]
    """int64[J, C]"""
    soft: NDArray[Any]
    """float64[J]: weighted soft breaches."""
    over: NDArray[Any]
    """float64[J, 2]: children and classes above hard limits, and what they cost."""
    margin: NDArray[Any]
    """float64[J, T]: small classes beyond the share."""
    total: NDArray[Any]
    """float64[T]: sum of margins."""
    spent: NDArray[Any]
    """float64[N]: budgets used."""
    held: NDArray[Any]
    """int64[J, S]: judged blocks of a catchment."""
    members: NDArray[Any]
    """int64[P]: blocks of every school and stage, from `Board.member_start` on."""
    member_count: NDArray[Any]
    """int64[J, S]"""
    place: NDArray[Any]
    """int64[B]: place of a block among the members of its school."""
    sums: NDArray[Any]
    """float64[4]: weighted pair costs, soft breaches, hard breaches of schools, blocks nowhere."""
    mark: NDArray[Any]
    """int64[U + 1]: stamp of a visited unit; the last entry counts."""
    queue: NDArray[Any]
    """int64[U]"""
    classes: NDArray[Any]
    """int64[G]: scratch."""
    gain: NDArray[Any]
    step: NDArray[Any]
    """float64[G], int64[G]: scratch: what the best extra classes of a grade bring, and how many they are."""
    free: NDArray[Any]
    """int64[R]: scratch: rooms that are left."""
    row: NDArray[Any]
    """float64[T + 3]: scratch: cost of soft breaches, hard breaches, their cost, margins."""


@compiled
def grade_size(board: Board, enrolment: Any, grade: int) -> int:
    """Children of a grade: those counted by grade, and its share of an even spread."""
    n = 0
    if board.counted[grade] >= 0:
        n += enrolment[board.counted[grade]]
    if board.spread[grade] >= 0:
        total = enrolment[board.spread[grade]]
        n += total // board.grades_of[grade]
        if board.position[grade] < total % board.grades_of[grade]:
            n += 1
    return n


@compiled
def small(size: int, classes: int, students: int) -> int:
    """Classes of at most `size` children in an even split."""
    return min(classes, max(0, (size + 1) * classes - students))


@compiled
def worth(board: Board, prices: Prices, classes: int, students: int) -> float:
    """Priced margin of a grade over all targets."""
    value = 0.0
    for t in range(board.target_size.size):
        value += prices.share[t] * (small(board.target_size[t], classes, students) - board.target_share[t] * classes)
    return value


@compiled
def judge_school(board: Board, prices: Prices, state: State, school: int) -> None:
    """Fill `state.row`: cost of soft breaches, number of hard ones and their cost, and the margins of a school."""
    enrolment = state.enrolment[school]
    row, classes = state.row, state.classes
    row[:] = 0.0
    for k in range(board.limit_start[school], board.limit_start[school + 1]):
        load = 0
        for c in range(enrolment.size):
            load += enrolment[c] * board.limit_columns[k, c]
        above = load - board.limit_bound[k]
        if above > 0:
            if board.limit_hard[k]:
                row[1] += above
                row[2] += above * prices.child[k]
            else:
                row[0] += above * prices.child[k]
    if board.cap.size == 0:
        return
    for g in range(board.cap.size):
        classes[g] = 0
        if board.taught[school, g]:
            classes[g] = -(-grade_size(board, enrolment, g) // board.cap[g])
    _count_rooms(board, prices, state, school)
    if board.target_size.size > 0:
        _open_extra(board, prices, state, school)
        _sum_margins(board, state, school)


@compiled
def _count_rooms(board: Board, prices: Prices, state: State, school: int) -> None:
    """Fill `state.free` for the rooms of a school, and price the classes beyond them."""
    for k in range(board.room_start[school], board.room_start[school + 1]):
        used = 0
        for g in range(board.cap.size):
            if board.room_grades[k, g]:
                used += state.classes[g]
        state.free[k] = board.rooms[k] - used
        if state.free[k] < 0:
            if board.room_hard[k]:
                state.row[1] -= state.free[k]
                state.row[2] -= state.free[k] * prices.room[k]
            else:
                state.row[0] -= state.free[k] * prices.room[k]


@compiled
def _free_rooms(board: Board, state: State, school: int, grade: int) -> int:
    free = 3
    for k in range(board.room_start[school], board.room_start[school + 1]):
        if board.room_grades[k, grade]:
            free = min(free, state.free[k])
    return free


@compiled
def _best_step(board: Board, prices: Prices, state: State, school: int, grade: int) -> None:
    """Fill in how many extra classes of a grade bring the most margin a room, and how much."""
    state.gain[grade] = 0.0
    n = grade_size(board, state.enrolment[school], grade)
    now = worth(board, prices, state.classes[grade], n)
    for step in range(1, _free_rooms(board, state, school, grade) + 1):
        gain = (worth(board, prices, state.classes[grade] + step, n) - now) / step
        if gain > state.gain[grade] + 1e-9:
            state.gain[grade] = gain
            state.step[grade] = step


@compiled
def _open_extra(board: Board, prices: Prices, state: State, school: int) -> None:
    """Open the extra classes that bring the most margin a room, while rooms are free and they bring any."""
    state.gain[:] = 0.0
    for g in range(board.cap.size):
        if board.counts[school, g] and state.classes[g] > 0:
            _best_step(board, prices, state, school, g)
    while True:
        g = int(np.argmax(state.gain))
        if state.gain[g] <= 0.0:
            return
        if state.step[g] <= _free_rooms(board, state, school, g):
            state.classes[g] += state.step[g]
            for k in range(board.room_start[school], board.room_start[school + 1]):
                if board.room_grades[k, g]:
                    state.free[k] -= state.step[g]
        _best_step(board, prices, state, school, g)


@compiled
def _sum_margins(board: Board, state: State, school: int) -> None:
    enrolment = state.enrolment[school]
    for g in range(board.cap.size):
        if board.counts[school, g] and state.classes[g] > 0:
            n = grade_size(board, enrolment, g)
            for t in range(board.target_size.size):
                state.row[3 + t] += (
                    small(board.target_size[t], state.classes[g], n) - board.target_share[t] * state.classes[g]
                )


@compiled
def refresh_school(board: Board, prices: Prices, state: State, school: int) -> None:
    """Judge a school anew and carry the difference into the sums."""
    judge_school(board, prices, state, school)
    state.sums[1] += state.row[0] - state.soft[school]
    state.sums[2] += state.row[1] - state.over[school, 0]
    state.soft[school] = state.row[0]
    state.over[school, 0] = state.row[1]
    state.over[school, 1] = state.row[2]
    for t in range(state.total.size):
        state.total[t] += state.row[3 + t] - state.margin[school, t]
        state.margin[school, t] = state.row[3 + t]


@compiled
def school_price(state: State, school: int) -> float:
    """Priced breaches of one school."""
    return state.soft[school] + state.over[school, 1]


@compiled
def district_price(board: Board, prices: Prices, state: State) -> float:
    """Priced breaches of the whole district: shares and budgets."""
    value = 0.0
    for t in range(state.total.size):
        value += prices.share[t] * max(0.0, -state.total[t])
    for n in range(state.spent.size):
        value += prices.budget[n] * max(0.0, state.spent[n] - board.budget_bound[n])
    return value


@compiled
def is_allowed(board: Board, state: State) -> bool:
    """Whether the plan at hand keeps every hard rule."""
    if state.sums[3] > 0.5 or state.sums[2] > 1e-9:
        return False
    for t in range(state.total.size):
        if board.target_hard[t] and state.total[t] < -1e-7:
            return False
    for n in range(state.spent.size):
        if board.budget_hard[n] and state.spent[n] > board.budget_bound[n] + 1e-7:
            return False
    return True


@compiled
def merit(board: Board, prices: Prices, state: State) -> float:
    """Weighted levels of the plan at hand, soft breaches included, hard ones not."""
    value = state.sums[0] + state.sums[1]
    for t in range(state.total.size):
        if not board.target_hard[t]:
            value += prices.share[t] * max(0.0, -state.total[t])
    for n in range(state.spent.size):
        if not board.budget_hard[n]:
            value += prices.budget[n] * max(0.0, state.spent[n] - board.budget_bound[n])
    return value


@compiled
def pair_cost(board: Board, prices: Prices, block: int, school: int) -> float:
    """Weighted levels of a pair; the price of having no school for -1."""
    return prices.nowhere[0] if school < 0 else board.cost[board.pair[block, school]]


@compiled
def put(board: Board, state: State, block: int, school: int) -> None:
    """Move a block to a school, or nowhere (-1): memberships, enrolments and budgets, but no judgement."""
    old, stage = state.school[block], board.stage[block]
    judged = False
    for k in range(board.unit_start[block], board.unit_start[block + 1]):
        unit = board.units[k]
        judged = judged or board.judged[unit, stage]
        state.unit_school[unit, stage] = school
    if old >= 0:
        _leave(board, state, block, old, stage, judged)
    else:
        state.sums[3] -= 1.0
    if school >= 0:
        _join(board, state, block, school, stage, judged)
    else:
        state.sums[3] += 1.0
    state.school[block] = school


@compiled
def _leave(board: Board, state: State, block: int, school: int, stage: int, judged: bool) -> None:
    for c in range(board.students.shape[1]):
        state.enrolment[school, c] -= board.students[block, c]
    for n in range(state.spent.size):
        state.spent[n] -= board.budget[n, board.pair[block, school]]
    if judged:
        state.held[school, stage] -= 1
    state.sums[0] -= board.cost[board.pair[block, school]]
    first = board.member_start[school, stage]
    last = state.member_count[school, stage] - 1
    moved = state.members[first + last]
    state.members[first + state.place[block]] = moved
    state.place[moved] = state.place[block]
    state.member_count[school, stage] = last


@compiled
def _join(board: Board, state: State, block: int, school: int, stage: int, judged: bool) -> None:
    for c in range(board.students.shape[1]):
        state.enrolment[school, c] += board.students[block, c]
    for n in range(state.spent.size):
        state.spent[n] += board.budget[n, board.pair[block, school]]
    if judged:
        state.held[school, stage] += 1
    state.sums[0] += board.cost[board.pair[block, school]]
    state.place[block] = state.member_count[school, stage]
    state.members[board.member_start[school, stage] + state.place[block]] = block
    state.member_count[school, stage] += 1


@compiled
def may_leave(board: Board, state: State, block: int, target: int) -> bool:
    """Whether the rest of a block's catchment stays in one piece, its school's own unit in it."""
    school, stage = state.school[block], board.stage[block]
    if school < 0:
        return True
    home = board.home[school, stage]
    if home >= 0 and board.block_of[home, stage] == block:
        if board.shared_home[school, stage]:
            return target >= 0 and board.home[target, stage] == home
        if state.held[school, stage] > 1:
            return False
    return _stays_whole(board, state, school, block)


@compiled
def _stays_whole(board: Board, state: State, school: int, block: int) -> bool:
    stage = board.stage[block]
    first, last = board.unit_start[block], board.unit_start[block + 1]
    stamp = state.mark[-1] + 2
    state.mark[-1] = stamp
    around = 0
    seed = -1
    for k in range(first, last):
        unit = board.units[k]
        if not board.judged[unit, stage]:
            continue
        for e in range(board.graph_start[unit], board.graph_start[unit + 1]):
            v = board.graph[e]
            if state.unit_school[v, stage] == school and board.block_of[v, stage] != block and state.mark[v] != stamp:
                state.mark[v] = stamp
                around += 1
                seed = v
    if around <= 1:
        return True
    return _reaches(board, state, school, block, seed, around)


@compiled
def _reaches(board: Board, state: State, school: int, block: int, seed: int, wanted: int) -> bool:
    """Whether a walk from `seed` inside the catchment, without `block`, meets all `wanted` units just marked."""
    stage, stamp = board.stage[block], state.mark[-1]
    seen = stamp + 1
    state.queue[0] = seed
    state.mark[seed] = seen
    head, tail, met = 0, 1, 1
    while head < tail:
        unit = state.queue[head]
        head += 1
        for e in range(board.graph_start[unit], board.graph_start[unit + 1]):
            v = board.graph[e]
            if state.mark[v] != seen and state.unit_school[v, stage] == school and board.block_of[v, stage] != block:
                if state.mark[v] == stamp:
                    met += 1
                    if met == wanted:
                        return True
                state.mark[v] = seen
                state.queue[tail] = v
                tail += 1
    return False


@compiled
def may_join(board: Board, state: State, block: int, school: int) -> bool:
    """Whether a block would touch the catchment of a school, or begin it with the school's own unit."""
    stage = board.stage[block]
    if board.pair[block, school] < 0:
        return False
    first, last = board.unit_start[block], board.unit_start[block + 1]
    if not _any_judged(board, stage, first, last):
        return True
    home = board.home[school, stage]
    if state.held[school, stage] == 0:
        begins = home < 0 or board.shared_home[school, stage] or board.block_of[home, stage] == block
        return begins and (last - first == 1 or _joins_whole(board, state, block, school, 0))
    if last - first > 1:
        return _joins_whole(board, state, block, school, 1)
    unit = board.units[first]
    for e in range(board.graph_start[unit], board.graph_start[unit + 1]):
        if state.unit_school[board.graph[e], stage] == school:
            return True
    return False


@compiled
def _any_judged(board: Board, stage: int, first: int, last: int) -> bool:
    for k in range(first, last):
        if board.judged[board.units[k], stage]:
            return True
    return False


@compiled
def _joins_whole(board: Board, state: State, block: int, school: int, touching: int) -> bool:
    """Whether all units of a block hang together through the catchment, touching it where `touching` is 1."""
    stage = board.stage[block]
    state.mark[-1] += 2
    seen = state.mark[-1]
    first, last = board.unit_start[block], board.unit_start[block + 1]
    start = first
    while not board.judged[board.units[start], stage]:
        start += 1
    state.queue[0] = board.units[start]
    state.mark[board.units[start]] = seen
    head, tail, touched = 0, 1, 0
    while head < tail:
        unit = state.queue[head]
        head += 1
        for e in range(board.graph_start[unit], board.graph_start[unit + 1]):
            v = board.graph[e]
            inside = state.unit_school[v, stage] == school
            if state.mark[v] != seen and (inside or board.block_of[v, stage] == block):
                touched = 1 if inside else touched
                state.mark[v] = seen
                state.queue[tail] = v
                tail += 1
    if touched < touching:
        return False
    for k in range(first, last):
        if board.judged[board.units[k], stage] and state.mark[board.units[k]] != seen:
            return False
    return True


@compiled
def propose(board: Board, state: State, block: int) -> int:
    """A school that a block might go to: that of a neighbour, or one of the nearest."""
    stage, school = board.stage[block], state.school[block]
    first, last = board.unit_start[block], board.unit_start[block + 1]
    unit = board.units[first + np.random.randint(last - first)]
    degree = board.graph_start[unit + 1] - board.graph_start[unit]
    if degree > 0 and np.random.random() < 0.9:
        neighbour = board.graph[board.graph_start[unit] + np.random.randint(degree)]
        target = state.unit_school[neighbour, stage]
        if target >= 0 and target != school:
            return target
    near = board.near_start[block + 1] - board.near_start[block]
    if near == 0:
        return -1
    place = min(near - 1, int(-2.5 * np.log(1.0 - np.random.random())))
    return board.near[board.near_start[block] + place]


@compiled
def change(board: Board, prices: Prices, state: State, block: int, school: int) -> float:
    """Move a block and return what that changes in the priced value."""
    old = state.school[block]
    before = district_price(board, prices, state) + pair_cost(board, prices, block, old)
    before += school_price(state, school)
    if old >= 0:
        before += school_price(state, old)
    put(board, state, block, school)
    refresh_school(board, prices, state, school)
    after = district_price(board, prices, state) + pair_cost(board, prices, block, school)
    after += school_price(state, school)
    if old >= 0:
        refresh_school(board, prices, state, old)
        after += school_price(state, old)
    return after - before


@compiled
def undo(board: Board, prices: Prices, state: State, block: int, school: int) -> None:
    """Take a move back: `school` is where the block was."""
    moved = state.school[block]
    put(board, state, block, school)
    refresh_school(board, prices, state, moved)
    if school >= 0:
        refresh_school(board, prices, state, school)


@compiled
def follow(board: Board, state: State, freed: int, entered: int, stage: int) -> tuple[int, int]:
    """A block that might leave the school just entered, for the school just left or for one of its own neighbours."""
    count = state.member_count[entered, stage]
    if count < 2:
        return -1, -1
    block = state.members[board.member_start[entered, stage] + np.random.randint(count)]
    if freed >= 0 and np.random.random() < 0.5:
        return block, freed
    return block, propose(board, state, block)


@compiled
def may_move(board: Board, state: State, block: int, school: int) -> bool:
    """Whether every catchment stays in one piece when a block goes to a school."""
    return may_join(board, state, block, school) and may_leave(board, state, block, school)


@compiled
def step(board: Board, prices: Prices, state: State, threshold: float) -> bool:
    """Try one move: a block to another school, and where that does not pay, a second block on from there.

    A move is made where it changes the priced value by at most `threshold`. What it can gain at most is known from
    the breaches at hand, so that most moves are refused before anything is counted.
    """
    block = np.random.randint(state.school.size)
    old, target = state.school[block], propose(board, state, block)
    if target < 0 or target == old or board.pair[block, target] < 0:
        return False
    first = pair_cost(board, prices, block, target) - pair_cost(board, prices, block, old)
    most = district_price(board, prices, state) + school_price(state, target)
    if old >= 0:
        most += school_price(state, old)
    delta, moved = 0.0, False
    if first - most <= threshold:
        if not may_move(board, state, block, target):
            return False
        delta, moved = change(board, prices, state, block, target), True
        if delta <= threshold:
            return True
    second, to = follow(board, state, old, target, board.stage[block])
    if second >= 0 and second != block and to >= 0 and to != target and board.pair[second, to] >= 0:
        further = pair_cost(board, prices, second, to) - pair_cost(board, prices, second, target)
        if first + further - most - school_price(state, to) <= threshold:
            if not moved and may_move(board, state, block, target):
                delta, moved = change(board, prices, state, block, target), True
            if moved and may_move(board, state, second, to):
                delta += change(board, prices, state, second, to)
                if delta <= threshold:
                    return True
                undo(board, prices, state, second, target)
    if moved:
        undo(board, prices, state, block, old)
    return False


@compiled
def anneal(
    board: Board, prices: Prices, state: State, best: Any, best_value: Any, moves: int, temperature: float, seed: int
) -> None:
    """Try `moves` moves by Metropolis' rule; keep the best allowed plan in `best`, its merit in `best_value[0]`."""
    np.random.seed(seed)
    for _ in range(moves):
        threshold = -temperature * np.log(1.0 - np.random.random())
        if step(board, prices, state, threshold) and is_allowed(board, state):
            value = merit(board, prices, state)
            if value < best_value[0] - 1e-9:
                best_value[0] = value
                best[:] = state.school


@compiled
def breaches(board: Board, prices: Prices, state: State, children: Any, classes: Any) -> None:
    """Judge every school anew, and fill in how far every limit and every group of rooms is exceeded."""
    for school in range(state.enrolment.shape[0]):
        refresh_school(board, prices, state, school)
        for k in range(board.limit_start[school], board.limit_start[school + 1]):
            load = 0
            for c in range(state.enrolment.shape[1]):
                load += state.enrolment[school, c] * board.limit_columns[k, c]
            children[k] = max(0, load - board.limit_bound[k])
        for k in range(board.room_start[school], board.room_start[school + 1]):
            classes[k] = max(0, -state.free[k])


@compiled
def load(board: Board, prices: Prices, state: State, plan: Any) -> None:
    """Set the state to a plan (school of every block, -1 nowhere), whatever was there before."""
    for block in range(plan.size):
        if state.school[block] != plan[block]:
            put(board, state, block, plan[block])
    for school in range(state.enrolment.shape[0]):
        refresh_school(board, prices, state, school)

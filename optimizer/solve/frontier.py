"""The compiled search for the cheapest catchment of one school: dynamic programming along a moving frontier.

Units are decided one after the other. What the rest can see of a decision is who of the *frontier*, the decided units
with undecided neighbours, is inside, and which of them hang together already. Each such *state* keeps its partial
catchments as a list, dearer ones only where they hold fewer children. A partial catchment is dropped as soon as a
knapsack over the undecided units shows that it ends above the ceiling.

A state is written in 16 slots of 4 bits: 0 outside, 1 joined to the own unit, 2 and more a piece that must still be
joined. Whatever is compiled for `find_cheapest` stands in this file, so that its stored form knows when it is out of
date.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.solve.kernel import compiled, compiled_door

SLOTS = 16
FOUND, NONE, TOO_MUCH = 0, 1, 2
"""How a search ended: with a catchment, with the proof that none is below the ceiling, or without either."""


class Choice(NamedTuple):
    """Units that may join the own unit. N units."""

    cost: NDArray[Any]
    """float64[N]: what is minimised."""
    floor: NDArray[Any]
    """float64[N]: costs whose sum, and `shift`, is never above the sum of `cost` over a catchment."""
    shift: float
    size: NDArray[Any]
    """int64[N]: children."""
    start: NDArray[Any]
    neighbours: NDArray[Any]
    """Neighbours of unit u: neighbours[start[u]:start[u + 1]]."""
    beside: NDArray[Any]
    """bool[N]: touches what is joined to the own unit."""
    must: NDArray[Any]
    """bool[N]: is in every catchment that is looked for."""
    room: int
    """Children that the units may hold together."""
    ceiling: float
    """Dearer catchments are not looked for."""


class Partial(NamedTuple):
    """Partial catchments, state by state: those of state g are first[g]:first[g + 1], by children. E of G states."""

    state: NDArray[Any]
    """uint64[G]"""
    first: NDArray[Any]
    children: NDArray[Any]
    cost: NDArray[Any]
    floor: NDArray[Any]
    parent: NDArray[Any]
    """int64[E]: twice the position in the step before, plus 1 where the unit is inside."""


@compiled
def put_in_order(start: Any, neighbours: Any, seed: int) -> tuple[Any, float]:
    """Order the units so that the frontier stays short, beginning with `seed`; return how dear the order is."""
    n = start.size - 1
    done, left = np.zeros(n, np.bool_), start[1:] - start[:-1]
    order, dear, width = np.empty(n, np.int64), 0.0, 0
    for t in range(n):
        best, least = -1, np.inf
        for v in range(n):
            if done[v] or (t == 0 and v != seed):
                continue
            grows, touched = 1 if left[v] > 0 else 0, 0
            for e in range(start[v], start[v + 1]):
                if done[neighbours[e]]:
                    touched += 1
                    grows -= left[neighbours[e]] == 1
            score = 1e6 if touched == 0 and width > 0 else 100.0 * grows - touched
            if score < least:
                best, least = v, score
        done[best], order[t] = True, best
        width += left[best] > 0
        for e in range(start[best], start[best + 1]):
            u = neighbours[e]
            left[u] -= 1
            width -= done[u] and left[u] == 0
        dear += 2.5**width
    return order, dear


@compiled
def fill_knapsacks(cost: Any, size: Any, must: Any, order: Any, room: int) -> Any:
    """Return the least cost of the units from every place of the order on, for every room, joined or not."""
    least = np.zeros((order.size + 1, room + 1))
    for t in range(order.size - 1, -1, -1):
        v = order[t]
        for r in range(room + 1):
            inside = least[t + 1, r - size[v]] + cost[v] if r >= size[v] else np.inf
            least[t, r] = inside if must[v] else min(inside, least[t + 1, r])
    return least


@compiled
def step_state(
    choice: Choice, place: Any, slot: Any, leaves: Any, state: Any, unit: int, inside: bool
) -> tuple[bool, Any]:
    """Return whether a state lives on once `unit` is decided, and what it becomes.

    `slot` is the slot of every unit, -1 off the frontier; `leaves` says which slots are left after this unit.
    """
    label = np.empty(SLOTS, np.int64)
    most = 1
    for s in range(SLOTS):
        label[s] = np.int64((state >> np.uint64(4 * s)) & np.uint64(15))
        most = max(most, label[s])
    if inside:
        mine = 1 if choice.beside[unit] else most + 1
        label[slot[unit]] = mine
        for e in range(choice.start[unit], choice.start[unit + 1]):
            other = choice.neighbours[e]
            if place[other] < place[unit] and slot[other] >= 0 and label[slot[other]] > 0:
                one, two = min(mine, label[slot[other]]), max(mine, label[slot[other]])
                for s in range(SLOTS):
                    if label[s] == two:
                        label[s] = one
                mine = one
    number = np.zeros(SLOTS + 2, np.int64)
    number[1] = 1
    count, after = 1, np.uint64(0)
    for s in range(SLOTS):
        if label[s] > 0 and not leaves[s]:
            if number[label[s]] == 0:
                count += 1
                number[label[s]] = count
            after |= np.uint64(number[label[s]]) << np.uint64(4 * s)
    for s in range(SLOTS):
        if label[s] > 1 and number[label[s]] == 0:
            return False, after
    return count < SLOTS, after


@compiled
def gather(
    choice: Choice, before: Partial, unit: int, sources: Any, cost_left: Any, floor_left: Any
) -> tuple[Any, Any, Any, Any]:
    """Partial catchments that come into one state: of `sources` (twice the state before, plus 1 with the unit)."""
    total = 0
    for source in sources:
        total += before.first[source // 2 + 1] - before.first[source // 2]
    children, cost = np.empty(total, np.int64), np.empty(total)
    floor, parent = np.empty(total), np.empty(total, np.int64)
    m = 0
    for source in sources:
        inside = source % 2
        for e in range(before.first[source // 2], before.first[source // 2 + 1]):
            held = before.children[e] + inside * choice.size[unit]
            if held > choice.room:
                break
            paid, least = before.cost[e] + inside * choice.cost[unit], before.floor[e] + inside * choice.floor[unit]
            room = choice.room - held
            if max(paid + cost_left[room], choice.shift + least + floor_left[room]) <= choice.ceiling:
                children[m], cost[m], floor[m], parent[m] = held, paid, least, 2 * e + inside
                m += 1
    if len(sources) == 1:
        return children[:m], cost[:m], floor[:m], parent[:m]
    order = np.argsort(children[:m], kind="mergesort")
    kept, k, cheapest = np.empty(m, np.int64), 0, np.inf
    for e in order:
        if cost[e] < cheapest - 1e-9:
            cheapest = cost[e]
            if k > 0 and children[kept[k - 1]] == children[e]:
                k -= 1
            kept[k] = e
            k += 1
    kept = kept[:k]
    return children[kept], cost[kept], floor[kept], parent[kept]


@compiled
def step(
    choice: Choice, before: Partial, place: Any, slot: Any, leaves: Any, unit: int, left: tuple[Any, Any], most: int
) -> tuple[bool, Partial]:
    """Decide one unit in every state; False where more than `most` partial catchments would be kept."""
    state, source, n = np.empty(2 * before.state.size, np.uint64), np.empty(2 * before.state.size, np.int64), 0
    for g in range(before.state.size):
        for inside in range(choice.must[unit], 2):
            lives, after = step_state(choice, place, slot, leaves, before.state[g], unit, inside == 1)
            if lives:
                state[n], source[n] = after, 2 * g + inside
                n += 1
    order = np.argsort(state[:n])
    bound = 2 * before.cost.size
    children, cost = np.empty(bound, np.int64), np.empty(bound)
    floor, parent = np.empty(bound), np.empty(bound, np.int64)
    states, first, count, m, i = np.empty(n, np.uint64), np.zeros(n + 1, np.int64), 0, 0, 0
    while i < n:
        j = i
        while j < n and state[order[j]] == state[order[i]]:
            j += 1
        part = gather(choice, before, unit, source[order[i:j]], left[0], left[1])
        k = part[0].size
        if k > 0:
            children[m : m + k], cost[m : m + k], floor[m : m + k], parent[m : m + k] = part
            m += k
            states[count] = state[order[i]]
            count += 1
            first[count] = m
        i = j
    at = (children[:m].copy(), cost[:m].copy(), floor[:m].copy(), parent[:m].copy())
    return m <= most, Partial(states[:count].copy(), first[: count + 1].copy(), at[0], at[1], at[2], at[3])


@compiled
def choose_order(choice: Choice, seeds: Any) -> Any:
    """Return the best of the orders that begin with the `seeds`."""
    order, least = put_in_order(choice.start, choice.neighbours, seeds[0])
    for seed in seeds[1:]:
        other, dear = put_in_order(choice.start, choice.neighbours, seed)
        if dear < least:
            order, least = other, dear
    return order


@compiled
def find_places(choice: Choice, order: Any) -> tuple[Any, Any]:
    """Return the place of every unit in the order, and the place of the last of it and its neighbours."""
    place = np.empty(order.size, np.int64)
    for t in range(order.size):
        place[order[t]] = t
    last = place.copy()
    for v in range(order.size):
        for e in range(choice.start[v], choice.start[v + 1]):
            last[v] = max(last[v], place[choice.neighbours[e]])
    return place, last


@compiled
def trace(parents: Any, order: Any, best: int) -> Any:
    """Return who is inside the partial catchment that ends at `best`."""
    inside = np.zeros(order.size, np.bool_)
    for t in range(order.size - 1, -1, -1):
        parent = parents[t][best]
        inside[order[t]] = parent % 2 == 1
        best = parent // 2
    return inside


@compiled_door
def find_cheapest(choice: Choice, seeds: Any, most: int) -> tuple[int, float, Any]:
    """Return how the search ended, the least cost, and who is inside: every piece beside what is joined already.

    `seeds` are units that orders are tried from; `most` bounds the partial catchments of a step.
    """
    order = choose_order(choice, seeds)
    place, last = find_places(choice, order)
    nobody, none = np.zeros(order.size, np.bool_), np.zeros(1, np.int64)
    cost_left = fill_knapsacks(choice.cost, choice.size, choice.must, order, choice.room)
    floor_left = fill_knapsacks(choice.floor, choice.size, choice.must, order, choice.room)
    slot, holder, leaves = np.full(order.size, -1), np.full(SLOTS, -1), np.zeros(SLOTS, np.bool_)
    at = Partial(np.zeros(1, np.uint64), np.array([0, 1]), none, np.zeros(1), np.zeros(1), none)
    parents = [none for _ in range(order.size)]
    for t in range(order.size):
        unit = order[t]
        if holder.min() >= 0:
            return TOO_MUCH, np.inf, nobody
        slot[unit] = np.argmin(holder)
        holder[slot[unit]] = unit
        for s in range(SLOTS):
            leaves[s] = holder[s] >= 0 and last[holder[s]] <= t
        fits, at = step(choice, at, place, slot, leaves, unit, (cost_left[t + 1], floor_left[t + 1]), most)
        if not fits or at.cost.size == 0:
            return NONE if fits else TOO_MUCH, np.inf, nobody
        parents[t] = at.parent
        for s in range(SLOTS):
            if leaves[s]:
                slot[holder[s]], holder[s] = -1, -1
    best = int(np.argmin(at.cost))
    return FOUND, at.cost[best], trace(parents, order, best)

"""Rows that every catchment of one school obeys as a whole: in one piece with its own unit, and not too full.

A row Σ a_i · assign[i,j] ≥ v · assign[own,j] holds where v is the least of Σ a_i over the school's catchments. Such
rows describe the convex hull of the catchments, which no single rule does: a solution that mixes a catchment that
falls apart with one that leaves places empty keeps each rule on average.

The weights begin with what the relaxation pays: they are moved, within a box, towards those that its solution breaks
most (Kelley's method; Boyd 1994 calls the rows Fenchel cuts). The least is found exactly (`frontier.py`): whatever
costs more than a ceiling above the relaxation is left out before.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from models.district import Bools, Floats, Ints
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program import Program, Row
from optimizer.formulation.ways import LEAST, adjoin_blocks
from optimizer.solve.backends import Relaxation

BOX = 2e-4
"""By how much a weight is moved at most. This and the next three are shares of the value of the level."""
FIRST_CEILING, LAST_CEILING = 4e-5, 1e-2
LEAST_BREACH = 4e-6
SAFETY = 1e-7
"""Share of the value of the level by which a row is weakened, against rounding."""
LEAST_SHARE = 0.1
"""A school that holds less of its own unit is left alone; what it holds is counted by that share."""
MOST_TURNS = 12
MOST_UNITS = 250
MOST_PARTIAL = 60_000
MOST_KNOWN = 100
ORDERS = 8
RESTS = 3
"""Rounds that a school is left alone after it broke nothing."""


class Hulls:
    """Finds the rows for one formulation; remembers catchments, since those that were cheap once are so again."""

    def __init__(self, f: Formulation) -> None:
        assert f.contiguity is not None
        self._f = f
        self._known: dict[int, dict[bytes, Bools]] = {}
        self._rest = np.zeros(len(f.school_ids), dtype=np.int64)
        stages = range(len(f.stages))
        borders = [np.stack(adjoin_blocks(f.contiguity, f.blocks.of_unit[:, s])) for s in stages]
        here, there = np.concatenate(borders, axis=1)
        self._graph = csr_matrix((np.ones(len(here)), (here, there)), shape=(len(f.blocks),) * 2)
        self._schools = [j for j in range(len(f.school_ids)) if self._has_one_catchment(j)]

    @staticmethod
    def know(f: Formulation) -> bool:
        """Whether the rows hold: catchments of whole blocks, in one piece, in which all children are seated."""
        return f.contiguity is not None and f.contiguity.hard and not f.divisible and f.pool is None

    def _has_one_catchment(self, school: int) -> bool:
        """Whether a school has an own unit of its own, one stage, and only units that are judged."""
        f, c = self._f, self._f.contiguity
        assert c is not None
        stages = np.unique(f.blocks.stage[f.pairs.block[f.pairs.school == school]])
        return len(stages) == 1 and bool(c.rooted[school, stages[0]] and c.judged[:, stages[0]].all())

    def separate(
        self, program: Program, cost: Floats, relaxation: Relaxation, stopped: Callable[[], bool]
    ) -> list[Row]:
        """Return for each school the row that the solution of the relaxation breaks most, of those looked for."""
        prices = find_prices(self._f, program, cost, relaxation)
        rows = []
        for school in self._schools:
            if stopped():
                break
            self._rest[school] -= 1
            if self._rest[school] < 0:
                row = self._separate_school(school, program, relaxation, prices)
                if row is None:
                    self._rest[school] = RESTS
                else:
                    rows.append(row)
        return rows

    def wake(self) -> None:
        """Leave no school alone at the next round: the program has changed."""
        self._rest[:] = 0

    def _separate_school(self, school: int, program: Program, relaxation: Relaxation, prices: "Prices") -> Row | None:
        f, c = self._f, self._f.contiguity
        assert c is not None
        pairs = np.flatnonzero((f.pairs.school == school) & (program.upper[: program.pairs] > 0))
        blocks = f.pairs.block[pairs]
        stage = int(f.blocks.stage[f.pairs.block[f.pairs.school == school][0]])
        own = int(f.blocks.of_unit[c.home[school, stage], stage])
        used = relaxation.solution[pairs]
        share = float(used[blocks == own].sum())
        if share < LEAST_SHARE:
            return None
        catchments = _Catchments(
            graph=self._graph[blocks][:, blocks].tocsr(),
            size=f.blocks.size[blocks],
            own=int(np.flatnonzero(blocks == own)[0]),
            must=(program.lower[pairs] > 0) | (blocks == own),
            most=self._most_children(school),
            reduced=prices.reduced[pairs],
            held=prices.held[pairs],
            counted=prices.counted[pairs],
            held_at_least=float(prices.held_at_least[school]),
            counted_at_least=float(prices.counted_at_least[school]),
        )
        known = self._known.setdefault(school, {})
        usable = [inside[blocks] for inside in known.values() if inside.sum() == inside[blocks].sum()]
        usable = [inside for inside in usable if inside[catchments.must].all()]
        cut = _Separation(catchments, used / share, usable, abs(relaxation.value))
        found = cut.run()
        for inside in cut.found:
            whole = np.zeros(len(f.blocks), dtype=bool)
            whole[blocks[inside]] = True
            known[whole.tobytes()] = whole
        if found is None:
            return None
        weights, least = found
        weights[catchments.own] -= least - SAFETY * abs(relaxation.value)
        named = np.flatnonzero(np.abs(weights) > 1e-9)
        columns, values = tuple(pairs[named].tolist()), tuple(weights[named].tolist())
        return Row(f"hull[{f.school_ids[school]}]", columns, values, 0.0, np.inf)

    def _most_children(self, school: int) -> int:
        """Children that a school can take by hard limits on all its children; all there are without one."""
        f = self._f
        bounds = [limit.bound for limit in f.limits if limit.school == school and limit.hard and limit.columns.all()]
        return min([*bounds, int(f.blocks.size.sum())])


@dataclass(frozen=True)
class Prices:
    """What a relaxation pays for every pair: reduced costs, and what the rows of its school alone add to them."""

    reduced: Floats
    held: Floats
    """Of rows over pairs alone: contiguity, covers, hulls."""
    counted: Floats
    """Of rows that count children."""
    held_at_least: Floats
    counted_at_least: Floats
    """What the sums of `held` and `counted` over an allowed catchment are at least, for every school."""


def find_prices(f: Formulation, program: Program, cost: Floats, relaxation: Relaxation) -> Prices:
    """Divide the costs of pairs into what rows of one school pay, what rows of the district pay, and the rest.

    Blocks that the solution does not divide are priced halfway between their school and the next: as good a price, and
    fewer other schools seem worth a try.
    """
    matrix, pairs, schools = program.matrix, program.pairs, len(f.school_ids)
    owner = np.full(matrix.shape[1], -1)
    owner[:pairs] = f.pairs.school
    for counters in (program.enrolment, program.classes):
        for school in range(schools):
            owner[counters[school][counters[school] >= 0]] = school
    duals = np.zeros(matrix.shape[0])
    duals[: len(relaxation.duals)] = relaxation.duals
    side = np.where(duals > 0, program.row_lower, program.row_upper)
    duals = np.where(np.isfinite(side), duals, 0.0)
    of_row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    low, high = np.full(matrix.shape[0], schools), np.full(matrix.shape[0], -2)
    np.minimum.at(low, of_row, owner[matrix.indices])
    np.maximum.at(high, of_row, owner[matrix.indices])
    alone = (low == high) & (low >= 0) & ~np.array([name.startswith("assigned[") for name in program.row_names])
    counts = np.zeros(matrix.shape[0], dtype=bool)
    counts[of_row[matrix.indices >= pairs]] = True
    at_least = np.where(duals != 0, duals * np.where(np.isfinite(side), side, 0.0), 0.0)
    paid = [matrix.T @ np.where(chosen, duals, 0.0) for chosen in (alone & ~counts, alone & counts, ~alone)]
    reduced = cost - sum(paid)
    held, counted = np.zeros(schools), np.zeros(schools)
    np.add.at(held, low[alone & ~counts], at_least[alone & ~counts])
    np.add.at(counted, low[alone & counts], at_least[alone & counts])
    others = np.flatnonzero((owner >= 0) & (np.arange(len(owner)) >= pairs) & (np.abs(reduced) > 1e-9))
    bound = np.minimum(np.where(reduced > 0, program.lower, program.upper)[others], f.blocks.size.sum())
    np.add.at(counted, owner[others], reduced[others] * bound)
    reduced = reduced[:pairs] - _centre(f, program, reduced[:pairs], relaxation.solution[:pairs])[f.pairs.block]
    return Prices(reduced, paid[0][:pairs], paid[1][:pairs], held, counted)


def _centre(f: Formulation, program: Program, reduced: Floats, used: Floats) -> Floats:
    """By how much to raise the price of every block, so that its own school gains as much as the next one loses."""
    table = f.pair_table
    open_pairs = (table >= 0) & (program.upper[: program.pairs] > 0)[table]
    two = np.sort(np.where(open_pairs, reduced[table], np.inf), axis=1)[:, :2]
    alone = np.where(open_pairs, used[table], 0.0).max(axis=1) > 1.0 - 1e-7
    return np.where(alone & np.isfinite(two).all(axis=1), two.sum(axis=1) / 2.0, 0.0)


@dataclass(frozen=True)
class _Catchments:
    """The catchments of one school over its N open pairs, and what the relaxation pays for each."""

    graph: csr_matrix
    size: Ints
    own: int
    must: Bools
    """Blocks that no catchment may leave out, the own one among them."""
    most: int
    reduced: Floats
    held: Floats
    counted: Floats
    held_at_least: float
    counted_at_least: float

    def excess(self, moved: Floats) -> tuple[Floats, Floats]:
        """What it costs at least to hold a block, and to leave it out, beyond the relaxation; weights moved."""
        reduced = np.where(self.must, 0.0, self.reduced + moved)
        return np.maximum(reduced, 0.0), np.maximum(-reduced, 0.0)

    def base(self, moved: Floats) -> float:
        """What every catchment costs at least by the relaxation, weights moved."""
        sure = (self.reduced + moved)[self.must].sum() - self.excess(moved)[1].sum()
        return float(self.held_at_least + self.counted_at_least + sure)

    def ways(self, excess: Floats) -> Floats:
        """The least sum of `excess` over a way from the own block to every other, both ends counted."""
        steps = np.maximum(excess[self.graph.indices], LEAST)
        graph = csr_matrix((steps, self.graph.indices, self.graph.indptr), shape=self.graph.shape)
        return np.asarray(dijkstra(graph, indices=self.own))

    def find_cheapest(self, moved: Floats, ceiling: float) -> tuple[int, Bools]:
        """Find the catchment of least weights; none where all are more than `ceiling` above the base."""
        from optimizer.solve.frontier import FOUND, NONE, TOO_MUCH, Choice, find_cheapest

        into, out = self.excess(moved)
        inside = np.zeros(len(self.size), dtype=bool)
        must = self.must | (out > ceiling)
        joined = self._joined(must)
        free = np.flatnonzero((self.ways(into) <= ceiling) & ~joined)
        room = self.most - int(self.size[joined].sum())
        free = free[self.size[free] <= room]
        if room < 0 or must.sum() > joined.sum() + must[free].sum():
            return NONE, inside
        if len(free) > MOST_UNITS:
            return TOO_MUCH, inside
        inside[joined] = True
        cost = self.reduced + moved + self.held + self.counted
        limit = self.base(moved) + ceiling - float(cost[joined].sum())
        if not len(free):
            return (FOUND if limit >= 0 else NONE), inside
        floor = cost - self.held
        part = self.graph[free][:, free].tocsr()
        choice = Choice(
            cost[free],
            floor[free],
            self.held_at_least + float(floor[joined].sum() - cost[joined].sum()),
            self.size[free],
            part.indptr.astype(np.int64),
            part.indices.astype(np.int64),
            np.asarray(self.graph[free][:, joined].sum(axis=1)).ravel() > 0,
            must[free],
            min(room, int(self.size[free].sum())),
            limit,
        )
        seeds = np.unique(np.linspace(0, len(free) - 1, ORDERS).astype(np.int64))
        status, _, chosen = find_cheapest(choice, seeds, MOST_PARTIAL)
        inside[free[chosen]] = True
        return status, inside

    def _joined(self, must: Bools) -> Bools:
        """Blocks that must be inside and hang together with the own one by themselves."""
        among = np.flatnonzero(must)
        pieces = connected_components(self.graph[among][:, among], directed=False)[1]
        joined = np.zeros(len(must), dtype=bool)
        joined[among[pieces == pieces[among == self.own][0]]] = True
        return joined

    def weights(self, moved: Floats, above: float) -> tuple[Floats, float]:
        """Weights of a row, and their least sum, where every catchment is `above` the base at least.

        What holding or leaving out one block costs beyond that adds nothing: it is cut off, along the ways on which
        blocks are reached too, so that the relaxation keeps it as reduced costs.
        """
        into, out = self.excess(moved)
        ways = np.nan_to_num(self.ways(into), posinf=1e18)
        into = np.minimum(above, ways) - np.minimum(above, np.maximum(ways - into, 0.0))
        out = np.minimum(above, out)
        least = above + self.held_at_least + self.counted_at_least - float(out.sum())
        return self.held + self.counted + np.where(self.must, 0.0, into - out), least


class _Separation:
    """Looks for the row that a solution breaks most; `found` are the catchments met on the way."""

    def __init__(self, catchments: _Catchments, used: Floats, known: list[Bools], value: float) -> None:
        self._of, self._used, self._value = catchments, used, value
        self.found: list[Bools] = []
        self._known = known
        self._plain = catchments.reduced + catchments.held + catchments.counted

    def run(self) -> tuple[Floats, float] | None:
        """Return weights and their least sum, or None where no row is broken by enough."""
        of, moved = self._of, np.zeros(len(self._used))
        best, most, above = None, LEAST_BREACH * self._value, 0.0
        for _ in range(MOST_TURNS):
            inside = self._cheapest(moved, above)
            if inside is None:
                break
            weights = self._plain + moved
            above = float(weights[inside].sum()) - of.base(moved)
            row = of.weights(moved, max(above, 0.0))
            breach = row[1] - float(row[0] @ self._used)
            if breach > most:
                best, most = row, breach
            self.found.append(inside)
            self._known.append(inside)
            moved, hoped = self._move()
            reached = float(weights[inside].sum() - weights @ self._used)
            if hoped < LEAST_BREACH * self._value or hoped < 1.1 * reached:
                break
        return best

    def _cheapest(self, moved: Floats, ceiling: float) -> Bools | None:
        """The cheapest catchment, the ceiling being doubled until there is one; None where that is too much.

        No ceiling need be above the cheapest of the known catchments.
        """
        last = LAST_CEILING * self._value
        if self._known:
            cheapest = float((np.array(self._known) @ (self._plain + moved)).min()) - self._of.base(moved)
            last = min(last, cheapest + LEAST_BREACH * self._value)
        ceiling = max(ceiling, FIRST_CEILING * self._value)
        while True:
            ceiling = min(ceiling, last)
            status, inside = self._of.find_cheapest(moved, ceiling)
            if status != 1 or ceiling >= last:
                return inside if status == 0 else None
            ceiling *= 2.0

    def _move(self) -> tuple[Floats, float]:
        """By how much to move the weights to set the solution apart from the known catchments, and how far apart.

        max t  subject to  t ≤ Σ (weight + moved) · (inside - used) for every known catchment,  |moved| ≤ box.
        """
        from scipy.optimize import linprog  # slow to import, and only large districts need it

        apart = np.array(self._known) - self._used
        far = apart @ self._plain
        nearest = np.argsort(far, kind="stable")[:MOST_KNOWN]
        apart, far = apart[nearest], far[nearest]
        free = np.flatnonzero((np.abs(apart) > 1e-9).any(axis=0) & ~self._of.must)
        box = BOX * self._value
        result = linprog(
            np.append(np.zeros(len(free)), -1.0),
            A_ub=np.hstack([-apart[:, free], np.ones((len(apart), 1))]),
            b_ub=far,
            bounds=[(-box, box)] * len(free) + [(None, None)],
            method="highs",
        )
        moved = np.zeros(len(self._used))
        moved[free] = result.x[:-1]
        return moved, float(result.x[-1])

"""Units without children: no rule and hardly a level minds where they go: they go where a planner would put them."""

from collections import defaultdict

import numpy as np

from models.district import Bools, District, Ints
from optimizer.formulation.catchments import today
from optimizer.formulation.formulation import Contiguity, Formulation


def settle_childless(f: Formulation, district: District, pairs: Ints) -> Ints:
    """Return the used `pairs` with blocks without children at today's school where they may go there, else the nearest.

    Of a draft that is revised, the draft's school comes before today's. Only pairs that no rule forbids are taken, and
    a block moves only where the catchment it leaves and the one it joins are in one piece afterwards. It stays where a
    school of the stage stands in it, and beside the other blocks of its estate.
    """
    drawn, settled = _Map(f, pairs), pairs.copy()
    strange = _strange(f, district)
    ranks = {k: _rank_pairs(f, strange, int(f.pairs.block[pairs[k]])) for k in _movable(f, pairs)}
    moved = True
    while moved:
        moved = False
        for k, rank in ranks.items():
            old = int(settled[k])
            for pair in rank:
                if rank[pair] < rank[old] and drawn.move(old, pair):
                    settled[k], moved = pair, True
                    break
    return settled


def _movable(f: Formulation, pairs: Ints) -> list[int]:
    """Positions in `pairs` of blocks without children that may be thought of alone."""
    free = (f.blocks.size == 0) & (np.bincount(f.blocks.estate)[f.blocks.estate] == 1)
    if f.contiguity is not None:
        for stage, units in enumerate(f.contiguity.stands_in.T):
            free[f.blocks.of_unit[units[units >= 0], stage]] = False
    return np.flatnonzero(free[f.pairs.block[pairs]]).tolist()


def _strange(f: Formulation, district: District) -> Bools:
    """Whether a school is none of today's of a unit, shape (stages, units, schools)."""
    if district.current is None:
        return np.ones((len(f.stages), len(f.unit_ids), len(f.school_ids)), dtype=bool)
    return np.stack([~today(district, district.current, stage) for stage in f.stages])


def _rank_pairs(f: Formulation, strange: Bools, block: int) -> dict[int, int]:
    """Pairs of a block, the draft's and then today's schools first, then from near to far, and their ranks.

    Equals share one.
    """
    pairs = np.arange(*np.searchsorted(f.pairs.block, [block, block + 1]))
    school, units = f.pairs.school[pairs], f.blocks.members(block)
    changed = strange[f.blocks.stage[block]][np.ix_(units, school)].sum(axis=0)
    revised = f.pairs.price.get("revisions", np.zeros(len(f.pairs)))[pairs]
    order = np.lexsort((f.metres[pairs], changed, revised))
    keys = np.stack([revised, changed, f.metres[pairs]])[:, order]
    worse = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    return dict(zip(pairs[order].tolist(), [0, *np.cumsum(worse).tolist()], strict=True))


class _Map:
    """Which units every school holds, and whether a block may move."""

    def __init__(self, f: Formulation, pairs: Ints) -> None:
        self.f = f
        self.held: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
        for pair in pairs:
            self.held[self._catchment(pair)].update(self._units(pair))

    def move(self, old: int, new: int) -> bool:
        """Move a block from one of its pairs to another, where no catchment falls apart by it."""
        units, before, after = self._units(old), self._catchment(old), self._catchment(new)
        left, joined = self.held[before] - units, self.held[after] | units
        if self.f.contiguity is not None and not self._stays_whole(self.f.contiguity, after, left, joined):
            return False
        self.held[before], self.held[after] = left, joined
        return True

    def _stays_whole(self, c: Contiguity, after: tuple[int, int], left: set[int], joined: set[int]) -> bool:
        """Whether there is a catchment to join, on the school's own side, and both are in one piece."""
        seat = int(c.stands_in[after])
        units = joined - self.held[after]
        abroad = seat >= 0 and any(c.judged[u, after[1]] and c.component[u] != c.component[seat] for u in units)
        in_one_piece = _in_one_piece(c, left, after[1]) and _in_one_piece(c, joined, after[1])
        return bool(self.held[after]) and not abroad and in_one_piece

    def _catchment(self, pair: int) -> tuple[int, int]:
        """School and stage of a pair."""
        return int(self.f.pairs.school[pair]), int(self.f.blocks.stage[self.f.pairs.block[pair]])

    def _units(self, pair: int) -> set[int]:
        return set(self.f.blocks.members(int(self.f.pairs.block[pair])).tolist())


def _in_one_piece(c: Contiguity, units: set[int], stage: int) -> bool:
    """Whether the units that are judged make one piece in every component they lie in."""
    unseen = {unit for unit in units if c.judged[unit, stage]}
    components, pieces = len({int(c.component[unit]) for unit in unseen}), 0
    while unseen and pieces < components:
        pieces += 1
        queue = [unseen.pop()]
        while queue:
            near = unseen.intersection(c.around(queue.pop()).tolist())
            unseen -= near
            queue.extend(near)
    return not unseen

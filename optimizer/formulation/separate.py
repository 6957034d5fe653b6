"""Contiguity rows that a solution breaks: assign[i,j] ≤ Σ assign[u,j] over units u that cut i from j's own unit."""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from models.district import Bools, Floats, Ints
from optimizer.formulation.cuts import find_thin_units
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program import Program, Row

MOST_UNITS_OF_A_PIECE = 6
MOST_LAYERS = 5
MOST_ROWS = 400


def separate(f: Formulation, program: Program, used: Floats) -> list[Row]:
    """Return rows that `used` (a value a pair, whole or not) breaks; none where every catchment is one piece.

    For each catchment the pieces that do not hold the own unit give one row each, over the units around the piece;
    where a fractional solution hides thin connections, minimum cuts find them.
    """
    c = f.contiguity
    if c is None:
        return []
    table = f.pair_table
    rows: list[Row] = []
    for school in range(len(f.school_ids)):
        for stage in range(len(f.stages)):
            rows += _separate_catchment(f, program, table, used, school, stage)
    return rows if program.cut_off else rows[:: -(-len(rows) // MOST_ROWS) or 1]


def neighbour_rows(f: Formulation, program: Program, pairs: Ints) -> list[Row]:
    """Return assign[i,j] ≤ Σ assign[u,j] over the neighbours u of unit i, for `pairs` of single units.

    The first separators of all: most pieces that fall off are one unit.
    """
    c = f.contiguity
    if c is None or program.cut_off:
        return []
    table, rooted = f.pair_table, c.rooted
    rows = []
    for pair in pairs:
        block, school = int(f.pairs.block[pair]), int(f.pairs.school[pair])
        stage = int(f.blocks.stage[block])
        units, home = f.blocks.members(block), int(c.home[school, stage])
        if len(units) > 1 or not c.judged[units[0], stage] or not rooted[school, stage]:
            continue
        near = c.around(int(units[0]))
        if home == units[0] or home in near:
            continue
        beside = {int(p) for p in table[f.blocks.of_unit[near, stage], school] if p >= 0}
        terms = {int(pair): 1.0, **dict.fromkeys(sorted(beside), -1.0)}
        name = f"contiguous[{f.school_ids[school]},{f.stages[stage]}]"
        rows.append(Row(name, tuple(terms), tuple(terms.values()), -np.inf, 0.0))
    return rows


def _separate_catchment(
    f: Formulation, program: Program, table: Ints, used: Floats, school: int, stage: int
) -> list[Row]:
    c = f.contiguity
    assert c is not None
    pair = table[f.blocks.of_unit[:, stage], school]
    value = np.where(pair >= 0, used[pair], 0.0)
    surest = np.flatnonzero((value > 1e-6) & (c.judged[:, stage] if program.cut_off else True))
    if len(surest) == 0:
        return []
    surest = surest if program.cut_off else surest[[np.argmax(value[surest])]]
    pair, value = np.where(c.judged[:, stage], pair, -1), np.where(c.judged[:, stage], value, 0.0)
    inside = np.flatnonzero(value > 1e-6)
    rows = [row for unit in surest for row in _separate_home(f, program, table, used, (school, stage), int(unit))]
    if rows or len(inside) == 0:
        return rows
    home = -1 if c.shared_home[school, stage] else int(c.home[school, stage])
    seat, name = int(c.home[school, stage]), f"contiguous[{f.school_ids[school]},{f.stages[stage]}]"
    catchment = _Catchment(f, program, pair, value, home, seat, name)
    if c.hard and c.stands[school, stage]:
        return catchment.rows_to_enter(inside, c.gates[:, school, stage])
    if home >= 0:
        return catchment.rows(inside)
    components = c.component[inside]
    return [row for k in np.unique(components) for row in catchment.rows(inside[components == k])]


def _separate_home(
    f: Formulation, program: Program, table: Ints, used: Floats, at: tuple[int, int], unit: int
) -> list[Row]:
    """assign[i,j] ≤ assign[home,j], or where several schools stand in one unit: ≤ Σ of theirs."""
    c, (school, stage) = f.contiguity, at
    assert c is not None
    home = int(c.home[school, stage])
    if home < 0:
        return []
    holders = np.flatnonzero(c.stands_in[:, stage] == home) if c.shared_home[school, stage] else [school]
    block = f.blocks.of_unit[:, stage]
    held = [int(table[block[home], j]) for j in holders if table[block[home], j] >= 0]
    pair = int(table[block[unit], school])
    if pair in held or used[pair] <= used[held].sum() + 1e-6:
        return []
    terms = {pair: 1.0, **dict.fromkeys(held, -1.0)}
    if (unit, stage) in program.cut_off:
        terms[program.cut_off[unit, stage]] = -1.0
    name = f"contiguous[{f.school_ids[school]},{f.stages[stage]}]"
    return [Row(name, tuple(terms), tuple(terms.values()), -np.inf, 0.0)]


class _Catchment:
    """One catchment under separation: which pieces it falls into, and what would join them."""

    def __init__(
        self, f: Formulation, program: Program, pair: Ints, value: Floats, home: int, seat: int, name: str
    ) -> None:
        assert f.contiguity is not None
        self.f, self.program, self.c = f, program, f.contiguity
        self.pair, self.value, self.home, self.seat, self.name = pair, value, home, seat, name

    def rows(self, inside: Ints) -> list[Row]:
        """Rows that the units `inside` break: minimum cuts where they are used in part, else whole pieces to join."""
        in_part = (self.value[inside] < 1.0 - 1e-6).any()
        if in_part and self.home >= 0 and not self.program.cut_off:
            return self._thin(inside)
        pieces = self._pieces(inside)
        root = self._root(inside, pieces)
        found = []
        for piece in range(pieces.max() + 1):
            if piece != root:
                found += self._rows_to_join(inside[pieces == piece], inside[pieces == root])
        if self.home >= 0 and root >= 0:
            found += self._thin(inside[pieces == root])
        return found

    def rows_to_enter(self, inside: Ints, gates: Bools) -> list[Row]:
        """assign[i,j] ≤ Σ assign[u,j] over the units u around a piece that has no gate to the catchment it joins."""
        pieces = self._pieces(inside)
        apart = np.setdiff1d(pieces, pieces[gates[inside]])
        return [self._row(int(unit), self._around(inside[pieces == k])) for k in apart for unit in inside[pieces == k]]

    def _rows_to_join(self, piece: Ints, root: Ints) -> list[Row]:
        """Rows that ask for a bridge between a piece and the piece of the own unit.

        Two separators are used, the one around the piece and the one around the root, each for the surest units of
        the piece: between them the relaxation finds no third. Where contiguity is soft every unit pays for itself.
        """
        surest = piece[np.argsort(-self.value[piece], kind="stable")]
        if not self.program.cut_off:
            surest = surest[: MOST_UNITS_OF_A_PIECE if self.home >= 0 else 1]
        if self.home < 0:
            other = int(root[np.argmax(self.value[root])])
            return [self._row(int(unit), self._border(piece, root), other) for unit in surest]
        seats = root if len(root) else np.array([self.home])
        far = self._border(seats, piece)
        separators = [self._border(piece, seats), *self._layers(far, seats, piece)]
        return [self._row(int(unit), cut) for cut in separators for unit in surest if unit not in cut]

    def _layers(self, first: Ints, near: Ints, far: Ints) -> list[Ints]:
        """Nested separators between `near` and `far`, ring by ring, beginning with `first`."""
        layers: list[Ints] = []
        seen, ring = set(near.tolist()), first
        while len(ring) and len(layers) < MOST_LAYERS and not np.isin(ring, far).any():
            layers.append(ring)
            seen.update(ring.tolist())
            further = np.unique(np.concatenate([self.c.around(u) for u in ring]))
            ring = np.array([u for u in further if int(u) not in seen and self.pair[u] >= 0], dtype=np.int64)
        return layers

    def _border(self, near: Ints, far: Ints) -> Ints:
        """Units next to `near` through which every walk on to `far` must pass."""
        count = len(self.value)
        wall = np.zeros(count, dtype=bool)
        wall[near] = True
        open_units = np.flatnonzero((self.pair >= 0) & ~wall)
        label = np.full(count, -1)
        label[open_units] = self._pieces(open_units)
        around = self._around(near)
        beyond = np.unique(label[far])
        return around[np.isin(label[around], beyond[beyond >= 0])]

    def _around(self, units: Ints) -> Ints:
        """Neighbours of some units that are not among them."""
        return np.setdiff1d(np.concatenate([self.c.around(u) for u in units]), units)

    def _pieces(self, inside: Ints) -> Ints:
        return np.asarray(connected_components(self._graph(inside), directed=False)[1])

    def _graph(self, inside: Ints) -> csr_matrix:
        position = np.full(len(self.value), -1)
        position[inside] = np.arange(len(inside))
        lengths = self.c.start[inside + 1] - self.c.start[inside]
        rows = np.repeat(np.arange(len(inside)), lengths)
        columns = np.concatenate([position[self.c.around(u)] for u in inside]) if len(inside) else np.zeros(0, int)
        kept = columns >= 0
        return csr_matrix((np.ones(kept.sum()), (rows[kept], columns[kept])), shape=(len(inside), len(inside)))

    def _root(self, inside: Ints, pieces: Ints) -> int:
        """Piece that holds the own unit; where it is not held, the heaviest, or -1 where it is asked for."""
        at = np.flatnonzero(inside == self.seat)
        if len(at):
            return int(pieces[at[0]])
        if self.home >= 0:
            return -1
        return int(np.argmax(np.bincount(pieces, weights=self.value[inside])))

    def _row(self, unit: int, around: Ints, other: int = -1) -> Row:
        terms: dict[int, float] = {int(self.pair[unit]): 1.0}
        if other >= 0:
            terms[int(self.pair[other])] = terms.get(int(self.pair[other]), 0.0) + 1.0
        for u in around:
            if self.pair[u] >= 0:
                terms[int(self.pair[u])] = -1.0
        at = (unit, int(self.f.blocks.stage[self.f.pairs.block[self.pair[unit]]]))
        if at in self.program.cut_off:
            terms[self.program.cut_off[at]] = -1.0
        upper = 1.0 if other >= 0 else 0.0
        return Row(self.name, tuple(terms), tuple(terms.values()), -np.inf, upper)

    def _thin(self, inside: Ints) -> list[Row]:
        """Minimum cuts for units that are used more than what leads to them."""
        used = np.zeros(len(self.value))
        used[inside] = self.value[inside]
        cuts = find_thin_units(self.c, used, self.pair >= 0, self.home)
        return [self._row(unit, cut) for unit, cut in cuts]

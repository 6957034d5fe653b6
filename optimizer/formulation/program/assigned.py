"""`assigned` and `indivisible`: who uses which pair, what that costs, and how many children it brings to a school."""

import numpy as np

from models.district import Bools, Floats, Ints
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program.pool import Moving, most_children
from optimizer.formulation.program.program import Children
from optimizer.formulation.program.writer import Writer


def add_children(w: Writer, f: Formulation) -> Children:
    """Children of a split unit: whole children, none where the pair is not used and at least one where it is."""
    if not f.divisible:
        return Children(len(w.lower), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    pair, column = np.nonzero(f.blocks.students[f.pairs.block])
    most = f.blocks.students[f.pairs.block[pair], column].astype(float)
    columns = w.columns(most)
    held: dict[int, list[int]] = {}
    for c, p in zip(columns.tolist(), pair.tolist(), strict=True):
        held.setdefault(p, []).append(c)
    for p, of_pair in held.items():
        w.row(f"split[{p}]", [*((c, 1.0) for c in of_pair), (p, -float(f.blocks.size[f.pairs.block[p]]))], -np.inf, 0.0)
        w.row(f"split[{p}]", [*((c, 1.0) for c in of_pair), (p, -1.0)], 0.0, np.inf)
    return Children(int(columns[0]) if len(columns) else len(w.lower), pair, column)


def add_levels(w: Writer, f: Formulation, children: Children) -> None:
    """Price every pair in every level; of a split unit the children that the level counts bear it evenly."""
    for level, price in f.pairs.price.items():
        if f.divisible:
            w.prices(level, children.start, share_out(f, children, price, f.pairs.counted[level]))
        else:
            w.prices(level, 0, price)
    if f.split_price:
        _add_split_price(w, f, children)


def share_out(f: Formulation, children: Children, of_pair: Floats, columns: Bools) -> Floats:
    """Return what one child of each entry of `children` bears of a sum stated by pair: those of `columns`, evenly."""
    heads = f.blocks.students[:, columns].sum(axis=1)[f.pairs.block[children.pair]]
    share = np.divide(of_pair[children.pair], heads, out=np.zeros(len(heads)), where=columns[children.column])
    return np.asarray(share)


def _add_split_price(w: Writer, f: Formulation, children: Children) -> None:
    """apart[e,j] ≥ children of estate e at j - all children · main[e,j], Σ_j main[e,j] = 1: who is not with the most.

    A unit without an estate is one by itself.
    """
    entries, heads, pair = children.start + np.arange(len(children.pair)), np.ones(len(children.pair)), children.pair
    if not f.divisible:
        entries = pair = np.flatnonzero(f.blocks.size[f.pairs.block])
        heads = f.blocks.size[f.pairs.block[pair]].astype(float)
    estate = f.blocks.estate[f.pairs.block]
    size = np.bincount(f.blocks.estate, weights=f.blocks.size)
    keys, of_pair = np.unique(np.stack([estate, f.pairs.school]), axis=1, return_inverse=True)
    of_pair = of_pair.ravel()
    main = w.columns(np.ones(keys.shape[1]))
    apart = w.columns(size[keys[0]], whole=False)
    used: list[list[tuple[int, float]]] = [[] for _ in range(keys.shape[1])]
    for k, entry, students in zip(of_pair[pair].tolist(), entries.tolist(), heads.tolist(), strict=True):
        used[k].append((entry, -students))
    for k, going in enumerate(used):
        terms = [(int(apart[k]), 1.0), (int(main[k]), float(size[keys[0, k]])), *going]
        w.row(f"indivisible[{keys[0, k]}]", terms, 0.0, np.inf)
        w.price("shortage", int(apart[k]), 1.0)
    ones = np.ones(len(size))
    names = [f"indivisible[{e}]" for e in range(len(size))]
    w.sums(names, keys[0], main, np.ones(len(main)), (ones, ones))


def add_assigned(w: Writer, f: Formulation, children: Children) -> None:
    """Σ_j assign[b,j] = 1; where units may be split at least one school, and every child at one of them."""
    ones = np.ones(len(f.blocks))
    most = np.where(f.blocks.size > 0, np.inf, 1.0) if f.divisible else ones
    names = [f"assigned[{block}]" for block in range(len(f.blocks))]
    w.sums(names, f.pairs.block, np.arange(len(f.pairs)), np.ones(len(f.pairs)), (ones, most))
    if f.divisible:
        width = len(f.columns)
        all_of = f.blocks.students.ravel().astype(float)
        row = f.pairs.block[children.pair] * width + children.column
        columns = children.start + np.arange(len(row))
        w.sums(
            [f"assigned[{k // width}]" for k in range(len(all_of))], row, columns, np.ones(len(row)), (all_of, all_of)
        )


def add_enrolment(w: Writer, f: Formulation, children: Children, away: Moving, guests: Moving) -> Ints:
    """enrolment[j,c] = Σ_b students[b,c] · assign[b,j], or the children of split units who go there.

    In mode `entry`, with placed children, less those who are away and more those who are guests (`add_pool`).
    """
    shape = (len(f.school_ids), len(f.columns))
    held = np.zeros(shape) if f.pool is None else -f.pool.taken.astype(float)
    most = most_children(f) + guests.most - held
    columns = w.columns(most.ravel(), whole=False)
    if f.divisible:
        pair, c = children.pair, children.column
        entry, value = children.start + np.arange(len(pair)), np.ones(len(pair))
    else:
        pair, c = np.nonzero(f.blocks.students[f.pairs.block])
        entry, value = pair, f.blocks.students[f.pairs.block[pair], c].astype(float)
    row = np.concatenate([f.pairs.school[pair] * shape[1] + c, np.arange(columns.size), away.cell, guests.cell])
    kinds = [f"{column.stage}{column.grade}{column.category}" for column in f.columns]
    names = [f"enrolment[{school},{kind}]" for school in f.school_ids for kind in kinds]
    entries = np.concatenate([entry, columns, away.column, guests.column])
    signs = [value, np.full(columns.size, -1.0), np.full(len(away), -1.0), np.ones(len(guests))]
    w.sums(names, row, entries, np.concatenate(signs), (held.ravel(), held.ravel()))
    return columns.reshape(shape)

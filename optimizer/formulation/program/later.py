"""`later`: children of later years beyond the places of the schools of their catchments."""

import numpy as np

from models.district import Ints
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.program.writer import Writer


def add_later(w: Writer, f: Formulation) -> Ints:
    """Σ_b children[b] · assign[b,j] ≤ bound + Σ beyond for every limit; a child beyond costs one in `later`.

    Returns the columns of the children beyond at every school, -1 where there are none, shape (schools, most of them).
    """
    most = max((float(limit.children.sum() + max(0, -limit.bound)) for limit in f.later), default=0.0)
    beyond: dict[tuple[int, int, str], int] = {}
    columns: list[list[int]] = [[] for _ in f.school_ids]
    for limit in f.later:
        pairs = np.flatnonzero(np.isin(f.pairs.school, limit.schools) & (limit.children[f.pairs.block] > 0))
        terms = [(int(pair), float(limit.children[f.pairs.block[pair]])) for pair in pairs]
        for key in limit.beyond:
            if key not in beyond:
                beyond[key] = w.column(most, whole=False)
                w.price("later", beyond[key], 1.0)
                for school in limit.schools:
                    columns[school].append(beyond[key])
            terms.append((beyond[key], -1.0))
        w.row(limit.name, terms, -np.inf, float(limit.bound))
    most = max(map(len, columns), default=0)
    return np.array([[*of, *[-1] * (most - len(of))] for of in columns], dtype=np.int64).reshape(len(columns), most)

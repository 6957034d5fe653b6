"""Who comes first among the choices of a block or a party."""

import numpy as np

from models.district import Floats, Ints


def rank_by_owner(owner: Ints, dearness: Floats) -> Ints:
    """Return the place of every entry among those of its owner, from cheap to dear, 0 first; of equals the earlier."""
    order = np.lexsort((dearness, owner))
    rank = np.empty(len(owner), dtype=np.int64)
    rank[order] = np.arange(len(owner)) - np.searchsorted(owner[order], owner[order])
    return rank

"""Lists ready for a letter: 招生计划表, 招生范围调整清单 and 招生范围, from a stored run."""

from optimizer.lists.manner import Manner
from optimizer.lists.store import Written, store_lists

__all__ = ["Manner", "Written", "store_lists"]

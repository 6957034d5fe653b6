"""Lists ready for a letter, from a stored run: 招生计划表, 招生范围调整清单, 招生范围, and those of postings."""

from optimizer.lists.manner import Manner, Mode
from optimizer.lists.store import Written, store_lists

__all__ = ["Manner", "Mode", "Written", "store_lists"]

"""Sums that no plan can meet, with figures that a planner can redo by hand; nothing here searches."""

from optimizer.diagnose.count.children import count_children

__all__ = ["count_children"]

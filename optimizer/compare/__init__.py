"""Plans side by side: what differs in the input, who changes, every index, which rules bind, what it costs."""

from optimizer.compare.comparison import CannotCompare, Comparison, Difference, Summary, compare_exhibits

__all__ = ["CannotCompare", "Comparison", "Difference", "Summary", "compare_exhibits"]

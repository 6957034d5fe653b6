"""What a plan is worth, in numbers a bureau knows: one registry, and one table of values."""

from optimizer.indices.compute import compute_indices, compute_judged, compute_staff_indices, title_of
from optimizer.indices.registry import INDICES, Index
from optimizer.indices.resources import compare_resources
from optimizer.indices.spread import compute_cv, compute_gini, compute_theil

__all__ = [
    "INDICES",
    "Index",
    "compare_resources",
    "compute_cv",
    "compute_gini",
    "compute_indices",
    "compute_judged",
    "compute_staff_indices",
    "compute_theil",
    "title_of",
]

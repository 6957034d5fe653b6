"""A plan that somebody drew, judged: what it breaks, how far it is from the best possible, and what would mend it."""

from optimizer.evaluate.breaches import Total, sum_breaches
from optimizer.evaluate.distance import Best, Distance, best_in, find_best, measure_distances
from optimizer.evaluate.mend import Mending, mend_drawing

__all__ = [
    "Best",
    "Distance",
    "Mending",
    "Total",
    "best_in",
    "find_best",
    "measure_distances",
    "mend_drawing",
    "sum_breaches",
]

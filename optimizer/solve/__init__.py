"""Bound first, then a plan, then the proof."""

from optimizer.solve.effort import Effort
from optimizer.solve.solve import solve

__all__ = ["Effort", "solve"]

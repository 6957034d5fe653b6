"""Uncertain demand: draws of the children, how often schools overflow, and plans that stand many of them."""

from optimizer.draws.demand import Draws, Spread, draw_demand
from optimizer.draws.overflows import Overflows, count_overflows

__all__ = ["Draws", "Overflows", "Spread", "count_overflows", "draw_demand"]

"""Plans that somebody drew: read from a table, and judged as if they had been found."""

from optimizer.drawn.drawing import CURRENT, Drawing, NothingDrawn, current_drawing
from optimizer.drawn.judge import judge_drawing
from optimizer.drawn.read import FaultyDrawing, NoSuchPlan, read_drawings, split_name

__all__ = [
    "CURRENT",
    "Drawing",
    "FaultyDrawing",
    "NoSuchPlan",
    "NothingDrawn",
    "current_drawing",
    "judge_drawing",
    "read_drawings",
    "split_name",
]

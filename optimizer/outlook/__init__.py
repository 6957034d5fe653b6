"""Children and places year by year under today's catchments (学位预警)."""

from optimizer.outlook.look import Ahead, look_ahead, look_from
from optimizer.outlook.project import project

__all__ = ["Ahead", "look_ahead", "look_from", "project"]

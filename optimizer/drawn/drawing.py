"""Catchments that somebody drew: which school has which unit, and what the plan is called."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.district import Bools, District
from models.faults import Fault
from models.sentences import say
from models.settings import Name
from optimizer.formulation.catchments import receiving_today

CURRENT = "current"
"""What today's catchments are called where a plan is named."""


@dataclass(frozen=True)
class Drawing:
    """A plan as it was drawn. Units without a school are those that it leaves out."""

    name: str
    title: Name
    """What tables and pages call it."""
    file: str
    """Where it was read; "" for today's catchments."""
    held: Bools
    """Which school has which unit, shape (units, schools, stages); several for a shared catchment."""
    warnings: tuple[Fault, ...] = ()


class NothingDrawn(Exception):
    """A district that does not say what its catchments are today."""


def current_drawing(district: District) -> Drawing:
    """Return today's catchments, those of schools that receive nobody any more left out. Raises NothingDrawn."""
    current = district.current
    if current is None:
        raise NothingDrawn
    held = np.stack([receiving_today(district, current, s) for s in district.settings.instance.stages], axis=2)
    title: Name = {"en": say("drawn.current", language="en"), "zh": say("drawn.current", language="zh")}
    return Drawing(CURRENT, title, "", held)


def hold(district: District, table: pd.DataFrame) -> Bools:
    """Return rows of unit_id, stage and school_id in positions, as `Drawing.held`; ids of no planned stage left out."""
    stages = district.settings.instance.stages
    held = np.zeros((len(district.units), len(district.schools), len(stages)), dtype=bool)
    rows = table[table["stage"].isin(stages)]
    unit, school = rows["unit_id"].map(district.units.row), rows["school_id"].map(district.schools.row)
    held[unit.to_numpy(np.int64), school.to_numpy(np.int64), [stages.index(stage) for stage in rows["stage"]]] = True
    return held

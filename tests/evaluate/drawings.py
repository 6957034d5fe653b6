"""Drawn plans for districts made by hand."""

from collections.abc import Mapping

import pandas as pd

from models.district import District, Travel
from optimizer.drawn import Drawing, judge_drawing
from optimizer.drawn.drawing import hold
from optimizer.evaluate import Mending, mend_drawing
from optimizer.solve import Effort


def draw(district: District, schools: Mapping[str, str] | str, name: str = "Plan 1") -> Drawing:
    """`schools` are letters a unit: "AABB", or by unit, several for a shared catchment."""
    by_unit = schools if isinstance(schools, Mapping) else dict(zip(district.units.ids, schools, strict=True))
    rows = [(unit, "primary", letter) for unit, letters in by_unit.items() for letter in letters]
    held = hold(district, pd.DataFrame(rows, columns=["unit_id", "stage", "school_id"]))
    return Drawing(name, name, "plans.csv", held)


def mend(district: District, travel: Travel, schools: Mapping[str, str] | str) -> Mending:
    drawing = draw(district, schools)
    judged = judge_drawing(district, travel, drawing)
    return mend_drawing(district, travel, drawing, judged, effort(), seed=1, workers=1)


def effort(seconds: float = 20.0) -> Effort:
    return Effort(seconds, None, lambda: False)


def changes(mending: Mending) -> list[tuple[str, str, str, int]]:
    """Unit, from, to, children."""
    columns = ["unit_id", "from_school_id", "to_school_id", "students"]
    return [tuple(row) for row in mending.changes[columns].itertuples(index=False)]

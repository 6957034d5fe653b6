"""Checks that need distances: units that no school can be reached from."""

import numpy as np

from models.district import District, Travel
from models.faults import Fault, Severity
from optimizer.io.findings import Finding

OUT_OF_REACH = "P108"
SEVERITY: Severity = "warning"


def check_travel(district: District, travel: Travel) -> tuple[Fault, ...]:
    """Return a warning for every unit and stage whose children reach no open school.

    Out of reach is what lies beyond a barrier without a crossing, what a given matrix leaves out, and, where the
    rule max_travel is hard, what lies beyond the ceiling of the stage.
    """
    settings, found = district.settings, []
    ceilings = settings.policy.travel.max_m if settings.rules.max_travel == "hard" else {}
    for stage in settings.instance.stages:
        schools = np.flatnonzero(district.schools.serves(stage))
        if not len(schools):
            continue
        metres, ceiling = travel.metres[:, schools], ceilings.get(stage, np.inf)
        reached = (np.isfinite(metres) & (metres <= ceiling)).any(axis=1)
        students = district.demand.of_stage(stage)
        for unit in np.flatnonzero(~reached & (students > 0)):
            nearest = schools[np.argmin(metres[unit])] if np.isfinite(metres[unit]).any() else None
            facts = {
                "stage": stage,
                "students": int(students[unit]),
                "nearest": "" if nearest is None else district.schools.ids[nearest],
                "metres": "" if nearest is None else f"{metres[unit].min():,.0f}",
            }
            place = Finding("units", column="unit_id", found=district.units.ids[unit], facts=facts)
            found.append(place.fault(OUT_OF_REACH, SEVERITY))
    return tuple(found)

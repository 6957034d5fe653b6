"""How far children go, and who is passed over."""

import numpy as np

from models.district import Bools, Floats, Ints
from models.placement import Placement
from models.stages import Stage
from optimizer.indices.registry import View, divide, index

RADIUS_M: dict[Stage, float] = {"kindergarten": 300.0, "primary": 500.0, "junior": 1000.0}
"""Service radius where the policy names none: GB 50180-2018 (recommended, not a ceiling)."""

_CLEARLY_NEARER_M = 100.0


@index("student_km", "student-km", "lower", scope="overall")
def compute_student_km(view: View) -> float:
    """Σ children · metres / 1000."""
    students, metres = _journeys(view)
    return float(students @ metres) / 1000


@index("mean_m", "metres", "lower", scope="overall")
def compute_mean(view: View) -> float:
    """Σ children · metres / Σ children."""
    students, metres = _journeys(view)
    return divide(float(students @ metres), float(students.sum()))


@index("median_m", "metres", "lower", scope="overall")
def compute_median(view: View) -> float:
    """The smallest distance within which half of the children live."""
    return _quantile(*_journeys(view), 0.5)


@index("p95_m", "metres", "lower", scope="overall")
def compute_p95(view: View) -> float:
    """The smallest distance within which 95 % of the children live."""
    return _quantile(*_journeys(view), 0.95)


def ceiling_m(view: View) -> float | None:
    """The ceiling of the policy for the stage, where there is one."""
    return view.placement.district.settings.policy.travel.max_m.get(view.stage) if view.stage else None


@index("max_m", "metres", "lower", scope="overall", target=ceiling_m, source="policy.travel.max_m")
def compute_max(view: View) -> float:
    """The longest journey of any child."""
    _, metres = _journeys(view)
    return float(metres.max()) if len(metres) else float(np.nan)


@index("within_radius_share", "share", "higher", source="GB 50180-2018; policy.travel.target_m")
def compute_within_radius(view: View) -> float:
    """Children within the service radius of their stage / children."""
    radius = _radius(view.placement, view.stages[0])
    students, metres = _journeys(view)
    return divide(float(students[metres <= radius + 1e-6].sum()), float(students.sum())) if radius else np.nan


@index("school_mean_m", "metres", "lower", scope="school")
def compute_school_mean(view: View) -> Floats:
    """Σ children · metres / Σ children, of the children of one school."""
    rows = view.placement.assignments
    rows = rows[(rows["stage"] == view.stage) & (rows["students"] > 0)]
    school, students = rows["school"].to_numpy(np.int64), rows["students"].to_numpy(np.float64)
    count = len(view.placement.district.schools)
    total = np.bincount(school, weights=students * rows["metres"].to_numpy(np.float64), minlength=count)
    heads = np.bincount(school, weights=students, minlength=count)
    return np.asarray(np.divide(total, heads, out=np.full(count, np.nan), where=heads > 0))


@index("farther_students", "students", "lower", scope="overall")
def compute_farther(view: View) -> float:
    """Children who go where their catchment goes, and farther than under today's catchments."""
    if view.placement.district.current is None:
        return float(np.nan)
    students, longer = _longer(view)
    return float(students[longer > 1e-6].sum())


@index("longest_increase_m", "metres", "lower", scope="overall")
def compute_longest_increase(view: View) -> float:
    """The most metres that any child goes farther than under today's catchments."""
    if view.placement.district.current is None:
        return float(np.nan)
    return float(max(0.0, _longer(view)[1].max(initial=0.0)))


@index("nearer_refused_students", "students", "lower", source="舍近求远: our definition, margin 100 m")
def compute_nearer_refused(view: View) -> float:
    """Children of units A for which some school S takes a unit B that is more than 100 m farther from S, and not A."""
    students, refused, _ = _refused(view)
    return float(students[refused.any(axis=1)].sum())


@index("passed_over_students", "students", "lower", source="舍近求远: our definition, margin 100 m")
def compute_passed_over(view: View) -> float:
    """As nearer_refused_students, but only where S is nearer to A than the school A was given: they lose by it."""
    students, refused, own = _refused(view)
    nearer = view.placement.travel.metres < own[:, None]
    return float(students[(refused & nearer).any(axis=1)].sum())


def _journeys(view: View) -> tuple[Ints, Floats]:
    parts = [view.placement.journeys(stage) for stage in view.stages]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _quantile(students: Ints, metres: Floats, share: float) -> float:
    if not len(students):
        return float(np.nan)
    order = np.argsort(metres, kind="stable")
    reached = np.cumsum(students[order])
    return float(metres[order][np.searchsorted(reached, share * reached[-1] - 1e-9)])


def _radius(placement: Placement, stage: Stage) -> float | None:
    return placement.district.settings.policy.travel.target_m.get(stage, RADIUS_M.get(stage))


def _longer(view: View) -> tuple[Floats, Floats]:
    """Children of each assignment, and the metres they go farther than today (0 where today is not known)."""
    placement = view.placement
    students, longer = [], []
    for stage in view.stages:
        follow = placement.assignments["zoned"] | (not placement.entry_only)
        rows = placement.assignments[(placement.assignments["stage"] == stage) & follow]
        unit, now = rows["unit"].to_numpy(np.int64), placement.school_of_unit_today(stage)
        before = np.where(now[unit] >= 0, placement.travel.metres[unit, now[unit]], np.inf)
        students.append(rows["students"].to_numpy(np.float64))
        longer.append(np.where(np.isfinite(before), rows["metres"].to_numpy(np.float64) - before, 0.0))
    children = np.concatenate(students)
    return children[children > 0], np.concatenate(longer)[children > 0]


def _refused(view: View) -> tuple[Ints, Bools, Floats]:
    """Children by unit; pairs of unit and school that refuses it for one clearly farther; metres to the own school."""
    placement, stage = view.placement, view.stages[0]
    metres, students = placement.travel.metres, placement.children_of_catchments(stage)
    rows = placement.catchments[placement.catchments["stage"] == stage]
    taken = np.zeros(metres.shape, dtype=bool)
    taken[rows["unit"], rows["school"]] = True
    taken &= students[:, None] > 0
    farthest = np.where(taken, metres, -np.inf).max(axis=0, initial=-np.inf)
    refused = ~taken & (metres + _CLEARLY_NEARER_M < farthest[None, :])
    return students, refused, np.where(taken, metres, np.inf).min(axis=1, initial=np.inf)

"""What changes against today's catchments; without `current` nothing is asked."""

import numpy as np

from optimizer.indices.registry import View, divide, index
from optimizer.recheck.catchments import count_moved


def max_share(view: View) -> float | None:
    """The share of children that the policy lets change school, all stages together."""
    return None if view.stage else view.placement.district.settings.policy.stability.max_share


@index("changed_units", "units", "lower", scope="overall")
def compute_changed_units(view: View) -> float:
    """Units whose school is not one of today's; summed over the stages."""
    if view.placement.district.current is None:
        return float(np.nan)
    return float(sum(view.placement.changed(stage).sum() for stage in view.stages))


@index("changed_students", "students", "lower", scope="overall")
def compute_changed_students(view: View) -> float:
    """Zoned children whose school is not one of today's."""
    return _changed(view)[0]


@index("changed_share", "share", "lower", scope="overall", target=max_share, source="policy.stability.max_share")
def compute_changed_share(view: View) -> float:
    """Zoned children whose school is not one of today's / zoned children who have a school today."""
    return divide(*_changed(view))


def _changed(view: View) -> tuple[float, float]:
    """Zoned children whose school is not today's, and those who have one today; NaN without today's catchments."""
    if view.placement.district.current is None:
        return float(np.nan), float(np.nan)
    return count_moved(view.placement, view.stages)

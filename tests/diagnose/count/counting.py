"""Sums of a district on the row of four units, and a plan of it where there is one."""

from builders import make_travel

from models.diagnosis import Count
from models.district import District, Travel
from optimizer.diagnose.count import count_children
from optimizer.formulation import formulate


def counts_of(district: District, travel: Travel | None = None) -> list[Count]:
    """Return every sum about the children of a district whose units stand in a row."""
    travel = travel or make_travel(district)
    return list(count_children(formulate(district, travel), district, travel))


def told(district: District, travel: Travel | None = None) -> list[tuple[str, float]]:
    """Return the key of every sum, and what is missing."""
    return [(count.key, count.short) for count in counts_of(district, travel)]

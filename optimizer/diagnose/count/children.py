"""All sums about children, classes and catchments."""

from models.diagnosis import Count
from models.district import District, Travel
from optimizer.diagnose.count.capacity import Capacity
from optimizer.diagnose.count.change import count_change
from optimizer.diagnose.count.classes import ROOM_RULES, count_rooms, count_shares
from optimizer.diagnose.count.ground import Ground
from optimizer.diagnose.count.places import count_decided, count_large, count_places
from optimizer.diagnose.count.standing import count_stranded, count_unmendable
from optimizer.formulation.formulation import Formulation


def count_children(f: Formulation, district: District, travel: Travel) -> tuple[Count, ...]:
    """Return every sum about children that no plan can meet, each once; none where sums show nothing."""
    ground = Ground(f, district, travel)
    capacity = Capacity(ground)
    found = (
        *count_unmendable(ground),
        *count_stranded(ground),
        *count_decided(ground, capacity),
        *count_large(ground, capacity),
        *sorted((*count_places(ground, capacity), *count_rooms(ground, capacity)), key=_plainest),
        *count_shares(ground, capacity),
        *count_change(ground, capacity),
    )
    told: dict[tuple[object, ...], Count] = {}
    for count in found:
        told.setdefault((count.key, count.units, count.schools, count.short), count)
    return tuple(told.values())


def _plainest(count: Count) -> tuple[bool, bool, float]:
    """Places before rooms, what several kinds of limits come to last, and the most missing first."""
    by_places = "places" in count.facts
    return by_places and ROOM_RULES.intersection(count.rules) != set(), not by_places, -count.short

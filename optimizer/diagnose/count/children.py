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
    """Return every sum about children that no plan can meet, none where sums show nothing.

    Of several about the same children and schools the most specific is told.
    """
    ground = Ground(f, district, travel)
    capacity = Capacity(ground)
    found = (
        *count_unmendable(ground),
        *count_stranded(ground),
        *count_decided(ground, capacity),
        *count_large(ground, capacity),
        *_of_places_and_rooms(ground, capacity),
        *count_shares(ground, capacity),
        *count_change(ground, capacity),
    )
    told: dict[tuple[object, ...], Count] = {}
    for count in found:
        of_corner = count.units, count.schools, count.facts.get("stage")
        told.setdefault(of_corner if count.units else (count.key, count.schools, count.short), count)
    return tuple(told.values())


def _of_places_and_rooms(ground: Ground, capacity: Capacity) -> list[Count]:
    """Tightest sets and classes without rooms, the plainest first; what lacks rooms is not told in places as well."""
    rooms = tuple(count_rooms(ground, capacity))
    roomless = {count.schools for count in rooms}
    places = [
        count
        for count in count_places(ground, capacity)
        if count.schools not in roomless or not set(count.rules) <= {*ROOM_RULES, "purchased"}
    ]
    return sorted((*places, *rooms), key=_plainest)


def _plainest(count: Count) -> tuple[bool, bool, float]:
    """Places before rooms, what several kinds of limits come to last, and the most missing first."""
    by_places = "places" in count.facts
    return by_places and ROOM_RULES.intersection(count.rules) != set(), not by_places, -count.short

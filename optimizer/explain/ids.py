"""What a question names: an id, or a name that only one has."""

from collections.abc import Sequence
from difflib import get_close_matches


class NotKnown(Exception):
    """No unit, school or teacher (`kind`) is called `found`, or several are; `near` has the ids that may be meant."""

    def __init__(self, kind: str, found: str, near: tuple[str, ...], *, several: bool = False) -> None:
        super().__init__(found)
        self.kind = kind
        self.found = found
        self.near = near
        self.several = several


def find_row(kind: str, found: str, ids: Sequence[str], names: Sequence[str] = ()) -> int:
    """Return the row of an id, else of a name that only one has. Raises NotKnown."""
    if found in ids:
        return ids.index(found)
    bearers = [row for row, name in enumerate(names) if name == found]
    if len(bearers) == 1:
        return bearers[0]
    if bearers:
        raise NotKnown(kind, found, tuple(ids[row] for row in bearers), several=True)
    spelt = {each.casefold(): each for each in (*names, *ids)}
    near = get_close_matches(found.casefold(), list(spelt), n=3, cutoff=0.5)
    raise NotKnown(kind, found, tuple(spelt[each] for each in near))

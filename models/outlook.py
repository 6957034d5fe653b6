"""Children and places of the years ahead, as arrays: today's catchments kept, classes a grade higher every year."""

from dataclasses import dataclass, field

from models.district import Floats, Ints
from models.later import Source
from models.stages import Stage


@dataclass(frozen=True)
class Note:
    """Something a reader of the outlook has to know: a key of `outlook.notes` and what fills its gaps."""

    key: str
    facts: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class StageYears:
    """One stage, year by year: arrays of shape (years, schools + 1) unless said otherwise; NaN is unknown.

    The last column holds children without a school: their unit lies in no catchment of an open school, or their school
    is closed. It has no places and no rooms.
    """

    stage: Stage
    sources: tuple[Source, ...]
    """One a year."""
    units: tuple[int, ...]
    """Units of which entrants were counted, one a year; 0 where no units were."""
    continuing: Ints
    entrants: Ints
    unzoned: Floats
    """Entrants of categories that are not zoned, counted where they live; NaN where the source does not tell."""
    classes: Floats
    """Continuing classes and those that the class cap requires of the entrants."""
    entry_classes: Floats
    places: Floats
    free_rooms: Floats
    """Rooms less the classes of every stage in them; below 0 where rooms are short."""
    tracks: Floats
    """Classes a grade has room for (轨数), shape (schools + 1,)."""
    pools: tuple[tuple[int, ...], ...]
    """Columns that are judged together because they share a catchment; a school on its own is a pool of one."""

    @property
    def children(self) -> Ints:
        """Continuing children and entrants."""
        return self.continuing + self.entrants


@dataclass(frozen=True)
class Projection:
    """The outlook of a district."""

    years: tuple[int, ...]
    stages: tuple[StageYears, ...]
    notes: tuple[Note, ...]

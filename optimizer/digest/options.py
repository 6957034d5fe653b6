"""Up to three plans side by side: what each brings, what it changes, what it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.district import District
from models.stages import SERVES
from optimizer.digest.changes import find_changes
from optimizer.digest.exhibit import Exhibit
from optimizer.digest.places import count_intakes

MOST = 3


@dataclass(frozen=True)
class Option:
    """A plan in figures; NaN where its run does not tell."""

    scenario: str
    places: float
    """Places of its admission plan, reserves aside."""
    places_won: float
    """Places that its schools have beyond those of the instance as it stands."""
    short: int
    """Children beyond the places of the schools where they sit."""
    outside: int
    """Children of a catchment who are placed outside it."""
    classes: int
    """Classes that are formed."""
    posts: float
    """Posts that the classes need."""
    vacant: float
    recruits: float
    units: int
    """Units, by stage, that get another school."""
    students: int
    """Children who do."""
    mean_m: float
    cost_once: float
    """Price of the places won; NaN without a price."""
    cost_a_year: float
    """Price of the posts that recruits fill and of those vacant; NaN without a price."""


def compare_options(exhibits: Sequence[Exhibit], most: int = MOST) -> tuple[Option, ...]:
    """Return the first plans as options, in their order; an instance that several were made from is read once."""
    today: dict[Path, District | None] = {}
    for exhibit in exhibits[:most]:
        if exhibit.basis is not None and exhibit.basis.district.folder not in today:
            today[exhibit.basis.district.folder] = exhibit.as_it_stands
    return tuple(_describe(exhibit, today) for exhibit in exhibits[:most])


def _describe(exhibit: Exhibit, today: Mapping[Path, District | None]) -> Option:
    intakes, changes, costs = count_intakes(exhibit), find_changes(exhibit), exhibit.record.get("costs", {})
    won, recruits = _places_won(exhibit, today), exhibit.index("posted_recruit")
    vacant = exhibit.index("posts_vacant")
    return Option(
        exhibit.scenario,
        places=float(sum(intake.available for intake in intakes)) if intakes else np.nan,
        places_won=won,
        short=sum(intake.short for intake in intakes),
        outside=sum(intake.outside for intake in intakes),
        classes=sum(forming.classes for forming in changes.forming),
        posts=exhibit.index("posts_required"),
        vacant=vacant,
        recruits=recruits,
        units=len(changes.adjusted),
        students=changes.students,
        mean_m=exhibit.record["mean_m"] if exhibit.record["mean_m"] is not None else np.nan,
        cost_once=max(won, 0.0) * costs.get("place", np.nan),
        cost_a_year=(recruits + vacant) * costs.get("post", np.nan),
    )


def _places_won(exhibit: Exhibit, today: Mapping[Path, District | None]) -> float:
    if exhibit.basis is None:
        return np.nan
    district = exhibit.basis.district
    base = today[district.folder]
    return np.nan if base is None else _count_places(district, base) - _count_places(base, base)


def _count_places(district: District, today: District) -> float:
    """Places of the open schools: as stated, else rooms times the largest class that is allowed today."""
    schools, caps = district.schools, today.settings.policy.class_size.cap
    cap = np.array([max((caps.get(stage, 0) for stage in SERVES[kind]), default=0) for kind in schools.types])
    places = np.where(np.isnan(schools.places), schools.classrooms * cap, schools.places)
    taken = np.array([status == "open" for status in schools.status], dtype=bool) & ~schools.private
    return float(np.nansum(places[taken]))

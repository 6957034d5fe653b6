"""What units and schools are called in a letter: by name, with the id only where the name alone would not tell."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from optimizer.export.picture import read_attributes
from optimizer.lists.manner import Manner
from optimizer.runs import StoredRun


@dataclass(frozen=True)
class Names:
    """Names by id. `sites` has, for each school on a borrowed site, the unit that site stands in ("" where unknown).

    `special` has the schools that receive by decision of a committee alone.
    """

    units: Mapping[str, str]
    schools: Mapping[str, str]
    sites: Mapping[str, str]
    special: frozenset[str]

    def unit(self, unit_id: str) -> str:
        """Return what a unit is called."""
        return self.units.get(unit_id, unit_id)

    def school(self, school_id: str) -> str:
        """Return what a school is called."""
        return self.schools.get(school_id, school_id)


def read_names(stored: StoredRun, manner: Manner) -> Names:
    """Return the names that the layers of a run hold, or of posts alone its table of schools.

    Raises NotARun where they cannot be read.
    """
    if "catchments" not in stored.tables:
        taught = stored.table("schools").drop_duplicates("school_id")
        named = _designate(zip(taught["school_id"], taught["name"], strict=True), manner)
        return Names(units={}, schools=named, sites={}, special=frozenset())
    units = read_attributes(stored.folder, "units", ("unit_id", "name"))
    schools = read_attributes(stored.folder, "schools", ("school_id", "name", "type", "unit_id", "anchor"))
    borrowed = schools[~schools["anchor"].astype(bool)]
    return Names(
        units=_designate(zip(units["unit_id"], units["name"], strict=True), manner),
        schools=_designate(zip(schools["school_id"], schools["name"], strict=True), manner),
        sites=dict(zip(borrowed["school_id"], borrowed["unit_id"].fillna(""), strict=True)),
        special=frozenset(schools.loc[schools["type"] == "special", "school_id"]),
    )


def _designate(named: Iterable[tuple[str, str | None]], manner: Manner) -> dict[str, str]:
    """Return the name of each id on one line: with the id where two share it, the id alone where there is none."""
    names = {each: one_line(name or "") for each, name in named}
    bearers = Counter(names.values())
    told = {each: manner.word("words.twice", name=name, id=each) for each, name in names.items() if bearers[name] > 1}
    return {each: told.get(each, name) if name else each for each, name in names.items()}


def one_line(text: str) -> str:
    """Return text whose characters can all be printed, on one line."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())

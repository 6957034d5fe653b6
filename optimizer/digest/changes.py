"""What is to change: schools that open, classes, units that get another school; and how much stays as it is."""

from dataclasses import dataclass

import pandas as pd

from models.stages import SERVES, Stage
from optimizer.digest.exhibit import Exhibit


@dataclass(frozen=True)
class Forming:
    """Classes of the entry grade of a stage, and of the year before; NaN where no return tells."""

    stage: Stage
    classes: int
    before: float


@dataclass(frozen=True)
class Changes:
    """Changes that a plan makes to today's catchments."""

    opened: tuple[str, ...]
    """Public schools that receive children, teach nobody today and have no catchment today."""
    forming: tuple[Forming, ...]
    adjusted: pd.DataFrame
    """Rows of `changes.csv`: by stage, school today and school planned."""
    units: int
    """Units and stages that have a school today."""
    kept: int
    """Of these, those that keep it."""
    drawn_anew: bool
    """Whether there are no catchments of today to compare with."""

    @property
    def students(self) -> int:
        """Children who get another school."""
        return int(self.adjusted["students"].sum()) if len(self.adjusted) else 0


def find_changes(exhibit: Exhibit) -> Changes:
    """Return the changes of a plan that decides children."""
    tables, picture = exhibit.stored.tables, exhibit.picture
    adjusted = tables.get("changes", pd.DataFrame(columns=["stage", "students", "from_school_id", "to_school_id"]))
    order = adjusted["stage"].map({stage: place for place, stage in enumerate(exhibit.stages)})
    adjusted = adjusted.assign(place=order).sort_values(["place", "from_school_id", "to_school_id"], kind="stable")
    adjusted = adjusted.drop(columns="place").reset_index(drop=True)
    today = pd.DataFrame() if picture is None else picture.units[[f"current_{stage}" for stage in exhibit.stages]]
    known = int((today.fillna("") != "").to_numpy().sum())
    return Changes(
        opened=_opened(exhibit, today),
        forming=tuple(_forming(exhibit, stage) for stage in exhibit.stages),
        adjusted=adjusted,
        units=known,
        kept=known - len(adjusted),
        drawn_anew=known == 0,
    )


def _opened(exhibit: Exhibit, today: pd.DataFrame) -> tuple[str, ...]:
    if exhibit.picture is None or not (today.fillna("") != "").to_numpy().any():
        return ()
    classes = exhibit.stored.tables.get("classes")
    taught = set() if classes is None else set(classes.loc[classes["origin"] == "continuing", "school_id"])
    held = set(today.to_numpy().ravel()) | _share_today(exhibit)
    seated = exhibit.stored.table("assignments")
    receives = set(seated.loc[seated["students"] > 0, "school_id"]) & _open_to_all(exhibit)
    return tuple(school for school in exhibit.school_names if school in receives - taught - held)


def _share_today(exhibit: Exhibit) -> set[str]:
    """Schools with a catchment today, also those that share it with one that is nearer; none without the instance."""
    current = None if exhibit.basis is None else exhibit.basis.district.current
    if exhibit.basis is None or current is None:
        return set()
    ids = exhibit.basis.district.schools.ids
    return {ids[school] for school in current.school}


def _open_to_all(exhibit: Exhibit) -> set[str]:
    """Schools with a catchment in the plan and, where the instance tells, all public ones that teach by catchment."""
    zoned = set(exhibit.stored.table("catchments")["school_id"])
    if exhibit.basis is None:
        return zoned
    schools = exhibit.basis.district.schools
    regular = [not private and bool(SERVES[kind]) for private, kind in zip(schools.private, schools.types, strict=True)]
    return zoned | {school for school, is_regular in zip(schools.ids, regular, strict=True) if is_regular}


def _forming(exhibit: Exhibit, stage: Stage) -> Forming:
    """In mode `whole` all classes of the stage, with nothing before them."""
    classes = exhibit.stored.tables.get("classes")
    if classes is None:
        return Forming(stage, 0, float("nan"))
    rows = classes[classes["stage"] == stage]
    formed = int(rows.loc[rows["origin"] != "continuing", "classes"].sum())
    if not exhibit.entry_only:
        return Forming(stage, formed, float("nan"))
    entry = set(rows.loc[rows["origin"] == "entry", "grade"])
    later = [grade for grade in dict.fromkeys(sorted(set(rows["grade"]), key=_place)) if grade not in entry]
    continuing = rows[(rows["origin"] == "continuing") & (rows["grade"] == later[0])] if later else rows.iloc[:0]
    return Forming(stage, formed, float(continuing["classes"].sum()) if len(continuing) else float("nan"))


def _place(grade: str) -> int:
    return int("".join(character for character in grade if character.isdigit()) or 0)

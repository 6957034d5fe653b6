"""Places that are needed, there, and left (学位余缺), by stage."""

from dataclasses import dataclass

import pandas as pd

from models.stages import Stage
from optimizer.digest.exhibit import Exhibit


@dataclass(frozen=True)
class Intake:
    """One stage: of its entry grade, in mode `whole` of all its grades."""

    stage: Stage
    needed: int
    """Children whom the plan places."""
    available: int
    """Places of the admission plan, reserves aside."""
    short: int
    """Children beyond the places of the schools where they sit; a place to spare elsewhere makes up for none."""
    outside: int
    """Children of a catchment who are placed at a school outside it (统筹调剂)."""
    unzoned_near: int
    """Children who follow no catchment and sit at the school whose catchment they live in: it has places left."""
    unzoned_elsewhere: int
    """Children who follow no catchment and are placed at another school that has places left (统筹安排)."""
    placed: int
    """Children whose school a committee decided."""

    @property
    def unzoned(self) -> int:
        """Children who follow no catchment."""
        return self.unzoned_near + self.unzoned_elsewhere

    @property
    def zoned(self) -> int:
        """Children who follow their catchment."""
        return self.needed - self.unzoned - self.placed

    @property
    def balance(self) -> int:
        """Places left, below 0 where they are short."""
        return self.available - self.needed


def count_intakes(exhibit: Exhibit) -> tuple[Intake, ...]:
    """Return the intake of every stage that the plan decides; none where it decides nobody."""
    table = exhibit.stored.tables.get("admission_plan")
    if table is None:
        return ()
    return tuple(_count(exhibit, stage, table[table["stage"] == stage]) for stage in exhibit.stages)


def _count(exhibit: Exhibit, stage: Stage, rows: pd.DataFrame) -> Intake:
    seated = exhibit.stored.table("assignments")
    seated = seated[seated["stage"] == stage]
    zoned = is_zoned(exhibit, seated["category"])
    elsewhere = exhibit.stored.tables.get("coordination", seated.iloc[:0])
    elsewhere = elsewhere[elsewhere["stage"] == stage]
    outside = elsewhere.loc[is_zoned(exhibit, elsewhere["category"]), "students"].sum()
    placed = _are(exhibit, seated["category"], "placed")
    unzoned = seated[~zoned & ~placed]
    moved = elsewhere[~is_zoned(exhibit, elsewhere["category"]) & ~_are(exhibit, elsewhere["category"], "placed")]
    return Intake(
        stage,
        needed=int(seated["students"].sum()),
        available=int((rows["planned"] - rows["reserve"]).sum()),
        short=int(-rows["balance"].clip(upper=0).sum()),
        outside=int(outside),
        unzoned_near=int(unzoned["students"].sum() - moved["students"].sum()),
        unzoned_elsewhere=int(moved["students"].sum()),
        placed=int(seated.loc[placed, "students"].sum()),
    )


def is_zoned(exhibit: Exhibit, category: "pd.Series[str]") -> "pd.Series[bool]":
    """Return which rows are of children who follow their catchment."""
    return _are(exhibit, category, "zoned")


def _are(exhibit: Exhibit, category: "pd.Series[str]", kind: str) -> "pd.Series[bool]":
    known = exhibit.record.get("categories", {})
    local = {"local": {"zoned": True, "placed": False}}
    return category.map(lambda name: bool((known | local | known).get(name, {}).get(kind, False))).astype(bool)

"""A plan in positions of its district: what the re-check, the indices and the export read alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from models.district import Bools, Catchments, District, Floats, Ints, Travel
from models.plan import Plan
from models.staffed import Staffed
from models.stages import Stage


@dataclass(frozen=True)
class Placement:
    """A plan beside the district it is for. Rows whose ids the district does not know are left out of the tables."""

    district: District
    travel: Travel
    plan: Plan

    @cached_property
    def assignments(self) -> pd.DataFrame:
        """Rows of `plan.assignments`: unit, school (rows), stage, category, zoned, placed, students, metres (exact)."""
        table = self._in_positions(self.plan.assignments)
        kinds = np.array([self.district.settings.kind_of(name) for name in table["category"]], dtype=object)
        table["zoned"], table["placed"] = kinds == "zoned", kinds == "placed"
        table["metres"] = self.travel.metres[table["unit"].to_numpy(), table["school"].to_numpy()]
        return table

    @cached_property
    def catchments(self) -> pd.DataFrame:
        """Rows of `plan.catchments`: unit, school (rows), stage."""
        return self._in_positions(self.plan.catchments)

    @cached_property
    def seats(self) -> pd.DataFrame:
        """`assignments`, and for each row `own`, the school (row) of the catchment the children live in, and `outside`.

        `own` is where they sit if that is one of the unit's schools, else the nearest of these, -1 where there is none.
        """
        table, schools = self.assignments.copy(), self.catchments
        key = ["unit", "stage"]
        near = np.argsort(self.travel.metres[schools["unit"], schools["school"]], kind="stable")
        nearest = schools.iloc[near].drop_duplicates(key).set_index(key)["school"]
        home = nearest.reindex(pd.MultiIndex.from_frame(table[key])).fillna(-1).to_numpy(np.int64)
        held = pd.MultiIndex.from_frame(schools[[*key, "school"]])
        inside = pd.MultiIndex.from_frame(table[[*key, "school"]]).isin(held)
        table["own"] = np.where(inside, table["school"], home)
        table["outside"] = ~inside
        return table

    @cached_property
    def classes(self) -> pd.DataFrame:
        """Rows of `plan.classes`: school (row), stage, grade, students, classes, largest_class, origin."""
        table = self.plan.classes.copy()
        table["school"] = table["school_id"].map(self.district.schools.row).fillna(-1).astype(np.int64)
        return table[table["school"] >= 0].drop(columns="school_id").reset_index(drop=True)

    @cached_property
    def staffed(self) -> Staffed | None:
        """The posts of the plan, None where it says nothing of them."""
        return None if self.plan.staff is None else Staffed(self.district, self.plan.classes, self.plan.staff)

    def is_zoned(self, category: str) -> bool:
        """Whether children of `category` go where their catchment goes."""
        return self.district.settings.kind_of(category) == "zoned"

    @property
    def entry_only(self) -> bool:
        """Whether the plan decides the entry grades alone (mode `entry`); all others are stock."""
        return self.district.settings.instance.mode == "entry"

    def children_of_catchments(self, stage: Stage) -> Ints:
        """Children of `stage` in each unit who go where its catchment goes: zoned ones in mode `entry`, else all."""
        demand = self.district.demand
        columns = [
            k
            for k, cohort in enumerate(demand.cohorts)
            if cohort.stage == stage and (not self.entry_only or self.is_zoned(cohort.category))
        ]
        return np.asarray(demand.students[:, columns].sum(axis=1), dtype=np.int64)

    def students_by_school(self, stage: Stage) -> Ints:
        """Children of `stage` at each school, continuing classes included."""
        rows = self.assignments[self.assignments["stage"] == stage]
        return _count(rows["school"], rows["students"], len(self.district.schools)) + self.stock_by_school(stage)

    def stock_by_school(self, stage: Stage) -> Ints:
        """Children of `stage` at each school in classes that only move up."""
        stock, schools = self.district.stock, len(self.district.schools)
        return np.zeros(schools, dtype=np.int64) if stock is None else stock.students_by_school(schools, (stage,))

    def classes_by_school(self, stage: Stage) -> Ints:
        """Classes of `stage` at each school; all 0 where the plan does not decide classes."""
        rows = self.classes[self.classes["stage"] == stage]
        return _count(rows["school"], rows["classes"], len(self.district.schools))

    def filled(self) -> Floats:
        """Share of each school's places that is taken, all stages together; NaN where no places are known.

        A school without `places` has rooms times class cap: Σ_s students / cap over its rooms.
        """
        schools, caps = self.district.schools, self.district.settings.policy.class_size.cap
        students = {stage: self.students_by_school(stage) for stage in self.district.settings.instance.stages}
        total = np.sum(list(students.values()), axis=0)
        rooms_taken = sum(count / caps.get(stage, np.nan) for stage, count in students.items() if count.any())
        with np.errstate(divide="ignore", invalid="ignore"):
            by_rooms = rooms_taken / schools.classrooms
            return np.asarray(np.where(np.isnan(schools.places), by_rooms, total / schools.places), dtype=np.float64)

    def places_of(self, stage: Stage) -> Floats:
        """Places of `stage` at each school, before `places_scale`; NaN where unknown.

        As stated for the stage (or its rooms times class cap). Else the whole school's: all of them where it teaches
        one planned stage, and where it teaches several such a part that every stage is as full as the school.
        """
        schools, cap = self.district.schools, self.district.settings.policy.class_size.cap.get(stage, np.nan)
        unknown = np.full(len(schools), np.nan)
        planned = self.district.settings.instance.stages
        several = np.sum([schools.serves(other) for other in planned], axis=0) > 1
        whole = np.where(np.isnan(schools.places), schools.classrooms * cap, schools.places)
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.round(self.students_by_school(stage) / self.filled())
        whole = np.where(several, part, whole)
        by_rooms = schools.classrooms_of_stage.get(stage, unknown) * cap
        stated = schools.places_of_stage.get(stage, unknown)
        known = np.where(np.isnan(stated), np.where(np.isnan(by_rooms), whole, by_rooms), stated)
        return np.where(schools.serves(stage) | (self.students_by_school(stage) > 0), known, np.nan)

    def students_by_unit(self, stage: Stage) -> Ints:
        """Children of `stage` placed from each unit."""
        rows = self.assignments[self.assignments["stage"] == stage]
        return _count(rows["unit"], rows["students"], len(self.district.units))

    def school_of_unit(self, stage: Stage) -> Ints:
        """Row of the school whose catchment each unit belongs to (the first of a shared one), -1 for none."""
        rows = self.catchments[self.catchments["stage"] == stage].drop_duplicates("unit")
        schools = np.full(len(self.district.units), -1, dtype=np.int64)
        schools[rows["unit"].to_numpy()] = rows["school"].to_numpy()
        return schools

    def school_of_unit_today(self, stage: Stage) -> Ints:
        """As `school_of_unit`, under `current`; of a shared catchment the nearest school."""
        schools = np.full(len(self.district.units), -1, dtype=np.int64)
        current = self.district.current
        if current is not None:
            rows = _of_stage(current, stage)
            unit, school = current.unit[rows], current.school[rows]
            farthest_first = np.argsort(-self.travel.metres[unit, school], kind="stable")
            schools[unit[farthest_first]] = school[farthest_first]
        return schools

    def changed(self, stage: Stage) -> Bools:
        """Units whose school is none of those that `current` gives them."""
        today = self.schools_today()
        now, then = self.school_of_unit_today(stage), self.school_of_unit(stage)
        changed: Bools = (now >= 0) & (then >= 0) & (then != now)
        for unit in np.flatnonzero(changed):
            changed[unit] = int(then[unit]) not in today[int(unit), stage]
        return changed

    def schools_today(self) -> dict[tuple[int, str], frozenset[int]]:
        """Schools (rows) that `current` gives each unit and stage."""
        return self._today

    @cached_property
    def _today(self) -> dict[tuple[int, str], frozenset[int]]:
        current = self.district.current
        if current is None:
            return {}
        table = pd.DataFrame({"unit": current.unit, "stage": current.stage, "school": current.school})
        return schools_by_unit(table)

    def journeys(self, stage: Stage) -> tuple[Ints, Floats]:
        """Children and exact metres of each row of `assignments` of `stage` that holds children."""
        rows = self.assignments[(self.assignments["stage"] == stage) & (self.assignments["students"] > 0)]
        return rows["students"].to_numpy(np.int64), rows["metres"].to_numpy(np.float64)

    def _in_positions(self, table: pd.DataFrame) -> pd.DataFrame:
        rows = table.copy()
        rows["unit"] = rows["unit_id"].map(self.district.units.row).fillna(-1).astype(np.int64)
        rows["school"] = rows["school_id"].map(self.district.schools.row).fillna(-1).astype(np.int64)
        known = (rows["unit"] >= 0) & (rows["school"] >= 0)
        return rows[known].drop(columns=["unit_id", "school_id"]).reset_index(drop=True)


def place_staff(district: District, plan: Plan) -> Placement:
    """Return a plan that speaks of posts alone beside its district: nobody goes anywhere, no way is known."""
    return Placement(district, Travel(np.full((len(district.units), len(district.schools)), np.nan), None), plan)


def schools_by_unit(table: pd.DataFrame) -> dict[tuple[int, str], frozenset[int]]:
    """Return the schools (rows) of each unit and stage in a table with columns unit, stage, school."""
    held: dict[tuple[int, str], set[int]] = {}
    for unit, stage, school in zip(table["unit"], table["stage"], table["school"], strict=True):
        held.setdefault((int(unit), str(stage)), set()).add(int(school))
    return {key: frozenset(schools) for key, schools in held.items()}


def rows_of(table: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows of a table as named tuples; untyped, because a table does not know its columns' types."""
    yield from table.itertuples(index=False)


def parts_of(table: pd.DataFrame, key: str | list[str]) -> Iterator[tuple[Any, pd.DataFrame]]:
    """Yield the parts of a table that agree in `key`, with the value they share (a tuple for a list of columns)."""
    yield from table.groupby(key)


def _of_stage(catchments: Catchments, stage: Stage) -> Ints:
    return np.flatnonzero(np.array([of == stage for of in catchments.stage], dtype=bool))


def _count(positions: "pd.Series[Any]", numbers: "pd.Series[Any]", size: int) -> Ints:
    totals = np.zeros(size, dtype=np.int64)
    np.add.at(totals, positions.to_numpy(np.int64), numbers.to_numpy(np.float64).astype(np.int64))
    return totals

"""What was edited since a draft was made: by hand in its catchments, or in the instance."""

from dataclasses import replace

import numpy as np
import pandas as pd

from models.district import Bools, District, Travel
from models.revision import Cause, Earlier, Revision
from optimizer.formulation.catchments import decisions_on_catchments
from optimizer.formulation.opening import open_neighbourhood


def find_revision(district: District, travel: Travel, earlier: Earlier) -> Revision | None:
    """Return what differs between a draft and what is asked now; None where it answers another question.

    Children are compared by unit, stage and category with those whom the draft placed. A decision of `fixed` that
    the draft does not keep counts where that rule is hard.
    """
    if not earlier.same_question:
        return None
    stages = district.settings.instance.stages
    serving = np.stack([district.schools.serves(stage) for stage in stages], axis=1)
    drawn, held = _in_positions(district, earlier.drawn), _in_positions(district, earlier.plan.catchments)
    listed = _listed(district, earlier.drawn)
    known: Bools = np.any(held & serving, axis=1)
    must, never = _decisions(district)
    fresh = _fresh_schools(district, earlier) & serving
    causes: dict[Cause, Bools] = {
        "edited": (drawn != held).any(axis=1) & known,
        "fixed": np.any((must & ~held) | (never & held), axis=1),
        "gone": listed & ~known,
        "opened": _homes_of(district, fresh),
        "counted": listed & _counted_anew(district, earlier),
        "new": ~listed,
    }
    revision = Revision(earlier.drawn, held & serving, known, causes, np.zeros_like(known))
    if not revision.touched.any():
        return revision
    return replace(revision, opened=open_neighbourhood(district, travel, revision, drawn & serving, must, fresh))


def _in_positions(district: District, table: pd.DataFrame) -> Bools:
    """Which school has which unit in a table of catchments, shape (units, schools, stages)."""
    stages = district.settings.instance.stages
    held = np.zeros((len(district.units), len(district.schools), len(stages)), dtype=bool)
    for unit_id, stage, school_id in table[["unit_id", "stage", "school_id"]].itertuples(index=False):
        unit, school = district.units.row.get(unit_id), district.schools.row.get(school_id)
        if unit is not None and school is not None and stage in stages:
            held[unit, school, stages.index(stage)] = True
    return held


def _listed(district: District, table: pd.DataFrame) -> Bools:
    """Units that have a row in a table of catchments, whatever their school, shape (units, stages)."""
    rows = set(zip(table["unit_id"], table["stage"], strict=True))
    stages = district.settings.instance.stages
    return np.array([[(unit, stage) in rows for stage in stages] for unit in district.units.ids], dtype=bool)


def _decisions(district: District) -> tuple[Bools, Bools]:
    """Schools that units must, and must never, belong to by a hard rule, shapes (units, schools, stages)."""
    stages = district.settings.instance.stages
    must = np.zeros((len(district.units), len(district.schools), len(stages)), dtype=bool)
    never = np.zeros_like(must)
    if district.settings.rules.fixed == "hard":
        for unit, s, school, asked in decisions_on_catchments(district, stages):
            (must if asked else never)[unit, school, s] = True
    return must, never


def _fresh_schools(district: District, earlier: Earlier) -> Bools:
    """Schools and stages that the run did not know, shape (schools, stages)."""
    stages = district.settings.instance.stages
    ids = district.schools.ids
    return np.array([[(school, stage) not in earlier.schools for stage in stages] for school in ids], dtype=bool)


def _homes_of(district: District, schools: Bools) -> Bools:
    """Units in which some schools stand, shape (units, stages)."""
    homes = np.zeros((len(district.units), schools.shape[1]), dtype=bool)
    school, stage = np.nonzero(schools & (district.schools.unit >= 0)[:, None])
    homes[district.schools.unit[school], stage] = True
    return homes


def _counted_anew(district: District, earlier: Earlier) -> Bools:
    """Units whose children, by category, are not as many as the draft placed, shape (units, stages)."""
    stages, cohorts = district.settings.instance.stages, district.demand.cohorts
    anew = np.zeros((len(district.units), len(stages)), dtype=bool)
    placed = earlier.plan.assignments
    for s, stage in enumerate(stages):
        rows = placed[(placed["stage"] == stage) & placed["unit_id"].isin(district.units.ids)]
        for category in {cohort.category for cohort in cohorts} | set(rows["category"]):
            then, of_kind = np.zeros(len(anew), dtype=np.int64), rows[rows["category"] == category]
            np.add.at(then, of_kind["unit_id"].map(district.units.row).to_numpy(np.int64), of_kind["students"])
            columns = [k for k, cohort in enumerate(cohorts) if (cohort.stage, cohort.category) == (stage, category)]
            anew[:, s] |= district.demand.students[:, columns].sum(axis=1) != then
    return anew

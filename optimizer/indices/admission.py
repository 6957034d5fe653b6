"""Who is admitted where in an admission year, and which primary schools send their children to one junior school."""

import numpy as np

from models.placement import Placement, parts_of, rows_of, schools_by_unit
from models.settings import Kind
from models.stages import COMPULSORY, Stage
from optimizer.indices.registry import View, divide, index, zero
from optimizer.recheck.later import judge_later

_NEARBY: dict[Stage, float] = {"primary": 1.00, "junior": 0.95}
_IN_PUBLIC_PLACES = 0.85
_DISABLED_PLACED = 0.95


def nearby(view: View) -> float | None:
    """The share of children who are to be admitted where they live, by stage."""
    return _NEARBY.get(view.stage) if view.stage else None


def in_public_places(view: View) -> float | None:
    """The share of migrant children who are to have a public or purchased place, in grades 1-9."""
    return _IN_PUBLIC_PLACES if set(view.stages) <= set(COMPULSORY) else None


def disabled_placed(view: View) -> float | None:
    """The share of disabled children who are to have a place, in grades 1-9."""
    return _DISABLED_PLACED if set(view.stages) <= set(COMPULSORY) else None


@index(
    "own_catchment_share", "share", "higher", target=nearby, source="就近划片入学: 教督〔2017〕6号, guarantee item 13"
)
def compute_own_catchment(view: View) -> float:
    """Zoned children seated at a school of their own catchment / zoned children."""
    if not view.placement.entry_only:
        return float(np.nan)
    seats = view.placement.seats
    zoned = seats[seats["zoned"] & seats["stage"].isin(view.stages)]
    return divide(float(zoned.loc[~zoned["outside"], "students"].sum()), float(zoned["students"].sum()))


@index(
    "migrant_public_share", "share", "higher", scope="overall", target=in_public_places,
    source="随迁子女: 教督〔2017〕6号, guarantee item 15",
)  # fmt: skip
def compute_migrant_public(view: View) -> float:
    """Unzoned children in public or purchased places / unzoned children counted, also those who are not decided.

    Who does not register or goes to a private school is not decided, and counts as without such a place.
    """
    if not view.placement.entry_only:
        return float(np.nan)
    seats = view.placement.seats[~view.placement.seats["zoned"] & ~view.placement.seats["placed"]]
    seats = seats[seats["stage"].isin(view.stages)]
    schools = view.placement.district.schools
    open_to_them = np.where(schools.private, np.nan_to_num(schools.purchased_places), np.inf)
    seated = np.zeros(len(schools))
    np.add.at(seated, seats["school"].to_numpy(np.int64), seats["students"].to_numpy(np.float64))
    return divide(float(np.minimum(seated, open_to_them).sum()), _counted(view, "unzoned"))


@index(
    "special_placed_share", "share", "higher", scope="overall", target=disabled_placed,
    source="残疾儿童少年入学率: 教督〔2017〕6号, quality",
)  # fmt: skip
def compute_special_placed(view: View) -> float:
    """Placed children who sit where it was decided / placed children counted."""
    if not view.placement.entry_only:
        return float(np.nan)
    decided = _decided(view.placement)
    rows = view.placement.seats[view.placement.seats["placed"] & view.placement.seats["stage"].isin(view.stages)]
    seated = sum(row.students for row in rows_of(rows) if (row.unit, row.stage, row.category, row.school) in decided)
    return divide(float(seated), _counted(view, "placed"))


@index("split_feeders", "schools", "lower", scope="overall", source="小升初拆分: our definition")
def compute_split_feeders(view: View) -> float:
    """Primary schools whose catchment, its units with children, belongs to more than one junior school."""
    placement = view.placement
    if view.stage or not set(COMPULSORY) <= set(view.stages):
        return float(np.nan)
    junior = schools_by_unit(placement.catchments)
    children = sum(placement.children_of_catchments(stage) for stage in COMPULSORY)
    rows = placement.catchments[placement.catchments["stage"] == "primary"]
    split = 0
    for _, units in parts_of(rows[np.asarray(children)[rows["unit"]] > 0], "school"):
        joined = [junior.get((unit, "junior"), frozenset()) for unit in units["unit"]]
        split += len(frozenset().union(*joined)) > 1
    return float(split)


@index("later_beyond", "students", "lower", scope="overall", target=zero, source="学区前瞻: our definition")
def compute_later_beyond(view: View) -> float:
    """Children beyond the places of their catchments' schools, summed over the later years that are looked at."""
    if view.stage or not view.placement.district.later:
        return float(np.nan)
    return float(sum(breach.value for breach in judge_later(view.placement)))


def _counted(view: View, kind: Kind) -> float:
    """Children of one kind who were counted for the grades that enter."""
    demand, kind_of = view.placement.district.demand, view.placement.district.settings.kind_of
    columns = [
        k for k, cohort in enumerate(demand.cohorts) if cohort.stage in view.stages and kind_of(cohort.category) == kind
    ]
    aside = 0 if demand.aside is None else demand.aside[:, columns].sum()
    return float(demand.students[:, columns].sum() + aside)


def _decided(placement: Placement) -> set[tuple[int, str, str, int]]:
    """Unit, stage, category and school of every seat that `fixed` decides."""
    fixed = placement.district.fixed
    if fixed is None:
        return set()
    return {
        (int(fixed.unit[k]), fixed.stage[k], fixed.category[k], int(fixed.school[k]))
        for k in np.flatnonzero(fixed.must)
    }

"""Other catchments: children placed elsewhere, catchments redrawn, more change, and only then borders and pieces."""

import math
from collections.abc import Iterator, Sequence
from functools import partial

from models.district import District
from models.placement import Placement
from models.plan import Plan
from optimizer.diagnose.attempt import Attempt
from optimizer.diagnose.draft import Draft, Scene, Told
from optimizer.diagnose.levers.rooms import MOST_SCHOOLS
from optimizer.recheck.catchments import count_moved

MINIMAL = 1e-3
"""Relative gap within which the least of a lever is sought; a whole child closes it as well."""
EXACT = 1e-9
MOST_NAMED = 5
"""Schools at which most children are placed, that are told."""


def coordinate(scene: Scene) -> Iterator[Draft]:
    """Place children whom their school cannot hold at another one (统筹调剂)."""
    if "overflow" in scene.rules:
        yield Draft("coordinate", {"rules": {"overflow": "soft"}}, 0.0, "children", tell=_tell_coordinated)


def _tell_coordinated(made: Attempt, plan: Plan) -> Told:
    hosts = plan.coordination.groupby("to_school_id")["students"].sum().sort_values(ascending=False)
    children = made.outcome.seating.overflow if made.outcome.seating is not None else 0
    return float(children), {"children": children, "schools": [str(school) for school in hosts.index[:MOST_NAMED]]}


def redraw(scene: Scene) -> Iterator[Draft]:
    """Open the catchment of a school to change, of several, or all."""
    if "change" not in scene.rules:
        return
    ids, catchments = scene.case.district.schools.ids, scene.case.district.settings.catchments
    opened = catchments.open_to_change.model_dump() if catchments.change == "limited" else {"units": [], "zones": []}
    named: list[str] = opened.get("schools", [])
    fresh = [ids[school] for school in scene.wanted if ids[school] not in named]
    trials = [[school] for school in fresh[:MOST_SCHOOLS]]
    trials += [fresh[: 2 * size] for size in (1, 2, 4) if len(fresh) >= 2 * size]
    for schools in [*trials, []]:
        opens = {**opened, "schools": [*named, *schools]} if schools else {"units": [], "schools": [], "zones": []}
        patch = {"catchments": {"change": "limited", "open_to_change": opens}}
        made = scene.find(patch)
        if made is not None:
            tell = partial(_tell_redrawn, schools)
            yield Draft("redraw" if schools else "redraw_all", patch, 0.0, "children", made=made, tell=tell)
            return


def _tell_redrawn(schools: Sequence[str], made: Attempt, plan: Plan) -> Told:
    children, _ = _count_moved(made, plan)
    return float(children), {"schools": list(schools), "children": children}


def allow_change(scene: Scene) -> Iterator[Draft]:
    """A larger share of children who may change school."""
    if "stability" not in scene.rules:
        return
    made = scene.minimise({"rules": {"stability": "off"}}, ["stability"], MINIMAL)
    asked, plan = scene.case.district.settings.policy.stability.max_share, None if made is None else made.plan
    if made is None or plan is None or asked is None:
        return
    children, known = _count_moved(made, plan)
    share = math.ceil(1000 * children / max(1, known) - EXACT) / 1000
    if share > asked:
        short = max((count.short for count in scene.counts if "stability" in count.rules), default=0.0)
        least = (math.floor(asked * known + EXACT) + short) / known if short else 0.0
        facts = {"share": share, "before": asked, "children": children}
        patch = {"policy": {"stability": {"max_share": min(1.0, share)}}}
        yield Draft("allow_change", patch, share, "share", facts, least)


def _count_moved(made: Attempt, plan: Plan) -> tuple[int, int]:
    """Zoned children whose school is not today's, and those who have one today."""
    district = made.case.district
    return count_moved(Placement(district, made.case.travel, plan), district.settings.instance.stages)


def inherit(scene: Scene) -> Iterator[Draft]:
    """What stands today and cannot be changed this year is told, and not judged (存量)."""
    if "strict" in scene.rules:
        yield Draft("inherit", {"rules": {"strict": False}}, 0.0, "")


def cross_regions(scene: Scene) -> Iterator[Draft]:
    """Schools that take children of other regions as well."""
    if "region" not in scene.rules:
        return
    made = scene.minimise({"rules": {"region": "soft"}}, ["shortage", "travel"], MINIMAL)
    plan = None if made is None else made.plan
    named = [] if plan is None else list(_find_crossing(scene.case.district, plan))
    if named:
        patch = {"schools": {school: {"region_id": ""} for school in named}}
        tell = partial(_tell_crossing, scene.case.district)
        yield Draft("cross_regions", patch, 0.0, "children", tell=tell)


def _tell_crossing(district: District, made: Attempt, plan: Plan) -> Told:
    crossing = _find_crossing(district, plan)
    children = sum(crossing.values())
    return float(children), {"schools": list(crossing), "children": children}


def _find_crossing(district: District, plan: Plan) -> dict[str, int]:
    """Children of other regions at each school that takes any."""
    units, schools, crossing = district.units, district.schools, dict[str, int]()
    columns = ("unit_id", "school_id", "students")
    for unit, school, students in plan.assignments[list(columns)].itertuples(index=False):
        here, there = units.region[units.row[unit]], schools.region[schools.row[school]]
        if here and there and here != there:
            crossing[school] = crossing.get(school, 0) + int(students)
    return crossing


def divide_units(scene: Scene) -> Iterator[Draft]:
    """Children of one unit or estate at several schools."""
    if "indivisible" in scene.rules:
        yield Draft("divide_units", {"rules": {"indivisible": "soft"}}, 0.0, "units", tell=_tell_divided)


def _tell_divided(made: Attempt, plan: Plan) -> Told:
    schools = plan.assignments.groupby(["unit_id", "stage"])["school_id"].nunique()
    named = list(dict.fromkeys(str(unit) for unit, _ in schools[schools > 1].index))
    return float(len(named)), {"units": named[:MOST_NAMED], "count": len(named)}


def allow_pieces(scene: Scene) -> Iterator[Draft]:
    """Catchments in several pieces."""
    if "contiguous" not in scene.rules:
        return
    patch = {"rules": {"contiguous": "soft"}}
    torn = scene.find({"rules": {"contiguous": "off"}})
    made = None if torn is None else scene.go_on(patch, torn)
    if made is not None:
        yield Draft("allow_pieces", patch, 0.0, "children", made=made, tell=_tell_pieces)


def _tell_pieces(made: Attempt, plan: Plan) -> Told:
    apart = _value(made, "shortage")
    return apart, {"children": round(apart)}


def _value(made: Attempt, name: str) -> float:
    """What a level came to; 0 where nothing was to be decided in it."""
    return next((level.value for level in made.outcome.levels if level.name == name), 0.0)

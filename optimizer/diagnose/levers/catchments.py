"""Other catchments: children placed elsewhere, catchments redrawn, more change, and only then borders and pieces."""

import math
from collections.abc import Iterator

from optimizer.diagnose.attempt import FAIR
from optimizer.diagnose.draft import Draft, Scene
from optimizer.diagnose.levers.rooms import MOST_SCHOOLS

MINIMAL = 1e-3
"""Relative gap within which the least of a lever is sought; a whole child closes it as well."""
EXACT = 1e-9


def coordinate(scene: Scene) -> Iterator[Draft]:
    """Place children whom their school cannot hold at another one (统筹调剂)."""
    if "overflow" not in scene.rules:
        return
    patch = {"rules": {"overflow": "soft"}}
    made = scene.minimise(patch, ["overflow", "travel"], MINIMAL)
    plan = None if made is None else made.plan
    if made is not None and plan is not None and made.outcome.seating is not None:
        hosts = plan.coordination.groupby("to_school_id")["students"].sum().sort_values(ascending=False)
        named = [str(school) for school in hosts.index[:5]]
        amount = float(made.outcome.seating.overflow)
        yield Draft("coordinate", patch, amount, "children", {"children": int(amount), "schools": named})


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
        made = scene.minimise(patch, ["stability", "travel"], FAIR)
        if made is not None:
            moved = next((level.value for level in made.outcome.levels if level.name == "stability"), 0.0)
            lever = "redraw" if schools else "redraw_all"
            yield Draft(lever, patch, moved, "children", {"schools": schools, "children": int(moved)})
            return


def allow_change(scene: Scene) -> Iterator[Draft]:
    """A larger share of children who may change school."""
    if "stability" not in scene.rules:
        return
    made = scene.minimise({"rules": {"stability": "off"}}, ["stability"], MINIMAL)
    if made is None or not made.outcome.levels or made.outcome.levels[0].name != "stability":
        return
    level, asked = made.outcome.levels[0], scene.case.district.settings.policy.stability.max_share
    total = _children_with_a_school(scene)
    if asked is None or not total:
        return
    share = math.ceil(1000 * level.value / total - EXACT) / 1000
    if share > asked:
        facts = {"share": share, "before": asked, "children": round(level.value)}
        yield Draft(
            "allow_change",
            {"policy": {"stability": {"max_share": min(1.0, share)}}},
            share,
            "share",
            facts,
            level.bound / total,
        )


def _children_with_a_school(scene: Scene) -> int:
    """Zoned children who have a school today: of them a share may change."""
    district = scene.case.district
    current, categories = district.current, district.settings.categories
    assert current is not None
    total = 0
    for k, cohort in enumerate(district.demand.cohorts):
        if cohort.stage in district.settings.instance.stages and categories[cohort.category].zoned:
            known = {
                int(unit) for unit, stage in zip(current.unit, current.stage, strict=True) if stage == cohort.stage
            }
            total += int(district.demand.students[sorted(known), k].sum())
    return total


def inherit(scene: Scene) -> Iterator[Draft]:
    """What stands today and cannot be changed this year is told, and not judged (存量)."""
    if "strict" in scene.rules:
        yield Draft("inherit", {"rules": {"strict": False}}, 0.0, "")


def cross_regions(scene: Scene) -> Iterator[Draft]:
    """Schools that take children of other regions as well."""
    if "region" not in scene.rules:
        return
    district = scene.case.district
    made = scene.minimise({"rules": {"region": "soft"}}, ["shortage", "travel"], MINIMAL)
    plan = None if made is None else made.plan
    if plan is None:
        return
    units, schools = district.units, district.schools
    crossing = [
        (school, int(students))
        for unit, school, students in zip(
            plan.assignments["unit_id"], plan.assignments["school_id"], plan.assignments["students"], strict=True
        )
        if "" not in (here := units.region[units.row[unit]], there := schools.region[schools.row[school]])
        and here != there
    ]
    named = list(dict.fromkeys(school for school, _ in crossing))
    if named:
        patch = {"schools": {school: {"region_id": ""} for school in named}}
        children = sum(students for _, students in crossing)
        yield Draft("cross_regions", patch, float(children), "children", {"schools": named, "children": children})


def divide_units(scene: Scene) -> Iterator[Draft]:
    """Children of one unit or estate at several schools."""
    if "indivisible" not in scene.rules:
        return
    made = scene.minimise({"rules": {"indivisible": "soft"}}, ["shortage"], FAIR)
    plan = None if made is None else made.plan
    if plan is None:
        return
    schools = plan.assignments.groupby(["unit_id", "stage"])["school_id"].nunique()
    named = list(dict.fromkeys(unit for unit, _ in schools[schools > 1].index))
    facts = {"units": named[:5], "count": len(named)}
    yield Draft("divide_units", {"rules": {"indivisible": "soft"}}, float(len(named)), "units", facts)


def allow_pieces(scene: Scene) -> Iterator[Draft]:
    """Catchments in several pieces."""
    if "contiguous" not in scene.rules:
        return
    patch = {"rules": {"contiguous": "soft"}}
    torn = scene.find({"rules": {"contiguous": "off"}})
    made = None if torn is None else scene.go_on(patch, torn)
    if made is not None:
        apart = next((level.value for level in made.outcome.levels if level.name == "shortage"), 0.0)
        yield Draft("allow_pieces", patch, apart, "children", {"children": round(apart)}, made=made)

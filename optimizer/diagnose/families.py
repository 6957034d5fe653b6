"""The rules that a plan for the children keeps, by name, and what the district is without each of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np

from models.district import District
from models.settings import LARGEST_AMOUNT, LARGEST_COUNT, Settings, merge
from models.stages import STAGES

UNLIMITED = dict.fromkeys(STAGES, LARGEST_COUNT)
WITHOUT: Mapping[str, Mapping[str, Any]] = {
    "at_most": {"objective": {"at_most": {}}},
    "stability": {"rules": {"stability": "off"}},
    "strict": {"rules": {"strict": False}},
    "reserve": {"policy": {"reserve_share": 0.0}},
    "indivisible": {"rules": {"indivisible": "off"}},
    "change": {"catchments": {"change": "limited", "open_to_change": {"units": [], "schools": [], "zones": []}}},
    "tracks": {"rules": {"tracks": "off"}},
    "small_classes": {"rules": {"small_classes": "off"}},
    "school_size": {"rules": {"school_size": "off"}},
    "region": {"rules": {"region": "off"}},
    "contiguous": {"rules": {"contiguous": "off"}},
    "overflow": {"rules": {"overflow": "off"}},
    "fixed": {"rules": {"fixed": "off"}},
    "max_travel": {"rules": {"max_travel": "off"}},
    "classrooms": {"rules": {"classrooms": "off"}},
    "class_size": {"policy": {"class_size": {"cap": UNLIMITED, "ceiling": LARGEST_COUNT}}},
    "places": {"rules": {"places": "off"}},
}
"""Settings that take a rule out, in the order in which rules are tried for deletion: those a planner names first come
last. A class cap goes as a number, of the stages that have one: with the rule off, places would be rooms times cap."""
PURCHASED = "purchased"
"""Places purchased at private schools: no setting, but a limit like any other."""
FAMILIES: tuple[str, ...] = (*WITHOUT, PURCHASED)


def without(district: District, rules: Iterable[str]) -> District:
    """Return the district without some of its rules."""
    return reduce(_without, rules, district)


def in_force(district: District) -> tuple[str, ...]:
    """Return the rules that bind in a district, in the order of deletion."""
    return tuple(rule for rule in FAMILIES if _binds(district, rule))


def _without(district: District, rule: str) -> District:
    if rule == PURCHASED:
        plenty = np.where(district.schools.private & _purchases(district), LARGEST_COUNT, np.nan)
        return replace(district, schools=replace(district.schools, purchased_places=plenty))
    patch = WITHOUT[rule]
    if rule == "class_size":
        capped = {stage: UNLIMITED[stage] for stage in district.settings.policy.class_size.cap}
        patch = {"policy": {"class_size": {"cap": capped, "ceiling": LARGEST_COUNT}}}
    if rule == "at_most":
        patch = {"objective": {"at_most": dict.fromkeys(district.settings.objective.at_most, LARGEST_AMOUNT)}}
    merged = merge(district.settings.model_dump(), patch)
    return replace(district, settings=Settings.model_validate(merged))


def _purchases(district: District) -> Any:
    return np.nan_to_num(district.schools.purchased_places) > 0


def _binds(district: District, rule: str) -> bool:
    settings, policy, schools = district.settings, district.settings.policy, district.schools
    entry, catchments = settings.instance.mode == "entry", settings.catchments
    opened = catchments.open_to_change
    apart: Mapping[str, Callable[[], bool]] = {
        "at_most": lambda: any(most < LARGEST_AMOUNT for most in settings.objective.at_most.values()),
        "stability": lambda: district.current is not None and policy.stability.max_share is not None,
        "strict": lambda: entry and settings.rules.strict,
        "reserve": lambda: entry and policy.reserve_share > 0,
        "indivisible": lambda: catchments.indivisible,
        "change": lambda: (
            district.current is not None
            and (
                catchments.change == "none"
                or (catchments.change == "limited" and bool(opened.units or opened.schools or opened.zones))
            )
        ),
        "tracks": lambda: entry,
        "small_classes": lambda: bool(policy.class_size.targets),
        "school_size": lambda: bool(policy.school_size.cap),
        "region": lambda: any(district.units.region) and any(schools.region),
        "contiguous": lambda: catchments.contiguous,
        "overflow": lambda: entry,
        "fixed": lambda: district.fixed is not None,
        "max_travel": lambda: bool(policy.travel.max_m),
        "class_size": lambda: bool(policy.class_size.cap),
        PURCHASED: lambda: entry and bool((schools.private & _purchases(district)).any()),
    }
    stated = getattr(settings.rules, rule, "hard")
    hard = stated in ("hard", True) or (rule == "class_size" and stated == "soft")
    return hard and apart.get(rule, lambda: True)()

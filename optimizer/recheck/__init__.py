"""The plan judged again from its own tables, by code that shares nothing with the formulation."""

from collections.abc import Iterable

from models.district import District, Travel
from models.placement import Placement, place_staff
from models.plan import Plan
from models.run import Shortfall
from models.sentences import Language, find, say
from optimizer.recheck import (
    assigned,
    balance,
    catchments,
    ceilings,
    classes,
    contiguity,
    journeys,
    later,
    places,
    rotation,
    seats,
    staffing,
    stock,
    tracks,
)
from optimizer.recheck.registry import RULES, Rule, hardness_of

__all__ = ["RULES", "describe_shortfall", "recheck_placement", "recheck_plan", "recheck_staff"]

_TOPICS = (
    assigned,
    catchments,
    ceilings,
    classes,
    contiguity,
    journeys,
    later,
    places,
    seats,
    stock,
    tracks,
    staffing,
    rotation,
    balance,
)


def recheck_plan(district: District, travel: Travel, plan: Plan) -> tuple[Shortfall, ...]:
    """Return every rule that `plan` does not keep: hard ones first, what is inherited last; rules that are off are not
    judged.

    A hard shortfall that is not inherited is a fault of the program, any other a finding about the district.
    """
    return recheck_placement(Placement(district, travel, plan))


def recheck_placement(placement: Placement) -> tuple[Shortfall, ...]:
    """As `recheck_plan`, of a plan that is beside its district already."""
    return _judge(RULES, placement)


def recheck_staff(district: District, plan: Plan) -> tuple[Shortfall, ...]:
    """As `recheck_plan`, of a plan that speaks of posts alone: its classes are given, and no child is placed."""
    return _judge([rule for rule in RULES if rule.of_staff], place_staff(district, plan))


def describe_shortfall(shortfall: Shortfall, language: Language = "en") -> str:
    """Return the sentence that says what falls short, where, and by how much."""
    facts = {
        "where": find(f"cli.pools.{shortfall.where}", language) or shortfall.where,
        "stage": say(f"recheck.stages.{shortfall.stage or 'all'}", language=language),
        "value": _number(shortfall.value),
        "limit": _number(shortfall.limit),
        "breach": _number(shortfall.breach),
        "detail": find(f"subjects.{shortfall.detail}", language) or shortfall.detail,
    }
    sentence = say(f"recheck.{shortfall.rule}.{shortfall.kind or 'plain'}", facts, language)
    return sentence + _describe_before(shortfall, language)


def _judge(rules: Iterable[Rule], placement: Placement) -> tuple[Shortfall, ...]:
    shortfalls = [
        Shortfall(rule.name, hardness, **vars(breach))
        for rule in rules
        if (hardness := hardness_of(rule, placement.district.settings)) != "off"
        for breach in rule.judge(placement)
    ]
    return tuple(sorted(shortfalls, key=lambda each: (each.inherited, each.hardness != "hard")))


def _describe_before(shortfall: Shortfall, language: Language) -> str:
    """Return what stood before the plan, as a sentence to follow the first; "" where nothing is known of it."""
    facts = {"before": "" if shortfall.before is None else _number(shortfall.before)}
    if shortfall.inherited:
        return say(f"recheck.inherited.{'decided' if shortfall.before is None else 'plain'}", facts, language)
    return say("recheck.inherited.worse", facts, language) if shortfall.before is not None else ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.3g}"

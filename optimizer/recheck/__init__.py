"""The plan judged again from its own tables, by code that shares nothing with the formulation."""

from models.district import District, Travel
from models.placement import Placement
from models.plan import Plan
from models.run import Shortfall
from models.sentences import Language, say
from optimizer.recheck import assigned, catchments, classes, contiguity, journeys, later, places, seats, stock, tracks
from optimizer.recheck.registry import RULES, hardness_of

__all__ = ["RULES", "describe_shortfall", "recheck_plan"]

_TOPICS = (assigned, catchments, classes, contiguity, journeys, later, places, seats, stock, tracks)


def recheck_plan(district: District, travel: Travel, plan: Plan) -> tuple[Shortfall, ...]:
    """Return every rule that `plan` does not keep: hard ones first, what is inherited last; rules that are off are not
    judged.

    A hard shortfall that is not inherited is a fault of the program, any other a finding about the district.
    """
    placement = Placement(district, travel, plan)
    shortfalls = [
        Shortfall(rule.name, hardness, **vars(breach))
        for rule in RULES
        if (hardness := hardness_of(rule, district.settings)) != "off"
        for breach in rule.judge(placement)
    ]
    return tuple(sorted(shortfalls, key=lambda each: (each.inherited, each.hardness != "hard")))


def describe_shortfall(shortfall: Shortfall, language: Language = "en") -> str:
    """Return the sentence that says what falls short, where, and by how much."""
    facts = {
        "where": shortfall.where,
        "stage": say(f"recheck.stages.{shortfall.stage or 'all'}", language=language),
        "value": _number(shortfall.value),
        "limit": _number(shortfall.limit),
        "breach": _number(shortfall.breach),
        "detail": shortfall.detail,
    }
    sentence = say(f"recheck.{shortfall.rule}.{shortfall.kind or 'plain'}", facts, language)
    return sentence + _describe_before(shortfall, language)


def _describe_before(shortfall: Shortfall, language: Language) -> str:
    """Return what stood before the plan, as a sentence to follow the first; "" where nothing is known of it."""
    facts = {"before": "" if shortfall.before is None else _number(shortfall.before)}
    if shortfall.inherited:
        return say(f"recheck.inherited.{'decided' if shortfall.before is None else 'plain'}", facts, language)
    return say("recheck.inherited.worse", facts, language) if shortfall.before is not None else ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.3g}"

"""What is said of a trade-off, on the terminal and in its picture alike."""

from collections.abc import Mapping

from models.sentences import Language, find, say
from models.settings import LevelName
from optimizer.console.summary import IN_DECIMALS
from optimizer.console.text import write_number
from optimizer.tradeoff.curve import Curve, Knee, Spot
from optimizer.tradeoff.question import Question

_PEOPLE = ("stability", "moves")
"""Levels that count people, of whom each is said to save something."""
FEW = 0.05
"""Below it a saving is told with two digits that mean something."""


def name_level(level: str, language: Language) -> str:
    """Return what a level is called."""
    return find(f"cli.levels.{level}", language) or level


def head_level(level: str, language: Language) -> str:
    """Return the short name of a level, fit to head a column."""
    return find(f"sweep.heads.{level}", language) or level


def write_level(level: str, value: float) -> str:
    """Return a value of a level: whole where children, classes or teachers are counted."""
    return write_number(value, 4 if level == "balance" else 1 if level in IN_DECIMALS else 0)


def entitle(leads: LevelName | None, ceilings: Mapping[LevelName, float], language: Language) -> str:
    """Return what a run is called: by the level that goes first, or by the ceilings of the others."""
    if leads is not None:
        return say("tradeoff.title.first", {"level": head_level(leads, language)}, language)
    told = [
        say("tradeoff.title.below", {"level": head_level(level, language), "most": write_level(level, most)}, language)
        for level, most in ceilings.items()
    ]
    return say("tradeoff.comma", language=language).join(told)


def tell_knee(curve: Curve, knee: Knee, language: Language) -> tuple[str, ...]:
    """Return where the curve bends and why there: what each step saves before, and beyond."""
    question, spot = curve.question, knee.spot
    facts = {"run": spot.name, "figures": tell_figures(spot, question, language)}
    if len(question.capped) > 1:
        return (
            say("tradeoff.knee.at", facts, language),
            say("tradeoff.knee.several", {"distance": f"{knee.distance:.2f}"}, language),
        )
    (capped,), minimised = question.capped, question.minimised
    unit = say(f"tradeoff.units.{minimised}", language=language)
    saved = {"until": _write_saved(knee.until), "beyond": _write_saved(knee.beyond), "unit": unit}
    return (
        say("tradeoff.knee.at", facts, language),
        say(f"tradeoff.knee.{capped if capped in _PEOPLE else 'until'}", {
            "most": write_level(capped, spot.value(capped)), "level": head_level(capped, language), **saved
        }, language),
        say("tradeoff.knee.beyond", saved, language),
    )  # fmt: skip


def tell_figures(spot: Spot, question: Question, language: Language) -> str:
    """Return what a plan comes to in the levels that are weighed."""
    told = [
        say(
            "tradeoff.figure",
            {"level": head_level(level, language), "value": write_level(level, spot.value(level))},
            language,
        )
        for level in question.levels
    ]
    return say("tradeoff.comma", language=language).join(told)


def _write_saved(saved: float) -> str:
    return f"{saved:.2g}" if abs(saved) < FEW else write_number(saved, 2 if saved < 1 else 1)

"""Sentences that the terminal and the picture share: where entrants come from, what the levels mean."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from models.outlook import Note, StageYears
from models.sentences import Language, say
from models.settings import Outlook


def say_sources(stage: StageYears, years: Sequence[int], language: Language) -> str:
    """Return where the entrants of a stage come from, in one sentence."""
    told = say("outlook.sources.and", language=language).join(list_sources(stage, years, language))
    facts = {"stage": say(f"cli.stages.{stage.stage}", language=language), "sources": told}
    return say("outlook.sources.stage", facts, language)


def list_sources(stage: StageYears, years: Sequence[int], language: Language) -> list[str]:
    """Return where the entrants of a stage come from, runs of years that share a source as one."""
    told = []
    for source, run in groupby(zip(years, stage.sources, strict=True), key=lambda pair: pair[1]):
        named = [year for year, _ in run]
        span = str(named[0]) if len(named) == 1 else f"{named[0]}-{named[-1]}"
        facts = {"years": span, "source": say(f"outlook.sources.{source}", language=language)}
        told.append(say("outlook.sources.run", facts, language))
    return told


def say_thresholds(thresholds: Outlook, language: Language) -> str:
    """Return from which share of the places on a level begins."""
    shares = {name: f"{100 * share:g} %" for name, share in thresholds.model_dump().items()}
    return say("outlook.thresholds", shares, language)


def say_balance(row: Mapping[str, Any], thresholds: Outlook, language: Language) -> str:
    """Return how many schools of a stage are short of places, or have places to spare, from when and how many."""
    facts = {name: f"{value:,}" if name == "places" else value for name, value in row.items()}
    facts["stage"] = say(f"cli.stages.{row['stage']}", language=language)
    facts["surplus"] = f"{100 * thresholds.surplus:g} %"
    key = row["kind"] if row["schools"] else f"no_{row['kind']}" if row["of"] else "unknown"
    return say(f"outlook.balance.{key}", facts, language)


def say_note(note: Note, language: Language) -> str:
    """Return what a reader has to know, a stage by its name."""
    facts = dict(note.facts)
    if "stage" in facts:
        facts["stage"] = say(f"cli.stages.{facts['stage']}", language=language)
    return say(f"outlook.notes.{note.key}", facts, language)

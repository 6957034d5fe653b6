"""A diagnosis in words: what is short, what cannot hold together, what would make a plan, what one more brings."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.diagnosis import Binding, Conflict, Count, Diagnosis, Price, Repair
from models.sentences import find
from optimizer.console.facts import join, name_rule, phrase, say_words, write_fact
from optimizer.console.text import write_metres, write_number
from optimizer.console.voice import Voice
from optimizer.runs.record import plain

MOST_COUNTS = 8
MOST_BINDINGS = 12
EXACT = 1e-6
WHOLE = ("places", "classes", "classrooms", "children", "teachers", "units")
"""Units of which there is no half."""
TOLD_LEVELS = ("overflow", "stability", "small_classes", "later", "vacancies")
"""Levels that are told of the plan that a repair makes."""


def tell_diagnosis(diagnosis: Diagnosis, voice: Voice) -> list[str]:
    """Return all that was found out: sums, conflict and repairs, or what binds and what one more would bring.

    Whether there is a plan, and the first sum that says why not, are in the line before (`tell_impossible`).
    """
    short = _tell_short(diagnosis, voice)
    if diagnosis.possible:
        told = [*short, *_tell_bindings(diagnosis, voice), *_tell_prices(diagnosis, voice)]
    else:
        proving = [count for count in diagnosis.counts if count.proves]
        conflict = [] if diagnosis.conflict is None else _tell_conflict(diagnosis.conflict, voice)
        told = [*_tell_counts(proving[1:], voice), *conflict, *short, *_tell_repairs(diagnosis, voice)]
    return told if diagnosis.complete else [*told, voice.say("diagnosis.hurried")]


def tell_impossible(diagnosis: Diagnosis | None, voice: Voice, seconds: float = 0.0) -> str:
    """Return that no plan is possible, proved in so many seconds (0: not told), and the first sum that says why."""
    why = next((tell_count(count, voice) for count in diagnosis.counts if count.proves), "") if diagnosis else ""
    key = "run.infeasible_seconds" if seconds else "run.infeasible"
    return voice.say(f"{key}_why" if why else key, why=why, seconds=f"{seconds:.1f}")


def tell_scenario(diagnosis: Diagnosis, voice: Voice) -> list[str]:
    """Return whether a scenario has a plan, and all that was found out."""
    if diagnosis.possible is False:
        return [tell_impossible(diagnosis, voice), *tell_diagnosis(diagnosis, voice)]
    verdict = voice.say("diagnosis.plan" if diagnosis.possible else "run.no_plan")
    return [verdict, *tell_diagnosis(diagnosis, voice)]


def tell_taking(
    diagnosis: Diagnosis, instance: object, scenario: str, voice: Voice, *, run: Path | None = None, posts: bool = False
) -> list[str]:
    """Return the call that takes a repair, where there is one: of a stored `run`, or found again for a scenario."""
    if not diagnosis.repairs:
        return []
    asked = ("--teachers-only",) if posts else ()
    of_run = ("--from", run) if run else ("--scenario", scenario)
    call = " ".join(map(str, ("xuewei diagnose", instance, *of_run, *asked)))
    return [voice.say("diagnosis.apply", call=call)]


def describe_diagnosis(diagnosis: Diagnosis, folder: Path, scenario: str) -> dict[str, Any]:
    """Return a diagnosis as one JSON document, with the keys of `diagnosis.json`."""
    described: dict[str, Any] = plain(asdict(diagnosis))
    return {"instance": str(folder), "scenario": scenario} | described


def tell_repair(repair: Repair, voice: Voice) -> str:
    """Return what a repair changes, on one line; one of several changes has them all."""
    if repair.parts:
        return say_words("repairs.together", voice, repairs=" ".join(tell_repair(part, voice) for part in repair.parts))
    return phrase(f"repairs.{repair.lever}", repair.facts, voice, unit=repair.unit) or repair.lever


def tell_binding(binding: Binding, voice: Voice) -> str:
    """Return a limit that a plan leans on, as one sentence."""
    key = f"bindings.{binding.rule}.{binding.kind or 'plain'}"
    return phrase(key, vars(binding), voice, unit=binding.unit) or name_rule(binding.rule, voice)


def _tell_counts(counts: Sequence[Count], voice: Voice) -> list[str]:
    told = [tell_count(count, voice) for count in counts[:MOST_COUNTS]]
    return [*(f"  {line}" for line in told), *_tell_more(len(counts) - MOST_COUNTS, voice)]


def tell_count(count: Count, voice: Voice) -> str:
    """Return a sum that no plan can meet, as one sentence."""
    return phrase(f"counts.{count.key}", count.facts, voice) or count.key


def _tell_short(diagnosis: Diagnosis, voice: Voice) -> list[str]:
    """What is short and yet keeps no plan from being made, such as teachers of a subject."""
    told = _tell_counts([count for count in diagnosis.counts if not count.proves], voice)
    return [voice.say("diagnosis.anyway"), *told] if told else []


def _tell_more(left: int, voice: Voice) -> list[str]:
    return ["  " + voice.say("diagnosis.more", count=left)] if left > 0 else []


def _tell_conflict(conflict: Conflict, voice: Voice) -> list[str]:
    rules = [f"  {name_rule(rule, voice)}" for rule in conflict.rules]
    if len(rules) == 1:
        return [say_words("conflict.alone", voice), *rules]
    proof = say_words("conflict.minimal" if conflict.minimal else "conflict.not_minimal", voice)
    return [say_words("conflict.rules", voice), *rules, proof]


def _tell_repairs(diagnosis: Diagnosis, voice: Voice) -> list[str]:
    told = [
        line
        for number, repair in enumerate(diagnosis.repairs, start=1)
        for line in (
            "  " + voice.say("diagnosis.repair", number=number, repair=tell_repair(repair, voice)),
            "     " + join(tell_figures(repair, voice), voice, "semicolon"),
        )
        if line.strip()
    ]
    if told:
        return [voice.say("diagnosis.repairs"), *told]
    return [voice.say("diagnosis.no_repair")] if diagnosis.possible is False and diagnosis.complete else []


def tell_figures(repair: Repair, voice: Voice) -> list[str]:
    """Return what the plan that a repair makes comes to, and whether less of it would do."""
    levels = {name: value for name, value in repair.levels.items() if name in TOLD_LEVELS}
    if "vacant" in repair.posts:
        levels["vacancies"] = round(repair.posts["vacant"], 1)
    figures = [
        voice.say("diagnosis.figure", level=find(f"cli.levels.{name}", voice.language), value=write_number(value))
        for name, value in levels.items()
        if value
    ]
    mean = [] if repair.mean_m is None else [voice.say("diagnosis.mean", mean=write_metres(repair.mean_m))]
    posts = [voice.say("diagnosis.posts_open")] if repair.posts_open else []
    return [*mean, *figures, *posts, *_tell_least(repair, voice)]


def _tell_least(repair: Repair, voice: Voice) -> list[str]:
    if repair.least <= 0:
        return []
    least = math.ceil(repair.least - EXACT) if repair.unit in WHOLE else repair.least
    if least >= repair.amount - EXACT:
        return [voice.say("diagnosis.no_less")]
    return [voice.say("diagnosis.least", least=write_fact(least, "least", voice, unit=repair.unit))]


def _tell_bindings(diagnosis: Diagnosis, voice: Voice) -> list[str]:
    if not diagnosis.bindings:
        return []
    told = [f"  {tell_binding(binding, voice)}" for binding in diagnosis.bindings[:MOST_BINDINGS]]
    return [voice.say("diagnosis.bindings"), *told, *_tell_more(len(diagnosis.bindings) - MOST_BINDINGS, voice)]


def _tell_prices(diagnosis: Diagnosis, voice: Voice) -> list[str]:
    told = [f"  {_tell_price(price, voice)}" for price in diagnosis.prices]
    return [voice.say("diagnosis.prices"), *told] if told else []


def _tell_price(price: Price, voice: Voice) -> str:
    facts = {"where": price.where, "student_km": price.student_km} | dict(price.facts)
    return phrase(f"prices.{price.lever}", facts, voice) or f"{price.where}: {price.lever}"

"""Faults and warnings of an input: where, found, expected, remedy, in lines for people and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.faults import Fault, FaultyInput, Report
from models.sentences import Language
from optimizer.console.exits import Exit, Refusal
from optimizer.console.text import align, printable
from optimizer.console.voice import Voice

REMEDY_INDENT = "        "
"""Sets a remedy below the place in the file."""


def list_findings(findings: Sequence[Fault], language: Language, *, remedies: bool) -> list[str]:
    """Return a line a finding: code, place, what is wrong and what is expected; below it, if asked for, the remedy."""
    from optimizer.checks import describe

    described = [describe(each, language) for each in findings]
    lines = align([[each.code, each.where, each.sentence] for each in described], indent="  ")
    if not remedies:
        return lines
    told = (f"{REMEDY_INDENT}{printable(each.remedy)}" for each in described)
    return [line for finding in zip(lines, told, strict=True) for line in finding]


def tell_report(report: Report, instance: Path, scenario: str, voice: Voice) -> list[str]:
    """Return what a check found: faults, then warnings, then what to do."""
    facts = {
        "instance": instance,
        "scenario": scenario,
        "checks": report.checks,
        "faults": len(report.faults),
        "warnings": len(report.warnings),
    }
    if not report.faults:
        key = "check.sound_warnings" if report.warnings else "check.sound"
        return [voice.say(key, **facts), *_list_warnings(report.warnings, voice)]
    return [
        voice.say("check.fault" if len(report.faults) == 1 else "check.faults", **facts),
        *list_findings(report.faults, voice.language, remedies=True),
        *_tell_more(report.warnings, voice),
        voice.say("check.remedy", code=report.faults[-1].code),
    ]


def tell_faults(stop: FaultyInput, voice: Voice) -> list[str]:
    """Return the faults that kept an instance from being solved."""
    faults = [fault for fault in stop.faults if fault.severity == "fault"]
    key = "check.stop" if len(faults) == 1 else "check.stops"
    return [
        voice.say(key, faults=len(faults), checks=stop.checks),
        *list_findings(faults, voice.language, remedies=True),
        *_tell_more([fault for fault in stop.faults if fault.severity != "fault"], voice),
        voice.say("check.unsolved", code=faults[-1].code),
    ]


def tell_explanation(code: str, voice: Voice) -> list[str]:
    """Return the explanation of a code; refuses one that no fault has."""
    from optimizer.checks import explain

    try:
        return explain(code, voice.language)
    except KeyError:
        raise Refusal(Exit.USAGE, voice.say("check.no_code", code=code)) from None


def _list_warnings(warnings: Sequence[Fault], voice: Voice) -> list[str]:
    return list_findings(warnings, voice.language, remedies=voice.verbose)


def _tell_more(warnings: Sequence[Fault], voice: Voice) -> list[str]:
    heading = voice.say("check.warnings", warnings=len(warnings))
    return [heading, *_list_warnings(warnings, voice)] if warnings else []


def describe_findings(findings: Sequence[Fault], language: Language) -> list[dict[str, Any]]:
    """Return findings for a JSON document: every field, and the sentence."""
    from optimizer.checks import describe

    places = ({"file": each.file, "row": each.row, "column": each.column} for each in findings)
    return [place | asdict(describe(each, language)) for place, each in zip(places, findings, strict=True)]


def describe_report(report: Report, language: Language) -> dict[str, Any]:
    """Return a report for a JSON document."""
    return {
        "checks": report.checks,
        "faults": describe_findings(report.faults, language),
        "warnings": describe_findings(report.warnings, language),
    }

"""A comparison as one JSON document: every figure, the schools' indices too, without words."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from optimizer.compare import Comparison, Difference, Summary
from optimizer.compare.figures import ShortfallPair
from optimizer.compare.inputs import Inputs
from optimizer.compare.people import People
from optimizer.console.compare.script import Script
from optimizer.console.summary import plain_rows
from optimizer.runs.record import plain


def describe_comparison(comparison: Comparison, maps: list[Path], script: Script) -> dict[str, Any]:
    """Return the baseline, every plan beside it with what differs, and the maps that were drawn."""
    steps = zip(comparison.others, comparison.differences, strict=True)
    plans = [
        _describe_summary(other, script) | {"difference": None if step is None else _describe_difference(step)}
        for other, step in steps
    ]
    document = {
        "baseline": _describe_summary(comparison.baseline, script),
        "plans": plans,
        "maps": [str(path) for path in maps],
    }
    described: dict[str, Any] = plain(document)
    return described


def _describe_summary(summary: Summary, script: Script) -> dict[str, Any]:
    exhibit = summary.exhibit
    record = exhibit.record
    head = {
        "title": script.label(summary),
        "plan": str(exhibit.stored.folder),
        "scenario": exhibit.scenario,
        "year": record["year"],
        "mode": record["mode"],
        "scope": exhibit.stored.scope,
        "status": summary.status.value,
        "gap": record["gap"],
        "levels": record["levels"],
    }
    if not summary.planned:
        return head
    return head | {
        "students": record["decided"],
        "mean_m": record["mean_m"],
        "student_km": record["student_km"],
        "beyond_places": summary.short,
        "outside": summary.outside,
        "in_pieces": list(summary.pieces),
        "hard_rules_broken": summary.broken,
        "soft_rules_missed": summary.soft,
        "targets_missed": summary.missed,
        "option": None if summary.option is None else asdict(summary.option),
        "shortfalls": [asdict(each) | {"fault": each.is_fault} for each in exhibit.stored.shortfalls],
    }


def _describe_difference(difference: Difference) -> dict[str, Any]:
    return {
        "inputs": _describe_inputs(difference.inputs),
        **_describe_people(difference.people),
        "indices": plain_rows(difference.indices),
        "levels": {"comparable": difference.comparable, "values": [asdict(level) for level in difference.levels]},
        "bindings": {
            "known": difference.bindings_known,
            "new": [asdict(binding) for binding in difference.binds],
            "gone": [asdict(binding) for binding in difference.frees],
        },
        "shortfalls": [_describe_shortfall(pair) for pair in difference.shortfalls],
    }


def _describe_inputs(inputs: Inputs) -> dict[str, Any]:
    return {
        "same": inputs.same,
        "from_instances": inputs.known,
        "settings": [asdict(setting) for setting in inputs.settings],
        "schools": inputs.schools.to_dict("records"),
        "schools_added": list(inputs.added),
        "schools_gone": list(inputs.gone),
        "children": inputs.children.to_dict("records"),
        "units": inputs.units.to_dict("records"),
        "zones": inputs.zones.to_dict("records"),
        "teachers": None if inputs.staff is None else asdict(inputs.staff),
        "ways": None if inputs.ways is None else asdict(inputs.ways),
        "files": list(inputs.files),
    }


def _describe_people(people: People) -> dict[str, Any]:
    moved = people.moved
    return {
        "units": {
            "decided": people.decided,
            "changed": len(moved),
            "students": people.belonging,
            "away_from_today": int((moved["today"] == "away").sum()),
            "back_to_today": int((moved["today"] == "back").sum()),
            "rows": people.units.to_dict("records"),
        },
        "children": {"elsewhere_at_least": people.elsewhere, "rows": people.seats.to_dict("records")},
        "flows": people.flows.to_dict("records"),
        "teachers": {
            "in_both": people.posted,
            "posted_elsewhere": len(people.postings),
            "joining": people.joining,
            "leaving": people.leaving,
            "flows": people.teacher_flows.to_dict("records"),
            "rows": people.postings.to_dict("records"),
        },
    }


def _describe_shortfall(pair: ShortfallPair) -> dict[str, Any]:
    ends = {"before": pair.before, "after": pair.after}
    return {"change": pair.change} | {end: None if each is None else asdict(each) for end, each in ends.items()}

"""A judged plan in words: what it breaks, sums first; how far it is from the best possible; what mends it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from models.district import District
from models.run import Shortfall
from models.sentences import find, say
from models.settings import in_language
from optimizer.console.diagnosis import tell_count
from optimizer.console.draws import describe_overflows, tell_overflows
from optimizer.console.facts import name_rule
from optimizer.console.summary import plain_rows, tell_shortfall
from optimizer.console.tables import tabulate_indices
from optimizer.console.text import align, printable, write_metres, write_number
from optimizer.console.voice import Voice
from optimizer.digest import Exhibit
from optimizer.drawn import CURRENT, Drawing
from optimizer.draws import Overflows
from optimizer.evaluate import Best, Distance, Mending, Total, sum_breaches
from optimizer.runs.record import build_issues, plain

MOST = 12
"""Sentences of a kind, and places of a sum, that are told without being asked to be verbose."""
CHANGE_COLUMNS = ("unit", "name", "stage", "from", "to", "students", "before", "after")


@dataclass(frozen=True)
class Asked:
    """What plans were judged by."""

    instance: Path
    scenario: str
    plan: str
    against: Path | None
    best: Best
    district: District


@dataclass(frozen=True)
class Verdict:
    """What was found out of one drawn plan."""

    drawing: Drawing
    judged: Exhibit
    distances: tuple[Distance, ...]
    mending: Mending | None
    """None where nobody looked."""
    overflows: Overflows | None

    @property
    def totals(self) -> tuple[Total, ...]:
        """What its new hard breaches add up to."""
        return sum_breaches(self.judged.stored.shortfalls)


def tell_one(verdict: Verdict, asked: Asked, folder: Path | None, voice: Voice) -> list[str]:
    """Return everything of one plan, in lines."""
    scenario = in_language(asked.district.scenario_title, voice.language) or asked.scenario
    key = "heading_today" if _is_today(verdict) else "heading"
    heading = _say(key, voice, plan=verdict.judged.title(voice.language), scenario=scenario)
    written = [_say("mend.written", voice, folder=folder)] if folder is not None else []
    whole = asked.district.settings.instance.mode == "whole"
    parts = (
        [printable(heading), *_tell_filled(verdict, voice), *_tell_breaches(verdict, voice)],
        _tell_distances(verdict, asked, voice),
        [*_tell_mending(verdict.mending, asked, voice), *written],
        _tell_indices(verdict.judged, voice),
        tell_overflows(verdict.overflows, voice) if verdict.overflows is not None else [],
        [*([_say("years", voice)] if whole else []), _say("reserved", voice)],
    )
    return [line for part in parts if part for line in ("", *part)][1:]


def tell_many(verdicts: Sequence[Verdict], asked: Asked, voice: Voice) -> list[str]:
    """Return a table of several plans, a line each."""
    scenario = in_language(asked.district.scenario_title, voice.language) or asked.scenario
    columns = ("plan", "hard", "short", "pieces", "mean", "changes", "moved", "passes")
    rows = [[_say(f"columns.{column}", voice) for column in columns]]
    rows += [_row(verdict, voice) for verdict in verdicts]
    first = verdicts[0].drawing
    mean = _mean_words(verdicts[0], voice)
    return [
        printable(_say("many.heading", voice, count=len(verdicts), scenario=scenario)),
        *align(rows, right=range(1, len(columns)), indent="  "),
        *([_say("many.open", voice)] if any(v.mending and not v.mending.proved for v in verdicts) else []),
        *(_tell_no_best(asked, voice) if not asked.best.possible else []),
        *([_say("many.best_mean", voice, best=mean["best"], bound=mean["bound"])] if "bound" in mean else []),
        printable(_say("many.detail", voice, file=first.file, plan=first.name)),
        _say("reserved", voice),
    ]


def describe_verdicts(verdicts: Sequence[Verdict], asked: Asked, folder: Path | None) -> dict[str, Any]:
    """Return judged plans as one JSON document."""
    levels = [{"name": name, "value": value, "bound": bound} for name, value, bound in asked.best.levels]
    best = {"possible": asked.best.possible, "levels": levels, "counts": [asdict(c) for c in asked.best.counts]}
    document = {
        "instance": str(asked.instance),
        "scenario": asked.scenario,
        "against": None if asked.against is None else str(asked.against),
        "best": best,
        "plans": [_describe(verdict) for verdict in verdicts],
        "mended": None if folder is None else str(folder),
    }
    described: dict[str, Any] = plain(document)
    return described


def _describe(verdict: Verdict) -> dict[str, Any]:
    record, mending = verdict.judged.record, verdict.mending
    return {
        "plan": verdict.drawing.name,
        "file": verdict.drawing.file,
        "filled": record["drawing"]["filled"],
        "keeps_hard_rules": not verdict.totals,
        "totals": [asdict(total) for total in verdict.totals],
        "issues": build_issues(verdict.judged.stored.shortfalls),
        "student_km": record["student_km"],
        "mean_m": record["mean_m"],
        "levels": [asdict(distance) | {"at_most": distance.at_most} for distance in verdict.distances]
        or [{"level": level["name"], "drawn": level["value"]} for level in record["levels"]],
        "mending": None if mending is None else _describe_mending(mending),
        "indices": plain_rows(verdict.judged.stored.table("indices")),
        "overflows": None if verdict.overflows is None else describe_overflows(verdict.overflows),
    }


def _describe_mending(mending: Mending) -> dict[str, Any]:
    mended = mending.mended
    return {
        "possible": mending.possible,
        "proved": mending.proved,
        "units": len(mending.changes) if mending.possible else None,
        "least": mending.least,
        "settled": mending.settled,
        "students": mending.students,
        "opened": list(mending.opened),
        "changes": plain_rows(mending.changes),
        "levels": [] if mended is None else [{e["name"]: e["value"]} for e in mended.record["levels"]],
        "mean_m": None if mended is None else mended.record["mean_m"],
    }


def _tell_filled(verdict: Verdict, voice: Voice) -> list[str]:
    units = [unit for of in verdict.judged.record["drawing"]["filled"].values() for unit in of]
    key = "filled_today" if _is_today(verdict) else "filled"
    facts = {"count": len(units), "plan": verdict.drawing.name, "units": _some(units, voice)}
    return [printable(_say(key, voice, **facts))] if units else []


def _is_today(verdict: Verdict) -> bool:
    return verdict.drawing.name == CURRENT and not verdict.drawing.file


def _tell_breaches(verdict: Verdict, voice: Voice) -> list[str]:
    shortfalls, totals = verdict.judged.stored.shortfalls, verdict.totals
    rules = len({total.rule for total in totals})
    head = "keeps" if not totals else "breaks_one" if rules == 1 else "breaks"
    hard = [each for each in shortfalls if each.is_fault]
    soft = [each for each in shortfalls if not each.is_fault and not each.inherited]
    stood = [each for each in shortfalls if each.inherited]
    return [
        _say(head, voice, count=rules),
        *(f"  {printable(_tell_total(total, verdict.judged, voice))}" for total in totals),
        *([f"  {_say('each', voice)}"] if hard and not voice.verbose else _list(hard, voice)),
        *([_say("soft", voice, count=len(soft)), *_list(soft, voice)] if soft else []),
        *([_say("stood", voice, count=len(stood)), *_list(stood, voice)] if stood else []),
    ]


def _list(shortfalls: Sequence[Shortfall], voice: Voice) -> list[str]:
    told = shortfalls if voice.verbose else shortfalls[:MOST]
    left = len(shortfalls) - len(told)
    lines = [f"  - {printable(tell_shortfall(each, voice))}" for each in told]
    return [*lines, *(["    " + _say("more", voice, count=left)] if left else [])]


def _tell_total(total: Total, judged: Exhibit, voice: Voice) -> str:
    key = "_".join(filter(None, (total.rule, total.kind)))
    known = find(f"evaluate.sums.{key}") is not None
    entry = "pieces" if total.kind == "pieces" else "entry"
    named = [
        _say(
            f"sums.{entry}",
            voice,
            where=" ".join(filter(None, (where, judged.school_names.get(where)))),
            amount=write_number(amount),
            pieces=write_number(value),
        )
        for where, amount, value in total.places
    ]
    facts = {"total": write_number(total.total), "where": _some(named, voice), "places": len(total.places)}
    return _say(f"sums.{key if known else 'other'}", voice, rule=name_rule(total.rule, voice), **facts)


def _tell_distances(verdict: Verdict, asked: Asked, voice: Voice) -> list[str]:
    if not asked.best.possible:
        return _tell_no_best(asked, voice)
    columns = ("level", "drawn", "best", "bound", "apart")
    rows = [[_say(f"columns.{column}", voice) for column in columns]]
    for each in verdict.distances:
        numbers = (each.drawn, each.best, each.bound if each.holds else None)
        told = [write_number(number, 1) for number in numbers]
        rows.append([voice.say(f"levels.{each.level}"), *told, _tell_apart(each.at_most, voice)])
    mean = _mean_words(verdict, voice)
    key = "distance.mean_bound" if "bound" in mean else "distance.mean"
    ending = "distance.stored" if asked.against is not None else "distance.proved"
    return [
        _say("distance.heading", voice),
        *align(rows, right=range(1, len(columns)), indent="  "),
        _say(ending, voice, run=asked.against),
        *([_say("distance.below", voice)] if verdict.totals else []),
        *([_say("distance.given", voice)] if not all(each.holds for each in verdict.distances) else []),
        *([_say(key, voice, **mean)] if mean else []),
    ]


def _tell_apart(at_most: float | None, voice: Voice) -> str:
    """How far from the best possible at most, to one decimal; a plan that breaks hard rules may come below that."""
    if at_most is not None and round(at_most, 1) < 0:
        return _say("distance.lower", voice)
    return "" if at_most is None else write_number(abs(round(at_most, 1)))


def _tell_no_best(asked: Asked, voice: Voice) -> list[str]:
    if asked.best.possible is None:
        return [_say("distance.late", voice)]
    facts = {"instance": asked.instance, "scenario": asked.scenario}
    why = next((tell_count(count, voice) for count in asked.best.counts if count.proves), "")
    if not why:
        return [_say("distance.impossible", voice, **facts)]
    return [_say("distance.impossible_why", voice, why=why, **facts)]


def _mean_words(verdict: Verdict, voice: Voice) -> Mapping[str, str]:
    """Metres a child of this plan, of the best known and, where travel is the only level in question, of any."""
    children = sum((verdict.judged.record["decided"] or {}).values())
    travel = next((each for each in verdict.distances if each.level == "travel"), None)
    if travel is None or travel.best is None or not children:
        return {}
    words = {"drawn": _metres(travel.drawn, children), "best": _metres(travel.best, children)}
    if travel.bound is not None and travel is verdict.distances[0]:
        words["bound"] = _metres(travel.bound, children)
    return words


def _metres(student_km: float, children: int) -> str:
    return write_metres(1000 * student_km / children)


def _tell_mending(mending: Mending | None, asked: Asked, voice: Voice) -> list[str]:
    if mending is None:
        return []
    opened = []
    if mending.opened:
        key = "opened_none" if asked.district.settings.catchments.change == "none" else "opened"
        facts = {"count": len(mending.opened), "units": _some(mending.opened, voice)}
        opened = [printable(_say(f"mend.{key}", voice, **facts))]
    if mending.possible is None or mending.mended is None:
        return [
            _say("mend.impossible" if mending.possible is False else "mend.late", voice, least=mending.least),
            *opened,
        ]
    units = len(mending.changes)
    if not units:
        return [_say("mend.none", voice), *opened]
    key = "open" if not mending.proved else "proved_one" if units == 1 else "proved"
    facts = {"units": units, "students": f"{mending.students:,}", "least": mending.least}
    mean = mending.mended.record["mean_m"]
    then = [] if mean is None else [_say("mend.then", voice, mean=write_metres(mean))]
    unsettled = [] if mending.settled or not mending.proved else [_say("mend.unsettled", voice)]
    return [_say(f"mend.{key}", voice, **facts), *_tabulate_changes(mending, voice), *unsettled, *then, *opened]


def _tabulate_changes(mending: Mending, voice: Voice) -> list[str]:
    rows = [[_say(f"columns.{column}", voice) for column in CHANGE_COLUMNS]]
    for row in plain_rows(mending.changes):
        numbers = (row["students"], row["metres_before"], row["metres_after"])
        names = (row["unit_id"], row["unit_name"] or "", voice.say(f"stages.{row['stage']}"))
        rows.append([*names, row["from_school_id"], row["to_school_id"], *(write_number(number) for number in numbers)])
    kept = [k for k, column in enumerate(CHANGE_COLUMNS) if column != "name" or any(row[k] for row in rows[1:])]
    right = [k for k, at in enumerate(kept) if at >= CHANGE_COLUMNS.index("students")]
    return align([[row[k] for k in kept] for row in rows], right=right, indent="  ")


def _tell_indices(judged: Exhibit, voice: Voice) -> list[str]:
    """Indices that have a target; all of them where asked to be verbose."""
    stored, table = judged.stored, judged.stored.table("indices")
    shown = table if voice.verbose else table[table["passes"] != ""]
    if not (shown["scope"] == "district").any():
        return [_say("indices.none", voice)]
    return [_say("indices.heading", voice), *tabulate_indices(replace(stored, tables={"indices": shown}), voice)]


def _row(verdict: Verdict, voice: Voice) -> list[str]:
    totals = {(total.rule, total.kind): total for total in verdict.totals}
    short, pieces = totals.get(("places", "")), totals.get(("contiguous", "pieces"))
    table = verdict.judged.stored.table("indices")
    judged = table[(table["scope"] == "district") & (table["passes"] != "")]
    passed = int((judged["passes"].astype(str).str.lower() == "true").sum())
    mean = verdict.judged.record["mean_m"]
    return [
        verdict.drawing.name,
        str(len({total.rule for total in verdict.totals})),
        write_number(short.total) if short else "0",
        str(len(pieces.places)) if pieces else "0",
        "" if mean is None else write_number(mean, 0),
        *_row_of_mending(verdict.mending, voice),
        _say("many.all_pass", voice, passed=passed, judged=len(judged)),
    ]


def _row_of_mending(mending: Mending | None, voice: Voice) -> list[str]:
    if mending is None or mending.possible is False:
        return ["", ""]
    if mending.possible is None:
        return [_say("many.unknown", voice, least=mending.least), ""]
    units = len(mending.changes)
    told = str(units) if mending.proved else _say("many.at_most", voice, units=units, least=mending.least)
    return [told, write_number(mending.students)]


def _some(names: Sequence[str], voice: Voice) -> str:
    """The first names, and dots where there are more."""
    told = names if voice.verbose else names[:MOST]
    comma = say("diagnose.words.comma", language=voice.language)
    return comma.join([*told, *(["..."] if len(told) < len(names) else [])])


def _say(key: str, voice: Voice, **facts: object) -> str:
    return say(f"evaluate.{key}", facts, voice.language)

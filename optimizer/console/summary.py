"""A stored run in words: what was proved, what falls short, where it lies."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from models.faults import Fault
from models.outcome import Status
from models.run import Shortfall
from models.sentences import find, say
from optimizer.console.diagnosis import tell_diagnosis, tell_impossible, tell_taking
from optimizer.console.faults import list_findings
from optimizer.console.posts import tell_posts
from optimizer.console.text import printable, write_metres, write_number, write_share
from optimizer.console.voice import Voice
from optimizer.recheck import describe_shortfall
from optimizer.runs import StoredRun, scope_of

Record = Mapping[str, Any]
MOST_SHORTFALLS = 20
IN_DECIMALS = ("travel", "vacancies", "rotation", "balance")
"""Levels that are no whole numbers."""


def tell_run(stored: StoredRun, voice: Voice) -> list[str]:
    """Return what a stored run is, in a few lines for people."""
    record, folder = stored.record, stored.folder
    seconds = _tell_seconds(record, voice) if voice.verbose else []
    if stored.status == Status.INFEASIBLE:
        why = voice.say("run.why", path=folder / "diagnosis.json")
        proved_s = sum(seconds for step, seconds in record["seconds"].items() if step != "diagnose")
        return [tell_impossible(stored.found, voice, proved_s), *_tell_reasons(stored, voice), why, *seconds]
    if stored.status == Status.NO_PLAN:
        late = voice.say("run.no_plan_interrupted" if record["interrupted"] else "run.no_plan")
        return [late, *_tell_reasons(stored, voice), *seconds]
    return [
        tell_quality(record, voice),
        *([voice.say("run.interrupted")] if record["interrupted"] else []),
        *tell_standing(record, voice),
        *_tell_levels(record["levels"], voice),
        *([_tell_placed(record, voice)] if stored.scope != "posts" else []),
        *(tell_posts(stored, voice) if stored.scope != "children" else []),
        *_tell_revision(stored, voice),
        *_tell_later(stored, voice),
        *_tell_shortfalls(stored, voice),
        voice.say("run.plan", folder=folder),
        *([voice.say("run.map", path=folder / "map.png")] if (folder / "map.png").is_file() else []),
        *seconds,
    ]


def tell_warnings(warnings: Sequence[Fault], folder: Path, scenario: str, voice: Voice) -> list[str]:
    """Return that there are warnings, and where they are seen; the warnings themselves where asked to be verbose."""
    if not warnings:
        return []
    key = "run.warning" if len(warnings) == 1 else "run.warnings"
    told = list_findings(warnings, voice.language, remedies=True) if voice.verbose else []
    return [*told, voice.say(key, count=len(warnings), instance=folder, scenario=scenario)]


def describe_run(stored: StoredRun) -> dict[str, Any]:
    """Return a stored run as one JSON document."""
    issues = [vars(shortfall) for shortfall in stored.shortfalls]
    tables = {name: plain_rows(stored.tables[name]) for name in ("schools", "hiring") if name in stored.tables}
    return {"run": stored.record, "issues": issues, "diagnosis": stored.diagnosis or None} | tables


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table in JSON's own types; NaN is null."""
    rows: list[dict[str, Any]] = json.loads(table.to_json(orient="records", force_ascii=False, double_precision=15))
    return rows


def _tell_reasons(stored: StoredRun, voice: Voice) -> list[str]:
    """How it was proved that there is no plan, why there is none, what would make one, and how a repair is taken."""
    found = stored.found
    if found is None:
        return []
    instance = stored.record.get("inputs") or "INSTANCE"
    taken = tell_taking(found, instance, stored.record["scenario"], voice, run=stored.folder)
    return [*_tell_proof(stored.diagnosis, voice), *tell_diagnosis(found, voice), *taken]


def _tell_proof(diagnosis: Record, voice: Voice) -> list[str]:
    reason = diagnosis.get("reason")
    if reason is None or find(reason["key"]) is None:
        return []
    facts = reason["facts"]
    if "stage" in facts:
        facts = facts | {"stage": " + ".join(_name_stage(stage, voice) for stage in str(facts["stage"]).split(" + "))}
    return ["  " + printable(say(reason["key"], facts, voice.language))]


def _name_stage(stage: str, voice: Voice) -> str:
    return voice.say(f"stages.{stage}") if find(f"cli.stages.{stage}") else stage


def tell_quality(record: Record, voice: Voice) -> str:
    """Return whether a plan is proved best, or how far from it at most.

    Without an average where there are no children, and with an unknown gap where there is no bound.
    """
    proved = record["status"] == Status.OPTIMAL
    gap = voice.say("run.unknown") if record["gap"] is None else write_share(record["gap"])
    if record["mean_m"] is None:
        return voice.say("run.optimal_alone") if proved else voice.say("run.feasible_alone", gap=gap)
    mean, bound = write_metres(record["mean_m"]), _mean_bound(record)
    if record["status"] == Status.DRAWN:
        return voice.say("run.drawn", mean=mean)
    if proved:
        return voice.say("run.optimal", mean=mean)
    if bound is None:
        return voice.say("run.feasible_levels", mean=mean, gap=gap)
    return voice.say("run.feasible", mean=mean, bound=write_metres(bound), gap=gap)


def _mean_bound(record: Record) -> float | None:
    """Metres on average that no plan can undercut; None where none is known or an earlier level is open."""
    still_open = [level for level in record["levels"] if level["gap"] is None or level["gap"] > 0]
    if [level["name"] for level in still_open] != ["travel"] or still_open[0]["bound"] is None:
        return None
    return float(1000 * still_open[0]["bound"] / sum(record["decided"].values()))


def _tell_levels(levels: Sequence[Record], voice: Voice) -> list[str]:
    """Levels that are not zero, but for travel, which is told as an average."""
    return [
        "  "
        + voice.say(
            "run.level_alone" if level["bound"] is None else "run.level",
            level=find(f"cli.levels.{level['name']}", voice.language) or level["name"],
            value=write_number(level["value"]),
            bound=write_number(least_of(level)),
        )
        for level in levels
        if level["name"] != "travel" and level["value"]
    ]


def least_of(level: Record) -> float | None:
    """Return the least that a level can come to: a whole number where children, classes or teachers are counted."""
    bound: float | None = level["bound"]
    return bound if bound is None or level["name"] in IN_DECIMALS else math.ceil(bound - 1e-6)


def _tell_placed(record: Record, voice: Voice) -> str:
    stages = [
        voice.say("run.stage", stage=voice.say(f"stages.{stage}"), students=f"{students:,}")
        for stage, students in record["decided"].items()
    ]
    return voice.say("run.placed", stages=voice.say("run.comma").join(stages))


def tell_standing(record: Record, voice: Voice) -> list[str]:
    """Return what a plan is not: a study is no plan of next year, a calculation no decision."""
    if record["mode"] == "whole" and scope_of(record) != "posts":
        return [voice.say("run.whole")]
    key = "run.draft_posts" if scope_of(record) == "posts" else "run.draft"
    return [voice.say(key, year=record["year"])] if record.get("draft") else []


def _tell_revision(stored: StoredRun, voice: Voice) -> list[str]:
    """What was held and what was open, where a plan goes on from a draft in which something was edited."""
    revision, table = stored.record.get("revision"), stored.tables.get("revisions")
    if revision is None or table is None or not revision["scope"]:
        return []
    key = "run.revised_near" if revision["scope"] == "near" else "run.revised_all"
    return [voice.say(key, edited=revision["edited"], changed=len(table))]


def _tell_later(stored: StoredRun, voice: Voice) -> list[str]:
    """For each later year that catchments are held for, who has no place, and which stages nobody knows of."""
    years = stored.record.get("later", [])
    if not years:
        return []
    beyond = [each for each in stored.shortfalls if each.rule == "later"]
    told = [voice.say("later.held", first=stored.record["year"], last=years[-1]["year"])]
    for later in years:
        found = [each for each in beyond if each.detail == str(later["year"])]
        facts = {"year": later["year"], "students": f"{sum(s.value for s in found):,.0f}", "schools": len(found)}
        told.append("  " + voice.say("later.beyond" if found else "later.fits", **facts))
        for stage in stored.record["decided"]:
            if stage not in later["sources"]:
                named = voice.say(f"stages.{stage}")
                told.append("  " + voice.say("later.unknown", year=later["year"], stage=named))
    return told


def _tell_shortfalls(stored: StoredRun, voice: Voice) -> list[str]:
    """What the plan falls short of this year, and then what stood before it (存量)."""
    new = [each for each in stored.shortfalls if not each.inherited and each.rule != "later"]
    stood = [shortfall for shortfall in stored.shortfalls if shortfall.inherited]
    told = _list_shortfalls("run.short", new, voice) if new else [voice.say("run.none_short")]
    return [*told, *(_list_shortfalls("run.stood", stood, voice) if stood else [])]


def _list_shortfalls(heading: str, shortfalls: Sequence[Shortfall], voice: Voice) -> list[str]:
    told = [f"  {printable(tell_shortfall(each, voice))}" for each in shortfalls[:MOST_SHORTFALLS]]
    more = ["  ..."] if len(shortfalls) > MOST_SHORTFALLS else []
    return [voice.say(heading, count=len(shortfalls)), *told, *more]


def tell_shortfall(shortfall: Shortfall, voice: Voice) -> str:
    """Return what falls short; the name of the rule where another version judged it."""
    if find(f"recheck.{shortfall.rule}.{shortfall.kind or 'plain'}") is None:
        return voice.say("run.unknown_rule", rule=shortfall.rule, where=shortfall.where, value=shortfall.value)
    return describe_shortfall(shortfall, voice.language)


def _tell_seconds(record: Record, voice: Voice) -> list[str]:
    steps = [
        f"{find(f'cli.steps.{name}', voice.language) or name} {seconds:.1f}"
        for name, seconds in record["seconds"].items()
    ]
    return [voice.say("run.seconds", steps=", ".join(steps))] if steps else []

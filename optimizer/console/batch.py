"""A batch of districts on a terminal: a row a run, the sums, and why some have no plan."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from models.sentences import find, say
from optimizer.batch import SUMMARY, find_districts, plan_batch, tabulate, write_summary
from optimizer.console.diagnosis import tell_impossible
from optimizer.console.exits import Exit, Refusal, gravest
from optimizer.console.summary import plain_rows
from optimizer.console.tasks import at_work, judge_result, tell_failure, tell_results
from optimizer.console.text import align, printable, write_metres, write_number, write_share
from optimizer.console.voice import Voice
from optimizer.io import BASE
from optimizer.pipeline import Options
from optimizer.runs import read_run
from optimizer.tasks import Result, carry_out

HEADS = ("district", "scenario", "status", "gap", "shortage", "overflow", "mean_m", "seconds")
SUMS = ("children", "shortage", "overflow", "seconds")
"""Columns that are added up."""


def solve_batch(
    folder: Path,
    scenarios: Sequence[str],
    options: Options,
    out: Path | None,
    voice: Voice,
    *,
    jobs: int | None,
    scheduler: str | None,
    force: bool,
) -> Exit:
    """Solve every district of a folder, store the runs, and answer with a table of them; return the gravest exit code.

    Refuses a folder in which there is no district.
    """
    districts = find_districts(folder)
    if not districts:
        raise Refusal(Exit.USAGE, say("batch.nothing", {"folder": folder}, voice.language))
    target = out or Path("runs") / folder.resolve().name
    tasks = plan_batch(districts, list(dict.fromkeys(scenarios)) or [BASE], options)
    with at_work(voice, jobs=jobs, scheduler=scheduler) as (pool, progress):
        results = carry_out(tasks, target, pool, progress, force=force)
    table = tabulate(results, [_tell_why(result, voice) for result in results])
    write_summary(table, target)
    voice.note(*tell_results(results, voice))
    code = gravest(judge_result(result, voice)[0] for result in results)
    document = {"folder": str(folder), "out": str(target), "runs": plain_rows(table), "exit_code": code}
    voice.answer(document, tell_batch(table, target, voice))
    return code


def tell_batch(table: pd.DataFrame, out: Path, voice: Voice) -> list[str]:
    """Return a line a run, the sums of all, and of each that has no plan why."""
    several = table["scenario"].nunique() > 1
    shown = [head for head in HEADS if head != "scenario" or several]
    runs = plain_rows(table)
    rows = [[_write(head, row[head], voice) for head in shown] for row in runs]
    heads = [say(f"batch.columns.{head}", language=voice.language) for head in shown]
    right = [position for position, head in enumerate(shown) if head not in ("district", "scenario", "status")]
    told = [row for row in runs if row["why"]]
    reasons = [f"  {printable(_name(row, several=several))}: {row['why']}" for row in told]
    why = [say("batch.without", {"count": len(told)}, voice.language), *reasons] if told else []
    written = say("batch.written", {"folder": out, "file": out / SUMMARY}, voice.language)
    return [*align([heads, *rows], right=right), "", _tell_sums(table, voice), *why, written]


def _tell_why(result: Result, voice: Voice) -> str:
    """Why there is no plan; "" where there is one, or where nobody knows yet."""
    if result.failure is not None:
        return tell_failure(result, voice)
    if not result.is_stored:
        return ""
    stored = read_run(result.folder)
    if stored.plan is not None:
        return ""
    return voice.say("run.no_plan") if stored.status == "no_plan" else tell_impossible(stored.found, voice)


def _tell_sums(table: pd.DataFrame, voice: Voice) -> str:
    planned = int(table["gap"].notna().sum())
    sums = {name: write_number(float(table[name].sum()), 0) for name in SUMS}
    total = float(table["children"].sum())
    mean = float((table["mean_m"] * table["children"]).sum()) / total if total else math.nan
    facts = {"runs": len(table), "planned": planned, "mean": write_metres(mean) if total else "-", **sums}
    return say("batch.sums", facts, voice.language)


def _write(head: str, cell: Any, voice: Voice) -> str:
    if head == "status":
        return find(f"batch.status.{cell}", voice.language) or str(cell)
    if cell is None or isinstance(cell, str):
        return cell or ""
    if head == "gap":
        return write_share(cell)
    if head == "seconds":
        return f"{cell:,.1f}"
    return write_metres(cell) if head == "mean_m" else write_number(cell, 0)


def _name(row: dict[str, Any], *, several: bool) -> str:
    return f"{row['district']}/{row['scenario']}" if several else str(row["district"])

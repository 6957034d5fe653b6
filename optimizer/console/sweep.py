"""A sweep asked for on a terminal: what varies is read and checked, the plans are made, and the grid is told."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any, get_args

import numpy as np

from models.faults import FaultyInput
from models.sentences import Language, say
from models.settings import in_language
from models.watch import Silence
from optimizer.console.arguments import existing_folder, known_scenarios, planned_run, speak_as
from optimizer.console.exits import Exit, Refusal, gravest
from optimizer.console.summary import IN_DECIMALS, plain_rows
from optimizer.console.tasks import at_work, claiming, judge_result, refuse_failed, tell_failure, tell_results
from optimizer.console.text import align, printable, write_number, write_share
from optimizer.console.voice import Voice
from optimizer.io import BASE, build_district, read_source
from optimizer.io.source import Source
from optimizer.pipeline import Options
from optimizer.runs import given_classes
from optimizer.runs.claim import claim_folder, clear_others
from optimizer.sweep.axes import UnclearAxis, read_axis
from optimizer.sweep.grid import Grid, make_grid
from optimizer.sweep.outcome import Border, Sweep, find_borders, read_sweep
from optimizer.sweep.picture import FILES, can_draw, draw_sweep, tell_children, tell_shape, tell_unproved
from optimizer.sweep.sweep import MARK, TABLE, describe_grid, find_faults, make_tasks, store_table
from optimizer.tasks import Result, carry_out

MOST_POINTS = 10_000
MANY_POINTS = 200
"""From so many plans on it is said beforehand how many they are."""
MOST_ROWS = 60
MOST_BORDERS = 12
MOST_NAMED = 8


@dataclass(frozen=True)
class Order:
    """What a sweep was asked for."""

    instance: Path
    vary: tuple[str, ...]
    options: Options
    jobs: int | None = None
    """Processes of this machine; one a core where not given."""
    scheduler: str | None = None
    scenario: str | None = None
    out: Path | None = None
    posts: bool = False
    start: Path | None = None
    force: bool = False
    font: Path | None = None


def run_sweep(order: Order, voice: Voice) -> tuple[Exit, dict[str, Any], list[str]]:
    """Make the plans of a grid; return the exit code, the JSON document and what is told.

    Everything that varies is read and checked before anything is solved. Raises FaultyInput for a key, an id or a value
    that the instance does not take, and NothingToPost where posts have no classes.
    """
    folder = existing_folder(order.instance, voice)
    if order.start:
        if not order.posts:
            raise Refusal(Exit.USAGE, _say("refused.from_alone", voice))
        planned_run(order.start, voice)
    with _refusing(voice):
        grid = read_grid(order)
    known_scenarios(folder, [point.scenario for point in grid.star()])
    speak_as(folder, grid.points[0].scenario)
    with _refusing(voice):
        faults, checks = find_faults(grid, folder)
    if faults:
        raise FaultyInput(faults, checks)
    source = read_source(folder, grid.points[0].scenario)
    if order.posts:
        given_classes(build_district(source), order.start, Silence())
    out = order.out or Path("runs") / f"{folder.resolve().name}-sweep"
    with claiming(out, "sweep", voice):
        claim_folder(out, MARK, describe_grid(grid, folder, posts=order.posts, start=order.start), force=order.force)
    if len(grid) >= MANY_POINTS:
        voice.note(_say("many", voice, count=f"{len(grid):,}", shape=tell_shape(grid, voice.language)))
    tasks = make_tasks(grid, folder, order.options, posts=order.posts, start=order.start)
    if order.force:
        clear_others(out, {task.name for task in tasks})
    with at_work(voice, jobs=order.jobs, scheduler=order.scheduler) as (pool, progress):
        results = carry_out(tasks, out, pool, progress, force=order.force)
    voice.note(*tell_results(results, voice))
    refuse_failed(results, out, MARK, voice)
    failed = [result for result in results if result.failure is not None]
    sweep = read_sweep(grid, out, [result.task.name for result in failed])
    store_table(sweep)
    cautions = {tongue: caution_of(source, replace(voice, language=tongue)) for tongue in get_args(Language)}
    pictures = _draw(sweep, source, order, cautions, voice)
    told = [*tell_sweep(sweep, source, results, voice), *pictures, cautions[voice.language]]
    code = judge_sweep(sweep, results, voice)
    return code, describe_sweep(sweep, failed, voice), told


def read_grid(order: Order) -> Grid:
    """Return the grid that was asked for. Raises UnclearAxis."""
    if not order.vary:
        raise UnclearAxis("nothing")
    axes = [read_axis(stated) for stated in order.vary]
    if order.scenario is not None and any(axis.is_scenario for axis in axes):
        raise UnclearAxis("two_scenarios")
    grid = make_grid(axes, order.scenario or BASE)
    if len(grid) > MOST_POINTS:
        raise UnclearAxis(
            "too_many", count=f"{len(grid):,}", shape=tell_shape(grid, order.options.language), most=f"{MOST_POINTS:,}"
        )
    return grid


def judge_sweep(sweep: Sweep, results: Sequence[Result], voice: Voice) -> Exit:
    """Return the exit code: that a point has no plan is an answer, as long as another has one."""
    told = results if not sweep.planned.any() else [result for result in results if not result.is_stored]
    return gravest(judge_result(result, voice)[0] for result in told)


def tell_sweep(sweep: Sweep, source: Source, results: Sequence[Result], voice: Voice) -> list[str]:
    """Return the grid in lines: a line a plan, the best marked, and where plans stop being possible."""
    title = head_of(source, voice.language, varied=sweep.grid.varies_scenario)
    headline = _say("headline", voice, title=title, count=len(sweep.grid), vary=tell_shape(sweep.grid, voice.language))
    return [
        *map(printable, headline.split("\n")),
        "",
        *_tabulate(sweep, voice),
        "",
        *tell_unproved(sweep, voice.language),
        *(printable(line) for line in _tell_best(sweep, voice)),
        *([_say("not_alike", voice)] if not sweep.alike and sweep.planned.any() else []),
        *_tell_borders(sweep, voice),
        *(printable(line) for line in tell_children(sweep, voice.language)),
        *(printable(_say("idle", voice, key=key)) for key in _name_idle(sweep, voice.language)),
        *_tell_failed(sweep, results, voice),
        _say("out", voice, folder=sweep.out, table=sweep.out / TABLE),
    ]


def describe_sweep(sweep: Sweep, failed: Sequence[Result], voice: Voice) -> dict[str, Any]:
    """Return the sweep as one JSON document."""
    best = [sweep.grid.points[row].name for row in sweep.best]
    return {
        "out": str(sweep.out),
        "scenario": sweep.grid.scenario,
        "vary": [{"key": axis.key, "values": list(axis.values)} for axis in sweep.grid.axes],
        "levels": list(sweep.levels),
        "points": [
            row | {axis.key: axis.values[at] for axis, at in zip(sweep.grid.axes, point.position, strict=True)}
            for row, point in zip(plain_rows(sweep.table), sweep.grid.points, strict=True)
        ],
        "best": best[0] if best else None,
        "alike": best[1:],
        "borders": [
            {
                "key": sweep.grid.axes[border.axis].key,
                "value": border.value,
                "plans": "before" if border.ends else "from",
                "proved": border.proved,
                "where": list(border.others),
            }
            for border in find_borders(sweep)
        ],
        "idle": list(sweep.idle),
        "failed": {result.task.name: tell_failure(result, voice) for result in failed},
    }


@contextmanager
def _refusing(voice: Voice) -> Iterator[None]:
    """Within it, what cannot be meant by `--vary` is refused with the reason."""
    try:
        yield
    except UnclearAxis as stop:
        facts = {name: printable(str(fact)) for name, fact in stop.facts.items()}
        raise Refusal(Exit.USAGE, _say(f"refused.{stop.why}", voice, **facts)) from stop


def head_of(source: Source, language: Language, *, varied: bool = False) -> str:
    """Return what the district is called and, unless that varies, its scenario where that has a title or a name."""
    district = "" if source.settings is None else source.settings.instance.called(language)
    scenario = in_language(source.scenario_title, language) or ("" if source.scenario == BASE else source.scenario)
    if varied or not scenario:
        return district
    return say("sweep.titled", {"district": district, "scenario": scenario}, language)


def caution_of(source: Source, voice: Voice) -> str:
    """Return what a calculation is not: a decision, or a plan for next year at all."""
    assert source.settings is not None
    instance = source.settings.instance
    return voice.say("run.whole") if instance.mode == "whole" else voice.say("run.draft", year=instance.year)


def _draw(sweep: Sweep, source: Source, order: Order, cautions: Mapping[Language, str], voice: Voice) -> list[str]:
    """Draw the picture; return where it lies, or why there is none."""
    if not sweep.planned.any():
        return []
    if not can_draw(sweep):
        return [_say("no_picture", voice, count=prod(sweep.grid.shape[:-2]), table=sweep.out / TABLE)]
    varied = sweep.grid.varies_scenario
    headings = {tongue: (head_of(source, tongue, varied=varied), cautions[tongue]) for tongue in get_args(Language)}
    drawn = draw_sweep(sweep, headings, voice.language, order.font)
    if drawn.note:
        voice.note(say(drawn.note, language=voice.language))
    return [_say("picture", voice, files=", ".join(str(sweep.out / file) for file in FILES))]


def _tabulate(sweep: Sweep, voice: Voice) -> list[str]:
    """A line a point: what varies, what was proved, metres, and every level that is not nothing everywhere."""
    levels = [level for level in sweep.levels if (sweep.table[level].fillna(0).abs() > 1e-9).any()]
    metres = ["mean_m"] if "mean_m" in sweep.table and sweep.table["mean_m"].notna().any() else []
    counted = ["children"] if any(axis.changes_demand for axis in sweep.grid.axes) and sweep.planned.any() else []
    heads = [
        _say("columns.folder", voice),
        *sweep.grid.keys(voice.language),
        _say("columns.status", voice),
        *(_say(f"columns.{name}", voice) for name in (*counted, *metres)),
        *(_say(f"heads.{level}", voice) for level in levels),
        "",
    ]
    best, unproved = sweep.best, sweep.unproved
    rows = [
        [
            point.name,
            *(sweep.grid.values(axis, voice.language)[at] for axis, at in enumerate(point.position)),
            tell_status(row["status"], row.get("gap"), voice) + (" *" if unproved[place] else ""),
            *(write_number(row[name], 0) for name in (*counted, *metres)),
            *(write_number(row[level], 1 if level in IN_DECIMALS else 0) for level in levels),
            f"<- {_say('mark', voice)}" if place in best else "",
        ]
        for place, (point, row) in enumerate(zip(sweep.grid.points, sweep.table.to_dict("records"), strict=True))
    ][:MOST_ROWS]
    left = len(sweep.grid) - len(rows)
    first = len(sweep.grid.axes) + 2
    right = (*range(1, first - 1), *range(first, len(heads) - 1))
    return [
        *align([heads, *rows], right=right),
        *([_say("more", voice, count=left, table=sweep.out / TABLE)] if left else []),
    ]


def tell_status(status: str, gap: float | None, voice: Voice) -> str:
    """Return what was shown of one plan among others, in a word or two."""
    key = "no_bound" if status == "feasible" and (gap is None or np.isnan(gap)) else status
    return _say(f"status.{key}", voice, gap=write_share(gap) if gap is not None else "")


def _tell_borders(sweep: Sweep, voice: Voice) -> list[str]:
    borders = find_borders(sweep, voice.language)
    told = [printable(line) for border in borders[:MOST_BORDERS] for line in _tell_border(sweep, border, voice)]
    left = len(borders) - MOST_BORDERS
    return [*told, *([_say("border.more", voice, count=left, table=sweep.out / TABLE)] if left > 0 else [])]


def _tell_border(sweep: Sweep, border: Border, voice: Voice) -> list[str]:
    """Where plans begin or stop; a line for each of the values of the other keys where it is not the same for all."""
    key = f"border.{'ends' if border.ends else 'begins'}{'' if border.proved else '_found'}"
    value = sweep.grid.values(border.axis, voice.language)[sweep.grid.axes[border.axis].labels.index(border.value)]
    sentence = _say(key, voice, key=sweep.grid.keys(voice.language)[border.axis], value=value)
    return [_say("border.where", voice, others=others, sentence=sentence) for others in border.others] or [sentence]


def _tell_failed(sweep: Sweep, results: Sequence[Result], voice: Voice) -> list[str]:
    """Which plans could not be made: a line for each reason."""
    found: dict[str, list[str]] = {}
    for point, result in zip(sweep.grid.points, results, strict=True):
        if result.failure is not None:
            facts = {"folder": point.name, "title": sweep.grid.title(point.position, voice.language)}
            found.setdefault(tell_failure(result, voice), []).append(_say("failed_one", voice, **facts))
    return [printable(_say("failed", voice, folders=_name_some(names, voice), why=why)) for why, names in found.items()]


def _name_some(names: Sequence[str], voice: Voice) -> str:
    """Return the first of some names, and how many more there are."""
    more = _say("and_more", voice, count=len(names) - MOST_NAMED) if len(names) > MOST_NAMED else ""
    return _say("list", voice).join(names[:MOST_NAMED]) + more


def _tell_best(sweep: Sweep, voice: Voice) -> list[str]:
    """Which plan is the best; all of them where several are alike."""
    points = [sweep.grid.points[row] for row in sweep.best]
    if len(points) > 1:
        if len(points) == int(sweep.planned.sum()):
            return [_say("best.all", voice)]
        return [_say("best.alike", voice, folders=_name_some([point.name for point in points], voice))]
    facts = [{"folder": point.name, "title": sweep.grid.title(point.position, voice.language)} for point in points]
    return [_say("best.one", voice, **each) for each in facts]


def _name_idle(sweep: Sweep, language: Language) -> list[str]:
    named = zip(sweep.grid.axes, sweep.grid.keys(language), strict=True)
    return [name if language != "en" else axis.key for axis, name in named if axis.key in sweep.idle]


def _say(key: str, voice: Voice, /, **facts: object) -> str:
    return say(f"sweep.{key}", facts, voice.language)

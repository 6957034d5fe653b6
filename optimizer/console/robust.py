"""Robust plans asked for on a terminal: plans for some draws, judged on others, and told side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from models.district import District, Travel
from models.faults import FaultyInput
from models.sentences import Language, say
from models.settings import Name
from optimizer.checks import check_source
from optimizer.console.arguments import existing_folder, known_scenarios, speak_as
from optimizer.console.draws import MOST_SCHOOLS, describe_beyond, tell_asked, write_frequency
from optimizer.console.exits import Exit, gravest
from optimizer.console.summary import plain_rows, tell_warnings
from optimizer.console.tasks import at_work, claiming, judge_result, tell_failure, tell_results
from optimizer.console.text import align, printable, write_number, write_share, write_stated
from optimizer.console.voice import Voice
from optimizer.draws.candidates import (
    MARGINS,
    MORE,
    STATED,
    TODAY,
    collect_candidates,
    draw_for_plans,
    make_tasks,
    proved_bounds,
)
from optimizer.draws.demand import Draws, Spread, draw_demand
from optimizer.draws.overflows import TAIL, find_interval
from optimizer.draws.robust import Judged, Robust, compare_means, find_bound, find_robust
from optimizer.draws.store import (
    DRAWS,
    MARK,
    PICTURE,
    PLANS,
    best_folders,
    clear_answer,
    store_plan,
    store_tables,
    tabulate_schools,
)
from optimizer.export.frequencies import MOST_ROWS, Bars, FrequencyScene, draw_frequencies
from optimizer.geo.travel import measure_travel
from optimizer.io import BASE, build_district, read_source
from optimizer.pipeline import Options
from optimizer.runs import NothingToPost
from optimizer.runs.claim import claim_folder, clear_others
from optimizer.tasks import Result, carry_out

PLAN_COLUMNS = ("plan", "best", "mean", "nine", "worst", "stated", "mean_km", "worst_km", "from_today", "from_stated")


@dataclass(frozen=True)
class Order:
    """What was asked for."""

    instance: Path
    options: Options
    draws: int = 200
    seed: int = 1
    spread: Spread = field(default_factory=Spread)
    plans: int = 8
    tail: float = TAIL
    scenario: str = BASE
    out: Path | None = None
    jobs: int | None = None
    scheduler: str | None = None
    force: bool = False
    font: Path | None = None


def run_robust(order: Order, voice: Voice) -> tuple[Exit, dict[str, Any], list[str]]:
    """Make plans for draws, judge them on others, store the best; return exit code, JSON document and what is told.

    Raises FaultyInput for an instance with faults, NothingToPost for one without children.
    """
    folder = existing_folder(order.instance, voice)
    (scenario,) = known_scenarios(folder, [order.scenario])
    speak_as(folder, scenario)
    district = _read(folder, scenario, voice)
    out = order.out or Path("runs") / f"{folder.resolve().name}-robust"
    plans = draw_for_plans(district, order.plans, order.seed, order.spread)
    results = _make_plans(order, district, plans, out, voice)
    why = {result.task.name: tell_failure(result, voice) for result in results if result.failure is not None}
    document: dict[str, Any] = {"out": str(out), "failed": why}
    failures = [printable(_say("failed", voice, plan=name, why=why[name])) for name in why]
    codes = {result.task.name: judge_result(result, voice)[0] for result in results}
    if any(result.ending == "left" for result in results):
        return Exit.INTERRUPTED, document, [*failures, _say("stopped", voice, folder=out)]
    if not any(result.is_stored and codes[result.task.name] == Exit.DONE for result in results):
        return gravest(codes.values()), document, [*failures, _say("no_plan", voice, folder=out / STATED)]
    travel = measure_travel(district)
    draws = draw_demand(district, order.draws, order.seed, order.spread)
    robust = find_robust(district, travel, collect_candidates(district, travel, results), draws, order.tail)
    bounds = proved_bounds(results[1 : 1 + len(plans)])
    robust = replace(robust, bound=find_bound(robust, travel, plans, bounds))
    folders = _store(robust, travel, out, voice)
    planless = [name for name, code in codes.items() if code != Exit.DONE and name not in why]
    document |= {"folders": folders, "without_plan": planless} | describe_robust(robust)
    lines = [*tell_robust(robust, len(plans), voice), *_tell_others(robust, out, voice)]
    lines += [*_tell_planless(planless, voice), *failures]
    lines += [*_tell_folders(robust, out, folders, voice), *_draw(robust, out, order, voice)]
    return gravest(codes[name] for name in why), document, lines


def _make_plans(order: Order, district: District, plans: Draws, out: Path, voice: Voice) -> tuple[Result, ...]:
    """Make the plans, or find them where they were made before."""
    with claiming(out, "draws", voice):
        claim_folder(out, MARK, _describe_order(order), force=order.force)
    tasks = make_tasks(district, order.instance, order.options, plans)
    if order.force:
        clear_others(out, {task.name for task in tasks})
        clear_answer(out)
    with at_work(voice, jobs=order.jobs, scheduler=order.scheduler) as (pool, progress):
        results = carry_out(tasks, out, pool, progress, force=order.force)
    voice.note(*tell_results(results, voice))
    return results


def tell_robust(robust: Robust, plans: int, voice: Voice) -> list[str]:
    """Return the plans side by side, what was proved, and how often each school overflows under them.

    `plans` is the number of draws that plans were made for.
    """
    title = robust.district.settings.instance.called(voice.language)
    return [
        printable(_say("headline", voice, title=title, plans=plans, draws=f"{len(robust.draws):,}")),
        tell_asked(robust.named[0].overflows, voice),
        "",
        *_tabulate_plans(robust, voice),
        _say("measures", voice, tail=write_stated(robust.tail)),
        *_tell_gain(robust, voice),
        *_tell_bound(robust, voice),
        *([_say("barred", voice, count=len(robust.barred))] if robust.barred else []),
        *([] if robust.lawful else [_say("unlawful", voice)]),
        "",
        *_tabulate_schools(robust, voice),
    ]


def describe_robust(robust: Robust) -> dict[str, Any]:
    """Return robust plans for a JSON document; every draw is in `draws.csv`."""
    bound = robust.bound
    return {
        "draws": len(robust.draws),
        "seed": robust.draws.seed,
        "spread": robust.draws.spread.share,
        "correlation": robust.draws.spread.correlation,
        "tail": robust.tail,
        "best_on_average": robust.average,
        "best_in_worst": robust.worst,
        "barred": list(robust.barred),
        "lawful": robust.lawful,
        "bound": None if bound is None else {"draws": bound.draws, "best": bound.best, "average": bound.average},
        "plans": [
            {
                "plan": judged.name,
                "beyond": describe_beyond(judged.overflows),
                "beyond_stated": judged.stated,
                "from_today": judged.from_today,
                "from_stated": judged.from_stated,
            }
            for judged in robust.judged
        ],
        "schools": plain_rows(tabulate_schools(robust)),
    }


def _read(folder: Path, scenario: str, voice: Voice) -> District:
    """The district of a scenario; how many warnings there are is said."""
    source = read_source(folder, scenario)
    report = check_source(source)
    if report.faults:
        raise FaultyInput(report.faults, report.checks)
    voice.note(*tell_warnings(report.warnings, folder, scenario, voice))
    district = build_district(source)
    if not len(district.units):
        raise NothingToPost("posts_alone")
    return district


def _describe_order(order: Order) -> dict[str, Any]:
    """What the runs of the folder answer."""
    return {
        "instance": order.instance.resolve().name,
        "scenario": order.scenario,
        "draws": order.draws,
        "seed": order.seed,
        "spread": order.spread.share,
        "correlation": order.spread.correlation,
        "plans": order.plans,
        "tail": order.tail,
    }


def _tell_others(robust: Robust, out: Path, voice: Voice) -> list[str]:
    """How many plans were judged beside those that are told."""
    count = len(robust.judged) - len(robust.named)
    return [_say("others", voice, count=count, file=out / PLANS)] if count else []


def _tell_planless(names: Sequence[str], voice: Voice) -> list[str]:
    return [_say("without_plan", voice, count=len(names), names=", ".join(names))] if names else []


def _store(robust: Robust, travel: Travel, out: Path, voice: Voice) -> dict[str, str]:
    """Store the tables, and the best plans as runs; return the folder of each of these plans."""
    clear_answer(out)
    store_tables(robust, out)
    folders = best_folders(robust)
    facts = {"draws": f"{len(robust.draws):,}", "tail": write_stated(robust.tail)}
    for name, folder in folders.items():
        if name != STATED:
            title: Name = {tongue: say(f"draws.titles.{folder}", facts, tongue) for tongue in get_args(Language)}
            store_plan(robust, travel, out, name=name, folder=folder, title=title, language=voice.language)
    return {name: str(out / folder) for name, folder in folders.items()}


def _draw(robust: Robust, out: Path, order: Order, voice: Voice) -> list[str]:
    """Draw the picture; return where it lies, or nothing where no school overflows."""
    rows = _rows(robust)[:MOST_ROWS]
    if not rows:
        return []

    def build(language: Language) -> FrequencyScene:
        spoken = replace(voice, language=language)
        return _compose(robust, rows, spoken)

    drawn = draw_frequencies(build, out / PICTURE, language=voice.language, font=order.font)
    if drawn.note:
        voice.note(say(drawn.note, language=voice.language))
    return [_say("picture", voice, file=out / PICTURE)]


def _compose(robust: Robust, rows: Sequence[tuple[str, str]], voice: Voice) -> FrequencyScene:
    """What the picture says."""
    instance = robust.district.settings.instance
    names = dict(zip(robust.district.schools.ids, robust.district.schools.names, strict=True))
    several = len(instance.stages) > 1
    plans = []
    for judged in robust.named:
        found = _frequencies(judged).reindex(pd.MultiIndex.from_tuples(rows))
        share, low, high = (found[column].to_numpy(np.float64) for column in ("frequency", "low", "high"))
        label, best = _name(judged.name, robust, voice), _name_best(robust, judged, voice)
        label = _say("with_best", voice, plan=label, best=best) if best else label
        plans.append(Bars(label, share, low, high))
    return FrequencyScene(
        heading=_say("picture_heading", voice, title=instance.called(voice.language)),
        subtitle=_say(
            "picture_subtitle",
            voice,
            draws=f"{len(robust.draws):,}",
            spread=write_stated(robust.draws.spread.share),
            correlation=write_number(robust.draws.spread.correlation),
        ),
        caution=voice.say("run.whole") if instance.mode == "whole" else voice.say("run.draft", year=instance.year),
        axis=_say("picture_axis", voice),
        rows=tuple(
            f"{names[school] or school} {voice.say(f'stages.{stage}')}" if several else names[school] or school
            for school, stage in rows
        ),
        plans=tuple(plans),
    )


def _rows(robust: Robust) -> list[tuple[str, str]]:
    """Schools and stages that overflow under one of the plans named, by how often they do."""
    tables = [_frequencies(judged)["frequency"] for judged in robust.named]
    side = pd.concat(tables, axis=1, keys=range(len(tables))).fillna(0.0)
    side = side[(side > 0).any(axis=1)].sort_values(list(side.columns), ascending=False, kind="stable")
    return [(str(school), str(stage)) for school, stage in side.index]


def _frequencies(judged: Judged) -> pd.DataFrame:
    return judged.overflows.schools.set_index(["school_id", "stage"])


def _tabulate_plans(robust: Robust, voice: Voice) -> list[str]:
    """A line a plan that is named: children beyond, kilometres, and who would change school."""
    tail = write_stated(robust.tail)
    heads = [_say(f"plans.{column}", voice, tail=tail) for column in PLAN_COLUMNS]
    rows = []
    for judged in robust.named:
        found = describe_beyond(judged.overflows)
        rows.append(
            [
                _name(judged.name, robust, voice),
                _name_best(robust, judged, voice),
                write_number(found["mean"], 1),
                write_number(found["ninety"]),
                write_number(found["worst"], 1),
                write_number(judged.stated),
                write_number(found["mean_km"], 0),
                write_number(found["worst_km"], 0),
                *(write_number(moved) for moved in (judged.from_today, judged.from_stated)),
            ]
        )
    return align([heads, *rows], right=range(2, len(heads)), indent="  ")


def _tabulate_schools(robust: Robust, voice: Voice) -> list[str]:
    """A line a school and stage that overflows under one of the plans: how often under each."""
    rows, named = _rows(robust), robust.named
    if not rows:
        return [_say("none_overflow", voice, high=write_share(find_interval(0, len(robust.draws))[1]))]
    names = dict(zip(robust.district.schools.ids, robust.district.schools.names, strict=True))
    shares = [_frequencies(judged)["frequency"] for judged in named]
    heads = [*(_say(f"columns.{column}", voice) for column in ("school", "name", "stage"))]
    heads += [_name(judged.name, robust, voice) for judged in named]
    lines = [
        [
            *(school, names[school], voice.say(f"stages.{stage}")),
            *(write_frequency(float(share.get((school, stage), 0.0))) for share in shares),
        ]
        for school, stage in rows[:MOST_SCHOOLS]
    ]
    low, high = find_interval(len(robust.draws) // 2, len(robust.draws))
    left = len(rows) - len(lines)
    return [
        _say("schools", voice, count=len(rows)),
        *align([heads, *lines], right=range(3, len(heads)), indent="  "),
        *([_say("more", voice, count=left)] if left else []),
        _say("known_within", voice, draws=f"{len(robust.draws):,}", points=f"{50 * (high - low):.0f}"),
    ]


def _tell_gain(robust: Robust, voice: Voice) -> list[str]:
    """What the plan that is best on average spares, beside that of the demand as stated."""
    best, stated = robust.find(robust.average), robust.find(STATED)
    if best is None or stated is None:
        return []
    if best is stated:
        return [_say("gain.none", voice)]
    mean, low, high = compare_means(stated.overflows, best.overflows)
    facts = {name: write_number(value, 1) for name, value in (("mean", mean), ("low", low), ("high", high))}
    return [_say("gain.sure" if low > 0 else "gain.chance", voice, plan=_name(best.name, robust, voice), **facts)]


def _tell_bound(robust: Robust, voice: Voice) -> list[str]:
    bound = robust.bound
    if bound is None:
        return []
    facts = {"best": write_number(bound.best, 1), "average": write_number(bound.average, 1)}
    return [_say("bound", voice, draws=bound.draws, **facts)]


def _name(name: str, robust: Robust, voice: Voice) -> str:
    """What a plan is called in tables."""
    if name in (STATED, TODAY):
        return _say(f"names.{name}", voice)
    kind, _, number = name.rpartition("-")
    if kind == MORE:
        more = MARGINS[int(number) - 1] * robust.draws.spread.share
        return _say("names.more", voice, more=write_stated(more))
    return _say("names.draw", voice, number=int(number))


def _tell_folders(robust: Robust, out: Path, folders: dict[str, str], voice: Voice) -> list[str]:
    told = [_say("folder", voice, plan=_name(name, robust, voice), folder=folder) for name, folder in folders.items()]
    return [*told, _say("out", voice, folder=out, draws=out / DRAWS)]


def _name_best(robust: Robust, judged: Judged, voice: Voice) -> str:
    """What a plan is best in; "" where in nothing."""
    best = [judged.name == robust.average, judged.name == robust.worst]
    key = {(True, True): "both", (True, False): "average", (False, True): "worst"}.get((best[0], best[1]))
    return _say(f"best.{key}", voice, tail=write_stated(robust.tail)) if key else ""


def _say(key: str, voice: Voice, **facts: object) -> str:
    return say(f"draws.{key}", facts, voice.language)

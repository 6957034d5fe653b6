"""The command line: reads arguments, calls the engine, prints what it says, answers with an exit code.

Everything heavy is imported inside the commands, so that `xuewei --help` is quick. Every sentence is in
`models/sentences`, the help texts too: the names of commands and options are their keys.
"""

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from models.products import DATUMS, PRODUCTS
from models.sentences import Language, say
from models.stages import STAGES, Stage
from optimizer.console.commands import (
    COUNT,
    PATH,
    SECONDS,
    Ending,
    FiniteRange,
    Group,
    Option,
    json_option,
    option,
    seed_option,
    with_limits,
    with_pool,
    with_voice,
    with_ways_of_speaking,
    workers_option,
)
from optimizer.console.exits import EXIT_OF_DIAGNOSIS, EXIT_OF_STATUS, Exit, Refusal, gravest
from optimizer.console.voice import Voice

if TYPE_CHECKING:
    from models.diagnosis import Diagnosis
    from optimizer.pipeline import Options
    from optimizer.runs import StoredRun

TIME_LIMIT_S = 60.0
"""Of a solve that is given no limit at all."""
DIAGNOSIS_S = 80.0
"""Of a diagnosis."""
UNSWEPT = 100_000
"""New objects between two sweeps for dead ones. The libraries make a million that live to the end; at Python's own 700
they are looked through again and again, a sixth of a short call."""
OF_CHILDREN = ("coordination", "changes", "revisions", "admission_plan", "classes", "assignments", "schools")
OF_POSTS = ("postings", "posts", "hiring", "surplus", "in_out", "resources")
SHOWN_TABLES = (*OF_CHILDREN, *OF_POSTS)
"""Tables of a run that `show` prints."""


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@with_ways_of_speaking
@click.version_option(None, cls=Option, package_name="xuewei", message="%(prog)s %(version)s")
def xuewei() -> None:
    """Allocate the school places of a district."""


@xuewei.command()
@click.argument("instance", type=PATH, required=False)
@option("--scenario", metavar="NAME", default="base", show_default=True)
@option("--explain", metavar="CODE")
@json_option
@with_voice
def check(voice: Voice, instance: Path | None, scenario: str, explain: str | None) -> Exit:
    """Read and check an instance."""
    from optimizer.checks.instance import check_instance
    from optimizer.console.arguments import existing_folder, speak_as
    from optimizer.console.faults import describe_report, tell_explanation, tell_report

    if explain:
        lines = tell_explanation(explain, voice)
        voice.answer({"code": explain, "explanation": lines}, lines)
        return Exit.DONE
    if instance is None:
        raise click.UsageError(voice.say("error.nothing_asked"))
    speak_as(existing_folder(instance, voice), scenario)
    report = check_instance(instance, scenario)
    document = {"instance": str(instance), "scenario": scenario} | describe_report(report, voice.language)
    voice.answer(document, tell_report(report, instance, scenario, voice))
    return Exit.FAULTY if report.faults else Exit.DONE


@xuewei.command()
@click.argument("instance", type=PATH)
@option("--scenario", "scenarios", metavar="NAME", multiple=True)
@option("--out", type=PATH, metavar="DIR")
@option("--from", "start", type=PATH, metavar="RUN")
@option("--hold", type=click.IntRange(min=1, max=20), metavar="N")
@with_limits()
@workers_option
@option("--students-only", is_flag=True)
@option("--teachers-only", is_flag=True)
@option("--no-diagnose", is_flag=True)
@option("--force", is_flag=True)
@with_voice
def solve(
    voice: Voice,
    instance: Path,
    scenarios: tuple[str, ...],
    out: Path | None,
    start: Path | None,
    hold: int | None,
    limits: dict[str, Any],
    workers: int | None,
    students_only: bool,
    teachers_only: bool,
    no_diagnose: bool,
    force: bool,
) -> Exit:
    """Make plans, one run folder a scenario."""
    from optimizer.console.arguments import drawn_run, existing_folder, known_scenarios, planned_run

    folder = existing_folder(instance, voice)
    names = known_scenarios(folder, scenarios)
    if teachers_only and students_only:
        raise click.UsageError(voice.say("posts.not_both"))
    if teachers_only and hold:
        raise click.UsageError(voice.say("posts.no_hold"))
    if start:
        (planned_run if teachers_only else drawn_run)(start, voice)
    target = out or Path("runs") / folder.resolve().name
    options = options_of(
        voice.language,
        limits,
        workers=workers or os.cpu_count() or 1,
        students_only=students_only,
        hold=hold,
        diagnose=not no_diagnose,
    )
    codes: list[Exit] = []
    for position, name in enumerate(names):
        ending = Ending(voice, subject=name if len(names) > 1 else "")
        with ending:
            ending.code = solve_scenario(
                ending,
                folder,
                name,
                options,
                out=target,
                force=force,
                start=start,
                posts=teachers_only,
            )
        codes.append(ending.code)
        if ending.code == Exit.INTERRUPTED:
            left = names[position + 1 :]
            voice.complain(*([voice.say("error.not_started", scenarios=", ".join(left))] if left else []))
            break
    return gravest(codes)


def options_of(language: Language, limits: dict[str, Any], **more: Any) -> "Options":
    """Return what a solve is asked for, `more` being further fields; without any limit it has a minute."""
    from optimizer.pipeline import Options

    unlimited = limits["time_limit_s"] is None and limits["work_limit"] is None
    return Options(**limits | ({"time_limit_s": TIME_LIMIT_S} if unlimited else {}), **more, language=language)


def solve_scenario(
    ending: Ending,
    folder: Path,
    scenario: str,
    options: "Options",
    *,
    out: Path,
    force: bool,
    start: Path | None,
    posts: bool,
) -> Exit:
    """Solve one scenario, or its posts alone; store it and say what came of it."""
    from optimizer.console.arguments import speak_as
    from optimizer.console.progress import Progress, heeding_interrupts
    from optimizer.console.summary import tell_run, tell_warnings
    from optimizer.pipeline import solve_instance, solve_posts
    from optimizer.runs import read_run

    voice = ending.voice
    speak_as(folder, scenario)
    make = solve_posts if posts else solve_instance
    progress = Progress(sys.stderr, voice.language, quiet=voice.quiet, verbose=voice.verbose, said=voice.said)
    with progress, heeding_interrupts(progress):
        solved = make(folder, scenario, options, out=out, force=force, start=start, watch=progress)
    voice.note(*tell_warnings(solved.warnings, folder, scenario, voice))
    voice.answer({}, [*ending.heading, *tell_run(read_run(solved.folder), voice)])
    outcome = solved.run.outcome
    return Exit.INTERRUPTED if outcome.interrupted else EXIT_OF_STATUS[outcome.status]


@xuewei.command()
@click.argument("instance", type=PATH)
@option("--scenario", metavar="NAME")
@option("--from", "diagnose_start", type=PATH, metavar="RUN")
@option("--time-limit", "diagnose_time_limit", type=SECONDS, metavar="S", default=DIAGNOSIS_S)
@seed_option
@workers_option
@option("--students-only", is_flag=True)
@option("--teachers-only", is_flag=True)
@option("--apply", "apply", type=COUNT, metavar="N")
@option("--as", "name", metavar="NAME")
@option("--force", is_flag=True)
@json_option
@with_voice
def diagnose(
    voice: Voice,
    instance: Path,
    scenario: str | None,
    diagnose_start: Path | None,
    apply: int | None,
    name: str | None,
    force: bool,
    **asked: Any,
) -> Exit:
    """Say why there is no plan and what would make one; write a repair as a scenario."""
    from optimizer.console.apply import apply_repair, check_name, matching_run
    from optimizer.console.arguments import existing_folder, known_scenarios, speak_as
    from optimizer.console.diagnosis import describe_diagnosis, tell_scenario, tell_taking

    folder = existing_folder(instance, voice)
    if (apply is None) != (name is None):
        raise click.UsageError(voice.say("apply.together"))
    if force and apply is None:
        raise click.UsageError(voice.say("apply.no_force"))
    if asked["students_only"] and asked["teachers_only"]:
        raise click.UsageError(voice.say("posts.not_both"))
    run = matching_run(diagnose_start, folder, scenario, voice) if diagnose_start else None
    (chosen,) = known_scenarios(folder, [run.record["scenario"] if run else scenario or "base"])
    speak_as(folder, chosen)
    if apply is None or name is None:
        diagnosis, code = look_into(voice, folder, chosen, run, **asked)
        taken = tell_taking(diagnosis, folder, chosen, voice, run=diagnose_start, posts=asked["teachers_only"])
        lines = [*tell_scenario(diagnosis, voice), *taken]
        voice.answer(describe_diagnosis(diagnosis, folder, chosen), lines)
        return code
    check_name(folder, chosen, name, voice, force=force)
    found = run.found if run else None
    if run and not found and not asked["teachers_only"]:
        raise Refusal(Exit.USAGE, voice.say("apply.planned", folder=run.folder))
    if not found or (run and not run.is_diagnosed):
        found, code = look_into(voice, folder, chosen, run, **asked)
        voice.note(*tell_scenario(found, voice))
        if code == Exit.INTERRUPTED:
            return code
    varied = run.variation if run else {}
    written = apply_repair(folder, chosen, found, apply, name, voice, force=force, varied=varied)
    voice.answer({"instance": str(folder), "scenario": chosen, "applied": apply, "as": name}, written)
    return Exit.DONE


def look_into(
    voice: Voice,
    folder: Path,
    scenario: str,
    run: "StoredRun | None",
    *,
    diagnose_time_limit: float,
    seed: int,
    workers: int | None,
    students_only: bool,
    teachers_only: bool,
) -> "tuple[Diagnosis, Exit]":
    """Diagnose a scenario, or the plan of a run; return what was found out, and the exit code."""
    from optimizer.console.arguments import with_plan
    from optimizer.console.progress import Progress, heeding_interrupts
    from optimizer.diagnose.diagnose import Terms, Unposted, diagnose_instance

    if run and run.is_diagnosed:
        with_plan(run, voice)
    plan, varied = (run.plan, run.variation) if run else (None, {})
    terms = Terms(
        time_limit_s=diagnose_time_limit,
        seed=seed,
        workers=workers or os.cpu_count() or 1,
        students_only=students_only,
        teachers_only=teachers_only,
    )
    progress = Progress(sys.stderr, voice.language, quiet=voice.quiet, verbose=voice.verbose, said=voice.said)
    try:
        with progress, heeding_interrupts(progress):
            diagnosis = diagnose_instance(folder, scenario, terms, watch=progress, plan=plan, patch=varied)
    except Unposted as stop:
        raise Refusal(Exit.USAGE, voice.say(f"posts.{stop.key}")) from stop
    return diagnosis, Exit.INTERRUPTED if progress.stopped() else EXIT_OF_DIAGNOSIS[diagnosis.possible]


@xuewei.command()
@click.argument("instance", type=PATH)
@option("--years", type=click.IntRange(min=1, max=20), metavar="N", default=6, show_default=True)
@option("--scenario", metavar="NAME", default="base", show_default=True)
@option("--all", "every", is_flag=True)
@option("--out", "outlook_folder", type=PATH, metavar="DIR")
@option("--font", type=PATH, metavar="PATH")
@option("--force", is_flag=True)
@json_option
@with_voice
def outlook(
    voice: Voice,
    instance: Path,
    years: int,
    scenario: str,
    every: bool,
    outlook_folder: Path | None,
    font: Path | None,
    force: bool,
) -> Exit:
    """Show places and children year by year under today's catchments."""
    from optimizer.console.arguments import existing_file, existing_folder, known_scenarios, speak_as
    from optimizer.console.outlook import describe_outlook, require_catchments, tell_outlook, tell_written
    from optimizer.console.summary import tell_warnings
    from optimizer.outlook import look_ahead

    folder = existing_folder(instance, voice)
    (name,) = known_scenarios(folder, [scenario])
    speak_as(folder, name)
    face = existing_file(font, voice) if font else None
    ahead = look_ahead(folder, name, years)
    require_catchments(ahead, instance, voice)
    written = tell_written(ahead, outlook_folder, voice, force=force, font=face) if outlook_folder else []
    voice.note(*tell_warnings(ahead.faults, folder, name, voice))
    voice.answer(describe_outlook(ahead, instance, voice), [*tell_outlook(ahead, voice, every=every), *written])
    return Exit.DONE


@xuewei.command()
@click.argument("run", type=PATH)
@option("--table", type=click.Choice(SHOWN_TABLES))
@json_option
@with_voice
def show(voice: Voice, run: Path, table: str | None) -> Exit:
    """Show a stored run, or one table of it."""
    from optimizer.console.arguments import planned_run, stored_run
    from optimizer.console.summary import describe_run, tell_run, tell_standing
    from optimizer.console.tables import describe_table, tabulate, tabulate_schools

    if table is not None:
        stored = planned_run(run, voice)
        voice.answer(describe_table(stored, table), tabulate(stored, table, voice))
        voice.note(*tell_standing(stored.record, voice))
        return Exit.DONE
    stored = stored_run(run, voice)
    voice.answer(describe_run(stored), [*tell_run(stored, voice), *tabulate_schools(stored, voice)])
    return Exit.DONE


@xuewei.command()
@click.argument("run", type=PATH)
@json_option
@with_voice
def indices(voice: Voice, run: Path) -> Exit:
    """Show the indices of a stored run."""
    from optimizer.console.arguments import planned_run
    from optimizer.console.tables import describe_indices, tabulate_indices

    stored = planned_run(run, voice)
    voice.answer(describe_indices(stored), tabulate_indices(stored, voice))
    return Exit.DONE


@xuewei.command()
@click.argument("runs", nargs=-1, required=True)
@option("--plan", "compared_plans", multiple=True, metavar="FILE[#NAME]")
@option("--baseline", metavar="RUN|NAME")
@option("--instance", type=PATH, metavar="DIR")
@option("--map", "difference_map", type=PATH, metavar="FILE")
@option("--font", type=PATH, metavar="PATH")
@option("--force", is_flag=True)
@json_option
@with_voice
def compare(
    voice: Voice, runs: tuple[str, ...], compared_plans: tuple[str, ...], difference_map: Path | None, **asked: Any
) -> Exit:
    """Put plans side by side: two in full, more in a table."""
    from optimizer.console.compare import Order, compare_plans
    from optimizer.console.progress import Progress

    order = Order(runs, compared_plans, map=difference_map, **asked)
    with Progress(sys.stderr, voice.language, quiet=voice.quiet, verbose=voice.verbose) as progress:
        document, lines = compare_plans(order, progress, voice)
    voice.answer(document, lines)
    return Exit.DONE


@xuewei.command()
@click.argument("instance", type=PATH)
@option("--plan", "drawn_plan", metavar="FILE[#NAME]", required=True)
@option("--scenario", metavar="NAME", default="base", show_default=True)
@option("--against", type=PATH, metavar="RUN")
@option("--time-limit", "evaluate_time_limit", type=SECONDS, metavar="S", default=TIME_LIMIT_S, show_default=True)
@option("--no-mend", is_flag=True)
@option("--out", "evaluate_out", type=PATH, metavar="DIR")
@option("--draws", "plan_draws", type=click.IntRange(min=2, max=10_000), metavar="N")
@option("--spread", type=FiniteRange(min=0, max=2), metavar="X", default=0.1, show_default=True)
@option("--correlation", type=FiniteRange(min=0, max=1), metavar="R", default=0.5, show_default=True)
@seed_option
@workers_option
@option("--force", is_flag=True)
@json_option
@with_voice
def evaluate(
    voice: Voice,
    instance: Path,
    drawn_plan: str,
    scenario: str,
    evaluate_time_limit: float,
    no_mend: bool,
    evaluate_out: Path | None,
    plan_draws: int | None,
    spread: float,
    correlation: float,
    workers: int | None,
    **asked: Any,
) -> Exit:
    """Judge plans that somebody drew."""
    from optimizer.console.arguments import existing_folder, known_scenarios, speak_as
    from optimizer.console.evaluate import Order, evaluate_plans
    from optimizer.console.progress import Progress, heeding_interrupts
    from optimizer.draws import Spread

    folder = existing_folder(instance, voice)
    (chosen,) = known_scenarios(folder, [scenario])
    speak_as(folder, chosen)
    order = Order(
        folder,
        drawn_plan,
        chosen,
        time_limit_s=evaluate_time_limit,
        mend=not no_mend,
        out=evaluate_out,
        draws=plan_draws,
        spread=Spread(spread, correlation),
        workers=workers or os.cpu_count() or 1,
        **asked,
    )
    progress = Progress(sys.stderr, voice.language, quiet=voice.quiet, verbose=voice.verbose, said=voice.said)
    with progress, heeding_interrupts(progress):
        code, document, lines = evaluate_plans(order, progress, voice)
    voice.answer(document, lines)
    return code


@xuewei.command()
@click.argument("instance", type=PATH)
@option("--vary", metavar="KEY=A,B,C", multiple=True)
@option("--scenario", metavar="NAME")
@option("--out", "sweep_out", type=PATH, metavar="DIR")
@option("--from", "sweep_start", type=PATH, metavar="RUN")
@with_limits("sweep_time_limit")
@with_pool
@option("--students-only", is_flag=True)
@option("--teachers-only", is_flag=True)
@option("--font", type=PATH, metavar="PATH")
@option("--force", is_flag=True)
@json_option
@with_voice
def sweep(
    voice: Voice,
    instance: Path,
    vary: tuple[str, ...],
    limits: dict[str, Any],
    sweep_out: Path | None,
    sweep_start: Path | None,
    students_only: bool,
    teachers_only: bool,
    **asked: Any,
) -> Exit:
    """Make the plans of a grid."""
    from optimizer.console.sweep import Order, run_sweep

    if teachers_only and students_only:
        raise click.UsageError(voice.say("posts.not_both"))
    options = options_of(voice.language, limits, students_only=students_only, diagnose=False)
    order = Order(instance, vary, options, out=sweep_out, posts=teachers_only, start=sweep_start, **asked)
    code, document, lines = run_sweep(order, voice)
    voice.answer(document, lines)
    return code


@xuewei.command()
@click.argument("instance", type=PATH)
@click.argument("levels", nargs=-1, metavar="[LEVEL]...")
@option("--between", multiple=True, metavar="LEVEL")
@option("--scenario", metavar="NAME", default="base", show_default=True)
@option("--points", type=click.IntRange(min=2, max=1000), metavar="N", default=12, show_default=True)
@option("--out", "tradeoff_out", type=PATH, metavar="DIR")
@option("--from", "tradeoff_start", type=PATH, metavar="RUN")
@with_limits("tradeoff_time_limit")
@with_pool
@option("--font", type=PATH, metavar="PATH")
@option("--force", is_flag=True)
@json_option
@with_voice
def tradeoff(
    voice: Voice,
    instance: Path,
    levels: tuple[str, ...],
    between: tuple[str, ...],
    limits: dict[str, Any],
    tradeoff_out: Path | None,
    tradeoff_start: Path | None,
    **asked: Any,
) -> Exit:
    """Weigh levels of the objective against each other."""
    from optimizer.console.tradeoff import Order, run_tradeoff
    from optimizer.pipeline import Options

    of_the_whole = limits.pop("time_limit_s")
    order = Order(
        instance,
        (*between, *levels),
        Options(None, **limits, diagnose=False, language=voice.language),
        time_limit_s=of_the_whole,
        out=tradeoff_out,
        start=tradeoff_start,
        **asked,
    )
    code, document, lines = run_tradeoff(order, voice)
    voice.answer(document, lines)
    return code


@xuewei.command()
@click.argument("instance", type=PATH)
@option("--scenario", metavar="NAME", default="base", show_default=True)
@option("--draws", type=click.IntRange(min=2, max=10_000), metavar="N", default=200, show_default=True)
@option("--spread", type=FiniteRange(min=0, max=2), metavar="X", default=0.1, show_default=True)
@option("--correlation", type=FiniteRange(min=0, max=1), metavar="R", default=0.5, show_default=True)
@option("--tail", type=FiniteRange(min=0, max=1, min_open=True), metavar="Q", default=0.1, show_default=True)
@option("--plans", type=click.IntRange(min=0, max=500), metavar="M", default=8, show_default=True)
@option("--out", "robust_out", type=PATH, metavar="DIR")
@with_limits("robust_time_limit")
@with_pool
@option("--font", type=PATH, metavar="PATH")
@option("--force", is_flag=True)
@json_option
@with_voice
def robust(
    voice: Voice,
    instance: Path,
    spread: float,
    correlation: float,
    limits: dict[str, Any],
    robust_out: Path | None,
    **asked: Any,
) -> Exit:
    """Find the plan that stands many draws of the demand."""
    from optimizer.console.robust import Order, run_robust
    from optimizer.draws import Spread

    options = options_of(voice.language, limits, students_only=True, diagnose=False)
    order = Order(instance, options, seed=limits["seed"], spread=Spread(spread, correlation), out=robust_out, **asked)
    code, document, lines = run_robust(order, voice)
    voice.answer(document, lines)
    return code


@xuewei.command()
@click.argument("folder", metavar="DIR", type=PATH)
@option("--scenario", "scenarios", metavar="NAME", multiple=True)
@option("--out", "batch_out", type=PATH, metavar="DIR")
@with_limits()
@with_pool
@option("--students-only", is_flag=True)
@option("--no-diagnose", is_flag=True)
@option("--force", is_flag=True)
@json_option
@with_voice
def batch(
    voice: Voice,
    folder: Path,
    scenarios: tuple[str, ...],
    limits: dict[str, Any],
    batch_out: Path | None,
    students_only: bool,
    no_diagnose: bool,
    **asked: Any,
) -> Exit:
    """Solve every district of a folder."""
    from optimizer.console.arguments import existing_folder
    from optimizer.console.batch import solve_batch

    options = options_of(voice.language, limits, students_only=students_only, diagnose=not no_diagnose)
    return solve_batch(existing_folder(folder, voice), scenarios, options, batch_out, voice, **asked)


@xuewei.command()
@click.argument("runs", type=PATH, nargs=-1, required=True)
@option("--only", type=click.Choice(PRODUCTS), multiple=True)
@option("--out", "export_out", type=PATH, metavar="PATH")
@option("--instance", type=PATH, metavar="DIR")
@option("--datum", type=click.Choice(DATUMS), default="wgs84", show_default=True)
@option("--pdf", is_flag=True)
@option("--font", type=PATH, metavar="PATH")
@option("--force", is_flag=True)
@json_option
@with_voice
def export(voice: Voice, runs: tuple[Path, ...], export_out: Path | None, **asked: Any) -> Exit:
    """Write brief, report, map, workbook, pictures and GeoJSON of a stored run; further runs stand beside it."""
    from optimizer.console.export import Order, export_runs
    from optimizer.console.progress import Progress

    order = Order(folder=runs[0], out=export_out, **asked)
    with Progress(sys.stderr, voice.language, quiet=voice.quiet, verbose=voice.verbose) as progress:
        document, lines = export_runs(runs, order, progress, voice)
    voice.answer(document, lines)
    return Exit.DONE


@xuewei.command()
@click.argument("run", type=PATH)
@option("--final", is_flag=True)
@option("--publish", is_flag=True)
@option("--out", "lists_folder", type=PATH, metavar="DIR")
@option("--force", is_flag=True)
@with_voice
def lists(voice: Voice, run: Path, final: bool, publish: bool, lists_folder: Path | None, force: bool) -> Exit:
    """Write the lists of a stored run that go into a letter."""
    from optimizer.console.arguments import planned_run
    from optimizer.console.lists import tell_lists

    stored = planned_run(run, voice)
    voice.answer({}, tell_lists(stored, lists_folder, voice, final=final, publish=publish, force=force))
    return Exit.DONE


@xuewei.command()
@click.argument("run", type=PATH)
@option("--unit", metavar="U")
@option("--school", metavar="S")
@option("--teacher", metavar="T")
@option("--stage", type=click.Choice(STAGES))
@option("--instance", type=PATH, metavar="DIR")
@json_option
@with_voice
def explain(
    voice: Voice,
    run: Path,
    unit: str | None,
    school: str | None,
    teacher: str | None,
    stage: Stage | None,
    instance: Path | None,
) -> Exit:
    """Say why this school and not that one."""
    from optimizer.console.explain import answer_question

    named = {"unit": unit, "school": school, "teacher": teacher}
    asked = [(kind, name) for kind, name in named.items() if name is not None]
    if len(asked) != 1:
        raise click.UsageError(say("explain.refused.one_question", language=voice.language))
    (kind, name), *_ = asked
    if kind == "teacher" and stage:
        raise click.UsageError(say("explain.refused.stage_of_teacher", language=voice.language))
    voice.answer(*answer_question(run, instance, voice, kind=kind, asked=name, stage=stage))
    return Exit.DONE


@xuewei.command()
@click.argument("folder", metavar="DIR", type=PATH)
@option("--units", type=COUNT, default=60, show_default=True)
@option("--schools", type=click.IntRange(min=2), default=8, show_default=True)
@option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@with_voice
def new(voice: Voice, folder: Path, units: int, schools: int, seed: int) -> Exit:
    """Write a small district to start from."""
    from instances.generator import write_district
    from optimizer.console.arguments import empty_folder, writing

    if units < 4 * schools:
        raise click.UsageError(voice.say("error.too_few_units", least=4 * schools, schools=schools))
    target = empty_folder(folder, voice)
    with writing(target):
        write_district(target, seed, units=units, schools=schools, language=voice.language)
    voice.answer({}, [voice.say("new.written", folder=folder)])
    return Exit.DONE


def main() -> None:
    """Run the program; what a terminal cannot show is replaced, never a reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    gc.set_threshold(UNSWEPT)
    xuewei(prog_name="xuewei")


if __name__ == "__main__":
    main()

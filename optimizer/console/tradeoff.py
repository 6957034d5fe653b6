"""A trade-off asked for on a terminal: the levels are read, the curve is traced, and told with its knee."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from models.faults import FaultyInput
from models.outcome import Status
from models.sentences import Language, find, say
from models.settings import LevelName, Name, Settings
from models.watch import Silence
from optimizer.checks import check_source
from optimizer.console.arguments import existing_folder, known_scenarios, planned_run, speak_as
from optimizer.console.exits import Exit, Refusal, gravest
from optimizer.console.summary import plain_rows
from optimizer.console.sweep import caution_of, head_of, tell_status
from optimizer.console.tasks import (
    TaskProgress,
    at_work,
    claiming,
    judge_result,
    refuse_failed,
    tell_failure,
    tell_results,
)
from optimizer.console.text import align, printable, write_number, write_share
from optimizer.console.voice import Voice
from optimizer.io import BASE, build_district, read_source
from optimizer.io.findings import nearest
from optimizer.io.source import Source
from optimizer.pipeline import Options
from optimizer.runs import given_classes
from optimizer.runs.claim import claim_folder, clear_others
from optimizer.runs.record import plain
from optimizer.tasks import Overseer, Pool, Result, Task, carry_out
from optimizer.tradeoff.curve import Curve, Spot, Standing
from optimizer.tradeoff.picture import FILES, draw_tradeoff
from optimizer.tradeoff.question import LEVELS, Question, UnclearTradeoff, ask, read_levels
from optimizer.tradeoff.table import (
    MARK,
    TABLE,
    Today,
    describe_question,
    find_standard,
    gap_of,
    judge_today,
    least_of,
    store_table,
    tabulate,
)
from optimizer.tradeoff.trace import Terms, Trace, trace
from optimizer.tradeoff.words import entitle, head_level, name_level, tell_figures, tell_knee, write_level

TIME_LIMIT_S = 600.0
"""Of the whole curve, where no limit is given."""
POINTS = 12


@dataclass(frozen=True)
class Order:
    """What a trade-off was asked for; `options` are those of each plan but for its time."""

    instance: Path
    between: tuple[str, ...]
    options: Options
    points: int = POINTS
    time_limit_s: float | None = None
    jobs: int | None = None
    scheduler: str | None = None
    scenario: str = BASE
    out: Path | None = None
    start: Path | None = None
    force: bool = False
    font: Path | None = None


@dataclass(frozen=True)
class Told:
    """Everything that is known of a trade-off once it is traced."""

    traced: Trace
    source: Source
    out: Path
    points: int
    today: Today | None
    standard: LevelName | None

    @property
    def curve(self) -> Curve:
        """The plans beside each other."""
        return self.traced.curve


def run_tradeoff(order: Order, voice: Voice) -> tuple[Exit, dict[str, Any], list[str]]:
    """Trace a curve; return the exit code, the JSON document and what is told.

    Raises FaultyInput for an instance with faults, and NothingToPost where posts have no classes, before anything is
    solved.
    """
    folder = existing_folder(order.instance, voice)
    (scenario,) = known_scenarios(folder, [order.scenario])
    speak_as(folder, scenario)
    if order.start:
        planned_run(order.start, voice)
    source = _source(folder, scenario)
    settings = settings_of(source)
    with _refusing(voice):
        question = _question(order, settings)
    if question.posts:
        given_classes(build_district(source), order.start, Silence())
    out = order.out or Path("runs") / f"{folder.resolve().name}-tradeoff"
    described = describe_question(question, folder, scenario, points=order.points, start=order.start)
    with claiming(out, "tradeoff", voice):
        claim_folder(out, MARK, described, force=order.force)
    counted = order.options.work_limit is not None
    limit_s = order.time_limit_s if order.time_limit_s or counted else TIME_LIMIT_S
    with at_work(voice, jobs=order.jobs, scheduler=order.scheduler) as (pool, progress):
        crew = max(1, pool.free())
        terms = Terms(question, folder, scenario, order.options, order.points, limit_s, crew, order.start)
        traced = trace(terms, _Worker(out, pool, progress, order.points, order.force), _entitle)
    if order.force:
        clear_others(out, {result.task.name for result in traced.results})
    voice.note(*tell_results(traced.results, voice))
    refuse_failed(traced.results, out, MARK, voice)
    curve = traced.curve
    store_table(curve, out)
    today = None if traced.interrupted else judge_today(curve, folder, scenario)
    told = Told(traced, source, out, order.points, today, find_standard(question, settings.objective))
    pictures = _draw(told, order.font, voice)
    lines = [*tell_tradeoff(told, voice), *pictures, caution_of(source, voice)]
    return _judge(traced, voice), describe_tradeoff(told, voice), lines


def tell_tradeoff(told: Told, voice: Voice) -> list[str]:
    """Return the curve in lines: a line a plan, what was proved, and where it bends."""
    curve, question = told.curve, told.curve.question
    levels = _say("against", voice).join(name_level(level, voice.language) for level in question.levels[::-1])
    facts = {"title": head_of(told.source, voice.language), "levels": levels}
    standard = next((spot for spot in curve.comparable if told.standard and spot.leads == told.standard), None)
    return [
        printable(_say("headline", voice, **facts)),
        _tell_asked(question, voice),
        "",
        *_tabulate(curve, voice),
        "",
        *_tell_shape(told, voice),
        *([] if told.today is None else [_tell_today(told.today, question, voice)]),
        *([] if standard is None else [_tell_standard(standard, voice)]),
        *(printable(f"{result.task.name}: {tell_failure(result, voice)}") for result in _failed(told.traced)),
        *([_tell_late(told, voice)] if told.traced.late else []),
        _say("out", voice, folder=told.out, table=told.out / TABLE),
    ]


def describe_tradeoff(told: Told, voice: Voice) -> dict[str, Any]:
    """Return the trade-off as one JSON document."""
    curve, question = told.curve, told.curve.question
    knee = curve.knee
    described: dict[str, Any] = plain(
        {
            "out": str(told.out),
            "minimised": question.minimised,
            "capped": list(question.capped),
            "before": list(question.before),
            "after": list(question.after),
            "plans": plain_rows(tabulate(curve)),
            "curve": [spot.name for spot in curve.frontier],
            "knee": None
            if knee is None
            else {"run": knee.spot.name, "distance": knee.distance, "until": knee.until, "beyond": knee.beyond},
            "least": {level: curve.edge(level) for level in question.capped},
            "standard": told.standard,
            "today": None if told.today is None else dict(told.today.spot.values),
            "late": told.traced.late,
            "failed": {result.task.name: tell_failure(result, voice) for result in _failed(told.traced)},
        }
    )
    return described


@dataclass
class _Worker:
    """Makes the runs of one round, and shows how far all rounds are."""

    out: Path
    pool: Pool
    progress: TaskProgress
    points: int
    force: bool
    begun: bool = False

    def __call__(self, tasks: Sequence[Task]) -> tuple[Sequence[Result], bool]:
        """Carry out a round."""
        if not self.begun:
            self.begun = True
            self.progress.planned([tasks[0]] * self.points, 0)
        results = carry_out(tasks, self.out, self.pool, _Round(self.progress), force=self.force)
        for result in results:
            if result.ending == "kept":
                self.progress.arrived(result)
        return results, self.progress.stopped()


@dataclass
class _Round:
    """An overseer of one round, which is announced with all others."""

    progress: Overseer

    def planned(self, tasks: Sequence[Task], kept: int) -> None:
        """Count nothing: all rounds were."""

    def arrived(self, result: Result) -> None:
        """Count what came of a task."""
        self.progress.arrived(result)

    def stopped(self) -> bool:
        """Return True once the work should end."""
        return self.progress.stopped()


def _entitle(leads: LevelName | None, ceilings: dict[LevelName, float]) -> Name:
    """The title of a run in every language, so that no plan is made again to be read in another one."""
    return {language: entitle(leads, ceilings, language) for language in get_args(Language)}


def _source(folder: Path, scenario: str) -> Source:
    """An instance without faults. Raises FaultyInput."""
    source = read_source(folder, scenario)
    report = check_source(source)
    if report.faults:
        raise FaultyInput(report.faults, report.checks)
    return source


def settings_of(source: Source) -> Settings:
    """Return the settings of an instance without faults."""
    assert source.settings is not None
    return source.settings


def _question(order: Order, settings: Settings) -> Question:
    if not order.between:
        raise UnclearTradeoff("nothing")
    levels = read_levels(order.between)
    question = ask(levels, settings.objective.order)
    if order.start and not question.posts:
        raise UnclearTradeoff("from_posts")
    if order.points < len(levels):
        raise UnclearTradeoff("points", points=order.points, ends=len(levels))
    return question


@contextmanager
def _refusing(voice: Voice) -> Iterator[None]:
    """Within it, levels that cannot be weighed against each other are refused with the reason."""
    try:
        yield
    except UnclearTradeoff as stop:
        facts = {name: _name_stated(fact, voice) for name, fact in stop.facts.items()}
        sentence = _say(f"refused.{stop.why}", voice, **facts)
        if stop.why == "unknown":
            near = nearest(str(stop.facts["found"]), list(LEVELS))
            meant = _say("refused.meant", voice, level=_name_stated(near, voice)) if near else ""
            known = _say("refused.known", voice, known=_name_stated(LEVELS, voice))
            sentence += meant or known
        raise Refusal(Exit.USAGE, sentence) from stop


def _name_stated(fact: object, voice: Voice) -> str:
    """A level as it is stated, in Chinese with its word; everything else as it stands."""
    if isinstance(fact, tuple):
        return _say("list", voice).join(_name_stated(each, voice) for each in fact)
    stated = printable(str(fact))
    if voice.language == "en" or stated not in LEVELS:
        return stated
    return _say("refused.level", voice, name=stated, word=head_level(stated, voice.language))


def _judge(traced: Trace, voice: Voice) -> Exit:
    """A ceiling below which there is no plan is an answer, as long as there are plans."""
    planned = any(spot.values for spot in traced.curve.spots)
    told = [result for result in traced.results if not (planned and result.is_stored)]
    return gravest(judge_result(result, voice)[0] for result in told)


def _failed(traced: Trace) -> list[Result]:
    return [result for result in traced.results if result.failure is not None]


def _tell_asked(question: Question, voice: Voice) -> str:
    def list_levels(levels: Sequence[str]) -> str:
        return _say("list", voice).join(head_level(level, voice.language) for level in levels)

    facts = {"minimised": head_level(question.minimised, voice.language), "capped": list_levels(question.capped)}
    if not question.before:
        return _say("asked_alone", voice, **facts)
    return _say("asked", voice, before=list_levels(question.before), **facts)


def _tabulate(curve: Curve, voice: Voice) -> list[str]:
    """A line a plan: those of the curve first, from one end to the other, then the others."""
    question, language = curve.question, voice.language
    standing_of = dict(zip((spot.name for spot in curve.spots), curve.standings, strict=True))
    others = [spot for spot in curve.spots if standing_of[spot.name] != "on"]
    metres = any(spot.mean_m == spot.mean_m for spot in curve.spots)
    knee = None if curve.knee is None else curve.knee.spot.name
    heads = [
        _say("columns.run", voice),
        _say("columns.asked", voice),
        *(head_level(level, language) for level in question.levels),
        _say("columns.least", voice),
        _say("columns.gap", voice),
        *([_say("columns.mean_m", voice)] if metres else []),
        _say("columns.standing", voice),
        "",
    ]
    rows = [
        [
            spot.name,
            entitle(spot.leads, spot.ceilings, language),
            *(write_level(level, spot.value(level)) if spot.values else "" for level in question.levels),
            _tell_least(curve, spot),
            tell_status(spot.status, spot.gap, voice) if not spot.values else _tell_gap(curve, spot),
            *([write_number(spot.mean_m, 0)] if metres else []),
            _tell_standing(curve, spot, standing_of[spot.name], voice),
            _say("mark_knee", voice) if spot.name == knee else "",
        ]
        for spot in (*curve.frontier, *others)
    ]
    last = len(heads) - 2
    return align([heads, *rows], right=range(2, last))


def _tell_standing(curve: Curve, spot: Spot, standing: Standing, voice: Voice) -> str:
    """How a plan stands to the others; of one that is short in a level before, in which and by how much."""
    told = _say(f"standing.{standing}", voice)
    if standing != "short" or not curve.frontier:
        return told
    best = curve.frontier[0]
    level = next((each for each in curve.question.before if spot.value(each) > best.value(each)), None)
    if level is None:
        return told
    more = write_level(level, spot.value(level) - best.value(level))
    return _say("short_by", voice, told=told, level=head_level(level, voice.language), more=more)


def _tell_least(curve: Curve, spot: Spot) -> str:
    least = least_of(curve, spot)
    return "" if least is None else write_level(curve.question.minimised, least)


def _tell_gap(curve: Curve, spot: Spot) -> str:
    gap = gap_of(curve, spot)
    return "" if gap is None else write_share(gap)


def _tell_shape(told: Told, voice: Voice) -> list[str]:
    """How many plans are on the curve, where it ends, where it bends."""
    curve, question, language = told.curve, told.curve.question, voice.language
    counts = {standing: curve.standings.count(standing) for standing in get_args(Standing)}
    others = _say("others", voice, **{name: count for name, count in counts.items() if name != "on"})
    dead = [level for level in question.levels if not any(level in spot.values for spot in curve.spots)]
    lines = [_say("counts", voice, on=counts["on"], count=len(curve.spots), of_others=others)]
    if not curve.frontier:
        sought = any(spot.status == Status.NO_PLAN for spot in curve.spots)
        return [*lines, *([_say("none_found", voice)] if sought else [])]
    if dead:
        return [*lines, *(_tell_dead(level, voice) for level in dead)]
    if counts["on"] < 2:
        return [*lines, _say("flat" if curve.is_flat else "alone", voice)]
    least = {level: (curve.edge(level), min(spot.value(level) for spot in curve.frontier)) for level in question.capped}
    lines += [
        _say(
            "edge",
            voice,
            level=head_level(level, language),
            bound=write_level(level, bound),
            value=write_level(level, value),
        )
        for level, (bound, value) in least.items()
        if bound > 0
    ]
    lines.append(_say("floor", voice, minimised=head_level(question.minimised, language)))
    if curve.knee is not None:
        return [*lines, (" " if language == "en" else "").join(tell_knee(curve, curve.knee, language))]
    return [*lines, _say("no_knee", voice) if counts["on"] > 2 else _say("few", voice, on=counts["on"])]


def _tell_standard(spot: Spot, voice: Voice) -> str:
    """Which plan `solve` makes; where it is not proved best, that solve may come to another."""
    return _say("standard" if spot.status == Status.OPTIMAL else "standard_open", voice, run=spot.name)


def _tell_dead(level: str, voice: Voice) -> str:
    known = level if find(f"tradeoff.dead.{level}", voice.language) else "other"
    return _say("nothing_of", voice, level=head_level(level, voice.language), why=_say(f"dead.{known}", voice))


def _tell_today(today: Today, question: Question, voice: Voice) -> str:
    language = voice.language
    figures = tell_figures(today.spot, question, language)
    if today.broken:
        return _say("today_broken", voice, figures=figures, count=today.broken)
    if not today.level:
        return _say("today", voice, figures=figures)
    facts = {"level": head_level(today.level, language), "beyond": write_level(today.level, today.beyond)}
    return _say("today_short", voice, figures=figures, **facts)


def _draw(told: Told, font: Path | None, voice: Voice) -> list[str]:
    """Draw the picture where there are two plans or more; return where it lies."""
    if len(told.curve.frontier) < 2:
        return [_say("not_drawn", voice)]
    headings: dict[Language, tuple[str, str]] = {
        language: _heading(told, replace(voice, language=language)) for language in get_args(Language)
    }
    drawn = draw_tradeoff(
        told.curve,
        told.out,
        headings,
        today=told.today,
        standard=told.standard,
        language=voice.language,
        font=font,
    )
    if drawn.note:
        voice.note(say(drawn.note, language=voice.language))
    return [_say("drawn", voice, files=", ".join(str(told.out / file) for file in FILES))]


def _tell_late(told: Told, voice: Voice) -> str:
    """Why fewer plans were made than were asked for."""
    facts = {"count": len(told.curve.spots), "points": told.points, "seconds": f"{told.traced.needed_s:,.0f}"}
    return _say("late", voice, left=f"{told.traced.left_s:,.0f}", **facts)


def _heading(told: Told, voice: Voice) -> tuple[str, str]:
    levels = [head_level(level, voice.language) for level in told.curve.question.levels[::-1]]
    facts = {"title": head_of(told.source, voice.language), "levels": _say("against", voice).join(levels)}
    return _say("headline", voice, **facts), caution_of(told.source, voice)


def _say(key: str, voice: Voice, /, **facts: object) -> str:
    return say(f"tradeoff.{key}", facts, voice.language)

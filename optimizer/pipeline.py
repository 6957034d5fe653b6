"""From an instance folder to a stored run: the steps in order, and nothing else.

folder           -> read_source     -> Source        tables as text, settings, scenario applied
Source           -> check_source    -> Report        every fault and warning at once
Source           -> build_district  -> District      typed arrays
District         -> measure_travel  -> Travel        metres, and who borders on whom
D. + Travel      -> check_travel    -> warnings      what only distances can tell
folder           -> earlier_plan    -> Earlier       `--from`: the draft to go on from, as it was edited
District         -> look_later      -> LaterYear     `--hold`: who enters in the years after that of the plan
Earlier          -> find_revision   -> Revision      `--from`: what was edited since, and what may change for that
D. + Travel      -> formulate       -> Formulation   the mathematics
Formulation      -> count_children  -> counts        sums that no plan can meet; with one that proves it, no search
Formulation      -> openings        -> Formulation   `--from`: what lies around the edits; without a plan there, all
Formulation      -> solve           -> Outcome       status, levels with bounds, the plan in positions
Outcome          -> seat_children   -> Outcome       mode `entry`: who sits where, once the catchments are drawn
Outcome          -> blame_edits     -> Outcome       `--from`: without a plan, the edits that cannot hold
Outcome          -> draw_plan       -> Plan          the plan as tables

Where there are teachers, classes and posts, catchments and children given:

Outcome          -> find_openings       -> Openings          classes that may open beside those that the caps require
District         -> formulate_staffing  -> StaffFormulation  the mathematics of posts
StaffFormulation -> solve_staffing      -> StaffOutcome      status, levels with bounds, how many go where
StaffOutcome     -> settle_weeks        -> StaffOutcome      the best weeks and further classes for these postings
StaffFormulation -> name_postings       -> options           who of those alike takes which post
StaffFormulation -> draw_staff_plan     -> StaffPlan         postings, posts, whom to hire

Then the whole is judged and stored:

Plan             -> recheck_plan    -> Shortfalls    judged anew, by code that shares nothing with the formulation
Plan             -> compute_indices -> table         indices with targets
Run              -> store_run       -> folder        all of it, whole or not at all

Posts alone (`--teachers-only`) are decided likewise, once the district is built:

District         -> given_classes         -> classes     those of a stored run (`--from`), else the instance's
Plan             -> recheck_staff         -> Shortfalls  judged anew from the tables
Plan             -> compute_staff_indices -> table       indices with targets
Run              -> store_posts           -> folder      all of it, whole or not at all

Where it was proved that there is no plan, `diagnose_children` or `diagnose_posts` finds out which rules cannot hold
together and what would make one, and the run is stored with that.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pandas as pd

from models.diagnosis import Count, Diagnosis
from models.district import District, Travel
from models.faults import Fault, FaultyInput
from models.outcome import Outcome, Status
from models.plan import ASSIGNMENT_COLUMNS, CATCHMENT_COLUMNS, Plan
from models.revision import Revision
from models.run import Run, RunScope, Shortfall
from models.sentences import Language
from models.staffing import StaffPlan
from models.variation import Variation
from models.watch import Watch
from optimizer.checks import check_source, check_travel
from optimizer.diagnose.attempt import Case
from optimizer.diagnose.count import count_children
from optimizer.diagnose.diagnose import diagnose_children
from optimizer.diagnose.posts import PostsCase, count_posts_of_fewest, diagnose_posts
from optimizer.formulation import Formulation, formulate
from optimizer.formulation.plan import draw_plan
from optimizer.formulation.revise import openings
from optimizer.formulation.revision import find_revision
from optimizer.formulation.staffing.formulation import formulate_staffing
from optimizer.formulation.staffing.openings import Openings, find_openings, need_with, with_classes
from optimizer.formulation.staffing.plan import draw_staff_plan
from optimizer.formulation.start import starting_plan
from optimizer.geo.travel import measure_travel
from optimizer.indices import compute_indices, compute_staff_indices
from optimizer.io import build_district, read_source
from optimizer.outlook.later import look_later
from optimizer.recheck import recheck_plan, recheck_staff
from optimizer.runs import NothingToPost, check_target, earlier_plan, given_classes, store_posts, store_run
from optimizer.solve import Effort, solve
from optimizer.solve.edits import blame_edits
from optimizer.solve.naming import name_postings
from optimizer.solve.opened import settle_weeks
from optimizer.solve.seats import seat_children
from optimizer.solve.staffing import solve_staffing

STORING_S = 4.0
"""Kept back from the time limit for the re-check, the indices, the maps and the disk."""
DIAGNOSIS_S = 80.0
"""For why there is no plan, at most beyond the time limit."""
SETTLING_S = 60.0
"""For the classes once the postings are settled, at most; a second or two is usual."""
SETTLING_SHARE = 0.1
"""Of the time for posts, kept for that."""


@dataclass(frozen=True)
class Options:
    """How long, how close, and with what: see `xuewei solve --help`."""

    time_limit_s: float | None = 60.0
    work_limit: int | None = None
    gap: float = 1e-4
    seed: int = 1
    workers: int = 1
    students_only: bool = False
    """Leave the posts out, also where there are teachers."""
    hold: int | None = None
    """Admission years, from that of the plan on, whose entrants the catchments are drawn for. None: as many as in the
    run that is gone on from, else that one alone."""
    diagnose: bool = True
    """Look for what would make a plan where there is none."""
    language: Language = "en"
    """Of the words that are stored, such as the reasons of changes."""
    inputs: str = ""
    """What the run calls the folder of its instance, where that is read from a copy."""


Look = Callable[[Effort], Diagnosis]
"""Finds out why there is no plan, and what would make one."""


@dataclass(frozen=True)
class SolvedRun:
    """A stored run and where it lies."""

    run: Run
    folder: Path
    warnings: tuple[Fault, ...]


class BrokenPlan(RuntimeError):
    """A plan broke a hard rule when it was re-checked from its tables: a fault of the program, never stored."""

    def __init__(self, breaches: tuple[Shortfall, ...]) -> None:
        super().__init__("; ".join(f"{b.rule} {b.where} {b.stage}: {b.value} > {b.limit}" for b in breaches[:5]))
        self.breaches = breaches


def solve_instance(
    folder: Path,
    scenario: str,
    options: Options,
    *,
    out: Path,
    force: bool,
    start: Path | None,
    watch: Watch,
    variation: Variation | None = None,
    begin: pd.DataFrame | None = None,
) -> SolvedRun:
    """Make, check and store the plan of one scenario: of children and classes, and of posts where there are teachers.

    `start` is a draft whose edits are held; `begin` holds catchments from which the search begins, and no more than
    that (CATCHMENT_COLUMNS). A `variation` is laid over the scenario. Raises FaultyInput for an instance with faults,
    what `optimizer.runs` raises where it cannot write or has nothing to start from, NothingToPost for an instance of
    classes alone, which needs `solve_posts`, NothingAhead where catchments cannot be held for so many years, and
    BrokenPlan where the plan does not stand up to the re-check.
    """
    clock = _Clock(watch)
    asked = variation or Variation(scenario)
    district, warnings = _read_children(folder, scenario, asked, clock)
    check_target(out, asked.name, force=force)
    with clock.step("travel"):
        travel = measure_travel(district)
        warnings += check_travel(district, travel)
    earlier = None if start is None else earlier_plan(start, district, watch)
    held = earlier.hold if earlier is not None and earlier.same_question else 1
    district = replace(district, later=look_later(district, options.hold or held))
    revision = None if earlier is None else find_revision(district, travel, earlier)
    posted = district.teachers is not None and not options.students_only
    with clock.step("formulate"):
        stated = formulate(district, travel)
    with clock.step("count"):
        counts = _beside_posts(count_children(stated, district, travel), district, posted)
    look: Look = partial(diagnose_children, _case(district, travel, options), counts, watch=watch)
    if any(count.proves for count in counts):
        empty = _run_of(asked, options, Outcome(Status.INFEASIBLE))
        run = _without_plan(empty, counts, look, options, clock)
        return SolvedRun(run, store_run(run, district, travel, out, force=force), warnings)
    with clock.step("solve"):
        whole = _effort(options, clock, watch)
        effort = whole.half() if posted else whole
        first = begin if earlier is None else earlier.plan.catchments
        formulation, revision, outcome = _search(stated, district, travel, (first, revision), effort, options, clock)
    plan = draw_plan(formulation, district, travel, outcome)
    scope: RunScope = "children"
    if plan is not None and posted and plan.classes.empty:
        watch.note("cli.posts.without_classes")
    elif plan is not None and posted and not outcome.interrupted:
        found = find_openings(formulation, district, outcome)
        classes, staff, posts = _decide_posts(district, plan.classes, found, whole.rest(), options, clock)
        if staff is None and posts.interrupted:
            outcome = replace(outcome, interrupted=True)
        else:
            scope, outcome = "all", outcome.with_posts(posts)
            look = partial(diagnose_posts, PostsCase.of(_case(district, travel, options), plan.classes, found))
            plan = None if staff is None else replace(plan, classes=classes, staff=staff)
    run = replace(_run_of(asked, options, outcome), revision=revision, scope=scope)
    if plan is None:
        run = _without_plan(run, counts, look, options, clock)
        return SolvedRun(run, store_run(run, district, travel, out, force=force), warnings)
    with clock.step("recheck"):
        shortfalls = recheck_plan(district, travel, plan)
    _refuse_broken(shortfalls)
    with clock.step("indices"):
        indices = compute_indices(district, travel, plan)
    run = replace(run, plan=plan, indices=indices, shortfalls=shortfalls, seconds=clock.seconds_of(options))
    with clock.step("store"):
        stored = store_run(run, district, travel, out, force=force, watch=watch)
    return SolvedRun(run, stored, warnings)


def solve_posts(
    folder: Path,
    scenario: str,
    options: Options,
    *,
    out: Path,
    force: bool,
    start: Path | None,
    watch: Watch,
    variation: Variation | None = None,
) -> SolvedRun:
    """Make, check and store the posts of one scenario, for the classes of the run `start` or those of the instance.

    Raises as `solve_instance`, and NothingToPost where there are no teachers or no classes.
    """
    clock = _Clock(watch)
    asked = variation or Variation(scenario)
    district, warnings = _read(folder, scenario, asked, clock)
    check_target(out, asked.name, force=force)
    district, classes = given_classes(district, start, watch)
    _, staff, outcome = _decide_posts(district, classes, None, _effort(options, clock, watch), options, clock)
    run = replace(_run_of(asked, options, outcome), scope="posts")
    if staff is None:
        case = _case(district, measure_travel(district), options)
        look: Look = partial(diagnose_posts, PostsCase.of(case, classes, None))
        run = _without_plan(run, (), look, options, clock)
        return SolvedRun(run, store_posts(run, district, out, force=force), warnings)
    plan = _of_posts(classes, staff)
    with clock.step("recheck"):
        shortfalls = recheck_staff(district, plan)
    _refuse_broken(shortfalls)
    with clock.step("indices"):
        indices = compute_staff_indices(district, plan)
    seconds = clock.seconds_of(options)
    run = replace(run, plan=plan, indices=indices, shortfalls=shortfalls, seconds=seconds)
    with clock.step("store"):
        stored = store_posts(run, district, out, force=force)
    return SolvedRun(run, stored, warnings)


def _search(
    stated: Formulation,
    district: District,
    travel: Travel,
    draft: tuple[pd.DataFrame | None, Revision | None],
    effort: Effort,
    options: Options,
    clock: "_Clock",
) -> tuple[Formulation, Revision | None, Outcome]:
    """The best catchments, and in mode `entry` who sits where in them: what was solved in the end, and what came of it.

    `draft` is the catchments to begin from, and what of them may change.
    """
    first, revision = draft
    for formulation, tried in openings(stated, revision):
        revision = tried
        outcome = solve(
            formulation,
            effort.half() if tried is not None and tried.scope == "near" else effort,
            gap=options.gap,
            seed=options.seed,
            workers=options.workers,
            start=starting_plan(formulation, district, first),
            report=clock.report,
        )
        if formulation.pool is not None:
            outcome = seat_children(formulation, district, travel, outcome)
        if outcome.pairs is not None or effort.over:
            break
    if revision is not None:
        outcome = blame_edits(formulation, district, travel, revision, outcome)
    return formulation, revision, outcome


def _without_plan(run: Run, counts: tuple[Count, ...], look: Look, options: Options, clock: "_Clock") -> Run:
    """A run without a plan: with its sums and, where it was proved that there is none, what a `look` into it finds.

    There is no look under a work limit, where nothing may depend on a clock, and where edits of a draft are at fault.
    """
    proved = run.outcome.status == Status.INFEASIBLE
    diagnosis = Diagnosis(False if proved else None, counts, complete=False)
    edited = run.outcome.reason.startswith("solve.edits.")
    if proved and options.diagnose and options.work_limit is None and not edited:
        with clock.step("diagnose"):
            found = look(Effort(_longest(options, clock), None, clock.watch.stopped))
        diagnosis = replace(found, possible=False)
    return replace(run, diagnosis=diagnosis, seconds=clock.seconds_of(options))


def _beside_posts(counts: tuple[Count, ...], district: District, posted: bool) -> tuple[Count, ...]:
    """Sums of the children and, where they show that there is no plan, what is short of teachers in any."""
    proved = any(count.proves for count in counts)
    return (*counts, *count_posts_of_fewest(district)) if proved and posted else counts


def _case(district: District, travel: Travel, options: Options) -> Case:
    posted = district.teachers is not None and not options.students_only
    return Case(
        district.folder, district.scenario, district, travel, options.seed, options.workers, posted, district.patch
    )


def _longest(options: Options, clock: "_Clock") -> float:
    """Seconds for a diagnosis: what is left of the time limit, and as much again up to a minute and a half."""
    limit = DIAGNOSIS_S if options.time_limit_s is None else options.time_limit_s
    return max(limit - (time.monotonic() - clock.began), min(limit, DIAGNOSIS_S))


def _run_of(asked: Variation, options: Options, outcome: Outcome) -> Run:
    """A run of what was asked, before anything is known of it but its outcome."""
    return Run(asked.name, options.seed, outcome, language=options.language, inputs=options.inputs)


def _read(folder: Path, scenario: str, asked: Variation, clock: "_Clock") -> tuple[District, tuple[Fault, ...]]:
    """The district of a scenario as it is asked, and what was warned of. Raises FaultyInput."""
    with clock.step("read"):
        source = read_source(folder, scenario, asked.patch, asked.title)
    with clock.step("check"):
        report = check_source(source)
    if report.faults:
        raise FaultyInput(report.faults, report.checks)
    return build_district(source), report.warnings


def _read_children(
    folder: Path, scenario: str, asked: Variation, clock: "_Clock"
) -> tuple[District, tuple[Fault, ...]]:
    """As `_read`, where children are to be decided. Raises NothingToPost for an instance of classes alone too."""
    district, warnings = _read(folder, scenario, asked, clock)
    if not len(district.units):
        raise NothingToPost("posts_alone")
    return district, warnings


def _decide_posts(
    district: District,
    classes: pd.DataFrame,
    openings: Openings | None,
    effort: Effort,
    options: Options,
    clock: "_Clock",
) -> tuple[pd.DataFrame, StaffPlan | None, Outcome]:
    """Posts for `classes`, of which `openings` are still open: the classes in the end, the posts, and what was proved.

    Without a plan of posts there is None.
    """
    with clock.step("posts"):
        fewest = classes if openings is None else with_classes(classes, district, openings)
        stated = formulate_staffing(district, fewest, openings)
        part = effort if openings is None else effort.rest(1.0 - SETTLING_SHARE)
        solved = solve_staffing(stated, part, gap=options.gap, workers=options.workers, report=clock.report)
        found = settle_weeks(stated, solved, min(SETTLING_S, max(1.0, effort.left_s)))
        stopped = part.stopped() and found.status != Status.INFEASIBLE
        outcome = Outcome(found.status, found.levels, work=dict(part.work), interrupted=stopped)
        if found.taken is None or found.vacant is None:
            return classes, None, outcome
        need = stated.need
        if openings is not None and found.classes is not None:
            classes = with_classes(classes, district, openings, found.classes)
            need = need_with(need, openings, found.classes)
        posted = name_postings(stated, found.taken)
        return classes, draw_staff_plan(stated, need, posted, found.vacant), outcome


def _of_posts(classes: pd.DataFrame, staff: StaffPlan) -> Plan:
    """A plan in which nobody is decided but the staff."""
    catchments, assignments = (pd.DataFrame(columns=list(names)) for names in (CATCHMENT_COLUMNS, ASSIGNMENT_COLUMNS))
    return Plan(catchments, assignments, classes, student_km=0.0, staff=staff)


def _refuse_broken(shortfalls: tuple[Shortfall, ...]) -> None:
    broken = tuple(found for found in shortfalls if found.is_fault)
    if broken:
        raise BrokenPlan(broken)


@dataclass
class _Clock:
    """Wall seconds by step, and a voice to whoever watches."""

    watch: Watch
    began: float = field(default_factory=time.monotonic)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step under its name."""
        self.watch.step(name)
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 3)

    def report(self, level: str, value: float | None, bound: float | None, gap: float | None) -> None:
        """Pass on how far a level is."""
        self.watch.progress(level, value, bound, gap, time.monotonic() - self.began)

    def seconds_of(self, options: Options) -> dict[str, float]:
        """Seconds to store: none under a work limit, so that equal runs are equal byte for byte."""
        return {} if options.work_limit is not None else dict(self.seconds)


def _effort(options: Options, clock: _Clock, watch: Watch) -> Effort:
    """What is left for the solve after reading, and with time kept back for storing."""
    left = options.time_limit_s
    if left is not None:
        left = max(0.5, left - (time.monotonic() - clock.began) - STORING_S)
    return Effort(left, options.work_limit, watch.stopped)

"""Drawn plans judged: each is seated and checked, put beside the best plan known, and mended."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.outcome import Status
from models.sentences import say
from models.watch import Watch
from optimizer.console.arguments import stored_run
from optimizer.console.drawn import asked_drawings
from optimizer.console.exits import Exit, Refusal
from optimizer.console.faults import list_findings
from optimizer.console.verdict import Asked, Verdict, describe_verdicts, tell_many, tell_one
from optimizer.console.voice import Voice
from optimizer.diagnose.attempt import Case
from optimizer.drawn import Drawing, judge_drawing
from optimizer.draws import Overflows, Spread, count_overflows, draw_demand
from optimizer.evaluate import Best, best_in, find_best, measure_distances, mend_drawing
from optimizer.evaluate.store import name_folder, store_mended
from optimizer.explain.basis import is_apart
from optimizer.io import BASE
from optimizer.runs import check_target
from optimizer.solve import Effort


@dataclass(frozen=True)
class Order:
    """What is judged, and how much is looked for."""

    instance: Path
    plan: str
    """FILE, FILE#NAME or `current`."""
    scenario: str = BASE
    against: Path | None = None
    """A stored run to measure by; without one the best plan is looked for."""
    time_limit_s: float = 60.0
    """For the best plan, and again for mending each plan."""
    mend: bool = True
    out: Path | None = None
    force: bool = False
    draws: int | None = None
    seed: int = 1
    spread: Spread = field(default_factory=Spread)
    workers: int = 1


def evaluate_plans(order: Order, watch: Watch, voice: Voice) -> tuple[Exit, dict[str, Any], list[str]]:
    """Return how drawn plans are judged: exit code, document and lines. INFEASIBLE where one breaks a hard rule.

    Raises FaultyInput for an instance or a table of plans with faults, and Refusal for what cannot be judged so.
    """
    watch.step("read")
    case = Case.read(order.instance, order.scenario, seed=order.seed, workers=order.workers, students_only=True)
    if not len(case.district.units):
        raise _refusal(voice, "posts_alone")
    drawings = asked_drawings(order.plan, case.district, voice)
    _refuse_several(order, drawings, voice)
    if order.out is not None:
        check_target(order.out, name_folder(drawings[0].name), force=order.force)
    best = None if order.against is None else _best_of_run(case, order.against, voice)
    verdicts, best = _judge_all(order, case, drawings, best, watch)
    asked = Asked(order.instance, order.scenario, order.plan, order.against, best, case.district)
    folder = _store(order, verdicts[0], voice) if order.out is not None else None
    if drawings[0].warnings:
        heading = say("evaluate.file_warnings", language=voice.language)
        voice.note(heading, *list_findings(drawings[0].warnings, voice.language, remedies=voice.verbose))
    one = len(verdicts) == 1
    lines = tell_one(verdicts[0], asked, folder, voice) if one else tell_many(verdicts, asked, voice)
    broken = any(verdict.totals for verdict in verdicts)
    code = Exit.INTERRUPTED if watch.stopped() else Exit.INFEASIBLE if broken else Exit.DONE
    return code, describe_verdicts(verdicts, asked, folder), lines


def _judge_all(
    order: Order, case: Case, drawings: tuple[Drawing, ...], best: Best | None, watch: Watch
) -> tuple[list[Verdict], Best]:
    """Every plan judged, and what all were measured by: found from the first, where no run was named."""
    watch.step("judge")
    judged = [judge_drawing(case.district, case.travel, drawing) for drawing in drawings]
    if best is None:
        watch.step("best")
        best = find_best(case, judged[0], Effort(order.time_limit_s, None, watch.stopped))
    verdicts = []
    for drawing, exhibit in zip(drawings, judged, strict=True):
        mending = None
        if order.mend and best.possible is not False and not watch.stopped():
            watch.step("mend")
            effort = Effort(order.time_limit_s, None, watch.stopped)
            mending = mend_drawing(
                case.district,
                case.travel,
                drawing,
                exhibit,
                effort,
                known=best.catchments,
                seed=order.seed,
                workers=order.workers,
            )
        overflows = _draw(order, case, exhibit.basis.plan) if order.draws and exhibit.basis else None
        verdicts.append(Verdict(drawing, exhibit, measure_distances(exhibit, best), mending, overflows))
    return verdicts, best


def _draw(order: Order, case: Case, plan: Any) -> Overflows:
    draws = draw_demand(case.district, order.draws or 0, order.seed, order.spread)
    return count_overflows(case.district, case.travel, plan, draws)


def _best_of_run(case: Case, run: Path, voice: Voice) -> Best:
    """What a run of the same question says. Refuses one of another, and one whose inputs changed since."""
    stored = stored_run(run, voice)
    expected = f"{case.district.settings.instance.name}, {case.scenario}"
    found = f"{stored.record['instance']}, {stored.record['scenario']}"
    changed = [file for file in stored.find_changed(case.district.fingerprints) if not is_apart(stored, file)]
    if found != expected:
        raise _refusal(voice, "foreign", run=run, found=found, expected=expected)
    if stored.record.get("variation"):
        raise _refusal(voice, "variation", run=run)
    if stored.scope == "posts":
        raise _refusal(voice, "no_levels", run=run)
    if changed:
        raise _refusal(voice, "changed", run=run, files=", ".join(changed))
    if stored.plan is not None:
        return best_in(stored.record, stored.plan)
    why = stored.found
    return Best(False if stored.status == Status.INFEASIBLE else None, counts=why.counts if why else ())


def _store(order: Order, verdict: Verdict, voice: Voice) -> Path:
    mended = verdict.mending.mended if verdict.mending is not None else None
    if mended is None or order.out is None:
        raise _refusal(voice, "not_mended")
    return store_mended(mended, verdict.drawing.name, order.out, voice.language, force=order.force)


def _refuse_several(order: Order, drawings: tuple[Drawing, ...], voice: Voice) -> None:
    """Refuse what is only done for one plan where a file holds several."""
    facts = {"file": drawings[0].file, "count": len(drawings), "plan": drawings[0].name}
    if len(drawings) > 1 and order.out is not None:
        raise _refusal(voice, "several_out", **facts)
    if len(drawings) > 1 and order.draws:
        raise _refusal(voice, "draws_many", **facts)
    if order.out is not None and not order.mend:
        raise _refusal(voice, "not_mended")


def _refusal(voice: Voice, key: str, **facts: object) -> Refusal:
    return Refusal(Exit.USAGE, say(f"evaluate.refused.{key}", facts, voice.language))

"""Plans side by side: which they are, what differs between them in words, as a document and on a map."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.sentences import say
from models.watch import Watch
from optimizer.compare import CannotCompare, Comparison, compare_exhibits
from optimizer.console.compare.document import describe_comparison
from optimizer.console.compare.many import tell_many
from optimizer.console.compare.maps import draw_maps, refuse_maps
from optimizer.console.compare.pair import tell_pair
from optimizer.console.compare.script import Script
from optimizer.console.compare.sides import choose_baseline, read_sides
from optimizer.console.exits import Exit, Refusal
from optimizer.console.voice import Voice
from optimizer.digest import Exhibit


@dataclass(frozen=True)
class Order:
    """What is compared, and how it is shown. `runs` are folders, or `current` for today's catchments."""

    runs: tuple[str, ...]
    plans: tuple[str, ...] = ()
    """Tables of catchments, FILE or FILE#NAME."""
    baseline: str | None = None
    """A folder, or the name of a scenario or plan; the first side where none is named."""
    instance: Path | None = None
    map: Path | None = None
    font: Path | None = None
    force: bool = False


def compare_plans(order: Order, watch: Watch, voice: Voice) -> tuple[dict[str, Any], list[str]]:
    """Return what differs from the baseline to every other plan, as a document and as lines; draw maps if asked.

    Refuses what is not there, what cannot stand side by side, and drawn plans that no instance can judge.
    """
    comparison = _compare(order, watch, voice)
    script = Script(comparison, voice)
    if order.map is not None:
        refuse_maps(comparison, order.map, order.font, force=order.force, script=script)
    for summary in (comparison.baseline, *comparison.others):
        _note(summary.exhibit, script.label(summary), script)
    maps = []
    if order.map is not None:
        watch.step("pictures")
        maps = draw_maps(comparison, order.map, order.font, script)
    pair = len(comparison.others) == len(comparison.pairs) == 1
    told = tell_pair(comparison.pairs[0], script) if pair else tell_many(comparison, script)
    drawn = ["", *(script.say("maps.drawn", path=path) for path in maps)] if maps else []
    return describe_comparison(comparison, maps, script), [*told, *drawn]


def _compare(order: Order, watch: Watch, voice: Voice) -> Comparison:
    watch.step("show")
    sides = read_sides(order.runs, order.plans, order.instance, order.baseline, watch, voice)
    if len(sides) < 2:
        raise Refusal(Exit.USAGE, say("compare.refused.too_few", language=voice.language))
    baseline = choose_baseline(order.baseline, sides, voice)
    watch.step("compare")
    rest = list(sides)
    rest.remove(next(side for side in sides if side.exhibit is baseline))
    try:
        return compare_exhibits(baseline, [side.exhibit for side in rest])
    except CannotCompare as stop:
        facts: dict[str, object] = {"other": stop.other.stored.folder, "baseline": stop.baseline.stored.folder}
        stages = {"found": _stages(stop.other, voice), "expected": _stages(stop.baseline, voice)}
        sentence = say(f"compare.refused.{stop.reason}", facts | stages, voice.language)
        raise Refusal(Exit.USAGE, sentence) from None


def _stages(exhibit: Exhibit, voice: Voice) -> str:
    return " + ".join(voice.say(f"stages.{stage}") for stage in exhibit.stages)


def _note(exhibit: Exhibit, label: str, script: Script) -> None:
    """Say what of a plan could not be compared, or is compared as it was stored."""
    folder, voice, tables = exhibit.stored.folder, script.voice, exhibit.stored.tables
    if exhibit.lacking:
        inputs = exhibit.record.get("inputs", "")
        voice.note(script.say(f"notes.{exhibit.lacking}", folder=folder, inputs=inputs))
    if "drawn" in tables and not tables["drawn"].equals(tables["catchments"]):
        voice.note(script.say("notes.edited", folder=folder))
    filled = exhibit.record.get("drawing", {}).get("filled", {})
    units = list(dict.fromkeys(unit for named in filled.values() for unit in named))
    if units:
        voice.note(script.say("notes.filled", plan=label, count=len(units), units=script.some(units)))

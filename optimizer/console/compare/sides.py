"""Which plans are compared: stored runs, today's catchments, and tables of catchments; and which is the baseline."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.sentences import say
from models.watch import Watch
from optimizer.compare.comparison import is_planned
from optimizer.console.arguments import existing_folder, stored_run
from optimizer.console.drawn import asked_drawings
from optimizer.console.exits import Exit, Refusal
from optimizer.console.voice import Voice
from optimizer.digest import Exhibit, read_exhibits
from optimizer.drawn import CURRENT, judge_drawing
from optimizer.explain import Basis


@dataclass(frozen=True)
class Side:
    """A plan, and what `--baseline` may call it, exactly first."""

    exhibit: Exhibit
    names: tuple[str, ...]

    def is_called(self, asked: str) -> bool:
        """Whether `asked` is a name of this plan, or a path to its folder."""
        path = Path(asked)
        return asked in self.names or (path.exists() and path.resolve() == self.exhibit.stored.folder.resolve())


def read_sides(
    runs: Sequence[str], plans: Sequence[str], instance: Path | None, baseline: str | None, watch: Watch, voice: Voice
) -> tuple[Side, ...]:
    """Return the plans in the order in which they were named, runs first; `current` may stand among the runs.

    Drawn plans are judged under the instance and scenario of the baseline, or of the first run where that is drawn
    itself. Refuses what is not there, and drawn plans where no run has its instance beside it as it was.
    """
    if instance is not None:
        existing_folder(instance, voice)
    stored = {text: _read_run(text, instance, voice) for text in runs if text != CURRENT}
    _refuse_foreign_instance(stored.values(), instance, voice)
    drawn: dict[str, tuple[Exhibit, ...]] = {}
    if CURRENT in runs or plans:
        watch.step("recheck")
        basis = _judging(list(stored.values()), baseline, voice)
        for reference in dict.fromkeys([*([CURRENT] if CURRENT in runs else []), *plans]):
            drawings = asked_drawings(reference, basis.district, voice)
            drawn[reference] = tuple(judge_drawing(basis.district, basis.travel, each) for each in drawings)
    sides = [stored[text] if text in stored else _drawn_side(drawn[text][0], text) for text in runs]
    return (*sides, *(_drawn_side(each, reference) for reference in plans for each in drawn[reference]))


def choose_baseline(asked: str | None, sides: Sequence[Side], voice: Voice) -> Exhibit:
    """Return the plan that all others are held against, the first unless one is named; refuses one without a plan."""
    side = sides[0] if asked is None else _find(asked, sides, voice)
    if not is_planned(side.exhibit):
        facts = {"name": asked or side.names[0], "status": side.exhibit.stored.status.value}
        raise Refusal(Exit.USAGE, _say(voice, "refused.baseline_empty", **facts))
    return side.exhibit


def _find(asked: str, sides: Sequence[Side], voice: Voice) -> Side:
    found = [side for side in sides if side.is_called(asked)]
    if not found:
        known = ", ".join(dict.fromkeys(side.names[0] for side in sides))
        raise Refusal(Exit.USAGE, _say(voice, "refused.baseline", name=asked, known=known))
    exact = [side for side in found if side.names[0] == asked] or found
    if len({side.exhibit.stored.folder for side in exact}) > 1:
        known = ", ".join(side.names[0] for side in exact)
        raise Refusal(Exit.USAGE, _say(voice, "refused.baseline_several", name=asked, known=known))
    return exact[0]


def _read_run(text: str, instance: Path | None, voice: Voice) -> Side:
    """A run beside the instance that was named, or beside its own where that is another."""
    folder = Path(text)
    stored_run(folder, voice)
    (exhibit,) = read_exhibits([folder], instance)
    if exhibit.lacking and instance is not None:
        (exhibit,) = read_exhibits([folder])
    return Side(exhibit, tuple(dict.fromkeys((text, exhibit.scenario, *_titles(exhibit)))))


def _drawn_side(exhibit: Exhibit, reference: str) -> Side:
    drawing = exhibit.record["drawing"]
    names = (reference, drawing["name"], f"{drawing['file']}#{drawing['name']}", *_titles(exhibit))
    ordered = names if reference == CURRENT else (drawing["name"], *names)
    return Side(exhibit, tuple(dict.fromkeys(ordered)))


def _titles(exhibit: Exhibit) -> tuple[str, str]:
    return exhibit.title("en"), exhibit.title("zh")


def _refuse_foreign_instance(sides: Iterable[Side], instance: Path | None, voice: Voice) -> None:
    """Refuse an instance that was named and is none of those that the runs were made from."""
    bases = [side.exhibit.basis for side in sides]
    if instance is not None and not any(
        basis is not None and basis.district.folder.resolve() == instance.resolve() for basis in bases
    ):
        raise Refusal(Exit.USAGE, _say(voice, "refused.not_its_instance", inputs=instance))


def _judging(sides: Sequence[Side], baseline: str | None, voice: Voice) -> Basis:
    """The run under whose instance and scenario drawn plans are judged."""
    planned = [side for side in sides if is_planned(side.exhibit)]
    if not planned:
        raise Refusal(Exit.USAGE, _say(voice, "refused.no_run"))
    named = [side for side in planned if baseline is not None and side.is_called(baseline)]
    exhibit = (named or planned)[0].exhibit
    if exhibit.stored.scope == "posts":
        raise Refusal(Exit.USAGE, _say(voice, "refused.posts_alone", folder=exhibit.stored.folder))
    if exhibit.basis is None:
        facts = {"folder": exhibit.stored.folder, "inputs": exhibit.record.get("inputs", "")}
        raise Refusal(Exit.USAGE, _say(voice, f"refused.{exhibit.lacking}", **facts))
    return exhibit.basis


def _say(voice: Voice, key: str, **facts: object) -> str:
    return say(f"compare.{key}", facts, voice.language)

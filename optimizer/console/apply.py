"""A repair becomes a scenario: found among those of a diagnosis, tried against the instance, written, and told."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from models.diagnosis import Diagnosis
from models.faults import FaultyInput
from models.settings import merge
from optimizer.checks import check_source
from optimizer.console.arguments import stored_run
from optimizer.console.diagnosis import tell_repair
from optimizer.console.exits import Exit, Refusal
from optimizer.console.voice import Voice
from optimizer.io import amend, read_source
from optimizer.io.scenarios import FILE
from optimizer.runs import StoredRun

NOTHING: Mapping[str, Any] = {}
"""Varied beside a scenario that was solved as it stands."""


def matching_run(run: Path, folder: Path, scenario: str | None, voice: Voice) -> StoredRun:
    """Return a stored run of an instance; refuses one of another instance or scenario, and one whose instance changed.

    Scenarios that were added beside its own are no change.
    """
    stored = stored_run(run, voice)
    named = str(stored.record["scenario"])
    source = read_source(folder, scenario or named, stored.variation)
    instance = source.settings.instance.name if source.settings else folder.name
    expected, is_of = f"{instance}, {scenario or named}", f"{stored.record['instance']}, {named}"
    if expected != is_of:
        raise Refusal(Exit.USAGE, voice.say("apply.foreign", folder=run, found=is_of, expected=expected))
    changed = [file for file in stored.find_changed(source.fingerprints) if file != FILE]
    if changed:
        raise Refusal(Exit.USAGE, voice.say("apply.changed", folder=run, files=", ".join(changed)))
    if stored.plan is None and not stored.is_diagnosed_so:
        raise Refusal(Exit.USAGE, voice.say("apply.edited", folder=run))
    return stored


def check_name(folder: Path, scenario: str, name: str, voice: Voice, *, force: bool) -> None:
    """Refuse a name that a repair of `scenario` cannot have, before anybody waits for one."""
    with _refusing(voice):
        amend.check_name(folder, name, base=scenario, force=force)


def apply_repair(
    folder: Path,
    scenario: str,
    diagnosis: Diagnosis,
    number: int,
    name: str,
    voice: Voice,
    *,
    force: bool,
    varied: Mapping[str, Any] = NOTHING,
) -> list[str]:
    """Write repair `number` as the scenario `name`, which is `scenario` with it; return what was written and what next.

    What a run `varied` beside its scenario becomes part of the new one. Refuses a number that no repair has and a name
    that cannot be had. Raises FaultyInput where the instance does not take the repair.
    """
    repairs = diagnosis.repairs
    if not repairs:
        raise Refusal(Exit.USAGE, voice.say("apply.none", instance=folder, scenario=scenario))
    if number > len(repairs):
        facts = {"number": number, "count": len(repairs), "instance": folder, "scenario": scenario}
        raise Refusal(Exit.USAGE, voice.say("apply.no_such", **facts))
    repair = repairs[number - 1]
    patch = merge(varied, repair.patch)
    report = check_source(read_source(folder, scenario, patch))
    if report.faults:
        raise FaultyInput(report.faults, report.checks)
    words = tell_repair(repair, voice)
    with _refusing(voice):
        file = amend.write_scenario(folder, name, patch, base=scenario, comment=words, force=force)
    return [
        voice.say("diagnosis.applied", file=file, name=name, scenario=scenario, repair=words),
        voice.say("diagnosis.next", instance=folder, name=name),
    ]


@contextmanager
def _refusing(voice: Voice) -> Iterator[None]:
    """Within it, a scenario that cannot be written is refused with the reason."""
    try:
        yield
    except amend.NotWritten as refused:
        code = Exit.CANNOT_WRITE if refused.key == "taken" else Exit.USAGE
        raise Refusal(code, voice.say(f"apply.{refused.key}", **refused.facts)) from refused

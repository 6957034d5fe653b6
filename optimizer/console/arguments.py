"""What a command was given: paths that must exist, scenarios that must be known; else a refusal that helps."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from models.sentences import terms
from optimizer.console.exits import Exit, Refusal
from optimizer.console.voice import Voice
from optimizer.io import BASE, ScenarioNotFound, read_terms, scenario_names
from optimizer.runs import CannotWrite, StoredRun, read_run


def existing_folder(folder: Path, voice: Voice) -> Path:
    """Return `folder`; refuses one that is not there, and what is no folder."""
    if not folder.is_dir():
        raise Refusal(Exit.USAGE, voice.say("error.not_folder" if folder.exists() else "error.not_found", path=folder))
    return folder


def existing_file(file: Path, voice: Voice) -> Path:
    """Return `file`; refuses one that is not there, and what is no file."""
    if not file.is_file():
        raise Refusal(Exit.USAGE, voice.say("error.not_file" if file.exists() else "error.not_found", path=file))
    return file


def known_scenarios(folder: Path, asked: Sequence[str]) -> list[str]:
    """Return the scenarios asked for, each once, `base` where none was; refuses an unknown one before any is solved.

    A `scenarios.toml` that cannot be read names none: that is a fault, which reading the instance reports.
    """
    known = scenario_names(folder)
    names = list(dict.fromkeys(asked)) or [BASE]
    for name in names:
        if known and name not in {BASE, *known}:
            raise ScenarioNotFound(name, known)
    return names


def speak_as(folder: Path, scenario: str) -> None:
    """Speak with the local words of an instance under a scenario for the rest of this command."""
    terms.adopt(read_terms(folder, scenario))


def stored_run(folder: Path, voice: Voice) -> StoredRun:
    """Return the run that `folder` holds; refuses a folder that holds none, and names those inside it that do.

    The first run of a command settles the local words in which the rest of it is told, unless an instance has.
    """
    existing_folder(folder, voice)
    if not (folder / "run.json").is_file():
        inside = sorted(str(entry.parent) for entry in folder.glob("*/run.json"))
        key = "error.no_run_but" if inside else "error.no_run"
        raise Refusal(Exit.USAGE, voice.say(key, folder=folder, inside=", ".join(inside)))
    stored = read_run(folder)
    if not terms.has_adopted():
        terms.adopt(stored.record.get("terms"))
    return stored


def planned_run(folder: Path, voice: Voice) -> StoredRun:
    """Return the run that `folder` holds; refuses one without a plan."""
    return with_plan(stored_run(folder, voice), voice)


def with_plan(stored: StoredRun, voice: Voice) -> StoredRun:
    """Return a run; refuses one without a plan."""
    if stored.plan is None:
        raise Refusal(Exit.USAGE, voice.say("error.no_plan", folder=stored.folder, status=stored.status))
    return stored


def drawn_run(folder: Path, voice: Voice) -> StoredRun:
    """Return the run that `folder` holds; refuses one without a plan, and one of posts alone: it has no catchments."""
    stored = planned_run(folder, voice)
    if stored.scope == "posts":
        raise Refusal(Exit.USAGE, voice.say("posts.no_catchments", folder=folder))
    return stored


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Within it, what the disk refuses is told of by the path that was asked for, not by that of a draft beside it."""
    try:
        yield
    except OSError as failure:
        raise CannotWrite(path, failure.strerror or str(failure)) from failure


def empty_folder(folder: Path, voice: Voice) -> Path:
    """Return a folder to be written; refuses one that holds anything."""
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise Refusal(Exit.CANNOT_WRITE, voice.say("error.not_empty", path=folder))
    return folder

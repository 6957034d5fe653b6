"""What an exception stands for: an exit code, a JSON document and lines for people."""

from typing import TYPE_CHECKING, Any

from models.faults import FaultyInput
from optimizer.console.exits import Exit, Refusal
from optimizer.console.faults import describe_findings, tell_faults
from optimizer.console.text import printable, shorten
from optimizer.console.voice import Voice

if TYPE_CHECKING:
    from optimizer.outlook.later import NothingAhead
    from optimizer.runs import FaultyEdits, ForeignRun, NotARun, NothingToPost

MOST_EDITS = 20


def judge(stop: BaseException, voice: Voice) -> tuple[Exit, dict[str, Any], list[str]]:
    """Return the exit code, the JSON document and the lines that a raised exception stands for."""
    from optimizer.io import BASE, ScenarioNotFound
    from optimizer.outlook.later import NothingAhead
    from optimizer.runs import CannotWrite, FaultyEdits, ForeignRun, NotARun, NothingToPost, RunExists

    match stop:
        case FaultyInput():
            document = {"checks": stop.checks, "faults": describe_findings(stop.faults, voice.language)}
            return Exit.FAULTY, document, tell_faults(stop, voice)
        case Refusal():
            code, sentence = stop.code, stop.sentence
        case ScenarioNotFound():
            known = ", ".join(dict.fromkeys((BASE, *stop.known)))
            code, sentence = Exit.USAGE, voice.say("error.no_scenario", name=stop.name, known=known)
        case FileNotFoundError():
            code, sentence = Exit.USAGE, voice.say("error.not_found", path=stop.filename or stop)
        case NotARun():
            code, sentence = Exit.USAGE, _tell_flaw(stop, voice)
        case FaultyEdits():
            code, sentence = Exit.USAGE, _tell_edits(stop, voice)
        case ForeignRun() | NothingAhead() | NothingToPost():
            code, sentence = Exit.USAGE, _tell_unfit(stop, voice)
        case RunExists():
            key = "error.run_exists" if stop.replaceable else "error.no_run_there"
            code, sentence = Exit.CANNOT_WRITE, voice.say(key, path=stop.folder)
        case CannotWrite():
            code, sentence = Exit.CANNOT_WRITE, voice.say("error.cannot_write", path=stop.folder, detail=stop.reason)
        case OSError():
            facts = {"path": stop.filename or "", "detail": stop.strerror or stop}
            code, sentence = Exit.CANNOT_WRITE, voice.say("error.cannot_write", **facts)
        case KeyboardInterrupt():
            code, sentence = Exit.INTERRUPTED, voice.say("error.interrupted")
        case _:
            code, sentence = Exit.OURS, voice.say("error.ours")
    return code, {"error": sentence}, [f"{voice.say('error.word')}{sentence}"]


def _tell_flaw(stop: "NotARun", voice: Voice) -> str:
    """Return which file of a run is damaged, and how."""
    facts = {name: printable(shorten(str(fact))) for name, fact in stop.facts.items()}
    return voice.say("error.damaged_run", folder=stop.folder, flaw=voice.say(f"damaged.{stop.flaw}", **facts))


def _tell_unfit(stop: "ForeignRun | NothingAhead | NothingToPost", voice: Voice) -> str:
    """Return why an instance does not suit what was asked of it."""
    from optimizer.runs import ForeignRun, NothingToPost

    if isinstance(stop, ForeignRun):
        return voice.say("error.foreign_run", folder=stop.folder, instance=stop.instance)
    topic = "posts" if isinstance(stop, NothingToPost) else "hold"
    return voice.say(f"{topic}.{stop.key}", **stop.facts)


def _tell_edits(stop: "FaultyEdits", voice: Voice) -> str:
    """Return every edit of a draft that cannot be read, a line each."""
    told = []
    for key, facts in stop.findings[:MOST_EDITS]:
        plain = {name: printable(shorten(str(fact))) for name, fact in facts.items()}
        told.append(voice.say(f"edits.{key}", file=stop.file, **plain))
    more = ["  ..."] if len(stop.findings) > MOST_EDITS else []
    return "\n".join([voice.say("edits.head", count=len(stop.findings)), *(f"  {line}" for line in told), *more])

"""What stands behind the page: how far from the best at most, how figures are counted, and from what they came."""

from collections.abc import Iterator, Sequence
from typing import Any

from models.outcome import Status
from optimizer.console.summary import least_of, tell_quality
from optimizer.console.text import write_share
from optimizer.digest import Exhibit
from optimizer.digest.options import MOST
from optimizer.export.labels import shorten
from optimizer.pages.brief.content import Section, Table
from optimizer.pages.brief.speech import LONGEST_NAME, Speech, capital

_MOST_FILES = 30
_DIGITS = 32
"""Of a fingerprint (SHA-256): as many tell any two files apart."""


def write_appendix(exhibits: Sequence[Exhibit], speech: Speech) -> tuple[Section, ...]:
    """Return the parts of the appendix."""
    return (
        *(_prove(exhibit, speech, noted=at == 0) for at, exhibit in enumerate(exhibits[:MOST])),
        _count(exhibits[0], speech),
        _trace(exhibits, speech),
    )


def _prove(exhibit: Exhibit, speech: Speech, *, noted: bool) -> Section:
    """How sure a result is; what the table means is said below the first."""
    record = exhibit.record
    levels = Table(
        heads=tuple(speech.say(f"proof.heads.{head}") for head in ("level", "value", "bound", "gap")),
        rows=tuple(_row(level, speech) for level in record["levels"]),
        widths=(0.55, 0.15, 0.15, 0.15),
        note=speech.say("proof.note") if noted else "",
    )
    title = speech.say("proof.title", scenario=shorten(exhibit.title(speech.language), LONGEST_NAME))
    tables = (levels,) if levels.rows else ()
    return Section("proof", title, sentences=tuple(_tell(exhibit, speech)), tables=tables)


def _tell(exhibit: Exhibit, speech: Speech) -> Iterator[str]:
    record = exhibit.record
    status = exhibit.stored.status
    if status in (Status.INFEASIBLE, Status.NO_PLAN):
        yield speech.say("no_plan.proved" if status == Status.INFEASIBLE else "no_plan.unknown")
    else:
        yield tell_quality(record, speech.voice)
    if record.get("interrupted"):
        yield speech.say("proof.interrupted")
    gap = speech.say("proof.no_bound") if record["gap"] is None else write_share(record["gap"])
    key = "proof.run_exact" if record["gap"] == 0 else "proof.run"
    yield speech.say(key, seed=record["seed"], gap=gap, mode=speech.say(f"proof.modes.{record['mode']}"))


def _row(level: dict[str, Any], speech: Speech) -> tuple[str, ...]:
    value, least = speech.alike((level["value"], least_of(level)), 3)
    return capital(speech.word("cli.levels", level["name"])), value, least, _tell_gap(level, value == least, speech)


def _tell_gap(level: dict[str, Any], equal: bool, speech: Speech) -> str:
    """A difference that is less than what counts is no gap, but is said where the figures show it."""
    if level["gap"] is None:
        return speech.number(None)
    if level["gap"] or equal:
        return write_share(level["gap"])
    return speech.find(f"proof.within.{level['name']}") or speech.say("proof.within.other")


def _count(exhibit: Exhibit, speech: Speech) -> Section:
    """How the figures of the page are counted, of those that stand there."""
    posts = exhibit.stored.scope != "children"
    of_children = exhibit.stored.plan is not None and exhibit.stored.scope != "posts"
    keys = {
        "draft": True, "unit": of_children, "places": of_children, "watch": exhibit.stored.plan is not None,
        "farther": of_children, "passed_over": of_children, "years": exhibit.ahead is not None, "even": posts,
        "cost": exhibit.stored.plan is not None,
    }  # fmt: skip
    told = tuple(speech.say(f"counted.{key}") for key, stands in keys.items() if stands)
    return Section("counted", speech.say("counted.title"), sentences=told)


def _trace(exhibits: Sequence[Exhibit], speech: Speech) -> Section:
    first = exhibits[0].record
    files = list(first["fingerprint"].items())
    table = Table(
        heads=(speech.say("trace.file"), speech.say("trace.fingerprint")),
        rows=tuple((shorten(file, 60), digest[:_DIGITS]) for file, digest in files[:_MOST_FILES]),
        widths=(0.4, 0.6),
        figures=2,
        exact=True,
    )
    more = len(files) - _MOST_FILES
    others = [each for each in exhibits[1:MOST] if _files(each) != _files(exhibits[0])]
    told = speech.join((shorten(each.title(speech.language), LONGEST_NAME) for each in others), "list")
    close = [
        speech.say("trace.more", count=more) if more > 0 else "",
        speech.say("trace.others", scenarios=told) if others else "",
    ]
    versions = speech.join(f"{name} {number}" for name, number in first["versions"].items())
    sentences = (speech.say("trace.versions", versions=versions), speech.say("trace.inputs"))
    tables = (table,) if files else ()
    return Section("trace", speech.say("trace.title"), sentences, tables, close=speech.join(close, "space"))


def _files(exhibit: Exhibit) -> dict[str, str]:
    """Fingerprints of the files that a run was made from, without that of its own scenario."""
    return {file: digest for file, digest in exhibit.record["fingerprint"].items() if "#" not in file}

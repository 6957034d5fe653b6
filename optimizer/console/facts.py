"""Facts in words: what a fact is called says what it is, so that one set of facts is said in every language."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from models.sentences import find, say
from models.stages import STAGES
from optimizer.console.text import printable, write_number, write_share
from optimizer.console.voice import Voice

MOST_NAMED = 5
"""Units or schools that a sentence names; the others are counted."""
NAMES = ("year", "grade", "size")
"""Numbers that name something, and are written without separators."""
SHARES = ("before", "after", "amount", "least", "value", "limit")
"""Facts that are shares where the unit of what they are about is."""


def phrase(key: str, facts: Mapping[str, object], voice: Voice, *, unit: str = "") -> str | None:
    """Return the sentence `diagnose.KEY` with its facts in words.

    None where this version has no such sentence, or the facts of another version do not fill it.
    """
    if find(f"diagnose.{key}") is None:
        return None
    try:
        told = {name: write_fact(fact, name, voice, unit=unit) for name, fact in facts.items()}
        return printable(say_words(key, voice, **told))
    except (LookupError, TypeError, ValueError):
        return None


def write_fact(fact: object, name: str, voice: Voice, *, unit: str = "") -> str:
    """Return a fact in words; of a list the first entries, and how many more there are."""
    if name in _WRITERS:
        return _WRITERS[name](fact, voice)
    if isinstance(fact, Mapping):
        told = [(name_kind(str(key), voice), write_fact(value, name, voice)) for key, value in fact.items()]
        return join([say_words("words.entry", voice, name=kind, value=value) for kind, value in told], voice)
    if isinstance(fact, list | tuple):
        return _write_some([write_fact(each, name.removesuffix("s"), voice) for each in fact], voice, "comma")
    if fact is None or isinstance(fact, str | bool) or name in NAMES:
        return "" if fact is None else str(fact)
    if name.endswith("share") or (unit == "share" and name in SHARES):
        return write_share(float(str(fact)))
    return write_number(fact)


def name_rule(rule: str, voice: Voice) -> str:
    """Return a rule in a planner's words; the name of one that this version does not know."""
    return find(f"diagnose.rules.{rule}", voice.language) or rule


def name_kind(kind: str, voice: Voice) -> str:
    """Return a stage in words; any other key as it stands."""
    return voice.say(f"stages.{kind}") if find(f"cli.stages.{kind}") else kind


def say_words(key: str, voice: Voice, **facts: object) -> str:
    """Return the sentence `diagnose.KEY`."""
    return say(f"diagnose.{key}", facts, voice.language)


def join(parts: Sequence[str], voice: Voice, by: str = "comma") -> str:
    """Return parts of a sentence, a comma or a semicolon between them."""
    return say_words(f"words.{by}", voice).join(parts)


def _write_some(told: Sequence[str], voice: Voice, by: str) -> str:
    named, left = join(told[:MOST_NAMED], voice, by), len(told) - MOST_NAMED
    return say_words("words.more", voice, names=named, count=f"{left:,}") if left > 0 else named


def _write_stages(fact: Any, voice: Voice) -> str:
    return " + ".join(name_kind(stage, voice) for stage in str(fact).split(" + "))


def _write_rules(fact: Any, voice: Voice) -> str:
    return join([name_rule(rule, voice) for rule in fact], voice, "semicolon")


def _write_changes(fact: Any, voice: Voice) -> str:
    """What a repair gives which school: cells of the table of schools, each with school, before and after."""
    return _write_some([_write_change(change, voice) for change in fact], voice, "semicolon")


def _write_change(change: Mapping[str, Any], voice: Voice) -> str:
    cell, stage = _split_cell(str(change["cell"]))
    before, after = float(change["before"] or 0), float(change["after"])
    numbers = {"more": write_number(after - before), "after": write_number(after)}
    school = " ".join(filter(None, (str(change["school"]), str(change.get("name") or ""))))
    return say_words(f"cells.{cell}", voice, school=school, stage=name_kind(stage, voice), **numbers)


def _split_cell(cell: str) -> tuple[str, str]:
    """Return the key of what is said of a cell, and its stage: `places_primary` is `places_STAGE` of primary."""
    kind, _, stage = cell.rpartition("_")
    return (f"{kind}_STAGE", stage) if stage in STAGES else (cell, "")


def _write_shares(fact: Any, voice: Voice) -> str:
    """Shares of small classes by size: what was asked for, and what is reached."""
    told = [
        say_words("words.share", voice, size=size, before=write_share(before), after=write_share(after))
        for size, (before, after) in fact.items()
    ]
    return join(told, voice, "semicolon")


def _write_differs(fact: Any, voice: Voice) -> str:
    """Levels that a change makes less of, or more; a fact is what is saved."""
    told = []
    for level, saved in fact.items():
        change = f"{'-' if saved > 0 else '+'}{write_number(abs(saved), 1)}"
        told.append(say_words("words.differs", voice, level=voice.say(f"levels.{level}"), change=change))
    return join(told, voice, "semicolon")


def _write_subject(fact: Any, voice: Voice) -> str:
    return find(f"subjects.{fact}", voice.language) or str(fact)


def _write_cell(fact: Any, voice: Voice) -> str:
    return find(f"diagnose.words.{fact}", voice.language) or str(fact)


_WRITERS: Mapping[str, Callable[[Any, Voice], str]] = {
    "stage": _write_stages,
    "rule": name_rule,
    "rules": _write_rules,
    "subject": _write_subject,
    "cell": _write_cell,
    "changes": _write_changes,
    "shares": _write_shares,
    "differs": _write_differs,
}

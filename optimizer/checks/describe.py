"""A fault in words: where, found, expected, remedy."""

from dataclasses import dataclass

from models.faults import Fault, Severity
from models.sentences import Language, find, say

_SHOWN = 60


@dataclass(frozen=True)
class Description:
    """The words of a fault in one language, fit to be printed: no control characters, nothing longer than a line."""

    code: str
    severity: Severity
    where: str
    """`schools.csv:14 places`: file, row and column as far as they are known."""
    title: str
    found: str
    expected: str
    remedy: str
    sentence: str
    """What was found, and what was expected or probably meant."""


def describe(fault: Fault, language: Language = "en") -> Description:
    """Return a fault in words."""
    facts = _facts(fault, language)
    found, expected, remedy = (say(f"faults.{fault.code}.{part}", facts, language) for part in _PARTS)
    meant = next((word for word in ("near", "slip") if facts[word]), "expected")
    return Description(
        code=fault.code,
        severity=fault.severity,
        where=_where(fault),
        title=say(f"faults.{fault.code}.title", facts, language),
        found=found,
        expected=expected,
        remedy=remedy,
        sentence=say(f"faults.line.{meant}", {**facts, "found": found, "expected": expected}, language),
    )


def explain(code: str, language: Language = "en") -> list[str]:
    """Return what a code means and why it matters, in lines. Raises KeyError for a code that does not exist."""
    title, why = find(f"faults.{code}.title", language), find(f"faults.{code}.why", language)
    if title is None or why is None:
        raise KeyError(code)
    return [f"{code}  {title}", why]


_PARTS = ("found", "expected", "remedy")


def _facts(fault: Fault, language: Language) -> dict[str, object]:
    """The facts of a fault, safe to print, with the sentences that stand for some of them."""
    facts = {name: _shown(value) for name, value in fault.facts.items()}
    place = {"file": _shown(fault.file), "row": fault.row, "column": _shown(fault.column), "found": _shown(fault.found)}
    facts = {"near": "", "slip": "", "who": "", **facts, **place}
    if "stage" in facts:
        facts["stage"] = find(f"cli.stages.{facts['stage']}", language) or facts["stage"]
    if isinstance(facts.get("expected"), str):
        facts["expected"] = str(facts["expected"]).replace(" or ", say("faults.line.or", language=language))
    if "kind" in facts:
        key = f"faults.kinds.{fault.facts['kind']}"
        facts["kind"] = say(key if find(key) else "faults.kinds.other", facts, language)
    return facts


def _where(fault: Fault) -> str:
    row = f":{fault.row}" if fault.row else ""
    return f"{_shown(fault.file)}{row} {_shown(fault.column)}".rstrip()


def _shown(value: object) -> object:
    """A fact as it may be printed: control characters escaped, long text cut in the middle."""
    if not isinstance(value, str):
        return value
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in value)
    half = _SHOWN
    return plain if len(plain) <= 2 * half + 1 else f"{plain[:half]}…{plain[-half:]}"

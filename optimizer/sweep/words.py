"""What keys and values are called: as they are stated, in Chinese by words where there are any."""

from models.sentences import Language, find, say
from optimizer.io.columns import dictionary
from optimizer.io.scenarios import PATCHED_BY_ID
from optimizer.sweep.axes import Axis

RULES = "rules"


def name_key(axis: Axis, short: str, language: Language) -> str:
    """Return what a key is called, `short` being the end by which it is told from the others."""
    if language == "en":
        return short
    rule = find(f"diagnose.rules.{axis.path[1]}", language) if _is_rule(axis) else None
    if rule:
        return rule
    if axis.rows:
        rows = [_name_part(axis, value, language) for value in axis.rows.values()]
        chosen = say("sweep.list", language=language).join(rows)
        return say("sweep.rows", {"key": _name_part(axis, axis.path[-1], language), "rows": chosen}, language)
    parts = axis.path[1:] if axis.path[0] in PATCHED_BY_ID or axis.changes_demand else axis.path[-_count(short) :]
    return " ".join(_name_part(axis, part, language) for part in parts)


def name_value(axis: Axis, at: int, language: Language) -> str:
    """Return what the value at a position is called."""
    label = axis.labels[at]
    return (find(f"sweep.values.{label}", language) or label) if _is_rule(axis) and language != "en" else label


def _is_rule(axis: Axis) -> bool:
    return axis.path[0] == RULES and len(axis.path) == 2


def _count(short: str) -> int:
    """Parts of a short key; one that holds quoted dots is told whole."""
    return short.count(".") + 1


def _name_part(axis: Axis, part: str, language: Language) -> str:
    """A part of a key: a column by its heading, a stage or a setting by its word, an id as it stands."""
    table = dictionary().get(axis.path[0])
    column = table.columns.get(part) if table is not None and part == axis.path[-1] else None
    if column is not None and not axis.changes_demand:
        return next((heading for heading in column.headings if not heading.isascii()), part)
    return find(f"cli.stages.{part}", language) or find(f"sweep.keys.{part}", language) or part

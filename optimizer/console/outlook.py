"""The outlook on a terminal and as JSON: the district year by year, then the schools with a warning."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from models.sentences import Language, say
from optimizer.console.exits import Exit, Refusal
from optimizer.console.summary import plain_rows
from optimizer.console.text import align, printable, write_number, write_share
from optimizer.console.voice import Voice
from optimizer.outlook import Ahead
from optimizer.outlook.table import LEVELS, write_whole
from optimizer.outlook.words import say_balance, say_note, say_sources, say_thresholds

MOST_SCHOOLS = 20
MOST_LETTERS = 28
"""Of a name on a line: schools that share a catchment have a long one."""
Write = Callable[[Any, Voice], str]
"""How a cell is written."""


def _write_text(cell: Any, _: Voice) -> str:
    return str(cell)


def _write_name(cell: Any, _: Voice) -> str:
    return cell if len(cell) <= MOST_LETTERS else f"{cell[: MOST_LETTERS - 1]}…"


def _write_count(cell: Any, _: Voice) -> str:
    return write_number(cell)


def _write_used(cell: Any, _: Voice) -> str:
    return "" if pd.isna(cell) else write_share(cell)


def _write_year(cell: Any, _: Voice) -> str:
    return "" if pd.isna(cell) else f"{cell:.0f}"


def _write_stage(cell: Any, voice: Voice) -> str:
    return voice.say(f"stages.{cell}")


def _write_level(cell: Any, voice: Voice) -> str:
    return say(f"outlook.levels.{cell}", language=voice.language) if cell else ""


_WRITERS: dict[str, Write] = {
    "school": _write_text,
    "name": _write_name,
    "stage": _write_stage,
    "level": _write_level,
    "year": _write_year,
    "first_short_year": _write_year,
    "utilisation": _write_used,
}
"""Every other column holds counts."""
_LEFT = ("school", "name", "stage", "level")
_TOTALS = ("stage", "year", "children", "entrants", "unzoned", "places", "gap", "utilisation", "free_rooms", "level")
_SCHOOLS = (
    *("school", "name", "stage", "level", "first_short_year", "year", "children", "places", "gap", "utilisation"),
    *("entry_classes", "tracks", "free_rooms"),
)


def require_catchments(ahead: Ahead, instance: Path, voice: Voice) -> None:
    """Refuse an instance without today's catchments, which the outlook keeps."""
    if ahead.district.current is None:
        raise Refusal(Exit.USAGE, say("outlook.no_current", {"instance": instance}, voice.language))


def tell_outlook(ahead: Ahead, voice: Voice, *, every: bool) -> list[str]:
    """Return the outlook in lines: headline, district, where the numbers come from, schools with a warning."""
    years, instance = ahead.projection.years, ahead.district.settings.instance
    facts = {"title": instance.called(voice.language), "first": years[0], "last": years[-1]}
    language = voice.language
    return [
        printable(say("outlook.headline", facts, language)),
        "",
        *_tabulate(ahead.totals, _TOTALS, voice),
        "",
        *_tell_balance(ahead, language),
        "",
        *(say_sources(stage, years, language) for stage in ahead.projection.stages),
        *(printable(say_note(note, language)) for note in ahead.projection.notes),
        say_thresholds(ahead.district.settings.policy.outlook, language),
        say("outlook.reading", language=language),
        "",
        *_tell_schools(ahead, voice, every=every),
    ]


def tell_written(ahead: Ahead, folder: Path, voice: Voice, *, force: bool, font: Path | None) -> list[str]:
    """Write the folder of an outlook; return where it lies, and say on stderr what its picture lacks."""
    from optimizer.outlook.store import store_outlook

    voice.note(*filter(None, [store_outlook(ahead, folder, force=force, language=voice.language, font=font)]))
    return ["", say("outlook.written", {"folder": folder}, voice.language)]


def describe_outlook(ahead: Ahead, instance: Path, voice: Voice) -> dict[str, Any]:
    """Return the outlook as one JSON document: every school, stage and year."""
    return {
        "instance": str(instance),
        "scenario": ahead.district.scenario,
        "years": list(ahead.projection.years),
        "thresholds": ahead.district.settings.policy.outlook.model_dump(),
        "sources": {
            stage.stage: dict(zip(map(str, ahead.projection.years), stage.sources, strict=True))
            for stage in ahead.projection.stages
        },
        "notes": [
            {"note": note.key, **note.facts, "sentence": say_note(note, voice.language)}
            for note in ahead.projection.notes
        ],
        "district": plain_rows(write_whole(ahead.totals)),
        "balance": plain_rows(ahead.balance),
        "schools": plain_rows(write_whole(ahead.schools)),
        "warnings": plain_rows(write_whole(ahead.warnings)),
    }


def _tell_balance(ahead: Ahead, language: Language) -> list[str]:
    """Return what each stage is short of and has to spare; that its places are unknown is said once."""
    thresholds = ahead.district.settings.policy.outlook
    return list(dict.fromkeys(say_balance(row, thresholds, language) for row in plain_rows(ahead.balance)))


def _tell_schools(ahead: Ahead, voice: Voice, *, every: bool) -> list[str]:
    count = len(ahead.warnings)
    if not count:
        return [say("outlook.none_warned", language=voice.language)]
    shown = ahead.warnings if every else ahead.warnings.head(MOST_SCHOOLS)
    left = count - len(shown)
    return [
        say("outlook.warned_one" if count == 1 else "outlook.warned", {"count": count}, voice.language),
        *(_tell_levels(part, str(stage), voice) for stage, part in ahead.warnings.groupby("stage", sort=False)),
        "",
        *_tabulate(shown.rename(columns={"school_id": "school"}), _SCHOOLS, voice),
        *([say("outlook.more", {"count": left}, voice.language)] if left else []),
    ]


def _tell_levels(warnings: pd.DataFrame, stage: str, voice: Voice) -> str:
    """Return how many schools of a stage are at each level."""
    counts = warnings["level"].value_counts()
    told = [
        say("outlook.level_count", {"level": say(f"outlook.levels.{level or 'rooms'}", language=voice.language),
                                    "count": counts[level]}, voice.language)
        for level in LEVELS if level in counts
    ]  # fmt: skip
    facts = {"stage": voice.say(f"stages.{stage}"), "levels": say("outlook.comma", language=voice.language).join(told)}
    return "  " + say("outlook.level_counts", facts, voice.language)


def _tabulate(table: pd.DataFrame, columns: Sequence[str], voice: Voice) -> list[str]:
    """Return a line a row; a column in which nothing is known or nothing counts is left out."""
    kept = [name for name in columns if name != "unzoned" or table[name].fillna(0).any()]
    heads = [say(f"outlook.columns.{name}", language=voice.language) for name in kept]
    rows = [[_WRITERS.get(name, _write_count)(row[name], voice) for name in kept] for row in table.to_dict("records")]
    return align([heads, *rows], right=[k for k, name in enumerate(kept) if name not in _LEFT])

"""What two plans were made from, as far as it differs, in words."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import pandas as pd

from models.placement import rows_of
from models.sentences import find
from models.stages import STAGES
from optimizer.compare import Difference, Summary
from optimizer.compare.inputs import Inputs
from optimizer.console.compare.script import Script, first_of, signed
from optimizer.console.text import printable, write_metres, write_number

MOST_SETTINGS = 12
MOST_SCHOOLS = 10
MOST_NAMED = 5


def tell_inputs(difference: Difference, script: Script) -> list[str]:
    """Return what differs in the input, a line a matter; nothing where it is the same."""
    inputs, stated = difference.inputs, {setting.key: setting for setting in difference.inputs.settings}
    year = stated.get("year")
    told = [] if year is None else [script.say("inputs.years", before=year.before, after=year.after)]
    settings = [setting for key, setting in stated.items() if key != "year"]
    lines = [
        script.say(
            "inputs.setting",
            key=_name_setting(each.key, script),
            before=_state(each.before, script),
            after=_state(each.after, script),
        )
        for each in settings
    ]
    told += first_of(lines, MOST_SETTINGS, "inputs.more", script)
    told += _tell_school_cells(inputs, script)
    names = {"other": script.label(difference.other), "baseline": script.label(difference.baseline)}
    for key, schools in (("added", inputs.added), ("gone", inputs.gone)):
        if schools:
            told.append(script.say(f"inputs.{key}", schools=script.some([*map(script.school, schools)]), **names))
    told += _tell_children(difference, script)
    if inputs.staff is not None:
        counts = {name: f"{count:,}" for name, count in asdict(inputs.staff).items()}
        told.append(script.say("inputs.teachers", **counts))
    if inputs.ways is not None:
        facts = {"pairs": f"{inputs.ways.pairs:,}", "of": f"{inputs.ways.of:,}"}
        key = "ways" if math.isfinite(inputs.ways.largest_m) else "ways_cut"
        told.append(script.say(f"inputs.{key}", largest=write_metres(inputs.ways.largest_m), **facts))
    if inputs.files:
        key = "files" if inputs.known else "files_known"
        told.append(script.say(f"inputs.{key}", files=script.join(inputs.files)))
    return told if inputs.known else [*told, script.say("inputs.from_runs")]


def _name_setting(key: str, script: Script) -> str:
    """The key of a setting, and of a rule also what it says."""
    kind, _, rule = key.partition(".")
    words = find(f"diagnose.rules.{rule}", script.voice.language) if kind == "rules" else None
    return key if words is None else script.say("inputs.key", key=key, words=words)


def _state(value: Any, script: Script) -> str:
    """A setting as TOML has it, "none" where it is not stated."""
    return script.say("inputs.none") if value is None else printable(json.dumps(value, ensure_ascii=False))


def _tell_school_cells(inputs: Inputs, script: Script) -> list[str]:
    by_school: dict[str, list[str]] = {}
    for row in rows_of(inputs.schools):
        before, after = (_tell_cell(value, script) for value in (row.before, row.after))
        told = script.say("inputs.cell", cell=_name_cell(row.cell, script), before=before, after=after)
        by_school.setdefault(row.school_id, []).append(told)
    lines = [
        script.say("inputs.school", school=script.school(school), cells=script.join(cells))
        for school, cells in by_school.items()
    ]
    return first_of(lines, MOST_SCHOOLS, "inputs.more", script)


def _name_cell(cell: str, script: Script) -> str:
    kind, _, stage = cell.rpartition("_")
    if stage in STAGES:
        return script.say(f"cells.{kind}_STAGE", stage=script.stage(stage))
    known = find(f"compare.cells.{cell}", script.voice.language) or find(
        f"cli.indicators.{cell}", script.voice.language
    )
    return known or cell


def _tell_cell(value: Any, script: Script) -> str:
    if value is None:
        return script.say("inputs.none")
    if isinstance(value, bool):
        return script.say("inputs.yes" if value else "inputs.no")
    return value if isinstance(value, str) else write_number(value, 6)


def _tell_children(difference: Difference, script: Script) -> list[str]:
    inputs, told = difference.inputs, []
    kinds = {kind for side in (difference.baseline, difference.other) for kind in _kinds(side)}
    for row in rows_of(inputs.children):
        facts = {"stage": script.stage(row.stage), "before": f"{row.before:,}", "after": f"{row.after:,}"}
        facts["change"] = signed(row.after - row.before)
        key = "children" if len(kinds) < 2 else "children_of"
        told.append(script.say(f"inputs.{key}", category=script.category(row.category), **facts))
    several = len(difference.other.exhibit.stages) > 1
    if len(inputs.zones):
        told.append(script.say("inputs.zones", zones=_tell_rows(inputs.zones, "zone_id", several, script)))
    if len(inputs.units):
        units = _tell_rows(inputs.units, "unit_id", several, script)
        told.append(script.say("inputs.units", count=f"{len(inputs.units):,}", units=units))
    return told


def _kinds(summary: Summary) -> Iterable[str]:
    """Categories of the children of a plan."""
    table = summary.exhibit.stored.tables.get("assignments")
    return () if table is None else table["category"].unique().tolist()


def _tell_rows(table: pd.DataFrame, name: str, several: bool, script: Script) -> str:
    key = "inputs.entry_of" if several else "inputs.entry"
    told = [
        script.say(
            key,
            name=row[name],
            stage=script.stage(row["stage"]),
            before=f"{row['before']:,}",
            after=f"{row['after']:,}",
        )
        for row in table.head(MOST_NAMED).to_dict("records")
    ]
    return script.join(told)

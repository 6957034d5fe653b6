"""What a scenario adds to the ground: who goes where, then and now, lines, marks and the classes of every layer."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from models.sentences import find, say
from models.stages import Stage
from optimizer.digest import Exhibit
from optimizer.export.lettering import tell_status
from optimizer.pages.map.layers import Layer
from optimizer.pages.map.panels import build_panels
from optimizer.pages.map.rows import Rows, changes_of, picture_of
from optimizer.pages.map.words import Words


def build_scene(exhibit: Exhibit, name: str, rows: Rows, layers: Sequence[Layer], words: Words) -> dict[str, Any]:
    """Return a scenario as the page reads it; units and schools are positions, -1 is none."""
    return {
        "name": name,
        "line": _headline(exhibit, words),
        "stages": {stage: _build_stage(exhibit, stage, rows, layers, words) for stage in exhibit.stages},
        "panels": build_panels(exhibit, rows, words),
    }


def _headline(exhibit: Exhibit, words: Words) -> str:
    mean, status = f"{exhibit.record['mean_m'] or 0:,.0f}", tell_status(exhibit.record, words.language)
    facts = {"scenario": exhibit.title(words.language), "mean": mean, "status": status}
    return say("export.map.subtitle", facts, words.language)


def _build_stage(exhibit: Exhibit, stage: Stage, rows: Rows, layers: Sequence[Layer], words: Words) -> dict[str, Any]:
    units, today, changes = picture_of(exhibit).units, rows.today(exhibit, stage), changes_of(exhibit, stage)
    metres, children = rows.metres(exhibit, stage), units[f"students_{stage}"].to_numpy(np.int64)
    changed = [rows.units[unit] for unit in changes["unit_id"]]
    ceiling = exhibit.record.get("policy", {}).get("travel", {}).get("max_m", {}).get(stage)
    radius = exhibit.radius_m(stage)
    far = (children > 0) & (metres > (ceiling or np.inf))
    beyond = (children > 0) & (metres > (radius or np.inf)) & ~far
    found = {layer.key: layer.find(exhibit, stage, rows) for layer in layers}
    sites = picture_of(exhibit).schools_of(stage)
    return {
        "school": rows.planned(exhibit, stage).tolist(),
        "today": None if today is None else today.tolist(),
        "shared": _shared(exhibit, stage, rows),
        "children": children.tolist(),
        "zoned": _zoned(exhibit, stage, rows),
        "metres": _whole(metres),
        "metres_today": dict(zip(map(str, changed), _whole(rows.metres_today(exhibit, stage)[changed]), strict=True)),
        "reasons": dict(zip(map(str, changed), _reasons(changes, words), strict=True)),
        "changed": changed,
        "far": np.flatnonzero(far).tolist(),
        "beyond": np.flatnonzero(beyond).tolist(),
        "far_means": words("legend.far", metres=words.number(ceiling)) if ceiling else "",
        "beyond_means": words("legend.beyond", metres=words.number(radius)) if radius else "",
        "sites": {
            "school": [rows.schools[school] for school in sites["school_id"]],
            "students": sites["students"].astype(int).tolist(),
            "overfull": sites["overfull"].astype(int).tolist(),
            "idle": sites["idle"].astype(int).tolist(),
            "per_mille": _whole(1000 * sites["utilisation"].to_numpy(np.float64)),
        },
        "flows": _flows(exhibit, stage, rows),
        "moves": _moves(exhibit, stage, rows),
        "layers": {key: told for key, told in found.items() if told is not None},
    }


def _whole(values: "np.ndarray[Any, Any]") -> list[int]:
    """Whole numbers, -1 for what is not finite."""
    whole: list[int] = np.where(np.isfinite(values), np.round(values), -1).astype(np.int64).tolist()
    return whole


def _zoned(exhibit: Exhibit, stage: Stage, rows: Rows) -> list[int] | None:
    """Children of every unit who follow its catchment; None where all do."""
    categories = exhibit.record.get("categories", {})
    following = {name for name, kind in categories.items() if kind["zoned"]}
    if following == set(categories):
        return None
    table, counted = exhibit.stored.table("assignments"), [0] * len(rows.units)
    for unit, students in table.loc[
        (table["stage"] == stage) & table["category"].isin(following) & table["unit_id"].isin(rows.units),
        ["unit_id", "students"],
    ].to_numpy():
        counted[rows.units[unit]] += int(students)
    return counted


def _reasons(changes: pd.DataFrame, words: Words) -> list[str]:
    """Why each unit of changes.csv changes, in the language of the page."""
    stated = zip(changes["reason_code"], changes["reason"], strict=True)
    return [find(f"runs.reasons.{code}", words.language) or reason for code, reason in stated]


def _shared(exhibit: Exhibit, stage: Stage, rows: Rows) -> dict[str, list[int]]:
    """The schools of the units that several schools share (共享学区)."""
    table = exhibit.stored.table("catchments")
    table = table[(table["stage"] == stage) & table["unit_id"].isin(rows.units) & table["school_id"].isin(rows.schools)]
    shared: dict[str, list[int]] = {}
    for unit, school in table.loc[table.duplicated("unit_id", keep=False), ["unit_id", "school_id"]].to_numpy():
        shared.setdefault(str(rows.units[unit]), []).append(rows.schools[school])
    return shared


def _flows(exhibit: Exhibit, stage: Stage, rows: Rows) -> list[int]:
    """Unit, school, children, and whether they sit outside their catchment (0 or 1): four numbers a line."""
    tables = exhibit.stored.tables
    seated = _count(tables.get("assignments"), stage, "school_id")
    outside = _count(tables.get("coordination"), stage, "to_school_id")
    lines = []
    for (unit, school), children in seated.items():
        away = outside[unit, school]
        for count, flag in ((children - away, 0), (away, 1)):
            if count > 0 and unit in rows.units and school in rows.schools:
                lines += [rows.units[unit], rows.schools[school], count, flag]
    return lines


def _count(table: pd.DataFrame | None, stage: Stage, school: str) -> Counter[tuple[str, str]]:
    """Children of a stage by unit and school."""
    counted: Counter[tuple[str, str]] = Counter()
    if table is not None:
        for unit, to, students in table.loc[table["stage"] == stage, ["unit_id", school, "students"]].to_numpy():
            counted[unit, to] += int(students)
    return counted


def _moves(exhibit: Exhibit, stage: Stage, rows: Rows) -> list[int]:
    """School from, school to, teachers who move to another legal school and teach the stage there: three an arrow."""
    table = exhibit.stored.tables.get("postings")
    if table is None:
        return []
    moved = table[(table["moved"] == "true") & (table["stage"] == stage)]
    arrows = Counter(zip(moved["from_school_id"], moved["to_school_id"], strict=True))
    known = [(one, other, count) for (one, other), count in arrows.items() if {one, other} <= rows.schools.keys()]
    return [number for one, other, count in known for number in (rows.schools[one], rows.schools[other], count)]

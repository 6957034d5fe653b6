"""`run.json`, `issues.json` and `diagnosis.json`: what was asked, what was shown, and from what."""

import json
import math
import platform
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from models.diagnosis import Diagnosis
from models.district import District
from models.outcome import Outcome, Status
from models.run import Run, Shortfall

SCHEMA_VERSION = 1
_RESOLVED = {"policy", "rules", "catchments", "objective", "categories", "travel", "costs", "terms"}
_PACKAGES = ("xuewei", "ortools", "numpy", "scipy", "pandas", "geopandas", "shapely", "pyproj", "pyogrio", "numba")


def build_record(run: Run, district: District) -> dict[str, Any]:
    """Return `run.json`: status and levels, figures, and the settings as resolved."""
    settings = district.settings
    return {
        "schema_version": SCHEMA_VERSION,
        "status": run.outcome.status.value,
        "instance": settings.instance.name,
        "title": settings.instance.title,
        "district": settings.instance.district,
        "data_date": None if settings.instance.data_date is None else settings.instance.data_date.isoformat(),
        "enrolment_year": settings.instance.enrolment_year,
        "year": settings.instance.year,
        "scenario": district.scenario,
        **({"variation": district.patch} if district.patch else {}),
        "scenario_title": district.scenario_title,
        "mode": settings.instance.mode,
        **({} if run.scope == "children" else {"scope": run.scope}),
        "draft": True,
        "interrupted": run.outcome.interrupted,
        "gap": run.outcome.gap,
        "levels": _levels(run.outcome),
        **_figures(run, district),
        "hold": 1 + len(district.later),
        "later": [{"year": later.year, "sources": dict(later.sources)} for later in district.later],
        "revision": _revision(run),
        "seed": run.seed,
        "seconds": run.seconds,
        "work": run.outcome.work,
        "versions": versions(),
        "inputs": run.inputs or district.folder.as_posix(),
        "fingerprint": dict(sorted(district.fingerprints.items())),
        **({"diagnosis_sha256": sha256(_encode(build_diagnosis(run))).hexdigest()} if run.plan is None else {}),
        **settings.model_dump(mode="json", exclude_none=True, include=_RESOLVED),
    }


def versions() -> dict[str, str]:
    """Return the versions of what plans depend on: Python, this program, and what it calculates with."""
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}


def build_issues(shortfalls: tuple[Shortfall, ...]) -> list[dict[str, Any]]:
    """Return the shortfalls of a plan as `issues.json` holds them; `origin` is `inherited` (存量) or `new`."""
    return [
        {
            "rule": shortfall.rule,
            "kind": shortfall.kind,
            "hardness": shortfall.hardness,
            "stage": shortfall.stage,
            "where": shortfall.where,
            "detail": shortfall.detail,
            "value": shortfall.value,
            "limit": shortfall.limit,
            "unit": shortfall.unit,
            "breach": shortfall.breach,
            "before": shortfall.before,
            "origin": "inherited" if shortfall.inherited else "new",
        }
        for shortfall in shortfalls
    ]


def build_diagnosis(run: Run) -> dict[str, Any]:
    """Return `diagnosis.json` of a run without a plan."""
    reason = {"key": run.outcome.reason, "facts": run.outcome.facts} if run.outcome.reason else None
    unknown = Diagnosis(False if run.outcome.status == Status.INFEASIBLE else None, complete=False)
    head = {"schema_version": SCHEMA_VERSION, "status": run.outcome.status.value, "reason": reason}
    return head | asdict(run.diagnosis or unknown)


def write_json(content: Any, path: Path) -> None:
    """Write one JSON document; a number that is not finite is null."""
    path.write_bytes(_encode(content))


def _encode(content: Any) -> bytes:
    return (json.dumps(plain(content), ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def plain(value: Any) -> Any:
    """Return `value` in JSON's own types: numpy numbers become plain ones, inf and NaN become null."""
    if isinstance(value, Mapping):
        return {str(key): plain(below) for key, below in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(below) for below in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _levels(outcome: Outcome) -> list[dict[str, Any]]:
    return [
        {"name": level.name, "value": level.value, "bound": level.bound, "gap": level.gap} for level in outcome.levels
    ]


def _revision(run: Run) -> dict[str, Any] | None:
    """What was open to the revision of a draft, and how many catchments were held as edited."""
    if run.revision is None:
        return None
    return {"scope": run.revision.scope, "edited": int(run.revision.edited.sum())}


def _figures(run: Run, district: District) -> dict[str, Any]:
    """Children decided, by stage, and how far they go; null without a plan."""
    if run.plan is None:
        return {"decided": None, "student_km": None, "mean_m": None}
    by_stage = run.plan.assignments.groupby("stage")["students"].sum()
    decided = {stage: int(by_stage.get(stage, 0)) for stage in district.settings.instance.stages}
    total = sum(decided.values())
    mean_m = 1000 * run.plan.student_km / total if total else None
    return {"decided": decided, "student_km": run.plan.student_km, "mean_m": mean_m}

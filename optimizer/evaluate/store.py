"""A mended plan as an ordinary run: everything that reads runs reads it."""

import math
from dataclasses import replace
from pathlib import Path

from models.district import District
from models.outcome import Level, Outcome, Status
from models.run import Run
from models.sentences import Language
from optimizer.digest import Exhibit
from optimizer.indices import compute_indices
from optimizer.io import build_district, read_source
from optimizer.io.scenarios import is_usable_name
from optimizer.runs import store_run


def name_folder(plan: str) -> str:
    """Return the name of the folder of a mended plan: that of the plan where a folder may be called so."""
    return plan if is_usable_name(plan) else "mended"


def store_mended(mended: Exhibit, plan: str, out: Path, language: Language, *, force: bool) -> Path:
    """Write a mended plan below `out` as a run that keeps every hard rule, without bounds; return its folder.

    Where units were opened to change for it, the run says so as a variation of its scenario. Raises as `store_run`.
    """
    basis, levels = mended.basis, mended.record["levels"]
    assert basis is not None
    run = Run(
        name=name_folder(plan),
        seed=0,
        outcome=Outcome(Status.FEASIBLE, tuple(Level(e["name"], e["value"], -math.inf, 0.0) for e in levels)),
        plan=basis.plan,
        indices=compute_indices(basis.district, basis.travel, basis.plan),
        shortfalls=mended.stored.shortfalls,
        language=language,
    )
    titled = replace(_as_read(basis.district), scenario_title=mended.record["scenario_title"])
    return store_run(run, titled, basis.travel, out, force=force)


def _as_read(district: District) -> District:
    """The district, read again where something was laid over it, so that its fingerprints are of what was asked."""
    if not district.patch:
        return district
    return build_district(read_source(district.folder, district.scenario, district.patch))

"""Whether the pipeline makes a plan: any will do, and no map is drawn of it."""

from pathlib import Path
from unittest.mock import patch

from models.watch import Silence
from optimizer.export import Drawn
from optimizer.pipeline import Options, SolvedRun, solve_instance, solve_posts

ANY, FAIR = 1e9, 0.05
"""Relative gaps. Of catchments of any plan some leave children without a place: then those of a fair one are tried."""


def has_plan(folder: Path, scenario: str, out: Path, *, students_only: bool) -> bool:
    """Whether an instance has a plan, of which the pipeline judges every hard rule anew."""
    runs = (solved(folder, scenario, out, gap, students_only=students_only) for gap in (ANY, FAIR))
    return any(made.run.plan is not None for made in runs)


def has_posts(folder: Path, scenario: str, out: Path, run: Path) -> bool:
    """Whether the classes of a stored run find teachers under a scenario."""
    options = Options(gap=ANY, diagnose=False)
    return solve_posts(folder, scenario, options, out=out, force=True, start=run, watch=Silence()).run.plan is not None


def solved(folder: Path, scenario: str, out: Path, gap: float = FAIR, *, students_only: bool) -> SolvedRun:
    """What the pipeline makes of an instance."""
    options = Options(gap=gap, students_only=students_only, diagnose=False)
    with patch("optimizer.export.draw_map", lambda folder, path: Drawn(path, "")):
        return solve_instance(folder, scenario, options, out=out, force=True, start=None, watch=Silence())

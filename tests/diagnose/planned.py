"""Whether the pipeline makes a plan."""

from pathlib import Path
from unittest.mock import patch

from models.watch import Silence
from optimizer.export import Drawn
from optimizer.pipeline import Options, solve_instance


def has_plan(folder: Path, scenario: str, out: Path, *, students_only: bool) -> bool:
    """Whether an instance has a plan, of which the pipeline judges every hard rule anew. No map is drawn."""
    options = Options(gap=0.05, students_only=students_only)
    with patch("optimizer.export.draw_map", lambda folder, path: Drawn(path, "")):
        solved = solve_instance(folder, scenario, options, out=out, force=True, start=None, watch=Silence())
    return solved.run.plan is not None

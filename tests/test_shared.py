"""Real districts beside the repository: solved by the command line, judged by the outside checker."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import xuewei

RUNS = [
    ("bcps-southwest", "base", None),
    ("bcps-southwest", "y2016", 1057.3),
    ("bcps-southwest", "y2017", 1052.2),
    ("durham-high", "base", None),
    ("durham-high", "relief_4", 3780),
    ("zy", "base", 383.3),
]
"""District, scenario and the least mean distance in metres; None: no plan keeps every hard rule."""


@pytest.mark.parametrize(("name", "scenario", "least_m"), RUNS)
def test_real_districts(shared: Path, tmp_path: Path, name: str, scenario: str, least_m: float | None) -> None:
    """What is stored stands up to the checker; no plan is better, no bound worse, than what is known to be best."""
    instance = shared / "data" / "districts" / name
    asked = [
        "--lang",
        "en",
        "--quiet",
        "solve",
        str(instance),
        "--out",
        str(tmp_path),
        "--time-limit",
        "60",
        "--gap",
        "0.005",
    ]
    named = [] if scenario == "base" else ["--scenario", scenario]
    result = CliRunner().invoke(xuewei, [*asked, *named])
    assert result.exit_code == (4 if least_m is None else 0), result.output
    run = tmp_path / scenario
    if least_m is None:
        assert {file.name for file in run.iterdir()} == {"run.json", "diagnosis.json"}
        return
    checker = [sys.executable, str(shared / "check_plan.py"), str(instance), str(run), *named]
    judged = subprocess.run(checker, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert json.loads(judged.stdout.splitlines()[-1])["faults"] == 0
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    bound_m = 1000 * record["levels"][-1]["bound"] / sum(record["decided"].values())
    assert bound_m * (1 - 1e-3) <= least_m <= record["mean_m"] * (1 + 1e-3)

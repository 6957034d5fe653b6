"""The folder of robust plans: tables of the draws, and the two best as runs of the demand as stated."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from models.district import Travel
from models.placement import Placement
from models.sentences import Language
from models.settings import Name
from optimizer.drawn.judge import run_drawn
from optimizer.drawn.seat import seat_drawing
from optimizer.draws.candidates import STATED
from optimizer.draws.robust import Robust
from optimizer.runs import store_run
from optimizer.runs.cells import write_csv
from optimizer.runs.folder import RUN_MARK, whole_file

MARK = "robust.json"
"""What was asked in this folder."""
DRAWS, PLANS, SCHOOLS, PICTURE = "draws.csv", "plans.csv", "overflows.csv", "overflows.png"
AVERAGE, WORST = "average", "worst"
"""Folders of the two best plans, unless they are that of the stated demand."""


def store_tables(robust: Robust, out: Path) -> None:
    """Write every draw, every candidate, and how often schools overflow under those that are named."""
    tables = {DRAWS: tabulate_draws(robust), PLANS: tabulate_plans(robust), SCHOOLS: tabulate_schools(robust)}
    for file, table in tables.items():
        with whole_file(out / file) as partial:
            write_csv(table, partial)


def clear_answer(out: Path) -> None:
    """Take away what an earlier answer left in the folder, but the runs of its tasks."""
    for file in (DRAWS, PLANS, SCHOOLS, PICTURE):
        (out / file).unlink(missing_ok=True)
    for folder in (AVERAGE, WORST):
        if (out / folder / RUN_MARK).is_file():
            shutil.rmtree(out / folder)


def best_folders(robust: Robust) -> dict[str, str]:
    """Return the folder of each of the plans that are named, but today's where it is none of the best."""
    folders = {STATED: STATED} if robust.find(STATED) else {}
    return {robust.worst: WORST, robust.average: AVERAGE} | folders


def store_plan(
    robust: Robust, travel: Travel, out: Path, *, name: str, folder: str, title: Name, language: Language
) -> None:
    """Store a candidate as a run of the demand as stated, seated and checked again."""
    judged = robust.find(name)
    assert judged is not None
    district = replace(robust.district, scenario_title=title)
    placement = Placement(district, travel, seat_drawing(district, travel, judged.candidate.held))
    store_run(replace(run_drawn(placement, folder), language=language), district, travel, out)


def tabulate_draws(robust: Robust) -> pd.DataFrame:
    """Return children beyond and kilometres of every candidate in every draw."""
    parts = [
        pd.DataFrame(
            {
                "draw": np.arange(1, len(robust.draws) + 1),
                "plan": judged.name,
                "children": robust.draws.students.sum(axis=(1, 2)),
                "beyond": judged.overflows.beyond,
                "student_km": judged.overflows.student_km,
            }
        )
        for judged in robust.judged
    ]
    return pd.concat(parts, ignore_index=True)


def tabulate_plans(robust: Robust) -> pd.DataFrame:
    """Return what every candidate comes to, a row each; empty where there is nothing to compare with."""
    rows = [
        {
            "plan": judged.name,
            "best_on_average": judged.name == robust.average,
            "best_in_worst": judged.name == robust.worst,
            "barred": judged.name in robust.barred,
            "beyond_mean": judged.overflows.mean,
            "beyond_worst": judged.overflows.worst,
            "beyond_stated": judged.stated,
            "km_mean": judged.overflows.mean_km,
            "km_worst": judged.overflows.worst_km,
            "from_today": judged.from_today,
            "from_stated": judged.from_stated,
        }
        for judged in robust.judged
    ]
    return pd.DataFrame(rows).astype({"from_today": "Int64", "from_stated": "Int64"})


def tabulate_schools(robust: Robust) -> pd.DataFrame:
    """Return how often every school overflows under the plans that are named, a row a plan, school and stage."""
    table = pd.concat([judged.overflows.schools.assign(plan=judged.name) for judged in robust.named])
    return table[["plan", *table.columns.drop("plan")]].reset_index(drop=True)

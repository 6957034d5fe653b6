"""The table of a trade-off, and the plans beside it that nobody searched for here."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from models.district import District
from models.settings import LevelName, Objective
from optimizer.drawn.drawing import NothingDrawn, current_drawing
from optimizer.drawn.judge import judge_drawing
from optimizer.geo.travel import measure_travel
from optimizer.io import build_district, read_source
from optimizer.runs.cells import write_csv
from optimizer.runs.folder import whole_file
from optimizer.tradeoff.curve import Curve, Spot, near
from optimizer.tradeoff.question import Question

MARK, TABLE = "tradeoff.json", "tradeoff.csv"


@dataclass(frozen=True)
class Today:
    """Today's catchments, judged by the same code."""

    spot: Spot
    beyond: float
    """What they come to in the first level before those weighed in which they are worse than the curve."""
    level: str
    """That level; "" where they are worse in none."""
    broken: int
    """Times they break a hard rule, not counting what stood before."""


def describe_question(
    question: Question, instance: Path, scenario: str, *, points: int, start: Path | None
) -> dict[str, Any]:
    """Return what the runs of a trade-off answer, as `tradeoff.json` holds it."""
    return {
        "instance": instance.resolve().name,
        "scenario": scenario,
        "between": list(question.levels),
        "points": points,
        "from": None if start is None else start.as_posix(),
    }


def tabulate(curve: Curve) -> pd.DataFrame:
    """Return a row a plan: its folder, how it stands to the others, its ceilings, levels and bounds.

    `gap` is that of the minimised level to its column `at_least`, `largest_gap` the largest of all levels of the run.
    """
    knee = None if curve.knee is None else curve.knee.spot
    named = [*curve.question.before, *curve.question.levels, *curve.question.after]
    rows = []
    for spot, standing in zip(curve.spots, curve.standings, strict=True):
        known = [level for level in named if level in spot.values]
        rows.append(
            {
                "folder": spot.name,
                "standing": standing,
                "knee": spot is knee,
                "first": spot.leads or "",
                **{f"{level}_at_most": spot.ceilings.get(level) for level in curve.question.capped},
                "status": spot.status,
                "gap": gap_of(curve, spot),
                "largest_gap": spot.gap,
                f"{curve.question.minimised}_at_least": least_of(curve, spot),
                **{name: value for level in known for name, value in _level(spot, level)},
                "mean_m": spot.mean_m,
            }
        )
    return pd.DataFrame(rows)


def _level(spot: Spot, level: str) -> Sequence[tuple[str, float]]:
    return (level, spot.values[level]), (f"{level}_bound", spot.bounds.get(level, float("nan")))


def gap_of(curve: Curve, spot: Spot) -> float | None:
    """Return how far the minimised level of a plan may be from what no plan below the same ceilings can undercut, as a
    share of its value; None without a plan, and for one that is short in a level before and so may undercut it."""
    least, minimised = least_of(curve, spot), curve.question.minimised
    if least is None or spot.value(minimised) < least - near(minimised):
        return None
    apart = spot.value(minimised) - least
    return 0.0 if apart < near(minimised) else apart / max(abs(spot.value(minimised)), 1e-9)


def least_of(curve: Curve, spot: Spot) -> float | None:
    """Return what no plan below the ceilings of a plan can undercut, by all that was proved; None without a plan."""
    if not spot.values:
        return None
    return curve.least({level: spot.ceiling(level) for level in curve.question.capped})


def store_table(curve: Curve, out: Path) -> Path:
    """Write `tradeoff.csv` and return its path."""
    with whole_file(out / TABLE) as partial:
        write_csv(tabulate(curve), partial)
    return out / TABLE


def find_standard(question: Question, objective: Objective) -> LevelName | None:
    """Return the level that goes first at the end of the curve that `solve` would make; None where it makes another,
    as it does where a tolerance lets it give up some of a level."""
    if any(objective.tolerance.get(level, 0.0) > 0 for level in (*question.before, *question.levels)):
        return None
    own = [level for level in objective.order if level in question.levels]
    for level in question.levels:
        ordered = [each for each in question.first(level)["objective"]["order"] if each in own]
        if own and level == own[0] and ordered == own:
            return level
    return None


def judge_today(curve: Curve, instance: Path, scenario: str) -> Today | None:
    """Return what today's catchments come to in the levels of a curve; None where nobody knows them."""
    question = curve.question
    if question.posts or not curve.frontier:
        return None
    source = read_source(instance, scenario, question.first(question.minimised))
    district: District = build_district(source)
    try:
        drawing = current_drawing(district)
    except NothingDrawn:
        return None
    stored = judge_drawing(district, measure_travel(district), drawing).stored
    values = {level["name"]: level["value"] for level in stored.record["levels"]}
    mean_m = stored.record["mean_m"]
    spot = Spot("", "drawn", values=values, mean_m=float("nan") if mean_m is None else mean_m)
    best = curve.frontier[0]
    worse = [level for level in question.before if spot.value(level) > best.value(level) + 0.5]
    broken = sum(shortfall.is_fault for shortfall in stored.shortfalls)
    return Today(spot, spot.value(worse[0]) if worse else 0.0, worse[0] if worse else "", broken)

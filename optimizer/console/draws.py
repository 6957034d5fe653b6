"""Draws of demand in words: how often which school overflows under a plan."""

from typing import Any

import numpy as np

from models.sentences import say
from optimizer.console.summary import plain_rows
from optimizer.console.text import align, write_number, write_share, write_stated
from optimizer.console.voice import Voice
from optimizer.draws.overflows import Overflows, find_interval

MOST_SCHOOLS = 20
COLUMNS = ("school", "name", "stage", "children", "frequency", "interval", "mean", "when", "worst")


def tell_overflows(overflows: Overflows, voice: Voice) -> list[str]:
    """Return what a fixed plan comes to over the draws: what was drawn, children beyond, schools that overflow."""
    return [tell_asked(overflows, voice), _tell_beyond(overflows, voice), *tell_schools(overflows, voice)]


def tell_asked(overflows: Overflows, voice: Voice) -> str:
    """Return how many draws there are, and what they assume."""
    draws = overflows.draws
    facts = {
        "draws": f"{len(draws):,}",
        "seed": draws.seed,
        "spread": write_stated(draws.spread.share),
        "correlation": write_number(draws.spread.correlation),
    }
    return _say("asked", voice, **facts)


def tell_schools(overflows: Overflows, voice: Voice) -> list[str]:
    """Return a line a school and stage that overflows in some draw, the most frequent first."""
    schools, draws = overflows.schools, len(overflows.draws)
    found = schools[schools["times"] > 0].sort_values("times", ascending=False, kind="stable")
    if found.empty:
        return [_say("none_overflow", voice, high=write_share(find_interval(0, draws)[1]))]
    tail = write_stated(overflows.tail)
    heads = [_say(f"columns.{column}", voice, tail=tail) for column in COLUMNS]
    rows = [
        [
            *(row["school_id"], row["name"], voice.say(f"stages.{row['stage']}"), write_number(row["children"])),
            write_frequency(row["frequency"]),
            _say("interval", voice, low=write_frequency(row["low"]), high=write_frequency(row["high"])),
            *(write_number(row[column], 1) for column in ("mean", "when", "worst")),
        ]
        for row in found.head(MOST_SCHOOLS).to_dict("records")
    ]
    left = len(found) - len(rows)
    return [
        _say("overflowing", voice, count=len(found), of=len(schools)),
        *align([heads, *rows], right=range(3, len(COLUMNS)), indent="  "),
        *([_say("more", voice, count=left)] if left else []),
        _say("reading", voice, tail=tail),
    ]


def describe_overflows(overflows: Overflows) -> dict[str, Any]:
    """Return what a fixed plan comes to over the draws, for a JSON document: every school, and every draw."""
    draws = overflows.draws
    return {
        "draws": len(draws),
        "seed": draws.seed,
        "spread": draws.spread.share,
        "correlation": draws.spread.correlation,
        "tail": overflows.tail,
        "beyond": describe_beyond(overflows),
        "schools": plain_rows(overflows.schools),
        "by_draw": overflows.beyond.tolist(),
    }


def describe_beyond(overflows: Overflows) -> dict[str, float]:
    """Return children beyond and kilometres, each on the mean of the draws and of their worst tail."""
    return {
        "mean": overflows.mean,
        "ninety": _nine_of_ten(overflows),
        "worst": overflows.worst,
        "most": int(overflows.beyond.max()),
        "none": float((overflows.beyond == 0).mean()),
        "mean_km": overflows.mean_km,
        "worst_km": overflows.worst_km,
    }


def _tell_beyond(overflows: Overflows, voice: Voice) -> str:
    return _say(
        "beyond",
        voice,
        mean=write_number(overflows.mean, 1),
        nine=write_number(_nine_of_ten(overflows)),
        most=write_number(overflows.beyond.max()),
        none=write_share(float((overflows.beyond == 0).mean())),
    )


def write_frequency(share: float) -> str:
    """Return a share of the draws in per cent."""
    return f"{100 * share:.1f} %"


def _nine_of_ten(overflows: Overflows) -> int:
    """The fewest children that are not exceeded in nine draws of ten."""
    return int(np.quantile(overflows.beyond, 0.9, method="inverted_cdf"))


def _say(key: str, voice: Voice, **facts: object) -> str:
    return say(f"draws.{key}", facts, voice.language)

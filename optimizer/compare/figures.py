"""What two plans come to: levels, indices, rules that bind, shortfalls."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from models.diagnosis import Binding
from models.run import Shortfall
from optimizer.digest import Exhibit
from optimizer.indices.compute import better_of
from optimizer.recheck import RULES

Verdict = Literal["better", "worse", "same", "neither", "unknown"]
"""`neither`: it differs, and no direction is the better one; `unknown`: one of the plans does not have it."""
Change = Literal["new", "gone", "larger", "smaller"]
INDEX_COLUMNS = (
    "index", "scope", "stage", "unit", "before", "after", "change", "verdict", "passes_before", "passes_after", "turns",
)  # fmt: skip
_KEY = ["index", "scope", "stage"]
_EXACT = 1e-9


@dataclass(frozen=True)
class LevelPair:
    """One level of the objective in both plans; None where a plan does not have it, or nothing bounds it."""

    name: str
    before: float | None
    after: float | None
    bound_before: float | None
    bound_after: float | None


@dataclass(frozen=True)
class ShortfallPair:
    """A rule that one of the plans does not keep: what is told of it where it is there, and how it grew."""

    change: Change
    before: Shortfall | None
    after: Shortfall | None

    @property
    def shortfall(self) -> Shortfall:
        """The shortfall of the second plan, of the first where it is gone."""
        found = self.after or self.before
        assert found is not None
        return found


def compare_levels(baseline: Exhibit, other: Exhibit) -> tuple[tuple[LevelPair, ...], bool]:
    """Return the levels of both, and whether they may be compared: both plans minimise the same ones in one order."""
    first, second = ({level["name"]: level for level in each.record["levels"]} for each in (baseline, other))
    pairs = [
        LevelPair(name, *(level.get(name, {}).get(key) for key in ("value", "bound") for level in (first, second)))
        for name in dict.fromkeys((*first, *second))
    ]
    return tuple(pairs), order_of(baseline) == order_of(other) and baseline.entry_only == other.entry_only


def order_of(exhibit: Exhibit) -> tuple[str, ...]:
    """Return the levels in the order in which a plan minimises them."""
    named = [level["name"] for level in exhibit.record["levels"]]
    return tuple(exhibit.record.get("objective", {}).get("order", named))


def compare_indices(baseline: Exhibit, other: Exhibit) -> pd.DataFrame:
    """Return every index, columns INDEX_COLUMNS, in the order of the tables; NaN where a plan does not have it.

    `turns` is "lost" where a target was reached and is not any more, "gained" the other way round, else "".
    """
    first, second = (_indices_of(exhibit) for exhibit in (baseline, other))
    table = first.merge(second, how="outer", on=_KEY, suffixes=("_before", "_after"), sort=False)
    order = {key: row for row, key in enumerate(dict.fromkeys((*_keys(first), *_keys(second))))}
    table = table.iloc[np.argsort([order[key] for key in _keys(table)], kind="stable")].reset_index(drop=True)
    before, after = table["value_before"].to_numpy(np.float64), table["value_after"].to_numpy(np.float64)
    passes = [table[f"passes_{end}"].fillna("").astype(str).str.lower() for end in ("before", "after")]
    turns = np.select(
        [(passes[0] == "true") & (passes[1] == "false"), (passes[0] == "false") & (passes[1] == "true")],
        ["lost", "gained"],
        default="",
    )
    return pd.DataFrame({
        **{column: table[column] for column in _KEY},
        "unit": table["unit_after"].fillna(table["unit_before"]),
        "before": before,
        "after": after,
        "change": after - before,
        "verdict": [judge(*row) for row in zip(table["index"], before, after, strict=True)],
        "passes_before": passes[0],
        "passes_after": passes[1],
        "turns": turns,
    }, columns=list(INDEX_COLUMNS))  # fmt: skip


def judge(code: str, before: float, after: float) -> Verdict:
    """Return whether an index is better in the second plan."""
    if math.isnan(before) or math.isnan(after):
        return "unknown"
    if abs(after - before) <= _EXACT * max(1.0, abs(before), abs(after)):
        return "same"
    better = better_of(code)
    if better == "neither":
        return "neither"
    return "better" if (after < before) == (better == "lower") else "worse"


def _indices_of(exhibit: Exhibit) -> pd.DataFrame:
    columns = [*_KEY, "value", "unit", "passes"]
    table = exhibit.stored.tables.get("indices")
    return pd.DataFrame(columns=columns) if table is None else table[columns].drop_duplicates(_KEY)


def _keys(table: pd.DataFrame) -> list[tuple[str, str, str]]:
    return list(zip(*(table[column] for column in _KEY), strict=True))


def compare_bindings(baseline: Exhibit, other: Exhibit) -> tuple[tuple[Binding, ...], tuple[Binding, ...]]:
    """Return the rules that bind in the second plan alone, and those in the first alone.

    A limit that a plan breaks is none that it leans on: it is among the shortfalls. Rules of posts are left out where
    one of the plans decides none.
    """
    apart = _rules_apart(baseline, other)
    first, second = (_leant_on(exhibit, apart) for exhibit in (baseline, other))
    return (
        tuple(binding for key, binding in second.items() if key not in first),
        tuple(binding for key, binding in first.items() if key not in second),
    )


def _rules_apart(baseline: Exhibit, other: Exhibit) -> frozenset[str]:
    """Rules that only one of the plans is judged by: those of posts, where the other decides none."""
    posted = ["posts" in exhibit.stored.tables for exhibit in (baseline, other)]
    return frozenset() if posted[0] == posted[1] else frozenset(rule.name for rule in RULES if rule.of_staff)


def _leant_on(exhibit: Exhibit, apart: Collection[str]) -> Mapping[tuple[str, ...], Binding]:
    broken = {(each.rule, each.where) for each in exhibit.stored.shortfalls if each.is_fault}
    leant = (
        binding
        for binding in exhibit.bindings
        if binding.rule not in apart and (binding.rule, binding.where) not in broken
    )
    return {(each.rule, each.where, each.stage, each.detail): each for each in leant}


def compare_shortfalls(baseline: Exhibit, other: Exhibit) -> tuple[ShortfallPair, ...]:
    """Return the shortfalls that are new, gone, larger or smaller; broken hard rules first, then in their order.

    Rules of posts are left out where one of the plans decides none.
    """
    apart = _rules_apart(baseline, other)
    first, second = (
        _by_place(each for each in exhibit.stored.shortfalls if each.rule not in apart) for exhibit in (baseline, other)
    )
    pairs = []
    for key in dict.fromkeys((*second, *first)):
        before, after = first.get(key), second.get(key)
        change = _grown(before, after)
        if change is not None:
            pairs.append(ShortfallPair(change, before, after))
    return tuple(sorted(pairs, key=lambda pair: not pair.shortfall.is_fault))


def _by_place(shortfalls: Iterable[Shortfall]) -> dict[tuple[str, ...], Shortfall]:
    return {(each.rule, each.kind, each.stage, each.where, each.detail): each for each in shortfalls}


def _grown(before: Shortfall | None, after: Shortfall | None) -> Change | None:
    if before is None or after is None:
        return "new" if before is None else "gone"
    grown = weigh(after) - weigh(before)
    return None if abs(grown) <= _EXACT else "larger" if grown > 0 else "smaller"


def weigh(shortfall: Shortfall) -> float:
    """Return how much falls short: children, classes or whatever the rule counts."""
    return shortfall.breach or abs(shortfall.value - shortfall.limit)

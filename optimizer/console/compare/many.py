"""Many plans beside a baseline, in words: what they come to, a row a plan, and what tells most."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from models.outcome import Status
from optimizer.compare import Comparison, Difference, Summary
from optimizer.console.compare.given import tell_inputs
from optimizer.console.compare.pair import tell_broken, tell_status
from optimizer.console.compare.script import Script, apart
from optimizer.console.diagnosis import tell_impossible
from optimizer.console.tables import tell_title
from optimizer.console.text import align, write_metres, write_number
from optimizer.evaluate import sum_breaches

MOST_SCHOOLS = 6
MOST_INDICES = 4
MOST_PLANS = 8
MOST_INPUTS = 12
_LONGEST_PLAN = 40
_INDENT = "  "


def tell_many(comparison: Comparison, script: Script) -> list[str]:
    """Return what the plans come to, the table of them, and the differences that tell most."""
    told = [tell_head(comparison, script), "", *_tabulate(comparison, script)]
    telling = _tell_most(comparison, script)
    if telling:
        told += ["", script.say("many.telling"), *(f"{_INDENT}{line}" for line in telling)]
    told += _tell_inputs(comparison, script)
    if len(comparison.pairs) > 1:
        told += ["", script.say("many.one_pair", call=_call_of_pair(comparison))]
    return told


def tell_head(comparison: Comparison, script: Script) -> str:
    """Return in a sentence or two what the plans come to beside the baseline."""
    pairs, baseline = comparison.pairs, comparison.baseline
    if not pairs:
        return script.say("many.head_empty", baseline=script.label(baseline))
    parts = [*_sum_over(comparison, script), *_sum_pieces(pairs, script)]
    if baseline.exhibit.stored.scope != "posts":
        span = script.span([len(pair.people.moved) for pair in pairs])
        parts.append(script.say("many.head_units", span=span))
    means = [pair.other.mean_m for pair in pairs if not math.isnan(pair.other.mean_m)]
    if means and not math.isnan(baseline.mean_m):
        facts = {"before": write_metres(baseline.mean_m), "baseline": script.label(baseline)}
        parts.append(script.say("many.head_mean", span=f"{script.span(means)} m", **facts))
    empty = [script.label(each) for each in comparison.others if not each.planned]
    if empty:
        parts.append(script.say("many.head_without", count=len(empty), plans=script.some(empty)))
    what = script.join(parts, "semicolon")
    return script.say("many.head", count=len(comparison.others), baseline=script.label(baseline), what=what)


def _sum_over(comparison: Comparison, script: Script) -> list[str]:
    over = [other.short for other in comparison.others if other.short]
    if not any(other.intakes for other in comparison.others):
        return []
    if not over:
        return [script.say("many.none_over")]
    key = "all_over" if len(over) == len(comparison.others) else "over"
    return [script.say(f"many.{key}", count=len(over), span=script.span(over))]


def _sum_pieces(pairs: Sequence[Difference], script: Script) -> list[str]:
    """Plans whose catchments lie in pieces, and those that break another rule than that and the places."""
    apart = [script.label(pair.other) for pair in pairs if pair.other.pieces]
    others = [script.label(pair.other) for pair in pairs if _breaks_other(pair.other)]
    told = [("pieces", apart), ("other_broken", others)]
    return [
        script.say(f"many.{key}", count=len(plans), plans=script.some(plans, MOST_PLANS))
        for key, plans in told
        if plans
    ]


def _breaks_other(summary: Summary) -> bool:
    return bool(_other_rules(summary))


def _other_rules(summary: Summary) -> set[str]:
    """Hard rules that a plan breaks, but for places and for catchments in pieces."""
    faults = (each for each in summary.exhibit.stored.shortfalls if each.is_fault)
    return {each.rule for each in faults if each.rule != "places" and each.kind != "pieces"}


Cell = Callable[[Summary, Difference | None], str]


def _tabulate(comparison: Comparison, script: Script) -> list[str]:
    """A row a plan under headings of two lines; columns that tell of no plan are left out."""
    plans = [(comparison.baseline, None), *zip(comparison.others, comparison.differences, strict=True)]
    cells = _cells(comparison, script)
    columns = {name: [write(*plan) for plan in plans] for name, write in cells.items()}
    shown = [name for name, column in columns.items() if set(column) - {"", "0"}]
    names = [script.short_label(summary, _LONGEST_PLAN) for summary, _ in plans]
    heads = [script.say(f"columns.{name}").partition("\n")[::2] for name in ("plan", *shown)]
    rows = [[name, *(columns[column][row] for column in shown)] for row, name in enumerate(names)]
    first, second = ([head[line] for head in heads] for line in (0, 1))
    return align([first, second, *rows] if any(second) else [first, *rows], right=range(2, len(heads)))


def _cells(comparison: Comparison, script: Script) -> Mapping[str, Cell]:
    """What each column of the table says of a plan."""
    base = comparison.baseline

    def of_plan(name: str, decimals: int = 0) -> Cell:
        return lambda summary, _: write_number(getattr(summary, name), decimals) if summary.planned else ""

    def of_option(name: str, decimals: int = 0) -> Cell:
        return lambda summary, _: (
            "" if summary.option is None else write_number(getattr(summary.option, name), decimals)
        )

    def of_step(count: Callable[[Difference], int]) -> Cell:
        return lambda _, step: "" if step is None else f"{count(step):,}"

    return {
        "status": lambda summary, _: tell_status(summary, script),
        "short": of_plan("short"),
        "pieces": lambda summary, _: f"{len(summary.pieces):,}" if summary.planned else "",
        "broken": of_plan("broken"),
        "outside": of_plan("outside"),
        "units_changed": of_step(lambda step: len(step.people.moved)),
        "elsewhere": of_step(lambda step: step.people.elsewhere),
        "posted": lambda _, step: f"{len(step.people.postings):,}" if step and step.people.posted else "",
        "mean_m": of_plan("mean_m"),
        "farther": lambda summary, step: "" if step is None else apart(base.mean_m, summary.mean_m),
        "lost": of_step(lambda step: _count_turns(step, "lost")),
        "gained": of_step(lambda step: _count_turns(step, "gained")),
        "vacant": of_option("vacant", 1),
        "cost_once": of_option("cost_once"),
        "cost_a_year": of_option("cost_a_year"),
    }


def _count_turns(difference: Difference, turn: str) -> int:
    return int(((difference.indices["scope"] == "district") & (difference.indices["turns"] == turn)).sum())


def _tell_most(comparison: Comparison, script: Script) -> list[str]:
    pairs, baseline = comparison.pairs, comparison.baseline
    told = [
        script.say("many.why", plan=script.label(each), why=tell_impossible(each.exhibit.stored.found, script.voice))
        for each in comparison.others
        if each.status == Status.INFEASIBLE
    ]
    if baseline.broken:
        what = script.join(tell_broken(baseline, script), "semicolon")
        told.append(script.say("many.baseline_breaks", what=what))
    told += _tell_crowded(pairs, script)
    rules = Counter(rule for pair in pairs for rule in _other_rules(pair.other))
    entries = [
        script.say("many.turned_entry", index=script.rule(rule), count=count) for rule, count in rules.most_common()
    ]
    told += [script.say("many.rules", rules=script.join(entries, "semicolon"))] if entries else []
    if baseline.exhibit.stored.scope != "posts":
        told += _tell_hands(comparison, script)
    return [*told, *_tell_turns(comparison, script)]


def _tell_crowded(pairs: Sequence[Difference], script: Script) -> list[str]:
    """Schools that more children would attend than they have places for, those of most plans first."""
    plans: Counter[str] = Counter()
    most: dict[str, int] = {}
    for pair in pairs:
        for school, students in _count_over(pair.other).items():
            plans[school] += 1
            most[school] = max(most.get(school, 0), students)
    if not plans:
        return []
    ranked = sorted(plans, key=lambda school: (-plans[school], -most[school], school))
    schools = [
        script.say("many.crowded_entry", school=script.school(school), count=plans[school], most=f"{most[school]:,}")
        for school in ranked
    ]
    return [script.say("many.crowded", count=len(pairs), schools=script.some(schools, MOST_SCHOOLS))]


def _count_over(summary: Summary) -> Counter[str]:
    """Children beyond the places of each school where the plan breaks a hard rule."""
    over: Counter[str] = Counter()
    for total in sum_breaches(summary.exhibit.stored.shortfalls):
        if total.rule == "places":
            over.update({school: int(students) for school, students, _ in total.places})
    return over


def _tell_hands(comparison: Comparison, script: Script) -> list[str]:
    """The plans that change least and most, and units that change hands in every one of them."""
    pairs = sorted(comparison.pairs, key=lambda pair: (len(pair.people.moved), pair.people.elsewhere))
    if len(pairs) < 2:
        return []
    told = []
    for key, pair in (("nearest", pairs[0]), ("farthest", pairs[-1])):
        facts = {"units": f"{len(pair.people.moved):,}", "students": f"{pair.people.elsewhere:,}"}
        told.append(script.say(f"many.{key}", plan=script.label(pair.other), **facts))
    changing = [
        dict.fromkeys(zip(pair.people.moved["unit_id"], pair.people.moved["stage"], strict=True)) for pair in pairs
    ]
    always = [place for place in changing[0] if all(place in each for each in changing[1:])]
    units = list(dict.fromkeys(unit for unit, _ in always))
    key = "steady" if units else "steady_none"
    return [*told, script.say(f"many.{key}", count=f"{len(units):,}", units=script.some(units, MOST_PLANS))]


def _tell_turns(comparison: Comparison, script: Script) -> list[str]:
    """Targets that a plan misses and the baseline does not, and the other way round."""
    told = []
    several = len(comparison.baseline.exhibit.stages) > 1
    for turn in ("lost", "gained"):
        counts: Counter[tuple[str, str]] = Counter()
        for pair in comparison.pairs:
            table = pair.indices
            rows: pd.DataFrame = table[(table["scope"] == "district") & (table["turns"] == turn)]
            rows = rows[(rows["stage"] != "") | ~rows["index"].isin(rows.loc[rows["stage"] != "", "index"])]
            counts.update(zip(rows["index"], rows["stage"], strict=True))
        entries = [
            script.say("many.turned_entry", index=_title(index, stage, several, script), count=count)
            for (index, stage), count in counts.most_common()
        ]
        if entries:
            indices = script.some(entries, MOST_INDICES)
            told.append(script.say(f"many.{turn}", indices=indices))
    return told


def _title(index: str, stage: str, several: bool, script: Script) -> str:
    title = tell_title(index, script.voice)
    return script.join([title, script.stage(stage)]) if several else title


def _tell_inputs(comparison: Comparison, script: Script) -> list[str]:
    """What was given otherwise, plan by plan; plans of one input together."""
    by_input: dict[tuple[str, ...], list[str]] = {}
    for pair in comparison.pairs:
        if not pair.inputs.same:
            by_input.setdefault(tuple(tell_inputs(pair, script)), []).append(script.label(pair.other))
    if not by_input:
        return []
    told = ["", script.say("many.other_input")]
    shown = list(by_input.items())[: None if script.voice.verbose else MOST_INPUTS]
    for lines, plans in shown:
        told.append(_INDENT + script.say("many.plans", plans=script.some(plans, MOST_PLANS)))
        told += [f"{_INDENT * 2}{line}" for line in lines]
    left = len(by_input) - len(shown)
    return [*told, *([_INDENT + script.say("inputs.more", count=left)] if left else [])]


def _call_of_pair(comparison: Comparison) -> str:
    """The two sides of a call that tells all of one pair: the baseline, and the first that is not it."""
    sides = (comparison.baseline, next((each for each in comparison.others if each.planned), comparison.others[0]))
    return " ".join(_argument(side) for side in sides)


def _argument(summary: Summary) -> str:
    drawn = summary.status == Status.DRAWN
    folder = summary.exhibit.stored.folder
    return f"--plan {folder}" if drawn and "#" in str(folder) else str(folder)

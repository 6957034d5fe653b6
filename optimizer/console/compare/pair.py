"""Two plans side by side, in words: first what the difference comes to, then all of it."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

import numpy as np
import pandas as pd

from models.diagnosis import Binding
from models.outcome import Status
from models.placement import rows_of
from models.run import Shortfall
from models.sentences import find
from optimizer.compare import Difference, Summary
from optimizer.compare.figures import Change, LevelPair, ShortfallPair, weigh
from optimizer.compare.people import People
from optimizer.console.compare.given import tell_inputs
from optimizer.console.compare.script import Script, apart, cut, first_of, tell_change, tell_metres
from optimizer.console.diagnosis import tell_binding
from optimizer.console.summary import least_of, tell_shortfall
from optimizer.console.tables import tell_title, tell_unit, tell_value
from optimizer.console.text import align, printable, write_metres, write_number, write_share
from optimizer.evaluate import sum_breaches

MOST_FLOWS = 12
MOST_INDICES = 16
MOST_RULES = 10
_LONGEST_HEAD = 18
_ECHOES = ("student_km", "changed_share")
_ECHOING = ("_before", "_gini", "_theil")
"""Indices that say once more what another one says, or what stood before: told where asked to be verbose."""
_HEADLINE = ("changed_students", "changed_units", "mean_m")
"""Indices of what the first sentence says: told first, after targets that are lost or gained."""
_SAME_M = 0.05
_INDENT = "  "


def tell_pair(difference: Difference, script: Script) -> list[str]:
    """Return what differs between two plans, the first lines saying what it comes to."""
    sections: dict[str, Callable[[Difference, Script], list[str]]] = {
        "inputs": _tell_given,
        "who": _tell_who,
        "indices": _tell_indices,
        "schools": _tell_schools,
        "rules": _tell_rules,
        "costs": _tell_costs,
        "proved": _tell_proved,
    }
    told = tell_head(difference, script)
    if is_none(difference):
        return told
    for name, tell in sections.items():
        if lines := tell(difference, script):
            told += ["", script.say(f"sections.{name}"), *(f"{_INDENT}{line}" for line in lines)]
    return told


def tell_head(difference: Difference, script: Script) -> list[str]:
    """Return in one sentence or two what the difference comes to."""
    names = _names(difference, script)
    if is_none(difference):
        return [script.say("head.nothing", **names)]
    parts = [tell(difference, script) for tell in (_sum_people, _sum_outside, _sum_journeys)]
    rules = tell_rules_kept((difference.baseline, difference.other), script)
    head = script.say("head.beside", what=script.join(chain.from_iterable(parts), "semicolon"), **names)
    return [_joined([head, *rules], script)]


def _names(difference: Difference, script: Script) -> dict[str, str]:
    return {"other": script.label(difference.other), "baseline": script.label(difference.baseline)}


def is_none(difference: Difference) -> bool:
    """Return whether nothing at all differs."""
    people = difference.people
    differs = (*people.units.index, *people.seats.index, *people.postings.index, *difference.shortfalls)
    return difference.inputs.same and not differs and not (difference.indices["verdict"] != "same").any()


def _joined(sentences: Iterable[str], script: Script) -> str:
    return ("" if script.voice.language == "zh" else " ").join(sentences)


def _sum_people(difference: Difference, script: Script) -> list[str]:
    people = difference.people
    if difference.baseline.exhibit.stored.scope == "posts":
        key = "sum.teachers" if len(people.postings) else "sum.no_teachers"
        return [script.say(key, teachers=f"{len(people.postings):,}", of=f"{people.posted:,}")]
    moved, elsewhere = len(people.moved), people.elsewhere
    if not moved and not elsewhere:
        return [script.say("sum.none")]
    key = "units_by_stage" if len(difference.baseline.exhibit.stages) > 1 else "units"
    units = script.say(f"sum.{key}", units=f"{moved:,}", of=f"{people.decided:,}")
    decided = sum((difference.other.exhibit.record["decided"] or {}).values())
    children = script.say("sum.children", students=f"{elsewhere:,}", all=f"{decided:,}")
    return [units if moved else script.say("sum.same_hands"), children]


def _sum_outside(difference: Difference, script: Script) -> list[str]:
    """Children placed outside their catchment, and children beyond the places where no hard rule speaks of them."""
    told = []
    for name in ("outside", "short"):
        before, after = (getattr(summary, name) for summary in (difference.baseline, difference.other))
        broken = any(each.broken for each in (difference.baseline, difference.other))
        if before != after and not (broken and name == "short"):
            told.append(script.say(f"sum.{name}", before=f"{before:,}", after=f"{after:,}"))
    return told


def _sum_journeys(difference: Difference, script: Script) -> list[str]:
    before, after = difference.baseline.mean_m, difference.other.mean_m
    if math.isnan(before) or math.isnan(after):
        return []
    key = "as_far" if abs(after - before) < _SAME_M else "shorter" if after < before else "longer"
    by = abs(round(after) - round(before)) or abs(after - before)
    facts = {"after": write_metres(after), "before": write_metres(before), "by": tell_metres(by)}
    return [script.say(f"sum.{key}", **facts)]


def tell_rules_kept(summaries: Sequence[Summary], script: Script) -> list[str]:
    """Return which of some plans break hard rules, and what these rules are."""
    if not any(summary.broken for summary in summaries):
        return [script.say("rules.both_keep" if len(summaries) == 2 else "rules.all_keep")]
    told = []
    for summary in summaries:
        facts = {"plan": script.label(summary)}
        what = script.join(tell_broken(summary, script), "semicolon")
        told.append(script.say("rules.breaks", what=what, **facts) if what else script.say("rules.keeps", **facts))
    return told


def tell_broken(summary: Summary, script: Script) -> list[str]:
    """Return the hard rules that a plan breaks, summed up rule by rule."""
    by_rule: dict[str, list[Shortfall]] = {}
    for each in summary.exhibit.stored.shortfalls:
        if each.is_fault:
            name = "pieces" if (each.rule, each.kind) == ("contiguous", "pieces") else each.rule
            by_rule.setdefault(name, []).append(each)
    return [_sum_rule(rule, found, script) for rule, found in by_rule.items()]


def _sum_rule(rule: str, found: Sequence[Shortfall], script: Script) -> str:
    schools = script.schools(list(dict.fromkeys(each.where for each in found)))
    if rule == "places":
        students = sum(total.total for total in sum_breaches(found))
        return script.say("rules.places", students=write_number(students), schools=schools)
    if rule == "pieces":
        return script.say("rules.pieces", schools=schools)
    key = "rules.other_once" if len(found) == 1 else "rules.other"
    return script.say(key, rule=script.rule(rule), count=len(found))


def _tell_given(difference: Difference, script: Script) -> list[str]:
    return tell_inputs(difference, script) or [script.say("inputs.same")]


def _tell_who(difference: Difference, script: Script) -> list[str]:
    people, told = difference.people, []
    if difference.baseline.exhibit.stored.scope != "posts":
        told += _tell_units(difference, script)
        told += _tell_seats(people, script)
        told += _tell_flows(difference, script)
    return [*told, *_tell_teachers(difference, script)]


def _tell_units(difference: Difference, script: Script) -> list[str]:
    people, moved = difference.people, difference.people.moved
    facts = {"units": f"{len(moved):,}", "of": f"{people.decided:,}", "students": f"{people.belonging:,}"}
    told = [script.say("who.units" if len(moved) else "who.units_none", **facts)]
    away, back = (int((moved["today"] == way).sum()) for way in ("away", "back"))
    ways = [script.say(f"who.{way}", count=f"{count:,}") for way, count in (("away", away), ("back", back)) if count]
    if ways:
        told.append(script.say("who.today", other=script.label(difference.other), ways=script.join(ways)))
    shared = len(people.units) - len(moved)
    return [*told, script.say("who.shared", count=f"{shared:,}")] if shared else told


def _tell_seats(people: People, script: Script) -> list[str]:
    key = "children" if people.elsewhere else "children_none"
    told = [script.say(f"who.{key}", students=f"{people.elsewhere:,}")]
    before, after = (int(people.seats[end].sum()) for end in ("before", "after"))
    return told if before == after else [*told, script.say("who.number", before=f"{before:,}", after=f"{after:,}")]


def _tell_flows(difference: Difference, script: Script) -> list[str]:
    flows = difference.people.flows
    if not len(flows):
        return []
    several = len(difference.other.exhibit.stages) > 1
    shown = flows if script.voice.verbose else flows.head(MOST_FLOWS)
    rows = [
        [
            script.school(row.from_school_id),
            script.school(row.to_school_id),
            *([script.stage(row.stage)] if several else []),
            f"{row.units:,}",
            f"{row.students:,}",
        ]
        for row in rows_of(shown)
    ]
    columns = ("from", "to", *(("stage",) if several else ()), "units", "students")
    heads = [script.say(f"columns.{column}") for column in columns]
    told = align([heads, *rows], right=(len(columns) - 2, len(columns) - 1), indent=_INDENT)
    left = flows.iloc[len(shown) :]
    facts = {"count": f"{len(left):,}", "students": f"{int(left['students'].sum()):,}"}
    more = [_INDENT + script.say("who.more_flows", **facts)] if len(left) else []
    return [script.say("who.flows"), *told, *more]


def _tell_teachers(difference: Difference, script: Script) -> list[str]:
    people = difference.people
    if not people.posted:
        return []
    told = [script.say("who.teachers", teachers=f"{len(people.postings):,}", of=f"{people.posted:,}")]
    if people.joining or people.leaving:
        counts = {"joining": people.joining, "leaving": people.leaving}
        told.append(script.say("who.teachers_new", **counts, **_names(difference, script)))
    flows = people.teacher_flows
    shown = flows if script.voice.verbose else flows.head(MOST_FLOWS // 2)
    if len(flows):
        rows = [
            [script.school(row.from_school_id), script.school(row.to_school_id), f"{row.teachers:,}"]
            for row in rows_of(shown)
        ]
        heads = [script.say(f"columns.{column}") for column in ("from", "to", "teachers")]
        told += [script.say("who.teacher_flows"), *align([heads, *rows], right=(2,), indent=_INDENT)]
    left = flows.iloc[len(shown) :]
    if len(left):
        facts = {"count": f"{len(left):,}", "teachers": f"{int(left['teachers'].sum()):,}"}
        told.append(_INDENT + script.say("who.more_teachers", **facts))
    if script.voice.verbose and len(people.postings):
        rows = [
            [row.teacher_id, script.school(row.from_school_id), script.school(row.to_school_id)]
            for row in rows_of(people.postings)
        ]
        heads = [script.say(f"columns.{column}") for column in ("teacher", "from", "to")]
        told += [script.say("who.listed"), *align([heads, *rows], indent=_INDENT)]
    return told


def _tell_indices(difference: Difference, script: Script) -> list[str]:
    table = difference.indices
    if not len(table):
        return []
    table = told_indices(table, len(difference.other.exhibit.stages), verbose=script.voice.verbose)
    if not len(table):
        return [script.say("indices.same")]
    counted = {verdict: int((table["verdict"] == verdict).sum()) for verdict in ("better", "worse")}
    told = [script.say("indices.counted", count=f"{len(table):,}", **counted)]
    turned = {turn: int((table["turns"] == turn).sum()) for turn in ("lost", "gained")}
    told += [script.say(f"indices.{turn}", count=count) for turn, count in turned.items() if count]
    shown = table if script.voice.verbose else table.head(MOST_INDICES)
    told += _tabulate_indices(shown, difference, script)
    left = len(table) - len(shown)
    return [*told, *([_INDENT + script.say("indices.more", count=left)] if left else [])]


def told_indices(table: pd.DataFrame, stages: int, *, verbose: bool = False) -> pd.DataFrame:
    """Return the indices of the district that differ: lost targets first, then those gained, then what the first
    sentence says, then what has a direction.

    Unless `verbose`, of all stages together and of each the first is told, and none that says again what others say or
    that reads the same.
    """
    told = table[(table["scope"] == "district") & ~table["verdict"].isin(["same", "unknown"])]
    if stages == 1:
        told = told[(told["stage"] != "") | ~told["index"].isin(told.loc[told["stage"] != "", "index"])]
    elif not verbose:
        whole = told.loc[told["stage"] == "", "index"]
        told = told[(told["stage"] == "") | ~told["index"].isin(whole) | (told["turns"] != "")]
    if not verbose:
        echoes = told["index"].isin(_ECHOES) | told["index"].str.endswith(_ECHOING)
        values = zip(told["before"], told["after"], told["unit"], strict=True)
        alike = np.array([tell_value(before, unit) == tell_value(after, unit) for before, after, unit in values], bool)
        told = told[~(echoes | alike) | (told["turns"] != "")]
    ranks = {"lost": 0, "gained": 1}
    rank = [
        ranks.get(turns, 2 if index in _HEADLINE else 4 if verdict == "neither" else 3)
        for turns, verdict, index in zip(told["turns"], told["verdict"], told["index"], strict=True)
    ]
    return told.iloc[np.argsort(rank, kind="stable")]


def _tell_schools(difference: Difference, script: Script) -> list[str]:
    """Of schools only where asked to be verbose."""
    if not script.voice.verbose:
        return []
    table = difference.indices
    told = table[(table["scope"] != "district") & ~table["verdict"].isin(["same", "unknown"])]
    return _tabulate_indices(told, difference, script) if len(told) else []


def _tabulate_indices(table: pd.DataFrame, difference: Difference, script: Script) -> list[str]:
    """A line an index, its title last, so that a long one makes no other column wide."""
    points, several = script.say("indices.points"), len(difference.other.exhibit.stages) > 1
    rows = []
    for row in table.to_dict("records"):
        before, after = (tell_value(row[end], row["unit"]) for end in ("before", "after"))
        verdict = script.say(f"verdicts.{row['turns'] or row['verdict']}")
        title = tell_title(row["index"], script.voice)
        of = [script.school(row["scope"])] if row["scope"] != "district" else []
        stage = [script.stage(row["stage"])] if several or row["scope"] != "district" else []
        title = script.join([*of, title, *stage])
        if unit := tell_unit(row["unit"], script.voice):
            title = script.say("indices.unit", title=title, unit=unit)
        rows.append([before, after, tell_change(row["before"], row["after"], row["unit"], points), verdict, title])
    heads = [
        *_heads(difference, script),
        *(script.say(f"columns.{column}") for column in ("change", "verdict", "index")),
    ]
    return align([heads, *rows], right=(0, 1, 2), indent=_INDENT)


def _heads(difference: Difference, script: Script) -> list[str]:
    """What the two plans are called above their columns: the beginning, where that tells them apart, else the end."""
    labels = [script.label(summary) for summary in (difference.baseline, difference.other)]
    heads = [cut(label, _LONGEST_HEAD) for label in labels]
    return heads if heads[0] != heads[1] else [cut(label[::-1], _LONGEST_HEAD)[::-1] for label in labels]


def _tell_rules(difference: Difference, script: Script) -> list[str]:
    return [*_tell_shortfalls(difference, script), *_tell_bindings(difference, script)]


def _tell_shortfalls(difference: Difference, script: Script) -> list[str]:
    changes: tuple[Change, ...] = ("new", "larger", "smaller", "gone")
    told: list[str] = []
    for change in changes:
        pairs = [pair for pair in difference.shortfalls if pair.change == change]
        if pairs:
            told.append(script.say(f"short.{change}", count=len(pairs), **_names(difference, script)))
            lines = [_INDENT + _tell_short(pair, script.label(difference.baseline), script) for pair in pairs]
            told += first_of(lines, MOST_RULES, "binding.more", script)
    stays = difference.other.exhibit.stored.shortfalls
    return told or [script.say("short.same" if stays else "short.none")]


def _tell_short(pair: ShortfallPair, baseline: str, script: Script) -> str:
    told = printable(tell_shortfall(pair.shortfall, script.voice))
    if pair.before is None or pair.after is None:
        return told
    return script.say("short.was", now=told, before=write_number(weigh(pair.before)), baseline=baseline)


def _tell_bindings(difference: Difference, script: Script) -> list[str]:
    if not difference.bindings_known:
        return [script.say("binding.unknown")]
    told: list[str] = []
    found: tuple[tuple[str, tuple[Binding, ...]], ...] = (("binds", difference.binds), ("frees", difference.frees))
    for key, bindings in found:
        if bindings:
            told.append(script.say(f"binding.{key}", **_names(difference, script)))
            lines = [f"{_INDENT}{tell_binding(each, script.voice)}" for each in bindings]
            told += first_of(lines, MOST_RULES, "binding.more", script)
    return told or [script.say("binding.same")]


def _tell_costs(difference: Difference, script: Script) -> list[str]:
    rows = list(_cost_rows(difference, script))
    if not rows:
        return [script.say("costs.same")]
    priced = any(row[0] for row in _prices(difference, script))
    unpriced = [] if priced else [script.say("costs.unpriced")]
    return [*_side_by_side(rows, difference, script), *unpriced]


def _cost_rows(difference: Difference, script: Script) -> Iterator[list[str]]:
    """Figures that differ, and prices where there are any."""
    first, second = difference.baseline.option, difference.other.option
    for name, decimals in (
        ("places", 0), ("places_won", 0), ("classes", 0), ("posts", 1), ("vacant", 1), ("recruits", 0)
    ):  # fmt: skip
        before, after = (float(getattr(option, name)) for option in (first, second))
        if not (math.isnan(before) or math.isnan(after)) and before != after:
            values = (write_number(before, decimals), write_number(after, decimals))
            yield [script.say(f"costs.{name}"), *values, apart(before, after, decimals)]
    yield from _prices(difference, script)


def _prices(difference: Difference, script: Script) -> Iterator[list[str]]:
    first, second = difference.baseline.option, difference.other.option
    currency = str(difference.other.exhibit.record.get("costs", {}).get("currency", ""))
    for name in ("cost_once", "cost_a_year"):
        before, after = (float(getattr(option, name)) for option in (first, second))
        if not (math.isnan(before) and math.isnan(after)):
            title = script.say(f"costs.{name}", currency=currency)
            yield [title, write_number(before, 0), write_number(after, 0), apart(before, after)]


def _tell_proved(difference: Difference, script: Script) -> list[str]:
    summaries = (difference.baseline, difference.other)
    rows = [[script.say("proved.status"), *(tell_status(summary, script) for summary in summaries), ""]]
    rows += [_level_row(level, difference, script) for level in difference.levels if _is_told(level)]
    told = _side_by_side(rows, difference, script)
    if not difference.comparable:
        told.append(script.say("proved.incomparable"))
    if any(summary.status == Status.DRAWN for summary in summaries):
        told.append(script.say("proved.drawn"))
    return told


def _is_told(level: LevelPair) -> bool:
    """A level that is 0 in both plans, or that neither has, says nothing."""
    return bool(level.before or level.after)


def _level_row(level: LevelPair, difference: Difference, script: Script) -> list[str]:
    title = find(f"cli.levels.{level.name}", script.voice.language) or level.name
    ends = ((level.before, level.bound_before), (level.after, level.bound_after))
    known = difference.comparable and level.before is not None and level.after is not None
    change = apart(level.before or 0.0, level.after or 0.0, 1) if known else ""
    return [title, *(_tell_level(level.name, value, bound, script) for value, bound in ends), change]


def _tell_level(name: str, value: float | None, bound: float | None, script: Script) -> str:
    if value is None:
        return ""
    written = write_number(value, 1)
    least = least_of({"name": name, "bound": bound})
    if least is None or math.isinf(least):
        return written
    return script.say("proved.bound", value=written, least=write_number(least, 1)) if least < value - 0.05 else written


def tell_status(summary: Summary, script: Script) -> str:
    """Return what was shown of a plan, in a word or two."""
    gap = summary.exhibit.record["gap"]
    if summary.status == Status.FEASIBLE:
        return script.say("status.feasible", gap=write_share(gap)) if gap else script.say("status.feasible_alone")
    return script.say(f"status.{summary.status}")


def _side_by_side(rows: Sequence[Sequence[str]], difference: Difference, script: Script) -> list[str]:
    """Rows of what is told, both values, and the change; titles last, as in the table of indices."""
    heads = [
        *_heads(difference, script),
        script.say("columns.change") if any(row[3] for row in rows) else "",
        "",
    ]
    return align([heads, *([*row[1:], row[0]] for row in rows)], right=(0, 1, 2), indent=_INDENT)

"""What a plan of the children comes to: what changes, schools to watch, ways to school, the years ahead."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import Any

import numpy as np
import pandas as pd

from models.placement import parts_of
from models.stages import SERVES, Stage
from optimizer.console.summary import tell_shortfall
from optimizer.digest import Exhibit
from optimizer.digest.changes import Changes, find_changes
from optimizer.digest.watch import LEAST_VACANT, Reason, Watch, Watched
from optimizer.digest.years import YearAhead, count_years
from optimizer.pages.brief.content import COLUMN, Item, Section, Table
from optimizer.pages.brief.head import entry_grade
from optimizer.pages.brief.speech import Speech, capital, name_of, width

PAGE = 97
"""Rows of a table that the two columns of the page hold, about."""
LEAST = 20
"""Of these, those that changes may take whatever else there is."""
LONGEST_PAIR = 28
"""Halves of a character a line of the column that names two schools."""
_STUDENTS, _FIGURES = 6.4, 19.6
"""Likewise of the column that counts children, and of all that hold figures."""
MOST_NAMED = 12
"""Units that one row names; the others are counted."""
MOST_OPENED = 6
MOST_REASONS, MOST_OTHERS = 2, 4
"""Reasons that are told of one school, and other schools that one of them names."""


@dataclass(frozen=True)
class Exchange:
    """Units of a stage that leave one school for another."""

    stage: Stage
    schools: str
    names: str
    units: int
    students: int
    metres: str


def write_changes(exhibit: Exhibit, others: Sequence[Section], speech: Speech) -> Section:
    """Return what changes, and that all else stays; units are named as far as the other sections leave room."""
    changes = find_changes(exhibit)
    exchanges = [_exchange(exhibit, *part, speech) for part in _pairs(changes.adjusted)]
    told = (_tell_schools(exhibit, changes, speech), _tell_units(changes, speech), _tell_why_adjusted(changes, speech))
    section = Section("changes", speech.say("changes.title"), sentences=tuple(filter(None, told)))

    def name(count: int) -> Section:
        """The section with the largest exchanges named, in their order, and the others counted."""
        shown = _largest(exchanges, count)
        tables = tuple(_tabulate(exchanges, shown, exhibit.stages, speech))
        return replace(section, tables=tables, close=_tell_rest(exchanges, shown, speech))

    room, whole = max(PAGE - sum(other.lines for other in others), LEAST), name(len(exchanges))
    if whole.lines <= room:
        return whole
    return name(bisect_right(range(1, len(exchanges)), room, key=lambda count: name(count).lines))


def _tell_schools(exhibit: Exhibit, changes: Changes, speech: Speech) -> str:
    if changes.drawn_anew:
        return speech.join([speech.say("changes.drawn_anew"), _tell_classes(exhibit, changes, speech)], "space")
    names = speech.join((name_of(exhibit.school_names, school) for school in changes.opened[:MOST_OPENED]), "list")
    more = len(changes.opened) - MOST_OPENED
    named = speech.say("joins.more", names=names, count=speech.number(more)) if more > 0 else names
    opened = speech.say(
        "changes.opened" if changes.opened else "changes.none_opened", count=len(changes.opened), names=named
    )
    return speech.join([opened, _tell_classes(exhibit, changes, speech)], "space")


def _tell_units(changes: Changes, speech: Speech) -> str:
    if changes.drawn_anew:
        return ""
    facts = {
        "adjusted": len(changes.adjusted), "students": changes.students, "kept": changes.kept, "units": changes.units
    }  # fmt: skip
    key = "adjusted" if len(changes.adjusted) else "none_adjusted"
    return speech.say(f"changes.{key}", **{name: speech.number(value) for name, value in facts.items()})


def _tell_why_adjusted(changes: Changes, speech: Speech) -> str:
    """For what reasons units change school, the most frequent first."""
    adjusted = changes.adjusted
    if changes.drawn_anew or not len(adjusted) or "reason_code" not in adjusted:
        return ""
    told = [
        speech.say("changes.reason", reason=speech.word("runs.reasons", str(reason)), units=speech.number(units))
        for reason, units in adjusted["reason_code"]
        .value_counts()
        .sort_index()
        .sort_values(ascending=False, kind="stable")
        .items()
    ]
    return speech.say("changes.reasons", reasons=speech.join(told, "semicolon"))


def _tell_classes(exhibit: Exhibit, changes: Changes, speech: Speech) -> str:
    told = []
    for forming in changes.forming:
        if forming.classes:
            grade = entry_grade(exhibit, forming.stage) if exhibit.entry_only else ""
            whose = speech.word("grades", grade) if grade else speech.stage(forming.stage)
            facts = {"whose": whose, "classes": speech.number(forming.classes), "before": speech.number(forming.before)}
            told.append(speech.say("changes.forming_alone" if isnan(forming.before) else "changes.forming", **facts))
    return speech.say("changes.classes", classes=speech.join(told, "semicolon")) if told else ""


def _pairs(adjusted: pd.DataFrame) -> Iterator[tuple[tuple[Any, ...], pd.DataFrame]]:
    yield from parts_of(adjusted, ["stage", "from_school_id", "to_school_id"])


def _exchange(exhibit: Exhibit, pair: tuple[Any, ...], rows: pd.DataFrame, speech: Speech) -> Exchange:
    leaves, joins = pair[1:]
    names = [name_of(exhibit.unit_names, unit) for unit in rows["unit_id"]]
    named = speech.join(names[:MOST_NAMED], "list")
    more = len(names) - MOST_NAMED
    schools = (name_of(exhibit.school_names, leaves), name_of(exhibit.school_names, joins))
    return Exchange(
        pair[0],
        speech.say("changes.pair", leaves=schools[0], joins=schools[1]),
        speech.say("joins.more", names=named, count=speech.number(more)) if more > 0 else named,
        len(rows),
        int(rows["students"].sum()),
        _ways(rows, speech),
    )


def _ways(rows: pd.DataFrame, speech: Speech) -> str:
    """Mean metres before and after; of units without children each counts as one."""
    weights = rows["students"].to_numpy(np.float64)
    weights = weights if weights.sum() else np.ones(len(rows))
    before, after = (speech.number(_mean(rows[column], weights)) for column in ("metres_before", "metres_after"))
    return speech.say("changes.ways", before=before, after=after)


def _mean(metres: "pd.Series[float]", weights: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
    values = metres.to_numpy(np.float64)
    known = ~np.isnan(values) & (weights > 0)
    return float(np.average(values[known], weights=weights[known])) if known.any() else float("nan")


def _largest(exchanges: Sequence[Exchange], count: int) -> list[Exchange]:
    """Return the exchanges of most children, first that of each stage, in the order that they came in."""
    order = sorted(range(len(exchanges)), key=lambda at: -exchanges[at].students)
    chief = {exchanges[at].stage: at for at in reversed(order)}
    order.sort(key=lambda at: chief[exchanges[at].stage] != at)
    return [exchanges[at] for at in sorted(order[:count])]


def _tabulate(
    exchanges: Sequence[Exchange], shown: Sequence[Exchange], stages: Sequence[Stage], speech: Speech
) -> Iterator[Table]:
    """A table a stage, under what changes in it in all; what the columns are stands above the first."""
    heads = tuple(speech.say(f"changes.heads.{head}") for head in ("pair", "units", "students", "ways"))
    parts = ((stage, [each for each in shown if each.stage == stage]) for stage in stages)
    for at, (stage, part) in enumerate((stage, part) for stage, part in parts if part):
        pair = min(1.1 * max(width(each.schools) for each in part), LONGEST_PAIR)
        letters = (pair, COLUMN - pair - _FIGURES, _STUDENTS, _FIGURES - _STUDENTS)
        whole = [each for each in exchanges if each.stage == stage]
        units, students = sum(each.units for each in whole), sum(each.students for each in whole)
        facts = {"units": speech.number(units), "students": speech.number(students)}
        yield Table(
            heads=() if at else heads,
            rows=tuple((each.schools, each.names, speech.number(each.students), each.metres) for each in part),
            widths=tuple(each / COLUMN for each in letters),
            figures=2,
            title=speech.say("changes.of_stage", stage=speech.headed(stage), **facts),
        )


def _tell_rest(exchanges: Sequence[Exchange], shown: Sequence[Exchange], speech: Speech) -> str:
    """What the page has no room for."""
    left = [each for each in exchanges if each not in shown]
    facts = {"units": sum(each.units for each in left), "students": sum(each.students for each in left)}
    return speech.say("changes.rest", **{key: speech.number(value) for key, value in facts.items()}) if left else ""


def write_watch(exhibit: Exhibit, watch: Watch, speech: Speech) -> Section:
    """Return the schools that call for a measure, each with why and what to do."""
    items = tuple(
        Item(name_of(exhibit.school_names, watched.school_id), _tell_reasons(exhibit, watched, speech))
        for watched in watch.schools
    )
    sentences = () if items else (speech.say("watch.none"),)
    more = speech.say("watch.more", count=speech.number(watch.more)) if watch.more else ""
    close = speech.join([more, _tell_few_vacant(exhibit, speech)], "space")
    return Section("watch", speech.say("watch.title"), sentences=sentences, items=items, close=close)


def _tell_few_vacant(exhibit: Exhibit, speech: Speech) -> str:
    """Beside the schools that a plan of posts alone names, those that lack too little to be watched for it."""
    posts = exhibit.stored.tables.get("posts")
    if posts is None or exhibit.stored.scope != "posts":
        return ""
    vacant = posts.groupby("school_id")["vacant"].sum()
    few = vacant[(vacant > 1e-6) & (vacant < LEAST_VACANT)]
    facts = {"count": speech.number(len(few)), "posts": speech.number(float(few.sum()), 1)}
    return speech.say("watch.few_vacant", **facts) if len(few) else ""


def _tell_reasons(exhibit: Exhibit, watched: Watched, speech: Speech) -> str:
    told = [_tell_reason(exhibit, watched.school_id, reason, speech) for reason in watched.reasons[:MOST_REASONS]]
    return speech.join(dict.fromkeys(told), "space")


def _tell_reason(exhibit: Exhibit, school: str, reason: Reason, speech: Speech) -> str:
    rule = reason.shortfall.rule if reason.shortfall is not None else reason.kind
    keys = (f"{reason.kind}_{rule}", rule)
    found = next((key for key in keys if speech.find(f"watch.measures.{key}")), "other")
    measure = speech.say(f"watch.measures.{found}", year=reason.year - 1)
    return capital(speech.say("watch.entry", why=_tell_why(exhibit, school, reason, speech), measure=measure))


def _tell_why(exhibit: Exhibit, school: str, reason: Reason, speech: Speech) -> str:
    stage, shortfall = _stage_of(exhibit, school, reason.stage, speech), reason.shortfall
    if shortfall is None:
        count = speech.number(reason.weight, 1 if reason.kind == "posts" else 0)
        return _squeeze(speech.say(f"watch.why.{reason.kind}", stage=stage, year=reason.year, count=count))
    key = "_".join(filter(None, (f"watch.why.{shortfall.rule}", shortfall.kind)))
    detail = _name_detail(exhibit, shortfall.detail, speech)
    if speech.find(key) is None:
        named = replace(shortfall, where=speech.say("watch.school"), detail=detail)
        return tell_shortfall(named, speech.voice).rstrip("。. ")
    figures = {name: speech.number(getattr(shortfall, name)) for name in ("value", "limit", "breach")}
    grade = speech.word("grades", shortfall.detail)
    why = _squeeze(speech.say(key, stage=stage, grade=grade, detail=detail, **figures))
    return speech.say("watch.inherited", why=why) if shortfall.inherited else why


def _name_detail(exhibit: Exhibit, detail: str, speech: Speech) -> str:
    """What a rule means within a school; of schools the names, the first few where they are many."""
    schools = detail.split(", ")
    if not all(school in exhibit.school_names for school in schools):
        return detail
    names = speech.join((name_of(exhibit.school_names, school) for school in schools[:MOST_OTHERS]), "list")
    more = len(schools) - MOST_OTHERS
    return speech.say("joins.more", names=names, count=speech.number(more)) if more > 0 else names


def _squeeze(text: str) -> str:
    """A text without the room that an empty word leaves."""
    return " ".join(text.split())


def _stage_of(exhibit: Exhibit, school: str, stage: str, speech: Speech) -> str:
    """The stage in words; "" at a school that teaches no other."""
    if exhibit.picture is None or not stage:
        return speech.stage(stage) if stage else ""
    schools = exhibit.picture.schools
    kinds = schools.loc[schools["school_id"] == school, "type"]
    return "" if all(SERVES.get(kind) == (stage,) for kind in kinds) else speech.stage(stage)


def write_journeys(exhibit: Exhibit, speech: Speech) -> Section:
    """Return how far children go, by stage and in all."""
    scopes: list[tuple[str, str]] = [(stage, speech.headed(stage)) for stage in exhibit.stages]
    if len(exhibit.stages) > 1:
        scopes.append(("", capital(speech.say("journeys.all"))))
    method = exhibit.record.get("travel", {}).get("method", "")
    how = speech.find(f"journeys.methods.{method}")
    table = Table(
        heads=tuple(speech.say(f"journeys.heads.{head}") for head in ("stage", *_JOURNEYS)),
        rows=tuple((name, *_row(exhibit, stage, speech)) for stage, name in scopes),
        widths=(0.19, 0.13, 0.18, 0.14, 0.15, 0.21),
        note=speech.say("journeys.note"),
    )
    title = speech.say("journeys.title")
    return Section("journeys", speech.say("journeys.titled", title=title, how=how) if how else title, tables=(table,))


_JOURNEYS = ("median_m", "p95_m", "max_m", "farther_students", "passed_over_students")


def _row(exhibit: Exhibit, stage: str, speech: Speech) -> tuple[str, ...]:
    values = [exhibit.index(code, stage) for code in _JOURNEYS]
    if not stage:
        values[-1] = sum(exhibit.index(_JOURNEYS[-1], each) for each in exhibit.stages)
    return tuple(speech.number(value) for value in values)


def write_years(exhibit: Exhibit, speech: Speech) -> Section:
    """Return the years after that of the plan."""
    years, title = count_years(exhibit), speech.say("years.title")
    if not years:
        why = "years.unknown" if exhibit.basis is not None else "years.changed"
        return Section("years", title, sentences=(speech.say(why),))
    stages = tuple(dict.fromkeys(each.stage for each in years))
    groups = [stages[at : at + _STAGES_A_TABLE] for at in range(0, len(stages), _STAGES_A_TABLE)]
    return Section("years", title, tables=tuple(_list_years(group, years, speech) for group in groups))


_MEASURES = ("children", "places", "balance", "schools_short")
_STAGES_A_TABLE = 2


def _list_years(stages: Sequence[Stage], years: Sequence[YearAhead], speech: Speech) -> Table:
    """A row a year; the measures of each stage side by side."""
    known = {(each.stage, each.year): each for each in years}
    columns = [(stage, measure) for stage in stages for measure in _MEASURES]
    heads = (speech.say(f"years.heads.{measure}") for _, measure in columns)
    over = (("", 1), *((speech.headed(stage), len(_MEASURES)) for stage in stages))
    rows = tuple(
        (str(year), *(speech.number(getattr(known[stage, year], measure)) for stage, measure in columns))
        for year in sorted({each.year for each in years})
    )
    share = (1 - _YEAR) / len(columns)
    return Table((speech.say("years.head"), *heads), rows, (_YEAR, *(share for _ in columns)), over=over)


_YEAR = 0.09
"""Share of the width that a year takes."""

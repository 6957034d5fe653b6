"""Up to three ways to go: plans side by side, or the measures that would make one."""

from collections.abc import Sequence
from math import isnan

from optimizer.console.diagnosis import tell_count, tell_figures, tell_repair
from optimizer.console.facts import name_rule
from optimizer.digest import Exhibit
from optimizer.digest.options import MOST, Option, compare_options
from optimizer.export.labels import shorten
from optimizer.pages.brief.content import Item, Section, Table
from optimizer.pages.brief.speech import LONGEST_NAME, NONE, Speech

_OF_CHILDREN = ("places", "places_won", "short", "outside", "classes", "units", "students", "mean_m")
_OF_POSTS = ("posts", "vacant")
_ONLY_SOME = ("short", "classes")
"""Rows that are left out where they are 0 for all."""
_DECIMALS = {"posts": 1, "vacant": 1}
_COSTS = ("cost_once", "cost_a_year")
_MOST_COUNTS = 8


def write_options(exhibits: Sequence[Exhibit], speech: Speech) -> Section:
    """Return the first plans in columns; a row that tells of none of them is left out."""
    options = compare_options(exhibits)
    names = [shorten(exhibit.title(speech.language), LONGEST_NAME) for exhibit in exhibits[:MOST]]
    names[0] = speech.say("options.proposed", scenario=names[0])
    measures = _OF_POSTS if exhibits[0].stored.scope == "posts" else (*_OF_CHILDREN, *_OF_POSTS)
    rows = [(speech.say(f"options.rows.{measure}"), *_write(options, measure, speech)) for measure in measures]
    costs = [(speech.say(f"options.rows.{cost}"), *_price(exhibits, options, cost, speech)) for cost in _COSTS]
    unpriced = (speech.say("options.not_priced"),) * len(options)
    if all(row[1:] == unpriced for row in costs):
        costs = [(speech.say("options.rows.cost"), *unpriced)]
    table = Table(
        heads=(speech.say("options.head"), *names),
        rows=(*(row for row in rows if set(row[1:]) - {NONE, ""}), *costs),
        widths=(1 - 0.2 * len(options), *(0.2 for _ in options)),
    )
    more = len(exhibits) - MOST
    close = speech.say("options.more", count=more) if more > 0 else ""
    return Section("options", speech.say("options.title"), tables=(table,), close=close)


def _write(options: Sequence[Option], measure: str, speech: Speech) -> tuple[str, ...]:
    values = [float(getattr(option, measure)) for option in options]
    if measure in _ONLY_SOME and not any(values):
        return ("",) * len(values)
    return speech.alike(values, _DECIMALS.get(measure, 0))


def _price(exhibits: Sequence[Exhibit], options: Sequence[Option], cost: str, speech: Speech) -> tuple[str, ...]:
    def write(exhibit: Exhibit, value: float) -> str:
        if isnan(value):
            return speech.say("options.not_priced")
        currency = shorten(str(exhibit.record.get("costs", {}).get("currency", "")), 8)
        return speech.say("options.money", amount=speech.number(value), currency=currency).strip()

    return tuple(write(*pair) for pair in zip(exhibits, (getattr(option, cost) for option in options), strict=False))


def write_reasons(exhibit: Exhibit, speech: Speech) -> Section:
    """Return why there is no plan: the sums, and the rules that cannot hold together."""
    found = exhibit.stored.found
    counts = [] if found is None else [tell_count(count, speech.voice) for count in found.counts if count.proves]
    rules = () if found is None or found.conflict is None else found.conflict.rules
    told = speech.join((name_rule(rule, speech.voice) for rule in rules), "semicolon")
    items = tuple(Item(speech.say("reasons.count", number=at), text) for at, text in enumerate(counts, start=1))
    close = speech.say("reasons.rules" if len(rules) > 1 else "reasons.rule", rules=told) if rules else ""
    sentences = () if items or close else (speech.say("reasons.none"),)
    return Section("reasons", speech.say("reasons.title"), sentences=sentences, items=items[:_MOST_COUNTS], close=close)


def write_measures(exhibit: Exhibit, speech: Speech) -> Section:
    """Return the measures any one of which makes a plan possible, as options."""
    found, voice = exhibit.stored.found, speech.voice
    repairs = () if found is None else found.repairs
    told = [(tell_repair(each, voice), speech.join(tell_figures(each, voice), "semicolon")) for each in repairs]
    title = speech.say("measures.title")
    if not told:
        return Section("options", title, sentences=(speech.say("measures.none"),))
    table = Table(
        heads=("", speech.say("measures.what"), speech.say("measures.outcome")),
        rows=tuple((speech.say("measures.number", number=at), *each) for at, each in enumerate(told[:MOST], start=1)),
        widths=(0.05, 0.53, 0.42),
        figures=3,
    )
    more = len(told) - MOST
    close = speech.say("measures.more", count=more) if more > 0 else ""
    sentences = (speech.say("measures.any"),)
    return Section("options", title, sentences=sentences, tables=(table,), close=close)

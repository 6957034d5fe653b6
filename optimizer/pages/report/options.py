"""The options side by side: the plan of the report first, others in columns beside it."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from models.outcome import Status
from optimizer.digest import Exhibit
from optimizer.digest.options import MOST, compare_options
from optimizer.pages.report.blocks import Block, Cell, Section, Table, columns
from optimizer.pages.report.teller import Teller

_WHOLE = ("places", "places_won", "short", "outside", "classes", "recruits", "units", "students", "mean_m")
_PRICED = ("cost_once", "cost_a_year")
_ROWS = (
    *("places", "places_won", "short", "outside", "classes", "units", "students", "mean_m"),
    *("posts", "vacant", "recruits", *_PRICED),
)


def tell_options(teller: Teller, exhibits: Sequence[Exhibit]) -> Section | None:
    """Return the section that compares plans; None where there is one plan alone."""
    planned = [exhibit for exhibit in exhibits if exhibit.stored.plan is not None]
    if len(planned) < 2:
        return None
    options = [asdict(option) for option in compare_options(planned)]
    known = [name for name in _ROWS if not all(np.isnan(option[name]) for option in options)]
    known = [name for name in known if name != "classes" or any(option[name] for option in options)]
    rows = [[Cell(_label(teller, name)), *(_cell(teller, option[name], name) for option in options)] for name in known]
    rows.append([Cell(teller.say("options.proved")), *(Cell(_proved(teller, one)) for one in planned[:MOST])])
    heads = (teller.say("heads.what"), *(exhibit.title(teller.language) for exhibit in planned[:MOST]))
    blocks: list[Block] = [
        Table(
            teller.say("captions.options"), columns(heads, range(1, len(heads))), tuple(map(tuple, rows)), sorts=False
        )
    ]
    if not set(_PRICED) & set(known):
        blocks.append(teller.explain("options.unpriced"))
    if len(planned) > MOST:
        left = teller.join([exhibit.title(teller.language) for exhibit in planned[MOST:]])
        blocks.append(teller.explain("options.more", most=MOST, scenarios=left))
    return Section("options", teller.say("sections.options"), tuple(blocks))


def _label(teller: Teller, name: str) -> str:
    currency = teller.exhibit.record.get("costs", {}).get("currency", "")
    return teller.say(f"options.{name}", **({"currency": currency} if name in _PRICED else {}))


def _cell(teller: Teller, value: float, name: str) -> Cell:
    if name in _PRICED and np.isnan(value):
        return Cell(teller.say("options.no_price"), np.nan)
    return teller.cell(value, 0 if name in (*_WHOLE, *_PRICED) else 1)


def _proved(teller: Teller, exhibit: Exhibit) -> str:
    """How many of the levels were proved to be as small as they can be."""
    levels = exhibit.record["levels"]
    best = [level for level in levels if level["gap"] is not None and level["gap"] <= 0]
    key = "best" if exhibit.record["status"] == Status.OPTIMAL else "partly"
    return teller.say(f"options.{key}", count=len(best), of=len(levels))

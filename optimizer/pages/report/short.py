"""What falls short and why: new apart from what stood before (存量), and the limits that the plan leans on."""

from collections.abc import Sequence
from dataclasses import replace

from models.run import Shortfall
from optimizer.console.diagnosis import tell_binding
from optimizer.console.facts import name_rule
from optimizer.console.summary import tell_shortfall
from optimizer.pages.report.blocks import Block, Cell, Paragraph, Section
from optimizer.pages.report.indices import count_missed
from optimizer.pages.report.teller import Teller

_DETAILS = ("assigned", "overflow", "max_travel", "region", "contiguous", "indivisible")
"""Rules whose detail is a school or a unit."""


def tell_short(teller: Teller) -> Section:
    """Return the section on what falls short of a rule, and on what binds."""
    exhibit = teller.exhibit
    new = [each for each in exhibit.stored.shortfalls if not each.inherited]
    stood = [each for each in exhibit.stored.shortfalls if each.inherited]
    blocks: list[Block] = [_list(teller, "new", new) if new else Paragraph(teller.say("short.none"))]
    missed, of = count_missed(teller)
    if missed:
        blocks.append(teller.explain("short.targets", missed=missed, of=of))
    if stood:
        blocks += [_list(teller, "stood", stood), teller.explain("short.stood")]
    if exhibit.bindings:
        rows = [
            [
                Cell(name_rule(binding.rule, teller.voice)),
                Cell(tell_binding(replace(binding, where=teller.place(binding.where)), teller.voice)),
            ]
            for binding in exhibit.bindings
        ]
        blocks += [teller.explain("short.binding"), teller.table("bindings", ("rule", "binds"), rows)]
    elif exhibit.basis is None:
        blocks.append(teller.explain("short.no_basis"))
    return Section("short", teller.say("sections.short"), tuple(blocks))


def _list(teller: Teller, caption: str, shortfalls: Sequence[Shortfall]) -> Block:
    rows = [
        [
            Cell(name_rule(each.rule, teller.voice)),
            Cell(teller.say(f"hardness.{each.hardness}")),
            Cell(tell_shortfall(_by_name(teller, each), teller.voice)),
        ]
        for each in shortfalls
    ]
    return teller.table(caption, ("rule", "binding", "short_by"), rows)


def _by_name(teller: Teller, shortfall: Shortfall) -> Shortfall:
    """A shortfall that says names where it says ids."""
    detail = teller.place(shortfall.detail) if shortfall.rule in _DETAILS else shortfall.detail
    return replace(shortfall, where=teller.place(shortfall.where), detail=detail)

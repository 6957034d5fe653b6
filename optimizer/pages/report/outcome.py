"""What came out: proved best or how far from it at most, level by level; else why there is no plan, what gives one."""

import math
from collections.abc import Mapping
from typing import Any

from models.diagnosis import Diagnosis
from models.outcome import Status
from optimizer.console.diagnosis import tell_count, tell_figures, tell_impossible, tell_repair
from optimizer.console.facts import name_rule
from optimizer.console.summary import IN_DECIMALS, least_of, tell_quality, tell_standing
from optimizer.pages.report.blocks import Block, Cell, Paragraph, Points, Section
from optimizer.pages.report.teller import Teller


def tell_outcome(teller: Teller) -> Section:
    """Return the section on what was proved of the plan."""
    record = teller.exhibit.record
    told = [tell_quality(record, teller.voice)]
    if record["interrupted"]:
        told.append(teller.voice.say("run.interrupted"))
    rows = [_level_row(teller, number, level) for number, level in enumerate(record["levels"], start=1)]
    heads = ("place", "level", "value", "least", "gap", "proved")
    return Section(
        "outcome",
        teller.say("sections.outcome"),
        (
            Points((*told, *tell_standing(record, teller.voice))),
            teller.explain("outcome.order"),
            teller.table("levels", heads, rows, right=(0, 2, 3, 4), sorts=False),
        ),
    )


def _level_row(teller: Teller, number: int, level: Mapping[str, Any]) -> list[Cell]:
    decimals = 1 if level["name"] in IN_DECIMALS else 0
    value, least, gap = (_known(figure) for figure in (level["value"], least_of(level), level["gap"]))
    reached = "within" if teller.exhibit.record["status"] == Status.OPTIMAL else "near"
    proved = "open" if math.isnan(gap) else "best" if gap <= 0 else reached
    return [
        teller.cell(number),
        Cell(teller.word("cli.levels", level["name"])),
        teller.cell(value, decimals),
        teller.cell(least, decimals),
        teller.share_cell(gap),
        Cell(teller.say(f"outcome.{proved}", gap=teller.number(value - least, decimals))),
    ]


def _known(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def tell_no_plan(teller: Teller) -> Section:
    """Return the section on why there is no plan, in sums and rules, and on what was shown to make one."""
    stored, found = teller.exhibit.stored, teller.exhibit.stored.found
    late = "run.no_plan_interrupted" if stored.record["interrupted"] else "run.no_plan"
    proved = stored.status == Status.INFEASIBLE
    opening = tell_impossible(found, teller.voice) if proved else teller.say(f"outcome.{late.rpartition('.')[2]}")
    blocks: list[Block] = [Paragraph(opening)]
    if found is not None:
        blocks += _tell_why(teller, found)
        blocks += _tell_repairs(teller, found)
        if not found.complete:
            blocks.append(teller.explain("outcome.hurried"))
    return Section("outcome", teller.say("sections.no_plan"), tuple(blocks))


def _tell_why(teller: Teller, found: Diagnosis) -> list[Block]:
    voice, blocks = teller.voice, list[Block]()
    proving = [tell_count(count, voice) for count in found.counts if count.proves]
    others = [tell_count(count, voice) for count in found.counts if not count.proves]
    if len(proving) > 1:
        blocks += [Paragraph(teller.say("outcome.sums")), Points(tuple(proving))]
    if found.conflict is not None:
        rules, minimal = found.conflict.rules, found.conflict.minimal
        opening = teller.word("diagnose.conflict", "alone" if len(rules) == 1 else "rules")
        proof = teller.word("diagnose.conflict", "minimal" if minimal else "not_minimal")
        blocks += [Paragraph(opening), Points(tuple(name_rule(rule, voice) for rule in rules))]
        blocks += [Paragraph(proof, quiet=True)] if len(rules) > 1 else []
    if others:
        blocks += [Paragraph(voice.say("diagnosis.anyway")), Points(tuple(others))]
    return blocks


def _tell_repairs(teller: Teller, found: Diagnosis) -> list[Block]:
    if not found.repairs:
        known = found.possible is False and found.complete
        return [Paragraph(teller.voice.say("diagnosis.no_repair"))] if known else []
    rows = [
        [
            teller.cell(number),
            Cell(tell_repair(repair, teller.voice)),
            Cell(teller.join(tell_figures(repair, teller.voice), "semicolon")),
        ]
        for number, repair in enumerate(found.repairs, start=1)
    ]
    return [
        Paragraph(teller.voice.say("diagnosis.repairs")),
        teller.table("repairs", ("number_of", "repair", "comes_to"), rows, right=(0,)),
    ]

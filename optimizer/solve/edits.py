"""Edits of a draft that leave no plan: which of them, and by which rule."""

from dataclasses import replace

from models.district import District, Travel
from models.outcome import Outcome, Status
from models.revision import Revision
from optimizer.formulation.formulate import find_barring
from optimizer.formulation.formulation import Formulation

MOST_NAMED = 5
SAID = ("assigned", "max_travel", "region", "fixed", "change")
"""Rules with a sentence of their own; the others bar a school for what lies between it and the unit."""


def blame_edits(f: Formulation, district: District, travel: Travel, revision: Revision, outcome: Outcome) -> Outcome:
    """Return an outcome without a plan with the edits that cannot hold as its reason; any other as it is.

    Where every edit could hold by itself, the reason is all of them together.
    """
    if outcome.status != Status.INFEASIBLE or not revision.edited.any():
        return outcome
    stranded = _stranded(f, district, travel, revision)
    rule = next(iter(stranded.values()), "together")
    blamed = [key for key, of in stranded.items() if of == rule] or list(zip(*revision.edited.nonzero(), strict=True))
    facts = {"count": len(blamed), "edits": _name(district, revision, blamed)}
    return replace(outcome, reason=f"solve.edits.{rule}", facts=facts)


def _stranded(f: Formulation, district: District, travel: Travel, revision: Revision) -> dict[tuple[int, int], str]:
    """Edited units and stages that no school is left to, and what leaves them none."""
    open_blocks = set(f.pairs.block.tolist())
    edited = [(int(unit), int(stage)) for unit, stage in zip(*revision.edited.nonzero(), strict=True)]
    lost = [key for key in edited if int(f.blocks.of_unit[key]) not in open_blocks]
    if not lost:
        return {}
    barring = find_barring(district, travel)
    rules = {}
    for key in lost:
        shared = f.pool is not None and bool(f.pool.shared[key])
        barred = barring.last(int(f.blocks.of_unit[key]), revision.held[key[0], :, key[1]])
        rule = "shared" if shared else barred or "estate"
        rules[key] = rule if rule in (*SAID, "shared", "estate") else "contiguous"
    return rules


def _name(district: District, revision: Revision, edits: list[tuple[int, int]]) -> str:
    """The first edits: unit, stage and school."""
    named = []
    for unit, stage in edits[:MOST_NAMED]:
        schools = "+".join(district.schools.ids[school] for school in revision.held[unit, :, stage].nonzero()[0])
        named.append(f"{district.units.ids[unit]} ({district.settings.instance.stages[stage]}) > {schools}")
    return ", ".join([*named, "..."] if len(edits) > MOST_NAMED else named)

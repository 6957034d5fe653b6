"""What a reader of an outlook has to know about the numbers it rests on."""

from collections.abc import Iterator, Sequence

import numpy as np

from models.district import District
from models.outlook import Note, StageYears

FEW = 0.5
"""A year's count that names fewer than this share of today's units with children is said to be partial."""


def build_notes(district: District, span: Sequence[int], stages: Sequence[StageYears]) -> tuple[Note, ...]:
    """Return what is missing, estimated or pooled, in the order of stages."""
    notes = [] if district.enrolment is not None else [Note("no_enrolment")]
    for stage in stages:
        notes += _empty(stage)
        notes += _partial(span, stage)
        notes += _homeless(span, stage)
        notes += _apart(span, stage)
        notes += _shared(district, stage)
    return (*notes, *_unzoned(stages))


def _empty(stage: StageYears) -> Iterator[Note]:
    """No continuing child is known: the first years look emptier than they are."""
    if not stage.continuing[0].any():
        yield Note("no_continuing", {"stage": stage.stage})


def _partial(span: Sequence[int], stage: StageYears) -> Iterator[Note]:
    """Years whose count names few units; of years that follow one another the first."""
    today, before = stage.units[0], False
    for year, source, named in zip(span, stage.sources, stage.units, strict=True):
        few = source in {"counted", "younger"} and named < FEW * today
        if few and not before:
            yield Note("partial", {"stage": stage.stage, "year": year, "named": named, "today": today})
        before = few


def _homeless(span: Sequence[int], stage: StageYears) -> Iterator[Note]:
    without = stage.children[:, -1]
    if without.any():
        worst = int(without.argmax())
        yield Note("no_school", {"stage": stage.stage, "year": span[worst], "students": int(without[worst])})


def _apart(span: Sequence[int], stage: StageYears) -> Iterator[Note]:
    """Entrants with a seat at a school that has no catchment of the stage, such as one for special needs: no row."""
    counted = [column for pool in stage.pools for column in pool]
    students = int(np.delete(stage.entrants[0, :-1], counted).sum())
    if students:
        yield Note("apart", {"stage": stage.stage, "year": span[0], "students": students})


def _shared(district: District, stage: StageYears) -> Iterator[Note]:
    pools = [pool for pool in stage.pools if len(pool) > 1]
    if pools:
        first = "+".join(district.schools.ids[column] for column in pools[0])
        yield Note("shared", {"stage": stage.stage, "count": sum(map(len, pools)), "pools": len(pools), "first": first})


def _unzoned(stages: Sequence[StageYears]) -> Iterator[Note]:
    if any(np.nansum(stage.unzoned) > 0 for stage in stages):
        yield Note("unzoned")

"""How often schools overflow, in words."""

import json

import numpy as np
import pytest
from builders import make_district, make_plan, make_travel

from models.sentences import Language
from optimizer.console.draws import describe_overflows, tell_overflows
from optimizer.console.voice import Voice
from optimizer.draws import Draws, Overflows, Spread, count_overflows


def overflows(*rows: tuple[int, ...]) -> Overflows:
    """A has U1 and U2, B the others; each has 60 places."""
    district = make_district()
    travel = make_travel(district)
    draws = Draws(np.array(rows)[:, :, None], 7, Spread(0.1, 0.25))
    return count_overflows(district, travel, make_plan(district, travel, "AABB"), draws)


def test_schools_that_overflow_are_told_with_their_interval() -> None:
    found = overflows((30, 30, 30, 30), (40, 30, 30, 30), (31, 30, 30, 30), (30, 30, 30, 29))
    asked, beyond, heading, _, row, reading = tell_overflows(found, Voice("en"))
    assert "4 draws of demand, seed 7" in asked
    assert "10 %" in asked
    assert "0.25 correlated" in asked
    assert "No norm" in asked
    # Beyond: 0, 10, 1, 0.
    assert "2.8 on average, at most 10 in nine draws of ten, 10 at worst; none at all in 50.0 %" in beyond
    assert "1 of 2" in heading
    # In two of four draws: 50 %, and by Wilson 15 % to 85 %.
    assert row.split() == [
        "A",
        "School",
        "A",
        "primary",
        "60",
        "50.0",
        "%",
        "15.0",
        "%",
        "-",
        "85.0",
        "%",
        "2.8",
        "5.5",
        "10",
    ]
    assert "worst 10 %" in reading


def test_that_nothing_was_seen_is_no_proof() -> None:
    lines = tell_overflows(overflows(*[(20, 20, 20, 20)] * 200), Voice("en"))
    assert "no proof" in lines[-1]
    assert "1.9 %" in lines[-1]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_document_has_every_school_and_every_draw(language: Language) -> None:
    found = overflows((30, 30, 30, 30), (40, 30, 30, 30))
    document = describe_overflows(found)
    assert json.loads(json.dumps(document)) == document
    assert document["by_draw"] == [0, 10]
    assert [school["school_id"] for school in document["schools"]] == ["A", "B"]
    assert document["schools"][1]["when"] is None
    assert document["beyond"]["mean"] == 5.0
    assert all(tell_overflows(found, Voice(language)))
